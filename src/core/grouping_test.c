/* Why: an alert that joins the wrong incident wakes nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/arena_test.h"
#include "core/grouping.h"

static instant at(int64_t seconds)
{
    return instant_add_s((instant){0}, 1770595200 + seconds);
}

static struct text value_of(void *context, struct text field)
{
    const char *const *alert = context; /* source, component, class */
    static const char *const fields[] = {"source", "component", "class"};
    for (size_t i = 0; i < 3; i++)
        if (text_is(field, fields[i]))
            return alert[i] ? text_of(alert[i]) : TEXT_NONE;
    return TEXT_NONE;
}

static struct grouping_keys keys_of(const struct grouping_rule *rule, const char *source, const char *component, const char *class)
{
    const char *alert[] = {source, component, class};
    struct grouping_keys keys;
    grouping_keys(arena, rule, value_of, alert, &keys);
    return keys;
}

static bool share(const struct grouping_keys *a, const struct grouping_keys *b)
{
    for (size_t i = 0; i < a->count; i++)
        for (size_t j = 0; j < b->count; j++)
            if (text_equal(a->list[i], b->list[j]))
                return true;
    return false;
}

static struct grouping_rule content(bool any)
{
    return (struct grouping_rule){.setting_id = TEXT("PSET001"), .type = TEXT("content_based"), .any = any, .timeout_s = 600,
                                  .fields = {TEXT("source"), TEXT("component")}, .field_count = 2};
}

static void test_all_fields_must_match(void **state)
{
    (void)state;
    struct grouping_rule rule = content(false);
    struct grouping_keys first = keys_of(&rule, "web-1", "db", "x"), same = keys_of(&rule, "web-1", "db", "y"), other = keys_of(&rule, "web-1", "cache", "x");
    assert_true(share(&first, &same));
    assert_false(share(&first, &other));
    /* A border between two values is not a place where they flow into each other. */
    struct grouping_keys left = keys_of(&rule, "a|1:b", "c", NULL), right = keys_of(&rule, "a", "b|1:c", NULL);
    assert_false(share(&left, &right));
}

static void test_long_values_differ_to_their_end(void **state)
{
    (void)state;
    struct grouping_rule rule = content(false);
    struct builder longest = builder_new(arena, 2048);
    for (size_t i = 0; i + 1 < GROUPING_VALUE_BYTES_MAX; i++)
        builder_add_string(&longest, "x");
    const char *text = builder_text(&longest).data;
    struct grouping_keys one = keys_of(&rule, text, arena_printf(arena, "%sa", text), NULL), other = keys_of(&rule, text, arena_printf(arena, "%sb", text), NULL);
    assert_false(share(&one, &other));
}

static void test_one_field_is_enough_for_any(void **state)
{
    (void)state;
    struct grouping_rule rule = content(true);
    struct grouping_keys first = keys_of(&rule, "web-1", "db", NULL), same = keys_of(&rule, "web-2", "db", NULL), other = keys_of(&rule, "web-3", "cache", NULL);
    assert_true(share(&first, &same));
    assert_false(share(&first, &other));
    /* The same word in another field is not the same. */
    struct grouping_keys crossed = keys_of(&rule, "db", "web-1", NULL);
    assert_false(share(&first, &crossed));
}

static void test_what_is_missing_is_like_nothing(void **state)
{
    (void)state;
    struct grouping_rule all = content(false), any = content(true);
    assert_int_equal(keys_of(&all, "web-1", NULL, NULL).count, 0);
    assert_int_equal(keys_of(&all, "web-1", "", NULL).count, 0);
    assert_int_equal(keys_of(&any, NULL, NULL, NULL).count, 0);
    assert_int_equal(keys_of(&any, "web-1", NULL, NULL).count, 1);
}

static void test_settings_share_no_key(void **state)
{
    (void)state;
    struct grouping_rule one = content(false), other = content(false);
    other.setting_id = TEXT("PSET002");
    struct grouping_keys a = keys_of(&one, "web-1", "db", NULL), b = keys_of(&other, "web-1", "db", NULL);
    assert_false(share(&a, &b));
    struct grouping_rule time = {.setting_id = TEXT("PSET001"), .type = TEXT("time")};
    struct grouping_keys c = keys_of(&time, "web-1", "db", NULL), d = keys_of(&time, NULL, NULL, NULL);
    assert_false(share(&a, &c));
    assert_true(share(&c, &d));
}

static int64_t choose(const struct grouping_candidate *candidates, size_t count, const char *service, int64_t now)
{
    const struct grouping_candidate *chosen = grouping_choose(candidates, count, text_of(service), at(now));
    return chosen ? chosen->number : 0;
}

static void test_the_newest_with_an_open_window_takes_it(void **state)
{
    (void)state;
    struct grouping_candidate candidates[] = {
        {.number = 3, .service_id = TEXT("PA"), .opened_at = at(0), .until = at(600)},
        {.number = 5, .service_id = TEXT("PA"), .opened_at = at(100), .until = at(300)},
        {.number = 4, .service_id = TEXT("PB"), .opened_at = at(50), .until = INSTANT_NONE},
    };
    assert_int_equal(choose(candidates, 3, "PA", 299), 5);
    assert_int_equal(choose(candidates, 3, "PA", 300), 4); /* at its end a window is closed */
    assert_int_equal(choose(candidates, 1, "PA", 599), 3);
    assert_int_equal(choose(candidates, 1, "PA", 600), 0);
    assert_int_equal(choose(candidates, 0, "PA", 0), 0);
}

static void test_a_quiet_incident_takes_only_its_own(void **state)
{
    (void)state;
    struct grouping_candidate quiet = {.number = 3, .service_id = TEXT("PA"), .quiet = true, .opened_at = at(0), .until = INSTANT_NONE};
    assert_int_equal(choose(&quiet, 1, "PA", 10), 3);
    assert_int_equal(choose(&quiet, 1, "PB", 10), 0);
}

static void test_windows(void **state)
{
    (void)state;
    struct grouping_rule time = {.type = TEXT("time"), .timeout_s = 600}, open = {.type = TEXT("time")}, rolling = {.type = TEXT("time"), .timeout_s = 600, .rolling = true};
    struct grouping_rule by_content = {.type = TEXT("content_based"), .timeout_s = 3600}, recommended = {.type = TEXT("content_based")};
    assert_true(instant_equal(grouping_window(&time, at(0), INSTANT_NONE, at(0)), at(600)));
    assert_true(instant_equal(grouping_window(&time, at(0), at(600), at(300)), at(600)));
    assert_false(instant_is_set(grouping_window(&open, at(0), INSTANT_NONE, at(0))));
    assert_true(instant_equal(grouping_window(&rolling, at(0), at(600), at(300)), at(900)));
    assert_true(instant_equal(grouping_window(&by_content, at(0), at(3600), at(3000)), at(6600)));
    assert_true(instant_equal(grouping_window(&by_content, at(0), at(86000), at(85000)), at(86400))); /* a day is the longest */
    assert_true(instant_equal(grouping_window(&recommended, at(0), INSTANT_NONE, at(0)), at(300)));
}

static void test_reasons(void **state)
{
    (void)state;
    struct grouping_rule all = content(false), any = content(true), open = {.setting_id = TEXT("P"), .type = TEXT("time")}, time = open;
    time.timeout_s = 5400;
    struct grouping_keys keys = keys_of(&all, "web-1", "db", NULL);
    assert_string_equal(grouping_reason(arena, &all, &keys, keys.list[0]).data, "same source and component, within 10 minutes of its newest alert");
    keys = keys_of(&any, "web-1", "db", NULL);
    assert_string_equal(grouping_reason(arena, &any, &keys, keys.list[1]).data, "same component, within 10 minutes of its newest alert");
    keys = keys_of(&open, NULL, NULL, NULL);
    assert_string_equal(grouping_reason(arena, &open, &keys, keys.list[0]).data, "the incident is open");
    assert_string_equal(grouping_reason(arena, &time, &keys, keys.list[0]).data, "within 1 hour 30 minutes of its first alert");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_fields_must_match),
        cmocka_unit_test(test_long_values_differ_to_their_end),
        cmocka_unit_test(test_one_field_is_enough_for_any),
        cmocka_unit_test(test_what_is_missing_is_like_nothing),
        cmocka_unit_test(test_settings_share_no_key),
        cmocka_unit_test(test_the_newest_with_an_open_window_takes_it),
        cmocka_unit_test(test_a_quiet_incident_takes_only_its_own),
        cmocka_unit_test(test_windows),
        cmocka_unit_test(test_reasons),
    };
    return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
