/* Why: the rule of zone.h (S4) at the clock changes that have hurt others: skipped and repeated hours, half hours, a
 * skipped day, two-hour changes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <pthread.h>

#include "base/zone.h"
#include "base/zone_test.h"

static void assert_instant(const char *zone, const char *local, const char *utc)
{
    struct arena *arena = arena_new(64 * 1024);
    assert_string_equal(instant_format(arena, zone_instant(zone_of(zone), wall(local))).data, utc);
    arena_free(arena);
}

static void assert_wall(const char *zone, const char *utc, const char *local)
{
    assert_int_equal(zone_wall(zone_of(zone), at(utc)).us, wall(local).us);
}

static void skipped_times_mean_the_end_of_the_gap(void **state)
{
    (void)state;
    assert_instant("Europe/Berlin", "2026-03-29T01:59:59", "2026-03-29T00:59:59Z");
    assert_instant("Europe/Berlin", "2026-03-29T02:00", "2026-03-29T01:00:00Z");
    assert_instant("Europe/Berlin", "2026-03-29T02:30", "2026-03-29T01:00:00Z");
    assert_instant("Europe/Berlin", "2026-03-29T03:00", "2026-03-29T01:00:00Z");
    assert_instant("Europe/Berlin", "2026-03-29T03:00:01", "2026-03-29T01:00:01Z");
    assert_instant("Australia/Lord_Howe", "2026-10-04T02:15", "2026-10-03T15:30:00Z");
    assert_instant("Antarctica/Troll", "2026-03-29T02:30", "2026-03-29T01:00:00Z");
    assert_instant("Pacific/Apia", "2011-12-30T12:00", "2011-12-30T10:00:00Z"); /* a whole day was skipped */
    assert_instant("Pacific/Apia", "2011-12-31T00:00", "2011-12-30T10:00:00Z");
}

static void repeated_times_mean_the_first(void **state)
{
    (void)state;
    assert_instant("Europe/Berlin", "2026-10-25T02:00", "2026-10-25T00:00:00Z");
    assert_instant("Europe/Berlin", "2026-10-25T02:30", "2026-10-25T00:30:00Z");
    assert_instant("Europe/Berlin", "2026-10-25T03:00", "2026-10-25T02:00:00Z");
    assert_instant("America/New_York", "2026-11-01T01:30", "2026-11-01T05:30:00Z");
    assert_instant("America/New_York", "2026-11-01T03:15", "2026-11-01T08:15:00Z");
    assert_instant("Australia/Lord_Howe", "2026-04-05T01:45", "2026-04-04T14:45:00Z");
    assert_instant("Africa/Casablanca", "2026-02-15T02:30", "2026-02-15T01:30:00Z"); /* clocks go back for Ramadan */
    assert_instant("Africa/Casablanca", "2026-03-22T02:30", "2026-03-22T02:00:00Z");
}

static void instants_show_their_wall(void **state)
{
    (void)state;
    assert_wall("Europe/Berlin", "2026-03-29T00:59:59Z", "2026-03-29T01:59:59");
    assert_wall("Europe/Berlin", "2026-03-29T01:00:00Z", "2026-03-29T03:00:00");
    assert_wall("Asia/Kolkata", "2026-02-10T02:00:00Z", "2026-02-10T07:30:00");
    assert_wall("Asia/Kathmandu", "2026-02-10T02:00:00Z", "2026-02-10T07:45:00");
    assert_wall("Pacific/Kiritimati", "2026-02-10T02:00:00Z", "2026-02-10T16:00:00");
    assert_wall("Europe/Dublin", "2026-07-01T00:00:00Z", "2026-07-01T01:00:00");
    assert_wall("America/New_York", "2049-07-01T00:00:00Z", "2049-06-30T20:00:00"); /* beyond the 32-bit years */
    assert_wall("America/New_York", "1970-01-01T05:00:00Z", "1970-01-01T00:00:00");
    assert_int_equal(zone_wall(zone_of("America/New_York"), (instant){0}).us, -5 * 3600 * SECOND_US);
    assert_wall("UTC", "2026-02-10T02:00:00Z", "2026-02-10T02:00:00");
}

/* The mapping from the wall never goes backwards and agrees with the mapping to the wall wherever the time exists. */
static void mapping_is_monotone(void **state)
{
    (void)state;
    static const char *const names[] = {"Europe/Berlin", "Australia/Lord_Howe", "Africa/Casablanca", "Antarctica/Troll", "Asia/Gaza",
                                        "America/Nuuk", "America/St_Johns"};
    for (size_t n = 0; n < sizeof names / sizeof *names; n++) {
        const struct zone *zone = zone_of(names[n]);
        instant before = {INT64_MIN};
        for (wall_time w = wall("2025-12-31T00:00"); w.us < wall("2027-01-02T00:00").us; w = wall_add_s(w, 900)) {
            instant t = zone_instant(zone, w);
            assert_true(before.us <= t.us);
            assert_true(zone_wall(zone, t).us >= w.us);
            assert_true(zone_wall(zone, (instant){t.us - 1}).us < w.us);
            before = t;
        }
    }
}

static void changes_are_listed(void **state)
{
    (void)state;
    assert_int_equal(zone_next_change(zone_of("Europe/Berlin"), at("2026-01-01T00:00Z")).us, at("2026-03-29T01:00Z").us);
    assert_int_equal(zone_next_change(zone_of("Europe/Berlin"), at("2026-03-29T01:00Z")).us, at("2026-10-25T01:00Z").us);
    assert_int_equal(zone_next_change(zone_of("UTC"), at("2026-01-01T00:00Z")).us, INT64_MAX);
}

static void only_names_of_the_database_exist(void **state)
{
    (void)state;
    static const char *const good[] = {"Europe/Berlin", "America/Argentina/Buenos_Aires", "Etc/GMT+5", "EST5EDT", "UTC", "GB",
                                       "Asia/Calcutta", "America/Port-au-Prince"};
    static const char *const bad[] = {"", " ", "Europe/Berlin ", "europe/berlin", "Europe", "/etc/passwd", "../zoneinfo/UTC", "Europe/../UTC",
                                      "+01:00", "Z", "EST5EDT,M3.2.0,M11.1.0", "zone.tab", "right/UTC", "posix/UTC", "localtime",
                                      "Mars/Olympus", "Europe//Berlin/", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"};
    for (size_t i = 0; i < sizeof good / sizeof *good; i++)
        assert_true(zone_exists(text_of(good[i])));
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(zone_exists(text_of(bad[i])));
    assert_false(zone_exists((struct text){"UTC\0x", 5}));
    assert_false(zone_exists(TEXT_NONE));
    assert_true(text_is(zone_name(zone_of("Asia/Calcutta")), "Asia/Calcutta"));
    assert_ptr_equal(zone_of("Europe/Berlin"), zone_of("Europe/Berlin"));
}

static void calendar_of_a_wall(void **state)
{
    (void)state;
    assert_int_equal(wall_weekday(wall("2026-03-29T23:59:59")), 7);
    assert_int_equal(wall_weekday(wall("2026-03-30T00:00:00")), 1);
    assert_int_equal(wall_weekday((wall_time){-1}), 3);
    assert_int_equal(wall_days((wall_time){-1}), -1);
}

static void client_times_may_lack_an_offset(void **state)
{
    (void)state;
    instant t;
    assert_true(zone_parse(zone_of("Europe/Berlin"), TEXT("2026-03-29T02:30"), &t));
    assert_int_equal(t.us, at("2026-03-29T01:00Z").us);
    assert_true(zone_parse(zone_of("Europe/Berlin"), TEXT("2026-03-29T02:30-04:00"), &t));
    assert_int_equal(t.us, at("2026-03-29T06:30Z").us);
    assert_false(zone_parse(zone_of("Europe/Berlin"), TEXT("tomorrow"), &t));
    assert_false(zone_parse(zone_of("Europe/Berlin"), TEXT("1970-01-01T00:30"), &t)); /* 1969 in UTC: could not be read back */
    struct arena *arena = arena_new(64 * 1024);
    assert_string_equal(zone_format(arena, zone_of("Europe/Berlin"), t).data, "2026-03-29T08:30:00+02:00");
    arena_free(arena);
}

static void *find_many(void *names)
{
    const char *const *name = names;
    for (; *name; name++)
        if (!zone_exists(text_of(*name)))
            return (void *)*name;
    return NULL;
}

static void threads_may_ask_at_once(void **state)
{
    (void)state;
    static const char *const names[] = {"Asia/Tokyo", "America/Lima", "Europe/Paris", "Asia/Seoul", "Africa/Lagos", "Europe/Rome", NULL};
    pthread_t threads[4];
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, find_many, (void *)names), 0);
    for (size_t i = 0; i < 4; i++) {
        void *missing = NULL;
        pthread_join(threads[i], &missing);
        assert_null(missing);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(skipped_times_mean_the_end_of_the_gap),
        cmocka_unit_test(repeated_times_mean_the_first),
        cmocka_unit_test(instants_show_their_wall),
        cmocka_unit_test(mapping_is_monotone),
        cmocka_unit_test(changes_are_listed),
        cmocka_unit_test(only_names_of_the_database_exist),
        cmocka_unit_test(calendar_of_a_wall),
        cmocka_unit_test(client_times_may_lack_an_offset),
        cmocka_unit_test(threads_may_ask_at_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
