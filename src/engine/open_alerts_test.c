/* Why: an alert that is believed to be open and is not swallows the next call. Whoever ends one, and however, the next event is told. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "engine/incidents.h"
#include "engine/ledger.h"
#include "engine/open_alerts.h"
#include "engine/stepped_test.h"
#include "store/backend.h" /* to change something behind the store's back */

static struct disposition last;

static enum err trigger(struct tx *tx, void *key)
{
    return receive(tx, EVENT_TRIGGER, text_of(key), &last);
}

static enum err resolve(struct tx *tx, void *key)
{
    return receive(tx, EVENT_RESOLVE, text_of(key), &last);
}

static const char *triggers(const char *key)
{
    run(trigger, key);
    return last.kind;
}

static enum err trigger_and_fail(struct tx *tx, void *key)
{
    enum err err = trigger(tx, key);
    return err == OK ? ERR_CONFLICT : err;
}

static enum err resolve_incident(struct tx *tx, void *unused)
{
    (void)unused;
    bool changed;
    struct incident_command command = {.verb = INCIDENT_RESOLVE, .actor = actor_system};
    return incident_command(tx, last.incident_number, &command, problem_new(tx->arena), &changed);
}

static enum err behind_its_back(struct tx *tx, void *sql)
{
    return tx->db->backend->execute(tx->db, sql);
}

static enum err trigger_many(struct tx *tx, void *unused)
{
    (void)unused;
    enum err err = OK;
    for (int i = 0; i <= OPEN_ALERTS_KNOWN_MAX && err == OK; i++)
        err = receive(tx, EVENT_TRIGGER, text_printf(tx->arena, "key %d", i), &last);
    return err;
}

static void swallow(void *context, struct text frame)
{
    (void)context, (void)frame;
}

static int set_up(void **state)
{
    arena_set_up(state);
    stepped_begin((struct engine_config){.link_key = "the key of a test, 32 characters"}, swallow);
    service_new("");
    return 0;
}

static int tear_down(void **state)
{
    stepped_end();
    return arena_tear_down(state);
}

static void test_what_is_known_is_not_asked_again(void **state)
{
    (void)state;
    assert_string_equal(triggers("a"), "opened");
    assert_string_equal(triggers("a"), "merged");
    run(behind_its_back, "UPDATE alerts SET status = 'resolved'");
    assert_string_equal(triggers("a"), "merged");
}

static void test_a_resolve_event_is_known(void **state)
{
    (void)state;
    assert_string_equal(triggers("a"), "opened");
    assert_string_equal(triggers("b"), "opened");
    run(resolve, "a");
    assert_string_equal(last.kind, "resolved");
    assert_string_equal(triggers("b"), "merged");
    assert_string_equal(triggers("a"), "opened");
    assert_string_equal(triggers("a"), "merged");
}

static void test_a_person_resolves_the_incident(void **state)
{
    (void)state;
    assert_string_equal(triggers("a"), "opened");
    run(resolve_incident, NULL);
    assert_string_equal(triggers("a"), "opened");
}

static void test_what_was_rolled_back_never_opened(void **state)
{
    (void)state;
    assert_int_equal(outcome_of(trigger_and_fail, "a"), ERR_CONFLICT);
    assert_string_equal(last.kind, "opened");
    assert_string_equal(triggers("a"), "opened");
}

static void test_another_process_ends_it(void **state)
{
    (void)state;
    assert_string_equal(triggers("a"), "opened");
    assert_string_equal(triggers("a"), "merged");
    struct db *other;
    assert_int_equal(db_open(&other, database_url, DB_ADMIN), OK);
    assert_int_equal(db_begin(other), OK);
    assert_int_equal(db_execute(other, "UPDATE alerts SET status = 'resolved', resolved_at = 1"), OK);
    assert_int_equal(db_commit(other), OK);
    db_close(other);
    assert_string_equal(triggers("a"), "opened");
}

static void test_more_than_can_be_known(void **state)
{
    (void)state;
    run(trigger_many, NULL);
    assert_string_equal(last.kind, "opened");
    assert_string_equal(triggers("key 0"), "merged");
    assert_string_equal(triggers("key 8192"), "merged");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_is_known_is_not_asked_again, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_resolve_event_is_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_person_resolves_the_incident, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_was_rolled_back_never_opened, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_another_process_ends_it, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_more_than_can_be_known, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
