/* Why: a deep page of GET /oncalls is known only when everything before it is, and to render thousands of schedules again for each page takes a second. What they
 * answered is kept between requests, for all policies, in the order of the list.
 *
 * An answer can never be stale:
 *   - it counts for one version of the configuration only (db_configuration_version of the request's own snapshot);
 *   - only answers for one instant are kept, and each counts until anything of that schedule begins or ends.
 * At most about ONCALL_MEMORY_BYTES; what has grown beyond begins anew, and a configuration that does not fit is not remembered. Freed by oncall_memory_tend when nobody asked for ONCALL_MEMORY_UNUSED_MS. */
#ifndef MUSTER_API_ONCALL_MEMORY_H
#define MUSTER_API_ONCALL_MEMORY_H

#include "base/env.h"
#include "base/text.h"
#include "core/schedule.h"

enum { ONCALL_MEMORY_BYTES = 8 << 20, ONCALL_MEMORY_UNUSED_MS = 60000 };

/* The shifts of one schedule in the window; policies share schedules. */
struct duty {
    struct text schedule_id, schedule_name;
    const char *type; /* "schedule" or "schedule_v3" */
    bool exists;
    struct schedule_spans spans; /* by person, gaps too; whole at both ends. Remembered: only people who are here, no gaps */
    instant since, holds_until; /* remembered: it is the answer for each instant in [since, holds_until) */
    struct duty *next;
};

struct remembered_target {
    int64_t level;
    struct text user_id; /* absent: a schedule */
    struct duty *duty;
};

struct remembered_policy {
    struct text id, name;
    struct remembered_target *targets;
    size_t count;
};

struct oncall_memory;

struct oncall_memory *oncall_memory_new(void);
void oncall_memory_free(struct oncall_memory *memory); /* NULL is allowed */

/* Nobody else until oncall_memory_leave. False: it does not fit, and there is nothing to leave. */
bool oncall_memory_enter(struct oncall_memory *memory, int64_t version, struct env *env);
void oncall_memory_leave(struct oncall_memory *memory);

/* Between the two: ---------------------------------------------------------------------------------------------------- */

/* False: policies and people have yet to be added. */
bool oncall_memory_is_filled(const struct oncall_memory *memory);
/* Everybody who is here, in any order; texts are copied. */
void oncall_memory_add_person(struct oncall_memory *memory, struct text user_id);
/* The next policy of the list, then its targets. */
void oncall_memory_add_policy(struct oncall_memory *memory, struct text id, struct text name);
void oncall_memory_add_target(struct oncall_memory *memory, int64_t level, struct text user_id, struct text schedule_id);
/* That was all. False: it does not fit; leave. */
bool oncall_memory_filled(struct oncall_memory *memory);

const struct remembered_policy *oncall_memory_policies(const struct oncall_memory *memory, size_t *ret_count);
bool oncall_memory_answers(const struct duty *duty, instant at);
/* What `rendered` says is what `duty` answers from now on. False: it does not fit; leave. */
bool oncall_memory_keep(struct oncall_memory *memory, struct duty *duty, const struct duty *rendered);

/* ---------------------------------------------------------------------------------------------------------------------- */

bool oncall_memory_is_empty(struct oncall_memory *memory);
/* Gives the memory back if it was not used for long. Neither of the two waits. */
void oncall_memory_tend(struct oncall_memory *memory, struct env *env);

#endif
