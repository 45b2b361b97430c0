/* Why: whom a service calls follows from configuration and from the hour. Events come far more often than either changes, so the writer keeps each plan it has worked
 * out: until something that was asked for it may be different (db_conclusion), and only for the time in which it is the same (plan.steady: until the next
 * handoff, edge of a maintenance window or midnight UTC). Plans with a round robin are not kept: whose turn it is changes with each call. */
#ifndef MUSTER_ENGINE_PLAN_MEMORY_H
#define MUSTER_ENGINE_PLAN_MEMORY_H

#include "engine/plan.h"

/* False: it must be worked out; what is asked until plan_keep is what the plan follows from. What `*ret` points to stays until the next db_begin. */
bool plan_recall(struct db *db, struct arena *arena, const struct plan_request *request, struct plan *ret);
void plan_keep(struct db *db, struct arena *arena, const struct plan_request *request, const struct plan *plan);

#endif
