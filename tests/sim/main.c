/* Why: runs seeds. One seed is one organisation and one story; the same seed gives the same trace, so a failure is a pair of numbers.
 *
 *   muster-sim [--seed S] [--seeds K] [--steps N] [--seconds T] [--planted NAME] [--trace] [--folder DIR]
 *     --seeds K     K seeds from S on; --seconds T stops after T seconds of real time, whichever comes first
 *     --planted     breaks the engine in that way (--planted list names them); the run should fail
 *   Prints one line per failure (seed, step, invariant, what happened last) and a line of sums; exit code 1 when something failed. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/config.h"
#include "base/log.h"
#include "sim.h"

static const int64_t START_US = INT64_C(1774612800) * SECOND_US; /* 2026-03-27 12:00 UTC: two days before clocks change in Europe */
enum { CALM_HOURS = 14, TURNS_MAX = 10000 };

static struct { uint64_t seed; int64_t seeds, steps, seconds; const char *planted, *folder; bool trace; } options = {.seed = 1, .seeds = 1, .steps = 300, .folder = "/dev/shm"};

uint64_t chance_u64(struct sim *sim)
{
    uint64_t z = sim->chance += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
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
    char *line = sim->last[0];
    memmove(sim->last[1], sim->last[0], sizeof sim->last - sizeof sim->last[0]);
    int64_t us = sim_now(sim).us - START_US;
    int used = snprintf(line, sizeof sim->last[0], "%lld %lld.%06lld ", (long long)sim->step, (long long)(us / SECOND_US), (long long)(us % SECOND_US));
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(line + used, sizeof sim->last[0] - (size_t)used, format, arguments);
    va_end(arguments);
    for (const char *c = line; *c; c++)
        sim->hash = (sim->hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    if (options.trace)
        printf("%s\n", line);
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

/* The engine --------------------------------------------------------------------------------------------------------------------- */

void sim_start_engine(struct sim *sim)
{
    struct engine_config config = {.db_url = sim->path, .env = sim->env, .public_url = "http://sim.example.org", .link_key = "muster-sim-muster-sim-muster-sim", .providers = sim_providers,
                                   .provider_count = sim_provider_count};
    if (engine_open_stepped(&sim->engine, &config, provider_takes, sim) != OK) {
        fprintf(stderr, "muster-sim: the engine does not start\n");
        exit(2);
    }
    engine_sender_is(sim->engine, true);
    sim->link_up = true;
}

void sim_turns(struct sim *sim)
{
    int turns = 0;
    while (engine_turn(sim->engine) && ++turns < TURNS_MAX) {
    }
    if (turns == TURNS_MAX)
        sim_fail(sim, "T1", "the engine does not come to rest");
}

struct run { struct job job; enum err outcome; bool done; };

static void run_done(struct job *job, enum err outcome)
{
    struct run *run = (struct run *)job;
    run->outcome = outcome;
    run->done = true;
}

static enum err run_once(struct sim *sim, engine_work *work, void *argument)
{
    struct run run = {.job = {.work = work, .argument = argument, .done = run_done}};
    engine_submit(sim->engine, &run.job);
    while (!run.done)
        engine_turn(sim->engine);
    return run.outcome;
}

enum err sim_run(struct sim *sim, engine_work *work, void *argument)
{
    enum err err = run_once(sim, work, argument);
    sim_turns(sim);
    return err;
}

struct doomed { engine_work *work; void *argument; };

static enum err run_and_die(struct tx *tx, void *argument)
{
    struct doomed *doomed = argument;
    enum err err = doomed->work(tx, doomed->argument);
    return err == OK ? ERR_UNAVAILABLE : err;
}

enum err sim_run_faulty(struct sim *sim, engine_work *work, void *argument)
{
    if (!sim->calm && chance_is(sim, sim->crash_chance)) { /* dies before the commit: nobody was answered, whoever asked asks again */
        struct doomed doomed = {work, argument};
        enum err err = run_once(sim, run_and_die, &doomed);
        sim_note(sim, "the process dies before a commit (%s)", err_name(err));
        sim_crash(sim, chance_seconds(sim, 0, 20));
    } else if (!sim->calm && chance_is(sim, sim->crash_chance)) { /* dies after it: it happened, and nobody knows */
        sim->drop_frames = true;
        enum err err = run_once(sim, work, argument);
        sim->drop_frames = false;
        sim_note(sim, "the process dies after a commit (%s)", err_name(err));
        sim_crash(sim, chance_seconds(sim, 0, 20));
    }
    return sim_run(sim, work, argument);
}

void sim_crash(struct sim *sim, int64_t down_s)
{
    engine_stop(sim->engine);
    sim->crashes++;
    provider_forget_answers(sim);
    env_set_now(sim->env, instant_add_s(sim_now(sim), down_s));
    sim_start_engine(sim);
    sim_turns(sim);
}

/* Time ------------------------------------------------------------------------------------------------------------------------------ */

static void advance(struct sim *sim, instant to)
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
        if (stuck && instant_equal(sim_now(sim), to))
            break;
        if (arena_used(sim->arena) > 16 << 20)
            arena_reset(sim->arena);
    }
    env_set_now(sim->env, to);
    sim_turns(sim);
}

static void change_faults(struct sim *sim)
{
    sim->outage = chance_is(sim, 0.6) ? 0 : chance_below(sim, 1 << 5);
    sim_note(sim, "providers out: %d", sim->outage);
}

static void lose_sender(struct sim *sim)
{
    sim_note(sim, "the sender dies");
    engine_sender_is(sim->engine, false);
    provider_forget_answers(sim);
    sim_turns(sim);
    advance(sim, instant_add_s(sim_now(sim), chance_seconds(sim, 0, 5)));
    engine_sender_is(sim->engine, true);
    sim_turns(sim);
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
        world_edit(sim);
    else if (dice < 74)
        change_faults(sim);
    else if (dice < 76)
        lose_sender(sim);
    else if (dice < 79) {
        int64_t down_s = chance_is(sim, 0.3) ? chance_seconds(sim, 60, 14400) : chance_seconds(sim, 0, 30);
        sim_note(sim, "the process dies for %lld s", (long long)down_s);
        sim_crash(sim, down_s);
    }
}

static void live(struct sim *sim)
{
    static const int64_t pauses[] = {0, 0, 1, 5, 30, 60, 120, 300, 900, 3600};
    for (sim->step = 1; sim->step <= sim->steps && !sim->failure[0]; sim->step++) {
        arena_reset(sim->arena);
        advance(sim, (instant){sim_now(sim).us + pauses[chance_below(sim, 10)] * SECOND_US + chance_below(sim, 1000000)});
        deed(sim);
        if (!sim->failure[0])
            judge_step(sim, sim->step % 50 == 0);
    }
}

/* No faults any more, nobody does anything: everything that is owed must be paid. */
static void heal(struct sim *sim)
{
    sim->calm = true;
    sim->outage = 0;
    instant end = instant_add_s(sim_now(sim), CALM_HOURS * 3600);
    while (instant_before(sim_now(sim), end) && !sim->failure[0]) {
        arena_reset(sim->arena);
        sim->step++;
        advance(sim, instant_add_s(sim_now(sim), 1800));
        if (!sim->failure[0])
            judge_step(sim, false);
    }
    if (!sim->failure[0])
        judge_step(sim, true);
    if (!sim->failure[0])
        judge_end(sim);
}

/* Seeds ------------------------------------------------------------------------------------------------------------------------------- */

struct sums { int64_t seeds, failed, steps, events, frames, crashes, commands, simulated_s; };

static void copy_file(const char *from, const char *to)
{
    char block[65536];
    FILE *in = fopen(from, "rb"), *out = fopen(to, "wb");
    if (!in || !out)
        exit(2);
    for (size_t n; (n = fread(block, 1, sizeof block, in)) > 0;)
        fwrite(block, 1, n, out);
    fclose(in);
    fclose(out);
}

static void remove_database(const char *path)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; i < 4; i++) {
        char name[300];
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
}

static uint64_t run_seed(uint64_t seed, const char *template, const char *folder, struct sums *sums)
{
    struct sim *sim = calloc(1, sizeof *sim);
    *sim = (struct sim){.seed = seed, .chance = seed * 2 + 1, .hash = UINT64_C(14695981039346656037), .steps = options.steps,
                        .events = calloc(EVENTS_MAX, sizeof *sim->events), .calls = calloc(CALLS_MAX, sizeof *sim->calls),
                        .pending = calloc(PENDING_MAX, sizeof *sim->pending)};
    sim->arena = arena_new(512 << 20);
    sim->env = env_simulated((instant){START_US + chance_below(sim, 7 * 86400) * SECOND_US}, seed);
    sim->crash_chance = chance_is(sim, 0.5) ? 0.01 : 0;
    sim->fault_share = chance_is(sim, 0.3) ? 0 : 0.3;
    snprintf(sim->path, sizeof sim->path, "%s/sim.db", folder);
    copy_file(template, sim->path);
    sim_start_engine(sim);
    judge_open(sim);
    instant start = sim_now(sim);
    world_make(sim);
    live(sim);
    heal(sim);
    int64_t simulated_s = (sim_now(sim).us - start.us) / SECOND_US;
    sums->seeds++;
    sums->failed += sim->failure[0] != 0;
    sums->steps += sim->step;
    sums->events += sim->event_count;
    sums->frames += sim->frames;
    sums->crashes += sim->crashes;
    sums->commands += sim->commands;
    sums->simulated_s += simulated_s;
    if (sim->failure[0])
        printf("%s\n", sim->failure);
    uint64_t hash = sim->hash;
    judge_close(sim);
    engine_stop(sim->engine);
    env_free(sim->env);
    arena_free(sim->arena);
    remove_database(sim->path);
    free(sim->events);
    free(sim->calls);
    free(sim->pending);
    free(sim);
    return hash;
}

static void usage(void)
{
    fprintf(stderr, "usage: muster-sim [--seed S] [--seeds K] [--steps N] [--seconds T] [--planted NAME|list] [--folder DIR] [--trace]\n");
    exit(2);
}

static void read_options(int argc, char **argv)
{
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--trace") == 0) {
            options.trace = true;
            continue;
        }
        if (i + 1 == argc)
            usage();
        const char *name = argv[i++];
        int64_t number = 0;
        bool is_number = text_to_int64(text_of(argv[i]), &number) && number >= 0;
        if (strcmp(name, "--planted") == 0)
            options.planted = argv[i];
        else if (strcmp(name, "--folder") == 0)
            options.folder = argv[i];
        else if (strcmp(name, "--seed") == 0 && is_number)
            options.seed = (uint64_t)number;
        else if (strcmp(name, "--seeds") == 0 && is_number)
            options.seeds = number;
        else if (strcmp(name, "--steps") == 0 && is_number)
            options.steps = number;
        else if (strcmp(name, "--seconds") == 0 && is_number)
            options.seconds = number;
        else
            usage();
    }
}

int main(int argc, char **argv)
{
    read_options(argc, argv);
    if (options.planted && strcmp(options.planted, "list") == 0) {
        for (size_t p = 0; planted_names[p]; p++)
            puts(planted_names[p]);
        return 0;
    }
    planted_set(options.planted);
    log_set_level(LOG_ERROR);
    char folder[200], template[256];
    struct stat info;
    snprintf(folder, sizeof folder, "%s/muster-sim-XXXXXX", stat(options.folder, &info) == 0 ? options.folder : "/tmp");
    if (!mkdtemp(folder))
        return 2;
    snprintf(template, sizeof template, "%s/template.db", folder);
    struct db *writer;
    if (db_migrate(template) != OK || db_open(&writer, template, DB_WRITER) != OK)
        return 2;
    db_close(writer);
    struct env *real = env_real();
    int64_t started_us = env_monotonic_us(real);
    struct sums sums = {0};
    uint64_t hash = 0;
    for (int64_t i = 0; i < options.seeds && !(options.seconds && env_monotonic_us(real) - started_us > options.seconds * SECOND_US); i++)
        hash = hash * 31 + run_seed(options.seed + (uint64_t)i, template, folder, &sums);
    printf("%lld seeds, %lld failed, %lld steps, %lld events accepted, %lld commands, %lld sends, %lld crashes, %.1f simulated days in %.1f s, trace %016llx\n",
           (long long)sums.seeds, (long long)sums.failed, (long long)sums.steps, (long long)sums.events, (long long)sums.commands, (long long)sums.frames,
           (long long)sums.crashes, (double)sums.simulated_s / 86400, (double)(env_monotonic_us(real) - started_us) / 1e6, (unsigned long long)hash);
    remove_database(template);
    rmdir(folder);
    env_free(real);
    return sums.failed ? 1 : 0;
}
