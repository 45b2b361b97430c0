/* Why: what is awaited is told, what is not is not told, and neither costs a loop that never rests. */
#include "channel/sockets.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

/* A socket of ours, connected to `*ret_peer`. */
static int connected(struct sockets *sockets, int *ret_peer)
{
    struct sockaddr_in here = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t size = sizeof here;
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(listener, (struct sockaddr *)&here, size), 0);
    assert_int_equal(listen(listener, 1), 0);
    assert_int_equal(getsockname(listener, (struct sockaddr *)&here, &size), 0);
    int fd = sockets_open(sockets, &(struct curl_sockaddr){.family = AF_INET, .socktype = SOCK_STREAM});
    assert_true(fd >= 0);
    assert_int_equal(connect(fd, (struct sockaddr *)&here, size), 0);
    *ret_peer = accept(listener, NULL, NULL);
    close(listener);
    return fd;
}

static bool says(struct sockets *sockets, int fd)
{
    struct socket_event event;
    sockets_wait(sockets, 0);
    return sockets_next(sockets, &event) && event.fd == fd;
}

static void test_only_what_is_awaited_is_told(void **state)
{
    (void)state;
    struct sockets sockets;
    struct socket_event event;
    int peer;
    assert_true(sockets_init(&sockets));
    int fd = connected(&sockets, &peer);
    assert_true(sockets_await(&sockets, fd, true, false));
    assert_false(says(&sockets, fd));
    assert_int_equal(write(peer, "x", 1), 1);
    assert_true(says(&sockets, fd));
    assert_true(sockets_await(&sockets, fd, false, false)); /* the kernel is not told */
    assert_false(says(&sockets, fd));
    sockets_wait(&sockets, 0);
    assert_int_equal(sockets.event_count, 0); /* now it is: nobody wakes up for it any more */
    assert_true(sockets_await(&sockets, fd, true, true));
    sockets_wait(&sockets, 0);
    assert_true(sockets_next(&sockets, &event));
    assert_true(event.can_read && event.can_write);
    sockets_close(&sockets, fd);
    close(peer);
    sockets_free(&sockets);
}

static void test_the_end_of_a_connection_is_told(void **state)
{
    (void)state;
    struct sockets sockets;
    int peer;
    assert_true(sockets_init(&sockets));
    int fd = connected(&sockets, &peer);
    assert_true(sockets_await(&sockets, fd, true, false));
    close(peer);
    assert_true(says(&sockets, fd));
    sockets_close(&sockets, fd);
    sockets_free(&sockets);
}

static void test_what_was_to_come_dies_with_its_socket(void **state)
{
    (void)state;
    struct sockets sockets;
    struct socket_event event;
    int peer[3], fd[2];
    assert_true(sockets_init(&sockets));
    for (int i = 0; i < 2; i++) {
        fd[i] = connected(&sockets, &peer[i]);
        assert_true(sockets_await(&sockets, fd[i], true, false));
        assert_int_equal(write(peer[i], "x", 1), 1);
    }
    sockets_wait(&sockets, 0);
    assert_int_equal(sockets.event_count, 2);
    assert_true(sockets_next(&sockets, &event));
    int other = event.fd == fd[0] ? fd[1] : fd[0];
    sockets_close(&sockets, other);
    int heir = connected(&sockets, &peer[2]);
    assert_int_equal(heir, other); /* the number is used again */
    assert_true(sockets_await(&sockets, heir, true, false));
    assert_false(sockets_next(&sockets, &event));
    sockets_close(&sockets, heir);
    sockets_close(&sockets, event.fd);
    for (int i = 0; i < 3; i++)
        close(peer[i]);
    sockets_free(&sockets);
}

static void test_a_descriptor_that_others_closed_can_come_again(void **state)
{
    (void)state;
    struct sockets sockets;
    int gone[2], here[2];
    assert_true(sockets_init(&sockets));
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, gone), 0);
    assert_true(sockets_await(&sockets, gone[0], true, false));
    close(gone[0]);
    close(gone[1]);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, here), 0);
    assert_int_equal(here[0], gone[0]);
    assert_true(sockets_await(&sockets, here[0], true, true));
    assert_true(says(&sockets, here[0]));
    close(here[0]);
    close(here[1]);
    assert_true(sockets_await(&sockets, here[0], false, false));
    sockets_free(&sockets);
}

static void test_a_socket_is_found_by_its_ends(void **state)
{
    (void)state;
    struct sockets sockets;
    struct sockaddr_in local, remote;
    socklen_t size = sizeof local;
    int peer;
    assert_true(sockets_init(&sockets));
    int fd = connected(&sockets, &peer);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&local, &size), 0);
    assert_int_equal(getpeername(fd, (struct sockaddr *)&remote, &size), 0);
    assert_int_equal(sockets_find(&sockets, "127.0.0.1", ntohs(remote.sin_port), ntohs(local.sin_port)), fd);
    assert_int_equal(sockets_find(&sockets, "127.0.0.1", ntohs(local.sin_port), ntohs(remote.sin_port)), CURL_SOCKET_BAD);
    sockets_close(&sockets, fd);
    close(peer);
    sockets_free(&sockets);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_only_what_is_awaited_is_told),
        cmocka_unit_test(test_the_end_of_a_connection_is_told),
        cmocka_unit_test(test_what_was_to_come_dies_with_its_socket),
        cmocka_unit_test(test_a_descriptor_that_others_closed_can_come_again),
        cmocka_unit_test(test_a_socket_is_found_by_its_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
