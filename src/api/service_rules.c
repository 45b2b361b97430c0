/* Why: see service_rules.h. */
#include "api/service_rules.h"

#include "base/zone.h"

static bool is_one_of(struct text value, const char *const *choices)
{
    for (; *choices; choices++)
        if (text_is(value, *choices))
            return true;
    return false;
}

static const char *const urgencies[] = {"high", "low", "severity_based", NULL};

static struct text read_urgency(struct change *change, const json_t *rule, const char *path)
{
    struct text urgency = json_text_at(rule, "urgency");
    if (!is_one_of(urgency, urgencies))
        problem_add(change->call->problem, path, urgency.size == 0 ? "cannot be empty" : "must be one of high, low, severity_based");
    return urgency;
}

static void read_urgency_rule(struct change *change, struct service_rules *rules)
{
    bool given;
    const json_t *rule = change_custom(change, "incident_urgency_rule", &given);
    rules->urgency_type = TEXT("constant");
    rules->urgency = TEXT("high");
    if (!rule || json_is_null(rule))
        return;
    struct text type = json_text_at(rule, "type");
    if (text_is(type, "constant") || type.size == 0) {
        rules->urgency = read_urgency(change, rule, "service.incident_urgency_rule.urgency");
    } else if (text_is(type, "use_support_hours")) {
        rules->urgency_type = type;
        rules->urgency_during =
            read_urgency(change, json_at(rule, "during_support_hours"), "service.incident_urgency_rule.during_support_hours.urgency");
        rules->urgency_outside =
            read_urgency(change, json_at(rule, "outside_support_hours"), "service.incident_urgency_rule.outside_support_hours.urgency");
    } else {
        problem_add(change->call->problem, "service.incident_urgency_rule.type", "must be one of constant, use_support_hours");
    }
}

/* "9:00", "09:00" or "09:00:00". */
static bool read_time_of_day(struct arena *arena, struct text written, struct text *ret)
{
    struct text rest = written, part;
    int64_t numbers[3] = {0};
    size_t count = 0;
    while (text_next(&rest, ':', &part)) {
        if (count == 3 || part.size < 1 || part.size > 2 || !text_to_int64(part, &numbers[count]) || numbers[count] < 0)
            return false;
        count++;
    }
    if (count < 2 || numbers[0] > 24 || numbers[1] > 59 || numbers[2] > 59 || (numbers[0] == 24 && numbers[1] + numbers[2] > 0))
        return false;
    *ret = text_printf(arena, "%02d:%02d:%02d", (int)numbers[0], (int)numbers[1], (int)numbers[2]);
    return true;
}

static void read_support_days(struct change *change, const json_t *hours, struct service_rules *rules)
{
    const json_t *days = json_object_get(hours, "days_of_week");
    json_t *kept = json_array_in(change->call->arena);
    bool seen[8] = {false}, fine = json_is_array(days) && json_array_size(days) > 0;
    for (size_t i = 0; fine && i < json_array_size(days); i++) {
        const json_t *day = json_array_get(days, i);
        fine = json_is_integer(day) && json_integer_value(day) >= 1 && json_integer_value(day) <= 7;
        if (fine)
            seen[json_integer_value(day)] = true;
    }
    if (!fine)
        problem_add(change->call->problem, "service.support_hours.days_of_week", "must list days from 1 (Monday) to 7");
    for (int day = 1; day <= 7; day++)
        if (seen[day])
            json_append_int(kept, day);
    rules->support_days = json_write(change->call->arena, kept);
}

static void read_support_hours(struct change *change, struct service_rules *rules)
{
    bool given;
    struct problem *problem = change->call->problem;
    const json_t *hours = change_custom(change, "support_hours", &given);
    if (!json_is_object(hours)) {
        if (text_is(rules->urgency_type, "use_support_hours"))
            problem_add(problem, "service.support_hours", "cannot be empty while the urgency depends on them");
        return;
    }
    rules->support_time_zone = json_text_at(hours, "time_zone");
    if (!zone_exists(rules->support_time_zone))
        problem_add(problem, "service.support_hours.time_zone", "is not a time zone of the IANA database");
    if (!read_time_of_day(change->call->arena, json_text_at(hours, "start_time"), &rules->support_start))
        problem_add(problem, "service.support_hours.start_time", "must be a time of day like 09:00:00");
    if (!read_time_of_day(change->call->arena, json_text_at(hours, "end_time"), &rules->support_end))
        problem_add(problem, "service.support_hours.end_time", "must be a time of day like 17:00:00");
    read_support_days(change, hours, rules);
}

static void read_scheduled_actions(struct change *change, struct service_rules *rules)
{
    bool given;
    const json_t *actions = change_custom(change, "scheduled_actions", &given);
    rules->scheduled_actions = TEXT("[]");
    if (!json_is_array(actions))
        return;
    for (size_t i = 0; i < json_array_size(actions); i++) {
        const json_t *action = json_array_get(actions, i), *at = json_object_get(action, "at");
        struct text name = json_text_at(at, "name");
        bool fine = text_is(json_text_at(action, "type"), "urgency_change") && text_is(json_text_at(action, "to_urgency"), "high") &&
                    (text_is(name, "support_hours_start") || text_is(name, "support_hours_end"));
        if (!fine)
            problem_add(change->call->problem, arena_printf(change->call->arena, "service.scheduled_actions[%zu]", i),
                        "must change the urgency to high at support_hours_start or support_hours_end");
    }
    if (json_array_size(actions) > 2)
        problem_add(change->call->problem, "service.scheduled_actions", "has more than 2 entries");
    rules->scheduled_actions = json_write(change->call->arena, actions);
}

void service_rules_read(struct change *change, struct service_rules *ret)
{
    *ret = (struct service_rules){0};
    read_urgency_rule(change, ret);
    read_support_hours(change, ret);
    read_scheduled_actions(change, ret);
}

void service_rules_bind(struct query *q, const struct service_rules *rules)
{
    query_bind_text(q, "urgency_type", rules->urgency_type);
    query_bind_text(q, "urgency", text_is_present(rules->urgency) ? rules->urgency : TEXT("high"));
    query_bind_text(q, "urgency_during", rules->urgency_during);
    query_bind_text(q, "urgency_outside", rules->urgency_outside);
    query_bind_text(q, "support_time_zone", rules->support_time_zone);
    query_bind_text(q, "support_days", rules->support_days);
    query_bind_text(q, "support_start", rules->support_start);
    query_bind_text(q, "support_end", rules->support_end);
    query_bind_text(q, "scheduled_actions", rules->scheduled_actions);
}

static struct text column(struct query *row, const char *name)
{
    return query_text(row, query_column(row, name));
}

static json_t *constant_urgency(struct call *call, struct text urgency)
{
    json_t *rule = json_object_in(call->arena);
    json_put_string(rule, "type", "constant");
    json_put_text(rule, "urgency", urgency);
    return rule;
}

static json_t *show_urgency_rule(struct call *call, struct query *row)
{
    if (text_is(column(row, "urgency_type"), "constant"))
        return constant_urgency(call, column(row, "urgency"));
    json_t *rule = json_object_in(call->arena);
    json_put_string(rule, "type", "use_support_hours");
    json_put(rule, "during_support_hours", constant_urgency(call, column(row, "urgency_during")));
    json_put(rule, "outside_support_hours", constant_urgency(call, column(row, "urgency_outside")));
    return rule;
}

static json_t *stored_json(struct call *call, struct text document)
{
    return text_is_present(document) ? json_read(call->arena, document, call->problem) : NULL;
}

static json_t *show_support_hours(struct call *call, struct query *row)
{
    if (query_is_null(row, query_column(row, "support_time_zone")))
        return NULL;
    json_t *hours = json_object_in(call->arena);
    json_put_string(hours, "type", "fixed_time_per_day");
    json_put_text(hours, "time_zone", column(row, "support_time_zone"));
    json_put_text(hours, "start_time", column(row, "support_start"));
    json_put_text(hours, "end_time", column(row, "support_end"));
    json_put(hours, "days_of_week", stored_json(call, column(row, "support_days")));
    return hours;
}

void service_rules_show(struct call *call, struct query *row, json_t *object)
{
    json_put(object, "incident_urgency_rule", show_urgency_rule(call, row));
    json_put(object, "support_hours", show_support_hours(call, row));
    json_put(object, "scheduled_actions", stored_json(call, column(row, "scheduled_actions")));
}
