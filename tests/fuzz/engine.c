/* Why: the whole engine as a target. The bytes are a sequence of what may happen: events, commands, outcomes and reports of providers, answers of people, the
 * clock, a lost sender, a crash, edits. It runs on the real SQL without threads (engine/stepped.h) and every check of src/audit is asked after every
 * step. libFuzzer finds the sequences that reach new code, which random ones (tests/sim) need luck for. */
#include <assert.h>
#include <stdio.h>
#include <sqlite3.h>
#include <stdlib.h>

#include "audit/audit.h"
#include "core/incident.h"
#include "database.h"
#include "engine/handoffs.h"
#include "engine/incidents.h"
#include "engine/intake.h"
#include "engine/outbox.h"
#include "engine/replies.h"
#include "engine/schedules.h"
#include "inbound/event.h"
#include "target.h"

enum { STEPS_MAX = 48, PENDING_MAX = 4096, PEOPLE = 7, SERVICES_MAX = 8, SCHEDULES_MAX = 8, TURNS_MAX = 5000, WORDS_BYTES_MAX = 40, SEND_TIMEOUT_S = 10, ID_BYTES = 40 };

struct sent {
    int64_t message;
    instant due; /* the sender gives a verdict by then: that nobody knows */
    char provider[16], address[64];
    int64_t code;
};

struct drive {
    struct arena *arena;
    struct text rest; /* bytes not used yet */
    struct env *env;
    struct engine *engine;
    struct db *reader;
    struct sent pending[PENDING_MAX], last;
    size_t pending_count, pages;
    int64_t newest_incident, newest_alert;
    bool sender_up;
};

#define PROVIDER(name_, channels_) {.name = {name_, sizeof name_ - 1}, .type = PROVIDER_PRACTICE, .channels = (channels_), .in_flight_max = 30, .timeout_s = 10}
static const struct provider_config providers[] = {
    PROVIDER("sms-a", 1u << CHANNEL_SMS), PROVIDER("sms-b", 1u << CHANNEL_SMS | 1u << CHANNEL_PHONE), PROVIDER("mail-a", 1u << CHANNEL_EMAIL),
    PROVIDER("push-a", 1u << CHANNEL_PUSH),
};

/* Of the sample organisation, read once. */
static char people[PEOPLE][ID_BYTES], keys[SERVICES_MAX][ID_BYTES], schedules[SCHEDULES_MAX][ID_BYTES], policies[SCHEDULES_MAX][ID_BYTES];
static size_t person_count, key_count, schedule_count, policy_count;

static size_t read_column(sqlite3 *database, const char *sql, char (*ret)[ID_BYTES], size_t limit)
{
    sqlite3_stmt *statement;
    size_t count = 0;
    int prepared = sqlite3_prepare_v2(database, sql, -1, &statement, NULL);
    assert(prepared == SQLITE_OK);
    while (count < limit && sqlite3_step(statement) == SQLITE_ROW)
        snprintf(ret[count++], ID_BYTES, "%s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    assert(count > 0);
    return count;
}

static void read_names(void)
{
    sqlite3 *database;
    int opened = sqlite3_open_v2(fuzz_database(), &database, SQLITE_OPEN_READONLY, NULL);
    assert(opened == SQLITE_OK);
    person_count = read_column(database, "SELECT id FROM users ORDER BY email", people, PEOPLE);
    key_count = read_column(database, "SELECT integration_key FROM integrations ORDER BY id", keys, SERVICES_MAX);
    schedule_count = read_column(database, "SELECT id FROM schedules ORDER BY name", schedules, SCHEDULES_MAX);
    policy_count = read_column(database, "SELECT id FROM escalation_policies ORDER BY name", policies, SCHEDULES_MAX);
    sqlite3_close(database);
}

static unsigned take(struct drive *drive)
{
    unsigned byte = drive->rest.size > 0 ? (unsigned char)drive->rest.data[0] : 0;
    drive->rest = text_slice(drive->rest, 1, drive->rest.size);
    return byte;
}

/* The sender ---------------------------------------------------------------------------------------------------------------------- */

static void sender_takes(void *context, struct text bytes)
{
    struct drive *drive = context;
    json_t *frame = json_read(drive->arena, bytes, problem_new(drive->arena));
    assert(frame);
    if (!text_is(json_text_at(frame, "type"), "send"))
        return;
    struct sent sent = {.message = json_int_at(frame, "id", 0), .due = instant_add_s(env_now(drive->env), SEND_TIMEOUT_S), .code = json_int_at(frame, "code", 0)};
    snprintf(sent.provider, sizeof sent.provider, "%.*s", TEXT_ARG(json_text_at(frame, "provider")));
    snprintf(sent.address, sizeof sent.address, "%.*s", TEXT_ARG(json_text_at(frame, "to")));
    drive->pages += text_is(json_text_at(frame, "kind"), "page");
    drive->last = sent;
    assert(drive->pending_count < PENDING_MAX);
    drive->pending[drive->pending_count++] = sent;
}

static void answer_sent(struct drive *drive, const struct sent *sent, const char *outcome, bool refused)
{
    json_t *frame = json_object_in(drive->arena);
    json_put_string(frame, "type", "outcome");
    json_put_int(frame, "id", sent->message);
    json_put_string(frame, "outcome", outcome);
    json_put_text(frame, "ref", text_printf(drive->arena, "R%lld", (long long)sent->message));
    json_put_bool(frame, "address_refused", refused);
    engine_sender_answered(drive->engine, frame);
}

static void outcome(struct drive *drive)
{
    static const char *const names[] = {"accepted", "delivered", "temporary", "permanent", "unknown"};
    if (drive->pending_count == 0)
        return;
    unsigned byte = take(drive);
    size_t i = byte / 8 % drive->pending_count;
    bool again = byte % 8 == 7; /* a verdict that comes twice */
    struct sent sent = drive->pending[i];
    if (!again)
        drive->pending[i] = drive->pending[--drive->pending_count];
    answer_sent(drive, &sent, names[byte % 5], byte % 8 == 6);
}

/* What may happen ------------------------------------------------------------------------------------------------------------------- */

struct event_work {
    struct event event;
    int64_t incident, alert;
};

static enum err apply_event(struct tx *tx, void *argument)
{
    struct event_work *work = argument;
    struct disposition result;
    enum err err = intake_apply(tx, &work->event, &result);
    if (err == OK) {
        work->incident = result.incident_number;
        work->alert = result.alert_number;
    }
    return err;
}

static void event(struct drive *drive)
{
    unsigned what = take(drive), where = take(drive);
    char key[8], summary[24];
    snprintf(key, sizeof key, "k%u", where / 8 % 4);
    snprintf(summary, sizeof summary, "Disk %u is full", where % 3);
    struct event_work work = {.event = {.action = what % 8 < 5 ? EVENT_TRIGGER : what % 8 == 5 ? EVENT_ACKNOWLEDGE : what % 8 == 6 ? EVENT_RESOLVE : EVENT_CHANGE,
                                        .routing_key = text_of(keys[where % key_count]), .dedup_key = text_of(key), .severity = (enum severity)(what / 8 % 5),
                                        .summary = text_of(summary), .source = TEXT("host"), .timestamp = INSTANT_NONE, .body = TEXT("{}"), .format = "events-v2"}};
    if (work.event.action == EVENT_TRIGGER && where % 16 == 15)
        work.event.dedup_key = TEXT_NONE;
    enum err err = fuzz_run(drive->engine, apply_event, &work);
    assert(err == OK);
    drive->newest_incident = work.incident > drive->newest_incident ? work.incident : drive->newest_incident;
    drive->newest_alert = work.alert > drive->newest_alert ? work.alert : drive->newest_alert;
}

struct command_work {
    int64_t incident, alert;
    struct incident_command command;
    bool changed;
};

static enum err apply_command(struct tx *tx, void *argument)
{
    struct command_work *work = argument;
    return incident_command(tx, work->incident, &work->command, problem_new(tx->arena), &work->changed);
}

static enum err move_alert(struct tx *tx, void *argument)
{
    struct command_work *work = argument;
    return incident_move_alert(tx, work->alert, work->incident, &work->command.actor, problem_new(tx->arena));
}

static enum err resolve_alert(struct tx *tx, void *argument)
{
    struct command_work *work = argument;
    return incident_resolve_alert(tx, work->incident, work->alert, &work->command.actor, problem_new(tx->arena));
}

static void command(struct drive *drive)
{
    unsigned what = take(drive), whom = take(drive), about = take(drive);
    int64_t newest = drive->newest_incident > 0 ? drive->newest_incident : 1;
    struct command_work work = {.incident = newest - (int64_t)(about % 4) % newest, .alert = 1 + about % (drive->newest_alert + 1)};
    struct incident_command *c = &work.command;
    c->verb = (enum incident_verb)(what % (INCIDENT_SET_URGENCY + 1));
    c->actor = (struct actor){.kind = ACTOR_USER, .id = text_of(people[whom % person_count]), .name = TEXT("Somebody"), .channel = "api"};
    struct text users[2] = {text_of(people[whom / 8 % person_count]), text_of(people[about / 4 % person_count])};
    c->user_ids = users;
    c->user_count = text_equal(users[0], users[1]) ? 1 : 1 + whom % 2;
    c->text = c->verb == INCIDENT_SET_URGENCY ? (about % 2 ? TEXT("high") : TEXT("low")) : TEXT("words");
    c->policy_id = text_of(policies[about % policy_count]);
    c->level = about % 5;
    c->seconds = 60 + about * 60;
    int64_t source = 1 + about / 4 % newest;
    c->sources = &source;
    c->source_count = 1;
    engine_work *run = what < 224 ? apply_command : what < 240 ? move_alert : resolve_alert;
    enum err err = fuzz_run(drive->engine, run, &work);
    assert(err == OK || err == ERR_CONFLICT || err == ERR_INVALID || err == ERR_NOT_FOUND);
}

static void answer(struct drive *drive)
{
    static const char *const words[] = {"ack", "resolve", "escalate", "4", "6", "8", "hello"};
    unsigned byte = take(drive);
    struct text said = text_of(words[byte % 7]);
    if (byte >= 240) { /* in the fuzzer's own words */
        size_t end = text_find_byte(drive->rest, '\n', 0);
        said = text_slice(drive->rest, 0, end < WORDS_BYTES_MAX ? end : WORDS_BYTES_MAX);
        drive->rest = text_slice(drive->rest, said.size + 1, drive->rest.size);
        if (!text_is_utf8(said))
            return;
    } else if (byte % 2 && drive->last.code) {
        said = text_printf(drive->arena, "%.*s %lld", TEXT_ARG(said), (long long)drive->last.code);
    }
    struct reply_work work = {.reply = {.source = byte % 5 == 4 ? REPLY_BY_KEY : REPLY_BY_SMS, .provider = text_of(drive->last.provider),
                                        .address = text_of(drive->last.address), .words = said, .message_number = drive->last.message},
                              .arena = drive->arena};
    enum err err = fuzz_run(drive->engine, replies_work, &work);
    assert(err == OK);
    fuzz_expect_utf8(work.result.answer);
}

static enum err report_work(struct tx *tx, void *argument)
{
    return message_status(tx, argument);
}

static void report(struct drive *drive)
{
    static const char *const words[] = {"delivered", "undelivered", "failed", "sent", "no-answer", "completed", "busy", "queued"};
    unsigned byte = take(drive);
    int64_t about = drive->last.message - (int64_t)(byte / 8 % 4);
    struct message_report report = {.message_number = about, .provider = text_of(drive->last.provider), .address = text_of(drive->last.address),
                                    .ref = text_printf(drive->arena, "R%lld", (long long)about), .status = text_of(words[byte % 8])};
    enum err err = fuzz_run(drive->engine, report_work, &report);
    assert(err == OK || err == ERR_NOT_FOUND || err == ERR_FORBIDDEN);
}

struct override_work {
    unsigned whom, when;
};

static enum err add_override(struct tx *tx, void *argument)
{
    const struct override_work *work = argument;
    int64_t number;
    struct text schedule = text_of(schedules[work->when % schedule_count]);
    struct schedule_override override = {.user_id = text_of(people[work->whom % person_count]), .start = instant_add_s(tx->now, work->when * 30)};
    override.start.us -= override.start.us % SECOND_US;
    override.end = instant_add_s(override.start, 60 + work->whom * 60);
    enum err err = schedules_add_override(tx, schedule, &override, TEXT_NONE, problem_new(tx->arena), &number);
    return err == OK ? handoffs_reschedule(tx, schedule) : err;
}

static void override(struct drive *drive)
{
    struct override_work work = {take(drive), take(drive)};
    enum err err = fuzz_run(drive->engine, add_override, &work);
    assert(err == OK || err == ERR_INVALID);
}

/* Time and faults -------------------------------------------------------------------------------------------------------------------- */

static void rest_engine(struct drive *drive)
{
    size_t turns = 0;
    while (engine_turn(drive->engine)) {
        turns++;
        assert(turns < TURNS_MAX && "the engine does not come to rest");
    }
}

/* A provider that hangs: the sender's own time limit ends it. */
static void give_up_waiting(struct drive *drive)
{
    for (size_t i = drive->pending_count; i-- > 0;)
        if (!instant_before(env_now(drive->env), drive->pending[i].due)) {
            struct sent sent = drive->pending[i];
            drive->pending[i] = drive->pending[--drive->pending_count];
            answer_sent(drive, &sent, "unknown", false);
        }
}

static instant next_verdict(const struct drive *drive)
{
    instant next = INSTANT_MAX;
    for (size_t i = 0; i < drive->pending_count; i++)
        next = instant_min(next, drive->pending[i].due);
    return next;
}

static void move_clock(struct drive *drive, int64_t seconds)
{
    instant to = instant_add_s(env_now(drive->env), seconds);
    while (instant_before(env_now(drive->env), to)) {
        instant now = env_now(drive->env), due = instant_min(engine_next_due(drive->engine), next_verdict(drive));
        instant next = instant_max(instant_min(due, to), now);
        if (instant_equal(next, now)) /* what is due cannot be done yet */
            next = instant_min(to, instant_add_s(now, 1));
        env_set_now(drive->env, next);
        give_up_waiting(drive);
        rest_engine(drive);
    }
}

static void open_engine(struct drive *drive, const char *path)
{
    struct engine_config config = {.db_url = path, .env = drive->env, .public_url = "http://fuzz.example.org", .providers = providers,
                                   .provider_count = sizeof providers / sizeof *providers};
    enum err err = engine_open_stepped(&drive->engine, &config, sender_takes, drive);
    assert(err == OK);
    engine_sender_is(drive->engine, true);
    drive->sender_up = true;
}

static void fault(struct drive *drive, const char *path)
{
    unsigned byte = take(drive);
    drive->pending_count = 0; /* whoever knew what became of them is gone */
    if (byte % 2) {
        engine_stop(drive->engine);
        env_set_now(drive->env, instant_add_s(env_now(drive->env), byte / 2));
        open_engine(drive, path);
    } else {
        drive->sender_up = !drive->sender_up;
        engine_sender_is(drive->engine, drive->sender_up);
    }
}

/* All promises ----------------------------------------------------------------------------------------------------------------------- */

static void check_promises(struct drive *drive, bool everything)
{
    enum err err = db_begin(drive->reader);
    assert(err == OK);
    for (size_t c = 0; c < audit_check_count; c++) {
        struct audit_findings found;
        struct audit_scope scope = {.now = env_now(drive->env), .recent = everything ? 0 : 100, .slack_s = AUDIT_SLACK_S};
        err = audit_run(&audit_checks[c], drive->reader, drive->arena, &scope, &found);
        assert(err == OK);
        if (found.count > 0) {
            fprintf(stderr, "%s: %.*s: %.*s (%s)\n", audit_checks[c].name, TEXT_ARG(found.items[0].subject), TEXT_ARG(found.items[0].finding), audit_checks[c].sentence);
            abort();
        }
    }
    db_rollback(drive->reader);
}

static void heal(struct drive *drive)
{
    if (!drive->sender_up)
        engine_sender_is(drive->engine, true);
    drive->sender_up = true;
    for (int round = 0; round < 12; round++) {
        while (drive->pending_count > 0)
            answer_sent(drive, &drive->pending[--drive->pending_count], "accepted", false);
        rest_engine(drive);
        move_clock(drive, 20);
    }
    check_promises(drive, true);
}

bool fuzz_engine(struct arena *arena, struct text input)
{
    static const int64_t moves[] = {1, 5, 10, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 43200, 86400, 90000};
    if (person_count == 0)
        read_names();
    struct drive *drive = ARENA_NEW(arena, struct drive);
    drive->arena = arena;
    drive->rest = input;
    drive->env = fuzz_env();
    const char *path = fuzz_database_copy();
    open_engine(drive, path);
    enum err err = db_open(&drive->reader, path, DB_READER);
    assert(err == OK);
    rest_engine(drive);
    for (int step = 0; step < STEPS_MAX && drive->rest.size > 0; step++) {
        switch (take(drive) % 16) {
        case 0: case 1: case 2: event(drive); break;
        case 3: case 4: case 5: command(drive); break;
        case 6: case 7: case 8: outcome(drive); break;
        case 9: report(drive); break;
        case 10: answer(drive); break;
        case 11: override(drive); break;
        case 12: fault(drive, path); break;
        default: move_clock(drive, drive->sender_up ? moves[take(drive) % 16] : moves[take(drive) % 5]); break;
        }
        rest_engine(drive);
        check_promises(drive, false);
    }
    heal(drive);
    db_close(drive->reader);
    engine_stop(drive->engine);
    env_free(drive->env);
    return drive->pages > 0;
}
