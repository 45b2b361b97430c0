/* Why: what was is not changed by what is written later (S7), and what is written is found again: schedules.c and roster.c on
 * SQLite, and on PostgreSQL when MUSTER_TEST_POSTGRES names a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/arena_test.h"
#include "base/zone_test.h"
#include "engine/roster.h"
#include "engine/schedules.h"
#include "store/database_test.h"

static struct tx tx;

/* Rows of other nouns, whose own code is not under test here. */
static void run_sql(const char *sql)
{
    assert_int_equal(db_execute(tx.db, sql), OK);
}

static int set_up(void **state)
{
    arena_set_up(state);
    database_new();
    struct db *db;
    assert_int_equal(db_open(&db, database_url, DB_WRITER), OK);
    tx = (struct tx){.db = db, .env = env_with_test_clock(at("2026-02-01T00:00Z")), .now = at("2026-02-01T00:00Z"), .arena = arena};
    assert_int_equal(db_begin(db), OK);
    run_sql("INSERT INTO users (id, name, email, role, time_zone, created_at, updated_at) VALUES ('ana', 'Ana', 'ana@x', 'user', 'UTC', 0, 0),"
            "('ben', 'Ben', 'ben@x', 'user', 'UTC', 0, 0), ('cleo', 'Cleo', 'cleo@x', 'user', 'UTC', 0, 0);"
            "INSERT INTO teams (id, name, created_at) VALUES ('payments', 'Payments', 0)");
    return 0;
}

static int tear_down(void **state)
{
    db_rollback(tx.db);
    db_close(tx.db);
    env_free(tx.env);
    database_remove();
    return arena_tear_down(state);
}

#define LAYER(id, start, users) \
    "{\"id\":\"" id "\",\"start\":\"" start "\",\"rotation_virtual_start\":\"" start "\",\"rotation_turn_length_seconds\":604800,\"users\":[" users "]}"
#define ANA "{\"user\":{\"id\":\"ana\"}}"
#define BEN "{\"user\":{\"id\":\"ben\"}}"
#define CLEO "{\"user\":{\"id\":\"cleo\"}}"

static enum err write_with(struct text id, const char *name, const char *layers, struct problem *problem, struct text *ret_id)
{
    struct problem *reading = problem_new(arena);
    struct schedule schedule;
    struct text document = text_printf(arena, "{\"name\":\"%s\",\"time_zone\":\"Europe/Berlin\",\"schedule_layers\":[%s]}", name, layers);
    if (schedule_from_json(arena, json_read(arena, document, reading), "schedule", reading, &schedule))
        fail_msg("%s", problem_line(reading, 0).data);
    struct schedule_write write = {.id = id, .schedule = &schedule, .path = "schedule"};
    return schedules_write(&tx, &write, problem, ret_id);
}

static struct text write_schedule(struct text id, const char *layers)
{
    struct problem *problem = problem_new(arena);
    struct text written;
    if (write_with(id, "primary", layers, problem, &written))
        fail_msg("%s", problem_line(problem, 0).data);
    return written;
}

static int64_t override(struct text schedule, const char *start, const char *end, const char *user)
{
    int64_t number = 0;
    struct schedule_override wish = {.start = at(start), .end = at(end), .user_id = text_of(user)};
    assert_int_equal(schedules_add_override(&tx, schedule, &wish, TEXT_NONE, problem_new(arena), &number), OK);
    assert_true(number > 0);
    return number;
}

static void assert_on_call(struct text id, const char *t, const char *user)
{
    struct on_call_list list;
    assert_int_equal(roster_on_call(tx.db, arena, id, at(t), &list), OK);
    assert_string_equal(list.count ? text_cstring(arena, list.items[0].user_id) : "gap", user);
}

static struct on_call on_call_at(struct text id, const char *t)
{
    struct on_call_list list;
    assert_int_equal(roster_on_call(tx.db, arena, id, at(t), &list), OK);
    assert_int_equal(list.count, 1);
    assert_string_equal(text_cstring(arena, list.schedule_name), "primary");
    return list.items[0];
}

static void assert_instant(instant t, const char *expected)
{
    assert_string_equal(instant_format(arena, t).data, expected);
}

static void the_answer_carries_its_reason(void **state)
{
    (void)state;
    struct text id = write_schedule(TEXT(""), LAYER("", "2026-01-05T09:00:00", ANA "," BEN));
    struct on_call on_call = on_call_at(id, "2026-02-01T00:00Z"); /* the fourth week */
    assert_string_equal(text_cstring(arena, on_call.user_id), "ben");
    assert_string_equal(text_cstring(arena, on_call.layer_name), "Layer 1");
    assert_int_equal(on_call.layer_id.size, 14);
    assert_instant(on_call.from, "2026-01-26T08:00:00Z");
    assert_instant(on_call.until, "2026-02-02T08:00:00Z");
    int64_t number = override(id, "2026-02-03T00:00Z", "2026-02-04T00:00Z", "cleo");
    on_call = on_call_at(id, "2026-02-03T12:00Z");
    assert_int_equal(on_call.override_number, number);
    assert_false(text_is_present(on_call.layer_id));
    assert_instant(on_call.until, "2026-02-04T00:00:00Z");
    struct on_call_list none;
    assert_int_equal(roster_on_call(tx.db, arena, TEXT("PNONE"), tx.now, &none), ERR_NOT_FOUND);
}

static void editing_never_changes_what_was(void **state)
{
    (void)state;
    struct text id = write_schedule(TEXT(""), LAYER("", "2026-01-05T09:00:00", ANA "," BEN));
    assert_on_call(id, "2026-01-20T00:00Z", "ana"); /* older than the schedule: its first version is all that is known */
    tx.now = at("2026-02-10T00:00Z");
    write_schedule(id, LAYER("", "2026-01-05T09:00:00", CLEO));
    assert_on_call(id, "2026-02-03T00:00Z", "ana");
    assert_on_call(id, "2026-02-09T23:59:59Z", "ben");
    assert_on_call(id, "2026-02-10T00:00Z", "cleo");
    assert_on_call(id, "2026-01-20T00:00Z", "ana");
    struct on_call on_call = on_call_at(id, "2026-02-11T00:00Z");
    assert_instant(on_call.from, "2026-02-10T00:00:00Z");
    assert_int_equal(on_call.until.us, INT64_MAX);
    on_call = on_call_at(id, "2026-02-09T12:00Z");
    assert_instant(on_call.from, "2026-02-09T08:00:00Z");
    assert_instant(on_call.until, "2026-02-10T00:00:00Z");
    /* The same person under two versions has one unbroken shift. */
    tx.now = at("2026-02-20T00:00Z");
    write_schedule(id, LAYER("", "2026-02-20T00:00:00", CLEO "," CLEO));
    assert_instant(on_call_at(id, "2026-02-21T00:00Z").from, "2026-02-10T00:00:00Z");
    struct roster *roster;
    struct schedule_rendering rendering;
    assert_int_equal(roster_load(tx.db, arena, id, at("2026-02-01T00:00Z"), at("2026-03-01T00:00Z"), &roster), OK);
    assert_int_equal(roster->version_count, 3);
    assert_int_equal(roster_render(arena, roster, at("2026-02-01T00:00Z"), at("2026-03-01T00:00Z"), &rendering), OK);
    struct schedule_spans people = schedule_by_person(arena, rendering.final);
    assert_int_equal(people.count, 4); /* ben, ana, ben, cleo */
    assert_instant(people.items[3].from, "2026-02-10T00:00:00Z");
    assert_instant(people.items[3].until, "2026-03-01T00:00:00Z");
}

static void overrides_count_from_when_they_were_made(void **state)
{
    (void)state;
    struct text id = write_schedule(TEXT(""), LAYER("", "2026-01-05T09:00:00", ANA));
    tx.now = at("2026-02-10T00:00Z");
    int64_t number = override(id, "2026-02-05T00:00Z", "2026-02-20T00:00Z", "ben");
    assert_on_call(id, "2026-02-06T00:00Z", "ana");
    assert_on_call(id, "2026-02-10T00:00Z", "ben");
    tx.now = at("2026-02-12T00:00Z");
    bool truncated = false;
    assert_int_equal(schedules_remove_override(&tx, TEXT("PNONE"), number, &truncated), ERR_NOT_FOUND);
    assert_int_equal(schedules_remove_override(&tx, id, number, &truncated), OK);
    assert_true(truncated);
    assert_on_call(id, "2026-02-11T23:59:59Z", "ben");
    assert_on_call(id, "2026-02-12T00:00Z", "ana");
    assert_on_call(id, "2026-02-06T00:00Z", "ana");
    assert_int_equal(schedules_remove_override(&tx, id, number, &truncated), ERR_CONFLICT); /* past now */
    number = override(id, "2026-03-01T00:00Z", "2026-03-02T00:00Z", "cleo");
    assert_on_call(id, "2026-03-01T12:00Z", "cleo");
    assert_int_equal(schedules_remove_override(&tx, id, number, &truncated), OK);
    assert_false(truncated);
    assert_on_call(id, "2026-03-01T12:00Z", "ana");
    assert_int_equal(schedules_remove_override(&tx, id, number, &truncated), ERR_NOT_FOUND);
}

static void a_version_replaced_at_its_own_instant_never_counted(void **state)
{
    (void)state;
    struct text id = write_schedule(TEXT(""), LAYER("", "2026-01-05T09:00:00", ANA));
    write_schedule(id, LAYER("", "2026-01-05T09:00:00", BEN));
    assert_on_call(id, "2026-01-20T00:00Z", "ben");
    assert_on_call(id, "2026-02-01T00:00Z", "ben");
    struct roster *roster;
    assert_int_equal(roster_load(tx.db, arena, id, at("2025-01-01T00:00Z"), at("2025-02-01T00:00Z"), &roster), OK);
    assert_true(text_is(roster_newest(roster)->layers[0].user_ids[0], "ben"));
}

static void deleted_schedules_keep_their_past(void **state)
{
    (void)state;
    struct text id = write_schedule(TEXT(""), LAYER("", "2026-01-05T09:00:00", ANA));
    tx.now = at("2026-02-10T00:00Z");
    run_sql("INSERT INTO escalation_policies (id, name, version, created_at, updated_at) VALUES ('PPOL', 'Payments', 1, 0, 0)");
    char sql[256];
    snprintf(sql, sizeof sql, "INSERT INTO policy_targets (policy_id, level, target_type, target_id) VALUES ('PPOL', 1, 'schedule', '%s'), ('PPOL', 2, 'schedule', '%s')",
             id.data, id.data);
    run_sql(sql);
    struct problem *problem = problem_new(arena);
    assert_int_equal(schedules_delete(&tx, id, problem), ERR_CONFLICT);
    assert_int_equal(problem->count, 1);
    assert_string_equal(problem_line(problem, 0).data, "Schedule is used by the escalation policy Payments (PPOL)");
    run_sql("UPDATE escalation_policies SET deleted_at = 1");
    assert_int_equal(schedules_delete(&tx, id, problem), OK);
    assert_int_equal(schedules_delete(&tx, id, problem), ERR_NOT_FOUND);
    assert_on_call(id, "2026-02-09T23:00Z", "ana");
    struct on_call_list on_call;
    assert_int_equal(roster_on_call(tx.db, arena, id, tx.now, &on_call), ERR_NOT_FOUND);
    write_schedule(TEXT(""), LAYER("", "2026-01-05T09:00:00", BEN)); /* the name is free again */
}

static void writing_checks_references_and_keeps_layer_ids(void **state)
{
    (void)state;
    struct problem *problem = problem_new(arena);
    struct text id, other;
    assert_int_equal(write_with(TEXT(""), "x", LAYER("", "2026-01-05T09:00:00", ANA) "," LAYER("", "2026-01-05T09:00:00", "{\"user\":{\"id\":\"zoe\"}}"), problem, &id),
                     ERR_INVALID);
    assert_string_equal(problem_line(problem, 0).data, "schedule.schedule_layers[1].users[0].user.id is not the id of a user");
    id = write_schedule(TEXT(""), LAYER("PINVENTED", "2026-01-05T09:00:00", ANA));
    problem = problem_new(arena);
    assert_int_equal(write_with(TEXT(""), "PRIMARY", LAYER("", "2026-01-05T09:00:00", ANA), problem, &other), ERR_INVALID);
    assert_string_equal(problem_line(problem, 0).data, "schedule.name has already been taken");
    assert_int_equal(write_with(TEXT("PNONE"), "y", LAYER("", "2026-01-05T09:00:00", ANA), problem, &other), ERR_NOT_FOUND);
    struct roster *roster;
    assert_int_equal(roster_load(tx.db, arena, id, tx.now, INSTANT_MAX, &roster), OK);
    struct text layer = roster_newest(roster)->layers[0].id;
    assert_false(text_is(layer, "PINVENTED"));
    write_schedule(id, text_printf(arena, LAYER("%s", "2026-01-05T09:00:00", ANA), layer.data).data); /* nothing changed */
    tx.now = at("2026-02-02T00:00Z");
    struct text layers = text_printf(arena, LAYER("%s", "2026-01-05T09:00:00", BEN) "," LAYER("PNEW", "2026-01-05T09:00:00", CLEO), layer.data);
    write_schedule(id, layers.data);
    assert_int_equal(roster_load(tx.db, arena, id, tx.now, INSTANT_MAX, &roster), OK);
    assert_true(text_equal(roster_newest(roster)->layers[0].id, layer));
    assert_int_equal(roster_newest(roster)->layers[1].id.size, 14);
    assert_int_equal(roster->versions[0].version, 2);
    /* Nothing changed, nothing is written. */
    layers = json_write(arena, json_at(schedule_to_json(arena, roster_newest(roster)), "schedule_layers"));
    write_schedule(id, text_printf(arena, "%.*s", (int)layers.size - 2, layers.data + 1).data);
    assert_int_equal(roster_load(tx.db, arena, id, tx.now, INSTANT_MAX, &roster), OK);
    assert_int_equal(roster->versions[0].version, 2);
}

static void people_who_left_leave_a_vacant_place(void **state)
{
    (void)state;
    struct text id = write_schedule(TEXT(""), LAYER("", "2026-01-05T09:00:00", CLEO) "," LAYER("", "2026-02-02T09:00:00", ANA "," BEN));
    override(id, "2026-02-10T00:00Z", "2026-02-12T00:00Z", "ana");
    assert_on_call(id, "2026-02-04T00:00Z", "ana");
    run_sql("UPDATE users SET deleted_at = 1770163200000000 WHERE id = 'ana'"); /* 2026-02-04T00:00:00Z */
    assert_on_call(id, "2026-02-03T23:59:59Z", "ana");
    assert_on_call(id, "2026-02-04T00:00Z", "cleo"); /* the lower layer shows */
    assert_on_call(id, "2026-02-10T12:00Z", "ben");  /* the override is void, his turn has not moved */
    assert_on_call(id, "2026-02-17T12:00Z", "cleo");
    assert_on_call(id, "2026-02-24T12:00Z", "ben");
    struct on_call on_call = on_call_at(id, "2026-02-05T00:00Z");
    assert_instant(on_call.from, "2026-02-04T00:00:00Z");
    assert_instant(on_call.until, "2026-02-09T08:00:00Z");
    struct roster *roster;
    assert_int_equal(roster_load(tx.db, arena, id, tx.now, INSTANT_MAX, &roster), OK);
    assert_true(text_is(roster_newest(roster)->layers[1].user_ids[0], "ana")); /* as written */
    write_schedule(id, LAYER("", "2026-01-05T09:00:00", ANA)); /* and still listed people do not stop an edit */
    assert_int_equal(roster_load(tx.db, arena, id, tx.now, INSTANT_MAX, &roster), OK);
    struct schedule_rendering rendering;
    assert_int_equal(roster_render(arena, roster, at("2026-02-03T00:00Z"), at("2026-02-05T00:00Z"), &rendering), OK);
    assert_int_equal(rendering.final.count, 2);
    assert_false(text_is_present(rendering.final.items[1].user_id)); /* a gap, named */
    assert_instant(rendering.final.items[1].from, "2026-02-04T00:00:00Z");
    /* Taking her out of the list later changes nothing of it. */
    tx.now = at("2026-02-06T00:00Z");
    write_schedule(id, LAYER("", "2026-01-05T09:00:00", BEN));
    assert_on_call(id, "2026-02-03T12:00Z", "ana");
    assert_on_call(id, "2026-02-05T00:00Z", "gap");
    assert_on_call(id, "2026-02-06T00:00Z", "ben");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(the_answer_carries_its_reason),
        CASE(editing_never_changes_what_was),
        CASE(overrides_count_from_when_they_were_made),
        CASE(a_version_replaced_at_its_own_instant_never_counted),
        CASE(deleted_schedules_keep_their_past),
        CASE(people_who_left_leave_a_vacant_place),
        CASE(writing_checks_references_and_keeps_layer_ids),
    };
    return run_on_each_database(tests, tests);
}
