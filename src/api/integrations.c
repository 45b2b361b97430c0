/* Why: the keys by which events find their service. */
#include "api/resources.h"
#include "api/vendors.h"
#include "base/id.h"

enum { INTEGRATION_KEY_LENGTH = 32 };

static const struct field fields[] = {
    {.name = "name", .kind = FIELD_CUSTOM, .doc = "Default: the vendor's or the type's."},
    {.name = "service", .kind = FIELD_REFERENCE, .flags = FIELD_READ_ONLY, .column = "service_id", .reference = "service", .target = &service_resource,
     .include = "services"},
    {.name = "created_at", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY},
    {.name = "vendor", .kind = FIELD_CUSTOM},
    {.name = "integration_key", .kind = FIELD_TEXT, .flags = FIELD_READ_ONLY | FIELD_MANAGERS,
     .doc = "32 characters; the routing key of events. Null for roles that may not manage."},
    {.name = "integration_email", .kind = FIELD_FIXED, .fixed = "null"},
};

static const struct type {
    const char *type, *name;
} types[] = {
    {"events_api_v2_inbound_integration", "Events API v2"},
    {"generic_events_api_inbound_integration", "Events API v1"},
    {"event_transformer_api_inbound_integration", "Webhook"},
    {"aws_cloudwatch_inbound_integration", "Amazon CloudWatch"},
    {"cloudkick_inbound_integration", "Cloudkick"},
    {"keynote_inbound_integration", "Keynote"},
    {"nagios_inbound_integration", "Nagios"},
    {"pingdom_inbound_integration", "Pingdom"},
    {"sql_monitor_inbound_integration", "SQL Monitor"},
};

struct custom {
    struct text type, name, vendor_id, key;
};

static const struct type *find_type(struct text type)
{
    if (type.size == 0)
        return &types[0];
    if (text_ends_with(type, TEXT("_reference")))
        type.size -= sizeof "_reference" - 1;
    for (size_t i = 0; i < FIELD_COUNT(types); i++)
        if (text_is(type, types[i].type))
            return &types[i];
    return NULL;
}

static const struct vendor *read_vendor(struct change *change, struct custom *custom)
{
    bool given;
    const json_t *vendor = change_custom(change, "vendor", &given);
    if (!vendor || json_is_null(vendor))
        return NULL;
    custom->vendor_id = json_text_at(vendor, "id");
    const struct vendor *found = vendor_find(custom->vendor_id);
    if (!found)
        problem_add(change->call->problem, "integration.vendor.id", custom->vendor_id.size == 0 ? "cannot be empty" : "does not exist");
    return found;
}

static void read_name(struct change *change, struct custom *custom, const char *fallback)
{
    bool given;
    const json_t *name = change_custom(change, "name", &given);
    custom->name = name && !json_is_null(name) ? text_trim(json_text_value(name)) : text_of(fallback);
    if (custom->name.size == 0)
        problem_add(change->call->problem, "integration.name", json_is_string(name) ? "cannot be empty" : "must be a string");
    else if (text_utf8_length(custom->name) > 255)
        problem_add(change->call->problem, "integration.name", "is too long (maximum is 255 characters)");
}

static void check(struct change *change)
{
    struct custom *custom = ARENA_NEW(change->call->arena, struct custom);
    change->custom = custom;
    struct text wanted = json_text_at(change->kind == CHANGE_CREATE ? change->body : change->before, "type");
    bool given;
    const json_t *of_vendor = change_custom(change, "vendor", &given);
    /* Terraform's word for a type that the vendor decides. */
    const struct type *type = text_is(wanted, "service_integration") && of_vendor && !json_is_null(of_vendor) ? &types[0] : find_type(wanted);
    if (text_starts_with(wanted, TEXT("generic_email_inbound_integration")))
        problem_add(change->call->problem, "integration.type", "cannot be generic_email_inbound_integration: this Muster does not receive mail");
    else if (!type)
        problem_add(change->call->problem, "integration.type", "is not a type of integration Muster knows");
    const struct vendor *vendor = read_vendor(change, custom);
    read_name(change, custom, vendor ? vendor->name : type ? type->name : "Integration");
    custom->type = text_of(type ? type->type : "");
    custom->key = id_new_key(change->tx->env, change->call->arena, INTEGRATION_KEY_LENGTH);
}

static void bind(struct change *change)
{
    const struct custom *custom = change->custom;
    query_bind_text(change->statement, "name", custom->name);
    query_bind_text(change->statement, "vendor_id", custom->vendor_id);
    if (change->kind != CHANGE_CREATE)
        return;
    query_bind_text(change->statement, "type", custom->type);
    query_bind_text(change->statement, "integration_key", custom->key);
}

static enum err write(struct change *change)
{
    switch (change->moment) {
    case MOMENT_CHECK:
        if (change->kind != CHANGE_DELETE)
            check(change);
        return OK;
    case MOMENT_BIND: bind(change); return OK;
    case MOMENT_STORED: return OK;
    }
    return OK;
}

static void show(struct call *call, struct query *row, json_t *object)
{
    json_put_text(object, "type", query_text(row, query_column(row, "type")));
    json_put_text(object, "name", query_text(row, query_column(row, "name")));
    const struct vendor *vendor = vendor_find(query_text(row, query_column(row, "vendor_id")));
    if (vendor)
        json_put(object, "vendor", api_reference_to(call, "vendor", text_of(vendor->id), text_of(vendor->name)));
}

const struct resource integration_resource = {
    .name = "integration", .plural = "integrations", .path = "/services/{id}/integrations", .html_path = "/app/services/{id}/integrations",
    .queries = "integration", .parent = &service_resource, .fields = fields, .field_count = FIELD_COUNT(fields), .untimed_update = true, .write = write,
    .show = show,
};

static const struct route routes[] = {
    {"GET", "/services/{id}/integrations", MAY_READ, resource_list, .summary = "Muster: list the integrations of a service",
     .resource = &integration_resource},
    {"POST", "/services/{id}/integrations", MAY_MANAGE, resource_create, .team_of = TEAM_OF_SERVICE, .summary = "Create an integration", .body_kind = "json",
     .resource = &integration_resource},
    {"GET", "/services/{id}/integrations/{integration_id}", MAY_READ, resource_get, .summary = "Get an integration", .resource = &integration_resource},
    {"PUT", "/services/{id}/integrations/{integration_id}", MAY_MANAGE, resource_update, .team_of = TEAM_OF_SERVICE, .summary = "Update an integration", .body_kind = "json",
     .resource = &integration_resource},
    {"DELETE", "/services/{id}/integrations/{integration_id}", MAY_MANAGE, resource_delete, .team_of = TEAM_OF_SERVICE, .summary = "Delete an integration",
     .resource = &integration_resource},
};
const struct route_table integration_routes = {routes, sizeof routes / sizeof *routes};
