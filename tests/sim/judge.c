/* Why: decides whether a promise was broken: the named invariants over the stored state (src/audit), and what only somebody outside can know:
 * what was accepted, who was called and whether that was right. Its own SQL is not the engine's, on a connection of its own. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "audit/audit.h"
#include "sim.h"

static void cannot_read(const struct sim *sim)
{
    fprintf(stderr, "muster-sim: the judge cannot read %s\n", sim->path);
    exit(2);
}

void judge_open(struct sim *sim)
{
    disk_observe(true);
    if (sqlite3_open_v2(sim->path, &sim->raw, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
        cannot_read(sim);
    sqlite3_exec(sim->raw, "SELECT COUNT(*) FROM installation", NULL, NULL, NULL); /* opens the WAL too */
    disk_observe(false);
}

/* The store's own reader is dear to open, and not every life between two deaths is looked at. */
static bool begin_reading(struct sim *sim)
{
    disk_observe(true);
    if (!sim->reader && db_open(&sim->reader, sim->path, DB_READER) != OK)
        cannot_read(sim);
    bool begun = db_begin(sim->reader) == OK;
    for (struct query *q = db_query(sim->reader, "timer_next_due"); begun && query_next(q);) { /* opens the WAL too */
    }
    disk_observe(false);
    return begun;
}

void judge_close(struct sim *sim)
{
    for (size_t i = 0; i < QUESTIONS_MAX && sim->asked[i].sql; i++)
        sqlite3_finalize(sim->asked[i].statement);
    memset(sim->asked, 0, sizeof sim->asked);
    db_close(sim->reader);
    sim->reader = NULL;
    sqlite3_close(sim->raw);
}

/* Each question is asked many times: its statement is kept. Reset it when done, so that it holds no snapshot. */
sqlite3_stmt *judge_ask(struct sim *sim, const char *sql, int64_t a, int64_t b)
{
    size_t i = 0;
    while (i < QUESTIONS_MAX && sim->asked[i].sql && strcmp(sim->asked[i].sql, sql) != 0)
        i++;
    if (i == QUESTIONS_MAX || (!sim->asked[i].sql && sqlite3_prepare_v2(sim->raw, sql, -1, &sim->asked[i].statement, NULL) != SQLITE_OK)) {
        fprintf(stderr, "muster-sim: %s: %s\n", sql, sqlite3_errmsg(sim->raw));
        exit(2);
    }
    sim->asked[i].sql = sql;
    sqlite3_stmt *statement = sim->asked[i].statement;
    if (sqlite3_bind_parameter_count(statement) >= 1)
        sqlite3_bind_int64(statement, 1, a);
    if (sqlite3_bind_parameter_count(statement) >= 2)
        sqlite3_bind_int64(statement, 2, b);
    return statement;
}

bool judge_row(struct sim *sim, sqlite3_stmt *statement)
{
    int code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        sim_fail(sim, "simulator", "the judge cannot read: %s", sqlite3_errmsg(sim->raw));
    return code == SQLITE_ROW;
}

int64_t judge_number(struct sim *sim, const char *sql, int64_t a, int64_t b, int64_t fallback)
{
    sqlite3_stmt *statement = judge_ask(sim, sql, a, b);
    bool found = judge_row(sim, statement) && sqlite3_column_type(statement, 0) != SQLITE_NULL;
    int64_t number = found ? sqlite3_column_int64(statement, 0) : fallback;
    sqlite3_reset(statement);
    return number;
}

int64_t judge_about(struct sim *sim, const char *sql, int64_t a, int64_t b, const char *id)
{
    sqlite3_stmt *statement = judge_ask(sim, sql, a, b);
    sqlite3_bind_text(statement, 3, id, -1, SQLITE_STATIC);
    int64_t number = judge_row(sim, statement) ? sqlite3_column_int64(statement, 0) : 0;
    sqlite3_reset(statement);
    return number;
}

bool judge_about_text(struct sim *sim, const char *sql, int64_t a, const char *id, char *ret, size_t size)
{
    sqlite3_stmt *statement = judge_ask(sim, sql, a, 0);
    sqlite3_bind_text(statement, 3, id, -1, SQLITE_STATIC);
    bool found = judge_row(sim, statement) && sqlite3_column_text(statement, 0);
    if (found)
        snprintf(ret, size, "%s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_reset(statement);
    return found;
}

bool judge_text(struct sim *sim, const char *sql, int64_t a, char *ret, size_t size)
{
    sqlite3_stmt *statement = judge_ask(sim, sql, a, 0);
    bool found = judge_row(sim, statement) && sqlite3_column_text(statement, 0);
    if (found)
        snprintf(ret, size, "%s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_reset(statement);
    return found;
}

/* What was answered ---------------------------------------------------------------------------------------------------------- */

/* The canary leaves nothing behind. */
#define NEWEST_ENTRY "SELECT MAX(seq) FROM ledger WHERE COALESCE(incident_number, 0) NOT IN (SELECT number FROM incidents WHERE service_id = 'PCANARY')"

void judge_answered(struct sim *sim)
{
    sim->heard_seq = judge_number(sim, NEWEST_ENTRY, 0, 0, 0);
    sim->heard_event = judge_number(sim, "SELECT MAX(number) FROM events WHERE integration_id <> 'PCANARY'", 0, 0, 0);
}

void judge_restarted(struct sim *sim)
{
    int64_t seq = judge_number(sim, NEWEST_ENTRY, 0, 0, 0), event = judge_number(sim, "SELECT MAX(number) FROM events WHERE integration_id <> 'PCANARY'", 0, 0, 0);
    if (event < sim->heard_event)
        sim_fail(sim, "E1", "event %lld was answered and is lost: the newest is %lld", (long long)sim->heard_event, (long long)event);
    if (seq < sim->heard_seq)
        sim_fail(sim, "E2", "entry %lld of the record was answered for and is lost: the newest is %lld", (long long)sim->heard_seq, (long long)seq);
}

/* Each step ------------------------------------------------------------------------------------------------------------------ */

/* What these find stays in the record for ever. All others look at how things stand, which may mend. */
static bool finds_what_stays(const struct audit_check *check)
{
    static const char *const names[] = {"E1", "E1_counts", "E4", "I2_final", "I4_alone", "N2", "N2_again", "N3_once", "N3_doubts", "N4", "N5", "N6", "N8", "K1", "K1_notices"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (strcmp(check->name, names[i]) == 0)
            return true;
    return false;
}

void judge_step(struct sim *sim, bool everything)
{
    enum { LOOK_EVERY = 4 };
    if (!everything && !sim->each_step && chance_of(sim->seed, 5, (uint64_t)sim->step) % LOOK_EVERY != 0)
        return;
    if (!begin_reading(sim)) {
        sim_fail(sim, "simulator", "the judge cannot read");
        return;
    }
    for (size_t c = 0; c < audit_check_count && !sim->failure[0]; c++) {
        const struct audit_check *check = &audit_checks[c];
        if (!everything && !sim->each_step && finds_what_stays(check))
            continue;
        struct audit_findings found;
        struct audit_scope scope = {.now = sim_now(sim), .recent = everything ? 0 : 100, .slack_s = strcmp(check->name, "Q2") == 0 ? 0 : AUDIT_SLACK_S};
        enum err err = audit_run(check, sim->reader, sim->arena, &scope, &found);
        if (err != OK)
            sim_fail(sim, check->name, "the check ended with %s: %s", err_name(err), db_last_message(sim->reader));
        else if (found.count > 0)
            sim_fail(sim, check->name, "%.*s: %.*s (%s)", TEXT_ARG(found.items[0].subject), TEXT_ARG(found.items[0].finding), check->sentence);
    }
    db_rollback(sim->reader);
}

/* The moment of a call ---------------------------------------------------------------------------------------------------------- */

/* A page in whose service's maintenance the message is sent, and that nobody asked for by name. */
static bool in_maintenance(struct sim *sim, int64_t message)
{
    return judge_number(sim, "SELECT COUNT(*) FROM notifications n JOIN pages p ON p.number = n.page_number JOIN incidents i ON i.number = p.incident_number "
                             "JOIN maintenance_window_services x ON x.service_id = i.service_id JOIN maintenance_windows w ON w.id = x.window_id "
                             "WHERE n.message_number = ?1 AND p.role <> 'responder' AND w.deleted_at IS NULL AND w.start_at < ?2 AND w.end_at > ?2",
                        message, sim_now(sim).us, 0) > 0;
}

#define PAGES_OF "FROM notifications n JOIN pages p ON p.number = n.page_number JOIN incidents i ON i.number = p.incident_number WHERE n.message_number = ?1 "

void judge_call(struct sim *sim, int64_t message, int64_t incidents)
{
    int64_t carried = judge_number(sim, "SELECT COUNT(DISTINCT incident_number) FROM notifications WHERE message_number = ?1", message, 0, 0);
    if (carried != incidents)
        sim_fail(sim, "N9", "message %lld says it speaks of %lld incidents, it carries %lld", (long long)message, (long long)incidents, (long long)carried);
    if (judge_number(sim, "SELECT COUNT(*) " PAGES_OF "AND p.stopped_at IS NULL AND (i.status = 'triggered' OR (i.status = 'acknowledged' AND p.role = 'responder'))",
                     message, 0, 0) == 0)
        sim_fail(sim, "K1", "message %lld is sent although nothing it speaks of calls any more", (long long)message);
    if (judge_number(sim, "SELECT COUNT(*) FROM messages m JOIN contact_methods c ON c.id = m.contact_method_id JOIN users u ON u.id = m.user_id "
                          "WHERE m.number = ?1 AND (c.deleted_at IS NOT NULL OR u.deleted_at IS NOT NULL OR c.verified_at IS NULL)", message, 0, 0) > 0)
        sim_fail(sim, "N6", "message %lld goes to somebody who was deleted", (long long)message);
    if (in_maintenance(sim, message) && judge_number(sim, "SELECT COUNT(*) " PAGES_OF, message, 0, 0) == 1)
        sim_fail(sim, "N1", "message %lld calls about a service in maintenance", (long long)message);
    if (judge_number(sim, "SELECT COUNT(*) FROM messages m JOIN messages q ON q.channel = m.channel WHERE m.number = ?1 AND m.urgent = 0 AND q.state = 'queued' AND q.urgent = 1 "
                          "AND q.attempt = 1 AND q.not_before <= ?2", message, sim_now(sim).us, 0) > 0)
        sim_fail(sim, "N10", "message %lld is of low urgency and overtakes one of high urgency", (long long)message);
    if (judge_number(sim, "SELECT COUNT(*) FROM messages m JOIN messages b ON b.number = m.previous_number WHERE m.number = ?1 AND m.contact_method_id <> b.contact_method_id",
                     message, 0, 0) > 0)
        sim_fail(sim, "N4", "message %lld repeats one to another address", (long long)message);
}

/* A secret may stand in what goes out nowhere; the answer to making a token is not asked for. */
void judge_words(struct sim *sim, const char *what, const char *words, size_t size)
{
    static const char *const secrets[] = {SIM_TOKEN, SIM_LINK_KEY};
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        if (size > 0 && memmem(words, size, secrets[i], strlen(secrets[i])))
            sim_fail(sim, "X1", "%s holds a secret", what);
}

/* The end ------------------------------------------------------------------------------------------------------------------------- */

static void judge_events(struct sim *sim)
{
    sim_counts.judged_events += sim->event_count;
    for (int e = 0; e < sim->event_count; e++) {
        char disposition[40];
        if (!judge_text(sim, "SELECT disposition || ' ' || COALESCE(dedup_key, '') FROM events WHERE number = ?1", sim->events[e].number, disposition, sizeof disposition)) {
            sim_fail(sim, "E1", "event %lld was accepted and is not stored", (long long)sim->events[e].number);
            return;
        }
        char expected[48];
        snprintf(expected, sizeof expected, "%s %s", sim->events[e].kind, sim->events[e].key);
        if (strcmp(disposition, expected) != 0)
            sim_fail(sim, "E1", "event %lld was answered '%s', stored is '%s'", (long long)sim->events[e].number, expected, disposition);
    }
}

static bool was_reached(const struct sim *sim, int64_t message)
{
    for (int c = sim->call_count; c-- > 0;)
        if (sim->calls[c].message == message && sim->calls[c].reached)
            return true;
    return false;
}

/* Every page of the healthy time that lasted longer than its first rule asks for reached its person. */
static void judge_reach(struct sim *sim)
{
    sqlite3_stmt *pages = judge_ask(sim,
        "SELECT p.number FROM pages p JOIN users u ON u.id = p.user_id WHERE p.started_at >= ?1 AND u.deleted_at IS NULL AND u.id <> 'PCANARY' "
        "AND EXISTS (SELECT 1 FROM contact_methods c WHERE c.user_id = p.user_id AND c.verified_at IS NOT NULL AND c.blocked_reason IS NULL AND c.deleted_at IS NULL) "
        "AND COALESCE(p.stopped_at, ?2) - p.started_at > 1000000 * (130 + COALESCE((SELECT MIN(r.start_delay_s) FROM notification_rules r JOIN contact_methods c "
        "ON c.id = r.contact_method_id WHERE r.user_id = p.user_id AND r.urgency = p.urgency AND c.verified_at IS NOT NULL AND c.blocked_reason IS NULL "
        "AND c.deleted_at IS NULL), 0))", judge_number(sim, "SELECT ?1", sim_now(sim).us - INT64_C(10) * 3600 * SECOND_US, 0, 0), sim_now(sim).us);
    while (judge_row(sim, pages)) {
        int64_t page = sqlite3_column_int64(pages, 0);
        bool reached = false;
        sqlite3_stmt *messages = judge_ask(sim, "SELECT message_number FROM notifications WHERE page_number = ?1 AND message_number IS NOT NULL", page, 0);
        while (!reached && judge_row(sim, messages))
            reached = was_reached(sim, sqlite3_column_int64(messages, 0));
        sqlite3_reset(messages);
        if (!reached)
            sim_fail(sim, "N1", "page %lld never reached its person although the providers were healthy", (long long)page);
    }
    sqlite3_reset(pages);
}

/* Every incident nobody has answered reached somebody it was given to, if anybody of them can be reached. When the providers were out for longer than the
 * whole policy takes, its alarm stands instead; how often that happened is counted. */
static void judge_incidents(struct sim *sim)
{
    sqlite3_stmt *incidents = judge_ask(sim,
        "SELECT i.number FROM incidents i JOIN services s ON s.id = i.service_id WHERE i.status = 'triggered' AND i.urgency = 'high' AND i.held_by_window IS NULL AND s.id <> 'PCANARY' "
        "AND s.status <> 'disabled' AND s.deleted_at IS NULL AND EXISTS (SELECT 1 FROM pages p JOIN users u ON u.id = p.user_id JOIN contact_methods c ON c.user_id = u.id "
        "WHERE p.incident_number = i.number AND p.epoch = i.epoch AND u.deleted_at IS NULL AND c.verified_at IS NOT NULL AND c.blocked_reason IS NULL AND c.deleted_at IS NULL)", 0, 0);
    while (judge_row(sim, incidents)) {
        int64_t incident = sqlite3_column_int64(incidents, 0);
        bool reached = false;
        sqlite3_stmt *messages = judge_ask(sim, "SELECT n.message_number FROM notifications n WHERE n.incident_number = ?1 AND n.message_number IS NOT NULL ORDER BY n.number DESC",
                                           incident, 0);
        while (!reached && judge_row(sim, messages))
            reached = was_reached(sim, sqlite3_column_int64(messages, 0));
        sqlite3_reset(messages);
        sim_counts.judged_incidents_unanswered++;
        bool alarm_stands = judge_number(sim, "SELECT COUNT(*) FROM incidents WHERE number = ?1 AND exhausted = 1 AND (SELECT MAX(at) FROM decisions WHERE incident_number = ?1) < ?2",
                                         incident, sim->healed.us, 0) > 0;
        sim_counts.alarms_nobody_was_reached += !reached && alarm_stands;
        if (!reached && !alarm_stands)
            sim_fail(sim, "N1", "incident %lld is unanswered and never reached anybody", (long long)incident);
    }
    sqlite3_reset(incidents);
}

void judge_end(struct sim *sim)
{
    judge_events(sim);
    judge_incidents(sim);
    int64_t forgotten = judge_number(sim, "SELECT i.number FROM incidents i JOIN services s ON s.id = i.service_id WHERE i.status = 'triggered' AND i.urgency = 'high' "
                                          "AND i.exhausted = 0 AND i.held_by_window IS NULL AND s.status <> 'disabled' AND s.deleted_at IS NULL AND s.id <> 'PCANARY'", 0, 0, 0);
    if (forgotten)
        sim_fail(sim, "N1", "incident %lld was not answered for hours and its policy is not through", (long long)forgotten);
    int64_t waiting = judge_number(sim, "SELECT number FROM messages WHERE state IN ('queued', 'sending') AND channel <> 'muster'", 0, 0, 0);
    if (waiting)
        sim_fail(sim, "Q2", "message %lld still waits after hours of quiet", (long long)waiting);
    int64_t held = judge_number(sim, "SELECT i.number FROM incidents i WHERE i.held_by_window IS NOT NULL", 0, 0, 0);
    if (held)
        sim_fail(sim, "N1", "incident %lld is still held after all windows have ended", (long long)held);
    judge_reach(sim);
}
