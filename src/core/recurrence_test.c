/* Why: which days a rule names, against lists worked out by hand (examples of RFC 5545 3.8.5.3 among them), the numbers of occurrences against counting,
 * and every mistake a rule can have. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/arena_test.h"
#include "base/zone_test.h"
#include "core/recurrence.h"

static enum err read_lines(const char *lines, const char *first, const char *zone, struct problem *problem, struct recurrence *ret)
{
    struct text rest = text_of(lines), line, list[RECURRENCE_LINES_MAX];
    size_t count = 0;
    while (text_next(&rest, '\n', &line))
        list[count++] = line;
    return recurrence_read(arena, list, count, wall(first), zone_of(zone), "recurrence", problem, ret);
}

static struct recurrence rule_in(const char *zone, const char *first, const char *lines)
{
    struct problem *problem = problem_new(arena);
    struct recurrence rule;
    if (read_lines(lines, first, zone, problem, &rule) != OK)
        fail_msg("%s", problem_line(problem, 0).data);
    return rule;
}

/* The first `count` occurrences: days, with the hour when it is not the first one's. */
static const char *shown(const struct recurrence *rule, int count)
{
    struct builder b = builder_new(arena, 4096);
    struct recurrence_walk walk;
    int i = 0;
    for (bool more = recurrence_seek(rule, (wall_time){INT64_MIN / 2}, &walk); more && i < count; more = recurrence_step(&walk), i++) {
        assert_int_equal(walk.number, i);
        struct text time = instant_format(arena, (instant){walk.at.us});
        builder_printf(&b, "%s%.*s", i > 0 ? " " : "", (int)(walk.rule->frequency == RECURRENCE_HOURLY ? 11 : 8), time.data + 2);
    }
    return builder_text(&b).data;
}

#define SHOWS(zone, first, lines, count, expected)               \
    do {                                                         \
        struct recurrence rule_ = rule_in(zone, first, lines);   \
        assert_string_equal(shown(&rule_, count), expected);     \
    } while (0)

static void test_days_and_weeks(void **state)
{
    (void)state;
    SHOWS("UTC", "2026-03-02T09:00", "RRULE:FREQ=DAILY;INTERVAL=10;COUNT=3", 9, "26-03-02 26-03-12 26-03-22");
    SHOWS("UTC", "2026-03-02T09:00", "rrule:freq=weekly;byday=mo,we;interval=2", 5, "26-03-02 26-03-04 26-03-16 26-03-18 26-03-30");
    SHOWS("UTC", "2026-03-04T09:00", "RRULE:FREQ=WEEKLY", 3, "26-03-04 26-03-11 26-03-18");
    /* Saturday and Sunday are out, and are not counted. */
    SHOWS("UTC", "2026-03-05T09:00", "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", 4, "26-03-05 26-03-06 26-03-09 26-03-10");
    /* A Saturday first, which the rule does not name. */
    SHOWS("UTC", "2026-03-07T09:00", "RRULE:FREQ=WEEKLY;BYDAY=MO", 2, "26-03-09 26-03-16");
    /* The RFC's example of what WKST changes. */
    SHOWS("UTC", "1997-08-05T09:00", "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", 9, "97-08-05 97-08-10 97-08-19 97-08-24");
    SHOWS("UTC", "1997-08-05T09:00", "RRULE:FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", 9, "97-08-05 97-08-17 97-08-19 97-08-31");
    SHOWS("UTC", "2026-12-30T09:00", "RRULE:FREQ=DAILY;BYMONTH=1;BYMONTHDAY=1,2", 3, "27-01-01 27-01-02 28-01-01");
    SHOWS("UTC", "2026-03-02T22:00", "RRULE:FREQ=HOURLY;INTERVAL=12", 3, "26-03-02T22 26-03-03T10 26-03-03T22");
    SHOWS("UTC", "2026-03-06T12:00", "RRULE:FREQ=HOURLY;INTERVAL=8;BYDAY=FR,MO", 5, "26-03-06T12 26-03-06T20 26-03-09T04 26-03-09T12 26-03-09T20");
}

static void test_months_and_years(void **state)
{
    (void)state;
    SHOWS("UTC", "2026-01-31T09:00", "RRULE:FREQ=MONTHLY", 4, "26-01-31 26-03-31 26-05-31 26-07-31");
    SHOWS("UTC", "2026-01-31T09:00", "RRULE:FREQ=MONTHLY;BYMONTHDAY=-1", 3, "26-01-31 26-02-28 26-03-31");
    SHOWS("UTC", "2026-01-01T09:00", "RRULE:FREQ=MONTHLY;INTERVAL=2;BYDAY=1MO,-1FR", 4, "26-01-05 26-01-30 26-03-02 26-03-27");
    SHOWS("UTC", "2026-01-01T09:00", "RRULE:FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", 2, "26-02-13 26-03-13");
    SHOWS("UTC", "2024-02-29T09:00", "RRULE:FREQ=YEARLY", 3, "24-02-29 28-02-29 32-02-29");
    SHOWS("UTC", "2026-05-07T09:00", "RRULE:FREQ=YEARLY;BYMONTH=3,11;BYDAY=2SU", 3, "26-11-08 27-03-14 27-11-14");
    SHOWS("UTC", "2026-12-28T09:00", "RRULE:FREQ=YEARLY;BYDAY=MO", 2, "26-12-28 27-01-04");
    SHOWS("UTC", "2026-02-01T09:00", "RRULE:FREQ=MONTHLY;BYDAY=5SU", 2, "26-03-29 26-05-31");
}

static void test_ends(void **state)
{
    (void)state;
    SHOWS("UTC", "2026-03-02T09:00", "RRULE:FREQ=DAILY;UNTIL=20260304", 9, "26-03-02 26-03-03 26-03-04");
    SHOWS("UTC", "2026-03-02T09:00", "RRULE:FREQ=DAILY;UNTIL=20260304T085959", 9, "26-03-02 26-03-03");
    /* Until an instant: 09:00 in New York is 14:00 UTC, and 13:00 once the clocks went forward. */
    SHOWS("America/New_York", "2026-03-06T09:00", "RRULE:FREQ=DAILY;UNTIL=20260308T130000Z", 9, "26-03-06 26-03-07 26-03-08");
    SHOWS("America/New_York", "2026-03-06T09:00", "RRULE:FREQ=DAILY;UNTIL=20260308T125959Z", 9, "26-03-06 26-03-07");
    /* COUNT counts what the rule names, also what is taken away. */
    SHOWS("UTC", "2026-03-02T09:00", "RRULE:FREQ=DAILY;COUNT=3\nEXDATE:20260303T090000Z", 9, "26-03-02 26-03-04");
}

static void test_dates(void **state)
{
    (void)state;
    SHOWS("Europe/Berlin", "2026-03-02T09:00", "RRULE:FREQ=DAILY\nEXDATE;VALUE=DATE:20260303,20260304", 3, "26-03-02 26-03-05 26-03-06");
    SHOWS("Europe/Berlin", "2026-03-02T09:00", "RRULE:FREQ=DAILY\nEXDATE:20260303T080000Z", 3, "26-03-02 26-03-04 26-03-05");
    SHOWS("Europe/Berlin", "2026-03-02T09:00", "RRULE:FREQ=DAILY\nEXDATE;TZID=America/New_York:20260303T030000", 3, "26-03-02 26-03-04 26-03-05");
    SHOWS("Europe/Berlin", "2026-03-02T09:00", "RRULE:FREQ=WEEKLY\nRDATE:20260304T080000Z,20260301T090000,20260309T090000", 4, "26-03-01 26-03-02 26-03-04 26-03-09");
    /* Taken away wins over added; another hour is another occurrence. */
    SHOWS("UTC", "2026-03-02T09:00", "RRULE:FREQ=WEEKLY\nRDATE:20260304T090000\nEXDATE;VALUE=DATE:20260304\nEXDATE:20260309T100000", 2, "26-03-02 26-03-09");
    SHOWS("UTC", "2026-03-02T09:00", "RRULE:FREQ=HOURLY\nEXDATE;VALUE=DATE:20260302", 1, "26-03-03T00");
}

/* The number that is computed is the one that counting gives, from anywhere. */
static void test_numbers(void **state)
{
    (void)state;
    static const char *const rules[] = {
        "RRULE:FREQ=HOURLY;INTERVAL=7", "RRULE:FREQ=HOURLY;BYDAY=SA,SU", "RRULE:FREQ=HOURLY;INTERVAL=5;BYMONTHDAY=1,-1", "RRULE:FREQ=DAILY;INTERVAL=3",
        "RRULE:FREQ=DAILY;INTERVAL=3;BYDAY=MO,TU,SU", "RRULE:FREQ=DAILY;BYMONTH=2,3", "RRULE:FREQ=WEEKLY;INTERVAL=3;BYDAY=SU,MO,TH;WKST=SU",
        "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR\nEXDATE;VALUE=DATE:20260318,20260401,20260404\nRDATE:20260321T093000,20260322T093000",
        "RRULE:FREQ=WEEKLY;BYMONTH=3,5", "RRULE:FREQ=MONTHLY;BYDAY=2TU,-1SU;INTERVAL=2", "RRULE:FREQ=YEARLY;BYMONTH=1,6;BYMONTHDAY=5,31", "RRULE:FREQ=DAILY;COUNT=60"};
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++) {
        struct recurrence rule = rule_in("Europe/Berlin", "2026-03-05T09:30", rules[i]);
        struct recurrence_walk walk, jump;
        int64_t number = 0;
        wall_time before = {INT64_MIN / 2};
        assert_true(recurrence_seek(&rule, before, &walk));
        do {
            assert_true(recurrence_seek(&rule, (wall_time){before.us + 1}, &jump));
            assert_int_equal(jump.at.us, walk.at.us);
            assert_int_equal(jump.number, number);
            assert_true(recurrence_seek(&rule, walk.at, &jump));
            assert_int_equal(jump.number, number++);
            before = walk.at;
        } while (number < 400 && recurrence_step(&walk));
        assert_true(number > 50);
    }
}

static void mistake(const char *lines, const char *expected)
{
    struct problem *problem = problem_new(arena);
    struct recurrence rule;
    struct builder b = builder_new(arena, 4096);
    assert_int_equal(read_lines(lines, "2026-03-02T09:00", "Europe/Berlin", problem, &rule), ERR_INVALID);
    for (size_t i = 0; i < problem->count; i++) {
        builder_add_string(&b, i > 0 ? " | " : "");
        builder_add(&b, problem_line(problem, i));
    }
    assert_string_equal(builder_text(&b).data, expected);
}

static void test_mistakes(void **state)
{
    (void)state;
    mistake("EXDATE:20260303", "recurrence must have exactly one RRULE");
    mistake("FREQ=DAILY", "recurrence[0] must begin with RRULE:, EXDATE or RDATE | recurrence must have exactly one RRULE");
    mistake("RRULE:FREQ=DAILY\nRRULE:FREQ=WEEKLY", "recurrence[1] is a second RRULE; there must be exactly one");
    mistake("RRULE:INTERVAL=2", "recurrence[0] FREQ is missing");
    mistake("RRULE:", "recurrence[0] FREQ is missing");
    mistake("RRULE:FREQ=SECONDLY;INTERVAL=0;COUNT=x;BYDAY=MO,XX;WKST=1;BYSETPOS=1;FREQ=DAILY;BYMONTH=13;BYMONTHDAY=0",
            "recurrence[0] FREQ=SECONDLY: must be HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY | recurrence[0] INTERVAL=0: must be between 1 and 1000 | "
            "recurrence[0] COUNT=x: must be between 1 and 5000 | recurrence[0] BYDAY=XX: is not a day (MO, TU, WE, TH, FR, SA, SU; with a month also 1MO to "
            "5MO, -1MO to -5MO) | recurrence[0] WKST=1: must be one of MO, TU, WE, TH, FR, SA, SU | recurrence[0] BYSETPOS is not supported | recurrence[0] FREQ "
            "is given twice | recurrence[0] BYMONTH=13: must be between 1 and 12 | recurrence[0] BYMONTHDAY=0: must be between 1 and 31 or between -31 and -1");
    mistake("RRULE:FREQ=DAILY;COUNT=2;UNTIL=20260901", "recurrence[0] COUNT and UNTIL exclude each other");
    mistake("RRULE:FREQ=DAILY;UNTIL=20260230", "recurrence[0] UNTIL=20260230: must be a date like 20250901 or 20250901T090000Z");
    mistake("RRULE:FREQ=WEEKLY;BYDAY=2MO;BYMONTHDAY=1",
            "recurrence[0] BYDAY: numbered days need FREQ=MONTHLY, or FREQ=YEARLY with BYMONTH | recurrence[0] BYMONTHDAY does not go with FREQ=WEEKLY");
    mistake("RRULE:FREQ=DAILY;;COUNT", "recurrence[0] an empty part is not supported | recurrence[0] COUNT has no value");
    mistake("RRULE:FREQ=DAILY\nEXDATE\nRDATE:\nEXDATE;TZID=Mars/Base:20260303T090000\nRDATE;VALUE=PERIOD:20260303T090000/PT1H",
            "recurrence[1] EXDATE must be followed by : and its dates | recurrence[2] RDATE has no dates | recurrence[3] TZID=Mars/Base: is not a time zone of the "
            "IANA database | recurrence[4] RDATE: VALUE=PERIOD is not supported | recurrence[4] RDATE=20260303T090000/PT1H: is not a date like 20250310 or "
            "20250310T090000Z");
    mistake("RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "recurrence never happens");
    mistake("RRULE:FREQ=DAILY;UNTIL=20250101", "recurrence never happens");
    mistake("RRULE:FREQ=DAILY;COUNT=1\nEXDATE;VALUE=DATE:20260302", "recurrence never happens");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_days_and_weeks), cmocka_unit_test(test_months_and_years), cmocka_unit_test(test_ends),
        cmocka_unit_test(test_dates),          cmocka_unit_test(test_numbers),          cmocka_unit_test(test_mistakes),
    };
    return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
