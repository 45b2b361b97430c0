/* Why: see policy_doc.h. */
#include "api/policy_doc.h"

#include "api/resources.h"
#include "api/visibility.h"
#include "base/id.h"

static const char *plain_type(struct text type)
{
    if (text_is(type, "user") || text_is(type, "user_reference"))
        return "user";
    if (text_is(type, "schedule") || text_is(type, "schedule_reference") || text_is(type, "schedule_v3_reference"))
        return "schedule";
    return NULL;
}

/* `was`: a target that was already there stays allowed after the person or schedule has gone. */
static enum err read_target(struct change *change, const json_t *target, const char *path, bool was, json_t **ret)
{
    struct problem *problem = change->call->problem;
    struct arena *arena = change->call->arena;
    struct text id = json_text_at(target, "id"), name;
    const char *type = plain_type(json_text_at(target, "type"));
    if (id.size == 0)
        problem_add(problem, arena_printf(arena, "%s.id", path), "cannot be empty");
    if (!type)
        problem_add(problem, arena_printf(arena, "%s.type", path), "must be one of user_reference, schedule_reference, schedule_v3_reference");
    if (id.size == 0 || !type)
        return OK;
    enum err err = visibility_resolve(change->call, change->tx->db, NULL, type, id, &name);
    if (err == ERR_NOT_FOUND && !was)
        problem_add(problem, arena_printf(arena, "%s.id", path), "does not exist");
    if (err != OK && err != ERR_NOT_FOUND)
        return err;
    json_t *kept = json_object_in(arena);
    json_put_string(kept, "type", type);
    json_put_text(kept, "id", id);
    *ret = kept;
    return OK;
}

static bool names_target(const json_t *before, struct text id)
{
    const json_t *rules = json_object_get(before, "rules");
    for (size_t r = 0; r < json_array_size(rules); r++) {
        const json_t *targets = json_object_get(json_array_get(rules, r), "targets");
        for (size_t t = 0; t < json_array_size(targets); t++)
            if (text_equal(json_text_at(json_array_get(targets, t), "id"), id))
                return true;
    }
    return false;
}

static enum err read_targets(struct change *change, const json_t *rule, const json_t *before, const char *path, json_t *kept)
{
    struct arena *arena = change->call->arena;
    const json_t *targets = json_object_get(rule, "targets");
    json_t *list = json_array_in(arena);
    size_t count = json_array_size(targets);
    if (count == 0 || count > POLICY_TARGETS_MAX)
        problem_add(change->call->problem, arena_printf(arena, "%s.targets", path), count == 0 ? "cannot be empty" : "has more than 50 entries");
    for (size_t i = 0; i < count && i < POLICY_TARGETS_MAX; i++) {
        const json_t *target = json_array_get(targets, i);
        json_t *read = NULL;
        bool was = names_target(before, json_text_at(target, "id"));
        enum err err = read_target(change, target, arena_printf(arena, "%s.targets[%zu]", path, i), was, &read);
        if (err != OK)
            return err;
        if (read)
            json_append(list, read);
    }
    json_put(kept, "targets", list);
    return OK;
}

static void read_delay(struct change *change, const json_t *rule, const json_t *old, const char *path, json_t *kept)
{
    struct arena *arena = change->call->arena;
    const json_t *seconds = json_object_get(rule, "escalation_delay_in_seconds"), *minutes = json_object_get(rule, "escalation_delay_in_minutes");
    int64_t old_s = json_int_at(old, "delay_s", -1);
    /* A client that knows only minutes sends back rounded ones. */
    if (!seconds && json_is_integer(minutes) && old_s >= 0 && json_integer_value(minutes) == old_s / 60) {
        json_put_int(kept, "delay_s", old_s);
        return;
    }
    const json_t *used = seconds ? seconds : minutes;
    int64_t unit = seconds ? 1 : 60;
    const char *at = arena_printf(arena, "%s.%s", path, seconds ? "escalation_delay_in_seconds" : "escalation_delay_in_minutes");
    if (!used || json_is_null(used))
        problem_add(change->call->problem, at, "cannot be empty");
    else if (!json_is_integer(used) || json_integer_value(used) < 1 || json_integer_value(used) > POLICY_DELAY_MAX_S / unit)
        problem_add(change->call->problem, at, "must be between 1 and %lld", (long long)(POLICY_DELAY_MAX_S / unit));
    else
        json_put_int(kept, "delay_s", json_integer_value(used) * unit);
}

static void read_strategy(struct change *change, const json_t *rule, const json_t *old, const char *path, json_t *kept)
{
    const json_t *given = json_object_get(rule, "escalation_rule_assignment_strategy");
    struct text strategy = json_is_object(given) ? json_text_at(given, "type") : json_text_value(given);
    if (!given || json_is_null(given)) {
        struct text was = json_text_at(old, "strategy");
        json_put_text(kept, "strategy", was.size > 0 ? was : TEXT("everyone"));
    } else if (text_is(strategy, "round_robin")) {
        json_put_string(kept, "strategy", "round_robin");
    } else if (text_is(strategy, "assign_to_everyone") || text_is(strategy, "everyone")) {
        json_put_string(kept, "strategy", "everyone");
    } else {
        problem_add(change->call->problem, arena_printf(change->call->arena, "%s.escalation_rule_assignment_strategy", path),
                    "must be one of assign_to_everyone, round_robin");
    }
}

static const json_t *rule_with_id(const json_t *rules, struct text id)
{
    for (size_t i = 0; i < json_array_size(rules); i++)
        if (id.size > 0 && text_equal(json_text_at(json_array_get(rules, i), "id"), id))
            return json_array_get(rules, i);
    return NULL;
}

/* The rule before that this one continues. */
static const json_t *old_rule(const json_t *given_rules, size_t index, const json_t *old_rules)
{
    struct text id = json_text_at(json_array_get(given_rules, index), "id");
    if (id.size > 0)
        return rule_with_id(old_rules, id);
    const json_t *same_place = json_array_get(old_rules, index);
    return rule_with_id(given_rules, json_text_at(same_place, "id")) ? NULL : same_place;
}

static enum err read_rules(struct change *change, const json_t *before, json_t *doc)
{
    struct problem *problem = change->call->problem;
    struct arena *arena = change->call->arena;
    const json_t *given = json_object_get(change->body, "escalation_rules");
    if (!given && before) {
        json_put(doc, "rules", json_at(before, "rules"));
        return OK;
    }
    size_t count = json_array_size(given);
    if (count == 0 || count > POLICY_RULES_MAX)
        problem_add(problem, "escalation_policy.escalation_rules", count == 0 ? "cannot be empty" : "has more than 20 entries");
    json_t *rules = json_array_in(arena);
    const json_t *old_rules = json_object_get(before, "rules");
    for (size_t i = 0; i < count && i < POLICY_RULES_MAX; i++) {
        const char *path = arena_printf(arena, "escalation_policy.escalation_rules[%zu]", i);
        const json_t *rule = json_array_get(given, i), *old = old_rule(given, i, old_rules);
        json_t *kept = json_object_in(arena);
        struct text id = json_text_at(old, "id");
        json_put_text(kept, "id", id.size > 0 && !rule_with_id(rules, id) ? id : id_new_object(change->tx->env, arena));
        read_delay(change, rule, old, path, kept);
        read_strategy(change, rule, old, path, kept);
        enum err err = read_targets(change, rule, before, path, kept);
        if (err != OK)
            return err;
        json_append(rules, kept);
    }
    json_put(doc, "rules", rules);
    return OK;
}

static enum err read_catch_all(struct change *change, const json_t *before, json_t *doc)
{
    const json_t *given = json_object_get(change->body, "catch_all");
    json_put(doc, "catch_all", before ? json_at(before, "catch_all") : NULL);
    if (!given)
        return OK;
    json_t *target = NULL;
    enum err err = OK;
    if (!json_is_null(given)) {
        bool was = text_equal(json_text_at(json_object_get(before, "catch_all"), "id"), json_text_at(given, "id"));
        err = read_target(change, given, "escalation_policy.catch_all", was, &target);
    }
    json_put(doc, "catch_all", target);
    return err;
}

static void read_loops(struct change *change, const json_t *before, json_t *doc)
{
    const json_t *given = json_object_get(change->body, "num_loops");
    int64_t loops = json_int_at(before, "num_loops", 0);
    if (given && !json_is_null(given)) {
        loops = json_is_integer(given) ? json_integer_value(given) : -1;
        if (loops < 0 || loops > POLICY_LOOPS_MAX)
            problem_add(change->call->problem, "escalation_policy.num_loops", "must be between 0 and %d", POLICY_LOOPS_MAX);
    }
    json_put_int(doc, "num_loops", loops);
}

static void read_handoff(struct change *change, const json_t *before, json_t *doc)
{
    const json_t *given = json_object_get(change->body, "on_call_handoff_notifications");
    struct text handoff = given && !json_is_null(given) ? json_text_value(given) : json_text_at(before, "on_call_handoff_notifications");
    if (!text_is_present(handoff) && !given)
        handoff = TEXT("if_has_services");
    if (!text_is(handoff, "if_has_services") && !text_is(handoff, "always"))
        problem_add(change->call->problem, "escalation_policy.on_call_handoff_notifications", "must be one of if_has_services, always");
    json_put_text(doc, "on_call_handoff_notifications", handoff);
}

enum err policy_doc_read(struct change *change, const json_t *before, json_t **ret)
{
    json_t *doc = json_object_in(change->call->arena);
    json_put_text(doc, "name", change_value(change, "name")->text);
    read_loops(change, before, doc);
    read_handoff(change, before, doc);
    enum err err = read_catch_all(change, before, doc);
    if (err == OK)
        err = read_rules(change, before, doc);
    if (err == OK)
        *ret = doc;
    return err;
}

static json_t *show_target(struct call *call, const json_t *target)
{
    struct text id = text_copy(call->arena, json_text_at(target, "id"));
    bool is_user = text_is(json_text_at(target, "type"), "user");
    json_t *whole = NULL;
    if (is_user && call_includes(call, "targets") && resource_read(call, &user_resource, TEXT_NONE, id, false, &whole) == OK)
        return whole;
    struct query *q = db_query(call->db, is_user ? "policy_target_user" : "policy_target_schedule");
    query_bind_text(q, "id", id);
    bool is_there = query_next(q);
    struct text name = is_there ? text_copy(call->arena, query_text(q, 0)) : TEXT_NONE;
    bool is_shift_based = is_there && !is_user && text_is(query_text(q, 1), "schedule_v3");
    return api_reference_to(call, is_user ? "user" : is_shift_based ? "schedule_v3" : "schedule", id, name);
}

static json_t *show_rule(struct call *call, const json_t *rule)
{
    json_t *shown = json_object_in(call->arena), *targets = json_array_in(call->arena);
    int64_t delay_s = json_int_at(rule, "delay_s", 0);
    json_put_text(shown, "id", json_text_at(rule, "id"));
    json_put_int(shown, "escalation_delay_in_minutes", delay_s / 60);
    json_put_int(shown, "escalation_delay_in_seconds", delay_s);
    const json_t *stored = json_object_get(rule, "targets");
    for (size_t i = 0; i < json_array_size(stored); i++)
        json_append(targets, show_target(call, json_array_get(stored, i)));
    json_put(shown, "targets", targets);
    /* Only where asked for, and as an object: so do PagerDuty's clients expect it, whatever its schema says. */
    if (call_includes(call, "escalation_rule_assignment_strategies")) {
        json_t *strategy = json_object_in(call->arena);
        json_put_string(strategy, "type", text_is(json_text_at(rule, "strategy"), "round_robin") ? "round_robin" : "assign_to_everyone");
        json_put(shown, "escalation_rule_assignment_strategy", strategy);
    }
    return shown;
}

void policy_doc_show(struct call *call, const json_t *doc, json_t *object)
{
    json_t *rules = json_array_in(call->arena);
    const json_t *stored = json_object_get(doc, "rules");
    for (size_t i = 0; i < json_array_size(stored); i++)
        json_append(rules, show_rule(call, json_array_get(stored, i)));
    json_put(object, "escalation_rules", rules);
    json_put_int(object, "num_loops", json_int_at(doc, "num_loops", 0));
    json_put_text(object, "on_call_handoff_notifications", json_text_at(doc, "on_call_handoff_notifications"));
    const json_t *catch_all = json_object_get(doc, "catch_all");
    json_put(object, "catch_all", json_is_object(catch_all) ? show_target(call, catch_all) : NULL);
}
