/* Why: everything the pure core needs to decide whom to call about a service, resolved for one instant: the policy version, who is on
 * call on its schedules, who can be reached, maintenance in force, the catch-all. */
#ifndef MUSTER_ENGINE_PLAN_H
#define MUSTER_ENGINE_PLAN_H

#include "core/escalation.h"
#include "core/incident.h"
#include "store/db.h"

struct plan_request {
    struct text service_id;
    struct text policy_id;      /* absent: the service's */
    int64_t policy_version;     /* 0: the newest (in force at `at`) */
    instant at, now;            /* resolve for `at`, knowing what is known at `now`; equal while deciding */
    bool with_people;           /* false: the service's settings only */
    const char *catch_all_email; /* of the configuration; NULL: none */
};

/* ERR_NOT_FOUND: no such service or policy. */
enum err plan_load(struct db *db, struct arena *arena, const struct plan_request *request, struct plan *ret) MUST_CHECK;

/* People named by a person. Unknown or deleted ones get CANDIDATE_DELETED. */
enum err plan_people(struct db *db, struct arena *arena, const struct text *user_ids, size_t count, struct candidate **ret) MUST_CHECK;

/* The service's urgency rule at an instant. `severity`: SEVERITY_UNKNOWN counts as critical: rather one page too many.
 * `ret_reason` says which rule decided; `ret_rises_at`: when support hours will raise it, or INSTANT_NONE. */
enum err plan_urgency(struct db *db, struct arena *arena, struct text service_id, struct text severity, instant at, enum urgency *ret,
                      struct text *ret_reason, instant *ret_rises_at) MUST_CHECK;

#endif
