/* Why: a server, and the raw sockets that tests of it speak through. Included by tests only.
 * Deadlines here are real time (they guard against real clients), so they are short and nothing else waits. */
#ifndef MUSTER_NET_HTTP_TEST_H
#define MUSTER_NET_HTTP_TEST_H

#include "net/http_server.h"

#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { BODY_LIMIT = 1000, WAITING_MAX = 256, PATIENCE_MS = 60000 };

struct fixture {
    struct env *env;
    struct http_server *server;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    struct http_exchange *waiting[WAITING_MAX];
    int waiting_count;
    struct http_stream *stream;
    int streams_closed;
    int requests;
    char last_path[64], last_query[64], last_peer[64], last_header[64], last_cookie[64];
};

static inline void reply_text(struct http_exchange *exchange, int status, struct text body)
{
    http_reply(exchange, &(struct http_response){.status = status,
                                                 .content_type = "text/plain",
                                                 .body = body,
                                                 .headers = {{"X-Muster", TEXT("yes")}},
                                                 .header_count = 1});
}

static inline void on_stream_closed(void *context)
{
    struct fixture *f = context;
    pthread_mutex_lock(&f->lock);
    f->streams_closed++;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static inline void keep(char *buffer, struct text value)
{
    snprintf(buffer, 64, "%.*s", TEXT_ARG(value));
}

static inline void on_request(void *context, const struct http_request *request)
{
    struct fixture *f = context;
    pthread_mutex_lock(&f->lock);
    f->requests++;
    keep(f->last_path, request->path);
    keep(f->last_query, request->query);
    keep(f->last_peer, request->peer);
    keep(f->last_header, http_request_header(request, "x-test"));
    keep(f->last_cookie, http_request_cookie(request, "session"));
    if (text_is(request->path, "/later"))
        f->waiting[f->waiting_count++] = request->exchange;
    if (text_is(request->path, "/stream"))
        f->stream = http_stream_start(request->exchange, 4096, on_stream_closed, f);
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
    if (text_is(request->path, "/later") || text_is(request->path, "/stream"))
        return;
    if (request->body_too_large) {
        reply_text(request->exchange, 413, TEXT("too large"));
    } else if (text_is(request->path, "/huge")) {
        struct text body = {arena_alloc(request->arena, 8 * 1024 * 1024), 8 * 1024 * 1024};
        reply_text(request->exchange, 200, body);
    } else {
        reply_text(request->exchange, 200, request->body.size ? request->body : TEXT("hello"));
    }
}

static inline size_t body_limit(void *context, struct text method, struct text path)
{
    (void)context;
    (void)method;
    (void)path;
    return BODY_LIMIT;
}

static inline struct fixture *start_with(struct http_config config)
{
    struct fixture *f = calloc(1, sizeof *f);
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
    f->env = env_real();
    config.host = "127.0.0.1";
    struct http_handlers handlers = {.context = f, .on_request = on_request, .body_limit = body_limit};
    assert_int_equal(http_server_start(&f->server, f->env, &config, &handlers), OK);
    return f;
}

static inline struct fixture *start(void)
{
    return start_with((struct http_config){.threads = 2, .connections_max = 500, .request_deadline_ms = 60000});
}

static inline struct fixture *start_hurried(void)
{
    return start_with((struct http_config){
        .threads = 1, .connections_max = 50, .request_deadline_ms = 2000, .answer_deadline_ms = 2000});
}

static inline void stop(struct fixture *f)
{
    if (f->server)
        http_server_stop(f->server, 60000);
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->changed);
    env_free(f->env);
    free(f);
}

static inline int dial(struct fixture *f)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)http_server_port(f->server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static inline void send_bytes(int fd, const char *bytes)
{
    assert_int_equal(send(fd, bytes, strlen(bytes), MSG_NOSIGNAL), strlen(bytes));
}

/* Reads until the peer closes, `enough` has been seen `times` times, or patience ends (a failure). */
static inline char *receive(int fd, const char *enough, int times)
{
    static char buffer[65536];
    size_t size = 0;
    for (;;) {
        buffer[size] = '\0';
        int seen = 0;
        for (const char *p = buffer; enough && (p = strstr(p, enough)); p++)
            seen++;
        if (enough && seen >= times)
            return buffer;
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (poll(&ready, 1, PATIENCE_MS) != 1)
            fail_msg("nothing more after: %s", buffer);
        assert_true(size < sizeof buffer - 1);
        ssize_t got = recv(fd, buffer + size, sizeof buffer - 1 - size, 0);
        if (got <= 0)
            return buffer;
        size += (size_t)got;
    }
}

static inline char *receive_to_end(int fd)
{
    char *all = receive(fd, NULL, 0);
    close(fd);
    return all;
}

static inline bool has_been_closed(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    char byte;
    return poll(&ready, 1, PATIENCE_MS) == 1 && recv(fd, &byte, 1, 0) <= 0;
}

/* One byte now and then, for as long as the server lets it; true when the server ended it. */
static inline bool drip_until_closed(int fd, const char *bytes)
{
    for (int i = 0; i < 3000; i++) {
        if (send(fd, bytes + (size_t)i % strlen(bytes), 1, MSG_NOSIGNAL) < 0)
            return true;
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        char byte;
        if (poll(&ready, 1, 20) == 1 && recv(fd, &byte, 1, 0) <= 0)
            return true;
    }
    return false;
}

static inline struct http_counters counters(struct fixture *f)
{
    struct http_counters counters;
    http_server_counters(f->server, &counters);
    return counters;
}

static inline void wait_for_waiting(struct fixture *f, int count)
{
    pthread_mutex_lock(&f->lock);
    while (f->waiting_count < count)
        pthread_cond_wait(&f->changed, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

static inline void wait_for_stream(struct fixture *f)
{
    pthread_mutex_lock(&f->lock);
    while (!f->stream)
        pthread_cond_wait(&f->changed, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

static inline void wait_for_streams_closed(struct fixture *f, int count)
{
    pthread_mutex_lock(&f->lock);
    while (f->streams_closed < count)
        pthread_cond_wait(&f->changed, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

#endif
