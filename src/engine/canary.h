/* Why: every part may say that it is fine and still no page leave. So Muster pages itself: each interval one event goes the whole way, from its own
 * integration through alert, incident, decision and message to the sender process and back, on the same tables, timers and batches as any other,
 * to a channel that the sender answers like a provider. What does not come back within three intervals is an alarm.
 *
 * It must not be in anybody's way: all its objects have the id CANARY_ID, lists and counts leave them out, its one incident number is used again
 * each time, and nothing of a round stays stored after it. The outward ping (docs/operating.md) follows each round that came back. */
#ifndef MUSTER_ENGINE_CANARY_H
#define MUSTER_ENGINE_CANARY_H

#include "engine/outbox_queue.h"

/* User, contact method, policy, service and integration of the canary; sql/ has it as a literal. */
#define CANARY_ID "PCANARY"
enum { CANARY_LATE_INTERVALS = 3 };

/* Sets its timer, or removes it when the configuration says so. Once at the start, and harmless again. */
enum err canary_start(struct tx *tx) MUST_CHECK;
/* Its timer is due: clears up after the last round and begins one. */
enum err canary_due(struct tx *tx) MUST_CHECK;
/* The number an incident of this service is to have; 0: the next free one. */
int64_t canary_incident_number(const struct tx *tx, struct text service_id);
bool canary_is(struct text user_id);
/* A message to it has ended. */
enum err canary_message_ended(struct tx *tx, struct text kind, const struct attempt_end *end) MUST_CHECK;

#endif
