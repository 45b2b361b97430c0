/* Why: every outcome has one right continuation, and every chain of attempts ends. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "core/failover.h"

static struct failover after(enum outcome_kind outcome, bool address_refused, int64_t retry_after_s, const struct attempt_history *history)
{
    return failover_after(&(struct attempt_verdict){.outcome = outcome, .address_refused = address_refused, .retry_after_s = retry_after_s}, history);
}

static void test_success_needs_nothing_more(void **state)
{
    (void)state;
    struct attempt_history first = {.attempts = 1, .rounds = 1, .untried_providers = 1};
    assert_int_equal(after(OUTCOME_ACCEPTED, false, 0, &first).next, NEXT_NONE);
    assert_false(after(OUTCOME_DELIVERED, false, 0, &first).pull_forward);
}

static void test_refused_for_now_goes_to_the_next_provider_then_moves_the_ladder(void **state)
{
    (void)state;
    struct attempt_history first = {.attempts = 1, .rounds = 1, .untried_providers = 1};
    struct failover then = after(OUTCOME_TEMPORARY, false, 0, &first);
    assert_int_equal(then.next, NEXT_FAILOVER);
    assert_false(then.pull_forward);
    struct attempt_history last = {.attempts = 2, .rounds = 1, .untried_providers = 0};
    then = after(OUTCOME_TEMPORARY, false, 0, &last);
    assert_int_equal(then.next, NEXT_RETRY);
    assert_int_equal(then.delay_s, RETRY_FIRST_S);
    assert_true(then.pull_forward);
    struct attempt_history second_round = {.attempts = 4, .rounds = 2, .untried_providers = 0};
    then = after(OUTCOME_TEMPORARY, false, 45, &second_round);
    assert_int_equal(then.delay_s, 45);
    assert_false(then.pull_forward); /* it moved on once already */
}

static void test_a_bad_address_is_never_used_again(void **state)
{
    (void)state;
    struct attempt_history first = {.attempts = 1, .rounds = 1, .untried_providers = 3};
    struct failover then = after(OUTCOME_PERMANENT, true, 0, &first);
    assert_int_equal(then.next, NEXT_NONE);
    assert_true(then.block_address);
    assert_true(then.pull_forward);
    assert_int_equal(after(OUTCOME_PERMANENT, false, 0, &first).next, NEXT_FAILOVER);
}

static void test_doubt_is_repeated_exactly_once(void **state)
{
    (void)state;
    struct attempt_history first = {.attempts = 1, .rounds = 1};
    assert_int_equal(after(OUTCOME_UNKNOWN, false, 0, &first).next, NEXT_REPEAT);
    first.doubts = 1;
    assert_int_equal(after(OUTCOME_UNKNOWN, false, 0, &first).next, NEXT_NONE);
    assert_true(after(OUTCOME_UNKNOWN, false, 0, &first).pull_forward);
    struct attempt_verdict interrupted = {.outcome = OUTCOME_UNKNOWN, .interrupted = true};
    assert_int_equal(failover_after(&interrupted, &first).next, NEXT_REPEAT);
    first.doubts = INTERRUPTED_REPEATS_MAX;
    assert_int_equal(failover_after(&interrupted, &first).next, NEXT_NONE);
}

static void test_every_chain_ends(void **state)
{
    (void)state;
    for (int is_page = 0; is_page <= 1; is_page++) {
        struct attempt_history history = {.attempts = 1, .rounds = 1, .is_page = is_page};
        int64_t attempts = 1, limit = is_page ? PAGE_ATTEMPTS_MAX : ATTEMPTS_MAX;
        while (after(OUTCOME_TEMPORARY, false, 0, &history).next != NEXT_NONE) {
            history.attempts = ++attempts;
            history.rounds++;
            assert_true(attempts <= limit);
            assert_true(after(OUTCOME_TEMPORARY, false, 100000, &history).delay_s <= RETRY_LONGEST_S);
        }
        assert_int_equal(attempts, limit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_success_needs_nothing_more),
        cmocka_unit_test(test_refused_for_now_goes_to_the_next_provider_then_moves_the_ladder),
        cmocka_unit_test(test_a_bad_address_is_never_used_again),
        cmocka_unit_test(test_doubt_is_repeated_exactly_once),
        cmocka_unit_test(test_every_chain_ends),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
