/* Why: the computer a run lives on: chance, the trace, the engine with its births and deaths, virtual time, and the faults of the disk. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/config.h"
#include "base/log.h"
#include "door.h"
#include "store/checkpointer.h"

enum { TURNS_MAX = 10000, DOWN_S_MAX = 20, START_TRIES = 5, CANARY_INTERVAL_S = 1800 };

struct sim_counts sim_counts;
bool log_wanted;
static struct sim *logging_sim;

/* Chance and the trace ------------------------------------------------------------------------------------------------------- */

static uint64_t mixed(uint64_t z)
{
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

uint64_t chance_of(uint64_t a, uint64_t b, uint64_t c)
{
    return mixed(mixed(mixed(a + UINT64_C(0x9e3779b97f4a7c15)) + b) + c);
}

uint64_t chance_u64(struct sim *sim)
{
    return mixed(sim->chance += UINT64_C(0x9e3779b97f4a7c15));
}

int chance_below(struct sim *sim, int limit)
{
    return limit <= 0 ? 0 : (int)(chance_u64(sim) % (uint64_t)limit);
}

bool chance_is(struct sim *sim, double probability)
{
    return (double)(chance_u64(sim) >> 11) / 9007199254740992.0 < probability;
}

int64_t chance_seconds(struct sim *sim, int64_t from, int64_t to)
{
    return from + (int64_t)(chance_u64(sim) % (uint64_t)(to - from + 1));
}

instant sim_now(const struct sim *sim)
{
    return env_now(sim->env);
}

void sim_note(struct sim *sim, const char *format, ...)
{
    if (sim->silent)
        return;
    memmove(sim->last[1], sim->last[0], sizeof sim->last - sizeof sim->last[0]);
    char *line = sim->last[0];
    int64_t us = sim_now(sim).us - sim->started.us;
    int used = snprintf(line, sizeof sim->last[0], "%lld %lld.%06lld ", (long long)sim->step, (long long)(us / SECOND_US), (long long)(us % SECOND_US));
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + used, sizeof sim->last[0] - (size_t)used, format, arguments);
    va_end(arguments);
    for (const char *c = line; *c; c++)
        sim->hash = (sim->hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    if (sim->trace)
        printf("%s\n", line);
    if (sim->words && sim->step <= STEPS_MAX) {
        char *words = sim->words[sim->step];
        size_t size = strlen(words);
        snprintf(words + size, WORDS_MAX - size, "%s%s", size ? "; " : "", line + used);
    }
}

void sim_fail(struct sim *sim, const char *invariant, const char *format, ...)
{
    if (sim->failure[0])
        return; /* the first one says most */
    int used = snprintf(sim->failure, sizeof sim->failure, "FAILED seed %llu step %lld: %s: ", (unsigned long long)sim->seed, (long long)sim->step, invariant);
    va_list arguments;
    va_start(arguments, format);
    used += vsnprintf(sim->failure + used, sizeof sim->failure - (size_t)used, format, arguments);
    va_end(arguments);
    for (int l = LAST_STEPS; l-- > 0 && used < (int)sizeof sim->failure - 1;)
        if (sim->last[l][0])
            used += snprintf(sim->failure + used, sizeof sim->failure - (size_t)used, "\n    %s", sim->last[l]);
}

/* What the engine says about a broken disk belongs to the trace of somebody who looks; a secret belongs nowhere. */
void __wrap_log_line(enum log_level level, const char *area, const char *format, ...) PRINTF_LIKE(3, 4);
void __wrap_log_line(enum log_level level, const char *area, const char *format, ...)
{
    char line[1000];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (logging_sim)
        judge_words(logging_sim, "a line of the log", line, (size_t)size < sizeof line ? (size_t)size : sizeof line - 1);
    if (level == LOG_ERROR && log_wanted)
        printf("      %s: %s\n", area, line);
}

/* The engine --------------------------------------------------------------------------------------------------------------------- */

void sim_stop_engine(struct sim *sim)
{
    engine_stop(sim->engine);
    logging_sim = NULL;
}

void sim_forget_copier(struct sim *sim)
{
    sqlite3_close(sim->copier);
    sim->copier = NULL;
}

static int open_copier(struct sim *sim)
{
    if (sim->copier)
        return SQLITE_OK;
    return sqlite3_open_v2(sim->path, &sim->copier, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, NULL); /* synchronous unless told otherwise */
}

/* The store copies its WAL on a thread of its own (store/checkpointer.h). Here it is a deed between two turns, with the same calls, so that it follows
 * from the seed; beside a transaction it is shown by store/db_power_cut_test.c. */
void sim_checkpoint(struct sim *sim)
{
    int code = open_copier(sim), frames = -1, copied = -1;
    if (code == SQLITE_OK)
        code = sqlite3_wal_checkpoint_v2(sim->copier, NULL, SQLITE_CHECKPOINT_PASSIVE, &frames, &copied);
    if (code != SQLITE_OK)
        sim_forget_copier(sim);
    sim_counts.checkpoints++;
    sim_note(sim, "checkpoint: %d, %d of %d pages", code, copied, frames);
    if (code != SQLITE_OK && !sim->trouble)
        sim_fail(sim, "simulator", "a checkpoint failed (%d) although the disk works", code);
    sim_turns(sim);
}

void sim_start_engine(struct sim *sim)
{
    checkpointer_limits = (struct checkpointer_limits){.portion = INT32_MAX, .long_enough = INT32_MAX, .left_max = 0};
    struct engine_config config = {.db_url = sim->path, .env = sim->env, .public_url = "http://sim.example.org", .link_key = SIM_LINK_KEY, .providers = sim_providers,
                                   .provider_count = sim_provider_count, .canary_interval_s = sim->has_canary ? CANARY_INTERVAL_S : 0};
    int tries = 0;
    logging_sim = sim;
    while (engine_open_stepped(&sim->engine, &config, provider_takes, sim) != OK && ++tries < START_TRIES) {
    }
    if (tries == START_TRIES) {
        fprintf(stderr, "muster-sim: seed %llu step %lld: the engine does not start\n", (unsigned long long)sim->seed, (long long)sim->step);
        exit(2);
    }
    engine_sender_is(sim->engine, true);
    sim->restless = true;
}

/* Somebody reads for long: a backup, a report. Their snapshot holds back what the WAL may forget. */
void sim_linger(struct sim *sim, bool on)
{
    if (on == (sim->lingerer != NULL))
        return;
    if (!on) {
        sqlite3_close(sim->lingerer);
        sim->lingerer = NULL;
        return;
    }
    disk_observe(true);
    int code = sqlite3_open_v2(sim->path, &sim->lingerer, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(sim->lingerer, "BEGIN; PRAGMA user_version", NULL, NULL, NULL); /* a snapshot, and no schema is read */
    disk_observe(false);
    sim_note(sim, "somebody reads for long (%d)", code);
    sim_counts.long_readers++;
}

/* What a death leaves is found by the next start. */
void sim_crash(struct sim *sim, enum disk_fault how, int64_t down_s)
{
    disk_die(how);
    sim_linger(sim, false);
    sim_forget_copier(sim);
    judge_close(sim);
    door_close(sim);
    engine_stop(sim->engine);
    disk_restart();
    sim_linger(sim, sim->reader_waits);
    sim_counts.restarts++;
    provider_forget_answers(sim);
    env_set_now(sim->env, instant_add_s(sim_now(sim), down_s));
    if (!sim->calm && chance_is(sim, 2 * sim->disk_share)) { /* the start meets a bad disk too */
        disk_arm(chance_is(sim, 0.5) ? DISK_SHORT_READ : DISK_READ_EIO, chance_below(sim, 8), 1 + chance_below(sim, 2));
        sim->trouble = true;
    }
    sim_start_engine(sim);
    disk_disarm();
    door_open(sim);
    judge_open(sim);
    judge_restarted(sim);
    sim_turns(sim);
}

static void rise(struct sim *sim)
{
    if (!disk_is_dead() || sim->restarting)
        return;
    sim->restarting = true;
    sim_note(sim, "the machine stops in the middle of writing");
    sim_crash(sim, DISK_KILL, chance_seconds(sim, 0, DOWN_S_MAX)); /* how it died was decided by the fault */
    sim->restarting = false;
}

/* As the running writer does: it looks at what is due when something is, when a turn left something, and until its database is open. */
static bool wants_a_turn(struct sim *sim)
{
    struct engine_health health;
    engine_health(sim->engine, &health);
    return sim->restless || !health.database_ok || health.queue_length > 0 || !instant_before(sim_now(sim), engine_next_due(sim->engine));
}

void sim_turns(struct sim *sim)
{
    int turns = 0;
    for (bool again = wants_a_turn(sim); again && !disk_is_dead() && turns < TURNS_MAX; turns++)
        again = engine_turn(sim->engine);
    sim->restless = false;
    oracle_judge(sim);
    memories_judge_pages(sim);
    if (turns == TURNS_MAX)
        sim_fail(sim, "T1", "the engine does not come to rest");
    rise(sim);
}

struct run { struct job job; enum err outcome; bool done, dies; };

static void run_done(struct job *job, enum err outcome)
{
    struct run *run = (struct run *)job;
    run->outcome = disk_is_dead() ? ERR_UNAVAILABLE : outcome; /* the dead answer nobody */
    run->done = true;
    if (run->dies)
        disk_die(DISK_KILL);
}

static enum err run_once(struct sim *sim, engine_work *work, void *argument, bool dies)
{
    struct run run = {.job = {.work = work, .argument = argument, .done = run_done}, .dies = dies};
    engine_submit(sim->engine, &run.job);
    while (!run.done)
        sim->restless = engine_turn(sim->engine);
    return run.outcome;
}

struct doomed { engine_work *work; void *argument; };

static enum err run_and_die(struct tx *tx, void *argument)
{
    struct doomed *doomed = argument;
    enum err err = doomed->work(tx, doomed->argument);
    return err == OK ? ERR_UNAVAILABLE : err;
}

enum err sim_run_once(struct sim *sim, engine_work *work, void *argument, enum sim_death death)
{
    struct doomed doomed = {work, argument};
    sim->drop_frames = death == DEATH_AFTER_COMMIT;
    enum err err = death == DEATH_BEFORE_COMMIT ? run_once(sim, run_and_die, &doomed, false) : run_once(sim, work, argument, death == DEATH_WITH_ANSWER);
    sim->drop_frames = false;
    return err;
}

enum sim_death sim_draw_death(struct sim *sim)
{
    if (sim->calm || !chance_is(sim, 2 * sim->crash_chance))
        return DEATH_NONE;
    return chance_is(sim, 0.5) ? DEATH_BEFORE_COMMIT : DEATH_AFTER_COMMIT;
}

void sim_die(struct sim *sim, enum sim_death death)
{
    sim_counts.fault_died_before_commit += death == DEATH_BEFORE_COMMIT;
    sim_counts.fault_died_after_commit += death == DEATH_AFTER_COMMIT;
    sim_note(sim, "the process dies %s a commit", death == DEATH_BEFORE_COMMIT ? "before" : "after");
    sim_crash(sim, chance_is(sim, 0.5) ? DISK_KILL : DISK_POWER_CUT, chance_seconds(sim, 0, DOWN_S_MAX));
}

enum err sim_run(struct sim *sim, engine_work *work, void *argument)
{
    enum err err = run_once(sim, work, argument, false);
    if (err == OK && !disk_is_dead()) /* it may have died after the answer: nobody can look until it has started again */
        judge_answered(sim);
    sim_turns(sim);
    return err;
}

bool sim_excused(const struct sim *sim, enum err err)
{
    return sim->trouble && (err == ERR_UNAVAILABLE || err == ERR_AMBIGUOUS);
}

enum err sim_run_faulty(struct sim *sim, engine_work *work, void *argument)
{
    enum sim_death death = sim_draw_death(sim);
    if (death != DEATH_NONE) { /* whoever asked asks again */
        (void)sim_run_once(sim, work, argument, death);
        sim_die(sim, death);
    }
    return sim_run(sim, work, argument);
}

void sim_lose_sender(struct sim *sim)
{
    sim_note(sim, "the sender dies");
    sim_counts.fault_sender_died++;
    engine_sender_is(sim->engine, false);
    sim->restless = true;
    provider_forget_answers(sim);
    sim_turns(sim);
    sim_advance(sim, instant_add_s(sim_now(sim), chance_seconds(sim, 0, 5)));
    engine_sender_is(sim->engine, true);
    sim->restless = true;
    sim_turns(sim);
}

/* Time ------------------------------------------------------------------------------------------------------------------------------ */

void sim_advance(struct sim *sim, instant to)
{
    while (!sim->failure[0]) {
        instant next = instant_min(engine_next_due(sim->engine), provider_next(sim));
        if (instant_before(to, next))
            break;
        instant now = sim_now(sim);
        env_set_now(sim->env, next);
        if (!instant_before(sim_now(sim), provider_next(sim)))
            provider_deliver(sim);
        sim_turns(sim);
        bool stuck = instant_equal(now, sim_now(sim)) && !instant_before(now, engine_next_due(sim->engine)) && instant_before(now, provider_next(sim));
        if (stuck) /* what is due cannot be done now */
            env_set_now(sim->env, instant_min(to, instant_add_s(now, 1)));
        if (stuck && !instant_before(sim_now(sim), to))
            break;
        if (arena_used(sim->arena) > 16 << 20)
            arena_reset(sim->arena);
    }
    env_set_now(sim->env, to);
    sim_turns(sim);
}

/* The disk ------------------------------------------------------------------------------------------------------------------------------ */

void sim_arm_disk(struct sim *sim)
{
    sim->trouble = false;
    sim->fault_drawn[sim->step] = false;
    if (sim->calm || !chance_is(sim, sim->disk_share))
        return;
    enum disk_fault fault = (enum disk_fault)chance_below(sim, DISK_FAULTS);
    int64_t after = chance_below(sim, chance_is(sim, 0.7) ? 12 : 200);
    int times = fault <= DISK_POWER_CUT || chance_is(sim, 0.6) ? 1 : 1 + chance_below(sim, 40);
    if (!(sim->disk_kinds & (1u << fault)))
        return;
    sim->fault_drawn[sim->step] = true;
    if (sim->fault_off[sim->step])
        return;
    sim_note(sim, "disk: %s after %lld operations, %d times", disk_fault_names[fault], (long long)after, times);
    disk_arm(fault, after, times);
    sim->trouble = true;
}

void sim_disarm_disk(struct sim *sim)
{
    if (!sim->trouble)
        return;
    disk_disarm();
    sim_turns(sim); /* the engine opens its database again */
    sim->trouble = false;
}
