/* Why: what machines and people do: events with and without their keys, storms, and every command on incidents, at any time, twice and late. */
#include <stdio.h>

#include "engine/intake.h"
#include "engine/replies.h"
#include "sim.h"

enum { BATCH = 4 };

struct event_work {
    struct event event;
    struct disposition result;
    char kind[16], key[24];
    int64_t number;
};

static enum err apply_event(struct tx *tx, void *argument)
{
    struct event_work *w = argument;
    enum err err = intake_apply(tx, &w->event, &w->result);
    if (err == OK) { /* the result is on the arena of the batch */
        snprintf(w->kind, sizeof w->kind, "%s", w->result.kind);
        snprintf(w->key, sizeof w->key, "%.*s", TEXT_ARG(w->result.dedup_key));
        w->number = w->result.event_number;
    }
    return err;
}

static void send_event(struct sim *sim, int service, int key, enum event_action action)
{
    char dedup[24], summary[40];
    snprintf(dedup, sizeof dedup, "s%d-k%d", service, key);
    snprintf(summary, sizeof summary, "Disk %d is full", key);
    struct event_work w = {.event = {.action = action, .routing_key = text_of(sim->services[service].key), .dedup_key = text_of(dedup),
                                     .severity = (enum severity)chance_below(sim, 4), .summary = text_of(summary), .source = TEXT("host-1"),
                                     .timestamp = INSTANT_NONE, .body = TEXT("{}"), .format = "events-v2"}};
    enum err err = sim_run_faulty(sim, apply_event, &w);
    if (err != OK) {
        sim->refused++;
        sim_note(sim, "event %d of %s refused: %s", action, dedup, err_name(err));
        sim_fail(sim, "E5", "an event was refused (%s) although the store works", err_name(err));
        return;
    }
    sim_note(sim, "event %lld (%d) of %s: %s, incident %lld", (long long)w.number, action, dedup, w.kind, (long long)w.result.incident_number);
    if (sim->event_count < EVENTS_MAX) {
        struct accepted *a = &sim->events[sim->event_count++];
        a->number = w.number;
        snprintf(a->key, sizeof a->key, "%s", w.key);
        snprintf(a->kind, sizeof a->kind, "%s", w.kind);
    }
}

void deeds_event(struct sim *sim)
{
    int service = chance_below(sim, sim->service_count), key = chance_below(sim, KEYS);
    double dice = (double)chance_below(sim, 1000) / 1000;
    send_event(sim, service, key, dice < 0.6 ? EVENT_TRIGGER : dice < 0.7 ? EVENT_ACKNOWLEDGE : EVENT_RESOLVE);
}

void deeds_storm(struct sim *sim)
{
    int service = chance_below(sim, sim->service_count), count = 5 + chance_below(sim, 20);
    for (int i = 0; i < count; i++)
        send_event(sim, service, chance_below(sim, KEYS), EVENT_TRIGGER);
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
        sim->commands++;
        bool refused_rightly = err == ERR_CONFLICT || err == ERR_INVALID || (err == ERR_NOT_FOUND && special < 2);
        if (err != OK && !refused_rightly)
            sim_fail(sim, "E5", "command %d on incident %lld ended with %s", (int)c->verb, (long long)w.incident, err_name(err));
    }
}

void deeds_answer(struct sim *sim, const struct pending *answer)
{
    struct reply_work work = {.reply = {.source = REPLY_BY_SMS, .provider = text_of(answer->provider), .address = text_of(answer->address),
                                        .words = text_of(answer->words)}, .arena = sim->arena};
    enum err err = sim_run_faulty(sim, replies_work, &work);
    sim_note(sim, "answer '%s' from %s: %s, %d", answer->words, answer->address, err_name(err), (int)work.result.outcome);
    if (err != OK)
        sim_fail(sim, "K2", "an answer ended with %s", err_name(err));
}
