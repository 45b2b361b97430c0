/* Why: the writer remembers what it asked (store/recall.h, engine/open_alerts.h, plan_memory.h, recent_pages.h). So here is what would show a memory that outlived its truth:
 * deeds that let one alert come, change or end what it rests on by every way there is, and let it come again; and for each event and page a reading of the stored rows that remembers nothing. */
#include <stdio.h>
#include <string.h>

#include "core/bundle.h"
#include "door.h"

enum { CODE_FIRST = 10, CODES = 90 };

/* Events ------------------------------------------------------------------------------------------------------------------ */

void memories_before_event(struct sim *sim, const char *integration, const char *dedup_key, struct expected_alert *ret)
{
    sqlite3_stmt *rows = judge_ask(sim, "SELECT number FROM alerts WHERE status <> 'resolved' AND integration_id = ?3 AND dedup_key = ?4", 0, 0);
    sqlite3_bind_text(rows, 3, integration, -1, SQLITE_STATIC);
    sqlite3_bind_text(rows, 4, dedup_key, -1, SQLITE_STATIC);
    ret->open = judge_row(sim, rows) ? sqlite3_column_int64(rows, 0) : 0;
    sqlite3_reset(rows);
    ret->disabled = judge_about(sim, "SELECT COUNT(*) FROM integrations g JOIN services s ON s.id = g.service_id WHERE g.id = ?3 AND s.status = 'disabled'", 0, 0, integration) > 0;
}

/* What it opened follows the policy and urgency that its service has now. */
static void judge_opened(struct sim *sim, int64_t event, int64_t incident)
{
    if (judge_number(sim, "SELECT MIN(number) FROM events WHERE disposition = 'opened' AND incident_number = ?1", incident, 0, 0) != event)
        return;
    if (judge_number(sim, "SELECT COUNT(*) FROM incidents i JOIN services s ON s.id = i.service_id JOIN escalation_policies p ON p.id = s.policy_id "
                          "WHERE i.number = ?1 AND i.policy_id = p.id AND i.policy_version = p.version", incident, 0, 0) == 0)
        sim_fail(sim, "N4", "incident %lld does not follow its service's policy as it stands", (long long)incident);
    if (judge_number(sim, "SELECT COUNT(*) FROM incidents i JOIN services s ON s.id = i.service_id JOIN events e ON e.number = ?2 WHERE i.number = ?1 AND i.urgency <> CASE s.urgency "
                          "WHEN 'severity_based' THEN (CASE WHEN e.severity IN ('warning', 'info') THEN 'low' ELSE 'high' END) ELSE s.urgency END", incident, event, 0) > 0)
        sim_fail(sim, "N4", "incident %lld does not have the urgency that its service gives it", (long long)incident);
}

void memories_judge_event(struct sim *sim, int64_t event, const struct expected_alert *before)
{
    char action[16], became[16];
    judge_text(sim, "SELECT action FROM events WHERE number = ?1", event, action, sizeof action);
    judge_text(sim, "SELECT disposition FROM events WHERE number = ?1", event, became, sizeof became);
    bool triggers = strcmp(action, "trigger") == 0, silent = triggers && before->disabled;
    int64_t alert = judge_number(sim, "SELECT alert_number FROM events WHERE number = ?1", event, 0, 0);
    bool is_new = strcmp(became, "opened") == 0;
    sim_counts.judged_alerts++;
    if (silent != (strcmp(became, "suppressed") == 0))
        sim_fail(sim, "E3", "event %lld became '%s', its service is %s", (long long)event, became, before->disabled ? "disabled" : "active");
    else if (!silent && (is_new != (triggers && before->open == 0) || (!is_new && alert != before->open)))
        sim_fail(sim, "E3", "event %lld (%s) became '%s' of alert %lld; open was alert %lld (0: none)", (long long)event, action, became, (long long)alert, (long long)before->open);
    if (judge_number(sim, "SELECT COUNT(*) FROM events e JOIN alerts a ON a.number = e.alert_number WHERE e.number = ?1 AND e.incident_number <> a.incident_number", event, 0, 0) > 0)
        sim_fail(sim, "I4", "event %lld speaks of another incident than its alert %lld belongs to", (long long)event, (long long)alert);
    if (is_new && !sim->failure[0])
        judge_opened(sim, event, judge_number(sim, "SELECT incident_number FROM events WHERE number = ?1", event, 0, 0));
}

/* Pages ------------------------------------------------------------------------------------------------------------------- */

/* After a few single pages to one address within a minute the further ones wait, and no others do. */
static void judge_notification(struct sim *sim, int64_t number)
{
    static const char earlier[] = "SELECT COUNT(*) FROM notifications n JOIN messages m ON m.user_id = n.user_id AND m.contact_method_id = n.contact_method_id AND m.kind = 'page' AND m.cause = 'first' "
                                  "AND m.created_at > n.created_at - ?2 AND m.number < COALESCE(n.message_number, m.number + 1) WHERE n.number = ?1";
    int64_t sent = judge_number(sim, earlier, number, BUNDLE_WINDOW_S * SECOND_US, 0);
    bool held = judge_number(sim, "SELECT COUNT(*) FROM notifications WHERE number = ?1 AND state = 'held'", number, 0, 0) > 0;
    bool single = judge_number(sim, "SELECT COUNT(*) FROM notifications n JOIN messages m ON m.number = n.message_number WHERE n.number = ?1 AND m.cause = 'first'", number, 0, 0) > 0;
    sim_counts.judged_notifications++;
    if (held && sent < BUNDLE_SINGLE_MAX)
        sim_fail(sim, "N9", "notification %lld waits for a bundle after %lld pages in a minute", (long long)number, (long long)sent);
    if (!held && single && sent >= BUNDLE_SINGLE_MAX)
        sim_fail(sim, "N9", "notification %lld leaves by itself after %lld pages in a minute", (long long)number, (long long)sent);
}

/* The numbers to answer with go round, so that no recent page to that address has the same. */
static void judge_code(struct sim *sim, int64_t message, int64_t code)
{
    int64_t last = judge_number(sim, "SELECT m.reply_code FROM messages m JOIN messages n ON n.number = ?1 WHERE m.address = n.address AND m.reply_code IS NOT NULL AND m.cause = 'first' "
                                     "AND m.number < ?1 ORDER BY m.number DESC LIMIT 1", message, 0, 0);
    int64_t expected = last == 0 ? CODE_FIRST : CODE_FIRST + (last - CODE_FIRST + 1) % CODES;
    if (code != expected)
        sim_fail(sim, "K2", "message %lld is to be answered with %lld; the last one to that address had %lld", (long long)message, (long long)code, (long long)last);
}

void memories_judge_pages(struct sim *sim)
{
    if (sim->restarting || disk_is_dead())
        return;
    int64_t number;
    static const char next_notification[] = "SELECT number FROM notifications WHERE number > ?1 ORDER BY number LIMIT 1";
    static const char next_message[] = "SELECT number FROM messages WHERE number > ?1 ORDER BY number LIMIT 1";
    while ((number = judge_number(sim, next_notification, sim->judged_notification, 0, 0)) > 0) {
        sim->judged_notification = number;
        if (judge_number(sim, "SELECT COUNT(*) FROM notifications WHERE number = ?1 AND created_at = ?2 AND user_id <> 'PCANARY'", number, sim_now(sim).us, 0) > 0)
            judge_notification(sim, number);
    }
    while ((number = judge_number(sim, next_message, sim->judged_message, 0, 0)) > 0) {
        sim->judged_message = number;
        int64_t code = judge_number(sim, "SELECT reply_code FROM messages WHERE number = ?1 AND cause = 'first' AND user_id <> 'PCANARY'", number, 0, 0);
        if (code > 0)
            judge_code(sim, number, code);
    }
}

/* Beside the engine --------------------------------------------------------------------------------------------------------- */

/* By another connection: as a command of `muster` does, or by hand. One statement; ?1 is an id. */
static const struct beside { const char *what, *pick, *sql; } besides[] = {
    {"blocks a contact method", "SELECT id FROM contact_methods WHERE deleted_at IS NULL AND blocked_reason IS NULL AND channel <> 'muster' AND user_id <> ?3 ORDER BY (rowid * 7919 + ?1) % 104729 LIMIT 1",
     "UPDATE contact_methods SET blocked_reason = 'by hand' WHERE id = ?1"},
    {"gives a service another policy", "SELECT id FROM services WHERE deleted_at IS NULL AND id NOT IN ('PCANARY', ?3) ORDER BY (rowid * 7919 + ?1) % 104729 LIMIT 1",
     "UPDATE services SET policy_id = (SELECT p.id FROM escalation_policies p WHERE p.deleted_at IS NULL AND p.id NOT IN ('PCANARY', policy_id) ORDER BY p.rowid DESC LIMIT 1) "
     "WHERE id = ?1 AND EXISTS (SELECT 1 FROM escalation_policies p WHERE p.deleted_at IS NULL AND p.id NOT IN ('PCANARY', policy_id))"},
    {"makes a service one of low urgency", "SELECT id FROM services WHERE deleted_at IS NULL AND id NOT IN ('PCANARY', ?3) ORDER BY (rowid * 7919 + ?1) % 104729 LIMIT 1",
     "UPDATE services SET urgency = CASE urgency WHEN 'low' THEN 'high' ELSE 'low' END WHERE id = ?1"},
};

static void edit_beside(struct sim *sim)
{
    const struct beside *b = &besides[chance_below(sim, 3)];
    char id[40];
    if (sim->trouble || !judge_about_text(sim, b->pick, chance_below(sim, 100000), sim->people[0].id, id, sizeof id))
        return;
    sqlite3 *handle = NULL;
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_open_v2(sim->path, &handle, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_prepare_v2(handle, b->sql, -1, &statement, NULL);
    if (code == SQLITE_OK) {
        sqlite3_bind_text(statement, 1, id, -1, SQLITE_STATIC);
        code = sqlite3_step(statement);
    }
    sqlite3_finalize(statement);
    sqlite3_close(handle);
    sim_note(sim, "somebody beside the engine %s: %s (%d)", b->what, id, code);
    sim_counts.edits_beside++;
    if (code != SQLITE_DONE)
        sim_fail(sim, "simulator", "an edit beside the engine ended with %d", code);
}

/* Taken back ----------------------------------------------------------------------------------------------------------------- */

struct taken_back { int64_t incident; struct text contact; };

/* Everybody is asked again, with somebody gone and somebody called, and then none of it has happened. */
static enum err change_and_refuse(struct tx *tx, void *argument)
{
    const struct taken_back *t = argument;
    struct query *q = db_query(tx->db, "contact_block");
    query_bind_text(q, "reason", TEXT("taken back"));
    query_bind_text(q, "id", t->contact);
    enum err err = query_run(q);
    struct incident_command command = {.verb = INCIDENT_ESCALATE, .level = 1, .actor = {.kind = ACTOR_SYSTEM, .id = TEXT(""), .name = TEXT("Nobody"), .channel = "api"}};
    bool changed;
    if (err == OK)
        err = incident_command(tx, t->incident, &command, problem_new(tx->arena), &changed);
    return err == OK ? ERR_CONFLICT : err;
}

static void take_back(struct sim *sim, int64_t incident)
{
    char contact[40];
    if (!judge_about_text(sim, "SELECT c.id FROM contact_methods c JOIN assignments a ON a.user_id = c.user_id WHERE a.incident_number = ?1 AND c.deleted_at IS NULL AND c.user_id <> ?3",
                          incident, "PCANARY", contact, sizeof contact))
        return;
    struct taken_back t = {incident, text_of(contact)};
    enum err err = sim_run(sim, change_and_refuse, &t);
    sim_note(sim, "a change of %s and of incident %lld is taken back: %s", contact, (long long)incident, err_name(err));
    sim_counts.taken_back++;
}

/* Deeds ----------------------------------------------------------------------------------------------------------------------- */

/* A key that was taken away opens nothing. */
static void event_for_nobody(struct sim *sim)
{
    char key[48];
    if (chance_is(sim, 0.5))
        edits_take_key(sim, &sim->last_from);
    if (!judge_text(sim, "SELECT integration_key FROM integrations WHERE deleted_at IS NOT NULL ORDER BY deleted_at DESC LIMIT 1", 0, key, sizeof key))
        return;
    json_t *event = json_object_in(sim->arena), *payload = json_object_in(sim->arena);
    json_put_string(payload, "summary", "Nobody wants this");
    json_put_string(payload, "source", "host-0");
    json_put_string(payload, "severity", "critical");
    json_put_string(event, "routing_key", key);
    json_put_string(event, "event_action", "trigger");
    json_put(event, "payload", payload);
    bool trouble = sim->trouble;
    struct answer answer = door_ask(sim, "POST", "/v2/enqueue", event);
    sim_note(sim, "an event with a key that was taken away: %d", answer.status);
    if (answer.status != 400 && answer.status != 0 && !(answer.status == 503 && trouble))
        sim_fail(sim, "E3", "an event with a key that was taken away was answered %d", answer.status);
}

/* Ends the alert, or the incident it belongs to, by one of the ways there are. */
static void end_alert(struct sim *sim, int64_t alert)
{
    static const enum incident_verb verbs[] = {INCIDENT_RESOLVE, INCIDENT_MERGE, INCIDENT_SNOOZE, INCIDENT_REASSIGN};
    int64_t incident = judge_number(sim, "SELECT incident_number FROM alerts WHERE number = ?1", alert, 0, 0);
    int way = chance_below(sim, 8);
    if (way < 4)
        deeds_command_on(sim, incident, verbs[way]);
    else if (way < 6)
        deeds_alert_command(sim, incident, alert, way == 4);
    else if (way == 6)
        sim_advance(sim, instant_add_s(sim_now(sim), chance_seconds(sim, 3600, 15000))); /* services resolve by themselves */
    else
        deeds_again(sim, EVENT_RESOLVE);
}

static void change_something(struct sim *sim)
{
    int64_t alert = judge_about(sim, "SELECT COALESCE(MAX(number), 0) FROM alerts WHERE dedup_key = ?3", 0, 0, sim->last_key);
    int dice = chance_below(sim, 20);
    if (dice < 5)
        edits_deed(sim);
    else if (dice < 7)
        edits_override_now(sim);
    else if (dice < 13 && alert > 0)
        end_alert(sim, alert);
    else if (dice < 15)
        edit_beside(sim);
    else if (dice < 17 && alert > 0)
        take_back(sim, judge_number(sim, "SELECT incident_number FROM alerts WHERE number = ?1", alert, 0, 0));
    else if (dice < 19)
        event_for_nobody(sim);
    else
        sim_advance(sim, instant_add_s(sim_now(sim), chance_seconds(sim, 1, 1200)));
}

void memories_deed(struct sim *sim)
{
    deeds_event(sim);
    for (int n = 2 + chance_below(sim, 4); n > 0 && sim->last_key[0] && !sim->failure[0]; n--) {
        change_something(sim);
        if (!sim->failure[0])
            deeds_again(sim, EVENT_TRIGGER);
        if (!sim->failure[0] && chance_is(sim, 0.5))
            deeds_event(sim);
    }
}
