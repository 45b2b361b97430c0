/* Why: everything allocates from an arena; alignment, zeroing, reuse and the order of clean-ups are relied upon everywhere. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"

static void test_memory_is_zeroed_and_aligned_also_after_reuse(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    for (int round = 0; round < 3; round++) {
        for (size_t size = 0; size < 100; size++) {
            unsigned char *memory = arena_alloc(arena, size);
            assert_int_equal((uintptr_t)memory % 16, 0);
            for (size_t i = 0; i < size; i++)
                assert_int_equal(memory[i], 0);
            memset(memory, 0xAA, size);
        }
        arena_reset(arena);
        assert_int_equal(arena_used(arena), 0);
    }
    arena_free(arena);
}

static void test_pieces_do_not_overlap_across_blocks(void **state)
{
    (void)state;
    enum { PIECES = 200 };
    struct arena *arena = arena_new(64 << 20);
    unsigned char *pieces[PIECES];
    size_t sizes[PIECES];
    for (int i = 0; i < PIECES; i++) {
        sizes[i] = i % 10 == 0 ? 40000 : (size_t)i * 37; /* some larger than a block */
        pieces[i] = arena_alloc(arena, sizes[i]);
        memset(pieces[i], i, sizes[i]);
    }
    for (int i = 0; i < PIECES; i++)
        for (size_t byte = 0; byte < sizes[i]; byte++)
            assert_int_equal(pieces[i][byte], (unsigned char)i);
    arena_free(arena);
}

static void test_grow_keeps_what_was_there(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    int *items = NULL;
    size_t capacity = 0;
    for (size_t count = 0; count < 1000; count++) {
        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        assert_true(capacity > count);
        items[count] = (int)count;
    }
    for (int i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    arena_free(arena);
    arena_free(NULL);
}

static void test_printf_and_string(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    char expected[3000];
    memset(expected, 'x', sizeof expected - 1);
    expected[sizeof expected - 1] = '\0';
    assert_string_equal(arena_printf(arena, "%s", expected), expected);
    assert_string_equal(arena_printf(arena, "%s", ""), "");
    assert_string_equal(arena_string(arena, "abc"), "abc");
    arena_free(arena);
}

/* In a child: the limit is fatal by design. */
static void assert_aborts(size_t limit, size_t size)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct rlimit none = {0, 0};
        setrlimit(RLIMIT_CORE, &none);
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        struct arena *arena = arena_new(limit);
        arena_alloc(arena, size);
        _exit(0);
    }
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status));
    assert_int_equal(WTERMSIG(status), SIGABRT);
}

static void test_the_limit_is_fatal(void **state)
{
    (void)state;
    assert_aborts(1000, 1001);
    assert_aborts(1000, SIZE_MAX);
    assert_aborts(1000, SIZE_MAX - 8);
    struct arena *arena = arena_new(1024);
    assert_non_null(arena_alloc(arena, 1024)); /* the limit itself fits */
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_memory_is_zeroed_and_aligned_also_after_reuse),
        cmocka_unit_test(test_pieces_do_not_overlap_across_blocks),
        cmocka_unit_test(test_grow_keeps_what_was_there),
        cmocka_unit_test(test_printf_and_string),
        cmocka_unit_test(test_the_limit_is_fatal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
