/* Why: one seed: an organisation lives through its steps, each with a deed and perhaps a fault; then the faults heal, nobody does
 * anything any more, and everything that is owed must be paid. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "door.h"

static const int64_t START_US = INT64_C(1774612800) * SECOND_US; /* 2026-03-27 12:00 UTC: two days before clocks change in Europe */
enum { CALM_HOURS = 14, FULL_EVERY = 50, PACES = 3 };
static const int64_t pauses[PACES][10] = {
    {0, 0, 1, 5, 30, 60, 120, 300, 900, 3600}, {0, 60, 300, 900, 1800, 3600, 3600, 7200, 7200, 14400}, {0, 0, 0, 1, 1, 2, 10, 60, 60, 600},
};

static enum err write_something(struct tx *tx, void *argument)
{
    struct sim *sim = argument;
    struct query *q = db_query(tx->db, "installation_set");
    query_bind_text(q, "name", TEXT("simulated"));
    query_bind_text(q, "value", text_printf(tx->arena, "%lld", (long long)sim->step));
    return query_run(q);
}

/* What a failed flush did not write looks clean and is built upon, unless somebody knows better: the process dies with it, a reader is there before
 * the next one, events are answered, the power goes. */
static void build_on_a_failed_flush(struct sim *sim)
{
    sim_note(sim, "a flush fails, and what it was to write seems clean");
    sim->trouble = true;
    disk_arm(DISK_FLUSH_FAILS, 0, 1);
    (void)sim_run_once(sim, write_something, sim, DEATH_WITH_ANSWER); /* the next commit would write over what was lost */
    disk_disarm();
    sim->reader_waits = chance_is(sim, 0.7);
    sim_crash(sim, DISK_KILL, 1);
    sim->reader_waits = false;
    deeds_event(sim);
    if (chance_is(sim, 0.5))
        sim_checkpoint(sim);
    deeds_event(sim);
    sim_note(sim, "the power is cut");
    sim_counts.fault_failed_flush_then_power_cut++;
    sim_crash(sim, DISK_POWER_CUT, 1);
}

static void deed(struct sim *sim)
{
    int dice = chance_below(sim, 100);
    if (dice < 35)
        deeds_event(sim);
    else if (dice < 37)
        deeds_storm(sim);
    else if (dice < 62)
        deeds_command(sim);
    else if (dice < 72)
        edits_deed(sim);
    else if (dice < 74)
        provider_change_outage(sim);
    else if (dice < 76)
        sim_lose_sender(sim);
    else if (dice == 78)
        build_on_a_failed_flush(sim);
    else if (dice == 80 || dice == 81)
        sim_linger(sim, true);
    else if (dice >= 82 && dice < 88)
        sim_linger(sim, false);
    else if (dice == 79 && chance_is(sim, sim->clock_share)) {
        int64_t jump_s = chance_is(sim, 0.7) ? chance_seconds(sim, 1, 120) : chance_seconds(sim, 120, 100000);
        sim_note(sim, "the clock jumps %lld s ahead", (long long)jump_s);
        sim_counts.fault_clock_jumped++;
        env_set_now(sim->env, instant_add_s(sim_now(sim), jump_s));
        sim_advance(sim, sim_now(sim)); /* what was under way has long ended by that clock */
    }
    else if (dice >= 92)
        memories_deed(sim);
    else if (dice < 78) {
        int64_t down_s = chance_is(sim, 0.3) ? chance_seconds(sim, 60, 14400) : chance_seconds(sim, 0, 30);
        enum disk_fault how = chance_is(sim, 0.5) ? DISK_KILL : DISK_POWER_CUT;
        sim_note(sim, "%s for %lld s", how == DISK_KILL ? "the process dies" : "the power is cut", (long long)down_s);
        sim_crash(sim, how, down_s);
    }
}

static void live(struct sim *sim)
{
    for (sim->step = 1; sim->step <= sim->steps && !sim->failure[0]; sim->step++) {
        arena_reset(sim->arena);
        sim->chance = chance_of(sim->seed, 1, (uint64_t)sim->step);
        int64_t pause_us = pauses[sim->pace][chance_below(sim, 10)] * SECOND_US + chance_below(sim, 1000000);
        sim_arm_disk(sim);
        sim_advance(sim, (instant){sim_now(sim).us + pause_us});
        sim->chance = chance_of(sim->seed, 2, (uint64_t)sim->step);
        if (!sim->deed_off[sim->step] && !sim->failure[0])
            deed(sim);
        if (chance_is(sim, 0.2) && !sim->failure[0])
            sim_checkpoint(sim);
        sim_disarm_disk(sim);
        if (!sim->failure[0])
            judge_step(sim, sim->step % FULL_EVERY == 0);
    }
}

static void heal(struct sim *sim)
{
    sim->calm = true;
    sim->healed = sim_now(sim);
    sim->outage = 0;
    sim_linger(sim, false);
    instant end = instant_add_s(sim_now(sim), CALM_HOURS * 3600);
    while (instant_before(sim_now(sim), end) && !sim->failure[0]) {
        arena_reset(sim->arena);
        sim->step++;
        sim_advance(sim, instant_add_s(sim_now(sim), 1800));
        if (!sim->failure[0])
            judge_step(sim, false);
    }
    if (!sim->failure[0])
        judge_step(sim, true);
    if (!sim->failure[0])
        judge_end(sim);
}

static void draw_run(struct sim *sim)
{
    sim->crash_chance = chance_is(sim, 0.5) ? 0.01 : 0;
    sim->fault_share = chance_is(sim, 0.3) ? 0 : 0.3;
    sim->disk_share = chance_is(sim, 0.3) ? 0 : chance_is(sim, 0.3) ? 0.3 : 0.08;
    sim->disk_kinds = chance_is(sim, 0.5) ? ~0u : (unsigned)chance_u64(sim);
    sim->pace = chance_below(sim, PACES);
    sim->clock_share = chance_is(sim, 0.5) ? 0.5 : 0;
    sim->has_canary = sim->seed / 2 % 4 == 1; /* of both kinds of asking ahead */
    sim->attention = chance_is(sim, 0.5) ? 0.9 : 0.35;
    if (sim->seed % 3 != 1)
        return;
    sim->disk_share = 0.5; /* a bad time: a handful of seeds has seen every kind of fault */
    sim->disk_kinds = ~0u;
    sim->crash_chance = 0.04;
    sim->fault_share = 0.3;
    sim->clock_share = 1;
}

static void count(struct sim *sim)
{
    sim_counts.incidents += judge_number(sim, "SELECT MAX(number) FROM incidents", 0, 0, 0);
    sim_counts.pages += judge_number(sim, "SELECT MAX(number) FROM pages", 0, 0, 0);
}

void life_run(const struct life_plan *plan, struct life_result *ret)
{
    struct sim *sim = calloc(1, sizeof *sim);
    planted_ask_ahead(plan->seed % 2 == 0);
    *sim = (struct sim){.seed = plan->seed, .chance = chance_of(plan->seed, 0, 0), .hash = UINT64_C(14695981039346656037), .steps = plan->steps, .path = plan->path,
                        .trace = plan->trace, .silent = plan->silent, .each_step = plan->each_step, .words = plan->words, .events = calloc(EVENTS_MAX, sizeof *sim->events),
                        .calls = calloc(CALLS_MAX, sizeof *sim->calls), .pending = calloc(PENDING_MAX, sizeof *sim->pending)};
    if (plan->deed_off) {
        memcpy(sim->deed_off, plan->deed_off, sizeof sim->deed_off);
        memcpy(sim->fault_off, plan->fault_off, sizeof sim->fault_off);
    }
    sim->arena = arena_new(512 << 20);
    sim->started = (instant){START_US + chance_below(sim, 7 * 86400) * SECOND_US};
    sim->env = env_simulated(sim->started, plan->seed);
    draw_run(sim);
    disk_recall(plan->seed);
    sim_start_engine(sim);
    door_open(sim);
    judge_open(sim);
    world_make(sim);
    live(sim);
    heal(sim);
    if (!plan->silent)
        count(sim);
    ret->hash = sim->hash;
    ret->steps = sim->step;
    ret->simulated_us = sim_now(sim).us - sim->started.us;
    memcpy(ret->failure, sim->failure, sizeof ret->failure);
    memcpy(ret->fault_drawn, sim->fault_drawn, sizeof ret->fault_drawn);
    sim_linger(sim, false);
    sim_forget_copier(sim);
    judge_close(sim);
    door_close(sim);
    sim_stop_engine(sim);
    env_free(sim->env);
    arena_free(sim->arena);
    free(sim->events);
    free(sim->calls);
    free(sim->pending);
    free(sim);
}
