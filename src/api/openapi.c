/* Why: see openapi.h. */
#include "api/openapi.h"

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

static json_t *operation_of(struct arena *arena, const struct route *route)
{
    json_t *operation = json_object_in(arena);
    json_put_string(operation, "summary", route->summary ? route->summary : "");
    json_put_string(operation, "description", arena_printf(arena, "Allowed for: %s.", permission_text(route->permission)));
    json_put(operation, "parameters", parameters_of(arena, route));
    json_t *schema = json_object_in(arena);
    json_put_string(schema, "type", "object");
    if (route->body_kind && strcmp(route->body_kind, "json") == 0) {
        json_t *body = json_object_in(arena);
        json_put(body, "content", json_content(arena, schema));
        json_put(operation, "requestBody", body);
    }
    json_t *success = json_object_in(arena), *failure = json_object_in(arena), *responses = json_object_in(arena);
    json_put_string(success, "description", "Success");
    json_put(success, "content", json_content(arena, schema));
    json_t *error = json_object_in(arena);
    json_put_string(error, "$ref", "#/components/schemas/Error");
    json_put_string(failure, "description", "Error");
    json_put(failure, "content", json_content(arena, error));
    json_put(responses, "2XX", success);
    json_put(responses, "default", failure);
    json_put(operation, "responses", responses);
    if (route->permission == MAY_ANYONE)
        json_put(operation, "security", json_array_in(arena));
    return operation;
}

static void add_route(struct arena *arena, json_t *paths, const struct route *route)
{
    json_t *item = json_at(paths, route->path);
    if (!item) {
        item = json_object_in(arena);
        json_put(paths, route->path, item);
    }
    json_put(item, text_lower(arena, text_of(route->method)).data, operation_of(arena, route));
}

static json_t *components(struct arena *arena, struct problem *problem)
{
    static const char document[] =
        "{\"schemas\":{\"Error\":{\"type\":\"object\",\"properties\":{\"error\":{\"type\":\"object\",\"properties\":{"
        "\"message\":{\"type\":\"string\"},\"code\":{\"type\":\"integer\"},\"errors\":{\"type\":\"array\",\"items\":{\"type\":\"string\"}}}}}}},"
        "\"securitySchemes\":{\"token\":{\"type\":\"apiKey\",\"in\":\"header\",\"name\":\"Authorization\","
        "\"description\":\"Token token=KEY\"},\"bearer\":{\"type\":\"http\",\"scheme\":\"bearer\"}}}";
    return json_read(arena, text_of(document), problem);
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
