/* Why: runs seeds. One seed is one organisation and one story; the same seed gives the same trace, so a failure is a pair of numbers.
 *
 *   muster-sim [--seed S] [--seeds K] [--steps N] [--seconds T] [--until T] [--planted NAME] [--trace] [--folder DIR] [--shrink T] [--script FILE] [--all-faults] [--stop]
 *     --seeds K     K seeds from S on; --seconds T stops after T seconds of work (of a core), whichever comes first
 *     --until T     stops after T seconds on the clock
 *     --planted     breaks the engine in that way (--planted list names them); the run should fail
 *     --shrink T    a failing seed is made small for at most T seconds and printed as a script; 30 unless told
 *     --script      plays such a script
 *     --all-faults  fails when a kind of fault never fired
 *     --invariants  alone: prints which invariant is checked where (from the repository's folder)
 *     --stop        at the first failing seed, which is not shrunk
 *   Prints one line per failure (seed, step, invariant, what happened last), sums, and as its last line the sums as JSON; exit code 1 when
 *   something failed. Every 16th seed is run twice: its trace must be the same. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sim.h"

enum { TWICE_EVERY = 16 };

static struct {
    uint64_t seed;
    int64_t seeds, steps, seconds, until_s, shrink_s;
    const char *planted, *folder, *script;
    bool trace, all_faults, stop;
} options = {.seed = 1, .seeds = 1, .steps = 300, .shrink_s = 30, .folder = "/dev/shm"};

struct sums { int64_t seeds, failed, steps, simulated_us, twice; uint64_t hash; };

static void fail_once(struct sums *sums, const struct life_plan *plan, const struct life_result *result)
{
    printf("%s\n", result->failure);
    fflush(stdout);
    if (options.shrink_s > 0 && sums->failed == 0 && !options.stop)
        script_shrink(plan, result, options.shrink_s);
    sums->failed++;
}

/* The judge looked now and then: again, and after each step. A planted bug that remembers may not show again. */
static void look_closely(struct life_plan *plan, struct life_result *result)
{
    if (plan->each_step)
        return;
    struct life_result *again = calloc(1, sizeof *again);
    struct sim_counts counts = sim_counts;
    struct disk_counts of_disk = disk_counts;
    plan->each_step = true;
    life_run(plan, again);
    if (again->failure[0])
        *result = *again;
    sim_counts = counts;
    disk_counts = of_disk;
    free(again);
}

static void run_seed(uint64_t seed, const char *path, struct sums *sums)
{
    struct life_plan plan = {.seed = seed, .steps = options.steps, .trace = options.trace, .each_step = options.trace, .path = path};
    struct life_result *result = calloc(1, sizeof *result), *again = calloc(1, sizeof *again);
    life_run(&plan, result);
    sums->seeds++;
    sums->steps += result->steps;
    sums->simulated_us += result->simulated_us;
    sums->hash = sums->hash * 31 + result->hash;
    if (result->failure[0]) {
        look_closely(&plan, result);
        fail_once(sums, &plan, result);
    } else if (sums->seeds % TWICE_EVERY == 1 && !options.trace && options.seeds > 1 && !planted_now()[0]) { /* planted bugs remember */
        struct sim_counts counts = sim_counts;
        struct disk_counts of_disk = disk_counts;
        life_run(&plan, again);
        sim_counts = counts;
        disk_counts = of_disk;
        sums->twice++;
        if (again->hash != result->hash) {
            printf("FAILED seed %llu: the same seed gave another trace\n", (unsigned long long)seed);
            sums->failed++;
        }
    }
    free(result);
    free(again);
}

/* Sums ---------------------------------------------------------------------------------------------------------------------------- */

struct figure { const char *name; int64_t value; };
static const struct figure *figures(size_t *ret_count)
{
    static struct figure all[100];
    size_t count = 0;
#define ROW(name_) all[count++] = (struct figure){#name_, sim_counts.name_};
    SIM_COUNTS(ROW)
#undef ROW
    static char names[DISK_FAULTS][48];
    for (size_t f = 0; f < DISK_FAULTS; f++) {
        snprintf(names[f], sizeof names[f], "fault_disk_%s", disk_fault_names[f]);
        all[count++] = (struct figure){names[f], disk_counts.fired[f]};
    }
    all[count++] = (struct figure){"fault_disk_write_lost", disk_counts.writes_lost};
    all[count++] = (struct figure){"fault_disk_write_torn", disk_counts.writes_torn};
    *ret_count = count;
    return all;
}

static int64_t faults_that_never_fired(void)
{
    size_t count;
    const struct figure *all = figures(&count);
    int64_t missing = 0;
    for (size_t i = 0; i < count; i++)
        if (strncmp(all[i].name, "fault_", 6) == 0 && all[i].value == 0) {
            printf("FAILED: %s never fired\n", all[i].name);
            missing++;
        }
    return missing;
}

static void print_sums(const struct sums *sums, double used_s)
{
    double days = (double)sums->simulated_us / 86400e6, team_years = (double)sim_counts.incidents / 3650;
    printf("%lld seeds, %lld failed, %lld steps, %lld events accepted, %lld commands, %lld sends, %lld restarts, %.1f simulated days, %.2f years of ten incidents a day "
           "in %.1f s of work (%.0f an hour), trace %016llx\n",
           (long long)sums->seeds, (long long)sums->failed, (long long)sums->steps, (long long)sim_counts.events, (long long)sim_counts.commands,
           (long long)sim_counts.sends, (long long)sim_counts.restarts, days, team_years, used_s, used_s > 0 ? team_years * 3600 / used_s : 0,
           (unsigned long long)sums->hash);
    printf("{\"seeds\":%lld,\"violations\":%lld,\"steps\":%lld,\"simulated_days\":%.1f,\"years_of_ten_incidents_a_day\":%.3f,\"work_seconds\":%.1f,\"seeds_run_twice\":%lld,"
           "\"invariants_checked\":%lld",
           (long long)sums->seeds, (long long)sums->failed, (long long)sums->steps, days, team_years, used_s, (long long)sums->twice, (long long)invariants_count());
    size_t count;
    const struct figure *all = figures(&count);
    for (size_t i = 0; i < count; i++)
        printf(",\"%s\":%lld", all[i].name, (long long)all[i].value);
    printf("}\n");
}

/* Options -------------------------------------------------------------------------------------------------------------------------- */

static void usage(void)
{
    fprintf(stderr, "usage: muster-sim [--seed S] [--seeds K] [--steps N] [--seconds T] [--until T] [--planted NAME|list] [--folder DIR] [--trace] [--shrink T] [--script FILE] [--all-faults] [--stop]\n");
    exit(2);
}

static void read_options(int argc, char **argv)
{
    const struct { const char *name; int64_t *number; const char **word; } known[] = {
        {"--seeds", &options.seeds, NULL}, {"--steps", &options.steps, NULL}, {"--seconds", &options.seconds, NULL}, {"--until", &options.until_s, NULL}, {"--shrink", &options.shrink_s, NULL},
        {"--seed", (int64_t *)&options.seed, NULL}, {"--planted", NULL, &options.planted}, {"--folder", NULL, &options.folder}, {"--script", NULL, &options.script},
    };
    for (int i = 1; i < argc; i++) {
        bool flag = strcmp(argv[i], "--trace") == 0 || strcmp(argv[i], "--all-faults") == 0 || strcmp(argv[i], "--stop") == 0;
        options.trace = options.trace || strcmp(argv[i], "--trace") == 0;
        options.all_faults = options.all_faults || strcmp(argv[i], "--all-faults") == 0;
        options.stop = options.stop || strcmp(argv[i], "--stop") == 0;
        if (flag)
            continue;
        size_t k = 0;
        while (k < sizeof known / sizeof known[0] && strcmp(argv[i], known[k].name) != 0)
            k++;
        if (k == sizeof known / sizeof known[0] || i + 1 == argc)
            usage();
        i++;
        if (known[k].word)
            *known[k].word = argv[i];
        else if (!text_to_int64(text_of(argv[i]), known[k].number) || *known[k].number < 0)
            usage();
    }
    if (options.steps > STEPS_MAX)
        usage();
}

/* The database a run starts with; the file itself stays empty, it is only there to be locked. */
static void make_template(const char *path)
{
    struct db *writer;
    /* Many small statements are prepared again after each death. */
    if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK || sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 512, 2000) != SQLITE_OK)
        exit(2);
    disk_install();
    disk_format(1);
    if (db_migrate(path) != OK || db_open(&writer, path, DB_WRITER) != OK)
        exit(2);
    db_close(writer);
    disk_remember();
}

/* Of this process so far: what a run reaches must not depend on what else the machine does. */
static double work_s(void)
{
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

int main(int argc, char **argv)
{
    if (argc == 2 && strcmp(argv[1], "--invariants") == 0)
        return invariants_print();
    read_options(argc, argv);
    if (options.planted && strcmp(options.planted, "list") == 0) {
        for (size_t p = 0; planted_names[p]; p++)
            puts(planted_names[p]);
        return 0;
    }
    log_wanted = options.trace;
    char folder[200], path[256], lock[300];
    struct stat info;
    snprintf(folder, sizeof folder, "%s/muster-sim-XXXXXX", stat(options.folder, &info) == 0 ? options.folder : "/tmp");
    if (!mkdtemp(folder))
        return 2;
    snprintf(path, sizeof path, "%s/sim.db", folder);
    snprintf(lock, sizeof lock, "%s.lock", path);
    make_template(path);
    planted_set(options.planted);
    struct sums sums = {0};
    int code = options.script ? script_replay(options.script, path) : 0;
    time_t until = time(NULL) + (time_t)options.until_s;
    for (int64_t i = 0; !options.script && !(options.until_s && time(NULL) >= until) && i < options.seeds && !(options.stop && sums.failed > 0) && !(options.seconds && work_s() > (double)options.seconds); i++)
        run_seed(options.seed + (uint64_t)i, path, &sums);
    if (!options.script) {
        sums.failed += options.all_faults ? faults_that_never_fired() : 0;
        print_sums(&sums, work_s());
        code = sums.failed ? 1 : 0;
    }
    unlink(path);
    unlink(lock);
    rmdir(folder);
    return code;
}
