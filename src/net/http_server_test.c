/* Why: what http_server.h promises, shown with raw sockets: slow, silent, greedy and ambiguous clients, late answers,
 * streams and the stop. Deadlines here are real time (they guard against real clients), so they are short and nothing
 * else waits. */
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

enum { BODY_LIMIT = 1000, WAITING_MAX = 256, PATIENCE_MS = 10000 };

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

static void reply_text(struct http_exchange *exchange, int status, struct text body)
{
    http_reply(exchange, &(struct http_response){.status = status,
                                                 .content_type = "text/plain",
                                                 .body = body,
                                                 .headers = {{"X-Muster", TEXT("yes")}},
                                                 .header_count = 1});
}

static void on_stream_closed(void *context)
{
    struct fixture *f = context;
    pthread_mutex_lock(&f->lock);
    f->streams_closed++;
    pthread_cond_broadcast(&f->changed);
    pthread_mutex_unlock(&f->lock);
}

static void keep(char *buffer, struct text value)
{
    snprintf(buffer, 64, "%.*s", TEXT_ARG(value));
}

static void on_request(void *context, const struct http_request *request)
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
        struct text body = {arena_alloc(request->arena, 32 * 1024 * 1024), 32 * 1024 * 1024};
        reply_text(request->exchange, 200, body);
    } else {
        reply_text(request->exchange, 200, request->body.size ? request->body : TEXT("hello"));
    }
}

static size_t body_limit(void *context, struct text method, struct text path)
{
    (void)context;
    (void)method;
    (void)path;
    return BODY_LIMIT;
}

static struct fixture *start_with(struct http_config config)
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

static struct fixture *start(void)
{
    return start_with((struct http_config){.threads = 2, .connections_max = 500, .request_deadline_ms = 5000});
}

static struct fixture *start_hurried(void)
{
    return start_with((struct http_config){
        .threads = 1, .connections_max = 50, .request_deadline_ms = 200, .answer_deadline_ms = 200});
}

static void stop(struct fixture *f)
{
    if (f->server)
        http_server_stop(f->server, 1000);
    pthread_mutex_destroy(&f->lock);
    pthread_cond_destroy(&f->changed);
    env_free(f->env);
    free(f);
}

static int dial(struct fixture *f)
{
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons((uint16_t)http_server_port(f->server)),
                                  .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    assert_int_equal(connect(fd, (struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static void send_bytes(int fd, const char *bytes)
{
    assert_int_equal(send(fd, bytes, strlen(bytes), MSG_NOSIGNAL), strlen(bytes));
}

/* Reads until the peer closes, `enough` has been seen `times` times, or patience ends (a failure). */
static char *receive(int fd, const char *enough, int times)
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

static char *receive_to_end(int fd)
{
    char *all = receive(fd, NULL, 0);
    close(fd);
    return all;
}

static bool has_been_closed(int fd)
{
    struct pollfd ready = {.fd = fd, .events = POLLIN};
    char byte;
    return poll(&ready, 1, PATIENCE_MS) == 1 && recv(fd, &byte, 1, 0) <= 0;
}

/* One byte now and then, for as long as the server lets it; true when the server ended it. */
static bool drip_until_closed(int fd, const char *bytes)
{
    for (int i = 0; i < 400; i++) {
        if (send(fd, bytes + (size_t)i % strlen(bytes), 1, MSG_NOSIGNAL) < 0)
            return true;
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        char byte;
        if (poll(&ready, 1, 20) == 1 && recv(fd, &byte, 1, 0) <= 0)
            return true;
    }
    return false;
}

static struct http_counters counters(struct fixture *f)
{
    struct http_counters counters;
    http_server_counters(f->server, &counters);
    return counters;
}

static void wait_for_waiting(struct fixture *f, int count)
{
    pthread_mutex_lock(&f->lock);
    while (f->waiting_count < count)
        pthread_cond_wait(&f->changed, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

static void wait_for_stream(struct fixture *f)
{
    pthread_mutex_lock(&f->lock);
    while (!f->stream)
        pthread_cond_wait(&f->changed, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

static void wait_for_streams_closed(struct fixture *f, int count)
{
    pthread_mutex_lock(&f->lock);
    while (f->streams_closed < count)
        pthread_cond_wait(&f->changed, &f->lock);
    pthread_mutex_unlock(&f->lock);
}

/* -------------------------------------------------------------------------------------------------------------- */

static void test_request_is_seen_as_sent(void **state)
{
    (void)state;
    struct fixture *f = start();
    int fd = dial(f);
    send_bytes(fd, "GET /a%2Fb/c?x=1&y=%20 HTTP/1.1\r\nHost: m\r\nX-Test: one\r\nCookie: a=b; "
                   "session=s3\r\nConnection: close\r\n\r\n");
    char *answer = receive_to_end(fd);
    assert_non_null(strstr(answer, "HTTP/1.1 200"));
    assert_non_null(strstr(answer, "X-Muster: yes\r\n"));
    assert_non_null(strstr(answer, "\r\n\r\nhello"));
    assert_string_equal(f->last_path, "/a%2Fb/c");
    assert_string_equal(f->last_query, "x=1&y=%20");
    assert_string_equal(f->last_peer, "127.0.0.1");
    assert_string_equal(f->last_header, "one");
    assert_string_equal(f->last_cookie, "s3");
    stop(f);
}

static void test_absolute_target(void **state)
{
    (void)state;
    struct fixture *f = start();
    int fd = dial(f);
    send_bytes(fd, "GET http://m.example/x?y HTTP/1.1\r\nHost: m.example\r\nConnection: close\r\n\r\n");
    receive_to_end(fd);
    assert_string_equal(f->last_path, "/x");
    assert_string_equal(f->last_query, "y");
    stop(f);
}

static void test_head_has_length_and_no_body(void **state)
{
    (void)state;
    struct fixture *f = start();
    int fd = dial(f);
    send_bytes(fd, "HEAD / HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n");
    char *answer = receive_to_end(fd);
    assert_non_null(strstr(answer, "Content-Length: 5\r\n"));
    assert_null(strstr(answer, "hello"));
    stop(f);
}

static void test_keep_alive_and_pipelining(void **state)
{
    (void)state;
    struct fixture *f = start();
    int fd = dial(f);
    send_bytes(fd, "GET / HTTP/1.1\r\nHost: m\r\n\r\n");
    receive(fd, "hello", 1);
    send_bytes(fd, "POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 3\r\n\r\noneGET / HTTP/1.1\r\nHost: m\r\n\r\n"
                   "POST / HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n3\r\ntwo\r\n0\r\n\r\n");
    char *answers = receive(fd, "\r\n\r\ntwo", 1);
    assert_non_null(strstr(answers, "\r\n\r\none"));
    assert_non_null(strstr(answers, "\r\n\r\nhello"));
    close(fd);
    assert_int_equal(counters(f).requests, 4);
    stop(f);
}

static void test_body_in_pieces(void **state)
{
    (void)state;
    struct fixture *f = start();
    int fd = dial(f);
    send_bytes(fd, "POST / HTTP/1.1\r\nHost: m\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n");
    for (int i = 0; i < 100; i++)
        send_bytes(fd, "0123456789");
    char *answer = receive_to_end(fd);
    assert_non_null(strstr(answer, "Content-Length: 1000"));
    stop(f);
}

static void test_oversize_is_answered(void **state)
{
    (void)state;
    struct fixture *f = start();
    static char many[100001];
    memset(many, 'x', 100000);
    for (int chunked = 0; chunked < 2; chunked++) {
        int fd = dial(f);
        send_bytes(fd, chunked ? "POST / HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n186a0\r\n"
                               : "POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 100000\r\n\r\n");
        send_bytes(fd, many);
        if (chunked)
            send_bytes(fd, "\r\n0\r\n\r\n");
        char *answer = receive_to_end(fd);
        assert_non_null(strstr(answer, "HTTP/1.1 413"));
        assert_non_null(strstr(answer, "Connection: close"));
        assert_int_equal(counters(f).too_large, chunked + 1);
    }
    stop(f);
}

static void test_exact_limit_passes_and_one_more_does_not(void **state)
{
    (void)state;
    struct fixture *f = start();
    static char many[BODY_LIMIT + 2];
    memset(many, 'x', BODY_LIMIT);
    int fd = dial(f);
    send_bytes(fd, "POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 1000\r\n\r\n");
    send_bytes(fd, many);
    assert_non_null(strstr(receive(fd, "xxx", 998), "200"));
    many[BODY_LIMIT] = 'x';
    send_bytes(fd, "POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 1001\r\n\r\n");
    send_bytes(fd, many);
    assert_non_null(strstr(receive_to_end(fd), "HTTP/1.1 413"));
    stop(f);
}

static void test_absurd_length_is_answered_unread(void **state)
{
    (void)state;
    struct fixture *f = start();
    int fd = dial(f);
    send_bytes(fd, "POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 99999999999\r\nExpect: 100-continue\r\n\r\n");
    char *answer = receive_to_end(fd);
    assert_non_null(strstr(answer, "HTTP/1.1 413"));
    assert_null(strstr(answer, "100 Continue"));
    stop(f);
}

static void test_silent_client_is_closed(void **state)
{
    (void)state;
    struct fixture *f = start_hurried();
    int fd = dial(f);
    assert_true(has_been_closed(fd));
    close(fd);
    assert_int_equal(counters(f).deadline_closed, 1);
    stop(f);
}

static void test_slow_headers_are_closed(void **state)
{
    (void)state;
    struct fixture *f = start_hurried();
    int fd = dial(f);
    send_bytes(fd, "GET / HTTP/1.1\r\nHost: m\r\n");
    assert_true(drip_until_closed(fd, "X-A: b\r\n"));
    close(fd);
    assert_int_equal(counters(f).deadline_closed, 1);
    assert_int_equal(f->requests, 0);
    stop(f);
}

static void test_slow_body_is_closed(void **state)
{
    (void)state;
    struct fixture *f = start_hurried();
    int fd = dial(f);
    send_bytes(fd, "POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 900\r\n\r\n");
    assert_true(drip_until_closed(fd, "x"));
    close(fd);
    assert_int_equal(counters(f).deadline_closed, 1);
    assert_int_equal(f->requests, 0);
    stop(f);
}

static void test_slow_second_request_is_closed(void **state)
{
    (void)state;
    struct fixture *f = start_hurried();
    int fd = dial(f);
    send_bytes(fd, "GET / HTTP/1.1\r\nHost: m\r\n\r\n");
    receive(fd, "hello", 1);
    assert_true(drip_until_closed(
        fd, "GET /aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"));
    close(fd);
    assert_int_equal(counters(f).deadline_closed, 1);
    stop(f);
}

static void test_idle_keep_alive_outlives_the_deadline(void **state)
{
    (void)state;
    struct fixture *f = start_hurried();
    int idle = dial(f);
    send_bytes(idle, "GET / HTTP/1.1\r\nHost: m\r\n\r\n");
    receive(idle, "hello", 1);
    int silent = dial(f); /* lives a whole deadline, begun after `idle` became idle */
    assert_true(has_been_closed(silent));
    close(silent);
    send_bytes(idle, "GET / HTTP/1.1\r\nHost: m\r\n\r\n");
    assert_non_null(strstr(receive(idle, "hello", 1), "200"));
    close(idle);
    stop(f);
}

static void test_client_that_does_not_read_is_closed(void **state)
{
    (void)state;
    struct fixture *f = start_hurried();
    int fd = dial(f);
    send_bytes(fd, "GET /huge HTTP/1.1\r\nHost: m\r\n\r\n");
    int other = dial(f);
    send_bytes(other, "GET / HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n");
    assert_non_null(strstr(receive_to_end(other), "hello"));
    for (int i = 0; i < 200 && counters(f).deadline_closed == 0; i++)
        poll(NULL, 0, 20);
    assert_int_equal(counters(f).deadline_closed, 1);
    close(fd);
    stop(f);
}

static void test_waiting_for_the_server_is_not_slow(void **state)
{
    (void)state;
    struct fixture *f = start_hurried();
    int fd = dial(f);
    send_bytes(fd, "GET /later HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n");
    wait_for_waiting(f, 1);
    int silent = dial(f);
    assert_true(has_been_closed(silent)); /* a deadline has passed */
    close(silent);
    reply_text(f->waiting[0], 200, TEXT("at last"));
    assert_non_null(strstr(receive_to_end(fd), "at last"));
    stop(f);
}

static void test_ambiguous_requests_are_refused(void **state)
{
    (void)state;
    static const char *const heads[] = {
        "Content-Length: 5\r\nContent-Length: 5\r\n",
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: gzip, chunked\r\n",
        "Transfer-Encoding: identity\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: \x0b"
        "chunked\r\n",
        "Content-Length : 5\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 5, 5\r\n",
        "Content-Length: -5\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length: 99999999999999999999\r\n",
        "Content-Length:\r\n",
        "Host: other\r\n",
        "X Y: z\r\n",
        "X-A: b\x01"
        "c\r\n",
    };
    struct fixture *f = start();
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        int fd = dial(f);
        char request[512];
        snprintf(request, sizeof request,
                 "POST / HTTP/1.1\r\nHost: m\r\n%s\r\nhelloGET /smuggled HTTP/1.1\r\nHost: m\r\n\r\n", heads[i]);
        send_bytes(fd, request);
        char *answer = receive_to_end(fd);
        bool is_refused = answer[0] == '\0' || strstr(answer, " 400 ") || strstr(answer, " 413 ");
        if (!is_refused)
            fail_msg("not refused: %s -> %s", heads[i], answer);
        assert_null(strstr(answer, " 200 "));
    }
    assert_int_equal(f->requests, 0);
    assert_true(counters(f).malformed > 10);
    stop(f);
}

/* The library misreads these; the answer may be of any kind, but nothing behind them is read as a request. */
static void test_nothing_is_smuggled_behind_a_misread_head(void **state)
{
    (void)state;
    static const char hidden[] = "GET /smuggled HTTP/1.1\r\nHost: m\r\n\r\n";
    static const struct {
        const char *bytes;
        size_t size;
    } heads[] = {
#define HEAD(literal) {literal, sizeof(literal) - 1}
        HEAD("POST / HTTP/1.1\r\nHost: m\r\nContent-Length: 5\r\n 6\r\n\r\n"),
        HEAD("POST / HTTP/1.1\r\nHost: m\r\nTransfer-Encoding:\r\n chunked\r\n\r\n"),
        HEAD("POST / HTTP/1.1\r\nHost: m\r\n:\r\nContent-Length: 40\r\n\r\n"),
        HEAD("POST / HTTP/1.1\r\nHost:m\r\n:x\r\nContent-Length: 40\r\n\r\n"),
        HEAD("POST / HTTP/1.1\r\nHost: m\r\nX-A: b\0c\r\n\r\n"),
        HEAD("POST / HTTP/1.1\r\nHost: m\r\nX-A\0: b\r\n\r\n"),
        HEAD("GET /a\0b HTTP/1.1\r\nHost: m\r\n\r\n"),
        HEAD("GET / HTTP/1.1\nHost: m\n\n"),
        HEAD("GET / HTTP/1.1\r\nHost: m\nX-A: b\r\n\r\n"),
        HEAD("POST / HTTP/1.1\r\nHost: m\r\nTransfer-Encoding: chunked\r\n\r\n0\n\n"),
#undef HEAD
    };
    struct fixture *f = start();
    for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
        int fd = dial(f);
        assert_int_equal(send(fd, heads[i].bytes, heads[i].size, MSG_NOSIGNAL), heads[i].size);
        send(fd, hidden, sizeof hidden - 1, MSG_NOSIGNAL);
        f->last_path[0] = '\0';
        char *answer = receive_to_end(fd);
        if (strcmp(f->last_path, "/smuggled") == 0)
            fail_msg("smuggled behind head %zu: %s", i, answer);
    }
    stop(f);
}

/* Blanks are the client's choice, RFC 9112 section 5: such a connection stays open. */
static void test_odd_blanks_keep_the_connection(void **state)
{
    (void)state;
    struct fixture *f = start();
    int fd = dial(f);
    for (int i = 0; i < 3; i++) {
        send_bytes(fd, "GET /a?b HTTP/1.1\r\nHost:m\r\nX-A:  \t b \r\nX-Empty:\r\nX");
        send_bytes(fd, "-B: c\r\n\r\n");
        assert_non_null(strstr(receive(fd, "hello", 1), "200"));
    }
    close(fd);
    stop(f);
}

static void test_missing_host_is_refused(void **state)
{
    (void)state;
    struct fixture *f = start();
    int fd = dial(f);
    send_bytes(fd, "GET / HTTP/1.1\r\n\r\n");
    assert_non_null(strstr(receive_to_end(fd), " 400 "));
    stop(f);
}

static void test_huge_head_is_refused(void **state)
{
    (void)state;
    struct fixture *f = start();
    int fd = dial(f);
    static char head[60001];
    memset(head, 'a', 60000);
    send_bytes(fd, "GET / HTTP/1.1\r\nHost: m\r\nX-Long: ");
    send(fd, head, 60000, MSG_NOSIGNAL); /* may fail half-way: the server has seen enough */
    char *answer = receive_to_end(fd);
    assert_null(strstr(answer, " 200 "));
    assert_int_equal(f->requests, 0);
    stop(f);
}

static void test_cap_refuses_and_recovers(void **state)
{
    (void)state;
    struct fixture *f = start_with((struct http_config){
        .threads = 1, .connections_max = 20, .connections_per_peer_max = 5, .request_deadline_ms = 5000});
    int fds[5];
    for (int i = 0; i < 5; i++) {
        fds[i] = dial(f);
        send_bytes(fds[i], "GET / HTTP/1.1\r\nHost: m\r\n\r\n");
        receive(fds[i], "hello", 1);
    }
    int refused = dial(f);
    assert_true(has_been_closed(refused));
    close(refused);
    assert_int_equal(counters(f).refused_connections, 1);
    assert_int_equal(counters(f).open_connections, 5);
    close(fds[0]);
    for (int i = 0; i < 500 && counters(f).open_connections == 5; i++)
        poll(NULL, 0, 10);
    int again = dial(f);
    send_bytes(again, "GET / HTTP/1.1\r\nHost: m\r\n\r\n");
    assert_non_null(strstr(receive(again, "hello", 1), "200"));
    close(again);
    for (int i = 1; i < 5; i++)
        close(fds[i]);
    stop(f);
}

static void test_many_answers_from_another_thread(void **state)
{
    (void)state;
    enum { COUNT = 200 };
    struct fixture *f = start();
    int fds[COUNT];
    for (int i = 0; i < COUNT; i++) {
        fds[i] = dial(f);
        send_bytes(fds[i], "GET /later HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n");
    }
    wait_for_waiting(f, COUNT);
    for (int i = 0; i < COUNT; i++)
        reply_text(f->waiting[i], 202, TEXT("done"));
    for (int i = 0; i < COUNT; i++)
        assert_non_null(strstr(receive_to_end(fds[i]), "HTTP/1.1 202"));
    stop(f);
}

static void test_client_gone_before_the_answer(void **state)
{
    (void)state;
    struct fixture *f = start();
    int fd = dial(f);
    send_bytes(fd, "GET /later HTTP/1.1\r\nHost: m\r\n\r\n");
    wait_for_waiting(f, 1);
    struct linger reset = {.l_onoff = 1};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &reset, sizeof reset);
    close(fd);
    reply_text(f->waiting[0], 200, TEXT("nobody"));
    stop(f);
}

static void test_stream_carries_events_and_tells_of_the_end(void **state)
{
    (void)state;
    struct fixture *f = start();
    int fd = dial(f);
    send_bytes(fd, "GET /stream HTTP/1.1\r\nHost: m\r\n\r\n");
    wait_for_stream(f);
    http_stream_send(f->stream, TEXT("data: one\n\n"));
    char *answer = receive(fd, "data: one", 1);
    assert_non_null(strstr(answer, "Content-Type: text/event-stream"));
    http_stream_send(f->stream, TEXT("data: two\n\n"));
    receive(fd, "data: two", 1);
    http_stream_end(f->stream);
    wait_for_streams_closed(f, 1);
    close(fd);
    stop(f);
}

static void test_stream_notices_that_the_client_left(void **state)
{
    (void)state;
    struct fixture *f = start();
    int fd = dial(f);
    send_bytes(fd, "GET /stream HTTP/1.1\r\nHost: m\r\n\r\n");
    wait_for_stream(f);
    close(fd);
    pthread_mutex_lock(&f->lock);
    while (f->streams_closed == 0) {
        pthread_mutex_unlock(&f->lock);
        http_stream_send(f->stream, TEXT(": heartbeat\n\n"));
        poll(NULL, 0, 5);
        pthread_mutex_lock(&f->lock);
    }
    pthread_mutex_unlock(&f->lock);
    http_stream_send(f->stream, TEXT("data: dropped\n\n"));
    http_stream_end(f->stream);
    stop(f);
}

static void test_stream_that_is_not_read_is_cut(void **state)
{
    (void)state;
    struct fixture *f = start_hurried();
    int fd = dial(f);
    send_bytes(fd, "GET /stream HTTP/1.1\r\nHost: m\r\n\r\n");
    wait_for_stream(f);
    static char line[2049];
    memset(line, 'x', 2048);
    for (int i = 0; i < 100000 && counters(f).backlog_closed == 0; i++)
        http_stream_send(f->stream, text_of(line));
    assert_int_equal(counters(f).backlog_closed, 1);
    wait_for_streams_closed(f, 1);
    http_stream_end(f->stream);
    close(fd);
    stop(f);
}

static void test_stop_ends_streams_and_waits_for_answers(void **state)
{
    (void)state;
    struct fixture *f = start();
    int streaming = dial(f), idle = dial(f), half = dial(f);
    send_bytes(streaming, "GET /stream HTTP/1.1\r\nHost: m\r\n\r\n");
    send_bytes(idle, "GET / HTTP/1.1\r\nHost: m\r\n\r\n");
    send_bytes(half, "GET / HT");
    receive(idle, "hello", 1);
    wait_for_stream(f);
    http_server_stop(f->server, 5000);
    f->server = NULL;
    assert_int_equal(f->streams_closed, 1);
    http_stream_end(f->stream);
    assert_non_null(strstr(receive_to_end(streaming), "\r\n0\r\n\r\n"));
    assert_true(has_been_closed(idle));
    assert_true(has_been_closed(half));
    close(idle);
    close(half);
    stop(f);
}

static void test_late_answer_after_the_stop_is_harmless(void **state)
{
    (void)state;
    struct fixture *f = start();
    int fd = dial(f);
    send_bytes(fd, "GET /later HTTP/1.1\r\nHost: m\r\n\r\n");
    wait_for_waiting(f, 1);
    http_server_stop(f->server, 50);
    f->server = NULL;
    assert_non_null(strstr(receive_to_end(fd), "HTTP/1.1 503"));
    reply_text(f->waiting[0], 200, TEXT("too late"));
    stop(f);
}

static void test_start_fails_loudly(void **state)
{
    (void)state;
    struct fixture *f = start();
    struct http_server *second = NULL;
    struct http_config config = {.host = "127.0.0.1",
                                 .port = http_server_port(f->server),
                                 .threads = 1,
                                 .connections_max = 5,
                                 .request_deadline_ms = 1000};
    struct http_handlers handlers = {.context = f, .on_request = on_request, .body_limit = body_limit};
    assert_int_equal(http_server_start(&second, f->env, &config, &handlers), ERR_UNAVAILABLE);
    config.port = 0;
    config.tls_certificate = config.tls_key = "not PEM";
    assert_int_equal(http_server_start(&second, f->env, &config, &handlers), ERR_INVALID);
    config.tls_certificate = config.tls_key = NULL;
    config.host = "no such host.invalid";
    assert_int_equal(http_server_start(&second, f->env, &config, &handlers), ERR_INVALID);
    assert_null(second);
    stop(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_request_is_seen_as_sent),
        cmocka_unit_test(test_absolute_target),
        cmocka_unit_test(test_head_has_length_and_no_body),
        cmocka_unit_test(test_keep_alive_and_pipelining),
        cmocka_unit_test(test_body_in_pieces),
        cmocka_unit_test(test_oversize_is_answered),
        cmocka_unit_test(test_exact_limit_passes_and_one_more_does_not),
        cmocka_unit_test(test_absurd_length_is_answered_unread),
        cmocka_unit_test(test_silent_client_is_closed),
        cmocka_unit_test(test_slow_headers_are_closed),
        cmocka_unit_test(test_slow_body_is_closed),
        cmocka_unit_test(test_slow_second_request_is_closed),
        cmocka_unit_test(test_idle_keep_alive_outlives_the_deadline),
        cmocka_unit_test(test_client_that_does_not_read_is_closed),
        cmocka_unit_test(test_waiting_for_the_server_is_not_slow),
        cmocka_unit_test(test_ambiguous_requests_are_refused),
        cmocka_unit_test(test_nothing_is_smuggled_behind_a_misread_head),
        cmocka_unit_test(test_odd_blanks_keep_the_connection),
        cmocka_unit_test(test_missing_host_is_refused),
        cmocka_unit_test(test_huge_head_is_refused),
        cmocka_unit_test(test_cap_refuses_and_recovers),
        cmocka_unit_test(test_many_answers_from_another_thread),
        cmocka_unit_test(test_client_gone_before_the_answer),
        cmocka_unit_test(test_stream_carries_events_and_tells_of_the_end),
        cmocka_unit_test(test_stream_notices_that_the_client_left),
        cmocka_unit_test(test_stream_that_is_not_read_is_cut),
        cmocka_unit_test(test_stop_ends_streams_and_waits_for_answers),
        cmocka_unit_test(test_late_answer_after_the_stop_is_harmless),
        cmocka_unit_test(test_start_fails_loudly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
