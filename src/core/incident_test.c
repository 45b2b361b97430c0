/* Why: the life cycle: what may follow what, and what each step makes happen. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <stdlib.h>
#include <cmocka.h>

#include "core/incident.h"

static struct candidate ana = {.user_id = {"ana", 3}, .user_name = {"Ana", 3}}, ben = {.user_id = {"ben", 3}, .user_name = {"Ben", 3}},
                        nils = {.user_id = {"nils", 4}, .user_name = {"Nils", 4}}, cleo = {.user_id = {"cleo", 4}, .user_name = {"Cleo", 4}};
static struct target first_target, second_target;
static struct level levels[2];
static struct plan plan;
static const struct actor ben_acts = {.kind = ACTOR_USER, .id = {"ben", 3}, .name = {"Ben", 3}, .channel = "sms"},
                          system_acts = {.kind = ACTOR_SYSTEM, .channel = "timeout"};
static const instant t0 = {1770688800 * SECOND_US};

struct world {
    struct arena *arena;
    struct incident incident;
    struct effects effects;
    struct problem *problem;
};

static enum err feed(struct world *w, struct input input, int64_t at_s)
{
    if (!instant_is_set(input.at) || input.at.us == 0)
        input.at = INSTANT_NONE;
    w->effects = (struct effects){.arena = w->arena};
    w->problem = problem_new(w->arena);
    return incident_step(&w->incident, &plan, &input, instant_add_s(t0, at_s), &w->effects, w->problem);
}

static void ok(struct world *w, struct input input, int64_t at_s)
{
    assert_int_equal(feed(w, input, at_s), OK);
}

static int count(const struct world *w, enum ledger_kind kind)
{
    int found = 0;
    for (size_t e = 0; e < w->effects.count; e++)
        found += w->effects.list[e].kind == EFFECT_LEDGER && w->effects.list[e].ledger == kind;
    return found;
}

static int64_t timer_after_s(const struct world *w, enum timer_kind timer, int64_t at_s)
{
    for (size_t e = 0; e < w->effects.count; e++)
        if (w->effects.list[e].kind == EFFECT_SET_TIMER && w->effects.list[e].timer == timer)
            return instant_seconds_between(instant_add_s(t0, at_s), w->effects.list[e].due);
    return -1;
}

static bool clears(const struct world *w, enum timer_kind timer)
{
    for (size_t e = 0; e < w->effects.count; e++)
        if (w->effects.list[e].kind == EFFECT_CLEAR_TIMER && w->effects.list[e].timer == timer)
            return true;
    return false;
}

static const struct choice *called(const struct world *w)
{
    for (size_t e = 0; e < w->effects.count; e++)
        if (w->effects.list[e].kind == EFFECT_START_PAGES)
            return w->effects.list[e].choice;
    return NULL;
}

static void test_a_trigger_calls_the_first_level_and_sets_the_clock(void **state)
{
    struct world *w = *state;
    ok(w, (struct input){.kind = INPUT_TRIGGER, .actor = system_acts}, 0);
    assert_int_equal(called(w)->chosen_count, 1);
    assert_true(text_is(w->incident.assignees[0], "ana"));
    assert_int_equal(timer_after_s(w, TIMER_ESCALATE, 0), 300);
    assert_int_equal(count(w, LEDGER_TRIGGER), 1);
}

static void test_silence_climbs_to_the_catch_all_with_an_alarm(void **state)
{
    struct world *w = *state;
    ok(w, (struct input){.kind = INPUT_TRIGGER, .actor = system_acts}, 0);
    ok(w, (struct input){.kind = INPUT_TIMER_ESCALATE, .actor = system_acts}, 300);
    assert_int_equal(w->incident.level, 2);
    assert_true(text_is(w->incident.assignees[0], "ben"));
    ok(w, (struct input){.kind = INPUT_TIMER_ESCALATE, .actor = system_acts}, 900);
    assert_true(w->incident.exhausted);
    assert_int_equal(w->incident.assignee_count, 2); /* it does not leave those who did not answer */
    assert_true(text_is(w->incident.assignees[1], "nils"));
    assert_int_equal(count(w, LEDGER_ALARM), 1);
    assert_true(clears(w, TIMER_ESCALATE));
    ok(w, (struct input){.kind = INPUT_TIMER_ESCALATE, .actor = system_acts}, 901);
    assert_false(w->effects.changed);
}

static void test_an_acknowledgement_stops_and_times_out_back(void **state)
{
    struct world *w = *state;
    plan.acknowledgement_timeout_s = 1800;
    ok(w, (struct input){.kind = INPUT_TRIGGER, .actor = system_acts}, 0);
    ok(w, (struct input){.kind = INPUT_ACKNOWLEDGE, .actor = ben_acts}, 60);
    assert_int_equal(w->incident.status, INCIDENT_ACKNOWLEDGED);
    assert_true(clears(w, TIMER_ESCALATE));
    assert_int_equal(timer_after_s(w, TIMER_ACK_TIMEOUT, 60), 1800);
    ok(w, (struct input){.kind = INPUT_ACKNOWLEDGE, .actor = ben_acts}, 61);
    assert_false(w->effects.changed);
    ok(w, (struct input){.kind = INPUT_TIMER_ACK_TIMEOUT, .actor = system_acts}, 1860);
    assert_int_equal(w->incident.status, INCIDENT_TRIGGERED);
    assert_int_equal(w->incident.acknowledger_count, 0);
    assert_int_equal(called(w)->chosen_count, 1);
}

static void test_resolved_is_final(void **state)
{
    struct world *w = *state;
    ok(w, (struct input){.kind = INPUT_TRIGGER, .actor = system_acts}, 0);
    ok(w, (struct input){.kind = INPUT_RESOLVE, .actor = ben_acts}, 10);
    static const enum input_kind refused[] = {INPUT_ACKNOWLEDGE, INPUT_SNOOZE, INPUT_ESCALATE, INPUT_REASSIGN, INPUT_UNACKNOWLEDGE, INPUT_MERGE_INTO};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_int_equal(feed(w, (struct input){.kind = refused[i], .actor = ben_acts, .seconds = 600}, 20), ERR_CONFLICT);
        assert_int_equal(w->problem->count, 1);
        assert_int_equal(w->effects.count, 0);
    }
    static const enum input_kind late[] = {INPUT_TIMER_ESCALATE, INPUT_TIMER_ACK_TIMEOUT, INPUT_TIMER_SNOOZE_END, INPUT_TIMER_AUTO_RESOLVE,
                                           INPUT_TIMER_SUPPORT_HOURS, INPUT_WINDOW_START, INPUT_WINDOW_END, INPUT_RESOLVE};
    for (size_t i = 0; i < sizeof late / sizeof late[0]; i++) {
        ok(w, (struct input){.kind = late[i], .actor = system_acts}, 30);
        assert_false(w->effects.changed);
    }
}

static void test_a_snooze_ends_by_calling_again(void **state)
{
    struct world *w = *state;
    ok(w, (struct input){.kind = INPUT_TRIGGER, .actor = system_acts}, 0);
    assert_int_equal(feed(w, (struct input){.kind = INPUT_SNOOZE, .actor = ben_acts, .seconds = 0}, 5), ERR_INVALID);
    assert_int_equal(feed(w, (struct input){.kind = INPUT_SNOOZE, .actor = ben_acts, .seconds = SNOOZE_MAX_S + 1}, 5), ERR_INVALID);
    ok(w, (struct input){.kind = INPUT_SNOOZE, .actor = ben_acts, .seconds = 3600}, 10);
    assert_int_equal(timer_after_s(w, TIMER_SNOOZE_END, 10), 3600);
    assert_true(clears(w, TIMER_ESCALATE));
    ok(w, (struct input){.kind = INPUT_TIMER_SNOOZE_END, .actor = system_acts}, 3610);
    assert_int_equal(w->incident.status, INCIDENT_TRIGGERED);
    assert_int_equal(called(w)->chosen_count, 1);
}

static void test_maintenance_holds_everything_and_calls_at_its_end(void **state)
{
    struct world *w = *state;
    plan.window_id = TEXT("W1");
    ok(w, (struct input){.kind = INPUT_TRIGGER, .actor = system_acts}, 0);
    assert_int_equal(called(w)->chosen_count, 0);
    assert_int_equal(called(w)->verdicts[0].reason, REASON_MAINTENANCE);
    assert_int_equal(timer_after_s(w, TIMER_ESCALATE, 0), -1);
    ok(w, (struct input){.kind = INPUT_TIMER_ESCALATE, .actor = system_acts}, 300);
    assert_false(w->effects.changed);
    plan.window_id = TEXT_NONE;
    ok(w, (struct input){.kind = INPUT_WINDOW_END, .actor = system_acts}, 600);
    assert_int_equal(called(w)->chosen_count, 1);
    assert_int_equal(timer_after_s(w, TIMER_ESCALATE, 600), 300);
    plan.window_id = TEXT("W2");
    ok(w, (struct input){.kind = INPUT_WINDOW_START, .actor = system_acts}, 700);
    assert_int_equal(count(w, LEDGER_HOLD), 1);
    assert_true(clears(w, TIMER_ESCALATE));
}

static void test_low_urgency_does_not_climb_until_it_is_raised(void **state)
{
    struct world *w = *state;
    w->incident.urgency = URGENCY_LOW;
    ok(w, (struct input){.kind = INPUT_TRIGGER, .actor = system_acts}, 0);
    assert_int_equal(timer_after_s(w, TIMER_ESCALATE, 0), -1);
    ok(w, (struct input){.kind = INPUT_ALERT_ADDED, .actor = system_acts, .urgency = URGENCY_HIGH}, 60);
    assert_int_equal(w->incident.urgency, URGENCY_HIGH);
    assert_int_equal(timer_after_s(w, TIMER_ESCALATE, 60), 300);
}

static void test_by_hand_leaves_the_policy_but_never_ends_in_silence(void **state)
{
    struct world *w = *state;
    ok(w, (struct input){.kind = INPUT_TRIGGER, .actor = system_acts}, 0);
    ok(w, (struct input){.kind = INPUT_REASSIGN, .actor = ben_acts, .people = &cleo, .people_count = 1}, 30);
    assert_false(w->incident.on_policy);
    assert_true(text_is(w->incident.assignees[0], "cleo"));
    assert_int_equal(timer_after_s(w, TIMER_ESCALATE, 30), HAND_ASSIGNED_ALARM_S);
    ok(w, (struct input){.kind = INPUT_TIMER_ESCALATE, .actor = system_acts}, 30 + HAND_ASSIGNED_ALARM_S);
    assert_true(w->incident.exhausted);
    assert_int_equal(w->incident.assignee_count, 2);
    assert_true(text_is(w->incident.assignees[1], "nils"));
    assert_false(w->incident.on_policy);
}

static void test_the_last_alert_takes_the_incident_with_it(void **state)
{
    struct world *w = *state;
    ok(w, (struct input){.kind = INPUT_TRIGGER, .actor = system_acts}, 0);
    ok(w, (struct input){.kind = INPUT_ALERT_ADDED, .actor = system_acts}, 0);
    ok(w, (struct input){.kind = INPUT_ALERT_ADDED, .actor = system_acts}, 1);
    ok(w, (struct input){.kind = INPUT_ALERT_RESOLVED, .actor = system_acts}, 2);
    assert_int_equal(w->incident.status, INCIDENT_TRIGGERED);
    ok(w, (struct input){.kind = INPUT_ALERT_RESOLVED, .actor = system_acts}, 3);
    assert_int_equal(w->incident.status, INCIDENT_RESOLVED);
    assert_int_equal(w->incident.assignee_count, 0);
}

static void test_a_disabled_service_calls_nobody(void **state)
{
    struct world *w = *state;
    plan.service_active = false;
    ok(w, (struct input){.kind = INPUT_TRIGGER, .actor = system_acts}, 0);
    assert_int_equal(called(w)->chosen_count, 0);
    assert_int_equal(called(w)->verdicts[0].reason, REASON_SERVICE_DISABLED);
    assert_int_equal(count(w, LEDGER_SKIP), 1); /* every move has its line in the record (invariant I2) */
}

static void test_called_anew_after_the_end_of_the_policy_it_climbs_again(void **state)
{
    struct world *w = *state;
    ok(w, (struct input){.kind = INPUT_TRIGGER, .actor = system_acts}, 0);
    ok(w, (struct input){.kind = INPUT_TIMER_ESCALATE, .actor = system_acts}, 300);
    ok(w, (struct input){.kind = INPUT_TIMER_ESCALATE, .actor = system_acts}, 900);
    assert_true(w->incident.exhausted);
    ok(w, (struct input){.kind = INPUT_ESCALATE, .actor = ben_acts, .level = 1}, 1000);
    assert_false(w->incident.exhausted);
    assert_int_equal(timer_after_s(w, TIMER_ESCALATE, 1000), 300);
    ok(w, (struct input){.kind = INPUT_TIMER_ESCALATE, .actor = system_acts}, 1300);
    assert_int_equal(w->incident.level, 2);
}

static void test_people_named_during_maintenance_are_called_at_its_end(void **state)
{
    struct world *w = *state;
    plan.window_id = TEXT("W1");
    ok(w, (struct input){.kind = INPUT_TRIGGER, .actor = ben_acts, .people = &cleo, .people_count = 1}, 0);
    assert_int_equal(called(w)->chosen_count, 0);
    assert_int_equal(w->incident.assignee_count, 1);
    assert_true(text_is(w->incident.assignees[0], "cleo"));
    plan.window_id = TEXT_NONE;
    ok(w, (struct input){.kind = INPUT_WINDOW_END, .actor = system_acts, .people = &cleo, .people_count = 1}, 600);
    assert_true(text_is(called(w)->verdicts[0].candidate->user_id, "cleo"));
    plan.window_id = TEXT("W2");
    ok(w, (struct input){.kind = INPUT_REASSIGN_POLICY, .actor = ben_acts}, 700);
    plan.window_id = TEXT_NONE;
    ok(w, (struct input){.kind = INPUT_WINDOW_END, .actor = system_acts}, 800);
    assert_true(text_is(w->incident.assignees[0], "ana"));
}

static void test_a_service_enabled_again_calls_what_it_owes(void **state)
{
    struct world *w = *state;
    ok(w, (struct input){.kind = INPUT_TRIGGER, .actor = system_acts}, 0);
    plan.service_active = false;
    ok(w, (struct input){.kind = INPUT_SERVICE_SWITCHED, .actor = system_acts}, 60);
    assert_int_equal(called(w)->chosen_count, 0);
    assert_true(clears(w, TIMER_ESCALATE));
    plan.service_active = true;
    ok(w, (struct input){.kind = INPUT_SERVICE_SWITCHED, .actor = system_acts}, 120);
    assert_int_equal(called(w)->chosen_count, 1);
    assert_int_equal(timer_after_s(w, TIMER_ESCALATE, 120), 300);
    ok(w, (struct input){.kind = INPUT_ACKNOWLEDGE, .actor = ben_acts}, 130);
    ok(w, (struct input){.kind = INPUT_SERVICE_SWITCHED, .actor = system_acts}, 140);
    assert_false(w->effects.changed);
}

static int set_up(void **state)
{
    struct world *w = calloc(1, sizeof *w);
    w->arena = arena_new(1 << 22);
    first_target = (struct target){.candidates = &ana, .candidate_count = 1};
    second_target = (struct target){.candidates = &ben, .candidate_count = 1};
    levels[0] = (struct level){.delay_s = 300, .targets = &first_target, .target_count = 1};
    levels[1] = (struct level){.delay_s = 600, .targets = &second_target, .target_count = 1};
    plan = (struct plan){.service_active = true, .levels = levels, .level_count = 2, .catch_all = &nils, .catch_all_count = 1};
    w->incident = (struct incident){.number = 1, .on_policy = true, .snoozed_until = INSTANT_NONE, .grouping_until = INSTANT_NONE, .resolved_at = INSTANT_NONE};
    *state = w;
    return 0;
}

static int tear_down(void **state)
{
    struct world *w = *state;
    arena_free(w->arena);
    free(w);
    return 0;
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_trigger_calls_the_first_level_and_sets_the_clock), TEST(test_silence_climbs_to_the_catch_all_with_an_alarm),
        TEST(test_an_acknowledgement_stops_and_times_out_back), TEST(test_resolved_is_final), TEST(test_a_snooze_ends_by_calling_again),
        TEST(test_maintenance_holds_everything_and_calls_at_its_end), TEST(test_low_urgency_does_not_climb_until_it_is_raised),
        TEST(test_by_hand_leaves_the_policy_but_never_ends_in_silence), TEST(test_the_last_alert_takes_the_incident_with_it),
        TEST(test_a_disabled_service_calls_nobody), TEST(test_called_anew_after_the_end_of_the_policy_it_climbs_again),
        TEST(test_people_named_during_maintenance_are_called_at_its_end), TEST(test_a_service_enabled_again_calls_what_it_owes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
