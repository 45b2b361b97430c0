/* Why: a wrong instant pages nobody or everybody; the calendar is checked against an independent walk, the text forms against
 * what PagerDuty's clients send. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena_test.h"
#include "base/instant.h"

static void test_the_calendar_agrees_with_a_day_by_day_walk(void **state)
{
    (void)state;
    int64_t year = 1900;
    int month = 1, day = 1;
    for (int64_t days = days_from_civil(1900, 1, 1); year < 2401; days++) {
        int64_t got_year;
        int got_month, got_day;
        civil_from_days(days, &got_year, &got_month, &got_day);
        if (got_year != year || got_month != month || got_day != day || days_from_civil(year, month, day) != days)
            fail_msg("day %lld", (long long)days);
        if (++day > days_in_month(year, month)) {
            day = 1;
            if (++month > 12) {
                month = 1;
                year++;
            }
        }
    }
    assert_int_equal(days_from_civil(1970, 1, 1), 0);
    assert_int_equal(days_in_month(1900, 2), 28);
    assert_int_equal(days_in_month(2000, 2), 29);
    assert_int_equal(days_in_month(2024, 2), 29);
    assert_int_equal(days_in_month(2023, 2), 28);
}

static int64_t parsed(const char *written, int64_t default_offset_s)
{
    instant t;
    if (!instant_parse(text_of(written), default_offset_s, &t))
        fail_msg("'%s' was refused", written);
    return t.us;
}

static void test_forms_that_clients_send(void **state)
{
    (void)state;
    const int64_t base = INT64_C(1770688800) * SECOND_US; /* 2026-02-10T02:00:00Z */
    assert_true(parsed("2026-02-10T02:00:00Z", 0) == base);
    assert_true(parsed("2026-02-10t02:00:00z", 0) == base);
    assert_true(parsed("2026-02-10 02:00", 0) == base);
    assert_true(parsed("2026-02-10T03:00:00+01:00", 0) == base);
    assert_true(parsed("2026-02-10T03:00:00+0100", 0) == base);
    assert_true(parsed("2026-02-10T03:00:00+01", 0) == base);
    assert_true(parsed("2026-02-09T20:30:00-05:30", 0) == base);
    assert_true(parsed("2026-02-10 02:00:00 +0000 UTC", 0) == base);
    assert_true(parsed("  2026-02-10T02:00:00Z\n", 0) == base);
    assert_true(parsed("2026-02-10T03:00:00", 3600) == base);   /* no offset: the caller's */
    assert_true(parsed("2026-02-10T02:00:00Z", 3600) == base);  /* an offset is never overruled */
    assert_true(parsed("2026-02-10", 0) == base - 2 * 3600 * SECOND_US);
    assert_true(parsed("2026-02-10T02:00:00.5Z", 0) == base + 500000);
    assert_true(parsed("2026-02-10T02:00:00,123456Z", 0) == base + 123456);
    assert_true(parsed("2026-02-10T02:00:00.1234569999Z", 0) == base + 123456); /* finer than a microsecond is cut */
    assert_true(parsed("2016-12-31T23:59:60Z", 0) == parsed("2017-01-01T00:00:00Z", 0));
    assert_true(parsed("2024-02-29T00:00:00Z", 0) - parsed("2024-02-28T00:00:00Z", 0) == 86400 * SECOND_US);
    assert_true(parsed("9999-12-31T23:59:59Z", 0) > base);
}

static void test_everything_else_is_refused(void **state)
{
    (void)state;
    const char *const wrong[] = {
        "", "now", "2026", "2026-02", "2026-2-10", "2026-02-30", "2026-13-01", "2026-00-01", "2026-01-00", "2023-02-29", "1900-02-29", "1969-12-31",
        "10000-01-01", "2026-02-10T", "2026-02-10T2:00", "2026-02-10T24:00:00Z", "2026-02-10T02:60:00Z", "2026-02-10T02:00:61Z", "2026-02-10T02:00:00.Z",
        "2026-02-10T02:00:00+", "2026-02-10T02:00:00+1", "2026-02-10T02:00:00+01:", "2026-02-10T02:00:00+01:60", "2026-02-10T02:00:00+19:00",
        "2026-02-10T02:00:00Zx", "2026-02-10T02:00:00 CET", "2026-02-10T03:00:00+0100 UTC", "-026-02-10", "2026-02-10T-2:00:00Z", "2026-02-10T02:00:00Z Z",
        "2026/02/10", "+2026-02-10", "2026-02-10T02", "2026-02-1O",
        "1970-01-01T00:00:00+01:00", "9999-12-31T23:59:59-12:00"}; /* another year in UTC: what is shown could not be read back */
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        instant t = {7};
        if (instant_parse(text_of(wrong[i]), 0, &t))
            fail_msg("'%s' was taken", wrong[i]);
        assert_int_equal(t.us, 7); /* nothing was written */
    }
    instant t;
    assert_false(instant_parse(TEXT("2026-02-10T02:00:00Z\0"), 0, &t));
    assert_false(instant_parse(TEXT_NONE, 0, &t));
}

static void test_offsets_are_told(void **state)
{
    (void)state;
    instant local;
    bool has_offset;
    int64_t offset_s;
    assert_true(instant_parse_local(TEXT("2026-02-10T03:00:00-01:30"), &local, &has_offset, &offset_s));
    assert_true(has_offset);
    assert_int_equal(offset_s, -5400);
    assert_true(instant_parse_local(TEXT("2026-02-10T03:00:00"), &local, &has_offset, &offset_s));
    assert_false(has_offset);
}

static void test_formatting(void **state)
{
    (void)state;
    instant t = {INT64_C(1770688800) * SECOND_US + 999999};
    assert_true(text_is(instant_format(arena, t), "2026-02-10T02:00:00Z")); /* rounded down */
    assert_true(text_is(instant_format_ms(arena, t), "2026-02-10T02:00:00.999Z"));
    assert_true(text_is(instant_format_offset(arena, t, 3600), "2026-02-10T03:00:00+01:00"));
    assert_true(text_is(instant_format_offset(arena, t, -12600), "2026-02-09T22:30:00-03:30"));
    assert_true(text_is(instant_format_offset(arena, t, 0), "2026-02-10T02:00:00Z"));
    assert_true(text_is(instant_format_offset(arena, (instant){0}, -3600), "1970-01-01T00:00:00Z")); /* not in 1969, which nobody could send back */
    assert_true(text_is(instant_format(arena, (instant){-1}), "1969-12-31T23:59:59Z")); /* down, not towards zero */
    assert_true(text_is(instant_format_ms(arena, (instant){-1}), "1969-12-31T23:59:59.999Z"));
    for (int64_t s = 0; s < INT64_C(250000000000); s += 86399999) {
        instant back;
        assert_true(instant_parse(instant_format(arena, (instant){s * SECOND_US}), 0, &back));
        assert_true(back.us == s * SECOND_US);
        arena_reset(arena);
    }
}

static void test_differences_round_down(void **state)
{
    (void)state;
    assert_int_equal(instant_seconds_between((instant){0}, (instant){1999999}), 1);
    assert_int_equal(instant_seconds_between((instant){1}, (instant){0}), -1);
    assert_int_equal(instant_seconds_between((instant){SECOND_US}, (instant){0}), -1);
    assert_false(instant_is_set(INSTANT_NONE));
    assert_true(instant_before(INSTANT_NONE, (instant){0}));
    assert_true(instant_before((instant){0}, INSTANT_MAX));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_calendar_agrees_with_a_day_by_day_walk),
        cmocka_unit_test(test_forms_that_clients_send),
        cmocka_unit_test(test_everything_else_is_refused),
        cmocka_unit_test(test_offsets_are_told),
        cmocka_unit_test(test_formatting),
        cmocka_unit_test(test_differences_round_down),
    };
    return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
