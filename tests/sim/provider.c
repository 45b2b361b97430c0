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
    PROVIDER("mail-a", 1u << CHANNEL_EMAIL), PROVIDER("push-a", 1u << CHANNEL_PUSH), PROVIDER("muster", 1u << CHANNEL_MUSTER),
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

/* Reports come once or twice, before the verdict or long after it, in any order; now and then one that nobody sent. */
static void plan_reports(struct sim *sim, const struct pending *outcome, int64_t verdict_us)
{
    struct pending report = *outcome;
    report.kind = PENDING_REPORT;
    bool delivered = sim->calm || chance_is(sim, 0.9), early = chance_is(sim, 0.2);
    int64_t delay_us = early ? verdict_us - 100000 : verdict_us + chance_seconds(sim, 0, 20) * SECOND_US;
    snprintf(report.words, sizeof report.words, "%s", delivered ? "delivered" : "undelivered");
    plan(sim, report, delay_us);
    sim_counts.fault_report_early += early;
    sim_counts.fault_report_undelivered += !delivered;
    if (chance_is(sim, 0.2)) {
        plan(sim, report, delay_us + chance_seconds(sim, 0, 3600) * SECOND_US);
        sim_counts.fault_report_twice++;
    }
    if (chance_is(sim, 0.1)) {
        report.kind = PENDING_FORGED;
        snprintf(report.words, sizeof report.words, "%s", delivered ? "undelivered" : "delivered");
        plan(sim, report, delay_us + chance_seconds(sim, 0, 30) * SECOND_US);
    }
}

/* Some people hardly ever react. */
static bool sleeps(const struct sim *sim, const char *address)
{
    uint64_t sum = 0;
    for (const char *c = address; *c; c++)
        sum = sum * 31 + (unsigned char)*c;
    return chance_of(sim->seed, 4, sum) % 10 < 3;
}

static void plan_answer(struct sim *sim, const struct pending *outcome, int64_t code)
{
    if (code <= 0 || !chance_is(sim, sleeps(sim, outcome->address) ? 0.02 : sim->attention))
        return;
    static const char *const verbs[] = {"ack", "ack", "ack", "resolve", "escalate", "hello", ""};
    struct pending answer = *outcome;
    answer.kind = PENDING_ANSWER;
    snprintf(answer.words, sizeof answer.words, "%s %lld", verbs[chance_below(sim, 7)], (long long)code);
    bool late = chance_is(sim, 0.1);
    plan(sim, answer, (late ? chance_seconds(sim, 3600, 30000) : chance_seconds(sim, 5, 1200)) * SECOND_US);
    sim_counts.fault_answer_late += late;
    if (chance_is(sim, 0.15)) {
        plan(sim, answer, chance_seconds(sim, 1200, 9000) * SECOND_US);
        sim_counts.fault_answer_twice++;
    }
}

struct verdict_of { const char *outcome; int64_t delay_us; bool address_refused; };

static struct verdict_of verdict(struct sim *sim, const char *provider)
{
    if (strcmp(provider, "muster") == 0) /* the sender answers itself, if it lives */
        return (struct verdict_of){!sim->calm && chance_is(sim, 0.1) ? "unknown" : "delivered", 1000, false};
    double dice = (double)chance_below(sim, 10000) / 10000, faults = sim->calm ? 0 : sim->fault_share;
    int64_t quick_us = 200000 + chance_below(sim, 2000000), timeout_us = 10 * SECOND_US;
    if (is_out(sim, provider) ? dice < 0.6 : dice < faults * 0.3) {
        sim_counts.fault_provider_refused++;
        return (struct verdict_of){"temporary", quick_us, false};
    }
    if (is_out(sim, provider) || (dice >= faults * 0.4 && dice < faults * 0.8))
        return (struct verdict_of){"unknown", timeout_us, false};
    if (dice < faults * 0.4) {
        sim_counts.fault_provider_refused_for_good++;
        return (struct verdict_of){"permanent", quick_us, chance_is(sim, 0.3)};
    }
    return (struct verdict_of){dice > 0.9 ? "delivered" : "accepted", quick_us, false};
}

static void take(struct sim *sim, const json_t *frame, struct pending p)
{
    struct verdict_of v = verdict(sim, p.provider);
    p.address_refused = v.address_refused;
    snprintf(p.outcome, sizeof p.outcome, "%s", v.outcome);
    bool doubtful = strcmp(v.outcome, "unknown") == 0, taken = strcmp(v.outcome, "accepted") == 0 || strcmp(v.outcome, "delivered") == 0;
    if (sim->call_count < CALLS_MAX)
        sim->calls[sim->call_count++] = (struct handed){.message = p.message, .at = sim_now(sim), .reached = taken};
    sim_note(sim, "provider %s is asked to send message %lld to %s: %s", p.provider, (long long)p.message, p.address, v.outcome);
    plan(sim, p, v.delay_us);
    if (strcmp(p.provider, "muster") == 0) { /* nobody reads it */
        sim_counts.canary_rounds += taken;
        return;
    }
    bool took_and_hung = doubtful && chance_is(sim, 0.5);
    sim_counts.fault_provider_took_and_hung += took_and_hung;
    sim_counts.fault_provider_hung += doubtful && !took_and_hung;
    if (!taken && !took_and_hung)
        return;
    plan_answer(sim, &p, json_int_at(frame, "code", 0));
    if (chance_is(sim, 0.5))
        plan_reports(sim, &p, v.delay_us);
}

void provider_takes(void *context, struct text text)
{
    struct sim *sim = context;
    if (disk_is_dead())
        return; /* the process is gone, and with it what it was about to hand over */
    json_t *frame = json_read(sim->arena, text, problem_new(sim->arena));
    struct pending p = {.kind = PENDING_OUTCOME, .message = json_int_at(frame, "id", 0)};
    uint64_t chance = sim->chance; /* a message has chances of its own */
    sim->chance = chance_of(sim->seed, 3, (uint64_t)p.message);
    bool lost = sim->drop_frames && chance_is(sim, 0.5);
    sim_counts.fault_frames_lost += lost;
    snprintf(p.provider, sizeof p.provider, "%.*s", TEXT_ARG(json_text_at(frame, "provider")));
    snprintf(p.address, sizeof p.address, "%.*s", TEXT_ARG(json_text_at(frame, "to")));
    snprintf(p.ref, sizeof p.ref, "R%lld", (long long)p.message);
    sim_counts.sends += !lost;
    judge_words(sim, "a message", text.data, text.size);
    if (!lost && text_is(json_text_at(frame, "kind"), "page"))
        judge_call(sim, p.message, json_int_at(frame, "incident_count", 0));
    if (!lost)
        take(sim, frame, p);
    sim->chance = chance;
}

void provider_change_outage(struct sim *sim)
{
    sim->outage = chance_is(sim, 0.6) ? 0 : chance_below(sim, 1 << 5);
    sim_note(sim, "providers out: %d", sim->outage);
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
    if (err != OK && !sim_excused(sim, err))
        sim_fail(sim, "K4", "a report was refused: %s", err_name(err));
}

/* Somebody who knows the number of a message, and one thing about it wrong. */
static void deliver_forged(struct sim *sim, const struct pending *p)
{
    char before[40] = "", after[40] = "";
    bool other_provider = p->message % 2 == 0;
    struct report r = {.report = {.message_number = p->message, .provider = other_provider ? TEXT("sms-z") : text_of(p->provider),
                                  .address = other_provider ? text_of(p->address) : TEXT("+4915199999999"), .ref = text_of(p->ref), .status = text_of(p->words)}};
    static const char state[] = "SELECT state || COALESCE(answer, '') FROM messages WHERE number = ?1";
    judge_text(sim, state, p->message, before, sizeof before);
    enum err err = sim_run(sim, report_work, &r);
    judge_text(sim, state, p->message, after, sizeof after);
    sim_counts.fault_report_forged++;
    sim_note(sim, "forged report %s of message %lld: %s", p->words, (long long)p->message, err_name(err));
    /* The same turn may find out what became of a message by itself; what the report claims is only the report's. */
    const char *claimed = strcmp(p->words, "delivered") == 0 ? "delivered" : "permanent";
    if (strcmp(before, after) != 0 && strncmp(after, claimed, strlen(claimed)) == 0)
        sim_fail(sim, "K3", "a forged report changed message %lld from %s to %s", (long long)p->message, before, after);
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
    case PENDING_FORGED: deliver_forged(sim, &p); return;
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
