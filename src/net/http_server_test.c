/* Why: what http_server.h promises to clients that behave: requests, late answers, streams and the stop. */
#include "net/http_test.h"

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
    http_server_stop(f->server, 60000);
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
