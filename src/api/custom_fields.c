/* Why: defining the custom fields of incidents and of services (core/custom_field.h) and what may be chosen in them. PagerDuty has those of incidents
 * below an incident type, and in its older paths below all incidents. Here they are all the base type's, which every type inherits from. Fields of services have no default. */
#include "core/custom_field.h"

#include "api/resources.h"
#include "engine/custom_fields.h"
#include "engine/incident_types.h"

#define BASE_TYPE INCIDENT_TYPE_BASE
#define BASE_NAME "incident_default"
#define FIELDS_PATH "/incidents/types/" BASE_TYPE "/custom_fields"

#define SERVICE_FIELDS_PATH "/services/custom_fields"

extern const struct resource field_resource, service_field_resource;

/* Options ------------------------------------------------------------------------------------------------------------------- */

static const struct field option_fields[] = {
    {.name = "data", .kind = FIELD_CUSTOM, .doc = "{\"data_type\": \"string\", \"value\": ...}; unique among the options of its field."},
    {.name = "created_at", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY},
    {.name = "updated_at", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY},
};

/* The default of a field must stay one of its options. */
static enum err check_not_default(struct change *change, struct text value)
{
    json_t *field;
    enum err err = resource_read(change->call, change->resource->parent, TEXT_NONE, change->parent_id, false, &field);
    if (err != OK)
        return err;
    const json_t *fallback = json_object_get(field, "default_value");
    bool is_default = text_equal(json_text_value(fallback), value);
    for (size_t i = 0; i < json_array_size(fallback); i++)
        is_default = is_default || text_equal(json_text_value(json_array_get(fallback, i)), value);
    if (is_default)
        problem_add(change->call->problem, change->kind == CHANGE_DELETE ? NULL : "field_option.data.value", "the field's default value is this option");
    return OK;
}

static enum err check_room(struct change *change)
{
    const struct text *options;
    size_t count;
    json_t *field;
    enum err err = resource_read(change->call, change->resource->parent, TEXT_NONE, change->parent_id, false, &field);
    if (err == OK)
        err = custom_field_options(change->tx->db, change->call->arena, change->parent_id, &options, &count);
    if (err != OK)
        return err;
    if (!custom_field_is_fixed(json_text_at(field, "field_type")))
        problem_add(change->call->problem, "field_option", "belongs to a field that takes any value");
    if (count >= CUSTOM_FIELD_OPTIONS_MAX)
        problem_add(change->call->problem, "field_option", "would be more than %d of its field", CUSTOM_FIELD_OPTIONS_MAX);
    return OK;
}

static enum err check_option(struct change *change)
{
    bool given;
    struct text before = json_text_at(json_object_get(change->before, "data"), "value");
    if (change->kind == CHANGE_DELETE)
        return check_not_default(change, before);
    const json_t *data = change_custom(change, "data", &given);
    struct text *value = ARENA_NEW(change->call->arena, struct text);
    *value = json_text_at(data, "value");
    change->custom = value;
    const json_t *type = json_object_get(data, "data_type");
    if (type && !text_is(json_text_value(type), "string"))
        problem_add(change->call->problem, "field_option.data.data_type", "must be string");
    const int longest = change->resource->parent == &field_resource ? CUSTOM_FIELD_OPTION_CHARS_MAX : CUSTOM_FIELD_SERVICE_OPTION_CHARS_MAX;
    if (value->size == 0 || text_utf8_length(*value) > (size_t)longest)
        problem_add(change->call->problem, "field_option.data.value", "must be a string of 1 to %d characters", longest);
    if (change->kind == CHANGE_CREATE)
        return check_room(change);
    return text_equal(before, *value) ? OK : check_not_default(change, before);
}

static enum err write_option(struct change *change)
{
    switch (change->moment) {
    case MOMENT_CHECK: return check_option(change);
    case MOMENT_BIND: query_bind_text(change->statement, "value", *(struct text *)change->custom); return OK;
    case MOMENT_STORED: return OK;
    }
    return OK;
}

static void show_option(struct call *call, struct query *row, json_t *object)
{
    json_t *data = json_object_in(call->arena);
    json_put_string(data, "data_type", "string");
    json_put_text(data, "value", query_text(row, query_column(row, "value")));
    json_put(object, "data", data);
}

static const struct resource option_resource = {
    .name = "field_option", .plural = "field_options", .path = FIELDS_PATH "/{id}/field_options", .queries = "field_option", .parent = &field_resource,
    .fields = option_fields, .field_count = FIELD_COUNT(option_fields), .summary = "value", .unique = "data", .untimed_delete = true, .write = write_option,
    .show = show_option,
};

static const struct resource service_option_resource = {
    .name = "field_option", .plural = "field_options", .path = SERVICE_FIELDS_PATH "/{id}/field_options", .queries = "field_option",
    .parent = &service_field_resource, .fields = option_fields, .field_count = FIELD_COUNT(option_fields), .summary = "value", .unique = "data",
    .untimed_delete = true, .write = write_option, .show = show_option,
};

/* Fields -------------------------------------------------------------------------------------------------------------------- */

/* The last are of incidents alone. */
enum { FIELDS_OF_INCIDENTS = 3 };

static const struct field fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED | FIELD_ON_CREATE, .max = 50, .doc = "Lowercase letters, digits and underscores; unique."},
    {.name = "display_name", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = 50, .doc = "Unique, whatever the case of letters."},
    {.name = "description", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = 1000},
    {.name = "data_type", .kind = FIELD_CHOICE, .flags = FIELD_REQUIRED | FIELD_ON_CREATE, .choices = CUSTOM_FIELD_DATA_TYPES},
    {.name = "field_type", .kind = FIELD_CHOICE, .flags = FIELD_REQUIRED | FIELD_ON_CREATE, .choices = CUSTOM_FIELD_FIELD_TYPES,
     .doc = "Several values and fixed options are for strings."},
    {.name = "enabled", .kind = FIELD_BOOLEAN, .fallback = "1", .doc = "A field that is not enabled is neither shown nor set."},
    {.name = "field_options", .kind = FIELD_CUSTOM, .doc = "In their order. On update those with an id change, those without are added, those not named are deleted."},
    {.name = "created_at", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY},
    {.name = "updated_at", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY},
    {.name = "default_value", .kind = FIELD_CUSTOM, .doc = "Of incidents opened from then on."},
    {.name = "incident_type", .kind = FIELD_FIXED, .fixed = "\"" BASE_TYPE "\"", .doc = "The id of the type; its name below a path that names it so."},
    {.name = "namespace", .kind = FIELD_FIXED, .fixed = "\"incidents\""},
};

static enum err check_others(struct change *change)
{
    struct query *q = db_query(change->tx->db, "field_others");
    query_bind_text(q, "id", change->id);
    query_bind_text(q, "owner", text_of(change->resource->owner));
    query_bind_text(q, "display_name", change_value(change, "display_name")->text);
    if (!query_next(q))
        return query_err(q);
    if (query_int(q, 1) > 0)
        problem_add(change->call->problem, "field.display_name", "has already been taken");
    if (change->kind == CHANGE_CREATE && query_int(q, 0) >= CUSTOM_FIELDS_MAX)
        problem_add(change->call->problem, "field", "would be more than %d", CUSTOM_FIELDS_MAX);
    return OK;
}

/* NULL: the request leaves them as they are. */
static const json_t *wanted_options(const struct change *change)
{
    bool given;
    const json_t *options = change_custom(change, "field_options", &given);
    return given && !json_is_null(options) ? options : NULL;
}

/* The options that there will be. */
static void coming_options(struct change *change, struct custom_field *field)
{
    const json_t *wanted = wanted_options(change), *coming = wanted ? wanted : json_object_get(change->before, "field_options");
    struct text *options = ARENA_ARRAY(change->call->arena, struct text, CUSTOM_FIELD_OPTIONS_MAX);
    for (size_t i = 0; i < json_array_size(coming) && i < CUSTOM_FIELD_OPTIONS_MAX; i++)
        options[field->option_count++] = json_text_at(json_object_get(json_array_get(coming, i), "data"), "value");
    field->options = options;
}

/* A default must be among the options also when only these change. */
static void check_default(struct change *change, struct custom_field *field)
{
    bool given;
    struct problem *problem = change->call->problem;
    const json_t *named = json_object_get(change->body, "default_value");
    if (change->resource == &service_field_resource && named && !json_is_null(named))
        problem_add(problem, "field.default_value", "is for fields of incidents");
    if (change->resource == &service_field_resource)
        return;
    const json_t *fallback = change_custom(change, "default_value", &given);
    coming_options(change, field);
    if (fallback && (given || wanted_options(change)))
        custom_field_check(field, fallback, "field.default_value", change->call->arena, problem);
}

static enum err check_field(struct change *change)
{
    struct problem *problem = change->call->problem;
    struct custom_field field = {.data_type = change_value(change, "data_type")->text, .field_type = change_value(change, "field_type")->text};
    struct text name = change_value(change, "name")->text;
    if (name.size > 0 && !custom_field_name_is_valid(name))
        problem_add(problem, "field.name", "may have lowercase letters, digits and underscores only");
    if (field.data_type.size > 0 && field.field_type.size > 0 && !custom_field_types_fit(field.data_type, field.field_type))
        problem_add(problem, "field.field_type", "must be single_value unless data_type is string");
    const json_t *options = wanted_options(change);
    if (options && (!json_is_array(options) || json_array_size(options) > CUSTOM_FIELD_OPTIONS_MAX))
        problem_add(problem, "field.field_options", "must be a list of at most %d options", CUSTOM_FIELD_OPTIONS_MAX);
    bool fixed = custom_field_is_fixed(field.field_type);
    if (json_array_size(options) > 0 && !fixed)
        problem_add(problem, "field.field_options", "are for the field types that end in _fixed");
    check_default(change, &field);
    return check_others(change);
}

static enum err run_for_field(struct change *change, const char *name)
{
    struct query *q = db_query(change->tx->db, name);
    query_bind_text(q, "id", change->id);
    return query_run(q);
}

/* What was set stays in the record of the incident or the service. */
static enum err clear_field(struct change *change)
{
    change->wrote = true;
    enum err err = run_for_field(change, change->resource == &field_resource ? "field_values_clear" : "field_service_values_clear");
    if (err == OK)
        err = run_for_field(change, "field_defaults_clear");
    return err == OK ? run_for_field(change, "field_options_clear") : err;
}

static enum err store_default(struct change *change)
{
    bool given;
    if (change->resource != &field_resource)
        return OK;
    const json_t *fallback = change_custom(change, "default_value", &given);
    if (!given || json_same(fallback, json_object_get(change->before, "default_value")))
        return OK;
    struct query *q = db_query(change->tx->db, "field_default_set");
    query_bind_text(q, "id", change->id);
    query_bind_instant(q, "now", change->tx->now);
    query_bind_text(q, "value", json_write(change->call->arena, fallback));
    return query_run(q);
}

static const struct resource *options_of(const struct change *change)
{
    return change->resource == &field_resource ? &option_resource : &service_option_resource;
}

static enum err place_option(struct change *change, struct text id, size_t position)
{
    struct query *q = db_query(change->tx->db, "field_option_place");
    query_bind_text(q, "id", id);
    query_bind_int(q, "position", (int64_t)position);
    return query_run(q);
}

static enum err store_option(struct change *change, const json_t *wanted, size_t index)
{
    struct problem *problem = change->call->problem;
    size_t mistakes = problem->count;
    struct text id = json_text_at(wanted, "id");
    enum err err = id.size > 0 && change->kind == CHANGE_UPDATE ? resource_update_in(change, options_of(change), change->id, id, wanted)
                                                                : resource_create_in(change, options_of(change), change->id, wanted, &id);
    if (err == OK)
        err = place_option(change, id, index + 1);
    const char *path = arena_printf(change->call->arena, "field.field_options[%zu]", index);
    if (err == ERR_NOT_FOUND) {
        problem_add(problem, arena_printf(change->call->arena, "%s.id", path), "does not exist");
        err = ERR_INVALID;
    }
    for (size_t i = mistakes; i < problem->count; i++) {
        struct text place = problem->mistakes[i].path, prefix = TEXT("field_option");
        if (text_starts_with(place, prefix) && !text_starts_with(place, TEXT("field_options")))
            problem->mistakes[i].path = text_printf(change->call->arena, "%s%.*s", path, TEXT_ARG(text_slice(place, prefix.size, place.size)));
    }
    return err;
}

static bool has_id(const json_t *options, struct text id)
{
    for (size_t i = 0; i < json_array_size(options); i++)
        if (text_equal(json_text_at(json_array_get(options, i), "id"), id))
            return true;
    return false;
}

static enum err store_options(struct change *change, const json_t *wanted)
{
    const json_t *before = json_object_get(change->before, "field_options");
    enum err err = OK;
    for (size_t i = 0; i < json_array_size(before) && err == OK; i++) {
        struct text id = json_text_at(json_array_get(before, i), "id");
        if (!has_id(wanted, id))
            err = resource_delete_in(change, options_of(change), change->id, id);
    }
    for (size_t i = 0; i < json_array_size(wanted) && err == OK; i++)
        err = store_option(change, json_array_get(wanted, i), i);
    return err;
}

static enum err store_field(struct change *change)
{
    const json_t *wanted = wanted_options(change);
    enum err err = store_default(change);
    return err == OK && wanted ? store_options(change, wanted) : err;
}

static enum err write_field(struct change *change)
{
    switch (change->moment) {
    case MOMENT_CHECK: return change->kind == CHANGE_DELETE ? clear_field(change) : check_field(change);
    case MOMENT_BIND: return OK;
    case MOMENT_STORED: return change->kind == CHANGE_DELETE ? OK : store_field(change);
    }
    return OK;
}

/* Below a type everything is as in the paths without one, but what is inherited changes where it is from. Which type was asked for moves behind the
 * other parameters. */
static enum err in_type(struct call *call)
{
    struct text type = call->path_parameters[0], id;
    enum err err = incident_type_id(call->db, call->arena, type, &id);
    if (err != OK)
        return err;
    if (!text_is(id, BASE_TYPE)) {
        if (strcmp(call->route->method, "GET") != 0) {
            problem_add(call->problem, "field", "belongs to the base type: define it below " BASE_NAME);
            return ERR_INVALID;
        }
        type = TEXT(BASE_TYPE);
    }
    for (size_t i = 1; i < PATH_PARAMETERS_MAX; i++)
        call->path_parameters[i - 1] = call->path_parameters[i];
    call->path_parameters[PATH_PARAMETERS_MAX - 1] = type;
    return call->route->acts_as(call);
}

/* PagerDuty's Terraform provider keeps what it reads as what was written, and its own example writes the name. */
static void show_type(struct call *call, json_t *object)
{
    if (call->route->handle == in_type)
        json_put_text(object, "incident_type", call->path_parameters[PATH_PARAMETERS_MAX - 1]);
}

static void show_options(struct call *call, const struct resource *resource, json_t *object)
{
    json_t *options = json_array_in(call->arena);
    struct query *q = db_query(call->db, "field_option_list");
    query_bind_text(q, "parent_id", json_text_at(object, "id"));
    query_bind_int(q, "limit", CUSTOM_FIELD_OPTIONS_MAX);
    query_bind_int(q, "offset", 0);
    while (query_next(q))
        json_append(options, resource_encode(call, resource, q, false));
    if (query_failed(q))
        call->read_error = query_err(q);
    json_put(object, "field_options", options);
}

static void show_field(struct call *call, struct query *row, json_t *object)
{
    show_type(call, object);
    struct text fallback = query_text(row, query_column(row, "default_value"));
    if (text_is_present(fallback))
        json_put(object, "default_value", json_object_get(json_read(call->arena, text_printf(call->arena, "{\"value\":%.*s}", TEXT_ARG(fallback)),
                                                                    call->problem), "value"));
    show_options(call, &option_resource, object);
}

static void show_service_field(struct call *call, struct query *row, json_t *object)
{
    (void)row;
    show_options(call, &service_option_resource, object);
}

/* In PagerDuty's answers the summary of an incident's field is its name, of a service's what is displayed. */
const struct resource field_resource = {
    .name = "field", .plural = "fields", .path = FIELDS_PATH, .queries = "field", .owner = "incident", .fields = fields, .field_count = FIELD_COUNT(fields),
    .unique = "name", .untimed_delete = true, .write = write_field, .show = show_field,
};

const struct resource service_field_resource = {
    .name = "field", .noun = "service_field", .plural = "fields", .path = SERVICE_FIELDS_PATH, .queries = "field", .owner = "service", .fields = fields,
    .field_count = FIELD_COUNT(fields) - FIELDS_OF_INCIDENTS, .summary = "display_name", .unique = "name", .untimed_delete = true, .write = write_field,
    .show = show_service_field,
};

#define TYPE "/incidents/types/{type_id_or_name}"
#define OLDER "/incidents"
#define SERVICES "/services"
#define FIELD "/custom_fields/{field_id}"
#define OPTION FIELD "/field_options/{field_option_id}"

static const struct route routes[] = {
    {"GET", TYPE "/custom_fields", MAY_READ, in_type, .summary = "List the custom fields of incidents", .resource = &field_resource, .acts_as = resource_list},
    {"POST", TYPE "/custom_fields", MAY_MANAGE, in_type, .summary = "Create a custom field", .body_kind = "json", .resource = &field_resource,
     .acts_as = resource_create},
    {"GET", TYPE FIELD, MAY_READ, in_type, .summary = "Get a custom field", .resource = &field_resource, .acts_as = resource_get},
    {"PUT", TYPE FIELD, MAY_MANAGE, in_type, .summary = "Update a custom field; its name and types stay", .body_kind = "json", .resource = &field_resource,
     .acts_as = resource_update},
    {"DELETE", TYPE FIELD, MAY_MANAGE, in_type, .summary = "Delete a custom field and its values; the record of incidents keeps them", .resource = &field_resource,
     .acts_as = resource_delete},
    {"GET", TYPE FIELD "/field_options", MAY_READ, in_type, .summary = "List the options of a custom field", .resource = &option_resource,
     .acts_as = resource_list},
    {"POST", TYPE FIELD "/field_options", MAY_MANAGE, in_type, .summary = "Create an option of a custom field", .body_kind = "json",
     .resource = &option_resource, .acts_as = resource_create},
    {"GET", TYPE OPTION, MAY_READ, in_type, .summary = "Get an option of a custom field", .resource = &option_resource, .acts_as = resource_get},
    {"PUT", TYPE OPTION, MAY_MANAGE, in_type, .summary = "Update an option of a custom field; incidents keep what was chosen", .body_kind = "json",
     .resource = &option_resource, .acts_as = resource_update},
    {"DELETE", TYPE OPTION, MAY_MANAGE, in_type, .summary = "Delete an option of a custom field; incidents keep what was chosen", .resource = &option_resource,
     .acts_as = resource_delete},
    {"GET", OLDER "/custom_fields", MAY_READ, resource_list, .summary = "List the custom fields of incidents (older path)", .resource = &field_resource},
    {"POST", OLDER "/custom_fields", MAY_MANAGE, resource_create, .summary = "Create a custom field (older path)", .body_kind = "json",
     .resource = &field_resource},
    {"GET", OLDER FIELD, MAY_READ, resource_get, .summary = "Get a custom field (older path)", .resource = &field_resource},
    {"PUT", OLDER FIELD, MAY_MANAGE, resource_update, .summary = "Update a custom field (older path)", .body_kind = "json", .resource = &field_resource},
    {"DELETE", OLDER FIELD, MAY_MANAGE, resource_delete, .summary = "Delete a custom field (older path)", .resource = &field_resource},
    {"GET", OLDER FIELD "/field_options", MAY_READ, resource_list, .summary = "List the options of a custom field (older path)", .resource = &option_resource},
    {"POST", OLDER FIELD "/field_options", MAY_MANAGE, resource_create, .summary = "Create an option of a custom field (older path)", .body_kind = "json",
     .resource = &option_resource},
    {"PUT", OLDER OPTION, MAY_MANAGE, resource_update, .summary = "Update an option of a custom field (older path)", .body_kind = "json",
     .resource = &option_resource},
    {"DELETE", OLDER OPTION, MAY_MANAGE, resource_delete, .summary = "Delete an option of a custom field (older path)", .resource = &option_resource},
    {"GET", SERVICES "/custom_fields", MAY_READ, resource_list, .summary = "List the custom fields of services", .resource = &service_field_resource},
    {"POST", SERVICES "/custom_fields", MAY_MANAGE, resource_create, .summary = "Create a custom field of services", .body_kind = "json",
     .resource = &service_field_resource},
    {"GET", SERVICES FIELD, MAY_READ, resource_get, .summary = "Get a custom field of services", .resource = &service_field_resource},
    {"PUT", SERVICES FIELD, MAY_MANAGE, resource_update, .summary = "Update a custom field of services; its name and types stay", .body_kind = "json",
     .resource = &service_field_resource},
    {"DELETE", SERVICES FIELD, MAY_MANAGE, resource_delete, .summary = "Delete a custom field of services and its values; the audit record keeps them",
     .resource = &service_field_resource},
    {"GET", SERVICES FIELD "/field_options", MAY_READ, resource_list, .summary = "List the options of a custom field of services",
     .resource = &service_option_resource},
    {"POST", SERVICES FIELD "/field_options", MAY_MANAGE, resource_create, .summary = "Create an option of a custom field of services", .body_kind = "json",
     .resource = &service_option_resource},
    {"GET", SERVICES OPTION, MAY_READ, resource_get, .summary = "Get an option of a custom field of services", .resource = &service_option_resource},
    {"PUT", SERVICES OPTION, MAY_MANAGE, resource_update, .summary = "Update an option of a custom field of services; services keep what was chosen",
     .body_kind = "json", .resource = &service_option_resource},
    {"DELETE", SERVICES OPTION, MAY_MANAGE, resource_delete, .summary = "Delete an option of a custom field of services; services keep what was chosen",
     .resource = &service_option_resource},
};
const struct route_table custom_field_routes = {routes, sizeof routes / sizeof *routes};
