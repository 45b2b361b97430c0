/* Why: the ladder's promises: in order, never twice, edits neither repeat nor skip, an outage is not replayed. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena_test.h"
#include "core/ladder.h"

static const struct ladder_rule rules[] = {
    {.rule_id = {"p", 1}, .delay_s = 0, .channel = {"push", 4}},  {.rule_id = {"e", 1}, .delay_s = 0, .channel = {"email", 5}},
    {.rule_id = {"s", 1}, .delay_s = 60, .channel = {"sms", 3}},  {.rule_id = {"v", 1}, .delay_s = 120, .channel = {"phone", 5}},
    {.rule_id = {"w", 1}, .delay_s = 180, .channel = {"phone", 5}},
};
enum { RULES = sizeof rules / sizeof rules[0] };
static const instant start = {1770688800 * SECOND_US};

static struct ladder_step step_at(int64_t done_s, int64_t after_s)
{
    struct ladder_step step;
    ladder_step(arena, rules, RULES, start, done_s, instant_add_s(start, after_s), &step);
    return step;
}

static void test_the_first_step_takes_everything_of_delay_zero(void **state)
{
    (void)state;
    struct ladder_step step = step_at(-1, 0);
    assert_int_equal(step.due_count, 2);
    assert_int_equal(step.done_s, 0);
    assert_int_equal(instant_seconds_between(start, step.next_at), 60);
}

static void test_a_step_waits_for_its_delay_and_comes_once(void **state)
{
    (void)state;
    assert_int_equal(step_at(0, 59).due_count, 0);
    struct ladder_step step = step_at(0, 60);
    assert_int_equal(step.due_count, 1);
    assert_true(text_is(step.due[0]->rule_id, "s"));
    assert_int_equal(step_at(60, 60).due_count, 0);
    assert_false(instant_is_set(step_at(120, 180).next_at));
}

static void test_after_an_outage_only_the_latest_step_is_made_up_for(void **state)
{
    (void)state;
    struct ladder_step step = step_at(0, 3600);
    assert_int_equal(step.due_count, 1);
    assert_true(text_is(step.due[0]->rule_id, "w"));
    assert_int_equal(step.skipped_count, 2);
    assert_int_equal(step.done_s, 180);
}

static void test_a_little_late_loses_nothing(void **state)
{
    (void)state;
    struct ladder_step step;
    static const struct ladder_rule close[] = {{.rule_id = {"a", 1}, .delay_s = 10}, {.rule_id = {"b", 1}, .delay_s = 20}};
    ladder_step(arena, close, 2, start, 0, instant_add_s(start, 25), &step);
    assert_int_equal(step.due_count, 2);
    assert_int_equal(step.skipped_count, 0);
}

static void test_a_failed_channel_pulls_the_next_other_channel_forward(void **state)
{
    (void)state;
    assert_true(text_is(ladder_pull_forward(rules, RULES, 60, TEXT("sms"))->rule_id, "v"));
    assert_null(ladder_pull_forward(rules, RULES, 60, TEXT("phone")));
    assert_null(ladder_pull_forward(rules, RULES, 180, TEXT("sms")));
}

static void test_the_time_of_an_unusable_rule_is_a_gap_to_be_filled(void **state)
{
    (void)state;
    static const struct ladder_rule some[] = {{.rule_id = {"a", 1}, .delay_s = 0, .is_unusable = true, .channel = {"sms", 3}},
                                              {.rule_id = {"b", 1}, .delay_s = 60, .is_unusable = true, .channel = {"phone", 5}},
                                              {.rule_id = {"c", 1}, .delay_s = 600, .channel = {"email", 5}}};
    struct ladder_step step;
    ladder_step(arena, some, 3, start, -1, start, &step);
    assert_true(step.is_gap);
    assert_int_equal(step.due_count, 0);
    assert_int_equal(step.done_s, 0);
    assert_true(text_is(ladder_pull_forward(some, 3, step.done_s, TEXT(""))->rule_id, "c"));
    ladder_step(arena, some, 3, start, -1, instant_add_s(start, 601), &step); /* after an outage the usable one is due itself */
    assert_false(step.is_gap);
    assert_int_equal(step.due_count, 1);
    assert_int_equal(step.skipped_count, 0);
}

static void test_a_late_usable_rule_does_not_give_way_to_an_unusable_one(void **state)
{
    (void)state;
    static const struct ladder_rule some[] = {{.rule_id = {"a", 1}, .delay_s = 0, .channel = {"sms", 3}},
                                              {.rule_id = {"b", 1}, .delay_s = 60, .is_unusable = true, .channel = {"phone", 5}}};
    struct ladder_step step;
    ladder_step(arena, some, 2, start, -1, instant_add_s(start, 3600), &step);
    assert_int_equal(step.due_count, 1);
    assert_true(text_is(step.due[0]->rule_id, "a"));
    assert_false(step.is_gap);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_first_step_takes_everything_of_delay_zero),
        cmocka_unit_test(test_a_step_waits_for_its_delay_and_comes_once),
        cmocka_unit_test(test_after_an_outage_only_the_latest_step_is_made_up_for),
        cmocka_unit_test(test_a_little_late_loses_nothing),
        cmocka_unit_test(test_a_failed_channel_pulls_the_next_other_channel_forward),
        cmocka_unit_test(test_the_time_of_an_unusable_rule_is_a_gap_to_be_filled),
        cmocka_unit_test(test_a_late_usable_rule_does_not_give_way_to_an_unusable_one),
    };
    return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
