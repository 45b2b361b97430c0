/* Why: what stories cannot see: that a change that was rolled back is told to nobody, how much is under way at once, and that long queues go piece by piece. The engine turn
 * by turn, its clock and its sender in the test's hand. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/log.h"
#include "base/seal.h"
#include "engine/engine_state.h"
#include "engine/rows.h"
#include "engine/stepped.h"
#include "engine/webhook_delivery.h"
#include "store/backend.h"

#define SEAL_KEY "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f"
enum { SENT_MAX = 100 };

static char path[64];
static struct arena *arena;
static struct env *env;
static struct engine *engine;
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

static void turn(void)
{
    while (engine_turn(engine)) {
    }
}

struct run { struct job job; enum err outcome; };

static void run_done(struct job *job, enum err outcome)
{
    ((struct run *)job)->outcome = outcome;
}

static enum err run(engine_work *work, const void *argument)
{
    struct run r = {.job = {.work = work, .argument = (void *)(uintptr_t)argument, .done = run_done}, .outcome = ERR_INTERNAL};
    engine_submit(engine, &r.job);
    turn();
    return r.outcome;
}

static enum err run_sql(struct tx *tx, void *sql)
{
    return db_execute(tx->db, sql);
}

static void wait_s(int64_t seconds)
{
    instant until = instant_add_s(env_now(env), seconds);
    while (!instant_before(until, engine_next_due(engine))) {
        env_set_now(env, engine_next_due(engine));
        turn();
    }
    env_set_now(env, until);
    turn();
}

static void answer(size_t which, const char *outcome)
{
    json_t *frame = json_object_in(arena);
    json_put_int(frame, "id", sent[which].id);
    json_put_bool(frame, "posted", true);
    json_put_string(frame, "outcome", outcome);
    json_put_string(frame, "error", "as the test says");
    engine_sender_answered(engine, frame);
    turn();
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
    (void)state;
    log_set_level(LOG_ERROR);
    sent_count = 0;
    arena = arena_new(64 * 1024 * 1024);
    snprintf(path, sizeof path, "/tmp/muster-webhooks-test-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    unlink(path);
    assert_int_equal(db_migrate(path), OK);
    env = env_simulated((instant){1770688800 * SECOND_US}, 1);
    struct engine_config config = {.db_url = path, .env = env, .public_url = "http://muster.test", .seal_key = SEAL_KEY};
    assert_int_equal(engine_open_stepped(&engine, &config, take, NULL), OK);
    engine_sender_is(engine, true);
    assert_int_equal(run(run_sql, "INSERT INTO escalation_policies (id, name, version, created_at, updated_at) VALUES ('p', 'p', 1, 0, 0);"
                                  "INSERT INTO services (id, name, policy_id, created_at, updated_at) VALUES ('a', 'a', 'p', 0, 0), ('b', 'b', 'p', 0, 0), ('c', 'c', 'p', 0, 0),"
                                  "('d', 'd', 'p', 0, 0), ('e', 'e', 'p', 0, 0), ('f', 'f', 'p', 0, 0)"), OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    engine_stop(engine);
    env_free(env);
    arena_free(arena);
    for (size_t i = 0; i < 4; i++) {
        char name[80];
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
    return 0;
}

static void test_what_was_rolled_back_is_told_to_nobody(void **state)
{
    (void)state;
    assert_int_equal(run(subscribe, "one"), OK);
    assert_int_equal(run(tell_and_fail, "a"), ERR_INVALID);
    wait_s(60);
    assert_int_equal(sent_count, 0);
    assert_int_equal(run(tell, "a"), OK);
    assert_int_equal(sent_count, 1);
}

static void test_who_has_not_answered_gets_one_at_a_time_and_then_more(void **state)
{
    (void)state;
    static const char *const services[] = {"a", "b", "c", "d", "e", "f"};
    assert_int_equal(run(subscribe, "one"), OK);
    for (size_t i = 0; i < 6; i++)
        assert_int_equal(run(tell, services[i]), OK);
    assert_int_equal(sent_count, 1);
    answer(0, "delivered");
    assert_int_equal(sent_count, 1 + WEBHOOK_IN_FLIGHT_EACH);
    answer(1, "delivered");
    assert_int_equal(sent_count, 6);
}

static void test_those_of_one_resource_go_one_behind_the_other(void **state)
{
    (void)state;
    assert_int_equal(run(subscribe, "one"), OK);
    assert_int_equal(run(tell, "b"), OK);
    answer(0, "delivered");
    assert_int_equal(run(tell, "a"), OK);
    assert_int_equal(run(tell, "a"), OK);
    assert_int_equal(run(tell, "c"), OK);
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
    assert_int_equal(run(subscribe, "one"), OK);
    assert_int_equal(run(subscribe, "two"), OK);
    assert_int_equal(run(tell, "a"), OK);
    assert_int_equal(sent_count, 2);
    engine_sender_is(engine, false);
    turn();
    assert_int_equal(run(count_open, &sending), OK);
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
    assert_int_equal(run(subscribe, "one"), OK);
    assert_int_equal(run(tell, "a"), OK);
    assert_int_equal(sent_count, 1);
    assert_int_equal(run(run_sql, "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 5000)"
                                  "INSERT INTO webhook_deliveries (subscription_id, event_number, resource, state, not_before, created_at)"
                                  "SELECT 'one', 1, 'service:' || i, 'waiting', 0, 0 FROM n"), OK);
    json_t *frame = json_object_in(arena);
    json_put_int(frame, "id", sent[0].id);
    json_put_bool(frame, "posted", true);
    json_put_string(frame, "outcome", "permanent");
    json_put_bool(frame, "address_refused", true); /* 410 */
    engine_sender_answered(engine, frame);
    turn();
    assert_int_equal(run(unfinished, &left), OK);
    assert_true(left);
    wait_s(5);
    assert_int_equal(run(unfinished, &left), OK);
    assert_false(left);
    assert_int_equal(run(tell, "b"), OK);
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
