/* Why: plays every provider at the seam to the sender: takes frames, decides how each send ends, and lets verdicts, reports and people's
 * answers come back later, twice, late or never. It keeps the outside record of who was called. */
#include <stdio.h>
#include <string.h>

#include "base/config.h"
#include "engine/replies.h"
#include "sim.h"

#define PROVIDER(name_, channels_) {.name = {name_, sizeof name_ - 1}, .type = PROVIDER_PRACTICE, .channels = (channels_), .in_flight_max = 30, .timeout_s = 10}
const struct provider_config sim_providers[] = {
    PROVIDER("sms-a", 1u << CHANNEL_SMS), PROVIDER("sms-b", 1u << CHANNEL_SMS | 1u << CHANNEL_PHONE), PROVIDER("voice-a", 1u << CHANNEL_PHONE),
    PROVIDER("mail-a", 1u << CHANNEL_EMAIL), PROVIDER("push-a", 1u << CHANNEL_PUSH),
};
const size_t sim_provider_count = sizeof sim_providers / sizeof sim_providers[0];

static void plan(struct sim *sim, struct pending pending, int64_t delay_us)
{
    if (sim->pending_count == PENDING_MAX) {
        sim_fail(sim, "simulator", "too many things are pending");
        return;
    }
    pending.at = (instant){sim_now(sim).us + delay_us};
    pending.order = sim->orders++;
    sim->pending[sim->pending_count++] = pending;
}

static bool is_out(const struct sim *sim, const char *provider)
{
    for (size_t p = 0; p < sim_provider_count; p++)
        if (text_is(sim_providers[p].name, provider))
            return !sim->calm && (sim->outage & (1 << p)) != 0;
    return false;
}

static void plan_reports(struct sim *sim, const struct pending *outcome, const char *words, int64_t delay_us)
{
    struct pending report = *outcome;
    report.kind = PENDING_REPORT;
    snprintf(report.words, sizeof report.words, "%s", words);
    plan(sim, report, delay_us);
    if (chance_is(sim, 0.2))
        plan(sim, report, delay_us + chance_seconds(sim, 0, 30) * SECOND_US);
}

static bool sleeps(const struct sim *sim, const char *address)
{
    for (int c = 0; c < sim->contact_count; c++)
        if (strcmp(sim->contacts[c].address, address) == 0)
            return sim->people[sim->contacts[c].person].sleeps;
    return false;
}

static void plan_answer(struct sim *sim, const struct pending *outcome, int64_t code)
{
    if (code <= 0 || !chance_is(sim, sleeps(sim, outcome->address) ? 0.02 : 0.35))
        return;
    static const char *const verbs[] = {"ack", "ack", "ack", "resolve", "escalate", "hello", ""};
    struct pending answer = *outcome;
    answer.kind = PENDING_ANSWER;
    snprintf(answer.words, sizeof answer.words, "%s %lld", verbs[chance_below(sim, 7)], (long long)code);
    plan(sim, answer, chance_seconds(sim, 5, 1200) * SECOND_US);
    if (chance_is(sim, 0.15))
        plan(sim, answer, chance_seconds(sim, 1200, 9000) * SECOND_US);
}

void provider_takes(void *context, struct text text)
{
    struct sim *sim = context;
    if (sim->drop_frames && chance_is(sim, 0.5))
        return;
    json_t *frame = json_read(sim->arena, text, problem_new(sim->arena));
    struct pending p = {.kind = PENDING_OUTCOME, .message = json_int_at(frame, "id", 0)};
    snprintf(p.provider, sizeof p.provider, "%.*s", TEXT_ARG(json_text_at(frame, "provider")));
    snprintf(p.address, sizeof p.address, "%.*s", TEXT_ARG(json_text_at(frame, "to")));
    snprintf(p.ref, sizeof p.ref, "R%lld", (long long)p.message);
    bool page = text_is(json_text_at(frame, "kind"), "page");
    sim->frames++;
    if (page)
        judge_call(sim, p.message, json_int_at(frame, "incident_count", 0));
    double dice = (double)chance_below(sim, 10000) / 10000, faults = sim->calm ? 0 : sim->fault_share;
    int64_t delay_us = 200000 + chance_below(sim, 2000000);
    const char *outcome = "accepted";
    if (is_out(sim, p.provider)) {
        outcome = dice < 0.6 ? "temporary" : "unknown";
        delay_us = dice < 0.6 ? delay_us : 10 * SECOND_US;
    } else if (dice < faults * 0.3) {
        outcome = "temporary";
    } else if (dice < faults * 0.4) {
        outcome = "permanent";
        p.address_refused = chance_is(sim, 0.3);
    } else if (dice < faults * 0.8) {
        outcome = "unknown";
        delay_us = 10 * SECOND_US;
    } else if (dice > 0.9) {
        outcome = "delivered";
    }
    snprintf(p.outcome, sizeof p.outcome, "%s", outcome);
    bool taken = strcmp(outcome, "accepted") == 0 || strcmp(outcome, "delivered") == 0;
    if (sim->call_count < CALLS_MAX)
        sim->calls[sim->call_count++] = (struct call){.message = p.message, .at = sim_now(sim), .reached = taken};
    sim_note(sim, "provider %s is asked to send message %lld to %s: %s", p.provider, (long long)p.message, p.address, outcome);
    plan(sim, p, delay_us);
    bool was_sent = taken || (strcmp(outcome, "unknown") == 0 && chance_is(sim, 0.5)); /* it took it and did not say so */
    if (!was_sent)
        return;
    plan_answer(sim, &p, json_int_at(frame, "code", 0));
    if (chance_is(sim, 0.5))
        plan_reports(sim, &p, sim->calm || chance_is(sim, 0.9) ? "delivered" : "undelivered", delay_us + chance_seconds(sim, -1, 20) * SECOND_US);
}

static int earliest(const struct sim *sim)
{
    int best = -1;
    for (int i = 0; i < sim->pending_count; i++) {
        const struct pending *p = &sim->pending[i];
        if (best < 0 || instant_before(p->at, sim->pending[best].at) || (instant_equal(p->at, sim->pending[best].at) && p->order < sim->pending[best].order))
            best = i;
    }
    return best;
}

instant provider_next(const struct sim *sim)
{
    int i = earliest(sim);
    return i < 0 ? INSTANT_MAX : sim->pending[i].at;
}

struct report { struct message_report report; };

static enum err report_work(struct tx *tx, void *argument)
{
    const struct report *r = argument;
    enum err err = message_status(tx, &r->report);
    return err == ERR_NOT_FOUND || err == ERR_FORBIDDEN ? OK : err;
}

static void deliver_report(struct sim *sim, const struct pending *p)
{
    struct report r = {.report = {.message_number = p->message, .provider = text_of(p->provider), .address = text_of(p->address), .ref = text_of(p->ref),
                                  .status = text_of(p->words)}};
    enum err err = sim_run(sim, report_work, &r);
    sim_note(sim, "report %s of message %lld: %s", p->words, (long long)p->message, err_name(err));
    if (err != OK)
        sim_fail(sim, "K4", "a report was refused: %s", err_name(err));
}

void provider_deliver(struct sim *sim)
{
    int i = earliest(sim);
    struct pending p = sim->pending[i];
    sim->pending[i] = sim->pending[--sim->pending_count];
    switch (p.kind) {
    case PENDING_OUTCOME: {
        json_t *frame = json_object_in(sim->arena);
        json_put_string(frame, "type", "outcome");
        json_put_int(frame, "id", p.message);
        json_put_string(frame, "outcome", p.outcome);
        json_put_string(frame, "ref", p.ref);
        json_put_bool(frame, "address_refused", p.address_refused);
        engine_sender_answered(sim->engine, frame);
        sim_note(sim, "message %lld ends: %s", (long long)p.message, p.outcome);
        return;
    }
    case PENDING_REPORT: deliver_report(sim, &p); return;
    case PENDING_ANSWER: deeds_answer(sim, &p); return;
    }
}

void provider_forget_answers(struct sim *sim)
{
    int kept = 0;
    for (int i = 0; i < sim->pending_count; i++)
        if (sim->pending[i].kind != PENDING_OUTCOME)
            sim->pending[kept++] = sim->pending[i];
    sim->pending_count = kept;
}
