/* Why: see openapi.h. */
#include "api/openapi.h"

#include "api/openapi_schema.h"
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

static json_t *content_of(struct arena *arena, const char *media_type, json_t *schema)
{
    json_t *media = json_object_in(arena), *content = json_object_in(arena);
    json_put(media, "schema", schema);
    json_put(content, media_type, media);
    return content;
}

static json_t *json_content(struct arena *arena, json_t *schema)
{
    return content_of(arena, "application/json", schema);
}

/* A handler of its own may end in one of the table's. */
static route_handler *handles(const struct route *route)
{
    return route->acts_as ? route->acts_as : route->handle;
}

/* What a row reads from the query: what the noun's table filters and sorts by, and the words of the row. */
static void add_query_parameters(struct arena *arena, const struct route *route, json_t *parameters)
{
    const struct resource *resource = handles(route) == resource_list ? route->resource : NULL;
    for (size_t i = 0; resource && i < resource->filter_count; i++)
        json_append(parameters, openapi_query_parameter(arena, text_of(resource->filters[i].query), false));
    if (resource && resource->sorts)
        json_append(parameters, openapi_query_parameter(arena, TEXT("sort_by"), false));
    struct text rest = text_of(resource && resource->paged ? "limit offset total" : ""), name;
    while (rest.size > 0 && text_next(&rest, ' ', &name))
        json_append(parameters, openapi_query_parameter(arena, name, false));
    rest = text_of(route->query ? route->query : "");
    while (rest.size > 0 && text_next(&rest, ' ', &name)) {
        bool required = text_ends_with(name, TEXT("!"));
        json_append(parameters, openapi_query_parameter(arena, required ? text_slice(name, 0, name.size - 1) : name, required));
    }
}

static json_t *answer_of(struct arena *arena, const struct route *route)
{
    if (route->answers)
        return openapi_answer(arena, route->answers);
    return route->resource ? openapi_wrapped(arena, route->resource, handles(route) == resource_list) : json_object_in(arena);
}

static bool answers_in(const struct route *route, const char *media)
{
    return route->media && strcmp(route->media, media) == 0;
}

static const char *success_of(const struct route *route)
{
    if (answers_in(route, ROUTE_ELSEWHERE))
        return "3XX";
    if (strcmp(route->method, "DELETE") == 0 && !route->answers)
        return "204";
    if (handles(route) == resource_create)
        return "201";
    return handles(route) == resource_list || handles(route) == resource_get || handles(route) == resource_update ? "200" : "2XX";
}

/* Events are answered in the form that their senders know. */
static void put_error(struct arena *arena, const struct route *route, json_t *responses, const char *status)
{
    json_t *reference = json_object_in(arena);
    json_put_string(reference, "$ref", route->fast && strcmp(route->method, "POST") == 0 ? "#/components/responses/EventError" : "#/components/responses/Error");
    json_put(responses, status, reference);
}

static json_t *responses_of(struct arena *arena, const struct route *route)
{
    json_t *success = json_object_in(arena), *responses = json_object_in(arena);
    const char *status = success_of(route);
    bool is_nothing = strcmp(status, "204") == 0 || answers_in(route, ROUTE_NOTHING), is_elsewhere = answers_in(route, ROUTE_ELSEWHERE);
    json_put_string(success, "description", is_nothing ? "Done" : is_elsewhere ? "Elsewhere" : strcmp(status, "201") == 0 ? "Created" : "Success");
    if (route->media && !is_nothing && !is_elsewhere)
        json_put(success, "content", content_of(arena, route->media, json_object_in(arena)));
    else if (!is_nothing && (route->answers || route->resource))
        json_put(success, "content", json_content(arena, answer_of(arena, route)));
    json_put(responses, status, success);
    put_error(arena, route, responses, "400");
    if (route->permission != MAY_ANYONE)
        put_error(arena, route, responses, "401");
    if (route->permission != MAY_ANYONE && route->permission != MAY_READ)
        put_error(arena, route, responses, "403");
    if (strchr(route->path, '{'))
        put_error(arena, route, responses, "404");
    put_error(arena, route, responses, "429");
    put_error(arena, route, responses, "default");
    return responses;
}

static json_t *body_of(struct arena *arena, const struct route *route)
{
    json_t *body = json_object_in(arena);
    json_t *schema = route->takes ? openapi_words(arena, route->takes, false) : route->resource ? openapi_wrapped(arena, route->resource, false) : json_object_in(arena);
    json_put(body, "content", json_content(arena, schema));
    return body;
}

/* "get_incidents_id_alerts" */
static struct text operation_id(struct arena *arena, const struct route *route)
{
    struct builder b = builder_new(arena, 512);
    builder_add(&b, text_lower(arena, text_of(route->method)));
    for (const char *c = route->path; *c; c++) {
        bool letter = (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_';
        if (letter || *c == '/' || *c == '-')
            builder_add(&b, letter ? (struct text){c, 1} : TEXT("_"));
    }
    return builder_text(&b);
}

static bool is_our_own(const struct route *route)
{
    static const char *const places[] = {"/muster/", "/health", "/metrics", "/openapi.json", "/act/", "/app", "/twilio/", "/test/"};
    for (size_t i = 0; i < FIELD_COUNT(places); i++)
        if (text_starts_with(text_of(route->path), text_of(places[i])))
            return true;
    return strcmp(route->path, "/") == 0 || (route->summary && text_starts_with(text_of(route->summary), TEXT("Muster:")));
}

static json_t *tags_of(struct arena *arena, const struct route *route)
{
    struct text rest = text_slice(text_of(route->path), 1, strlen(route->path)), part = TEXT_NONE;
    json_t *tags = json_array_in(arena);
    bool named = text_next(&rest, '/', &part);
    while (named && (text_is(part, "muster") || text_is(part, "v3") || text_is(part, "v2")))
        named = text_next(&rest, '/', &part);
    json_append_text(tags, !named || part.size == 0 || part.data[0] == '{' ? TEXT("others") : part);
    return tags;
}

static json_t *operation_of(struct arena *arena, const struct route *route)
{
    json_t *operation = json_object_in(arena), *parameters = parameters_of(arena, route);
    json_put_text(operation, "operationId", operation_id(arena, route));
    json_put_string(operation, "summary", route->summary ? route->summary : "");
    const char *team = route->team_of == TEAM_OF_NOTHING ? "" : route->permission == MAY_MANAGE ? "; managers of its team" : "; managers and responders of its team";
    json_put_string(operation, "description", arena_printf(arena, "Allowed for: %s%s.", permission_text(route->permission), team));
    json_put(operation, "tags", tags_of(arena, route));
    json_put_string(operation, "x-muster-permission", permission_word(route->permission));
    if (is_our_own(route))
        json_put_bool(operation, "x-muster-extension", true);
    if (route->team_of != TEAM_OF_NOTHING)
        json_put_string(operation, "x-muster-team-of", team_word(route->team_of));
    add_query_parameters(arena, route, parameters);
    json_put(operation, "parameters", parameters);
    if (route->body_kind && (route->takes || strcmp(route->body_kind, "json") == 0))
        json_put(operation, "requestBody", body_of(arena, route));
    json_put(operation, "responses", responses_of(arena, route));
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
        "{\"schemas\":{\"Error\":{\"type\":\"object\",\"required\":[\"error\"],\"properties\":{\"error\":{\"type\":\"object\",\"required\":[\"message\",\"code\",\"errors\"],"
        "\"properties\":{\"message\":{\"type\":\"string\"},\"code\":{\"type\":\"integer\",\"description\":\"PagerDuty's number of the kind of mistake\"},"
        "\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"description\":\"One line for each mistake, with its place\"}}}}},"
        "\"Reference\":{\"type\":[\"object\",\"null\"],\"properties\":{\"id\":{\"type\":\"string\"},\"type\":{\"type\":\"string\"},"
        "\"summary\":{\"type\":[\"string\",\"null\"]},\"self\":{\"type\":[\"string\",\"null\"]},\"html_url\":{\"type\":[\"string\",\"null\"]}}}},"
        "\"responses\":{\"EventError\":{\"description\":\"Why not\",\"content\":{\"application/json\":{\"schema\":{\"type\":\"object\",\"required\":[\"status\"],"
        "\"properties\":{\"status\":{\"type\":\"string\"},\"message\":{\"type\":\"string\"},\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}}}}},\"Error\":{\"description\":\"Why not\",\"content\":{\"application/json\":{\"schema\":{\"$ref\":\"#/components/schemas/Error\"}}}}},"
        "\"securitySchemes\":{\"token\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"Authorization\","
        "\"description\":\"Token token=KEY\"},\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"},"
        "\"session\":{\"type\":\"apiKey\",\"in\":\"cookie\",\"name\":\"muster_session\",\"description\":\"Of the browser, by POST /muster/session\"}}}";
    json_t *components = json_read(arena, text_of(document), problem), *schemas = json_at(components, "schemas");
    for (size_t t = 0; all_routes[t]; t++) {
        for (size_t r = 0; r < all_routes[t]->count; r++) {
            const struct resource *resource = all_routes[t]->routes[r].resource;
            if (resource && !json_at(schemas, resource_noun(resource)))
                json_put(schemas, resource_noun(resource), openapi_resource(arena, resource));
        }
    }
    openapi_objects(arena, schemas);
    return components;
}

json_t *openapi_document(struct arena *arena, const char *public_url)
{
    json_t *document = json_object_in(arena), *info = json_object_in(arena), *paths = json_object_in(arena);
    json_put_string(document, "openapi", "3.1.0");
    json_put_string(info, "title", "Muster");
    json_put_string(info, "version", MUSTER_VERSION);
    json_put_string(info, "description", "PagerDuty's REST API as Muster serves it. Operations marked x-muster-extension, and fields whose description begins with Muster, are "
                                         "Muster's own. x-muster-permission says who may, x-muster-team-of whose team may too.");
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
    static const char *const schemes[] = {"token", "bearer", "session"};
    json_t *security = json_array_in(arena);
    for (size_t i = 0; i < FIELD_COUNT(schemes); i++) {
        json_t *scheme = json_object_in(arena);
        json_put(scheme, schemes[i], json_array_in(arena));
        json_append(security, scheme);
    }
    json_put(document, "security", security);
    return document;
}

static enum err get_document(struct call *call)
{
    call->reply = openapi_document(call->arena, call_public_url(call));
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/openapi.json", .permission = MAY_ANYONE, .handle = get_document, .summary = "This description",
     .answers = "openapi:text info:object servers:list paths:object components:object security:list"},
};
const struct route_table openapi_routes = {routes, sizeof routes / sizeof *routes};
