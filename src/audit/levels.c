/* Why: see levels.h. */
#include "audit/levels.h"

#include "base/json.h"

struct climb {
    int64_t number, incident_number, level, before_level, loop, before_loop;
    instant at, before_at;
    bool exhausted;
    const json_t *policy; /* as it stood before */
};

static int64_t delay_of(const json_t *policy, int64_t level)
{
    const json_t *rules = json_at(policy, "rules");
    return level >= 1 && level <= (int64_t)json_array_size(rules) ? json_int_at(json_array_get(rules, (size_t)level - 1), "delay_s", 0) : 0;
}

/* The policy's version that a decision followed. */
static enum err load_policy(struct db *db, struct arena *arena, const json_t *decision, const json_t **ret)
{
    const json_t *policy = json_at(decision, "policy");
    struct query *q = db_query(db, "policy_at_version");
    query_bind_text(q, "policy_id", json_text_at(policy, "id"));
    query_bind_int(q, "version", json_int_at(policy, "version", 0));
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    *ret = json_read(arena, text_copy(arena, query_text(q, 1)), problem_new(arena));
    return OK;
}

/* What is wrong with it, or NULL. By hand (before_level 0) the catch-all follows after a time of its own. */
static const char *judge(struct arena *arena, const struct climb *c)
{
    if (c->loop > json_int_at(c->policy, "num_loops", 0))
        return arena_printf(arena, "repeats the policy for the %lldth time, it says %lld", (long long)c->loop, (long long)json_int_at(c->policy, "num_loops", 0));
    if (c->before_level == 0)
        return NULL;
    int64_t waited_us = c->at.us - c->before_at.us, delay_s = delay_of(c->policy, c->before_level);
    if (waited_us < delay_s * SECOND_US)
        return arena_printf(arena, "level %lld had %lld s of its %lld", (long long)c->before_level, (long long)(waited_us / SECOND_US), (long long)delay_s);
    bool starts_over = c->loop == c->before_loop + 1;
    if (!c->exhausted && !starts_over && c->level > 0 && c->level <= c->before_level) /* 0: nobody, as in maintenance */
        return arena_printf(arena, "level %lld follows level %lld", (long long)c->level, (long long)c->before_level);
    return NULL;
}

enum err audit_levels(struct db *db, struct arena *arena, const struct audit_scope *scope, struct audit_findings *ret)
{
    struct query *q = db_query(db, "audit_N5_decisions");
    if (scope->recent > 0)
        query_bind_int(q, "recent", scope->recent);
    struct audit_findings found = {.items = ARENA_ARRAY(arena, struct audit_finding, AUDIT_FINDINGS_MAX)};
    while (found.count < AUDIT_FINDINGS_MAX && query_next(q)) {
        struct problem *problem = problem_new(arena);
        const json_t *doc = json_read(arena, text_copy(arena, query_text(q, 4)), problem), *before = json_read(arena, text_copy(arena, query_text(q, 7)), problem);
        struct climb climb = {.number = query_int(q, 0), .incident_number = query_int(q, 1), .at = query_instant(q, 2), .level = query_int(q, 3),
                              .before_at = query_instant(q, 5), .before_level = query_int(q, 6), .loop = json_int_at(doc, "loop", 0),
                              .before_loop = json_int_at(before, "loop", 0), .exhausted = json_bool_at(doc, "exhausted", false)};
        enum err err = load_policy(db, arena, before, &climb.policy);
        if (err != OK && err != ERR_NOT_FOUND)
            return err;
        const char *wrong = err == OK ? judge(arena, &climb) : "follows a version of a policy that is not stored";
        if (wrong)
            found.items[found.count++] = (struct audit_finding){
                .subject = text_printf(arena, "incident %lld", (long long)climb.incident_number),
                .finding = text_printf(arena, "decision %lld: %s", (long long)climb.number, wrong)};
    }
    if (query_failed(q))
        return query_err(q);
    *ret = found;
    return OK;
}
