/* Why: the names subscribers write, and pauses that grow and end. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/webhook_event.h"

static void names(void **state)
{
    (void)state;
    int subscribable = 0;
    for (int i = 0; i < WEBHOOK_EVENT_COUNT; i++) {
        enum webhook_event event = WEBHOOK_EVENT_COUNT;
        bool found = webhook_event_parse(text_of(webhook_event_name((enum webhook_event)i)), &event);
        assert_int_equal(found, i != WEBHOOK_PING);
        assert_true(!found || (int)event == i);
        subscribable += found;
    }
    assert_int_equal(subscribable, 30);
    enum webhook_event event;
    assert_false(webhook_event_parse(TEXT("incident.invented"), &event));
    assert_true(text_is(webhook_event_resource(WEBHOOK_RESPONDER_ADDED), "incident"));
    assert_true(text_is(webhook_event_resource(WEBHOOK_SERVICE_DELETED), "service"));
    assert_true(text_is(webhook_event_resource(WEBHOOK_PING), "pagey"));
}

static void pauses_grow_to_an_hour(void **state)
{
    (void)state;
    int64_t all = 0, before = 0;
    for (int64_t attempts = 1; attempts < 60; attempts++) {
        int64_t pause = webhook_pause_s(attempts);
        assert_true(pause >= before && pause <= WEBHOOK_PAUSE_LONGEST_S);
        before = pause;
        all += pause;
    }
    assert_int_equal(webhook_pause_s(1), 5);
    assert_int_equal(webhook_pause_s(2), 10);
    assert_int_equal(webhook_pause_s(INT64_MAX), WEBHOOK_PAUSE_LONGEST_S);
    assert_true(all > WEBHOOK_GIVE_UP_S); /* some sixty attempts within the two days */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(names), cmocka_unit_test(pauses_grow_to_an_hour)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
