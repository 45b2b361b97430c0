/* Why: one request from its first line to its completed answer. The network thread collects it and hands it out; the
 * answer may come at once or later from any thread, in which case the connection sleeps (suspended) until then.
 *
 * The hand-over has no lock: `state` is swapped once by the answering side and once by the sleeping side, and whoever
 * comes second knows what the other has done. */
#include "net/http_internal.h"

#include <arpa/inet.h>
#include <assert.h>
#include <stdlib.h>
#include <time.h>

#include "base/log.h"

static struct http_exchange *exchange_new(struct http_server *server)
{
    pthread_mutex_lock(&server->exchanges_lock);
    struct http_exchange *spare = server->spare;
    if (spare) {
        server->spare = spare->next;
        server->spare_count--;
    }
    pthread_mutex_unlock(&server->exchanges_lock);
    struct arena *arena = spare ? spare->arena : arena_new(ARENA_BYTES_MAX);
    struct http_exchange *exchange = spare ? spare : malloc(sizeof *exchange);
    if (!exchange) {
        log_error("http", "out of memory for a request");
        abort();
    }
    memset(exchange, 0, sizeof *exchange);
    exchange->arena = arena;
    exchange->server = server;
    atomic_init(&exchange->references, 1);
    atomic_init(&exchange->state, EXCHANGE_OPEN);
    atomic_fetch_add(&server->references, 1);
    return exchange;
}

static void drop_body(struct http_exchange *exchange)
{
    free(exchange->body);
    atomic_fetch_sub(&exchange->server->body_bytes, (long long)exchange->body_capacity);
    exchange->body = NULL;
    exchange->body_capacity = 0;
    exchange->body_size = 0;
}

static void exchange_release(struct http_exchange *exchange)
{
    if (atomic_fetch_sub(&exchange->references, 1) > 1)
        return;
    struct http_server *server = exchange->server;
    if (exchange->answer.response)
        MHD_destroy_response(exchange->answer.response);
    if (exchange->own_answer.response)
        MHD_destroy_response(exchange->own_answer.response);
    drop_body(exchange);
    arena_reset(exchange->arena);
    pthread_mutex_lock(&server->exchanges_lock);
    bool is_kept = server->spare_count < SPARE_EXCHANGES_MAX;
    if (is_kept) {
        exchange->next = server->spare;
        server->spare = exchange;
        server->spare_count++;
    }
    pthread_mutex_unlock(&server->exchanges_lock);
    if (!is_kept) {
        arena_free(exchange->arena);
        free(exchange);
    }
    http_server_release(server);
}

/* Absolute-form targets ("http://host/path") must be understood, RFC 9112 section 3.2.2. */
static struct text target_without_authority(struct text target)
{
    if (!text_starts_with(target, TEXT("http://")) && !text_starts_with(target, TEXT("https://")))
        return target;
    size_t authority = text_find(target, TEXT("://")) + 3;
    size_t slash = text_find_byte(target, '/', authority);
    return slash < target.size ? text_slice(target, slash, target.size) : TEXT("/");
}

void *exchange_begin(void *context, const char *uri, struct MHD_Connection *mhd)
{
    struct http_server *server = context;
    struct http_exchange *exchange = exchange_new(server);
    exchange->mhd = mhd;
    exchange->connection = connection_of(mhd);
    exchange->uri = uri;
    exchange->uri_size = strlen(uri);
    connection_request_begins(exchange->connection);
    struct text target = target_without_authority(text_copy(exchange->arena, text_of(uri)));
    size_t question = text_find_byte(target, '?', 0);
    exchange->request.path = text_slice(target, 0, question);
    exchange->request.query = question < target.size ? text_slice(target, question + 1, target.size) : TEXT("");
    exchange->request.arena = exchange->arena;
    exchange->request.exchange = exchange;
    return exchange;
}

static struct text peer_of(struct arena *arena, struct MHD_Connection *mhd)
{
    const struct sockaddr *address = MHD_get_connection_info(mhd, MHD_CONNECTION_INFO_CLIENT_ADDRESS)->client_addr;
    char numeric[INET6_ADDRSTRLEN] = "";
    if (address->sa_family == AF_INET) {
        inet_ntop(AF_INET, &((const struct sockaddr_in *)(const void *)address)->sin_addr, numeric, sizeof numeric);
    } else if (address->sa_family == AF_INET6) {
        const struct in6_addr *v6 = &((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
        if (IN6_IS_ADDR_V4MAPPED(v6))
            inet_ntop(AF_INET, v6->s6_addr + 12, numeric, sizeof numeric);
        else
            inet_ntop(AF_INET6, v6, numeric, sizeof numeric);
    }
    return text_copy(arena, text_of(numeric));
}

/* Collecting ------------------------------------------------------------------------------------------------ */

static void mark_too_large(struct http_exchange *exchange)
{
    if (exchange->request.body_too_large)
        return;
    exchange->request.body_too_large = true;
    atomic_fetch_add(&exchange->server->too_large, 1);
    drop_body(exchange);
}

/* Grows with what has really arrived: a client cannot reserve memory by announcing a length. */
static bool make_room(struct http_exchange *exchange, size_t size)
{
    if (size <= exchange->body_capacity)
        return true;
    size_t larger = exchange->body_capacity ? exchange->body_capacity * 2 : 4096;
    while (larger < size)
        larger *= 2;
    long long more = (long long)(larger - exchange->body_capacity);
    if (atomic_fetch_add(&exchange->server->body_bytes, more) + more > BODY_BYTES_IN_FLIGHT_MAX) {
        atomic_fetch_sub(&exchange->server->body_bytes, more);
        return false;
    }
    char *body = realloc(exchange->body, larger);
    if (!body) {
        atomic_fetch_sub(&exchange->server->body_bytes, more);
        return false;
    }
    exchange->body = body;
    exchange->body_capacity = larger;
    return true;
}

/* False: so much beyond the limit that the connection is not worth keeping. */
static bool collect(struct http_exchange *exchange, const char *data, size_t size)
{
    if (size > exchange->body_limit - exchange->body_size)
        mark_too_large(exchange);
    if (!exchange->request.body_too_large && !exchange->is_starved && !exchange->malformed_reason) {
        if (!make_room(exchange, exchange->body_size + size)) {
            exchange->is_starved = true;
            drop_body(exchange);
            return true;
        }
        assert(exchange->body || size == 0);
        if (size > 0)
            memcpy(exchange->body + exchange->body_size, data, size);
        exchange->body_size += size;
        return true;
    }
    exchange->discarded += size;
    return exchange->discarded <= exchange->body_limit + DISCARD_BYTES_MAX;
}

static void learn_headers(struct http_exchange *exchange, const char *method, const char *version)
{
    struct http_server *server = exchange->server;
    struct http_request *request = &exchange->request;
    exchange->has_headers = true;
    request->method = strcmp(method, "HEAD") == 0 ? TEXT("GET") : text_copy(exchange->arena, text_of(method));
    request->peer = peer_of(exchange->arena, exchange->mhd);
    exchange->is_last = !framing_is_plain(exchange->mhd, method, exchange->uri, exchange->uri_size, version);
    exchange->malformed_reason = framing_mistake(exchange->mhd, version);
    if (!exchange->malformed_reason && !text_starts_with(request->path, TEXT("/")) && !text_is(request->path, "*"))
        exchange->malformed_reason = "request target is not a path";
    if (exchange->malformed_reason)
        return;
    exchange->body_limit = server->handlers.body_limit(server->handlers.context, request->method, request->path);
    int64_t announced = 0;
    if (!text_to_int64(http_request_header(request, "Content-Length"), &announced))
        return;
    if ((uint64_t)announced > exchange->body_limit)
        mark_too_large(exchange);
    request->body_is_unread = (uint64_t)announced > exchange->body_limit + DISCARD_BYTES_MAX;
}

/* Answering ------------------------------------------------------------------------------------------------- */

static void answer_myself(struct http_exchange *exchange, unsigned int status, const char *message)
{
    struct text body = text_printf(exchange->arena, "{\"error\":{\"message\":\"%s\",\"code\":2000}}", message);
    struct MHD_Response *response =
        MHD_create_response_from_buffer(body.size, (void *)(uintptr_t)body.data, MHD_RESPMEM_MUST_COPY);
    assert(response && "out of memory");
    MHD_add_response_header(response, "Content-Type", "application/json");
    exchange->own_answer = (struct http_answer){.status = status, .response = response};
}

static void make_answer(struct http_exchange *exchange)
{
    struct http_response response = {0};
    exchange->answer.make(exchange->answer.make_context, &response);
    exchange->answer = http_answer_from(exchange->arena, &response);
}

static enum MHD_Result queue_answer(struct http_exchange *exchange)
{
    if (exchange->is_queued)
        return MHD_YES;
    exchange->is_queued = true;
    if (!exchange->own_answer.response && !exchange->answer.response)
        make_answer(exchange);
    const struct http_answer *answer = exchange->own_answer.response ? &exchange->own_answer : &exchange->answer;
    if (exchange->is_last || exchange->request.body_too_large || exchange->own_answer.response ||
        atomic_load(&exchange->server->is_stopping))
        MHD_add_response_header(answer->response, "Connection", "close");
    connection_answer_begins(exchange->connection, answer->is_stream);
    return MHD_queue_response(exchange->mhd, answer->status, answer->response);
}

static void put_in_hand(struct http_exchange *exchange)
{
    struct http_server *server = exchange->server;
    exchange->is_handed_out = true;
    pthread_mutex_lock(&server->exchanges_lock);
    exchange->previous = NULL;
    exchange->next = server->exchanges;
    if (exchange->next)
        exchange->next->previous = exchange;
    server->exchanges = exchange;
    server->exchange_count++;
    pthread_mutex_unlock(&server->exchanges_lock);
}

static void take_from_hand(struct http_exchange *exchange)
{
    struct http_server *server = exchange->server;
    pthread_mutex_lock(&server->exchanges_lock);
    if (exchange->previous)
        exchange->previous->next = exchange->next;
    else
        server->exchanges = exchange->next;
    if (exchange->next)
        exchange->next->previous = exchange->previous;
    server->exchange_count--;
    pthread_cond_broadcast(&server->exchange_ended);
    pthread_mutex_unlock(&server->exchanges_lock);
}

static void hand_out(struct http_exchange *exchange)
{
    struct http_server *server = exchange->server;
    put_in_hand(exchange);
    if (exchange->malformed_reason) {
        atomic_fetch_add(&server->malformed, 1);
        answer_myself(exchange, 400, exchange->malformed_reason);
    } else if (exchange->is_starved) {
        answer_myself(exchange, 503, "too many requests at a time, try again later");
    } else {
        exchange->request.body = exchange->body_size ? (struct text){exchange->body, exchange->body_size} : TEXT("");
        atomic_fetch_add(&exchange->references, 1); /* the answering side's */
        atomic_fetch_add(&server->requests, 1);
        server->handlers.on_request(server->handlers.context, &exchange->request);
    }
}

/* True when it was still unanswered: the handler's answer will be dropped, ours takes its place. */
static bool abandon(struct http_exchange *exchange, enum exchange_state in_state)
{
    int expected = in_state;
    if (!atomic_compare_exchange_strong(&exchange->state, &expected, EXCHANGE_ABANDONED))
        return false;
    answer_myself(exchange, 503, "the server is stopping");
    return true;
}

/* http_reply may come at any time now, from any thread; see the head of this file. */
static enum MHD_Result await_answer(struct http_exchange *exchange)
{
    struct http_server *server = exchange->server;
    bool has_answer = exchange->own_answer.response || atomic_load(&exchange->state) == EXCHANGE_ANSWERED;
    if (has_answer || (atomic_load(&server->is_abandoning) && abandon(exchange, EXCHANGE_OPEN)))
        return queue_answer(exchange);
    MHD_suspend_connection(exchange->mhd);
    int expected = EXCHANGE_OPEN;
    bool sleeps = atomic_compare_exchange_strong(&exchange->state, &expected, EXCHANGE_SUSPENDED);
    if (!sleeps || (atomic_load(&server->is_abandoning) && abandon(exchange, EXCHANGE_SUSPENDED)))
        MHD_resume_connection(exchange->mhd);
    return MHD_YES;
}

static enum MHD_Result continue_after_headers(struct http_exchange *exchange)
{
    if (!exchange->request.body_is_unread && !exchange->malformed_reason)
        return MHD_YES;
    hand_out(exchange);
    bool has_answer = exchange->own_answer.response || atomic_load(&exchange->state) == EXCHANGE_ANSWERED;
    return has_answer ? queue_answer(exchange) : MHD_YES;
}

enum MHD_Result exchange_continue(void *context, struct MHD_Connection *mhd, const char *url, const char *method,
                                  const char *version, const char *data, size_t *data_size, void **slot)
{
    (void)context;
    (void)mhd;
    (void)url;
    struct http_exchange *exchange = *slot;
    if (!exchange->has_headers) {
        learn_headers(exchange, method, version);
        return continue_after_headers(exchange);
    }
    if (*data_size > 0) {
        bool goes_on = collect(exchange, data, *data_size);
        *data_size = 0;
        return goes_on ? MHD_YES : MHD_NO;
    }
    if (!exchange->is_handed_out) {
        connection_request_is_complete(exchange->connection);
        hand_out(exchange);
    }
    return await_answer(exchange);
}

void exchange_completed(void *context, struct MHD_Connection *mhd, void **slot, enum MHD_RequestTerminationCode code)
{
    (void)context;
    (void)mhd;
    (void)code;
    struct http_exchange *exchange = *slot;
    *slot = NULL;
    if (!exchange)
        return;
    connection_becomes_idle(exchange->connection);
    if (exchange->is_handed_out)
        take_from_hand(exchange);
    exchange_release(exchange);
}

void exchange_answer(struct http_exchange *exchange, struct http_answer answer)
{
    exchange->answer = answer;
    struct MHD_Connection *mhd = exchange->mhd;
    int before = atomic_load(&exchange->state);
    while (before != EXCHANGE_ABANDONED && !atomic_compare_exchange_weak(&exchange->state, &before, EXCHANGE_ANSWERED))
        ;
    assert(before != EXCHANGE_ANSWERED && "an exchange is answered once");
    if (before == EXCHANGE_SUSPENDED)
        MHD_resume_connection(mhd);
    exchange_release(exchange);
}

/* The stop -------------------------------------------------------------------------------------------------- */

void exchanges_wait(struct http_server *server, int grace_ms)
{
    int64_t end_us = env_monotonic_us(server->env) + (int64_t)grace_ms * 1000;
    struct timespec end = {.tv_sec = end_us / SECOND_US, .tv_nsec = end_us % SECOND_US * 1000};
    pthread_mutex_lock(&server->exchanges_lock);
    while (server->exchange_count > 0 &&
           pthread_cond_timedwait(&server->exchange_ended, &server->exchanges_lock, &end) == 0)
        ;
    pthread_mutex_unlock(&server->exchanges_lock);
}

void exchanges_abandon(struct http_server *server)
{
    atomic_store(&server->is_abandoning, true);
    pthread_mutex_lock(&server->exchanges_lock);
    for (struct http_exchange *exchange = server->exchanges; exchange; exchange = exchange->next)
        if (abandon(exchange, EXCHANGE_SUSPENDED))
            MHD_resume_connection(exchange->mhd);
    pthread_mutex_unlock(&server->exchanges_lock);
}

void exchanges_free_spare(struct http_server *server)
{
    while (server->spare) {
        struct http_exchange *spare = server->spare;
        server->spare = spare->next;
        arena_free(spare->arena);
        free(spare);
    }
}
