/* Why: what the simulator found about paging stays found: with the engine turn by turn, its clock and its sender in the test's hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "engine/incidents.h"
#include "engine/pages.h"
#include "engine/stepped_test.h"

enum { SENT_MAX = 50 };

static const struct provider_config providers[] = {
    {.name = {"sms-a", 5}, .type = PROVIDER_PRACTICE, .channels = 1u << CHANNEL_SMS, .in_flight_max = 10, .timeout_s = 10},
    {.name = {"mail-a", 6}, .type = PROVIDER_PRACTICE, .channels = 1u << CHANNEL_EMAIL, .in_flight_max = 10, .timeout_s = 10},
};
static struct { int64_t message, incidents, code; char to[40]; } sent[SENT_MAX];
static size_t sent_count;

static void take(void *context, struct text frame)
{
    (void)context;
    json_t *json = json_read(arena, frame, problem_new(arena));
    assert_true(sent_count < SENT_MAX);
    sent[sent_count].message = json_int_at(json, "id", 0);
    sent[sent_count].incidents = json_int_at(json, "incident_count", 0);
    sent[sent_count].code = json_int_at(json, "code", 0);
    snprintf(sent[sent_count++].to, sizeof sent[0].to, "%.*s", TEXT_ARG(json_text_at(json, "to")));
}

static void answer(size_t which, const char *outcome, bool address_refused)
{
    json_t *frame = answer_about(sent[which].message, outcome);
    json_put_bool(frame, "address_refused", address_refused);
    sender_answers(frame);
}

static enum err trigger(struct tx *tx, void *argument)
{
    (void)argument;
    struct disposition disposition;
    return receive(tx, EVENT_TRIGGER, TEXT("disk"), &disposition);
}

static enum err ana_changed(struct tx *tx, void *argument)
{
    enum err err = run_sql(tx, argument);
    return err == OK ? pages_ladder_changed(tx, TEXT("ana")) : err;
}

static enum err command(struct tx *tx, void *argument)
{
    bool changed;
    return incident_command(tx, 1, argument, problem_new(tx->arena), &changed);
}

#define RULE(id, delay, contact) "('" id "', 'ana', 'high', " delay ", '" contact "', 0)"
#define RULES "INSERT INTO notification_rules (id, user_id, urgency, start_delay_s, contact_method_id, created_at) VALUES "

static int set_up(void **state)
{
    arena_set_up(state);
    sent_count = 0;
    stepped_begin((struct engine_config){.link_key = "the key of a test, 32 characters", .providers = providers, .provider_count = 2}, take);
    run(run_sql, "INSERT INTO users (id, name, email, role, time_zone, created_at, updated_at) VALUES ('ana', 'Ana', 'ana@x', 'admin', 'UTC', 0, 0),"
                 "('ben', 'Ben', 'ben@x', 'user', 'UTC', 0, 0);"
                 "INSERT INTO contact_methods (id, user_id, channel, label, address, country_code, verified_at, created_at) VALUES"
                 "('s1', 'ana', 'sms', 'm', '1', 49, 1, 0), ('s2', 'ana', 'sms', 'm', '2', 49, 1, 0), ('m1', 'ana', 'email', 'm', 'm1@x', 0, 1, 0),"
                 "('m2', 'ana', 'email', 'm', 'm2@x', 0, 1, 0), ('b1', 'ben', 'email', 'm', 'ben@x', 0, 1, 0)");
    service_new("{\"id\":\"r1\",\"delay_s\":1800,\"strategy\":\"everyone\",\"targets\":[{\"type\":\"user\",\"id\":\"ana\"}]},"
                "{\"id\":\"r2\",\"delay_s\":1800,\"strategy\":\"everyone\",\"targets\":[{\"type\":\"user\",\"id\":\"ben\"}]}");
    return 0;
}

static int tear_down(void **state)
{
    stepped_end();
    return arena_tear_down(state);
}

static void test_a_retry_goes_out_when_its_pause_is_over_though_nothing_else_happens(void **state)
{
    (void)state;
    run(run_sql, RULES RULE("a", "0", "s1"));
    run(trigger, NULL);
    assert_int_equal(sent_count, 1);
    answer(0, "temporary", false);
    assert_int_equal(sent_count, 1);
    wait_s(14);
    assert_int_equal(sent_count, 1);
    wait_s(1);
    assert_int_equal(sent_count, 2);
}

static void test_nobody_is_called_where_they_were_deleted_while_it_waited(void **state)
{
    (void)state;
    run(run_sql, RULES RULE("a", "0", "s1") "," RULE("b", "600", "m1"));
    run(trigger, NULL);
    answer(0, "temporary", false); /* the mail is pulled forward, the text message waits */
    assert_int_equal(sent_count, 2);
    run(run_sql, "UPDATE contact_methods SET deleted_at = 1 WHERE id = 's1'; DELETE FROM notification_rules WHERE contact_method_id = 's1'");
    wait_s(900);
    assert_int_equal(sent_count, 2);
}

/* Mails are looked through before texts: the text that cannot go is found behind them. */
static void test_what_is_called_instead_leaves_at_once(void **state)
{
    (void)state;
    run(run_sql, RULES RULE("a", "0", "s1") "," RULE("b", "600", "m1"));
    engine_sender_is(engine, false);
    turn();
    run(trigger, NULL);
    run(run_sql, "UPDATE contact_methods SET blocked_reason = 'gone' WHERE id = 's1'");
    assert_int_equal(sent_count, 0);
    engine_sender_is(engine, true);
    turn();
    assert_int_equal(sent_count, 1);
    assert_string_equal(sent[0].to, "m1@x");
}

static void test_whoever_lost_the_last_way_to_be_reached_is_climbed_over(void **state)
{
    (void)state;
    run(run_sql, RULES RULE("a", "0", "s1") "; UPDATE contact_methods SET deleted_at = 1 WHERE id IN ('s2', 'm1', 'm2')");
    run(trigger, NULL);
    answer(0, "permanent", true);
    assert_int_equal(sent_count, 2);
    assert_string_equal(sent[1].to, "ben@x");
}

static void test_pulling_a_step_forward_leaves_the_others_their_time(void **state)
{
    (void)state;
    run(run_sql, RULES RULE("a", "0", "s1") "," RULE("b", "60", "s2") "," RULE("c", "120", "m1") "," RULE("d", "120", "m2"));
    run(trigger, NULL);
    answer(0, "permanent", false);
    assert_int_equal(sent_count, 2);
    assert_string_equal(sent[1].to, "m1@x");
    wait_s(60);
    assert_int_equal(sent_count, 3);
    assert_string_equal(sent[2].to, "+492");
    wait_s(600);
    assert_int_equal(sent_count, 4); /* the other of the same time, and the first not again */
    assert_string_equal(sent[3].to, "m2@x");
}

static void test_a_ladder_follows_its_rules_when_they_are_edited(void **state)
{
    (void)state;
    run(run_sql, RULES RULE("a", "0", "s1") "," RULE("b", "1200", "m1"));
    run(trigger, NULL);
    assert_int_equal(sent_count, 1);
    run(ana_changed, "UPDATE notification_rules SET start_delay_s = 60 WHERE id = 'b'");
    wait_s(60);
    assert_int_equal(sent_count, 2);
    run(ana_changed, RULES RULE("c", "120", "m2")); /* the ladder had ended */
    wait_s(60);
    assert_int_equal(sent_count, 3);
    run(ana_changed, RULES RULE("d", "30", "s2")); /* its time has passed */
    wait_s(600);
    assert_int_equal(sent_count, 3);
}

static void test_whoever_was_called_before_the_acknowledgement_can_be_asked_for_help_after_it(void **state)
{
    (void)state;
    run(run_sql, RULES RULE("a", "0", "s1"));
    run(trigger, NULL);
    struct text ana = TEXT("ana");
    struct incident_command acknowledge = {.verb = INCIDENT_ACKNOWLEDGE, .actor = {.kind = ACTOR_USER, .id = TEXT("ben"), .name = TEXT("Ben"), .channel = "api"}};
    struct incident_command ask = {.verb = INCIDENT_ADD_RESPONDERS, .actor = acknowledge.actor, .text = TEXT("please"), .user_ids = &ana, .user_count = 1};
    run(command, &acknowledge);
    assert_int_equal(sent_count, 1);
    run(command, &ask);
    assert_int_equal(sent_count, 2);
}

static enum err trigger_another(struct tx *tx, void *argument)
{
    struct event event = {.action = EVENT_TRIGGER, .routing_key = TEXT("key"), .dedup_key = text_of(argument), .severity = SEVERITY_CRITICAL,
                          .summary = TEXT("Disk is full"), .timestamp = INSTANT_NONE, .body = TEXT("{}"), .format = "events-v2"};
    struct disposition disposition;
    return intake_apply(tx, &event, &disposition);
}

static void test_a_bundle_counts_an_incident_once_however_often_it_was_to_be_named(void **state)
{
    (void)state;
    run(run_sql, RULES RULE("a", "0", "m1") "," RULE("b", "10", "m1"));
    for (int i = 0; i < 5; i++)
        run(trigger_another, text_cstring(arena, text_printf(arena, "k%d", i)));
    assert_int_equal(sent_count, 3);
    wait_s(50); /* the second step of all five is held too */
    assert_int_equal(sent_count, 3);
    wait_s(20);
    assert_int_equal(sent_count, 4);
    assert_int_equal(sent[3].incidents, 5);
}

static enum err trigger_and_fail(struct tx *tx, void *argument)
{
    enum err err = trigger_another(tx, argument);
    return err == OK ? ERR_CONFLICT : err;
}

/* What the writer remembers of a contact method is not what was undone: else the third page would wait behind three that never were. */
static void test_a_page_that_was_undone_counts_for_no_bundle(void **state)
{
    (void)state;
    run(run_sql, RULES RULE("a", "0", "m1"));
    run(trigger_another, "k0");
    run(trigger_another, "k1");
    for (int i = 0; i < 3; i++)
        assert_int_equal(outcome_of(trigger_and_fail, "k2"), ERR_CONFLICT);
    assert_int_equal(sent_count, 2);
    run(trigger_another, "k2");
    assert_int_equal(sent_count, 3);
    run(trigger_another, "k3");
    assert_int_equal(sent_count, 3);
}

/* A repeat keeps the number of the page that it repeats; what comes after it must not begin there again, though the writer has forgotten which was the newest. */
static void test_a_number_to_answer_with_is_not_given_twice(void **state)
{
    (void)state;
    run(run_sql, RULES RULE("a", "0", "s1"));
    run(trigger_another, "k0");
    run(trigger_another, "k1");
    answer(0, "temporary", false);
    run(run_sql, "DELETE FROM users WHERE id = 'nobody'");
    run(trigger_another, "k2");
    assert_int_equal(sent_count, 3);
    assert_int_equal(sent[2].code, sent[1].code + 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_retry_goes_out_when_its_pause_is_over_though_nothing_else_happens),
        TEST(test_nobody_is_called_where_they_were_deleted_while_it_waited), TEST(test_what_is_called_instead_leaves_at_once),
        TEST(test_whoever_lost_the_last_way_to_be_reached_is_climbed_over),
        TEST(test_pulling_a_step_forward_leaves_the_others_their_time), TEST(test_a_ladder_follows_its_rules_when_they_are_edited),
        TEST(test_whoever_was_called_before_the_acknowledgement_can_be_asked_for_help_after_it),
        TEST(test_a_bundle_counts_an_incident_once_however_often_it_was_to_be_named), TEST(test_a_page_that_was_undone_counts_for_no_bundle),
        TEST(test_a_number_to_answer_with_is_not_given_twice),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
