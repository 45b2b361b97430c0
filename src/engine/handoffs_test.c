/* Why: people hear of their shifts once, in time, and never of shifts that are over: with a real engine whose clock is moved. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/arena_test.h"
#include "base/zone_test.h"
#include "engine/handoffs.h"
#include "engine/running_test.h"
#include "engine/schedules.h"

enum { PATIENCE_MS = 20 };

static struct db *db;
static int64_t seen; /* messages looked at */

static int set_up(void **state)
{
    arena_set_up(state);
    seen = 0;
    engine_begin(at("2026-02-01T00:00Z"));
    assert_int_equal(db_open(&db, database_url, DB_READER), OK);
    sql("INSERT INTO users (id, name, email, role, time_zone, created_at, updated_at) VALUES ('ana', 'Ana', 'ana@x', 'user', 'Europe/Berlin', 0, 0),"
        "('ben', 'Ben', 'ben@x', 'user', 'Asia/Kolkata', 0, 0), ('cleo', 'Cleo', 'cleo@x', 'user', 'UTC', 0, 0);"
        "INSERT INTO contact_methods (id, user_id, channel, label, address, verified_at, created_at) VALUES ('cana', 'ana', 'email', 'm', 'ana@x', 1, 0),"
        "('cben', 'ben', 'email', 'm', 'ben@x', 1, 0), ('ccleo', 'cleo', 'email', 'm', 'cleo@x', NULL, 0)");
    return 0;
}

static int tear_down(void **state)
{
    db_close(db);
    engine_end();
    return arena_tear_down(state);
}

struct write {
    struct text id;
    const char *layers;
};

static enum err write_work(struct tx *tx, void *argument)
{
    struct write *write = argument;
    struct problem *problem = problem_new(tx->arena);
    struct schedule schedule;
    struct text document = text_printf(tx->arena, "{\"name\":\"primary\",\"time_zone\":\"Europe/Berlin\",\"schedule_layers\":[%s]}", write->layers), id;
    enum err err = schedule_from_json(tx->arena, json_read(tx->arena, document, problem), "", problem, &schedule);
    struct schedule_write what = {.id = write->id, .schedule = &schedule, .path = ""};
    if (err == OK)
        err = schedules_write(tx, &what, problem, &id);
    if (err == OK)
        write->id = text_copy(arena, id);
    return err;
}

static struct text write_schedule(struct text id, const char *layers)
{
    struct write write = {id, layers};
    assert_int_equal(engine_execute(engine, write_work, &write), OK);
    return write.id;
}

#define LAYER(users) "{\"start\":\"2026-01-05T09:00:00\",\"rotation_virtual_start\":\"2026-01-05T09:00:00\",\"rotation_turn_length_seconds\":604800,\"users\":[" users "]}"
#define ANA "{\"user\":{\"id\":\"ana\"}}"
#define BEN "{\"user\":{\"id\":\"ben\"}}"
#define CLEO "{\"user\":{\"id\":\"cleo\"}}"

/* A policy that uses the schedule; `handoff` is "always" or "if_has_services". */
static void use(struct text schedule, const char *handoff)
{
    sql(arena_printf(arena,
                     "INSERT INTO escalation_policies (id, name, version, created_at, updated_at) VALUES ('pol', 'Payments', 1, 0, 0);"
                     "INSERT INTO policy_versions (policy_id, version, effective_from, doc) VALUES ('pol', 1, 0, '{\"on_call_handoff_notifications\":\"%s\"}');"
                     "INSERT INTO policy_targets (policy_id, level, target_type, target_id) VALUES ('pol', 1, 'schedule', '%s')",
                     handoff, schedule.data));
}

static enum err rule_work(struct tx *tx, void *argument)
{
    const char *user = argument;
    return handoffs_reschedule_user(tx, text_of(user));
}

static void add_rule(const char *user, const char *type, int advance_s)
{
    static int number;
    sql(arena_printf(arena, "INSERT INTO handoff_rules (id, user_id, contact_method_id, advance_s, handoff_type, created_at) VALUES ('r%d', '%s', 'c%s', %d, '%s', 0)",
                     number++, user, user, advance_s, type));
    assert_int_equal(engine_execute(engine, rule_work, (void *)user), OK);
}

static void advance(const char *to)
{
    enum err err = engine_advance(engine, at(to), PATIENCE_MS);
    assert_true(err == OK || err == ERR_LIMIT); /* there is no sender to wait for */
}

/* What was queued since the last look: "to: line; line | ..." */
static const char *messages(void)
{
    struct builder b = builder_new(arena, 64 * 1024);
    assert_int_equal(db_begin(db), OK);
    for (;; seen++) {
        struct query *q = db_query(db, "message_load");
        query_bind_int(q, "number", seen + 1);
        if (!query_next(q))
            break;
        assert_string_equal(text_cstring(arena, query_text(q, query_column(q, "kind"))), "handoff");
        json_t *content = json_read(arena, query_text(q, query_column(q, "content")), problem_new(arena));
        builder_printf(&b, "%s%.*s:", b.size ? " | " : "", TEXT_ARG(query_text(q, query_column(q, "contact_method_id"))));
        const json_t *lines = json_at(content, "lines");
        for (size_t i = 0; i < json_array_size(lines); i++)
            builder_printf(&b, " %s", json_string_value(json_array_get(lines, i)));
    }
    db_rollback(db);
    return builder_text(&b).data;
}

static void both_sides_hear_an_hour_before(void **state)
{
    (void)state;
    struct text id = write_schedule(TEXT(""), LAYER(ANA "," BEN));
    use(id, "always");
    add_rule("ana", "both", 3600);
    add_rule("ben", "oncall", 3600);
    advance("2026-02-02T06:59:59Z");
    assert_string_equal(messages(), "");
    advance("2026-02-02T07:00:00Z");
    assert_string_equal(messages(), "cana: You go on call for primary from Mon 2026-02-02 09:00 (Europe/Berlin) until Mon 2026-02-09 09:00 (Europe/Berlin)");
    advance("2026-02-09T12:00:00Z"); /* ben wants to hear of the beginning only; each in their own zone */
    assert_string_equal(messages(), "cana: You are off call for primary from Mon 2026-02-09 09:00 (Europe/Berlin) | "
                                    "cben: You go on call for primary from Mon 2026-02-09 13:30 (Asia/Kolkata) until Mon 2026-02-16 13:30 (Asia/Kolkata)");
    /* Edits that leave the shifts alone repeat nothing. */
    advance("2026-02-16T07:30:00Z");
    assert_true(strstr(messages(), "cana: You go on call") != NULL);
    write_schedule(id, LAYER(ANA "," BEN "," ANA "," BEN));
    advance("2026-02-16T09:00:00Z");
    assert_string_equal(messages(), "");
}

static void a_shift_that_appears_late_is_told_at_once(void **state)
{
    (void)state;
    struct text id = write_schedule(TEXT(""), LAYER(ANA));
    use(id, "always");
    add_rule("ben", "both", 86400);
    assert_string_equal(messages(), "");
    advance("2026-02-01T06:00:00Z");
    write_schedule(id, LAYER(BEN)); /* from now on */
    assert_string_equal(messages(), "cben: You go on call for primary from Sun 2026-02-01 11:30 (Asia/Kolkata)");
    advance("2026-02-10T00:00:00Z");
    assert_string_equal(messages(), "");
}

static enum err fire_work(struct tx *tx, void *id)
{
    return handoffs_fire(tx, *(struct text *)id);
}

static void what_is_over_is_not_told(void **state)
{
    (void)state;
    struct text id = write_schedule(TEXT(""), LAYER(ANA "," BEN));
    use(id, "always");
    advance("2026-02-02T08:20:00Z");
    add_rule("ana", "both", 3600); /* twenty minutes after her shift began */
    assert_string_equal(messages(), "");
    sql("DELETE FROM timers"); /* as if the server had been down over the next change */
    advance("2026-02-09T09:00:00Z");
    assert_int_equal(engine_execute(engine, fire_work, &id), OK);
    assert_string_equal(messages(), "");
    sql("DELETE FROM timers");
    advance("2026-02-16T08:02:00Z"); /* two minutes late is still told */
    assert_int_equal(engine_execute(engine, fire_work, &id), OK);
    assert_true(strstr(messages(), "cana: You go on call") != NULL);
    assert_int_equal(engine_execute(engine, fire_work, &id), OK);
    assert_string_equal(messages(), "");
}

static void unused_schedules_and_unverified_methods_stay_quiet(void **state)
{
    (void)state;
    struct text id = write_schedule(TEXT(""), LAYER(ANA "," CLEO));
    add_rule("ana", "both", 0);
    add_rule("cleo", "both", 0);
    advance("2026-02-02T09:00:00Z"); /* no policy */
    assert_string_equal(messages(), "");
    use(id, "if_has_services");
    advance("2026-02-09T09:00:00Z"); /* no service */
    assert_string_equal(messages(), "");
    sql("INSERT INTO services (id, name, policy_id, created_at, updated_at) VALUES ('svc', 'checkout', 'pol', 0, 0)");
    advance("2026-02-16T09:00:00Z");
    assert_string_equal(messages(), "cana: You go on call for primary from Mon 2026-02-16 09:00 (Europe/Berlin) until Mon 2026-02-23 09:00 (Europe/Berlin)");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(both_sides_hear_an_hour_before),
        CASE(a_shift_that_appears_late_is_told_at_once),
        CASE(what_is_over_is_not_told),
        CASE(unused_schedules_and_unverified_methods_stay_quiet),
    };
    return run_on_each_database(tests, tests);
}
