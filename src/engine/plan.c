/* Why: see plan.h. Reads only; the choice itself is core/escalation.c. */
#include "engine/plan.h"

#include "base/json_scan.h"
#include "engine/plan_memory.h"
#include "engine/roster.h"
#include "engine/service_rules.h"

enum { DAY_S = 86400 };

static enum err load_service(struct db *db, struct arena *arena, const struct plan_request *request, struct plan *plan,
                             struct text *ret_policy_id)
{
    struct query *q = db_query(db, "service_plan");
    query_bind_text(q, "service_id", request->service_id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    plan->service_id = request->service_id;
    plan->service_name = text_copy(arena, query_text(q, 0));
    plan->service_active = !text_is(query_text(q, 1), "disabled");
    plan->acknowledgement_timeout_s = query_int(q, 2);
    plan->auto_resolve_timeout_s = query_int(q, 3);
    *ret_policy_id = text_is_present(request->policy_id) ? request->policy_id : text_copy(arena, query_text(q, 4));
    return OK;
}

static enum err load_window(struct db *db, struct arena *arena, const struct plan_request *request, struct plan *plan)
{
    struct query *q = db_query(db, "windows_of_service");
    query_bind_text(q, "service_id", request->service_id);
    query_bind_instant(q, "since", instant_day(request->at));
    plan->window_end = INSTANT_NONE;
    while (!instant_is_set(plan->window_end) && query_next(q)) {
        instant start = query_instant(q, 2), end = query_instant(q, 3);
        plan->steady = instant_range_cut(instant_range_cut(plan->steady, start, request->at), end, request->at);
        if (instant_before(request->at, start) || !instant_before(request->at, end))
            continue;
        plan->window_id = text_copy(arena, query_text(q, 0));
        plan->window_description = text_copy(arena, query_text(q, 1));
        plan->window_end = end;
    }
    return query_failed(q) ? query_err(q) : OK;
}

/* A person's name and whether paging can reach them at all. */
static enum err load_reach(struct db *db, struct arena *arena, struct candidate *candidate)
{
    struct query *q = db_query(db, "user_reach");
    query_bind_text(q, "user_id", candidate->user_id);
    if (!query_next(q)) {
        candidate->state = CANDIDATE_DELETED;
        return query_failed(q) ? query_err(q) : OK;
    }
    candidate->user_name = text_copy(arena, query_text(q, 0));
    if (!query_is_null(q, 1))
        candidate->state = CANDIDATE_DELETED;
    else if (query_int(q, 2) == 0)
        candidate->state = CANDIDATE_NO_CONTACT;
    else
        candidate->state = CANDIDATE_USABLE;
    return OK;
}

static enum err load_user_target(struct db *db, struct arena *arena, struct target *target)
{
    struct candidate *candidate = ARENA_NEW(arena, struct candidate);
    *candidate = (struct candidate){.user_id = target->id, .target_kind = TARGET_USER, .target_id = target->id, .from = INSTANT_NONE, .until = INSTANT_NONE};
    enum err err = load_reach(db, arena, candidate);
    candidate->target_name = target->name = candidate->user_name;
    target->candidates = candidate;
    target->candidate_count = 1;
    return err;
}

static enum err load_schedule_target(struct db *db, struct arena *arena, const struct plan_request *request, struct plan *plan, struct target *target)
{
    struct on_call_list list = {.steady = {request->at, INSTANT_MAX}}; /* of a deleted one */
    enum err err = roster_on_call(db, arena, target->id, request->at, &list);
    bool gone = err == ERR_NOT_FOUND;
    if (err != OK && !gone)
        return err;
    plan->steady = instant_range_cut(instant_range_cut(plan->steady, list.steady.since, request->at), list.steady.until, request->at);
    target->name = list.schedule_name;
    target->candidate_count = list.count > 0 ? list.count : 1;
    target->candidates = ARENA_ARRAY(arena, struct candidate, target->candidate_count);
    for (size_t i = 0; i < target->candidate_count; i++)
        target->candidates[i] = (struct candidate){.target_kind = TARGET_SCHEDULE, .target_id = target->id, .target_name = target->name,
                                                   .from = INSTANT_NONE, .until = INSTANT_NONE,
                                                   .state = gone ? CANDIDATE_DELETED : CANDIDATE_GAP};
    for (size_t i = 0; i < list.count; i++) {
        struct candidate *candidate = &target->candidates[i];
        const struct on_call *on_call = &list.items[i];
        candidate->user_id = on_call->user_id;
        candidate->duty = on_call->duty;
        candidate->layer_id = on_call->layer_id;
        candidate->layer_name = on_call->layer_name;
        candidate->override_number = on_call->override_number;
        candidate->from = on_call->from;
        candidate->until = on_call->until;
        err = load_reach(db, arena, candidate);
        if (err != OK)
            return err;
    }
    return OK;
}

static enum err load_target(struct db *db, struct arena *arena, const struct plan_request *request, const struct json_node *doc, struct plan *plan,
                            struct target *ret)
{
    *ret = (struct target){.kind = text_is(json_node_text_at(arena, doc, "type"), "schedule") ? TARGET_SCHEDULE : TARGET_USER,
                           .id = json_node_text_at(arena, doc, "id")};
    return ret->kind == TARGET_SCHEDULE ? load_schedule_target(db, arena, request, plan, ret) : load_user_target(db, arena, ret);
}

static enum err load_level(struct db *db, struct arena *arena, const struct plan_request *request, const struct json_node *rule, struct plan *plan,
                           struct level *ret)
{
    const struct json_node *targets = json_node_member(rule, "targets");
    *ret = (struct level){
        .rule_id = json_node_text_at(arena, rule, "id"),
        .delay_s = json_node_int_at(rule, "delay_s", 1800),
        .round_robin = text_is(json_node_text_at(arena, rule, "strategy"), "round_robin"),
        .target_count = json_node_count(targets),
        .targets = ARENA_ARRAY(arena, struct target, json_node_count(targets) + 1),
    };
    if (ret->round_robin) {
        struct query *q = db_query(db, "round_robin_turn");
        query_bind_text(q, "policy_id", plan->policy_id);
        query_bind_text(q, "rule_id", ret->rule_id);
        if (query_next(q))
            ret->turn = query_int(q, 0);
        if (query_failed(q))
            return query_err(q);
    }
    size_t t = 0;
    json_node_each(targets, target) {
        enum err err = load_target(db, arena, request, target, plan, &ret->targets[t++]);
        if (err != OK)
            return err;
    }
    return OK;
}

static enum err load_account_catch_all(struct db *db, struct arena *arena, const struct plan_request *request, struct plan *plan)
{
    plan->catch_all_of_account = true;
    struct query *q = db_query(db, "account_catch_all");
    if (request->catch_all_email && request->catch_all_email[0])
        query_bind_text(q, "email", text_of(request->catch_all_email));
    else
        query_enable(q, "administrators");
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : OK;
    struct target target = {.kind = TARGET_USER, .id = text_copy(arena, query_text(q, 0))};
    enum err err = load_user_target(db, arena, &target);
    plan->catch_all = target.candidates;
    plan->catch_all_count = target.candidate_count;
    return err;
}

static enum err load_catch_all(struct db *db, struct arena *arena, const struct plan_request *request, const struct json_node *doc, struct plan *plan)
{
    const struct json_node *catch_all = json_node_member(doc, "catch_all");
    if (!json_node_is(catch_all, JSON_OBJECT))
        return load_account_catch_all(db, arena, request, plan);
    struct target target;
    enum err err = load_target(db, arena, request, catch_all, plan, &target);
    if (err != OK)
        return err;
    for (size_t i = 0; i < target.candidate_count; i++)
        if (target.candidates[i].state == CANDIDATE_USABLE) {
            plan->catch_all = target.candidates;
            plan->catch_all_count = target.candidate_count;
            return OK;
        }
    return load_account_catch_all(db, arena, request, plan); /* the policy's own cannot be reached: never silence */
}

static enum err load_policy(struct db *db, struct arena *arena, const struct plan_request *request, struct text policy_id, struct plan *plan)
{
    bool past = request->policy_version == 0 && instant_before(request->at, request->now);
    struct query *q = db_query(db, request->policy_version > 0 ? "policy_at_version" : past ? "policy_in_force_at" : "policy_newest");
    query_bind_text(q, "policy_id", policy_id);
    if (request->policy_version > 0)
        query_bind_int(q, "version", request->policy_version);
    else if (past)
        query_bind_instant(q, "at", request->at);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    plan->policy_id = policy_id;
    plan->policy_version = query_int(q, 0);
    struct text document = text_copy(arena, query_text(q, 1));
    plan->policy_name = text_copy(arena, query_text(q, 2));
    if (!request->with_people)
        return OK;
    const struct json_node *doc;
    if (json_scan(arena, document, problem_new(arena), &doc) != OK)
        return ERR_INTERNAL; /* only our own code writes these documents */
    const struct json_node *rules = json_node_member(doc, "rules");
    plan->loops = json_node_int_at(doc, "num_loops", 0);
    plan->level_count = json_node_count(rules);
    plan->levels = ARENA_ARRAY(arena, struct level, plan->level_count + 1);
    size_t l = 0;
    json_node_each(rules, rule) {
        enum err err = load_level(db, arena, request, rule, plan, &plan->levels[l++]);
        if (err != OK)
            return err;
    }
    return load_catch_all(db, arena, request, doc, plan);
}

static enum err work_out(struct db *db, struct arena *arena, const struct plan_request *request, struct plan *ret)
{
    instant day = instant_day(request->at); /* the questions that have to do with time are asked for a day */
    struct plan plan = {.window_end = INSTANT_NONE, .steady = {day, instant_add_s(day, DAY_S)}};
    struct text policy_id;
    enum err err = load_service(db, arena, request, &plan, &policy_id);
    if (err == OK && request->with_people)
        err = load_window(db, arena, request, &plan);
    if (err == OK)
        err = load_policy(db, arena, request, policy_id, &plan);
    if (err == OK)
        *ret = plan;
    return err;
}

enum err plan_load(struct db *db, struct arena *arena, const struct plan_request *request, struct plan *ret)
{
    if (plan_recall(db, arena, request, ret))
        return OK;
    enum err err = work_out(db, arena, request, ret);
    if (err == OK)
        plan_keep(db, arena, request, ret);
    return err;
}

enum err plan_people(struct db *db, struct arena *arena, const struct text *user_ids, size_t count, struct candidate **ret)
{
    struct candidate *people = ARENA_ARRAY(arena, struct candidate, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct target target = {.kind = TARGET_USER, .id = user_ids[i]};
        enum err err = load_user_target(db, arena, &target);
        if (err != OK)
            return err;
        people[i] = target.candidates[0];
    }
    *ret = people;
    return OK;
}

enum err plan_urgency(struct db *db, struct arena *arena, struct text service_id, struct text severity, instant at, enum urgency *ret,
                      struct text *ret_reason, instant *ret_rises_at)
{
    struct query *q = db_query(db, "service_plan");
    query_bind_text(q, "service_id", service_id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct urgency_rule rule;
    service_urgency_rule(q, 5, arena, &rule);
    const char *reason;
    *ret = alert_urgency(&rule, severity, at, &reason, ret_rises_at);
    *ret_reason = text_of(reason);
    return OK;
}
