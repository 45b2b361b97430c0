/* Why: the shape of an incident is a promise to clients we have never seen: every documented key is there, whatever the incident
 * has. Also runs the queries behind the views against the real schema. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "api/alert_json.h"
#include "api/api_state.h"
#include "api/incident_json.h"
#include "api/incidents.h"
#include "api/log_entry_json.h"
#include "store/database_test.h"

static const char rows[] =
    "INSERT INTO users (id, name, email, role, time_zone, created_at, updated_at) VALUES"
    " ('PANA001', 'Ana', 'ana@example.org', 'user', 'Europe/Berlin', 1, 1), ('PBEN001', 'Ben', 'ben@example.org', 'user', 'UTC', 1, 1);"
    "INSERT INTO teams (id, name, created_at) VALUES ('PTEAM01', 'Payments', 1);"
    "INSERT INTO escalation_policies (id, name, version, created_at, updated_at) VALUES ('PPOL001', 'Payments', 3, 1, 1);"
    "INSERT INTO policy_teams (policy_id, team_id) VALUES ('PPOL001', 'PTEAM01');"
    "INSERT INTO services (id, name, policy_id, created_at, updated_at) VALUES ('PSERV01', 'checkout', 'PPOL001', 1, 1);"
    "INSERT INTO integrations (id, service_id, type, name, integration_key, created_at) VALUES"
    " ('PINT001', 'PSERV01', 'events_api_v2_inbound_integration', 'Prometheus', 'k', 1);"
    "INSERT INTO priorities (id, name, description, color, rank) VALUES ('PPRIO01', 'P1', 'worst', 'ff0000', 1);"
    "INSERT INTO incidents (number, service_id, status, urgency, title, incident_key, policy_id, policy_version, level, loop, epoch, priority_id,"
    " alerts_all, alerts_triggered, created_at, updated_at, status_changed_at, status_changed_by_type, status_changed_by_id, first_ledger_seq) VALUES"
    " (1, 'PSERV01', 'acknowledged', 'high', 'Disk full', 'disk', 'PPOL001', 3, 1, 0, 1, 'PPRIO01', 2, 1, 1000000, 3000000, 2000000, 'user', 'PANA001', 1),"
    " (2, 'PSERV01', 'triggered', 'low', 'Slow', 'slow', 'PPOL001', 3, 1, 0, 1, NULL, 0, 0, 5000000, 6000000, 5000000, 'integration', 'PINT001', 0);"
    "INSERT INTO ledger (seq, incident_number, at, kind, actor_type, actor_id, actor_name, channel, doc) VALUES"
    " (1, 1, 1000000, 'trigger', 'integration', 'PINT001', 'Prometheus', 'events', '{\"summary\":\"Disk full\"}'),"
    " (2, 1, 2000000, 'acknowledge', 'user', 'PANA001', 'Ana', 'sms', '{}'), (3, 1, 2000000, 'skip', 'system', '', '', 'auto', '{}');"
    "INSERT INTO assignments (incident_number, user_id, assigned_at) VALUES (1, 'PANA001', 1000000), (2, 'PBEN001', 5000000);"
    "INSERT INTO acknowledgements (incident_number, user_id, at) VALUES (1, 'PANA001', 2000000);"
    "INSERT INTO responders (incident_number, user_id, requested_by, requested_at, state, message) VALUES"
    " (1, 'PBEN001', 'PANA001', 2500000, 'pending', 'please join');"
    "INSERT INTO timers (due_at, kind, incident_number) VALUES (9000000, 'ack_timeout', 1), (9000000, 'escalate', 2), (1, 'ladder', 1);"
    "INSERT INTO events (number, received_at, integration_id, action, format, disposition, severity, summary, body) VALUES (1, 1000000,"
    " 'PINT001', 'trigger', 'events-v2', 'opened', 'critical', 'Disk full', '{\"payload\":{\"custom_details\":{\"free\":0}},\"links\":[{\"href\":\"https://example.org\",\"text\":\"graph\"}]}');"
    "INSERT INTO alerts (number, integration_id, service_id, incident_number, dedup_key, status, created_at, updated_at, first_event_number)"
    " VALUES (1, 'PINT001', 'PSERV01', 1, 'disk', 'triggered', 1000000, 1000000, 1);"
    "INSERT INTO alert_triggers (alert_number, trigger_count, last_event_number) VALUES (1, 1, 1);";

static struct {
    struct arena *arena;
    struct db *db;
    struct api api;
    struct call call;
    struct view view;
} fixture;

static int set_up(void **state)
{
    (void)state;
    database_new();
    assert_int_equal(db_open(&fixture.db, database_url, DB_WRITER), OK);
    assert_int_equal(db_execute(fixture.db, rows), OK);
    fixture.arena = arena_new(16 << 20);
    fixture.api.public_url = "https://muster.example.org";
    fixture.call = (struct call){
        .arena = fixture.arena, .db = fixture.db, .api = &fixture.api, .now = {7000000}, .problem = problem_new(fixture.arena)};
    assert_int_equal(view_open(&fixture.call, &fixture.view), OK);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_close(fixture.db);
    arena_free(fixture.arena);
    database_remove();
    return 0;
}

static void set_query(const char *name, const char *value)
{
    fixture.call.query[fixture.call.query_count].name = text_of(name);
    fixture.call.query[fixture.call.query_count++].value = text_of(value);
}

static const char *path(const json_t *value, const char *key, const char *inner)
{
    return json_string_value(json_at(json_at(value, key), inner));
}

static json_t *incident(int64_t number)
{
    json_t *item = NULL;
    assert_int_equal(incident_json_one(&fixture.view, number, &item), OK);
    return item;
}

static void every_documented_key_is_present(void **state)
{
    (void)state;
    static const char *const keys[] = {
        "id", "type", "summary", "self", "html_url", "incident_number", "title", "created_at", "updated_at", "status", "incident_key", "service",
        "assignments", "assigned_via", "last_status_change_at", "resolved_at", "first_trigger_log_entry", "alert_counts", "is_mergeable",
        "incident_type", "escalation_policy", "teams", "pending_actions", "acknowledgements", "alert_grouping", "last_status_change_by",
        "priority", "resolve_reason", "conference_bridge", "incidents_responders", "responder_requests", "urgency", "body", "description"};
    for (int64_t number = 1; number <= 2; number++)
        for (size_t i = 0; i < sizeof keys / sizeof *keys; i++)
            assert_non_null(json_at(incident(number), keys[i]));
}

static void an_acknowledged_incident_reads_right(void **state)
{
    (void)state;
    json_t *item = incident(1);
    assert_string_equal(json_string_value(json_at(item, "summary")), "[#1] Disk full");
    assert_string_equal(json_string_value(json_at(item, "last_status_change_at")), "1970-01-01T00:00:02Z");
    assert_string_equal(path(item, "service", "summary"), "checkout");
    assert_string_equal(path(item, "service", "type"), "service_reference");
    assert_string_equal(path(item, "last_status_change_by", "summary"), "Ana");
    assert_string_equal(path(item, "first_trigger_log_entry", "type"), "trigger_log_entry_reference");
    assert_string_equal(path(item, "first_trigger_log_entry", "summary"), "Triggered by Prometheus");
    assert_string_equal(path(item, "priority", "summary"), "P1");
    assert_int_equal(json_integer_value(json_at(json_at(item, "alert_counts"), "resolved")), 1);
    assert_string_equal(path(json_array_get(json_at(item, "acknowledgements"), 0), "acknowledger", "summary"), "Ana");
    assert_string_equal(json_string_value(json_at(json_array_get(json_at(item, "pending_actions"), 0), "type")), "unacknowledge");
    assert_int_equal(json_array_size(json_at(item, "pending_actions")), 1);
    assert_string_equal(path(json_array_get(json_at(item, "incidents_responders"), 0), "user", "summary"), "Ben");
    assert_int_equal(json_array_size(json_at(json_array_get(json_at(item, "responder_requests"), 0), "responder_request_targets")), 1);
    assert_string_equal(json_string_value(json_at(json_array_get(json_at(item, "teams"), 0), "summary")), "Payments");
}

static void a_triggered_incident_reads_right(void **state)
{
    (void)state;
    json_t *item = incident(2);
    assert_string_equal(json_string_value(json_at(item, "last_status_change_at")), "1970-01-01T00:00:06Z");
    assert_string_equal(path(item, "last_status_change_by", "type"), "service_reference");
    assert_true(json_is_null(json_at(item, "priority")));
    assert_int_equal(json_array_size(json_at(item, "acknowledgements")), 0);
    assert_string_equal(json_string_value(json_at(json_array_get(json_at(item, "pending_actions"), 0), "type")), "escalate");
}

static void times_follow_the_zone_asked_for(void **state)
{
    (void)state;
    set_query("time_zone", "Asia/Kolkata");
    assert_int_equal(view_open(&fixture.call, &fixture.view), OK);
    assert_string_equal(json_string_value(json_at(incident(1), "created_at")), "1970-01-01T05:30:01+05:30");
    fixture.call.query_count = 0;
    set_query("time_zone", "Atlantis/Capital");
    assert_int_equal(view_open(&fixture.call, &fixture.view), ERR_INVALID);
}

static void order_is_the_callers(void **state)
{
    (void)state;
    int64_t numbers[] = {2, 99, 1};
    json_t *items = NULL;
    assert_int_equal(incident_json_list(&fixture.view, numbers, 3, &items), OK);
    assert_int_equal(json_array_size(items), 2);
    assert_int_equal(json_integer_value(json_at(json_array_get(items, 0), "incident_number")), 2);
}

static route_handler *handler(const struct route_table *table, const char *method, const char *pattern)
{
    for (size_t i = 0; i < table->count; i++)
        if (strcmp(table->routes[i].method, method) == 0 && strcmp(table->routes[i].path, pattern) == 0)
            return table->routes[i].handle;
    fail_msg("no route %s %s", method, pattern);
    return NULL;
}

extern const struct route_table incident_routes, log_entry_routes, alert_routes;

/* Numbers of the incidents that GET /incidents answers, as "1,2". */
static const char *listed(void)
{
    assert_int_equal(handler(&incident_routes, "GET", "/incidents")(&fixture.call), OK);
    struct builder b = builder_new(fixture.arena, 100);
    size_t index;
    json_t *item;
    json_array_foreach(json_at(fixture.call.reply, "incidents"), index, item)
        builder_printf(&b, "%s%lld", index ? "," : "", (long long)json_integer_value(json_at(item, "incident_number")));
    fixture.call.query_count = 0;
    return builder_text(&b).data;
}

static void filters_narrow_the_list(void **state)
{
    (void)state;
    static const char *const cases[][3] = {
        {"statuses[]", "triggered", "2"}, {"urgencies[]", "high", "1"},  {"service_ids[]", "PSERV01", "1,2"}, {"service_ids[]", "PNONE00", ""},
        {"team_ids[]", "PTEAM01", "1,2"}, {"team_ids[]", "PTEAM02", ""}, {"user_ids[]", "PBEN001", "2"},       {"incident_key", "disk", "1"},
        {"since", "1970-01-01T00:00:04Z", "2"},   {"until", "1970-01-01T00:00:04Z", "1"},  {"date_range", "all", "1,2"},
        {"sort_by", "incident_number:desc", "2,1"}, {"sort_by", "urgency:desc,created_at", "1,2"}, {"sort_by", "urgency", "2,1"}};
    assert_string_equal(listed(), "1,2");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        set_query(cases[i][0], cases[i][1]);
        assert_string_equal(listed(), cases[i][2]);
    }
    set_query("limit", "1");
    set_query("total", "true");
    assert_string_equal(listed(), "1");
    assert_true(json_bool_at(fixture.call.reply, "more", false));
    assert_int_equal(json_int_at(fixture.call.reply, "total", 0), 2);
}

static void wrong_filters_are_all_named(void **state)
{
    (void)state;
    set_query("statuses[]", "open");
    set_query("urgencies[]", "huge");
    set_query("since", "yesterday");
    set_query("sort_by", "title");
    assert_int_equal(handler(&incident_routes, "GET", "/incidents")(&fixture.call), ERR_INVALID);
    assert_int_equal(fixture.call.problem->count, 4);
}

static void incidents_are_found_by_id_and_number(void **state)
{
    (void)state;
    fixture.call.path_parameters[0] = id_public(fixture.arena, ID_INCIDENT, 2);
    assert_int_equal(handler(&incident_routes, "GET", "/incidents/{id}")(&fixture.call), OK);
    fixture.call.path_parameters[0] = TEXT("2");
    assert_int_equal(handler(&incident_routes, "GET", "/incidents/{id}")(&fixture.call), OK);
    fixture.call.path_parameters[0] = TEXT("3");
    assert_int_equal(handler(&incident_routes, "GET", "/incidents/{id}")(&fixture.call), ERR_NOT_FOUND);
    fixture.call.path_parameters[0] = TEXT("nonsense");
    assert_int_equal(handler(&incident_routes, "GET", "/incidents/{id}")(&fixture.call), ERR_NOT_FOUND);
}

static void log_entries_leave_out_what_pagerduty_has_no_word_for(void **state)
{
    (void)state;
    fixture.call.path_parameters[0] = TEXT("1");
    assert_int_equal(handler(&log_entry_routes, "GET", "/incidents/{id}/log_entries")(&fixture.call), OK);
    json_t *entries = json_at(fixture.call.reply, "log_entries");
    assert_int_equal(json_array_size(entries), 2);
    assert_string_equal(json_string_value(json_at(json_array_get(entries, 0), "type")), "acknowledge_log_entry");
    assert_string_equal(json_string_value(json_at(json_array_get(entries, 0), "summary")), "Acknowledged by Ana by SMS");
    assert_string_equal(path(json_array_get(entries, 1), "agent", "type"), "service_reference");
    assert_string_equal(path(json_array_get(entries, 1), "event_details", "description"), "Disk full");
}

static void alerts_carry_the_senders_details(void **state)
{
    (void)state;
    fixture.call.path_parameters[0] = TEXT("1");
    set_query("statuses[]", "triggered");
    set_query("sort_by", "created_at:desc");
    assert_int_equal(handler(&alert_routes, "GET", "/incidents/{id}/alerts")(&fixture.call), OK);
    json_t *alert = json_array_get(json_at(fixture.call.reply, "alerts"), 0);
    assert_string_equal(path(alert, "integration", "type"), "events_api_v2_inbound_integration_reference");
    assert_int_equal(json_int_at(json_at(json_at(alert, "body"), "details"), "free", -1), 0);
    assert_string_equal(json_string_value(json_at(json_array_get(json_at(json_at(alert, "body"), "contexts"), 0), "href")), "https://example.org");
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(every_documented_key_is_present),
        CASE(an_acknowledged_incident_reads_right),
        CASE(a_triggered_incident_reads_right),
        CASE(times_follow_the_zone_asked_for),
        CASE(order_is_the_callers),
        CASE(filters_narrow_the_list),
        CASE(wrong_filters_are_all_named),
        CASE(incidents_are_found_by_id_and_number),
        CASE(log_entries_leave_out_what_pagerduty_has_no_word_for),
        CASE(alerts_carry_the_senders_details),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
