/* Why: from a choice of people to pages, decisions and the steps of each person's ladder. */
#ifndef MUSTER_ENGINE_PAGES_H
#define MUSTER_ENGINE_PAGES_H

#include "core/incident.h"
#include "engine/tx.h"

/* Stores the decision with every candidate and its reason, starts a page for each chosen person who is not being called in this epoch, and runs the first step of the
 * ladder. `is_first`: nobody has been called about this incident. */
enum err pages_start(struct tx *tx, const struct incident *incident, const struct plan *plan, const struct choice *choice, const char *cause,
                     const char *role, bool is_first) MUST_CHECK;
/* Stops active pages of the incident: all, or the assignees' only, or (user_id present) that person's. What is not handed over yet is cancelled. */
enum err pages_stop(struct tx *tx, int64_t incident_number, bool responders_too, struct text user_id, struct text reason) MUST_CHECK;
/* The timer of a page is due. */
enum err pages_ladder_due(struct tx *tx, int64_t page_number) MUST_CHECK;
/* A person's notification rules or contact methods were changed: the clocks of their running ladders follow. What is still to come comes at
 * its time, what the new rules would have done before now is not made up for. In the transaction of the change. */
enum err pages_ladder_changed(struct tx *tx, struct text user_id) MUST_CHECK;
/* The timer of a contact method's bundle is due. */
enum err pages_bundle_due(struct tx *tx, struct text contact_method_id) MUST_CHECK;
/* A message on `channel` failed: the ladders of the pages it spoke for move on to their next step on another channel. */
enum err pages_pull_forward(struct tx *tx, int64_t message_number, struct text channel) MUST_CHECK;

#endif
