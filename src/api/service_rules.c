/* Why: see service_rules.h. */
#include "api/service_rules.h"

#include "base/zone.h"

enum { GROUPING_FIELDS_MAX = 20, GROUPING_MINUTES_MAX = 1440, GROUPING_WINDOW_MIN_S = 300, GROUPING_WINDOW_MAX_S = 86400 };

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

static bool read_bounded(struct change *change, const json_t *number, const char *path, int64_t min, int64_t max, int64_t *ret)
{
    if (!json_is_integer(number) || json_integer_value(number) < min || json_integer_value(number) > max) {
        problem_add(change->call->problem, path, "must be between %lld and %lld", (long long)min, (long long)max);
        return false;
    }
    *ret = json_integer_value(number);
    return true;
}

static void read_time_grouping(struct change *change, const json_t *config, struct service_rules *rules)
{
    const json_t *timeout = json_object_get(config, "timeout"), *seconds = json_object_get(config, "timeout_in_seconds");
    int64_t minutes = 0;
    if (json_is_integer(seconds))
        read_bounded(change, seconds, "service.alert_grouping_parameters.config.timeout_in_seconds", 0, GROUPING_MINUTES_MAX * 60, &rules->grouping_timeout_s);
    else if (timeout && !json_is_null(timeout) &&
             read_bounded(change, timeout, "service.alert_grouping_parameters.config.timeout", 0, GROUPING_MINUTES_MAX, &minutes))
        rules->grouping_timeout_s = minutes * 60;
}

static void read_content_grouping(struct change *change, const json_t *config, struct service_rules *rules)
{
    static const char *const aggregates[] = {"all", "any", NULL};
    const char *base = "service.alert_grouping_parameters.config";
    struct arena *arena = change->call->arena;
    struct problem *problem = change->call->problem;
    rules->grouping_aggregate = json_text_at(config, "aggregate");
    if (!is_one_of(rules->grouping_aggregate, aggregates))
        problem_add(problem, arena_printf(arena, "%s.aggregate", base), "must be one of all, any");
    const json_t *fields = json_object_get(config, "fields");
    size_t count = json_array_size(fields);
    if (count == 0 || count > GROUPING_FIELDS_MAX)
        problem_add(problem, arena_printf(arena, "%s.fields", base), "must name 1 to %d fields", GROUPING_FIELDS_MAX);
    for (size_t i = 0; i < count; i++)
        if (json_text_value(json_array_get(fields, i)).size == 0)
            problem_add(problem, arena_printf(arena, "%s.fields[%zu]", base, i), "cannot be empty");
    rules->grouping_fields = fields ? json_write(arena, fields) : TEXT("[]");
    const json_t *window = json_object_get(config, "time_window");
    if (window && !json_is_null(window) && !(json_is_integer(window) && json_integer_value(window) == 0))
        read_bounded(change, window, arena_printf(arena, "%s.time_window", base), GROUPING_WINDOW_MIN_S, GROUPING_WINDOW_MAX_S, &rules->grouping_timeout_s);
}

/* The older pair of fields, which some clients still send alone. */
static bool read_legacy_grouping(struct change *change, struct service_rules *rules)
{
    const json_t *type = change->body ? json_object_get(change->body, "alert_grouping") : NULL;
    if (!json_is_string(type) || (change->body && json_is_object(json_object_get(change->body, "alert_grouping_parameters"))))
        return false;
    if (!text_is(json_text_value(type), "time")) {
        problem_add(change->call->problem, "service.alert_grouping", "must be time; Muster has no intelligent grouping");
        return true;
    }
    const json_t *minutes = json_object_get(change->body, "alert_grouping_timeout");
    int64_t timeout = 0;
    rules->grouping_type = TEXT("time");
    if (minutes && !json_is_null(minutes) && read_bounded(change, minutes, "service.alert_grouping_timeout", 0, GROUPING_MINUTES_MAX, &timeout))
        rules->grouping_timeout_s = timeout * 60;
    return true;
}

static void read_grouping(struct change *change, struct service_rules *rules)
{
    bool given;
    if (read_legacy_grouping(change, rules))
        return;
    const json_t *parameters = change_custom(change, "alert_grouping_parameters", &given);
    const json_t *config = json_object_get(parameters, "config");
    struct text type = json_text_at(parameters, "type");
    if (type.size == 0)
        return;
    rules->grouping_type = type;
    rules->grouping_rolling = json_bool_at(config, "rolling", false);
    if (text_is(type, "time"))
        read_time_grouping(change, config, rules);
    else if (text_is(type, "content_based"))
        read_content_grouping(change, config, rules);
    else
        problem_add(change->call->problem, "service.alert_grouping_parameters.type",
                    "must be time, content_based or null; Muster has no intelligent grouping");
}

void service_rules_read(struct change *change, struct service_rules *ret)
{
    *ret = (struct service_rules){0};
    read_urgency_rule(change, ret);
    read_support_hours(change, ret);
    read_scheduled_actions(change, ret);
    read_grouping(change, ret);
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
    query_bind_text(q, "grouping_type", rules->grouping_type);
    query_bind_int(q, "grouping_timeout_s", rules->grouping_timeout_s);
    query_bind_bool(q, "grouping_rolling", rules->grouping_rolling);
    query_bind_text(q, "grouping_aggregate", rules->grouping_aggregate);
    query_bind_text(q, "grouping_fields", rules->grouping_fields);
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

static json_t *show_grouping(struct call *call, struct query *row)
{
    json_t *parameters = json_object_in(call->arena), *config = json_object_in(call->arena);
    struct text type = column(row, "grouping_type");
    int64_t timeout_s = query_int(row, query_column(row, "grouping_timeout_s"));
    json_put_text(parameters, "type", type);
    if (text_is(type, "time")) {
        json_put_int(config, "timeout", timeout_s / 60);
        json_put_int(config, "timeout_in_seconds", timeout_s);
    } else if (text_is(type, "content_based")) {
        json_put_text(config, "aggregate", column(row, "grouping_aggregate"));
        json_put(config, "fields", stored_json(call, column(row, "grouping_fields")));
        json_put_int(config, "time_window", timeout_s);
    }
    json_put_bool(config, "rolling", query_bool(row, query_column(row, "grouping_rolling")));
    json_put(parameters, "config", type.size > 0 ? config : NULL);
    return parameters;
}

void service_rules_show(struct call *call, struct query *row, json_t *object)
{
    json_put(object, "incident_urgency_rule", show_urgency_rule(call, row));
    json_put(object, "support_hours", show_support_hours(call, row));
    json_put(object, "scheduled_actions", stored_json(call, column(row, "scheduled_actions")));
    json_put(object, "alert_grouping_parameters", show_grouping(call, row));
    bool by_time = text_is(column(row, "grouping_type"), "time");
    json_put_text(object, "alert_grouping", by_time ? TEXT("time") : TEXT_NONE);
    if (by_time)
        json_put_int(object, "alert_grouping_timeout", query_int(row, query_column(row, "grouping_timeout_s")) / 60);
}
