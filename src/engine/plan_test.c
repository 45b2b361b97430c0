/* Why: a plan that the writer remembers must say at every instant what would be worked out anew: over handoffs, overrides, the edges of maintenance, midnight, a clock
 * that is set back, and edits. Outside a transaction nothing is remembered: that is what it is compared with. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include "base/arena_test.h"
#include "base/zone_test.h"
#include "engine/plan.h"
#include "store/database_test.h"

static struct db *db;

static void run_sql(const char *sql)
{
    assert_int_equal(db_execute(db, sql), OK);
}

#define SQL_INSTANT(text) (long long)at(text).us
#define LAYER(id, start, seconds, users) \
    "{\"id\":\"" id "\",\"name\":\"" id "\",\"start\":\"" start "\",\"rotation_virtual_start\":\"" start "\",\"rotation_turn_length_seconds\":" seconds ",\"users\":[" users "]}"
#define ANA "{\"user\":{\"id\":\"ana\"}}"
#define BEN "{\"user\":{\"id\":\"ben\"}}"
#define CLEO "{\"user\":{\"id\":\"cleo\"}}"

static int set_up(void **state)
{
    arena_set_up(state);
    database_new();
    assert_int_equal(db_open(&db, database_url, DB_WRITER), OK);
    run_sql("INSERT INTO users (id, name, email, role, time_zone, created_at, updated_at) VALUES ('ana', 'Ana', 'ana@x', 'owner', 'UTC', 0, 0),"
            "('ben', 'Ben', 'ben@x', 'user', 'UTC', 0, 0), ('cleo', 'Cleo', 'cleo@x', 'user', 'UTC', 0, 0);"
            "INSERT INTO contact_methods (id, user_id, channel, label, address, country_code, verified_at, created_at) VALUES"
            "('a1', 'ana', 'sms', 'm', '1', 49, 1, 0), ('b1', 'ben', 'sms', 'm', '2', 49, 1, 0), ('c1', 'cleo', 'sms', 'm', '3', 49, 1, 0);"
            "INSERT INTO escalation_policies (id, name, version, created_at, updated_at) VALUES ('p', 'Payments', 1, 0, 0);"
            "INSERT INTO policy_versions (policy_id, version, effective_from, doc) VALUES ('p', 1, 0, '{\"num_loops\":1,\"rules\":["
            "{\"id\":\"r1\",\"delay_s\":1800,\"strategy\":\"everyone\",\"targets\":[{\"type\":\"schedule\",\"id\":\"days\"}]},"
            "{\"id\":\"r2\",\"delay_s\":900,\"strategy\":\"everyone\",\"targets\":[{\"type\":\"schedule\",\"id\":\"hours\"},{\"type\":\"user\",\"id\":\"cleo\"}]}]}');"
            "INSERT INTO services (id, name, policy_id, created_at, updated_at) VALUES ('s', 'Checkout', 'p', 0, 0)");
    run_sql("INSERT INTO schedules (id, name, time_zone, version, created_at, updated_at) VALUES ('days', 'Days', 'Europe/Berlin', 2, 0, 0),"
            "('hours', 'Hours', 'UTC', 1, 0, 0);"
            "INSERT INTO schedule_versions (schedule_id, version, effective_from, doc) VALUES"
            "('days', 1, 0, '{\"name\":\"Days\",\"time_zone\":\"Europe/Berlin\",\"schedule_layers\":[" LAYER("L1", "2026-01-05T09:00:00Z", "86400", ANA "," BEN) "]}'),"
            "('hours', 1, 0, '{\"name\":\"Hours\",\"time_zone\":\"UTC\",\"schedule_layers\":[" LAYER("L3", "2026-01-05T00:20:00Z", "18000", BEN "," CLEO) "]}')");
    run_sql(arena_printf(arena,
                         "INSERT INTO schedule_versions (schedule_id, version, effective_from, doc) VALUES ('days', 2, %lld, '{\"name\":\"Days\",\"time_zone\":\"UTC\","
                         "\"schedule_layers\":[" LAYER("L2", "2026-01-05T06:00:00Z", "86400", CLEO "," ANA) "]}');"
                         "INSERT INTO schedule_overrides (schedule_id, start_at, end_at, user_id, created_at) VALUES ('days', %lld, %lld, 'ben', 0);"
                         "INSERT INTO maintenance_windows (id, sequence_number, start_at, end_at, description, created_at) VALUES ('w', 1, %lld, %lld, 'Upgrade', 0);"
                         "INSERT INTO maintenance_window_services (window_id, service_id) VALUES ('w', 's')",
                         SQL_INSTANT("2026-03-03T13:00Z"), SQL_INSTANT("2026-03-02T10:00Z"), SQL_INSTANT("2026-03-02T12:30Z"), SQL_INSTANT("2026-03-02T14:05Z"),
                         SQL_INSTANT("2026-03-02T15:00Z")));
    return 0;
}

static int tear_down(void **state)
{
    db_rollback(db);
    db_close(db);
    database_remove();
    return arena_tear_down(state);
}

static void tell(struct builder *b, const struct candidate *c)
{
    builder_printf(b, " %.*s/%.*s/%.*s/%.*s/%.*s state %d override %lld from %lld until %lld;", TEXT_ARG(c->user_id), TEXT_ARG(c->user_name), TEXT_ARG(c->target_id),
                   TEXT_ARG(c->target_name), TEXT_ARG(c->layer_name), (int)c->state, (long long)c->override_number, (long long)c->from.us, (long long)c->until.us);
}

static const char *told(const struct plan *plan)
{
    struct builder b = builder_new(arena, 1 << 16);
    builder_printf(&b, "%.*s %.*s %lld maintenance %.*s %.*s %lld", TEXT_ARG(plan->service_name), TEXT_ARG(plan->policy_name), (long long)plan->policy_version,
                   TEXT_ARG(plan->window_id), TEXT_ARG(plan->window_description), (long long)plan->window_end.us);
    for (size_t l = 0; l < plan->level_count; l++) {
        const struct level *level = &plan->levels[l];
        builder_printf(&b, "\n%.*s after %lld:", TEXT_ARG(level->rule_id), (long long)level->delay_s);
        for (size_t t = 0; t < level->target_count; t++)
            for (size_t c = 0; c < level->targets[t].candidate_count; c++)
                tell(&b, &level->targets[t].candidates[c]);
    }
    for (size_t c = 0; c < plan->catch_all_count; c++)
        tell(&b, &plan->catch_all[c]);
    return builder_text(&b).data;
}

static struct plan plan_at(instant now)
{
    struct plan plan;
    assert_int_equal(plan_load(db, arena, &(struct plan_request){.service_id = TEXT("s"), .at = now, .now = now, .with_people = true}, &plan), OK);
    return plan;
}

static struct plan assert_right(instant now)
{
    const char *anew = told(&(struct plan[1]){plan_at(now)}[0]);
    assert_int_equal(db_begin(db), OK);
    struct plan plan = plan_at(now);
    assert_string_equal(told(&plan), anew);
    assert_true(instant_range_has(plan.steady, now));
    assert_int_equal(db_commit(db), OK);
    return plan;
}

static void test_a_remembered_plan_says_what_a_new_one_would(void **state)
{
    (void)state;
    size_t changes = 0;
    const char *last = "";
    for (instant now = at("2026-03-02T00:00Z"); instant_before(now, at("2026-03-04T00:00Z")); now = instant_add_s(now, 300)) {
        struct plan plan = assert_right(now);
        const char *text = arena_string(arena, told(&plan));
        changes += strcmp(text, last) != 0;
        last = text;
    }
    assert_int_equal(changes, 18); /* with the first: ten turns of hours, two of days and a new version, two ends each of the override and of maintenance */
    for (instant now = at("2026-03-02T18:00Z"); instant_before(at("2026-03-02T09:00Z"), now); now = instant_add_s(now, -1234))
        assert_right(now);
}

static void test_it_is_forgotten_with_what_it_was_made_of(void **state)
{
    (void)state;
    instant now = at("2026-03-02T18:00Z");
    assert_int_equal(db_begin(db), OK);
    assert_string_equal(text_cstring(arena, plan_at(now).levels[0].targets[0].candidates[0].user_id), "ana");
    struct query *q = db_query(db, "contact_block");
    query_bind_text(q, "id", TEXT("a1"));
    query_bind_text(q, "reason", TEXT("gone"));
    assert_int_equal(query_run(q), OK);
    assert_int_equal(plan_at(now).levels[0].targets[0].candidates[0].state, CANDIDATE_NO_CONTACT);
    db_rollback(db);
    assert_int_equal(db_begin(db), OK);
    assert_int_equal(plan_at(now).levels[0].targets[0].candidates[0].state, CANDIDATE_USABLE);
    assert_int_equal(db_commit(db), OK);
}

/* What it points to lives with the store and not with the question. */
static void test_it_outlives_who_asked_first(void **state)
{
    (void)state;
    instant now = at("2026-03-02T18:00Z");
    assert_int_equal(db_begin(db), OK);
    const struct level *levels = plan_at(now).levels;
    arena_reset(arena);
    struct plan first = plan_at(now), second = plan_at(now);
    assert_ptr_not_equal(first.levels, levels);
    assert_ptr_equal(first.levels, second.levels);
    assert_int_equal(db_commit(db), OK);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(test_a_remembered_plan_says_what_a_new_one_would),
        CASE(test_it_is_forgotten_with_what_it_was_made_of),
        CASE(test_it_outlives_who_asked_first),
    };
    return run_on_each_database(tests, tests);
}
