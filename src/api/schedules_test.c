/* Why: the operations on schedules, overrides and on-calls through their own handlers, with a real engine and database, under a test clock:
 * shapes, windows, errors, and what a client relies on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/api_state.h"
#include "api/call.h"
#include "api/errors.h"
#include "api/routes.h"
#include "base/arena_test.h"
#include "base/zone_test.h"
#include "engine/running_test.h"

static struct arena *call_arena;
static struct db *db;
static struct api api;
static struct call call;
static struct http_request request;

static int set_up(void **state)
{
    arena_set_up(state);
    call_arena = arena_new(256 * 1024 * 1024);
    engine_begin(at("2026-02-01T00:00Z"));
    sql("INSERT INTO users (id, name, email, role, time_zone, created_at, updated_at) VALUES ('PANA', 'Ana', 'ana@x', 'user', 'UTC', 0, 0),"
        "('PBEN', 'Ben', 'ben@x', 'user', 'UTC', 0, 0), ('PCLEO', 'Cleo', 'cleo@x', 'user', 'UTC', 0, 0);"
        "INSERT INTO teams (id, name, created_at) VALUES ('PTEAM', 'Payments', 0)");
    assert_int_equal(db_open(&db, database_url, DB_READER), OK);
    size_t tables = 0;
    while (all_routes[tables])
        tables++;
    api = (struct api){.public_url = "http://muster.test", .router = router_new(arena, all_routes, tables), .engine = engine, .env = env, .oncalls = oncall_memory_new(),
                        .gaps = gap_memory_new()};
    return 0;
}

static int tear_down(void **state)
{
    db_close(db);
    oncall_memory_free(api.oncalls);
    gap_memory_free(api.gaps);
    engine_end();
    arena_free(call_arena);
    return arena_tear_down(state);
}

/* The answer's body; it lives until the next request. */
static json_t *ask(const char *method, const char *target, const char *body, int expected_status)
{
    arena_reset(call_arena);
    struct text path = text_of(target);
    size_t mark = text_find_byte(path, '?', 0);
    request = (struct http_request){.method = text_of(method), .path = text_slice(path, 0, mark), .peer = TEXT("127.0.0.1"), .arena = call_arena};
    call = (struct call){.arena = call_arena, .db = db, .env = env, .now = env_now(env), .engine = engine, .api = &api, .request = &request,
                         .problem = problem_new(call_arena), .status = 200};
    call.who = (struct principal){.authenticated = true, .user_id = TEXT("PANA"), .name = TEXT("Ana"), .role = TEXT("admin")};
    call_parse_query(&call, text_slice(path, mark + 1, path.size));
    struct route_match match;
    assert_int_equal(router_find(api.router, call_arena, request.method, request.path, &match), ROUTE_FOUND);
    call.route = match.route;
    memcpy(call.path_parameters, match.parameters, sizeof match.parameters);
    if (body)
        assert_non_null(call.body = json_read(call_arena, text_of(body), call.problem));
    assert_int_equal(db_begin(db), OK);
    enum err err = match.route->handle(&call);
    db_rollback(db);
    if (err != OK)
        error_from_outcome(&call, err);
    if (call.status != expected_status)
        fail_msg("%s %s: %d %s", method, target, call.status, call.reply ? json_write(call_arena, call.reply).data : "");
    return call.reply;
}

/* "a.b.0.c" inside a document; strings as they are, everything else as JSON. */
static const char *value_at(const json_t *value, const char *path)
{
    struct text rest = text_of(path), part;
    int64_t index;
    while (rest.size > 0 && text_next(&rest, '.', &part))
        value = text_to_int64(part, &index) ? json_array_get(value, (size_t)index) : json_at(value, text_cstring(arena, part));
    if (!value)
        return "(absent)";
    return json_is_string(value) ? text_copy(arena, json_text_value(value)).data : arena_string(arena, json_write(call_arena, value).data);
}

#define assert_value(document, path, expected) assert_string_equal(value_at(document, path), expected)

#define LAYER(start, users, rest) \
    "{\"start\":\"" start "\",\"rotation_virtual_start\":\"" start "\",\"rotation_turn_length_seconds\":604800,\"users\":[" users "]" rest "}"
#define ANA "{\"user\":{\"id\":\"PANA\",\"type\":\"user_reference\"}}"
#define BEN "{\"user\":{\"id\":\"PBEN\",\"type\":\"user_reference\"}}"
#define CLEO "{\"user\":{\"id\":\"PCLEO\",\"type\":\"user_reference\"}}"
#define DAYS ",\"restrictions\":[{\"type\":\"daily_restriction\",\"start_time_of_day\":\"08:00:00\",\"duration_seconds\":36000}]"
#define SCHEDULE(name, layers, rest) "{\"schedule\":{\"name\":\"" name "\",\"type\":\"schedule\",\"time_zone\":\"Europe/Berlin\",\"schedule_layers\":[" layers "]" rest "}}"

static const char *create(const char *body)
{
    return value_at(ask("POST", "/schedules", body, 201), "schedule.id");
}

static const char *path_of(const char *format, const char *id)
{
    return arena_printf(arena, "/schedules/%s%s", id, format);
}

static void a_schedule_is_created_shown_changed_and_deleted(void **state)
{
    (void)state;
    json_t *answer = ask("POST", "/schedules", SCHEDULE("primary", LAYER("2026-01-05T09:00:00+01:00", ANA "," BEN, "") "," LAYER("2026-01-05T09:00:00+01:00", CLEO, DAYS),
                                                        ",\"description\":\"d\",\"teams\":[{\"id\":\"PTEAM\"}]"), 201);
    const char *id = value_at(answer, "schedule.id");
    assert_value(answer, "schedule.type", "schedule");
    assert_value(answer, "schedule.summary", "primary");
    assert_value(answer, "schedule.self", arena_printf(arena, "http://muster.test/schedules/%s", id));
    assert_value(answer, "schedule.teams.0.summary", "Payments");
    assert_value(answer, "schedule.escalation_policies", "[]");
    assert_value(answer, "schedule.users.2.type", "user_reference");
    /* Highest layer first; the first of the request has precedence 1. */
    assert_value(answer, "schedule.schedule_layers.0.precedence", "2");
    assert_value(answer, "schedule.schedule_layers.0.users.0.user.summary", "Cleo");
    assert_value(answer, "schedule.schedule_layers.1.name", "Layer 1");
    assert_value(answer, "schedule.schedule_layers.1.start", "2026-01-05T09:00:00+01:00");
    assert_value(answer, "schedule.schedule_layers.1.end", "null");
    assert_value(answer, "schedule.schedule_layers.1.rendered_schedule_entries", "[]");
    assert_value(answer, "schedule.schedule_layers.1.rendered_coverage_percentage", "null");
    assert_value(answer, "schedule.final_schedule.name", "Final Schedule");
    assert_value(answer, "schedule.overrides_subschedule.name", "Overrides");
    /* What was answered can be sent back and means the same. */
    const char *layers = value_at(answer, "schedule.schedule_layers");
    const char *first_layer = value_at(answer, "schedule.schedule_layers.1.id");
    answer = ask("PUT", path_of("", id), arena_printf(arena, "{\"schedule\":{\"name\":\"renamed\",\"schedule_layers\":%s}}", layers), 200);
    assert_value(answer, "schedule.name", "renamed");
    assert_value(answer, "schedule.description", "d");
    assert_value(answer, "schedule.schedule_layers.1.id", first_layer);
    assert_value(answer, "schedule.schedule_layers", layers);
    assert_value(answer, "schedule.teams.0.id", "PTEAM");
    assert_null(ask("DELETE", path_of("", id), NULL, 204));
    ask("GET", path_of("", id), NULL, 404);
    ask("PUT", path_of("", id), SCHEDULE("x", "", ""), 404);
    ask("DELETE", path_of("", id), NULL, 404);
}

static void entries_are_rendered_for_a_window(void **state)
{
    (void)state;
    const char *id = create(SCHEDULE("primary", LAYER("2026-01-05T09:00:00+01:00", ANA "," BEN, DAYS), ""));
    json_t *answer = ask("GET", path_of("?since=2026-02-02T00:00:00&until=2026-02-03T00:00:00", id), NULL, 200); /* local */
    assert_value(answer, "schedule.final_schedule.rendered_schedule_entries",
                 "[{\"start\":\"2026-02-02T08:00:00+01:00\",\"end\":\"2026-02-02T09:00:00+01:00\",\"user\":{\"id\":\"PBEN\",\"type\":\"user_reference\","
                 "\"summary\":\"Ben\",\"self\":\"http://muster.test/users/PBEN\",\"html_url\":\"http://muster.test/app/users/PBEN\"}},"
                 "{\"start\":\"2026-02-02T09:00:00+01:00\",\"end\":\"2026-02-02T18:00:00+01:00\",\"user\":{\"id\":\"PANA\",\"type\":\"user_reference\","
                 "\"summary\":\"Ana\",\"self\":\"http://muster.test/users/PANA\",\"html_url\":\"http://muster.test/app/users/PANA\"}}]");
    assert_memory_equal(value_at(answer, "schedule.final_schedule.rendered_coverage_percentage"), "41.67", 5); /* ten of 24 hours */
    assert_memory_equal(value_at(answer, "schedule.schedule_layers.0.rendered_coverage_percentage"), "41.67", 5); /* ten of 24 hours */
    assert_value(answer, "schedule.overrides_subschedule.rendered_coverage_percentage", "0.0");
    assert_value(answer, "schedule.gaps",
                 "[{\"start\":\"2026-02-02T00:00:00+01:00\",\"end\":\"2026-02-02T08:00:00+01:00\"},"
                 "{\"start\":\"2026-02-02T18:00:00+01:00\",\"end\":\"2026-02-03T00:00:00+01:00\"}]");
    answer = ask("GET", path_of("?since=2026-02-02T12:00:00Z&until=2026-02-02T13:00:00Z&overflow=true&time_zone=UTC", id), NULL, 200);
    assert_value(answer, "schedule.final_schedule.rendered_schedule_entries.0.start", "2026-02-02T08:00:00Z");
    assert_value(answer, "schedule.final_schedule.rendered_schedule_entries.0.end", "2026-02-02T17:00:00Z");
    assert_value(answer, "schedule.final_schedule.rendered_coverage_percentage", "100.0");
    assert_value(answer, "schedule.schedule_layers.0.rendered_schedule_entries.0.end", "2026-02-02T17:00:00Z");
    answer = ask("GET", path_of("?since=2026-02-02T12:00:00Z&include_next_oncall_for_user=PBEN", id), NULL, 200); /* two weeks */
    assert_value(answer, "schedule.final_schedule.rendered_schedule_entries.14.user.summary", "Ben");
    assert_value(answer, "schedule.next_oncall_for_user.start", "2026-02-01T08:00:00+01:00");
    ask("GET", path_of("?since=2026-02-02&until=2026-02-01", id), NULL, 400);
    ask("GET", path_of("?since=1990-01-01&until=2026-02-01", id), NULL, 400);
    ask("GET", path_of("?since=soon", id), NULL, 400);
    ask("GET", path_of("?time_zone=Mars", id), NULL, 400);
}

static void lists_show_what_is_included(void **state)
{
    (void)state;
    create(SCHEDULE("beta", LAYER("2026-01-05T09:00:00+01:00", ANA, ""), ""));
    create(SCHEDULE("alpha", LAYER("2026-01-05T09:00:00+01:00", BEN, ""), ",\"teams\":[{\"id\":\"PTEAM\"}]"));
    json_t *answer = ask("GET", "/schedules?limit=1&total=true", NULL, 200);
    assert_value(answer, "schedules.0.name", "alpha");
    assert_value(answer, "schedules.0.schedule_layers", "(absent)");
    assert_value(answer, "more", "true");
    assert_value(answer, "total", "2");
    answer = ask("GET", "/schedules?query=BET", NULL, 200);
    assert_value(answer, "schedules.0.name", "beta");
    assert_value(answer, "schedules.1", "(absent)");
    answer = ask("GET", "/schedules?team_ids[]=PTEAM&include[]=schedule_layers&include[]=final_schedule&since=2026-02-02T00:00:00Z", NULL, 200);
    assert_value(answer, "schedules.0.name", "alpha");
    assert_value(answer, "schedules.0.final_schedule.rendered_schedule_entries.0.user.summary", "Ben");
    assert_value(answer, "schedules.0.overrides_subschedule", "(absent)");
}

static void mistakes_are_all_named(void **state)
{
    (void)state;
    json_t *answer = ask("POST", "/schedules", SCHEDULE("", LAYER("x", "{\"user\":{\"id\":\"PZOE\"}}", ""), ",\"teams\":[{}]"), 400);
    assert_value(answer, "error.code", "2001");
    assert_value(answer, "error.errors.0", "schedule.name cannot be empty");
    assert_value(answer, "error.errors.2", "schedule.schedule_layers[0].rotation_virtual_start must be an ISO 8601 date and time");
    assert_value(answer, "error.errors.3", "schedule.teams[0].id cannot be empty");
    answer = ask("POST", "/schedules", SCHEDULE("a", LAYER("2026-01-05T09:00:00+01:00", "{\"user\":{\"id\":\"PZOE\"}}", ""), ",\"teams\":[{\"id\":\"PNONE\"}]"), 400);
    assert_value(answer, "error.errors.0", "schedule.schedule_layers[0].users[0].user.id is not the id of a user");
    assert_value(answer, "error.errors.1", "schedule.teams[0].id is not the id of a team");
    assert_value(answer, "error.errors.2", "(absent)");
    ask("POST", "/schedules", "{}", 400);
    create(SCHEDULE("a", "", ""));
    answer = ask("POST", "/schedules", SCHEDULE("A", "", ""), 400);
    assert_value(answer, "error.errors.0", "schedule.name has already been taken");
}

static void a_preview_stores_nothing(void **state)
{
    (void)state;
    json_t *answer = ask("POST", "/schedules/preview?since=2026-02-02T00:00:00Z&until=2026-02-03T00:00:00Z",
                         SCHEDULE("primary", LAYER("2026-01-05T09:00:00+01:00", ANA "," BEN, ""), ""), 200);
    assert_value(answer, "schedule.final_schedule.rendered_schedule_entries.1.user.summary", "Ana");
    assert_value(answer, "schedule.users.0.summary", "Ana");
    assert_value(ask("GET", "/schedules", NULL, 200), "schedules", "[]");
}

static void overrides_take_over_and_end(void **state)
{
    (void)state;
    const char *id = create(SCHEDULE("primary", LAYER("2026-01-05T09:00:00+01:00", ANA, ""), ""));
    json_t *answer = ask("POST", path_of("/overrides", id),
                         "{\"overrides\":[{\"start\":\"2026-02-02T00:00:00Z\",\"end\":\"2026-02-03T00:00:00Z\",\"user\":{\"id\":\"PBEN\",\"type\":\"user_reference\"}},"
                         "{\"start\":\"2026-02-03T00:00:00Z\",\"end\":\"2026-02-03T00:00:00Z\",\"user\":{\"id\":\"PZOE\"}},"
                         "{\"start\":\"2026-02-05T09:00:00\",\"end\":\"2026-02-05T10:00:00\",\"user\":{\"id\":\"PCLEO\"},\"time_zone\":\"Asia/Tokyo\"}]}", 201);
    assert_value(answer, "0.status", "201");
    assert_value(answer, "0.override.user.summary", "Ben");
    assert_value(answer, "0.override.start", "2026-02-02T01:00:00+01:00");
    assert_value(answer, "1.status", "400");
    assert_value(answer, "1.errors", "[\"User is not the id of a user\",\"Override must end after its start\"]");
    assert_value(answer, "1.override.id", "(absent)");
    assert_value(answer, "1.override.start", "2026-02-03T00:00:00Z"); /* as it was sent */
    assert_value(answer, "2.override.start", "2026-02-05T01:00:00+01:00");
    const char *first = value_at(answer, "0.override.id"), *second = value_at(answer, "2.override.id");
    answer = ask("POST", path_of("/overrides", id), "{\"override\":{\"start\":\"2026-03-01T00:00:00Z\",\"end\":\"2026-03-02T00:00:00Z\",\"user\":{\"id\":\"PCLEO\"}}}", 201);
    assert_value(answer, "override.user.id", "PCLEO");
    ask("POST", path_of("/overrides", id), "{\"override\":{\"end\":\"2026-03-02T00:00:00Z\",\"user\":{\"id\":\"PCLEO\"}}}", 400);
    ask("POST", path_of("/overrides", id), "{\"overrides\":[]}", 400);
    ask("POST", "/schedules/PNONE/overrides", "{\"overrides\":[{}]}", 404);
    answer = ask("GET", path_of("/overrides?since=2026-02-02T12:00:00Z&until=2026-02-06T00:00:00Z&time_zone=UTC", id), NULL, 200);
    assert_value(answer, "overrides.0.start", "2026-02-02T12:00:00Z"); /* cut */
    assert_value(answer, "overrides.1.id", second);
    assert_value(answer, "overrides.2", "(absent)");
    answer = ask("GET", path_of("?since=2026-02-01T00:00:00Z&until=2026-02-03T12:00:00Z&time_zone=UTC", id), NULL, 200);
    assert_value(answer, "schedule.final_schedule.rendered_schedule_entries.1.user.summary", "Ben");
    assert_value(answer, "schedule.overrides_subschedule.rendered_schedule_entries.0.start", "2026-02-02T00:00:00Z");
    answer = ask("GET", path_of("/users?since=2026-02-01T00:00:00Z&until=2026-02-03T12:00:00Z", id), NULL, 200);
    assert_value(answer, "users.0.name", "Ana");
    assert_value(answer, "users.1.email", "ben@x");
    assert_value(answer, "users.2", "(absent)");
    env_set_now(env, at("2026-02-02T06:00Z"));
    ask("DELETE", path_of(arena_printf(arena, "/overrides/%s", first), id), NULL, 200); /* it had begun: it ends now */
    assert_null(ask("DELETE", path_of(arena_printf(arena, "/overrides/%s", second), id), NULL, 204));
    ask("DELETE", path_of(arena_printf(arena, "/overrides/%s", second), id), NULL, 404);
    ask("DELETE", path_of(arena_printf(arena, "/overrides/%s", first), id), NULL, 400);
    ask("DELETE", path_of("/overrides/QNONSENSE", id), NULL, 404);
    answer = ask("GET", path_of("?since=2026-02-01T12:00:00Z&until=2026-02-03T00:00:00Z&time_zone=UTC", id), NULL, 200);
    assert_value(answer, "schedule.final_schedule.rendered_schedule_entries.1.end", "2026-02-02T06:00:00Z");
}

static void add_policy(const char *id)
{
    sql(arena_printf(
        arena,
        "INSERT INTO escalation_policies (id, name, version, created_at, updated_at) VALUES ('PPOL', 'Payments', 1, 0, 0);"
        "INSERT INTO policy_versions (policy_id, version, effective_from, doc) VALUES ('PPOL', 1, 0, '{\"name\":\"Payments\",\"num_loops\":0,\"rules\":["
        "{\"id\":\"PR1\",\"delay_s\":1800,\"strategy\":\"everyone\",\"targets\":[{\"type\":\"schedule\",\"id\":\"%s\"}]},"
        "{\"id\":\"PR2\",\"delay_s\":1800,\"strategy\":\"everyone\",\"targets\":[{\"type\":\"user\",\"id\":\"PCLEO\"},{\"type\":\"schedule\",\"id\":\"%s\"}]}]}');"
        "INSERT INTO policy_targets (policy_id, level, target_type, target_id) VALUES ('PPOL', 1, 'schedule', '%s'), ('PPOL', 2, 'user', 'PCLEO'), ('PPOL', 2, 'schedule', '%s')",
        id, id, id, id));
}

static void oncalls_list_every_level(void **state)
{
    (void)state;
    const char *id = create(SCHEDULE("primary", LAYER("2026-01-05T09:00:00+01:00", ANA "," BEN, ""), ""));
    add_policy(id);
    json_t *answer = ask("GET", "/oncalls?time_zone=Europe/Berlin", NULL, 200);
    assert_value(answer, "oncalls.0.escalation_policy.summary", "Payments");
    assert_value(answer, "oncalls.0.escalation_level", "1");
    assert_value(answer, "oncalls.0.schedule.id", id);
    assert_value(answer, "oncalls.0.user.summary", "Ben");
    assert_value(answer, "oncalls.0.start", "2026-01-26T09:00:00+01:00"); /* whole, not cut at now */
    assert_value(answer, "oncalls.0.end", "2026-02-02T09:00:00+01:00");
    assert_value(answer, "oncalls.1.user.summary", "Cleo");
    assert_value(answer, "oncalls.1.schedule", "null");
    assert_value(answer, "oncalls.1.start", "null");
    assert_value(answer, "oncalls.2.escalation_level", "2");
    assert_value(answer, "oncalls.3", "(absent)");
    answer = ask("GET", "/oncalls?since=2026-02-01T00:00:00Z&until=2026-02-20T00:00:00Z&user_ids[]=PBEN&total=true", NULL, 200);
    assert_value(answer, "total", "4"); /* two weeks on two levels */
    answer = ask("GET", "/oncalls?since=2026-02-01T00:00:00Z&until=2026-02-20T00:00:00Z&user_ids[]=PBEN&earliest=true&include[]=users", NULL, 200);
    assert_value(answer, "oncalls.0.user.email", "ben@x");
    assert_value(answer, "oncalls.1.escalation_level", "2");
    assert_value(answer, "oncalls.2", "(absent)");
    assert_value(ask("GET", "/oncalls?schedule_ids[]=PNONE", NULL, 200), "oncalls", "[]");
    assert_value(ask("GET", "/oncalls?schedule_ids[]=null", NULL, 200), "oncalls.0.user.id", "PCLEO");
    assert_value(ask("GET", "/oncalls?escalation_policy_ids[]=PNONE", NULL, 200), "oncalls", "[]");
    answer = ask("GET", "/oncalls?limit=1&offset=1&include[]=schedules&include[]=escalation_policies", NULL, 200);
    assert_value(answer, "more", "true");
    ask("GET", "/oncalls?since=2026-02-02T00:00:00Z&until=2026-02-01T00:00:00Z", NULL, 400);
    /* A schedule in use cannot be deleted, and says by whom it is used. */
    assert_value(ask("DELETE", path_of("", id), NULL, 400), "error.errors.0", "Schedule is used by the escalation policy Payments (PPOL)");
    assert_value(ask("GET", path_of("", id), NULL, 200), "schedule.escalation_policies.0.summary", "Payments");
}

/* What is remembered between requests ------------------------------------------------------------------------------- */

enum { POLICIES = 40 };

static void add_many_policies(const char *const *schedules)
{
    for (int i = 0; i < POLICIES; i++)
        sql(arena_printf(
            arena,
            "INSERT INTO escalation_policies (id, name, version, created_at, updated_at) VALUES ('PMANY%02d', 'Many %02d', 1, 0, 0);"
            "INSERT INTO policy_versions (policy_id, version, effective_from, doc) VALUES ('PMANY%02d', 1, 0, '{\"name\":\"Many\",\"num_loops\":0,\"rules\":["
            "{\"id\":\"PR1\",\"delay_s\":1800,\"strategy\":\"everyone\",\"targets\":[{\"type\":\"schedule\",\"id\":\"%s\"},{\"type\":\"user\",\"id\":\"PCLEO\"}]},"
            "{\"id\":\"PR2\",\"delay_s\":1800,\"strategy\":\"everyone\",\"targets\":[{\"type\":\"schedule\",\"id\":\"%s\"}]}]}')",
            i, i, i, schedules[i % 8], schedules[(i + 3) % 8]));
}

static enum err cleo_leaves(struct tx *tx, void *argument)
{
    (void)argument;
    struct query *q = db_query(tx->db, "user_delete");
    query_bind_text(q, "id", TEXT("PCLEO"));
    query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

static const char *page_of(const char *parameters)
{
    return value_at(ask("GET", arena_printf(arena, "/oncalls?%s", parameters), NULL, 200), "oncalls");
}

/* All pages with the memory, then each without; `*rows` of all. */
static void assert_pages_alike(size_t *rows)
{
    struct oncall_memory *memory = api.oncalls;
    bool more = true;
    *rows = 0;
    for (int offset = 0; more; offset += 7) {
        const char *parameters = arena_printf(arena, "limit=7&offset=%d&total=%s", offset, offset % 2 ? "true" : "false");
        const char *remembered = json_write(arena, ask("GET", arena_printf(arena, "/oncalls?%s", parameters), NULL, 200)).data;
        assert_false(oncall_memory_is_empty(memory));
        api.oncalls = NULL;
        json_t *asked = ask("GET", arena_printf(arena, "/oncalls?%s", parameters), NULL, 200);
        api.oncalls = memory;
        assert_string_equal(remembered, json_write(call_arena, asked).data);
        *rows += json_array_size(json_at(asked, "oncalls"));
        more = json_bool_at(asked, "more", false);
    }
}

static const char *create_shifts(const char *name, const char *hours)
{
    const char *id = value_at(ask("POST", "/v3/schedules", arena_printf(arena, "{\"schedule\":{\"name\":\"%s\",\"time_zone\":\"Europe/Berlin\"}}", name), 201), "schedule.id");
    const char *path = arena_printf(arena, "/v3/schedules/%s/rotations", id);
    const char *rotation = value_at(ask("POST", path, "{}", 201), "rotation.id");
    ask("POST", arena_printf(arena, "%s/%s/events", path, rotation),
        arena_printf(arena,
                     "{\"event\":{\"name\":\"Shifts\",\"start_time\":{\"date_time\":\"2026-02-01T01:00:00Z\",\"time_zone\":\"Europe/Berlin\"},"
                     "\"end_time\":{\"date_time\":\"2026-02-01T%s:00Z\",\"time_zone\":\"Europe/Berlin\"},\"effective_since\":\"2026-02-01T01:00:00Z\","
                     "\"recurrence\":[\"RRULE:FREQ=DAILY\"],\"assignment_strategy\":{\"type\":\"every_member_assignment_strategy\",\"members\":["
                     "{\"type\":\"user_member\",\"user_id\":\"PBEN\"},{\"type\":\"user_member\",\"user_id\":\"PANA\"}]}}}",
                     hours),
        201);
    return id;
}

static void what_is_remembered_of_oncalls_is_what_would_be_said(void **state)
{
    (void)state;
    const char *schedules[8];
    for (int i = 0; i < 6; i++)
        schedules[i] = value_at(ask("POST", "/schedules",
                                    arena_printf(arena,
                                                 "{\"schedule\":{\"name\":\"layers %d\",\"type\":\"schedule\",\"time_zone\":\"Europe/Berlin\",\"schedule_layers\":["
                                                 "{\"start\":\"2026-01-05T0%d:00:00+01:00\",\"rotation_virtual_start\":\"2026-01-05T0%d:00:00+01:00\","
                                                 "\"rotation_turn_length_seconds\":%d,\"users\":[" ANA "," BEN "," CLEO "]%s}]}}",
                                                 i, i, i, 3600 * (i + 1), i % 2 ? DAYS : ""),
                                    201),
                                "schedule.id");
    schedules[6] = create_shifts("shifts 1", "05:00");
    schedules[7] = create_shifts("shifts 2", "09:30");
    add_many_policies(schedules);
    size_t rows, fewest = SIZE_MAX, most = 0;
    instant start = env_now(env);
    for (int i = 0; i < 60; i++) {
        env_set_now(env, instant_add_s(start, i * 1300));
        assert_pages_alike(&rows);
        fewest = rows < fewest ? rows : fewest;
        most = rows > most ? rows : most;
    }
    assert_true(fewest >= POLICIES && most > fewest + 10); /* people came and went meanwhile */
    /* Each kind of change between two pages is seen at once. */
    const char *before = page_of("limit=100");
    ask("POST", path_of("/overrides", schedules[2]), "{\"override\":{\"start\":\"2026-02-01T00:00:00Z\",\"end\":\"2026-02-20T00:00:00Z\",\"user\":{\"id\":\"PBEN\",\"type\":\"user_reference\"}}}", 201);
    assert_pages_alike(&rows);
    const char *overridden = page_of("limit=100");
    assert_string_not_equal(overridden, before);
    ask("PUT", path_of("", schedules[4]), "{\"schedule\":{\"name\":\"renamed\"}}", 200);
    assert_pages_alike(&rows);
    const char *renamed = page_of("limit=100");
    assert_string_not_equal(renamed, overridden);
    assert_int_equal(engine_execute(engine, cleo_leaves, NULL), OK);
    assert_pages_alike(&rows);
    assert_string_not_equal(page_of("limit=100"), renamed);
    assert_null(strstr(page_of("limit=100"), "PCLEO"));
}

static size_t assert_gaps_alike(const char *question)
{
    struct gap_memory *memory = api.gaps;
    const char *remembered = json_write(arena, ask("GET", question, NULL, 200)).data;
    api.gaps = NULL;
    json_t *asked = ask("GET", question, NULL, 200);
    api.gaps = memory;
    assert_string_equal(remembered, json_write(call_arena, asked).data);
    return json_array_size(json_at(asked, "gaps"));
}

static void what_is_remembered_of_gaps_is_what_would_be_said(void **state)
{
    (void)state;
    const char *week = "/muster/schedules/gaps?time_zone=Europe/Berlin", *days = "/muster/schedules/gaps?days=2";
    const char *id = create(SCHEDULE("days", LAYER("2026-01-05T09:00:00+01:00", ANA, DAYS), ""));
    add_policy(id);
    instant start = env_now(env);
    for (int i = 0; i < 40; i++) { /* beyond what was looked at in advance, twice */
        env_set_now(env, instant_add_s(start, i * 2 * 3700));
        assert_true(assert_gaps_alike(i % 7 == 6 ? days : week) >= 2);
    }
    assert_true(gap_memory_answers(api.gaps) > 20);
    ask("POST", path_of("/overrides", id), "{\"override\":{\"start\":\"2026-02-01T00:00:00Z\",\"end\":\"2026-03-20T00:00:00Z\",\"user\":{\"id\":\"PBEN\",\"type\":\"user_reference\"}}}", 201);
    assert_int_equal(assert_gaps_alike(week), 0);
}

static void gaps_of_the_coming_days_are_named(void **state)
{
    (void)state;
    const char *id = create(SCHEDULE("days", LAYER("2026-01-05T09:00:00+01:00", ANA, DAYS), ""));
    create(SCHEDULE("unused", LAYER("2026-01-05T09:00:00+01:00", ANA, DAYS), ""));
    add_policy(id);
    json_t *answer = ask("GET", "/muster/schedules/gaps?days=1", NULL, 200);
    assert_value(answer, "gaps.0.schedule.summary", "days");
    assert_value(answer, "gaps.0.start", "2026-02-01T00:00:00Z");
    assert_value(answer, "gaps.0.end", "2026-02-01T07:00:00Z");
    assert_value(answer, "gaps.1.start", "2026-02-01T17:00:00Z");
    assert_value(answer, "gaps.2", "(absent)");
    ask("GET", "/muster/schedules/gaps?days=0", NULL, 400);
    answer = ask("GET", "/oncalls?include[]=gaps&since=2026-02-01T00:00:00Z&until=2026-02-01T12:00:00Z", NULL, 200);
    assert_value(answer, "gaps.0.escalation_level", "1");
    assert_value(answer, "gaps.0.end", "2026-02-01T07:00:00Z");
    assert_value(ask("GET", "/oncalls", NULL, 200), "gaps", "(absent)");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(a_schedule_is_created_shown_changed_and_deleted),
        CASE(entries_are_rendered_for_a_window),
        CASE(lists_show_what_is_included),
        CASE(mistakes_are_all_named),
        CASE(a_preview_stores_nothing),
        CASE(overrides_take_over_and_end),
        CASE(oncalls_list_every_level),
        CASE(what_is_remembered_of_oncalls_is_what_would_be_said),
        CASE(what_is_remembered_of_gaps_is_what_would_be_said),
        CASE(gaps_of_the_coming_days_are_named),
    };
    return run_on_each_database(tests, tests);
}
