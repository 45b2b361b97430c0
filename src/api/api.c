/* Why: see api.h. A request arrives on a network thread, is routed there, and runs on a worker unless its row says it is fast. */
#include "api/api.h"

#include <assert.h>
#include <errno.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>

#include "api/api_state.h"
#include "api/auth.h"
#include "api/call.h"
#include "api/errors.h"
#include "api/routes.h"
#include "api/stream.h"
#include "api/visibility.h"
#include "base/log.h"

enum {
    WORKER_ARENA_BYTES_MAX = 256 << 20,
    BODY_BYTES_DEFAULT = 1 << 20,
    BODY_BYTES_UNROUTED = 64 << 10, /* enough to read and refuse politely */
    PEM_BYTES_MAX = 256 << 10,
};

void api_split_url(struct text url, struct text *ret_origin, struct text *ret_path)
{
    size_t scheme_end = text_find(url, TEXT("://"));
    size_t host = scheme_end < url.size ? scheme_end + 3 : 0;
    size_t slash = text_find_byte(url, '/', host);
    *ret_origin = text_slice(url, 0, slash);
    *ret_path = text_slice(url, slash, url.size);
    while (text_ends_with(*ret_path, TEXT("/")))
        ret_path->size--;
}

/* A proxy may pass the prefix on or take it off; both arrive at the same routes. */
static struct text path_without_prefix(const struct api *api, struct text path)
{
    size_t length = api->path_prefix.size;
    if (length == 0 || !text_starts_with(path, api->path_prefix))
        return path;
    if (path.size == length)
        return TEXT("/");
    return path.data[length] == '/' ? text_slice(path, length, path.size) : path;
}

static bool has_header(const struct http_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (text_equal_ignoring_case(text_of(response->headers[i].name), text_of(name)))
            return true;
    return false;
}

static void add_header(struct http_response *response, const char *name, struct text value)
{
    size_t room = sizeof response->headers / sizeof *response->headers;
    if (response->header_count < room && !has_header(response, name))
        response->headers[response->header_count++] = (struct http_header){name, value};
}

static void send(const struct api *api, struct http_exchange *exchange, struct http_response *response)
{
    if (api->public_is_https)
        add_header(response, "Strict-Transport-Security", TEXT("max-age=31536000; includeSubDomains"));
    add_header(response, "X-Content-Type-Options", TEXT("nosniff"));
    add_header(response, "Cache-Control", TEXT("no-store"));
    add_header(response, "Content-Security-Policy", TEXT("default-src 'none'; base-uri 'none'; frame-ancestors 'none'"));
    add_header(response, "Referrer-Policy", TEXT("same-origin"));
    http_reply(exchange, response);
}

static void add_allowance(const struct call *call, struct http_response *response)
{
    const struct allowance_use *use = &call->allowance;
    if (use->limit == 0)
        return;
    add_header(response, "ratelimit-limit", text_printf(call->arena, "%lld", (long long)use->limit));
    add_header(response, "ratelimit-remaining", text_printf(call->arena, "%lld", (long long)use->remaining));
    add_header(response, "ratelimit-reset", text_printf(call->arena, "%lld", (long long)use->reset_s));
}

static void send_call(struct call *call)
{
    struct http_response response = call->raw;
    if (response.status == 0) {
        int status = call->status ? call->status : call->reply ? 200 : 204;
        response = (struct http_response){.status = status};
        if (call->reply) {
            response.content_type = "application/json";
            response.body = json_write(call->arena, call->reply);
        }
        if (status == 401)
            add_header(&response, "WWW-Authenticate", TEXT("Token realm=\"muster\""));
        if (call->allowance.refused)
            add_header(&response, "Retry-After", text_printf(call->arena, "%lld", (long long)call->allowance.reset_s));
        if (status == 429 || status == 503)
            add_header(&response, "Retry-After", TEXT("5"));
    }
    add_allowance(call, &response);
    send(call->api, call->request->exchange, &response);
}

static enum err read_body(struct call *call)
{
    const char *kind = call->route->body_kind;
    if (!kind || strcmp(kind, "json") != 0 || text_trim(call->request->body).size == 0)
        return OK;
    json_t *body = json_read(call->arena, call->request->body, call->problem);
    if (!body)
        return ERR_INVALID;
    if (!json_is_object(body)) {
        problem_add(call->problem, NULL, "the body must be a JSON object");
        return ERR_INVALID;
    }
    call->body = body;
    return OK;
}

/* Where nobody needs to sign in, wrong credentials count as none: provider callbacks carry credentials of their own kind. */
static enum err identify(struct call *call)
{
    enum err err = auth_identify(call);
    if (err != ERR_FORBIDDEN || call->route->permission != MAY_ANYONE)
        return err;
    call->who = (struct principal){0};
    call->status = 0;
    call->error_code = 0;
    call->error_message = NULL;
    call->problem->count = 0;
    return OK;
}

static enum err take_allowance(struct call *call)
{
    /* Whoever sits at the app has one allowance, however many sessions they open. */
    struct text key = call->who.is_session ? text_printf(call->arena, "session:%.*s", TEXT_ARG(call->who.user_id)) : call->who.token_id;
    call->allowance = allowance_take(call->api->requests, key, 1, call->now);
    if (!call->allowance.refused)
        return OK;
    problem_add(call->problem, NULL, "this %s may ask %lld times a minute; the minute is over in %lld s", call->who.is_session ? "person" : "token",
                (long long)call->allowance.limit, (long long)call->allowance.reset_s);
    return ERR_LIMIT;
}

static enum err run_checked(struct call *call)
{
    enum err err = identify(call);
    if (err == OK)
        err = take_allowance(call);
    if (err == OK)
        err = auth_permit(call);
    if (err == OK)
        err = visibility_begin(call);
    if (err == OK)
        err = visibility_permit(call);
    if (err != OK)
        return err;
    call_parse_query(call, call->request->query);
    if (!problem_is_empty(call->problem))
        return ERR_INVALID;
    err = read_body(call);
    if (err == OK)
        err = call->route->handle(call);
    if (err == OK && !call->taken)
        err = call->read_error;
    return err == OK && !call->taken ? visibility_filter(call) : err;
}

static void fill_call(struct call *call, struct api *api, const struct http_request *request, const struct route_match *match,
                      struct arena *arena)
{
    *call = (struct call){
        .arena = arena, .env = api->env, .now = env_now(api->env), .engine = api->engine, .api = api,
        .route = match->route, .request = request, .problem = problem_new(arena),
    };
    memcpy(call->path_parameters, match->parameters, sizeof call->path_parameters);
}

/* Runs on the network thread; call and request live on the request's arena because the handler may keep them until it replies. */
static void run_fast(struct api *api, const struct http_request *request, const struct route_match *match)
{
    struct call *call = ARENA_NEW(request->arena, struct call);
    fill_call(call, api, arena_copy(request->arena, request, sizeof *request), match, request->arena);
    call_parse_query(call, request->query);
    enum err err = read_body(call);
    if (err == OK)
        err = call->route->handle(call);
    if (call->taken)
        return;
    if (err != OK)
        error_from_outcome(call, err);
    send_call(call);
}

static bool worker_has_db(struct worker *worker)
{
    if (worker->db && db_is_broken(worker->db)) {
        db_close(worker->db);
        worker->db = NULL;
    }
    return worker->db || db_open(&worker->db, worker->api->db_url, DB_READER) == OK;
}

/* A snapshot to read from. A connection that broke while it was idle shows at this moment: it is opened anew, once. */
static enum err begin_reading(struct worker *worker)
{
    for (int attempt = 0; attempt < 2; attempt++) {
        if (!worker_has_db(worker))
            return ERR_UNAVAILABLE;
        enum err err = db_begin(worker->db);
        if (err == OK || !db_is_broken(worker->db))
            return err;
    }
    return ERR_UNAVAILABLE;
}

static void run_on_worker(struct worker *worker, struct arena *arena, const struct http_request *request)
{
    struct route_match match;
    enum route_outcome found =
        router_find(worker->api->router, arena, request->method, path_without_prefix(worker->api, request->path), &match);
    assert(found == ROUTE_FOUND); /* the network thread found it before */
    struct call *call = ARENA_NEW(arena, struct call);
    fill_call(call, worker->api, request, &match, arena);
    enum err err = begin_reading(worker);
    call->db = worker->db;
    if (err == OK)
        err = run_checked(call);
    if (worker->db)
        db_rollback(worker->db);
    if (call->taken)
        return;
    if (err != OK)
        error_from_outcome(call, err);
    send_call(call);
}

/* Who has nothing to do gives back what was remembered and is not used; then nobody wakes for nothing. */
static void wait_for_work(struct api *api)
{
    struct timespec until;
    if (oncall_memory_is_empty(api->oncalls)) {
        pthread_cond_wait(&api->ready, &api->lock);
        return;
    }
    env_deadline(api->env, ONCALL_MEMORY_UNUSED_MS, &until);
    if (pthread_cond_timedwait(&api->ready, &api->lock, &until) == ETIMEDOUT) {
        pthread_mutex_unlock(&api->lock); /* the network thread wants it */
        oncall_memory_tend(api->oncalls, api->env);
        pthread_mutex_lock(&api->lock);
    }
}

static bool next_request(struct api *api, struct http_request *ret)
{
    pthread_mutex_lock(&api->lock);
    while (api->count == 0 && !api->stopping)
        wait_for_work(api);
    bool found = api->count > 0;
    if (found) {
        *ret = api->waiting[api->first];
        api->first = (api->first + 1) % WAITING_REQUESTS_MAX;
        api->count--;
    }
    pthread_mutex_unlock(&api->lock);
    return found;
}

static void *worker_main(void *argument)
{
    struct worker *worker = argument;
    struct arena *arena = arena_new(WORKER_ARENA_BYTES_MAX);
    struct http_request request;
    while (next_request(worker->api, &request)) {
        run_on_worker(worker, arena, &request);
        arena_reset(arena);
    }
    arena_free(arena);
    return NULL;
}

static bool hand_to_worker(struct api *api, const struct http_request *request)
{
    pthread_mutex_lock(&api->lock);
    bool room = api->count < WAITING_REQUESTS_MAX && !api->stopping;
    if (room) {
        api->waiting[(api->first + api->count) % WAITING_REQUESTS_MAX] = *request;
        api->count++;
        pthread_cond_signal(&api->ready);
    }
    pthread_mutex_unlock(&api->lock);
    return room;
}

static void refuse(const struct api *api, const struct http_request *request, int status, int code, const char *message, struct text allow)
{
    struct http_response response = error_response(request->arena, status, code, message, NULL);
    if (text_is_present(allow))
        add_header(&response, "Allow", allow);
    if (status == 503)
        add_header(&response, "Retry-After", TEXT("1"));
    send(api, request->exchange, &response);
}

static void on_request(void *context, const struct http_request *request)
{
    struct api *api = context;
    struct route_match match = {0};
    switch (router_find(api->router, request->arena, request->method, path_without_prefix(api, request->path), &match)) {
    case ROUTE_NO_PATH: refuse(api, request, 404, API_NOT_FOUND, "Not Found", TEXT_NONE); return;
    case ROUTE_NO_METHOD: refuse(api, request, 405, API_INVALID, "Method Not Allowed", match.allow); return;
    case ROUTE_FOUND: break;
    }
    if (request->body_too_large)
        refuse(api, request, 413, API_INVALID, "Request body is too large", TEXT_NONE);
    else if (match.route->fast)
        run_fast(api, request, &match);
    else if (!hand_to_worker(api, request))
        refuse(api, request, 503, API_INTERNAL, "Service Unavailable", TEXT_NONE);
}

static size_t body_limit(void *context, struct text method, struct text path)
{
    struct api *api = context;
    struct route_match match;
    if (router_find(api->router, NULL, method, path_without_prefix(api, path), &match) != ROUTE_FOUND)
        return BODY_BYTES_UNROUTED;
    return match.route->body_bytes_max > 0 ? match.route->body_bytes_max : BODY_BYTES_DEFAULT;
}

static enum err read_pem(struct api *api, struct text path, const char **ret)
{
    if (path.size == 0)
        return OK;
    const char *name = text_cstring(api->arena, path);
    FILE *file = fopen(name, "re");
    if (!file) {
        log_error("api", "cannot read %s", name);
        return ERR_INVALID;
    }
    char *data = arena_alloc(api->arena, PEM_BYTES_MAX + 1);
    size_t size = fread(data, 1, PEM_BYTES_MAX, file);
    fclose(file);
    data[size] = '\0';
    *ret = data;
    return OK;
}

static enum err start_server(struct api *api)
{
    const struct config *config = api->config;
    struct http_config http = {
        .host = text_cstring(api->arena, config->listen_host),
        .port = (int)config->listen_port,
        .threads = (int)config->network_threads,
        .connections_max = (int)config->connections_max,
        .connections_per_peer_max = (int)config->connections_per_peer_max,
        .request_deadline_ms = (int)config->request_deadline_s * 1000,
    };
    enum err err = read_pem(api, config->tls_certificate_file, &http.tls_certificate);
    if (err == OK)
        err = read_pem(api, config->tls_key_file, &http.tls_key);
    if (err != OK)
        return err;
    struct http_handlers handlers = {.context = api, .on_request = on_request, .body_limit = body_limit};
    return http_server_start(&api->server, api->env, &http, &handlers);
}

static enum err start_workers(struct api *api)
{
    int64_t wanted = api->config->worker_threads;
    for (int64_t i = 0; i < wanted && i < WORKERS_MAX; i++) {
        struct worker *worker = &api->workers[i];
        worker->api = api;
        enum err err = db_open(&worker->db, api->db_url, DB_READER);
        if (err != OK)
            return err;
        if (pthread_create(&worker->thread, NULL, worker_main, worker) != 0) {
            log_error("api", "cannot start a worker thread");
            db_close(worker->db);
            return ERR_UNAVAILABLE;
        }
        api->worker_count++;
    }
    return api->worker_count > 0 ? OK : ERR_INVALID;
}

static struct api *api_new(const struct config *config, struct engine *engine, struct env *env, const char *db_url)
{
    struct api *api = calloc(1, sizeof *api);
    if (!api)
        abort();
    api->arena = arena_new(16 << 20);
    api->config = config;
    api->engine = engine;
    api->env = env;
    api->db_url = arena_string(api->arena, db_url);
    api->public_url = text_cstring(api->arena, config->public_url);
    api_split_url(text_of(api->public_url), &api->public_origin, &api->path_prefix);
    api->public_is_https = text_starts_with(config->public_url, TEXT("https://"));
    api->session_cookie = auth_session_cookie(api->public_is_https, api->path_prefix);
    api->backoff = backoff_new();
    api->oncalls = oncall_memory_new();
    api->gaps = gap_memory_new();
    api->requests = allowance_new(config->requests_per_minute);
    api->events = allowance_new(config->events_per_minute);
    size_t tables = 0;
    while (all_routes[tables])
        tables++;
    api->router = router_new(api->arena, all_routes, tables);
    pthread_mutex_init(&api->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&api->ready, &monotonic);
    pthread_condattr_destroy(&monotonic);
    return api;
}

enum err api_start(struct api **ret, const struct config *config, struct engine *engine, struct env *env, const char *db_url)
{
    if (sodium_init() < 0)
        return ERR_INTERNAL;
    struct api *api = api_new(config, engine, env, db_url);
    enum err err = start_workers(api);
    if (err == OK)
        err = stream_start(engine, env);
    if (err == OK)
        err = start_server(api);
    if (err != OK) {
        api_stop(api);
        return err;
    }
    *ret = api;
    return OK;
}

void api_stop(struct api *api)
{
    if (!api)
        return;
    if (api->server)
        http_server_stop(api->server, 5000);
    stream_stop();
    pthread_mutex_lock(&api->lock);
    api->stopping = true;
    pthread_cond_broadcast(&api->ready);
    pthread_mutex_unlock(&api->lock);
    for (size_t i = 0; i < api->worker_count; i++) {
        pthread_join(api->workers[i].thread, NULL);
        db_close(api->workers[i].db);
    }
    pthread_cond_destroy(&api->ready);
    pthread_mutex_destroy(&api->lock);
    backoff_free(api->backoff);
    oncall_memory_free(api->oncalls);
    gap_memory_free(api->gaps);
    allowance_free(api->requests);
    allowance_free(api->events);
    arena_free(api->arena);
    free(api);
}
