/* Why: people want to know that they go on call, or are off again. Each user's handoff rules say how long before (or at) the
 * change, by which contact method and for which direction.
 *
 * One timer per schedule (TIMER_HANDOFF, ref: the schedule) waits for the next notice that any rule asks for. Whatever is due then is queued as a
 * message of kind "handoff", once for each rule, boundary and direction (table handoff_notices), so edits and restarts repeat
 * nothing. A boundary that is over is not told any more (five minutes late is still told: a busy or restarting server). Notices go out
 * when an escalation policy with a service, or one that says "always", uses the schedule; to verified contact methods only.
 * A change of shifts made shortly before them is told at once. */
#ifndef MUSTER_ENGINE_HANDOFFS_H
#define MUSTER_ENGINE_HANDOFFS_H

#include "engine/tx.h"

/* After every change of a schedule or its overrides, in the same transaction. A schedule that is gone loses its timer. */
enum err handoffs_reschedule(struct tx *tx, struct text schedule_id) MUST_CHECK;
/* After a user's handoff rules changed: all schedules of that user. */
enum err handoffs_reschedule_user(struct tx *tx, struct text user_id) MUST_CHECK;
/* The timer is due (its row has been deleted). */
enum err handoffs_fire(struct tx *tx, struct text schedule_id) MUST_CHECK;

#endif
