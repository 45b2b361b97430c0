/* Why: slow, silent, greedy and ambiguous clients get what http_server.h says, and hurt nobody else. */
#include "net/http_test.h"

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
    struct fixture *f = start_with((struct http_config){
        .threads = 1, .connections_max = 50, .request_deadline_ms = 4000, .answer_deadline_ms = 200});
    int fd = dial(f);
    int small = 65536;
    setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof small);
    send_bytes(fd, "GET /huge HTTP/1.1\r\nHost: m\r\n\r\n");
    int other = dial(f);
    send_bytes(other, "GET / HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n");
    assert_non_null(strstr(receive_to_end(other), "hello"));
    for (int i = 0; i < 3000 && counters(f).deadline_closed == 0; i++)
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
        pthread_mutex_lock(&f->lock);
        f->last_path[0] = '\0';
        pthread_mutex_unlock(&f->lock);
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
        .threads = 1, .connections_max = 20, .connections_per_peer_max = 5, .request_deadline_ms = 60000});
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
    for (int i = 0; i < 6000 && counters(f).open_connections == 5; i++)
        poll(NULL, 0, 10);
    int again = dial(f);
    send_bytes(again, "GET / HTTP/1.1\r\nHost: m\r\n\r\n");
    assert_non_null(strstr(receive(again, "hello", 1), "200"));
    close(again);
    for (int i = 1; i < 5; i++)
        close(fds[i]);
    stop(f);
}

static void test_idle_connections_make_room(void **state)
{
    (void)state;
    struct fixture *f =
        start_with((struct http_config){.threads = 1, .connections_max = 4, .request_deadline_ms = 60000});
    int fds[4];
    for (int i = 0; i < 4; i++) {
        fds[i] = dial(f);
        send_bytes(fds[i], i < 2 ? "GET / HTTP/1.1\r\nHost: m\r\n\r\n" : "GET /later HTTP/1.1\r\nHost: m\r\n\r\n");
        if (i < 2)
            receive(fds[i], "hello", 1);
    }
    wait_for_waiting(f, 2);
    for (int i = 0; i < 2; i++) {
        int newcomer = dial(f);
        send_bytes(newcomer, "GET / HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n");
        assert_non_null(strstr(receive_to_end(newcomer), "hello"));
    }
    assert_true(has_been_closed(fds[0])); /* the longest idle one */
    assert_true(counters(f).evicted_connections >= 1);
    for (int i = 0; i < 2; i++)
        reply_text(f->waiting[i], 200, TEXT("kept")); /* busy ones are never evicted */
    assert_non_null(strstr(receive(fds[2], "kept", 1), "200"));
    assert_non_null(strstr(receive(fds[3], "kept", 1), "200"));
    for (int i = 0; i < 4; i++)
        close(fds[i]);
    stop(f);
}

/* All of them busy: nobody makes room. */
static void test_busy_connections_make_no_room(void **state)
{
    (void)state;
    struct fixture *f =
        start_with((struct http_config){.threads = 1, .connections_max = 2, .request_deadline_ms = 5000});
    int fds[2];
    for (int i = 0; i < 2; i++) {
        fds[i] = dial(f);
        send_bytes(fds[i], "GET /later HTTP/1.1\r\nHost: m\r\nConnection: close\r\n\r\n");
    }
    wait_for_waiting(f, 2);
    int refused = dial(f);
    assert_true(has_been_closed(refused));
    close(refused);
    assert_int_equal(counters(f).refused_connections, 1);
    for (int i = 0; i < 2; i++) {
        reply_text(f->waiting[i], 200, TEXT("kept"));
        assert_non_null(strstr(receive_to_end(fds[i]), "kept"));
    }
    stop(f);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
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
        cmocka_unit_test(test_idle_connections_make_room),
        cmocka_unit_test(test_busy_connections_make_no_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
