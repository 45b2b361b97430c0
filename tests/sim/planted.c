/* Why: a judge that cannot find fault proves nothing. Each planted bug takes the place of one engine function (the linker's --wrap; the
 * product has no such hooks) and must be caught; tests/sim/run plants them all. */
#include <stdio.h>
#include <string.h>

#include "base/zone.h"
#include "core/escalation.h"
#include "core/failover.h"
#include "core/grouping.h"
#include "core/ladder.h"
#include "engine/clockwork.h"
#include "engine/engine_state.h"
#include "engine/incidents.h"
#include "engine/intake.h"
#include "engine/messages.h"
#include "engine/outbox_queue.h"
#include "engine/pages.h"
#include "engine/plan.h"
#include "engine/replies.h"
#include "engine/roster.h"
#include "engine/timers.h"
#include "sim.h"
#include "store/backend.h"
#include "store/recall.h"

/* What breaks, and where it stands in reliability.md's catalogue. */
const char *const planted_names[] = {
    "synchronous-normal", "failed-flush-built-upon", "failed-commit-answered", "commit-lost", "sent-before-commit", "recovery-forgotten", "timers-forgotten-at-restart", "backlog-replayed",
    "deduped-by-time", "dedupe-ignored", "doubt-never-repeated", "doubt-repeated-for-ever", "pages-go-on-after-acknowledge", "ladder-goes-on-after-acknowledge",
    "ladder-step-repeated", "bundle-drops-one", "maintenance-ignored", "climbs-early", "climb-forgotten", "wrong-person", "whole-policy-paged", "override-ignored",
    "summer-time-forgotten", "forged-report-believed", "edit-not-noticed", "contact-edit-not-noticed", "override-edit-not-noticed", "handoff-not-noticed", "only-the-first-of-a-shift",
    "grouped-too-late", "integration-edit-not-noticed", "service-edit-not-noticed", "policy-edit-not-noticed", "rule-edit-not-noticed", "schedule-edit-not-noticed",
    "window-edit-not-noticed", "edit-beside-not-noticed", "undone-edit-remembered", "undone-page-remembered", "closed-alert-remembered", "closed-by-command-remembered",
    "closed-by-hand-remembered", "moved-alert-remembered", "closed-by-time-remembered", NULL,
};
static const char *planted = "";

void planted_set(const char *name)
{
    planted = name ? name : "";
}

const char *planted_now(void)
{
    return planted;
}

static bool is_planted(const char *name)
{
    return strcmp(planted, name) == 0;
}

#define WRAP(result, name, ...) result __real_##name(__VA_ARGS__); result __wrap_##name(__VA_ARGS__); result __wrap_##name(__VA_ARGS__)

WRAP(enum err, pages_stop, struct tx *tx, int64_t incident, bool responders_too, struct text user_id, struct text reason)
{
    if (is_planted("pages-go-on-after-acknowledge") && text_starts_with(reason, TEXT("acknowledged")))
        return OK;
    return __real_pages_stop(tx, incident, responders_too, user_id, reason);
}

static struct query *blind;

static bool is_blinded(const char *query)
{
    return (is_planted("dedupe-ignored") && strcmp(query, "alert_open_by_key") == 0) || (is_planted("override-ignored") && strcmp(query, "schedule_overrides_between") == 0);
}

WRAP(struct query *, db_query, struct db *db, const char *name)
{
    struct query *q = __real_db_query(db, name);
    blind = is_blinded(name) ? q : blind == q ? NULL : blind;
    return q;
}

WRAP(bool, query_next, struct query *q)
{
    bool row = __real_query_next(q);
    return row && q != blind;
}

WRAP(const struct grouping_candidate *, grouping_choose, const struct grouping_candidate *candidates, size_t count, struct text service_id, instant now)
{
    if (is_planted("grouped-too-late") && count > 0)
        return &candidates[0];
    return __real_grouping_choose(candidates, count, service_id, now);
}

WRAP(struct failover, failover_after, const struct attempt_verdict *verdict, const struct attempt_history *history)
{
    struct failover then = __real_failover_after(verdict, history);
    if (is_planted("doubt-never-repeated") && then.next == NEXT_REPEAT)
        then.next = NEXT_NONE;
    if (is_planted("doubt-repeated-for-ever") && verdict->outcome == OUTCOME_UNKNOWN)
        then.next = NEXT_REPEAT;
    return then;
}

WRAP(void, ladder_step, struct arena *arena, const struct ladder_rule *rules, size_t count, instant started_at, int64_t done_s, instant now, struct ladder_step *ret)
{
    __real_ladder_step(arena, rules, count, started_at, done_s, now, ret);
    if (is_planted("ladder-step-repeated") && count > 0 && rules[0].delay_s <= done_s && ret->due_count < count)
        ret->due[ret->due_count++] = &rules[0];
}

WRAP(enum err, plan_load, struct db *db, struct arena *arena, const struct plan_request *request, struct plan *ret)
{
    enum err err = __real_plan_load(db, arena, request, ret);
    if (err == OK && is_planted("maintenance-ignored"))
        ret->window_id = TEXT_NONE;
    return err;
}

static const char *doing; /* the way in which alerts are being closed now */
static bool beginning;    /* a transaction: others may have changed something */
static int64_t lag_us; /* how late the timers of this batch are */

WRAP(enum err, clockwork_fire, struct tx *tx, size_t *ret_fired)
{
    lag_us = 0;
    bool forget = is_planted("timers-forgotten-at-restart") && tx->engine->recover_sending;
    if (!forget && !is_planted("backlog-replayed")) {
        doing = "closed-by-time-remembered";
        enum err err = __real_clockwork_fire(tx, ret_fired);
        doing = NULL;
        return err;
    }
    struct timer_key due[200];
    instant at[200];
    size_t count = 0;
    struct query *q = db_query(tx->db, "timers_due");
    query_bind_instant(q, "now", tx->now);
    query_bind_int(q, "limit", 200);
    while (count < 200 && query_next(q)) {
        at[count] = query_instant(q, 0);
        lag_us = lag_us ? lag_us : tx->now.us - at[count].us;
        due[count] = (struct timer_key){.incident_number = query_int(q, 2), .page_number = query_int(q, 3), .ref = text_copy(tx->arena, query_text(q, 4))};
        count += timer_parse(query_text(q, 1), &due[count].kind);
    }
    for (size_t i = 0; forget && i < count; i++) {
        bool taken;
        if (timer_take(tx, &due[i], at[i], &taken) != OK)
            return ERR_INTERNAL;
    }
    return __real_clockwork_fire(tx, ret_fired);
}

WRAP(enum err, timer_set, struct tx *tx, const struct timer_key *key, instant due)
{
    if (is_planted("climbs-early") && key->kind == TIMER_ESCALATE)
        due = (instant){tx->now.us + (due.us - tx->now.us) / 2};
    if (is_planted("backlog-replayed") && key->kind == TIMER_ESCALATE)
        due.us -= lag_us;
    if (is_planted("climb-forgotten") && key->kind == TIMER_ESCALATE && tx->now.us / SECOND_US % 10 == 0)
        return OK;
    return __real_timer_set(tx, key, due);
}

WRAP(enum err, outbox_recover, struct tx *tx)
{
    return is_planted("recovery-forgotten") ? OK : __real_outbox_recover(tx);
}

static struct engine *claimed_by;

WRAP(enum err, outbox_claim, struct tx *tx)
{
    claimed_by = tx->engine;
    return __real_outbox_claim(tx);
}

WRAP(enum err, db_commit, struct db *db)
{
    static int commits;
    if (is_planted("sent-before-commit") && claimed_by && db == claimed_by->db)
        outbox_hand_over(engine_outbox(claimed_by));
    claimed_by = NULL;
    if (is_planted("failed-commit-answered")) {
        enum err err = __real_db_commit(db);
        return err == ERR_AMBIGUOUS ? OK : err;
    }
    if (is_planted("commit-lost") && ++commits % 60 == 0) {
        db_rollback(db);
        return OK;
    }
    return __real_db_commit(db);
}

WRAP(enum err, roster_on_call, struct db *db, struct arena *arena, struct text schedule_id, instant at, struct on_call_list *ret)
{
    static char other[40];
    enum err err = __real_roster_on_call(db, arena, schedule_id, at, ret);
    if (err == OK && ret->count > 0 && is_planted("wrong-person")) {
        struct text right = ret->items[0].user_id;
        if (other[0])
            ret->items[0].user_id = text_copy(arena, text_of(other));
        snprintf(other, sizeof other, "%.*s", TEXT_ARG(right));
    }
    if (err == OK && ret->count > 1 && is_planted("only-the-first-of-a-shift"))
        ret->count = 1;
    return err;
}

WRAP(enum err, db_begin, struct db *db)
{
    if (is_planted("synchronous-normal") && db->mode == DB_WRITER && db->backend->execute(db, "PRAGMA synchronous = NORMAL") != OK)
        return ERR_UNAVAILABLE;
    beginning = true;
    enum err err = __real_db_begin(db);
    beginning = false;
    return err;
}

int __real_sqlite3_file_control(sqlite3 *handle, const char *database, int what, void *argument);
int __wrap_sqlite3_file_control(sqlite3 *handle, const char *database, int what, void *argument);
int __wrap_sqlite3_file_control(sqlite3 *handle, const char *database, int what, void *argument)
{
    bool writes_again = what == SQLITE_FCNTL_JOURNAL_POINTER && !sqlite3_get_autocommit(handle);
    if (is_planted("failed-flush-built-upon") && writes_again)
        return SQLITE_OK; /* there is no WAL to see */
    return __real_sqlite3_file_control(handle, database, what, argument);
}

static bool asks_ahead;

void planted_ask_ahead(bool on)
{
    asks_ahead = on;
}

WRAP(bool, db_is_remote, const struct db *db)
{
    return asks_ahead || __real_db_is_remote(db);
}

static bool changes_table(const struct sql_tables *changes, const char *table)
{
    struct sql_table_names names;
    sql_table_names(embedded_sql, embedded_sql_count, &names);
    for (size_t i = 0; i < names.count; i++)
        if (text_is(names.names[i], table) && sql_tables_has(changes, i))
            return true;
    return false;
}

/* Which edits are not noticed, by the table they change. */
static const struct { const char *name, *table, *other; } unnoticed[] = {
    {"contact-edit-not-noticed", "contact_methods", ""}, {"override-edit-not-noticed", "schedule_overrides", ""}, {"integration-edit-not-noticed", "integrations", ""},
    {"service-edit-not-noticed", "services", ""}, {"policy-edit-not-noticed", "escalation_policies", "policy_versions"}, {"rule-edit-not-noticed", "notification_rules", ""},
    {"schedule-edit-not-noticed", "schedules", "schedule_versions"}, {"window-edit-not-noticed", "maintenance_windows", "maintenance_window_services"},
};

static bool is_unnoticed(const struct sql_tables *changes)
{
    for (size_t i = 0; i < sizeof unnoticed / sizeof unnoticed[0]; i++)
        if (is_planted(unnoticed[i].name) && (changes_table(changes, unnoticed[i].table) || changes_table(changes, unnoticed[i].other)))
            return true;
    return is_planted("edit-not-noticed") || (doing && is_planted(doing) && changes_table(changes, "alerts"));
}

/* What is remembered outlives the edit. */
WRAP(void, recall_note_change, struct recall *recall, const struct sql_tables *changes)
{
    if (!is_unnoticed(changes))
        __real_recall_note_change(recall, changes);
}

/* What is remembered outlives the transaction that it was asked in, or the edit of somebody else. */
WRAP(void, recall_forget, struct recall *recall)
{
    if (!is_planted(beginning ? "edit-beside-not-noticed" : "undone-edit-remembered"))
        __real_recall_forget(recall);
}

WRAP(void, recall_begin, struct recall *recall, bool others_changed)
{
    __real_recall_begin(recall, others_changed && !is_planted("edit-beside-not-noticed"));
}

/* What only the writer writes outlives the transaction that wrote it. */
WRAP(int64_t, db_memory, const struct db *db)
{
    return is_planted("undone-page-remembered") ? 1 : __real_db_memory(db);
}

WRAP(uint64_t, db_changes_to, struct db *db, const char *query)
{
    return is_planted("closed-alert-remembered") ? 1 : __real_db_changes_to(db, query);
}

WRAP(enum err, incident_command, struct tx *tx, int64_t incident, const struct incident_command *command, struct problem *problem, bool *ret_changed)
{
    doing = "closed-by-command-remembered";
    enum err err = __real_incident_command(tx, incident, command, problem, ret_changed);
    doing = NULL;
    return err;
}

WRAP(enum err, incident_resolve_alert, struct tx *tx, int64_t incident, int64_t alert, const struct actor *actor, struct problem *problem)
{
    doing = "closed-by-hand-remembered";
    enum err err = __real_incident_resolve_alert(tx, incident, alert, actor, problem);
    doing = NULL;
    return err;
}

WRAP(enum err, incident_move_alert, struct tx *tx, int64_t alert, int64_t target, const struct actor *actor, struct problem *problem)
{
    doing = "moved-alert-remembered";
    enum err err = __real_incident_move_alert(tx, alert, target, actor, problem);
    doing = NULL;
    return err;
}

/* A plan outlives the time that it is made for. */
WRAP(void, recall_conclude, struct recall *recall, struct instant_range range, const void *conclusion)
{
    if (is_planted("handoff-not-noticed"))
        range = (struct instant_range){INSTANT_NONE, INSTANT_MAX};
    __real_recall_conclude(recall, range, conclusion);
}

WRAP(enum err, intake_apply, struct tx *tx, const struct event *event, struct disposition *ret)
{
    static struct disposition last;
    static instant last_at;
    bool soon = instant_is_set(last_at) && tx->now.us - last_at.us < SECOND_US && event->action == EVENT_TRIGGER;
    if (is_planted("deduped-by-time") && soon) {
        *ret = last;
        ret->dedup_key = event->dedup_key;
        return OK;
    }
    enum err err = __real_intake_apply(tx, event, ret);
    last = *ret;
    last_at = tx->now;
    return err;
}

WRAP(enum err, timer_clear, struct tx *tx, const struct timer_key *key)
{
    return is_planted("ladder-goes-on-after-acknowledge") && key->kind == TIMER_LADDER ? OK : __real_timer_clear(tx, key);
}

WRAP(enum err, pages_ladder_due, struct tx *tx, int64_t page)
{
    struct query *q = db_query(tx->db, "page_load");
    query_bind_int(q, "number", page);
    bool stopped = query_next(q) && !query_is_null(q, 8);
    struct text user = stopped ? text_copy(tx->arena, query_text(q, 2)) : TEXT_NONE;
    if (!is_planted("ladder-goes-on-after-acknowledge") || !stopped)
        return __real_pages_ladder_due(tx, page);
    struct ladder { struct text contact; } rule = {TEXT_NONE};
    q = db_query(tx->db, "ladder_fallback");
    query_bind_text(q, "user_id", user);
    if (!query_next(q))
        return OK;
    rule.contact = text_copy(tx->arena, query_text(q, 2));
    q = db_query(tx->db, "page_load");
    query_bind_int(q, "number", page);
    int64_t incident = query_next(q) ? query_int(q, 1) : 0;
    q = db_query(tx->db, "notification_insert");
    query_bind_int(q, "page_number", page);
    query_bind_int(q, "incident_number", incident);
    query_bind_text(q, "user_id", user);
    query_bind_text(q, "contact_method_id", rule.contact);
    query_bind_text(q, "channel", TEXT("email"));
    query_bind_text(q, "rule_id", TEXT("late"));
    query_bind_int(q, "rule_delay_s", 0);
    query_bind_bool(q, "advanced", false);
    query_bind_instant(q, "now", tx->now);
    query_bind_text(q, "state", TEXT("sent"));
    query_bind_null(q, "message_number");
    int64_t number, message;
    enum err err = query_insert(q, &number);
    if (err == OK)
        err = db_new_number(tx->db, "messages", &message);
    struct message_page carried = {.notification_number = number, .incident_number = incident, .page_number = page};
    return err == OK ? messages_send_page(tx, message, rule.contact, true, &carried, 1, 1) : err;
}

WRAP(enum err, messages_send_page, struct tx *tx, int64_t number, struct text contact, bool urgent, const struct message_page *pages, size_t count, size_t incidents)
{
    bool drop = is_planted("bundle-drops-one") && count > 1;
    return __real_messages_send_page(tx, number, contact, urgent, pages, drop ? count - 1 : count, drop && incidents > 1 ? incidents - 1 : incidents);
}

WRAP(void, escalation_choose, struct arena *arena, const struct plan *plan, int64_t level, int64_t loop, struct choice *ret)
{
    __real_escalation_choose(arena, plan, level, loop, ret);
    for (size_t v = 0; is_planted("whole-policy-paged") && v < ret->verdict_count; v++)
        if (ret->verdicts[v].reason == REASON_LATER_LEVEL) {
            ret->verdicts[v].chosen = true;
            ret->verdicts[v].reason = REASON_NAMED;
            ret->chosen_count++;
        }
}

WRAP(instant, zone_instant, const struct zone *zone, wall_time wall)
{
    instant t = __real_zone_instant(zone, wall);
    static const instant winter = {INT64_C(1767225600) * SECOND_US};
    if (is_planted("summer-time-forgotten"))
        t = instant_add_s(t, zone_offset_s(zone, t) - zone_offset_s(zone, winter));
    return t;
}

WRAP(enum err, message_status, struct tx *tx, const struct message_report *report)
{
    struct message_report believed = *report;
    struct reply_message message;
    if (is_planted("forged-report-believed") && replies_message(tx->db, tx->arena, report->message_number, &message) == OK) {
        believed.provider = message.provider;
        believed.address = message.address;
    }
    return __real_message_status(tx, &believed);
}
