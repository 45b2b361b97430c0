/* Why: see ask.h. Only routes that read: whatever needs the engine or a network is not there. */
#include "api/ask.h"

#include "api/api_state.h"
#include "api/call.h"
#include "api/routes.h"

static struct api *quiet_api(struct arena *arena, const struct config *config, struct env *env)
{
    struct api *api = ARENA_NEW(arena, struct api);
    api->arena = arena;
    api->config = config;
    api->env = env;
    api->public_url = config->public_url.size > 0 ? text_cstring(arena, config->public_url) : "";
    api_split_url(text_of(api->public_url), &api->public_origin, &api->path_prefix);
    size_t tables = 0;
    while (all_routes[tables])
        tables++;
    api->router = router_new(arena, all_routes, tables);
    return api;
}

enum err api_ask(struct arena *arena, const struct config *config, struct env *env, struct db *db, struct text path_and_query,
                 struct problem *problem, json_t **ret)
{
    struct api *api = quiet_api(arena, config, env);
    size_t mark = text_find_byte(path_and_query, '?', 0);
    struct http_request request = {.method = TEXT("GET"), .path = text_slice(path_and_query, 0, mark),
                                   .query = text_slice(path_and_query, mark + 1, path_and_query.size), .arena = arena};
    struct route_match match = {0};
    if (router_find(api->router, arena, request.method, request.path, &match) != ROUTE_FOUND || match.route->fast)
        return ERR_NOT_FOUND;
    struct call call = {.arena = arena, .db = db, .env = env, .now = env_now(env), .api = api, .route = match.route, .request = &request, .problem = problem,
                        .who = {.authenticated = true, .name = TEXT("command line"), .role = TEXT("admin")}};
    memcpy(call.path_parameters, match.parameters, sizeof call.path_parameters);
    call_parse_query(&call, request.query);
    enum err err = problem_is_empty(problem) ? match.route->handle(&call) : ERR_INVALID;
    if (err == OK && !call.reply)
        err = ERR_NOT_FOUND;
    if (err == OK)
        *ret = call.reply;
    return err;
}
