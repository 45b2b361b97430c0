/* Why: what stories cannot see: that a change that was rolled back is told to nobody, how much is under way at once, and that long queues go piece by piece. The engine turn
 * by turn, its clock and its sender in the test's hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/seal.h"
#include "engine/engine_state.h"
#include "engine/rows.h"
#include "engine/stepped_test.h"
#include "engine/webhook_delivery.h"

#define SEAL_KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
enum { SENT_MAX = 100 };

static struct post { int64_t id; struct text body, url, webhook_id; } sent[SENT_MAX];
static size_t sent_count;

static void take(void *context, struct text frame)
{
    (void)context;
    json_t *json = json_read(arena, text_copy(arena, frame), problem_new(arena));
    assert_true(text_is(json_text_at(json, "type"), "post"));
    assert_true(sent_count < SENT_MAX);
    sent[sent_count++] = (struct post){json_int_at(json, "id", 0), json_text_at(json, "body"), json_text_at(json, "url"), json_text_at(json, "webhook_id")};
}

static json_t *answer_to(size_t which, const char *outcome)
{
    json_t *frame = answer_about(sent[which].id, outcome);
    json_put_bool(frame, "posted", true);
    json_put_string(frame, "error", "as the test says");
    return frame;
}

static void answer(size_t which, const char *outcome)
{
    sender_answers(answer_to(which, outcome));
}

static enum err subscribe(struct tx *tx, void *id)
{
    struct text name = text_of(id);
    struct query *q = db_query(tx->db, "webhook_subscription_insert");
    query_bind_text(q, "id", name);
    query_bind_text(q, "delivery_method_id", name);
    query_bind_text(q, "url", text_printf(tx->arena, "https://%.*s.example/", TEXT_ARG(name)));
    query_bind_text(q, "secret", seal_close(tx->env, tx->arena, TEXT(SEAL_KEY), webhook_secret_place(tx->arena, name), TEXT("secret")));
    query_bind_null(q, "custom_headers");
    query_bind_null(q, "description");
    query_bind_text(q, "events", TEXT("[\"service.updated\"]"));
    query_bind_text(q, "filter_type", TEXT("account"));
    query_bind_null(q, "filter_id");
    query_bind_int(q, "active", 1);
    query_bind_instant(q, "now", tx->now);
    webhooks_changed(tx);
    return query_run(q);
}

static enum err tell(struct tx *tx, void *service)
{
    return webhooks_service(tx, WEBHOOK_SERVICE_UPDATED, text_of(service), &(struct actor){.kind = ACTOR_SYSTEM});
}

static enum err tell_and_fail(struct tx *tx, void *service)
{
    enum err err = tell(tx, service);
    return err == OK ? ERR_INVALID : err;
}

static enum err count_open(struct tx *tx, void *ret)
{
    int64_t *numbers;
    size_t count;
    enum err err = rows_take_all(db_query(tx->db, "webhook_deliveries_sending"), tx->arena, &numbers, &count);
    *(size_t *)ret = count;
    return err;
}

static int set_up(void **state)
{
    arena_set_up(state);
    sent_count = 0;
    stepped_begin((struct engine_config){.seal_key = SEAL_KEY}, take);
    service_new("");
    run(run_sql, "INSERT INTO services (id, name, policy_id, created_at, updated_at) VALUES ('a', 'a', 'p', 0, 0), ('b', 'b', 'p', 0, 0), ('c', 'c', 'p', 0, 0),"
                 "('d', 'd', 'p', 0, 0), ('e', 'e', 'p', 0, 0), ('f', 'f', 'p', 0, 0)");
    return 0;
}

static int tear_down(void **state)
{
    stepped_end();
    return arena_tear_down(state);
}

static void test_what_was_rolled_back_is_told_to_nobody(void **state)
{
    (void)state;
    run(subscribe, "one");
    assert_int_equal(outcome_of(tell_and_fail, "a"), ERR_INVALID);
    wait_s(60);
    assert_int_equal(sent_count, 0);
    run(tell, "a");
    assert_int_equal(sent_count, 1);
}

static void test_who_has_not_answered_gets_one_at_a_time_and_then_more(void **state)
{
    (void)state;
    static const char *const services[] = {"a", "b", "c", "d", "e", "f"};
    run(subscribe, "one");
    for (size_t i = 0; i < 6; i++)
        run(tell, services[i]);
    assert_int_equal(sent_count, 1);
    answer(0, "delivered");
    assert_int_equal(sent_count, 1 + WEBHOOK_IN_FLIGHT_EACH);
    answer(1, "delivered");
    assert_int_equal(sent_count, 6);
}

static void test_those_of_one_resource_go_one_behind_the_other(void **state)
{
    (void)state;
    run(subscribe, "one");
    run(tell, "b");
    answer(0, "delivered");
    run(tell, "a");
    run(tell, "a");
    run(tell, "c");
    assert_int_equal(sent_count, 3); /* b, the first of a, and c */
    answer(1, "temporary");
    answer(2, "delivered");
    wait_s(4);
    assert_int_equal(sent_count, 3);
    wait_s(1);
    assert_int_equal(sent_count, 4);
    assert_true(text_equal(sent[3].webhook_id, sent[1].webhook_id) && text_equal(sent[3].body, sent[1].body));
    answer(3, "delivered");
    assert_int_equal(sent_count, 5);
    assert_false(text_equal(sent[4].webhook_id, sent[1].webhook_id));
}

static void test_a_lost_sender_loses_nothing(void **state)
{
    (void)state;
    size_t sending = 0;
    run(subscribe, "one");
    run(subscribe, "two");
    run(tell, "a");
    assert_int_equal(sent_count, 2);
    engine_sender_is(engine, false);
    turn();
    run(count_open, &sending);
    assert_int_equal(sending, 0);
    engine_sender_is(engine, true);
    turn();
    assert_int_equal(sent_count, 4);
    for (size_t i = 0; i < 2; i++)
        assert_true(text_equal(sent[i].webhook_id, sent[2].webhook_id) || text_equal(sent[i].webhook_id, sent[3].webhook_id));
}

static enum err unfinished(struct tx *tx, void *ret)
{
    struct query *q = db_query(tx->db, "webhook_deliveries_beyond");
    query_bind_text(q, "subscription_id", TEXT("one"));
    query_bind_int(q, "most", 0);
    int64_t one;
    enum err err = rows_take_int(q, &one);
    *(bool *)ret = err == OK;
    return err == ERR_NOT_FOUND ? OK : err;
}

static void test_a_long_queue_is_dropped_piece_by_piece(void **state)
{
    (void)state;
    bool left;
    run(subscribe, "one");
    run(tell, "a");
    assert_int_equal(sent_count, 1);
    run(run_sql, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
                 "INSERT INTO webhook_deliveries (subscription_id, event_number, resource, state, not_before, created_at)"
                 "SELECT 'one', 1, 'service:' || i, 'waiting', 0, 0 FROM n");
    json_t *frame = answer_to(0, "permanent");
    json_put_bool(frame, "address_refused", true); /* 410 */
    sender_answers(frame);
    run(unfinished, &left);
    assert_true(left);
    wait_s(5);
    run(unfinished, &left);
    assert_false(left);
    run(tell, "b");
    wait_s(60);
    assert_int_equal(sent_count, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_what_was_rolled_back_is_told_to_nobody, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_who_has_not_answered_gets_one_at_a_time_and_then_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_those_of_one_resource_go_one_behind_the_other, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_lost_sender_loses_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_long_queue_is_dropped_piece_by_piece, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
