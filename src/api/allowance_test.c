/* Why: who is over the limit is refused for the rest of that minute, and nobody else ever is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "api/allowance.h"

static const instant START = {INT64_C(1770688800) * SECOND_US};

static struct allowance_use take(struct allowance *allowance, const char *key, int64_t count, int64_t at_s)
{
    return allowance_take(allowance, text_of(key), count, instant_add_s(START, at_s));
}

static void a_minute_has_its_limit(void **state)
{
    (void)state;
    struct allowance *allowance = allowance_new(3);
    for (int64_t i = 0; i < 3; i++) {
        struct allowance_use use = take(allowance, "a", 1, i);
        assert_false(use.refused);
        assert_int_equal(use.limit, 3);
        assert_int_equal(use.remaining, 2 - i);
        assert_int_equal(use.reset_s, 60 - i);
    }
    struct allowance_use over = take(allowance, "a", 1, 59);
    assert_true(over.refused);
    assert_int_equal(over.remaining, 0);
    assert_int_equal(over.reset_s, 1);
    assert_false(take(allowance, "b", 1, 59).refused);
    assert_false(take(allowance, "a", 1, 60).refused);
    allowance_free(allowance);
}

static void many_at_once_are_all_or_none(void **state)
{
    (void)state;
    struct allowance *allowance = allowance_new(10);
    assert_false(take(allowance, "a", 8, 0).refused);
    assert_true(take(allowance, "a", 3, 1).refused);
    assert_false(take(allowance, "a", 2, 1).refused);
    assert_false(take(allowance, "b", 25, 1).refused); /* or it could never be sent */
    assert_true(take(allowance, "b", 1, 2).refused);
    allowance_free(allowance);
}

static void nothing_is_limited_by_zero_or_for_nobody(void **state)
{
    (void)state;
    struct allowance *unlimited = allowance_new(0), *one = allowance_new(1);
    for (int i = 0; i < 5; i++) {
        assert_false(take(unlimited, "a", 1000, 0).refused);
        assert_false(take(one, "", 1, 0).refused);
        assert_false(take(one, "a key that is longer than any that was ever given", 1, 0).refused);
    }
    assert_int_equal(take(unlimited, "a", 1, 0).limit, 0);
    allowance_free(unlimited);
    allowance_free(one);
}

static void a_clock_set_back_forgives(void **state)
{
    (void)state;
    struct allowance *allowance = allowance_new(1);
    assert_false(take(allowance, "a", 1, 100).refused);
    assert_true(take(allowance, "a", 1, 101).refused);
    assert_false(take(allowance, "a", 1, 50).refused);
    allowance_free(allowance);
}

static void a_flood_of_keys_refuses_none_of_them(void **state)
{
    (void)state;
    struct allowance *allowance = allowance_new(1);
    for (int i = 0; i < 100000; i++) {
        char key[16];
        snprintf(key, sizeof key, "key%d", i);
        assert_false(take(allowance, key, 1, 0).refused);
    }
    allowance_free(allowance);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_minute_has_its_limit),
        cmocka_unit_test(many_at_once_are_all_or_none),
        cmocka_unit_test(nothing_is_limited_by_zero_or_for_nobody),
        cmocka_unit_test(a_clock_set_back_forgives),
        cmocka_unit_test(a_flood_of_keys_refuses_none_of_them),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
