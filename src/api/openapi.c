/* Why: see openapi.h. */
#include "api/openapi.h"

#include "api/resource.h"
#include "api/routes.h"

static const char *permission_text(enum permission permission)
{
    switch (permission) {
    case MAY_ANYONE: return "anyone";
    case MAY_READ: return "any user or token";
    case MAY_RESPOND: return "responders and above";
    case MAY_MANAGE: return "managers and above";
    case MAY_SELF_OR_MANAGE: return "the user itself; managers and above";
    case MAY_ADMINISTER: return "administrators";
    }
    return "";
}

/* The same for programs: tests/contract/permissions.py and docs/permissions.md are made from it. */
static const char *permission_word(enum permission permission)
{
    switch (permission) {
    case MAY_ANYONE: return "anyone";
    case MAY_READ: return "read";
    case MAY_RESPOND: return "respond";
    case MAY_MANAGE: return "manage";
    case MAY_SELF_OR_MANAGE: return "self_or_manage";
    case MAY_ADMINISTER: return "administer";
    }
    return "";
}

/* Whose teams may raise the asker (api/route.h). */
static const char *team_word(enum team_of team_of)
{
    switch (team_of) {
    case TEAM_OF_NOTHING: return "";
    case TEAM_OF_TEAM: return "team";
    case TEAM_OF_POLICY: return "escalation_policy";
    case TEAM_OF_SERVICE: return "service";
    case TEAM_OF_SCHEDULE: return "schedule";
    case TEAM_OF_INCIDENT: return "incident";
    }
    return "";
}

static json_t *parameters_of(struct arena *arena, const struct route *route)
{
    json_t *parameters = json_array_in(arena);
    struct text rest = text_of(route->path), part;
    while (rest.size > 0 && text_next(&rest, '/', &part)) {
        if (part.size < 2 || part.data[0] != '{')
            continue;
        size_t end = part.data[part.size - 2] == '*' ? part.size - 2 : part.size - 1;
        json_t *parameter = json_object_in(arena), *schema = json_object_in(arena);
        json_put_text(parameter, "name", text_slice(part, 1, end));
        json_put_string(parameter, "in", "path");
        json_put_bool(parameter, "required", true);
        json_put_string(schema, "type", "string");
        json_put(parameter, "schema", schema);
        json_append(parameters, parameter);
    }
    return parameters;
}

static json_t *json_content(struct arena *arena, json_t *schema)
{
    json_t *media = json_object_in(arena), *content = json_object_in(arena);
    json_put(media, "schema", schema);
    json_put(content, "application/json", media);
    return content;
}

static json_t *typed(struct arena *arena, const char *type)
{
    json_t *schema = json_object_in(arena);
    json_put_string(schema, "type", type);
    return schema;
}

static json_t *reference_to(struct arena *arena, const char *schema_name)
{
    json_t *reference = json_object_in(arena);
    json_put_text(reference, "$ref", text_printf(arena, "#/components/schemas/%s", schema_name));
    return reference;
}

static json_t *choices_of(struct arena *arena, const struct field *field)
{
    json_t *schema = typed(arena, "string"), *values = json_array_in(arena);
    struct text rest = text_of(field->choices), choice;
    while (text_next(&rest, ' ', &choice))
        json_append_text(values, choice);
    if (field->flags & FIELD_NULLABLE)
        json_append(values, NULL);
    json_put(schema, "enum", values);
    return schema;
}

static json_t *number_of(struct arena *arena, const struct field *field)
{
    json_t *schema = typed(arena, "integer");
    if (field->min != 0 || field->max != 0) {
        json_put_int(schema, "minimum", field->min);
        json_put_int(schema, "maximum", field->max);
    }
    return schema;
}

static json_t *text_schema_of(struct arena *arena, const struct field *field, const char *format)
{
    json_t *schema = typed(arena, "string");
    if (format)
        json_put_string(schema, "format", format);
    if (field->max > 0)
        json_put_int(schema, "maxLength", field->max);
    return schema;
}

static json_t *type_of(struct arena *arena, const struct field *field)
{
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_ZONE: return text_schema_of(arena, field, NULL);
    case FIELD_EMAIL: return text_schema_of(arena, field, "email");
    case FIELD_CHOICE: return choices_of(arena, field);
    case FIELD_INTEGER:
    case FIELD_MINUTES: return number_of(arena, field);
    case FIELD_BOOLEAN: return typed(arena, "boolean");
    case FIELD_INSTANT: return text_schema_of(arena, field, "date-time");
    case FIELD_REFERENCE: return reference_to(arena, "Reference");
    case FIELD_REFERENCES: {
        json_t *schema = typed(arena, "array");
        json_put(schema, "items", reference_to(arena, "Reference"));
        return schema;
    }
    case FIELD_FIXED:
    case FIELD_CUSTOM: break;
    }
    return json_object_in(arena);
}

static json_t *property_of(struct arena *arena, const struct field *field)
{
    json_t *property = type_of(arena, field);
    json_t *type = json_at(property, "type");
    if (type && field->flags & (FIELD_NULLABLE | FIELD_MANAGERS)) {
        json_t *types = json_array_in(arena);
        json_append(types, type);
        json_append_text(types, TEXT("null"));
        json_put(property, "type", types);
    }
    if (field->flags & FIELD_READ_ONLY || field->kind == FIELD_FIXED)
        json_put_bool(property, "readOnly", true);
    if (field->doc)
        json_put_string(property, "description", field->doc);
    return property;
}

static json_t *schema_of(struct arena *arena, const struct resource *resource)
{
    static const char *const always[] = {"id", "type", "summary", "self", "html_url"};
    json_t *schema = typed(arena, "object"), *properties = json_object_in(arena), *required = json_array_in(arena);
    for (size_t i = 0; i < (resource->no_type ? 1 : FIELD_COUNT(always)); i++) {
        json_t *property = typed(arena, "string");
        json_put_bool(property, "readOnly", true);
        json_put(properties, always[i], property);
    }
    for (size_t i = 0; i < resource->field_count; i++) {
        json_put(properties, resource->fields[i].name, property_of(arena, &resource->fields[i]));
        if (resource->fields[i].flags & FIELD_REQUIRED)
            json_append_text(required, text_of(resource->fields[i].name));
    }
    json_put(schema, "properties", properties);
    if (json_array_size(required) > 0)
        json_put(schema, "required", required);
    return schema;
}

/* {"team": {...}} or, for lists, {"teams": [...]}. */
static json_t *wrapped(struct arena *arena, const struct resource *resource, bool list)
{
    json_t *schema = typed(arena, "object"), *properties = json_object_in(arena);
    json_t *inner = reference_to(arena, resource->name);
    if (list) {
        json_t *items = typed(arena, "array");
        json_put(items, "items", inner);
        inner = items;
    }
    json_put(properties, list ? resource->plural : resource->name, inner);
    json_put(schema, "properties", properties);
    return schema;
}

static json_t *query_parameter(struct arena *arena, const char *name, const char *type)
{
    json_t *parameter = json_object_in(arena), *schema = typed(arena, type);
    json_put_string(parameter, "name", name);
    json_put_string(parameter, "in", "query");
    if (strcmp(type, "array") == 0)
        json_put(schema, "items", typed(arena, "string"));
    json_put(parameter, "schema", schema);
    return parameter;
}

static void add_list_parameters(struct arena *arena, const struct resource *resource, json_t *parameters)
{
    for (size_t i = 0; i < resource->filter_count; i++)
        json_append(parameters, query_parameter(arena, resource->filters[i].query, resource->filters[i].kind == FILTER_LIST ? "array" : "string"));
    if (resource->sorts)
        json_append(parameters, query_parameter(arena, "sort_by", "string"));
    if (!resource->paged)
        return;
    json_append(parameters, query_parameter(arena, "limit", "integer"));
    json_append(parameters, query_parameter(arena, "offset", "integer"));
    json_append(parameters, query_parameter(arena, "total", "boolean"));
}

static route_handler *handler_of(const struct route *route)
{
    return route->acts_as ? route->acts_as : route->handle;
}

static json_t *responses_of(struct arena *arena, const struct route *route, bool list)
{
    json_t *success = json_object_in(arena), *failure = json_object_in(arena), *responses = json_object_in(arena);
    bool deletes = strcmp(route->method, "DELETE") == 0;
    json_put_string(success, "description", "Success");
    if (!deletes)
        json_put(success, "content", json_content(arena, route->resource ? wrapped(arena, route->resource, list) : json_object_in(arena)));
    json_put_string(failure, "description", "Error");
    json_put(failure, "content", json_content(arena, reference_to(arena, "Error")));
    json_put(responses, deletes ? "204" : handler_of(route) == resource_create ? "201" : "2XX", success);
    json_put(responses, "default", failure);
    return responses;
}

static json_t *operation_of(struct arena *arena, const struct route *route)
{
    json_t *operation = json_object_in(arena), *parameters = parameters_of(arena, route);
    bool list = handler_of(route) == resource_list;
    json_put_string(operation, "summary", route->summary ? route->summary : "");
    const char *team = route->team_of == TEAM_OF_NOTHING ? "" : route->permission == MAY_MANAGE ? "; managers of its team" : "; managers and responders of its team";
    json_put_string(operation, "description", arena_printf(arena, "Allowed for: %s%s.", permission_text(route->permission), team));
    json_put_string(operation, "x-muster-permission", permission_word(route->permission));
    if (route->team_of != TEAM_OF_NOTHING)
        json_put_string(operation, "x-muster-team-of", team_word(route->team_of));
    if (list)
        add_list_parameters(arena, route->resource, parameters);
    json_put(operation, "parameters", parameters);
    if (route->body_kind) {
        json_t *body = json_object_in(arena);
        bool whole = route->resource && (handler_of(route) == resource_create || handler_of(route) == resource_update);
        json_put(body, "content", json_content(arena, whole ? wrapped(arena, route->resource, false) : json_object_in(arena)));
        json_put(operation, "requestBody", body);
    }
    json_put(operation, "responses", responses_of(arena, route, list));
    if (route->permission == MAY_ANYONE)
        json_put(operation, "security", json_array_in(arena));
    return operation;
}

/* "{app*}" is our router's spelling; the description knows only "{app}". */
static const char *documented_path(struct arena *arena, const char *path)
{
    size_t star = text_find(text_of(path), TEXT("*}"));
    return path[star] == '\0' ? path : arena_printf(arena, "%.*s}", (int)star, path);
}

static void add_route(struct arena *arena, json_t *paths, const struct route *route)
{
    const char *path = documented_path(arena, route->path);
    json_t *item = json_at(paths, path);
    if (!item) {
        item = json_object_in(arena);
        json_put(paths, path, item);
    }
    json_put(item, text_lower(arena, text_of(route->method)).data, operation_of(arena, route));
}

static json_t *components(struct arena *arena, struct problem *problem)
{
    static const char document[] =
        "{\"schemas\":{\"Error\":{\"type\":\"object\",\"properties\":{\"error\":{\"type\":\"object\",\"properties\":{"
        "\"message\":{\"type\":\"string\"},\"code\":{\"type\":\"integer\"},\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}}}},"
        "\"Reference\":{\"type\":[\"object\",\"null\"],\"properties\":{\"id\":{\"type\":\"string\"},\"type\":{\"type\":\"string\"},"
        "\"summary\":{\"type\":[\"string\",\"null\"]},\"self\":{\"type\":[\"string\",\"null\"]},\"html_url\":{\"type\":[\"string\",\"null\"]}}}},"
        "\"securitySchemes\":{\"token\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"Authorization\","
        "\"description\":\"Token token=KEY\"},\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"}}}";
    json_t *components = json_read(arena, text_of(document), problem), *schemas = json_at(components, "schemas");
    for (size_t t = 0; all_routes[t]; t++) {
        for (size_t r = 0; r < all_routes[t]->count; r++) {
            const struct resource *resource = all_routes[t]->routes[r].resource;
            if (resource && !json_at(schemas, resource->name))
                json_put(schemas, resource->name, schema_of(arena, resource));
        }
    }
    return components;
}

json_t *openapi_document(struct arena *arena, const char *public_url)
{
    json_t *document = json_object_in(arena), *info = json_object_in(arena), *paths = json_object_in(arena);
    json_put_string(document, "openapi", "3.1.0");
    json_put_string(info, "title", "Muster");
    json_put_string(info, "version", MUSTER_VERSION);
    json_put(document, "info", info);
    json_t *servers = json_array_in(arena), *server = json_object_in(arena);
    json_put_string(server, "url", public_url);
    json_append(servers, server);
    json_put(document, "servers", servers);
    for (size_t t = 0; all_routes[t]; t++)
        for (size_t r = 0; r < all_routes[t]->count; r++)
            add_route(arena, paths, &all_routes[t]->routes[r]);
    json_put(document, "paths", paths);
    json_put(document, "components", components(arena, problem_new(arena)));
    json_t *security = json_array_in(arena), *token = json_object_in(arena), *bearer = json_object_in(arena);
    json_put(token, "token", json_array_in(arena));
    json_put(bearer, "bearer", json_array_in(arena));
    json_append(security, token);
    json_append(security, bearer);
    json_put(document, "security", security);
    return document;
}

static enum err get_document(struct call *call)
{
    call->reply = openapi_document(call->arena, call_public_url(call));
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/openapi.json", .permission = MAY_ANYONE, .handle = get_document, .summary = "This description"},
};
const struct route_table openapi_routes = {routes, sizeof routes / sizeof *routes};
