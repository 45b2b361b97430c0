/* Why: what can break: each service with its policy, its urgency rule and the way its alerts become incidents. */
#include "api/grouping_config.h"
#include "api/service_rules.h"
#include "api/resources.h"
#include "engine/service_switch.h"
#include "engine/webhooks.h"

enum { TIMEOUT_MAX_S = 30 * 86400 };

static const struct field fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = 255, .doc = "Unique, whatever the case of letters."},
    {.name = "description", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = 1024},
    {.name = "auto_resolve_timeout", .kind = FIELD_INTEGER, .flags = FIELD_NULLABLE, .column = "auto_resolve_timeout_s", .min = 0, .max = TIMEOUT_MAX_S,
     .fallback = "14400", .doc = "Seconds; null or 0 turns it off."},
    {.name = "acknowledgement_timeout", .kind = FIELD_INTEGER, .flags = FIELD_NULLABLE, .column = "acknowledgement_timeout_s", .min = 0,
     .max = TIMEOUT_MAX_S, .fallback = "1800", .doc = "Seconds; null or 0 turns it off."},
    {.name = "created_at", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY},
    {.name = "updated_at", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY},
    {.name = "status", .kind = FIELD_CUSTOM, .doc = "active, warning, critical, maintenance or disabled; only active and disabled can be set."},
    {.name = "last_incident_timestamp", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY, .column = "last_incident_at"},
    {.name = "escalation_policy", .kind = FIELD_REFERENCE, .flags = FIELD_REQUIRED, .column = "policy_id", .reference = "escalation_policy",
     .target = &escalation_policy_resource, .include = "escalation_policies"},
    {.name = "response_play", .kind = FIELD_FIXED, .fixed = "null"},
    {.name = "teams", .kind = FIELD_REFERENCES, .flags = FIELD_READ_ONLY, .reference = "team", .query = "service_teams", .target = &team_resource,
     .doc = "The teams of the escalation policy."},
    {.name = "integrations", .kind = FIELD_REFERENCES, .flags = FIELD_READ_ONLY, .reference = "integration", .query = "service_integrations",
     .target = &integration_resource},
    {.name = "incident_urgency_rule", .kind = FIELD_CUSTOM},
    {.name = "support_hours", .kind = FIELD_CUSTOM},
    {.name = "scheduled_actions", .kind = FIELD_CUSTOM},
    {.name = "addons", .kind = FIELD_FIXED, .fixed = "[]"},
    {.name = "alert_creation", .kind = FIELD_CHOICE, .choices = "create_alerts_and_incidents create_incidents", .fallback = "create_alerts_and_incidents"},
    {.name = "alert_grouping_parameters", .kind = FIELD_CUSTOM,
     .doc = "As an alert grouping setting of this service alone, timeout in minutes; a change takes the service out of one that it shares."},
    {.name = "alert_grouping", .kind = FIELD_CUSTOM},
    {.name = "alert_grouping_timeout", .kind = FIELD_CUSTOM},
    {.name = "auto_pause_notifications_parameters", .kind = FIELD_FIXED, .fixed = "{\"enabled\":false,\"timeout\":0}"},
};

static const struct filter filters[] = {
    {.query = "query", .kind = FILTER_TEXT, .parameter = "query"},
    {.query = "name", .kind = FILTER_TEXT, .parameter = "name"},
    {.query = "team_ids[]", .kind = FILTER_LIST, .parameter = "team_ids"},
};

struct custom {
    struct service_rules rules;
    struct text status;
};

static void zero_is_off(struct value *value)
{
    if (!value->null && value->number == 0)
        value->null = true;
}

static void check(struct change *change)
{
    struct custom *custom = ARENA_NEW(change->call->arena, struct custom);
    change->custom = custom;
    bool given;
    const json_t *status = change_custom(change, "status", &given);
    /* The other states are seen, not set: a client sends back what it read. */
    custom->status = text_is(json_text_value(status), "disabled") ? TEXT("disabled") : TEXT("active");
    zero_is_off(change_value(change, "auto_resolve_timeout"));
    zero_is_off(change_value(change, "acknowledgement_timeout"));
    service_rules_read(change, &custom->rules);
    service_grouping_check(change);
}

static enum err drop_field_values(struct change *change)
{
    struct query *q = db_query(change->tx->db, "custom_field_service_values_drop");
    query_bind_text(q, "id", change->id);
    return query_run(q);
}

static enum err retire(struct change *change)
{
    struct query *q = db_query(change->tx->db, "service_integrations_delete");
    query_bind_text(q, "id", change->id);
    query_bind_instant(q, "now", change->tx->now);
    enum err err = query_run(q);
    if (err == OK)
        err = service_dependencies_clear(change);
    if (err == OK)
        err = drop_field_values(change);
    return err == OK ? service_grouping_clear(change) : err;
}

static enum err stored(struct change *change)
{
    const struct custom *custom = change->custom;
    bool was_disabled = text_is(json_text_at(change->before, "status"), "disabled");
    enum err err = change->kind == CHANGE_DELETE ? retire(change) : service_grouping_store(change);
    bool switched = change->kind == CHANGE_DELETE || (change->kind == CHANGE_UPDATE && text_is(custom->status, "disabled") != was_disabled);
    if (err == OK && switched)
        err = service_switched(change->tx, change->id);
    static const enum webhook_event events[] = {
        [CHANGE_CREATE] = WEBHOOK_SERVICE_CREATED, [CHANGE_UPDATE] = WEBHOOK_SERVICE_UPDATED, [CHANGE_DELETE] = WEBHOOK_SERVICE_DELETED};
    return err == OK ? webhooks_service(change->tx, events[change->kind], change->id, &change->actor) : err;
}

static enum err write(struct change *change)
{
    struct custom *custom = change->custom;
    switch (change->moment) {
    case MOMENT_CHECK:
        if (change->kind != CHANGE_DELETE)
            check(change);
        return OK;
    case MOMENT_BIND:
        query_bind_text(change->statement, "status", custom->status);
        service_rules_bind(change->statement, &custom->rules);
        return OK;
    case MOMENT_STORED: return stored(change);
    }
    return OK;
}

static void show(struct call *call, struct query *row, json_t *object)
{
    json_put_text(object, "status", query_text(row, query_column(row, "shown_status")));
    service_rules_show(call, row, object);
    service_grouping_show(call, row, object);
}

const struct resource service_resource = {
    .name = "service", .plural = "services", .path = "/services", .html_path = "/app/services", .queries = "service", .fields = fields,
    .field_count = FIELD_COUNT(fields), .unique = "name", .filters = filters, .filter_count = FIELD_COUNT(filters), .sorts = "name:asc name:desc",
    .has_sight = true, .paged = true, .list_needs_now = true, .get_needs_now = true, .write = write, .show = show,
};

static const struct route routes[] = {
    {"GET", "/services", MAY_READ, resource_list, .summary = "List services", .resource = &service_resource},
    {"POST", "/services", MAY_MANAGE, resource_create, .summary = "Create a service", .body_kind = "json", .resource = &service_resource},
    {"GET", "/services/{id}", MAY_READ, resource_get, .summary = "Get a service", .resource = &service_resource},
    {"PUT", "/services/{id}", MAY_MANAGE, resource_update, .team_of = TEAM_OF_SERVICE, .summary = "Update a service", .body_kind = "json", .resource = &service_resource},
    {"DELETE", "/services/{id}", MAY_MANAGE, resource_delete, .team_of = TEAM_OF_SERVICE, .summary = "Delete a service; its keys accept nothing any more",
     .resource = &service_resource},
};
const struct route_table service_routes = {routes, sizeof routes / sizeof *routes};
