/* Why: the choice calls the right people and gives everyone else a true reason. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "base/arena_test.h"
#include "core/escalation.h"

#define PERSON(ID, STATE) {.user_id = {ID, sizeof ID - 1}, .user_name = {ID, sizeof ID - 1}, .state = STATE}

static struct candidate ana = PERSON("ana", CANDIDATE_USABLE), ben = PERSON("ben", CANDIDATE_USABLE), cleo = PERSON("cleo", CANDIDATE_USABLE),
                        dan = PERSON("dan", CANDIDATE_NO_CONTACT), gap = {.state = CANDIDATE_GAP, .target_kind = TARGET_SCHEDULE},
                        nils = PERSON("nils", CANDIDATE_USABLE);

static struct target of(struct candidate *candidate)
{
    return (struct target){.kind = candidate->target_kind, .candidates = candidate, .candidate_count = 1};
}

static struct plan plan_of(struct level *levels, size_t count, int64_t loops)
{
    return (struct plan){.levels = levels, .level_count = count, .loops = loops, .catch_all = &nils, .catch_all_count = 1, .service_active = true};
}

static const struct verdict *verdict_on(const struct choice *choice, struct candidate *candidate)
{
    for (size_t v = 0; v < choice->verdict_count; v++)
        if (choice->verdicts[v].candidate == candidate)
            return &choice->verdicts[v];
    return NULL;
}

static void test_the_level_is_called_and_later_ones_know_when(void **state)
{
    (void)state;
    struct target first = of(&ana), second = of(&ben);
    struct level levels[] = {{.delay_s = 300, .targets = &first, .target_count = 1}, {.delay_s = 600, .targets = &second, .target_count = 1}};
    struct plan plan = plan_of(levels, 2, 0);
    struct choice choice;
    escalation_choose(arena, &plan, 1, 0, &choice);
    assert_int_equal(choice.level, 1);
    assert_int_equal(choice.chosen_count, 1);
    assert_true(verdict_on(&choice, &ana)->chosen);
    assert_int_equal(verdict_on(&choice, &ben)->reason, REASON_LATER_LEVEL);
    assert_int_equal(verdict_on(&choice, &ben)->after_s, 300);
    escalation_choose(arena, &plan, 2, 0, &choice);
    assert_int_equal(verdict_on(&choice, &ana)->reason, REASON_EARLIER_LEVEL);
}

static void test_a_level_without_anybody_reachable_is_passed_over_at_once(void **state)
{
    (void)state;
    struct target first[] = {of(&dan), of(&gap)}, second = of(&ben);
    struct level levels[] = {{.targets = first, .target_count = 2}, {.targets = &second, .target_count = 1}};
    struct plan plan = plan_of(levels, 2, 0);
    struct choice choice;
    escalation_choose(arena, &plan, 1, 0, &choice);
    assert_int_equal(choice.level, 2);
    assert_int_equal(choice.levels_passed_over, 1);
    assert_int_equal(verdict_on(&choice, &dan)->reason, REASON_NO_CONTACT);
    assert_int_equal(verdict_on(&choice, &gap)->reason, REASON_GAP);
}

static void test_it_repeats_as_often_as_it_says_then_calls_the_catch_all(void **state)
{
    (void)state;
    struct target first = of(&ana);
    struct level levels[] = {{.targets = &first, .target_count = 1}};
    struct plan plan = plan_of(levels, 1, 1);
    struct choice choice;
    escalation_choose(arena, &plan, 2, 0, &choice);
    assert_true(choice.repeated);
    assert_int_equal(choice.level, 1);
    assert_int_equal(choice.loop, 1);
    escalation_choose(arena, &plan, 2, 1, &choice);
    assert_true(choice.exhausted);
    assert_int_equal(verdict_on(&choice, &nils)->reason, REASON_CATCH_ALL);
}

static void test_a_policy_of_gaps_goes_to_the_catch_all_without_spinning(void **state)
{
    (void)state;
    struct target first = of(&gap);
    struct level levels[] = {{.targets = &first, .target_count = 1}};
    struct plan plan = plan_of(levels, 1, 9);
    struct choice choice;
    escalation_choose(arena, &plan, 1, 0, &choice);
    assert_true(choice.exhausted);
    assert_int_equal(choice.loop, 0);
    assert_int_equal(choice.chosen_count, 1);
}

static void test_round_robin_takes_turns_and_skips_who_cannot_be_reached(void **state)
{
    (void)state;
    struct target targets[] = {of(&ana), of(&dan), of(&cleo)};
    struct level levels[] = {{.round_robin = true, .turn = 1, .targets = targets, .target_count = 3}};
    struct plan plan = plan_of(levels, 1, 0);
    struct choice choice;
    escalation_choose(arena, &plan, 1, 0, &choice);
    assert_int_equal(choice.chosen_count, 1);
    assert_true(verdict_on(&choice, &cleo)->chosen);
    assert_int_equal(verdict_on(&choice, &dan)->reason, REASON_NO_CONTACT);
    assert_int_equal(verdict_on(&choice, &ana)->reason, REASON_OTHERS_TURN);
    assert_true(choice.turn_taken);
}

static void test_one_person_through_two_targets_is_called_once(void **state)
{
    (void)state;
    struct candidate again = ana;
    struct target targets[] = {of(&ana), of(&again)};
    struct level levels[] = {{.targets = targets, .target_count = 2}};
    struct plan plan = plan_of(levels, 1, 0);
    struct choice choice;
    escalation_choose(arena, &plan, 1, 0, &choice);
    assert_int_equal(choice.chosen_count, 1);
    assert_int_equal(verdict_on(&choice, &again)->reason, REASON_DUPLICATE);
}

static void test_who_is_called_now_is_not_listed_again_for_a_later_level(void **state)
{
    (void)state;
    struct candidate again = ana;
    struct target first = of(&ana), second = of(&again);
    struct level levels[] = {{.targets = &first, .target_count = 1}, {.targets = &second, .target_count = 1}};
    struct plan plan = plan_of(levels, 2, 0);
    struct choice choice;
    escalation_choose(arena, &plan, 1, 0, &choice);
    assert_true(verdict_on(&choice, &ana)->chosen);
    assert_null(verdict_on(&choice, &again));
}

static void test_in_maintenance_everybody_has_that_reason(void **state)
{
    (void)state;
    struct target first = of(&ana), second = of(&ben);
    struct level levels[] = {{.targets = &first, .target_count = 1}, {.targets = &second, .target_count = 1}};
    struct plan plan = plan_of(levels, 2, 0);
    struct choice choice;
    escalation_choose_nobody(arena, &plan, REASON_MAINTENANCE, &choice);
    assert_int_equal(choice.chosen_count, 0);
    assert_int_equal(verdict_on(&choice, &ana)->reason, REASON_MAINTENANCE);
    assert_int_equal(verdict_on(&choice, &ben)->reason, REASON_MAINTENANCE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_level_is_called_and_later_ones_know_when),
        cmocka_unit_test(test_a_level_without_anybody_reachable_is_passed_over_at_once),
        cmocka_unit_test(test_it_repeats_as_often_as_it_says_then_calls_the_catch_all),
        cmocka_unit_test(test_a_policy_of_gaps_goes_to_the_catch_all_without_spinning),
        cmocka_unit_test(test_round_robin_takes_turns_and_skips_who_cannot_be_reached),
        cmocka_unit_test(test_one_person_through_two_targets_is_called_once),
        cmocka_unit_test(test_who_is_called_now_is_not_listed_again_for_a_later_level),
        cmocka_unit_test(test_in_maintenance_everybody_has_that_reason),
    };
    return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
