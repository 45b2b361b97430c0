/* Why: when and how each person wants to be called: the rules per urgency and those for the change of shift. */
#include "api/resources.h"
#include "engine/handoffs.h"
#include "engine/pages.h"

/* The method must be the same user's. */
static enum err check_method(struct change *change)
{
    struct value *method = change_value(change, "contact_method");
    if (change->kind == CHANGE_DELETE || method->text.size == 0)
        return OK;
    struct query *q = db_query(change->tx->db, "contact_method_get");
    query_bind_text(q, "id", method->text);
    bool found = query_next(q);
    if (query_failed(q))
        return query_err(q);
    if (found && !text_equal(query_text(q, query_column(q, "parent_id")), change->parent_id))
        problem_add(change->call->problem, change_path(change, "contact_method.id"), "belongs to another user");
    return OK;
}

static const struct field rule_fields[] = {
    {.name = "start_delay_in_minutes", .kind = FIELD_CUSTOM, .doc = "0 to 1440."},
    {.name = "start_delay_in_seconds", .kind = FIELD_CUSTOM, .doc = "Muster: the exact delay; decides when both are given."},
    {.name = "contact_method", .kind = FIELD_REFERENCE, .flags = FIELD_REQUIRED | FIELD_WHOLE, .column = "contact_method_id", .reference = "contact_method",
     .target = &contact_method_resource},
    {.name = "created_at", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY},
    {.name = "urgency", .kind = FIELD_CHOICE, .flags = FIELD_REQUIRED, .choices = "high low"},
};

static const struct filter rule_filters[] = {
    {.query = "urgency", .kind = FILTER_BLOCK, .parameter = "urgency_", .choices = "high low all"},
};

static enum err read_delay(struct change *change, int64_t *ret_delay_s)
{
    bool seconds_given, minutes_given;
    const json_t *seconds = change_custom(change, "start_delay_in_seconds", &seconds_given);
    const json_t *minutes = change_custom(change, "start_delay_in_minutes", &minutes_given);
    /* A client that knows only minutes sends back rounded ones: an unchanged number keeps the exact delay. */
    bool use_seconds = seconds_given || !minutes_given;
    if (!seconds_given && minutes_given && change->before && json_same(minutes, json_at(change->before, "start_delay_in_minutes")))
        use_seconds = true;
    const json_t *used = use_seconds ? seconds : minutes;
    const char *path = change_path(change, use_seconds && seconds_given ? "start_delay_in_seconds" : "start_delay_in_minutes");
    int64_t unit = use_seconds ? 1 : 60;
    if (!used || json_is_null(used))
        problem_add(change->call->problem, path, "cannot be empty");
    else if (!json_is_integer(used) || json_integer_value(used) < 0 || json_integer_value(used) > 86400 / unit)
        problem_add(change->call->problem, path, "must be between 0 and %lld", (long long)(86400 / unit));
    else
        *ret_delay_s = json_integer_value(used) * unit;
    return OK;
}

static enum err check_not_twice(struct change *change, int64_t delay_s)
{
    struct query *q = db_query(change->tx->db, "notification_rule_same");
    query_bind_text(q, "id", change->id);
    query_bind_text(q, "user_id", change->parent_id);
    query_bind_text(q, "urgency", change_value(change, "urgency")->text);
    query_bind_int(q, "start_delay_s", delay_s);
    query_bind_text(q, "contact_method_id", change_value(change, "contact_method")->text);
    if (query_next(q))
        problem_add(change->call->problem, NULL, "there is already a rule for this contact method, urgency and delay");
    return query_failed(q) ? query_err(q) : OK;
}

static enum err check_rule(struct change *change)
{
    if (change->kind == CHANGE_DELETE)
        return OK;
    int64_t *delay_s = ARENA_NEW(change->call->arena, int64_t);
    change->custom = delay_s;
    enum err err = check_method(change);
    if (err == OK)
        err = read_delay(change, delay_s);
    return err == OK && problem_is_empty(change->call->problem) ? check_not_twice(change, *delay_s) : err;
}

static enum err write_rule(struct change *change)
{
    switch (change->moment) {
    case MOMENT_CHECK: return check_rule(change);
    case MOMENT_BIND: query_bind_int(change->statement, "start_delay_s", *(int64_t *)change->custom); return OK;
    case MOMENT_STORED: return pages_ladder_changed(change->tx, change->parent_id);
    }
    return OK;
}

static void show_rule(struct call *call, struct query *row, json_t *object)
{
    (void)call;
    int64_t delay_s = query_int(row, query_column(row, "start_delay_s"));
    json_put_int(object, "start_delay_in_minutes", delay_s / 60);
    json_put_int(object, "start_delay_in_seconds", delay_s);
}

const struct resource notification_rule_resource = {
    .name = "notification_rule", .type = "assignment_notification_rule", .plural = "notification_rules", .path = "/users/{id}/notification_rules",
    .queries = "notification_rule", .parent = &user_resource, .fields = rule_fields, .field_count = FIELD_COUNT(rule_fields),
    .filters = rule_filters, .filter_count = FIELD_COUNT(rule_filters), .untimed_update = true, .untimed_delete = true, .write = write_rule,
    .show = show_rule,
};

static const struct field handoff_fields[] = {
    {.name = "handoff_type", .kind = FIELD_CHOICE, .choices = "both oncall offcall", .fallback = "both"},
    {.name = "notify_advance_in_minutes", .kind = FIELD_MINUTES, .column = "advance_s", .min = 0, .max = 10080, .fallback = "0"},
    {.name = "contact_method", .kind = FIELD_REFERENCE, .flags = FIELD_REQUIRED | FIELD_WHOLE, .column = "contact_method_id", .reference = "contact_method",
     .target = &contact_method_resource},
};

static enum err write_handoff(struct change *change)
{
    switch (change->moment) {
    case MOMENT_CHECK: return check_method(change);
    case MOMENT_BIND: return OK;
    case MOMENT_STORED: return handoffs_reschedule_user(change->tx, change->parent_id);
    }
    return OK;
}

const struct resource handoff_rule_resource = {
    .name = "oncall_handoff_notification_rule", .plural = "oncall_handoff_notification_rules", .path = "/users/{id}/oncall_handoff_notification_rules",
    .queries = "handoff_rule", .parent = &user_resource, .fields = handoff_fields, .field_count = FIELD_COUNT(handoff_fields), .no_type = true,
    .untimed_update = true, .untimed_delete = true, .write = write_handoff,
};

#define RULES "/users/{id}/notification_rules"
#define HANDOFFS "/users/{id}/oncall_handoff_notification_rules"
static const struct route routes[] = {
    {"GET", RULES, MAY_READ, resource_list, .summary = "List the notification rules of a user", .resource = &notification_rule_resource},
    {"POST", RULES, MAY_SELF_OR_MANAGE, resource_create, .summary = "Create a notification rule", .body_kind = "json",
     .resource = &notification_rule_resource},
    {"GET", RULES "/{notification_rule_id}", MAY_READ, resource_get, .summary = "Get a notification rule", .resource = &notification_rule_resource},
    {"PUT", RULES "/{notification_rule_id}", MAY_SELF_OR_MANAGE, resource_update, .summary = "Update a notification rule", .body_kind = "json",
     .resource = &notification_rule_resource},
    {"DELETE", RULES "/{notification_rule_id}", MAY_SELF_OR_MANAGE, resource_delete, .summary = "Delete a notification rule",
     .resource = &notification_rule_resource},
    {"GET", HANDOFFS, MAY_READ, resource_list, .summary = "List the handoff notification rules of a user", .resource = &handoff_rule_resource},
    {"POST", HANDOFFS, MAY_SELF_OR_MANAGE, resource_create, .summary = "Create a handoff notification rule", .body_kind = "json",
     .resource = &handoff_rule_resource},
    {"GET", HANDOFFS "/{oncall_handoff_notification_rule_id}", MAY_READ, resource_get, .summary = "Get a handoff notification rule",
     .resource = &handoff_rule_resource},
    {"PUT", HANDOFFS "/{oncall_handoff_notification_rule_id}", MAY_SELF_OR_MANAGE, resource_update, .summary = "Update a handoff notification rule",
     .body_kind = "json", .resource = &handoff_rule_resource},
    {"DELETE", HANDOFFS "/{oncall_handoff_notification_rule_id}", MAY_SELF_OR_MANAGE, resource_delete,
     .summary = "Delete a handoff notification rule", .resource = &handoff_rule_resource},
};
const struct route_table notification_rule_routes = {routes, sizeof routes / sizeof *routes};
