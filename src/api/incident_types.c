/* Why: the sorts of incidents that an organisation tells apart (engine/incident_types.h): each below another, in the end below the base type. PagerDuty
 * deletes none and neither do we: a type that is disabled stays what old incidents are. */
#include "engine/incident_types.h"

#include "api/resources.h"
#include "core/custom_field.h"

static const struct field fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_ON_CREATE, .max = 50,
     .doc = "Lowercase letters, digits and underscores; unique; not ending in _default."},
    {.name = "display_name", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = 50, .doc = "Unique, whatever the case of letters."},
    {.name = "description", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = 1000},
    {.name = "enabled", .kind = FIELD_BOOLEAN, .fallback = "1", .doc = "No incident becomes one of a type that is not enabled."},
    {.name = "parent_type", .kind = FIELD_CUSTOM, .doc = "On create: id or name of the type that this one is below; default: the base type. Later values are ignored."},
    {.name = "parent", .kind = FIELD_REFERENCE, .flags = FIELD_READ_ONLY, .reference = "incident_type", .doc = "Null for the base type."},
    {.name = "created_at", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY},
    {.name = "updated_at", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY},
};

static enum err find_parent(struct change *change, struct text *parent_id)
{
    bool given;
    struct problem *problem = change->call->problem;
    const json_t *parent = change_custom(change, "parent_type", &given);
    *parent_id = TEXT(INCIDENT_TYPE_BASE);
    enum err err = given && !json_is_null(parent) ? incident_type_id(change->tx->db, change->call->arena, json_text_value(parent), parent_id) : OK;
    if (err == ERR_NOT_FOUND)
        problem_add(problem, "incident_type.parent_type", "is not the id or name of an incident type");
    if (err != OK)
        return err == ERR_NOT_FOUND ? OK : err;
    struct query *q = db_query(change->tx->db, "incident_type_place");
    query_bind_text(q, "id", *parent_id);
    if (!query_next(q))
        return query_err(q);
    if (query_int(q, 0) >= INCIDENT_TYPE_LEVELS_MAX)
        problem_add(problem, "incident_type.parent_type", "is %d levels below the base type already", INCIDENT_TYPE_LEVELS_MAX);
    if (query_int(q, 1) >= INCIDENT_TYPES_MAX)
        problem_add(problem, "incident_type", "would be more than %d", INCIDENT_TYPES_MAX);
    return OK;
}

static enum err check(struct change *change)
{
    struct problem *problem = change->call->problem;
    if (text_is(change->id, INCIDENT_TYPE_BASE)) {
        problem_add(problem, "incident_type", "cannot be changed: it is the base type");
        return OK;
    }
    struct text name = change_value(change, "name")->text;
    if (change->kind == CHANGE_CREATE && name.size > 0 && (!custom_field_name_is_valid(name) || text_ends_with(name, TEXT("_default"))))
        problem_add(problem, "incident_type.name", "may have lowercase letters, digits and underscores only and cannot end in _default");
    struct query *q = db_query(change->tx->db, "incident_type_namesakes");
    query_bind_text(q, "id", change->id);
    query_bind_text(q, "display_name", change_value(change, "display_name")->text);
    if (!query_next(q))
        return query_err(q);
    if (query_int(q, 0) > 0)
        problem_add(problem, "incident_type.display_name", "has already been taken");
    if (change->kind != CHANGE_CREATE)
        return OK;
    struct text *parent_id = ARENA_NEW(change->call->arena, struct text);
    change->custom = parent_id;
    return find_parent(change, parent_id);
}

static enum err write(struct change *change)
{
    switch (change->moment) {
    case MOMENT_CHECK: return check(change);
    case MOMENT_BIND:
        if (change->kind == CHANGE_CREATE)
            query_bind_text(change->statement, "parent_id", *(struct text *)change->custom);
        return OK;
    case MOMENT_STORED: return OK;
    }
    return OK;
}

static void show(struct call *call, struct query *row, json_t *object)
{
    (void)call;
    (void)row;
    json_put(object, "parent_type", json_at(json_at(object, "parent"), "id"));
}

static const struct filter filters[] = {
    {.query = "filter", .kind = FILTER_BLOCK, .parameter = "filter_", .choices = "enabled disabled all", .fallback = "enabled"},
};

const struct resource incident_type_resource = {
    .name = "incident_type", .plural = "incident_types", .path = "/incidents/types", .queries = "incident_type", .fields = fields,
    .field_count = FIELD_COUNT(fields), .summary = "display_name", .unique = "name", .filters = filters, .filter_count = FIELD_COUNT(filters),
    .write = write, .show = show,
};

/* Everywhere a type may be named as well. */
static enum err by_id_or_name(struct call *call)
{
    enum err err = incident_type_id(call->db, call->arena, call->path_parameters[0], &call->path_parameters[0]);
    return err == OK ? call->route->acts_as(call) : err;
}

static const struct route routes[] = {
    {"GET", "/incidents/types", MAY_READ, resource_list, .summary = "List incident types, the base type first", .resource = &incident_type_resource},
    {"POST", "/incidents/types", MAY_ADMINISTER, resource_create, .summary = "Create an incident type", .body_kind = "json",
     .resource = &incident_type_resource},
    {"GET", "/incidents/types/{type_id_or_name}", MAY_READ, by_id_or_name, .summary = "Get an incident type by id or name",
     .resource = &incident_type_resource, .acts_as = resource_get},
    {"PUT", "/incidents/types/{type_id_or_name}", MAY_ADMINISTER, by_id_or_name, .summary = "Update an incident type; its name and parent stay",
     .body_kind = "json", .resource = &incident_type_resource, .acts_as = resource_update},
};
const struct route_table incident_type_routes = {routes, sizeof routes / sizeof *routes};
