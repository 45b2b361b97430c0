/* Why: the seam must survive pieces, floods and nonsense, whichever end reads. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>
#include <sys/socket.h>
#include <unistd.h>

#include "channel/frames.h"

static void both_ends_agree(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 22);
    int fd[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    json_t *sent = json_object_in(arena), *got;
    json_put_string(sent, "type", "send");
    json_put_string(sent, "subject", "Größe ✓");
    assert_int_equal(frame_write(fd[0], arena, sent), OK);
    assert_int_equal(frame_read(fd[1], arena, &got), OK);
    assert_true(json_same(sent, got));
    close(fd[0]);
    assert_int_equal(frame_read(fd[1], arena, &got), ERR_UNAVAILABLE);
    assert_int_equal(frame_write(fd[1], arena, sent), ERR_UNAVAILABLE);
    close(fd[1]);
    arena_free(arena);
}

static void frames_arrive_in_pieces(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 22);
    struct frame_buffer buffer = {0};
    int fd[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
    const char bytes[] = "\0\0\0\7{\"a\":1}\0\0\0\7{\"a\":2}";
    const struct json_node *got;
    int64_t seen = 0;
    for (size_t i = 0; i < sizeof bytes - 1; i++) {
        assert_int_equal(write(fd[0], bytes + i, 1), 1);
        assert_int_equal(frame_buffer_fill(&buffer, fd[1]), OK);
        assert_int_equal(frame_buffer_next(&buffer, arena, &got), OK);
        assert_int_equal(got != NULL, i == 10 || i == 21);
        if (got)
            assert_int_equal(json_node_int_at(got, "a", 0), ++seen);
    }
    assert_int_equal(seen, 2);
    assert_int_equal(frame_buffer_fill(&buffer, fd[1]), OK); /* nothing there is fine */
    close(fd[0]);
    assert_int_equal(frame_buffer_fill(&buffer, fd[1]), ERR_UNAVAILABLE);
    close(fd[1]);
    frame_buffer_free(&buffer);
    arena_free(arena);
}

static void nonsense_is_told(void **state)
{
    (void)state;
    static const struct {
        const char *bytes;
        size_t size;
    } cases[] = {
        {"\xff\xff\xff\xff", 4},          /* longer than any frame */
        {"\0\0\0\1{", 5},                 /* not JSON */
        {"\0\0\0\2[]", 6},                /* not an object */
        {"\0\0\0\15{\"a\":1,\"a\":2}", 17}, /* a key twice */
        {"\0\0\0\0", 4},                  /* empty */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena *arena = arena_new(1 << 22);
        struct frame_buffer buffer = {0};
        int fd[2];
        const struct json_node *got = NULL;
        json_t *read = NULL;
        assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
        assert_int_equal(write(fd[0], cases[i].bytes, cases[i].size), (ssize_t)cases[i].size);
        assert_int_equal(frame_buffer_fill(&buffer, fd[1]), OK);
        assert_int_equal(frame_buffer_next(&buffer, arena, &got), ERR_INVALID);
        assert_int_equal(write(fd[0], cases[i].bytes, cases[i].size), (ssize_t)cases[i].size);
        assert_int_equal(frame_read(fd[1], arena, &read), ERR_UNAVAILABLE);
        close(fd[0]);
        close(fd[1]);
        frame_buffer_free(&buffer);
        arena_free(arena);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_ends_agree),
        cmocka_unit_test(frames_arrive_in_pieces),
        cmocka_unit_test(nonsense_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
