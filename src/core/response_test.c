/* Why: figures by which people are judged must be right: snoozes that overlap, people who acknowledge twice, calls at the edge of the night. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/arena_test.h"
#include "core/response.h"

static struct response response;

static instant at(int64_t seconds)
{
    return instant_add_s((instant){0}, 1770595200 + seconds); /* Monday 2026-02-09 00:00 UTC */
}

static void take(enum ledger_kind kind, int64_t seconds, const char *user, const char *doc)
{
    struct problem *problem = problem_new(arena);
    struct response_entry entry = {.kind = kind, .at = at(seconds), .by_person = user != NULL, .user_id = user ? text_of(user) : TEXT_NONE,
                                   .doc = doc ? json_read(arena, text_of(doc), problem) : NULL};
    assert_true(problem_is_empty(problem));
    response_take(&response, &entry);
}

static void people_count_once_and_until_the_end(void **state)
{
    (void)state;
    response_begin(&response, at(0), at(1000));
    take(LEDGER_ASSIGN, 0, NULL, "{\"cause\":\"trigger\",\"assignees\":[{\"id\":\"PA\",\"name\":\"Ana\"}]}");
    take(LEDGER_ACKNOWLEDGE, 100, "PA", NULL);
    take(LEDGER_UNACKNOWLEDGE, 200, NULL, NULL);
    take(LEDGER_ESCALATE, 250, NULL, "{\"cause\":\"timeout\",\"assignees\":[{\"id\":\"PB\",\"name\":\"Ben\"},{\"id\":\"PA\",\"name\":\"Ana\"}]}");
    take(LEDGER_ACKNOWLEDGE, 300, "PA", NULL);
    take(LEDGER_ACKNOWLEDGE, 400, "PB", NULL);
    take(LEDGER_RESOLVE, 1000, NULL, NULL);
    response_finish(&response, at(5000));
    assert_int_equal(response.engaged.count, 2);
    assert_int_equal(response.engaged_s, 900 + 600);
    assert_int_equal(response.acknowledgements, 3);
    assert_int_equal(response.assigned.count, 2);
    assert_int_equal(response.assignments, 3);
    assert_int_equal(response.timeout_escalations, 1);
    assert_int_equal(response.manual_escalations, 0);
    assert_int_equal(response.first_ack_at.us, at(100).us);
    assert_int_equal(response.last_joined_at.us, at(400).us);
    assert_true(response.auto_resolved);
}

static void snoozes_end_early_or_by_themselves(void **state)
{
    (void)state;
    response_begin(&response, at(0), INSTANT_NONE);
    take(LEDGER_SNOOZE, 100, "PA", "{\"seconds\":600}");
    take(LEDGER_SNOOZE, 200, "PA", "{\"seconds\":600}"); /* snoozed again: the first counts until here */
    take(LEDGER_SNOOZE_END, 801, NULL, NULL);            /* a second late: not longer than was asked */
    take(LEDGER_SNOOZE, 1000, "PA", "{\"seconds\":3600}");
    response_finish(&response, at(1050));
    assert_int_equal(response.snoozed_s, 100 + 600 + 50);
    assert_false(response.auto_resolved);
}

static void interruptions_by_the_hour(void **state)
{
    (void)state;
    static const struct { int64_t hour; const char *doc; } calls[] = {
        {7, "{\"channel\":\"sms\"}"},        {8, "{\"channel\":\"sms\"}"},  {17, "{\"channel\":\"phone\"}"},     {18, "{\"channel\":\"sms\"}"},
        {22, "{\"channel\":\"sms\"}"},       {9, "{\"channel\":\"email\"}"}, {5 * 24 + 12, "{\"channel\":\"sms\"}"}, /* Saturday */
    };
    response_begin(&response, at(0), INSTANT_NONE);
    for (size_t i = 0; i < sizeof calls / sizeof *calls; i++)
        take(LEDGER_NOTIFY, calls[i].hour * 3600, "PA", calls[i].doc);
    response_finish(&response, at(0));
    assert_int_equal(response.notifications, 7);
    assert_int_equal(response.sleep_interruptions, 2);
    assert_int_equal(response.business_interruptions, 2);
    assert_int_equal(response.off_hour_interruptions, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(people_count_once_and_until_the_end),
        cmocka_unit_test(snoozes_end_early_or_by_themselves),
        cmocka_unit_test(interruptions_by_the_hour),
    };
    return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
