/* Why: what machines and people do: events with and without their keys, storms, and every command on incidents, at any time, twice and late. */
#include <stdio.h>

#include "engine/replies.h"
#include "door.h"

static int64_t newest_event(struct sim *sim)
{
    return judge_number(sim, "SELECT MAX(number) FROM events WHERE integration_id <> 'PCANARY'", 0, 0, 0);
}

/* By the HTTP API. A sender that is refused, or gets no answer, sends the same again. */
static void send_event(struct sim *sim, const struct source *from, int key, enum event_action action)
{
    static const char *const actions[] = {[EVENT_TRIGGER] = "trigger", [EVENT_ACKNOWLEDGE] = "acknowledge", [EVENT_RESOLVE] = "resolve"};
    static const char *const severities[] = {"critical", "error", "warning", "info"};
    json_t *event = json_object_in(sim->arena), *payload = json_object_in(sim->arena);
    struct text dedup = text_printf(sim->arena, "s%s-k%d", from->service, key);
    json_put_string(event, "routing_key", from->key);
    json_put_string(event, "event_action", actions[action]);
    json_put_text(event, "dedup_key", dedup);
    json_put_text(payload, "summary", text_printf(sim->arena, "Disk %d is full", key));
    json_put_string(payload, "source", arena_printf(sim->arena, "host-%d", key % 2));
    if (chance_is(sim, 0.7))
        json_put_string(payload, "component", arena_printf(sim->arena, "part-%d", chance_below(sim, 3)));
    if (chance_is(sim, 0.5))
        json_put_string(payload, "class", arena_printf(sim->arena, "kind-%d", chance_below(sim, 4)));
    json_put_string(payload, "severity", severities[chance_below(sim, 4)]);
    json_put(event, "payload", payload);
    int64_t before = newest_event(sim);
    struct answer answer = {0};
    struct expected_alert expected = {0};
    bool troubled = false;
    for (int attempt = 0; attempt < 4 && answer.status != 202 && !sim->failure[0]; attempt++) {
        if (attempt == 3)
            sim_disarm_disk(sim);
        bool trouble = sim->trouble;
        memories_before_event(sim, from->integration, text_cstring(sim->arena, dedup), &expected);
        answer = door_ask(sim, "POST", "/v2/enqueue", event);
        troubled = trouble || sim->trouble;
        sim_note(sim, "%s of %.*s: %d", actions[action], TEXT_ARG(dedup), answer.status);
        sim_counts.events_refused += answer.status != 202;
        if (answer.status != 202 && !trouble && answer.status != 0)
            sim_fail(sim, "E5", "an event was answered %d although the store works", answer.status);
    }
    int64_t number = newest_event(sim);
    if (number <= before)
        sim_fail(sim, "E1", "an event was answered 202 and nothing is stored");
    sim_counts.events++;
    if (!sim->failure[0] && !troubled) /* what was due meanwhile came first */
        memories_judge_event(sim, number, &expected);
    if (!sim->failure[0])
        judge_grouping(sim, number);
    sim->last_from = *from;
    sim->last_key_number = key;
    snprintf(sim->last_key, sizeof sim->last_key, "%.*s", TEXT_ARG(dedup));
    if (sim->event_count < EVENTS_MAX) {
        struct accepted *a = &sim->events[sim->event_count++];
        a->number = number;
        snprintf(a->key, sizeof a->key, "%.*s", TEXT_ARG(dedup));
        judge_text(sim, "SELECT disposition FROM events WHERE number = ?1", number, a->kind, sizeof a->kind);
    }
}

#define ALIVE "FROM integrations g JOIN services s ON s.id = g.service_id WHERE g.deleted_at IS NULL AND s.deleted_at IS NULL AND s.id <> 'PCANARY' "

/* One of the integrations that are alive. */
static bool some_source(struct sim *sim, struct source *ret)
{
    int64_t n = chance_below(sim, (int)judge_number(sim, "SELECT COUNT(*) " ALIVE, 0, 0, 0));
    return judge_text(sim, "SELECT g.id " ALIVE "ORDER BY g.rowid LIMIT 1 OFFSET ?1", n, ret->integration, sizeof ret->integration) &&
           judge_text(sim, "SELECT s.id " ALIVE "ORDER BY g.rowid LIMIT 1 OFFSET ?1", n, ret->service, sizeof ret->service) &&
           judge_text(sim, "SELECT g.integration_key " ALIVE "ORDER BY g.rowid LIMIT 1 OFFSET ?1", n, ret->key, sizeof ret->key);
}

void deeds_event(struct sim *sim)
{
    struct source from;
    double dice = (double)chance_below(sim, 1000) / 1000;
    if (some_source(sim, &from))
        send_event(sim, &from, chance_below(sim, KEYS), dice < 0.6 ? EVENT_TRIGGER : dice < 0.7 ? EVENT_ACKNOWLEDGE : EVENT_RESOLVE);
}

void deeds_again(struct sim *sim, enum event_action action)
{
    struct source from = sim->last_from; /* which is remembered anew */
    if (judge_about(sim, "SELECT COUNT(*) " ALIVE "AND g.id = ?3", 0, 0, from.integration) > 0)
        send_event(sim, &from, sim->last_key_number, action);
}

void deeds_storm(struct sim *sim)
{
    struct source from;
    int count = chance_is(sim, 0.03) ? 1000 : 5 + chance_below(sim, 20), keys = chance_is(sim, 0.1) ? 20 * KEYS : KEYS;
    if (!some_source(sim, &from))
        return;
    for (int i = 0; i < count && !sim->failure[0]; i++)
        send_event(sim, &from, chance_below(sim, keys), EVENT_TRIGGER);
}

/* Commands ---------------------------------------------------------------------------------------------------------------- */

struct command_work {
    int64_t incident;
    struct incident_command command;
    bool changed;
};

static enum err apply_command(struct tx *tx, void *argument)
{
    struct command_work *w = argument;
    return incident_command(tx, w->incident, &w->command, problem_new(tx->arena), &w->changed);
}

/* Mostly the newest ones; now and then one that is long over. */
static int64_t random_incident(struct sim *sim)
{
    int64_t newest = judge_number(sim, "SELECT MAX(number) FROM incidents WHERE service_id <> 'PCANARY'", 0, 0, 0), open = 0;
    if (newest == 0)
        return 0;
    if (chance_is(sim, 0.9))
        open = judge_number(sim, "SELECT number FROM incidents WHERE status <> 'resolved' AND service_id <> 'PCANARY' ORDER BY (number * 7919 + ?1) % 104729 LIMIT 1",
                            chance_below(sim, 100000), 0, 0);
    int64_t number = open ? open : 1 + chance_below(sim, (int)newest);
    return judge_number(sim, "SELECT COUNT(*) FROM incidents WHERE number = ?1 AND service_id <> 'PCANARY'", number, 0, 0) > 0 ? number : 0;
}

static enum err move_alert(struct tx *tx, void *argument)
{
    struct command_work *w = argument;
    return incident_move_alert(tx, w->command.level, w->incident, &w->command.actor, problem_new(tx->arena));
}

static enum err resolve_alert(struct tx *tx, void *argument)
{
    struct command_work *w = argument;
    return incident_resolve_alert(tx, w->incident, w->command.level, &w->command.actor, problem_new(tx->arena));
}

static struct actor somebody(struct sim *sim)
{
    return (struct actor){.kind = ACTOR_USER, .id = text_of(sim->people[chance_below(sim, sim->person_count)].id), .name = TEXT("Somebody"), .channel = "api"};
}

/* Some people now and then do it twice. */
static void command(struct sim *sim, engine_work *work, struct command_work *w, int called)
{
    int times = chance_is(sim, 0.1) ? 2 : 1;
    for (int i = 0; i < times && !sim->failure[0]; i++) {
        enum err err = sim_run_faulty(sim, work, w);
        sim_note(sim, "command %d on incident %lld: %s", called, (long long)w->incident, err_name(err));
        sim_counts.commands++;
        bool refused_rightly = err == ERR_CONFLICT || err == ERR_INVALID || (err == ERR_NOT_FOUND && called >= 100);
        if (err != OK && !refused_rightly && !sim_excused(sim, err))
            sim_fail(sim, "E5", "command %d on incident %lld ended with %s", called, (long long)w->incident, err_name(err));
    }
}

void deeds_command_on(struct sim *sim, int64_t incident, enum incident_verb verb)
{
    struct command_work w = {.incident = incident};
    struct incident_command *c = &w.command;
    c->verb = verb;
    c->actor = somebody(sim);
    struct text people[2] = {text_of(sim->people[chance_below(sim, sim->person_count)].id), text_of(sim->people[chance_below(sim, sim->person_count)].id)};
    c->user_ids = people;
    c->user_count = text_equal(people[0], people[1]) ? 1 : 1 + (size_t)chance_below(sim, 2);
    c->text = c->verb == INCIDENT_SET_URGENCY ? (chance_is(sim, 0.5) ? TEXT("high") : TEXT("low")) : TEXT("words");
    c->policy_id = text_of(sim->policies[chance_below(sim, sim->policy_count)].id);
    c->level = chance_below(sim, 4);
    c->seconds = chance_seconds(sim, 60, 7200);
    int64_t source = random_incident(sim);
    c->sources = &source;
    c->source_count = 1;
    if (source > 0)
        command(sim, apply_command, &w, (int)verb);
}

void deeds_alert_command(struct sim *sim, int64_t incident, int64_t alert, bool move)
{
    bool is_there = judge_number(sim, "SELECT incident_number FROM alerts WHERE number = ?1", alert, 0, 0) == incident;
    struct command_work w = {.incident = move && is_there ? random_incident(sim) : incident, .command = {.level = alert, .actor = somebody(sim)}};
    command(sim, move ? move_alert : resolve_alert, &w, move ? 100 : 101);
}

void deeds_command(struct sim *sim)
{
    static const enum incident_verb verbs[] = {
        INCIDENT_ACKNOWLEDGE, INCIDENT_ACKNOWLEDGE, INCIDENT_ACKNOWLEDGE, INCIDENT_ACKNOWLEDGE, INCIDENT_ACKNOWLEDGE, INCIDENT_RESOLVE, INCIDENT_RESOLVE,
        INCIDENT_UNACKNOWLEDGE, INCIDENT_SNOOZE, INCIDENT_REASSIGN, INCIDENT_REASSIGN_POLICY, INCIDENT_ESCALATE, INCIDENT_MERGE, INCIDENT_NOTE,
        INCIDENT_ADD_RESPONDERS, INCIDENT_SET_TITLE, INCIDENT_SET_URGENCY, INCIDENT_SET_URGENCY};
    int64_t incident = random_incident(sim), alert = 0;
    int special = chance_below(sim, 12);
    if (incident > 0 && special < 2) /* of any incident, or one of this one */
        alert = judge_number(sim, "SELECT number FROM alerts WHERE (?2 = 0 OR incident_number = ?2) AND (status <> 'resolved' OR ?1 % 5 = 0) AND service_id <> 'PCANARY' "
                                  "ORDER BY (number * 7919 + ?1) % 104729 LIMIT 1", chance_below(sim, 100000), special == 0 ? 0 : incident, 0);
    if (alert > 0)
        deeds_alert_command(sim, incident, alert, special == 0);
    else if (incident > 0 && special >= 2)
        deeds_command_on(sim, incident, verbs[chance_below(sim, sizeof verbs / sizeof verbs[0])]);
}

void deeds_answer(struct sim *sim, const struct pending *answer)
{
    struct reply_work work = {.reply = {.source = REPLY_BY_SMS, .provider = text_of(answer->provider), .address = text_of(answer->address),
                                        .words = text_of(answer->words)}, .arena = sim->arena};
    enum err err = sim_run_faulty(sim, replies_work, &work);
    sim_note(sim, "answer '%s' from %s: %s, %d", answer->words, answer->address, err_name(err), (int)work.result.outcome);
    if (err != OK && !sim_excused(sim, err))
        sim_fail(sim, "K2", "an answer ended with %s", err_name(err));
}
