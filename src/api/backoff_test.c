/* Why: the wait has to grow for the guesser and must not lock out the person who mistyped twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "api/backoff.h"

static const instant start = {1770688800 * SECOND_US};

static void few_failures_are_free(void **state)
{
    (void)state;
    struct backoff *backoff = backoff_new();
    for (int i = 0; i < BACKOFF_ACCOUNT_TRIES - 1; i++)
        backoff_failed(backoff, TEXT("a:ana"), BACKOFF_ACCOUNT_TRIES, start);
    assert_int_equal(backoff_wait_s(backoff, TEXT("a:ana"), start), 0);
    backoff_failed(backoff, TEXT("a:ana"), BACKOFF_ACCOUNT_TRIES, start);
    assert_true(backoff_wait_s(backoff, TEXT("a:ana"), start) > 0);
    assert_int_equal(backoff_wait_s(backoff, TEXT("a:ben"), start), 0);
    backoff_free(backoff);
}

static void wait_doubles_up_to_a_bound_and_passes(void **state)
{
    (void)state;
    struct backoff *backoff = backoff_new();
    int64_t previous = 0;
    for (int i = 0; i < 30; i++) {
        backoff_failed(backoff, TEXT("a:ana"), BACKOFF_ACCOUNT_TRIES, start);
        int64_t wait_s = backoff_wait_s(backoff, TEXT("a:ana"), start);
        assert_true(wait_s >= previous && wait_s <= BACKOFF_WAIT_MAX_S + 1);
        previous = wait_s;
    }
    assert_true(previous >= BACKOFF_WAIT_MAX_S);
    assert_int_equal(backoff_wait_s(backoff, TEXT("a:ana"), instant_add_s(start, BACKOFF_WAIT_MAX_S + 1)), 0);
    backoff_free(backoff);
}

static void success_and_time_forgive(void **state)
{
    (void)state;
    struct backoff *backoff = backoff_new();
    for (int i = 0; i < 10; i++)
        backoff_failed(backoff, TEXT("a:ana"), BACKOFF_ACCOUNT_TRIES, start);
    backoff_succeeded(backoff, TEXT("a:ana"));
    assert_int_equal(backoff_wait_s(backoff, TEXT("a:ana"), start), 0);
    for (int i = 0; i < 10; i++)
        backoff_failed(backoff, TEXT("a:ben"), BACKOFF_ACCOUNT_TRIES, start);
    instant later = instant_add_s(start, 7200);
    backoff_failed(backoff, TEXT("a:ben"), BACKOFF_ACCOUNT_TRIES, later);
    assert_int_equal(backoff_wait_s(backoff, TEXT("a:ben"), later), 0);
    backoff_free(backoff);
}

static void a_flood_of_names_stays_bounded(void **state)
{
    (void)state;
    struct backoff *backoff = backoff_new();
    struct arena *arena = arena_new(8 << 20);
    for (int i = 0; i < 20000; i++)
        backoff_failed(backoff, text_printf(arena, "a:nobody%d", i), BACKOFF_ACCOUNT_TRIES, start);
    for (int i = 0; i < 10; i++)
        backoff_failed(backoff, TEXT("a:ana"), BACKOFF_ACCOUNT_TRIES, instant_add_s(start, 1));
    assert_true(backoff_wait_s(backoff, TEXT("a:ana"), instant_add_s(start, 1)) > 0);
    arena_free(arena);
    backoff_free(backoff);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_failures_are_free),
        cmocka_unit_test(wait_doubles_up_to_a_bound_and_passes),
        cmocka_unit_test(success_and_time_forgive),
        cmocka_unit_test(a_flood_of_names_stays_bounded),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
