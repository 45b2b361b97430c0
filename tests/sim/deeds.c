/* Why: what machines and people do: events with and without their keys, storms, and every command on incidents, at any time, twice and late. */
#include <stdio.h>

#include "engine/replies.h"
#include "door.h"

/* By the HTTP API. A sender that is refused, or gets no answer, sends the same again. */
static void send_event(struct sim *sim, const char *service, const char *routing_key, int key, enum event_action action)
{
    static const char *const actions[] = {[EVENT_TRIGGER] = "trigger", [EVENT_ACKNOWLEDGE] = "acknowledge", [EVENT_RESOLVE] = "resolve"};
    static const char *const severities[] = {"critical", "error", "warning", "info"};
    json_t *event = json_object_in(sim->arena), *payload = json_object_in(sim->arena);
    struct text dedup = text_printf(sim->arena, "s%s-k%d", service, key);
    json_put_string(event, "routing_key", routing_key);
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
    int64_t before = judge_number(sim, "SELECT MAX(number) FROM events", 0, 0, 0);
    struct answer answer = {0};
    for (int attempt = 0; attempt < 4 && answer.status != 202 && !sim->failure[0]; attempt++) {
        if (attempt == 3)
            sim_disarm_disk(sim);
        bool trouble = sim->trouble;
        answer = door_ask(sim, "POST", "/v2/enqueue", event);
        sim_note(sim, "%s of %.*s: %d", actions[action], TEXT_ARG(dedup), answer.status);
        sim_counts.events_refused += answer.status != 202;
        if (answer.status != 202 && !trouble && answer.status != 0)
            sim_fail(sim, "E5", "an event was answered %d although the store works", answer.status);
    }
    int64_t number = judge_number(sim, "SELECT MAX(number) FROM events", 0, 0, 0);
    if (number <= before)
        sim_fail(sim, "E1", "an event was answered 202 and nothing is stored");
    sim_counts.events++;
    if (!sim->failure[0])
        judge_grouping(sim, number);
    if (sim->event_count < EVENTS_MAX) {
        struct accepted *a = &sim->events[sim->event_count++];
        a->number = number;
        snprintf(a->key, sizeof a->key, "%.*s", TEXT_ARG(dedup));
        judge_text(sim, "SELECT disposition FROM events WHERE number = ?1", number, a->kind, sizeof a->kind);
    }
}

/* One of the services that are alive, and its key. */
static bool some_service(struct sim *sim, char *id, char *key)
{
    int64_t count = judge_number(sim, "SELECT COUNT(*) FROM services WHERE deleted_at IS NULL", 0, 0, 0), n = chance_below(sim, (int)count);
    return judge_text(sim, "SELECT id FROM services WHERE deleted_at IS NULL ORDER BY rowid LIMIT 1 OFFSET ?1", n, id, 40) &&
           judge_text(sim, "SELECT g.integration_key FROM integrations g WHERE g.deleted_at IS NULL AND g.service_id = (SELECT id FROM services WHERE deleted_at IS NULL "
                           "ORDER BY rowid LIMIT 1 OFFSET ?1)", n, key, 48);
}

void deeds_event(struct sim *sim)
{
    char service[40], routing_key[48];
    double dice = (double)chance_below(sim, 1000) / 1000;
    if (some_service(sim, service, routing_key))
        send_event(sim, service, routing_key, chance_below(sim, KEYS), dice < 0.6 ? EVENT_TRIGGER : dice < 0.7 ? EVENT_ACKNOWLEDGE : EVENT_RESOLVE);
}

void deeds_storm(struct sim *sim)
{
    char service[40], routing_key[48];
    int count = chance_is(sim, 0.03) ? 1000 : 5 + chance_below(sim, 20), keys = chance_is(sim, 0.1) ? 20 * KEYS : KEYS;
    if (!some_service(sim, service, routing_key))
        return;
    for (int i = 0; i < count && !sim->failure[0]; i++)
        send_event(sim, service, routing_key, chance_below(sim, keys), EVENT_TRIGGER);
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
    int64_t newest = judge_number(sim, "SELECT MAX(number) FROM incidents", 0, 0, 0), open = 0;
    if (newest == 0)
        return 0;
    if (chance_is(sim, 0.9))
        open = judge_number(sim, "SELECT number FROM incidents WHERE status <> 'resolved' ORDER BY (number * 7919 + ?1) % 104729 LIMIT 1",
                            chance_below(sim, 100000), 0, 0);
    return open ? open : 1 + chance_below(sim, (int)newest);
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

void deeds_command(struct sim *sim)
{
    struct command_work w = {.incident = random_incident(sim)};
    if (w.incident == 0)
        return;
    struct incident_command *c = &w.command;
    static const enum incident_verb verbs[] = {
        INCIDENT_ACKNOWLEDGE, INCIDENT_ACKNOWLEDGE, INCIDENT_ACKNOWLEDGE, INCIDENT_ACKNOWLEDGE, INCIDENT_ACKNOWLEDGE, INCIDENT_RESOLVE, INCIDENT_RESOLVE,
        INCIDENT_UNACKNOWLEDGE, INCIDENT_SNOOZE, INCIDENT_REASSIGN, INCIDENT_REASSIGN_POLICY, INCIDENT_ESCALATE, INCIDENT_MERGE, INCIDENT_NOTE,
        INCIDENT_ADD_RESPONDERS, INCIDENT_SET_TITLE, INCIDENT_SET_URGENCY, INCIDENT_SET_URGENCY};
    c->verb = verbs[chance_below(sim, sizeof verbs / sizeof verbs[0])];
    int actor = chance_below(sim, sim->person_count);
    c->actor = (struct actor){.kind = ACTOR_USER, .id = text_of(sim->people[actor].id), .name = TEXT("Somebody"), .channel = "api"};
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
    int special = chance_below(sim, 12);
    engine_work *work = apply_command;
    if (special == 0 || special == 1) {
        c->level = judge_number(sim, "SELECT number FROM alerts WHERE (?2 = 0 OR incident_number = ?2) AND (status <> 'resolved' OR ?1 % 5 = 0) "
                                     "ORDER BY (number * 7919 + ?1) % 104729 LIMIT 1", chance_below(sim, 100000), special == 0 ? 0 : w.incident, 0);
        work = special == 0 ? move_alert : resolve_alert;
        if (c->level == 0)
            return;
    }
    int times = chance_is(sim, 0.1) ? 2 : 1;
    for (int i = 0; i < times; i++) {
        enum err err = sim_run_faulty(sim, work, &w);
        sim_note(sim, "command %d on incident %lld: %s", work == apply_command ? (int)c->verb : 100 + special, (long long)w.incident, err_name(err));
        sim_counts.commands++;
        bool refused_rightly = err == ERR_CONFLICT || err == ERR_INVALID || (err == ERR_NOT_FOUND && special < 2);
        if (err != OK && !refused_rightly && !sim_excused(sim, err))
            sim_fail(sim, "E5", "command %d on incident %lld ended with %s", (int)c->verb, (long long)w.incident, err_name(err));
    }
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
