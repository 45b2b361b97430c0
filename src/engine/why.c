/* Why: see why.h. Runs the same plan and the same choice as the engine, level by level, and writes nothing. */
#include "engine/why.h"

#include "base/id.h"
#include "engine/plan.h"

static json_t *named(struct arena *arena, struct text id, struct text name)
{
    json_t *object = json_object_in(arena);
    json_put_text(object, "id", id);
    json_put_text(object, "name", name);
    return object;
}

/* "+49...34", "a...@example.org": enough to recognise one's own, too little for others. */
static struct text address_hint(struct arena *arena, struct text address)
{
    size_t at = text_find_byte(address, '@', 0);
    if (at < address.size)
        return text_printf(arena, "%.*s...%.*s", at > 0 ? 1 : 0, address.data, (int)(address.size - at), address.data + at);
    return address.size < 6 ? TEXT("...") : text_printf(arena, "%.*s...%.*s", 3, address.data, 2, address.data + address.size - 2);
}

static enum err ladder_json(struct db *db, struct arena *arena, struct text user_id, enum urgency urgency, json_t **ret)
{
    json_t *ladder = json_array_in(arena);
    for (int fallback = 0; fallback <= 1 && json_array_size(ladder) == 0; fallback++) {
        struct query *q = db_query(db, fallback ? "ladder_fallback" : "ladder_rules");
        query_bind_text(q, "user_id", user_id);
        if (!fallback)
            query_bind_text(q, "urgency", text_of(urgency_name(urgency)));
        while (query_next(q)) {
            if (query_bool(q, 5))
                continue; /* nothing will be sent there */
            json_t *step = json_object_in(arena);
            json_put_text(step, "rule_id", text_copy(arena, query_text(q, 0)));
            json_put_int(step, "after_s", query_int(q, 1));
            json_put_text(step, "channel", text_copy(arena, query_text(q, 3)));
            json_put_text(step, "address_hint", address_hint(arena, text_copy(arena, query_text(q, 4))));
            json_append(ladder, step);
        }
        if (query_failed(q))
            return query_err(q);
    }
    *ret = ladder;
    return OK;
}

static enum err candidate_json(struct db *db, struct arena *arena, const struct verdict *verdict, enum urgency urgency, json_t **ret)
{
    const struct candidate *c = verdict->candidate;
    json_t *json = json_object_in(arena), *ladder = NULL;
    json_put_text(json, "user_id", c->user_id.size ? c->user_id : TEXT_NONE);
    json_put_text(json, "name", c->user_name.size ? c->user_name : TEXT_NONE);
    json_put_bool(json, "chosen", verdict->chosen);
    json_put_string(json, "reason", choice_reason_code(verdict->reason));
    json_put_int(json, "level", verdict->level);
    json_put_int(json, "after_s", verdict->after_s);
    json_put_string(json, "target_type", c->target_kind == TARGET_SCHEDULE ? "schedule" : "user");
    json_put_text(json, "target_id", c->target_id);
    json_put_text(json, "target_name", c->target_name);
    if (c->target_kind == TARGET_SCHEDULE) {
        json_t *via = json_object_in(arena);
        json_put_text(via, "schedule", c->target_id);
        json_put_text(via, "schedule_name", c->target_name);
        json_put_string(via, "duty", duty_code(c->duty));
        json_put_text(via, "layer", c->layer_id.size ? c->layer_id : TEXT_NONE);
        json_put_text(via, "layer_name", c->layer_name.size ? c->layer_name : TEXT_NONE);
        json_put_text(via, "override", c->override_number > 0 ? id_public(arena, ID_OVERRIDE, c->override_number) : TEXT_NONE);
        json_put_instant(via, "from", c->from);
        json_put_instant(via, "until", instant_equal(c->until, INSTANT_MAX) ? INSTANT_NONE : c->until);
        json_put(json, "via", via);
    } else {
        json_put_null(json, "via");
    }
    enum err err = c->user_id.size ? ladder_json(db, arena, c->user_id, urgency, &ladder) : OK;
    json_put(json, "ladder", ladder ? ladder : json_array_in(arena));
    if (err == OK)
        *ret = json;
    return err;
}

static enum err verdicts_json(struct db *db, struct arena *arena, const struct choice *choice, int64_t level, enum urgency urgency, json_t **ret)
{
    json_t *list = json_array_in(arena);
    for (size_t v = 0; v < choice->verdict_count; v++) {
        json_t *candidate;
        if (choice->verdicts[v].level != level)
            continue;
        enum err err = candidate_json(db, arena, &choice->verdicts[v], urgency, &candidate);
        if (err != OK)
            return err;
        json_append(list, candidate);
    }
    *ret = list;
    return OK;
}

static enum err level_json(struct db *db, struct arena *arena, const struct plan *plan, int64_t number, int64_t after_s, const struct choice *choice,
                           enum urgency urgency, json_t **ret)
{
    const struct level *level = &plan->levels[number - 1];
    json_t *json = json_object_in(arena), *targets = json_array_in(arena), *candidates;
    for (size_t t = 0; t < level->target_count; t++) {
        json_t *target = named(arena, level->targets[t].id, level->targets[t].name);
        json_put_string(target, "type", level->targets[t].kind == TARGET_SCHEDULE ? "schedule" : "user");
        json_append(targets, target);
    }
    enum err err = verdicts_json(db, arena, choice, number, urgency, &candidates);
    if (err != OK)
        return err;
    json_put_int(json, "level", number);
    json_put_int(json, "after_s", after_s);
    json_put_text(json, "rule_id", level->rule_id);
    json_put_string(json, "strategy", level->round_robin ? "round_robin" : "everyone");
    json_put(json, "targets", targets);
    json_put(json, "candidates", candidates);
    *ret = json;
    return OK;
}

/* What the first call would choose, and for each further level what it would choose when it is reached. */
static enum err levels_json(struct db *db, struct arena *arena, const struct plan *plan, enum urgency urgency, bool quiet, json_t *answer)
{
    json_t *levels = json_array_in(arena), *catch_all = NULL;
    struct choice choice;
    int64_t after_s = 0;
    for (int64_t number = 1; number <= (int64_t)plan->level_count; number++) {
        if (quiet)
            escalation_choose_nobody(arena, plan, plan->service_active ? REASON_MAINTENANCE : REASON_SERVICE_DISABLED, &choice);
        else
            escalation_choose(arena, plan, number, plan->loops, &choice);
        json_t *level;
        enum err err = level_json(db, arena, plan, number, after_s, &choice, urgency, &level);
        if (err != OK)
            return err;
        json_append(levels, level);
        bool passed_over = !quiet && choice.level != number;
        after_s += passed_over ? 0 : plan->levels[number - 1].delay_s;
    }
    escalation_choose(arena, plan, (int64_t)plan->level_count + 1, plan->loops, &choice);
    enum err err = verdicts_json(db, arena, &choice, 0, urgency, &catch_all);
    json_put(answer, "levels", levels);
    json_put(answer, "catch_all", catch_all);
    json_put_bool(answer, "escalates", urgency == URGENCY_HIGH);
    return err;
}

enum err why_resolve(struct db *db, struct arena *arena, struct text service_id, instant at, instant now, struct text severity, json_t **ret)
{
    struct plan_request request = {.service_id = service_id, .at = at, .now = now, .with_people = true};
    struct plan plan;
    enum urgency urgency;
    struct text urgency_reason;
    instant rises_at;
    enum err err = plan_load(db, arena, &request, &plan);
    if (err == OK)
        err = plan_urgency(db, arena, service_id, severity, at, &urgency, &urgency_reason, &rises_at);
    if (err != OK)
        return err;
    json_t *answer = json_object_in(arena), *window = NULL;
    if (plan.window_id.size > 0) {
        window = named(arena, plan.window_id, plan.window_description);
        json_put_text(window, "description", plan.window_description);
        json_put_instant(window, "end", plan.window_end);
    }
    json_t *policy = named(arena, plan.policy_id, plan.policy_name);
    json_put_int(policy, "version", plan.policy_version);
    json_put_int(policy, "num_loops", plan.loops);
    json_put_instant(answer, "at", at);
    json_put(answer, "service", named(arena, plan.service_id, plan.service_name));
    json_put_string(answer, "urgency", urgency_name(urgency));
    json_put_text(answer, "urgency_reason", urgency_reason);
    json_put_instant(answer, "urgency_rises_at", rises_at);
    json_put(answer, "maintenance", window);
    json_put(answer, "policy", policy);
    err = levels_json(db, arena, &plan, urgency, window || !plan.service_active, answer);
    if (err == OK)
        *ret = answer;
    return err;
}
