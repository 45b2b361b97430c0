/* Why: see database.h. */
#include "database.h"

#include <assert.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/sample.h"
#include "store/backend.h"

static char folder[FUZZ_PATH_BYTES_MAX / 2], path[FUZZ_PATH_BYTES_MAX], copy[FUZZ_PATH_BYTES_MAX];

static void remove_database(const char *name)
{
    static const char *const suffixes[] = {"", "-wal", "-shm", ".lock"};
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++) {
        char file[FUZZ_PATH_BYTES_MAX + 8];
        snprintf(file, sizeof file, "%s%s", name, suffixes[i]);
        unlink(file);
    }
}

static void clean_up(void)
{
    remove_database(path);
    remove_database(copy);
    rmdir(folder);
}

struct run {
    struct job job;
    enum err outcome;
    bool done;
};

static void run_done(struct job *job, enum err outcome)
{
    struct run *run = (struct run *)job;
    run->outcome = outcome;
    run->done = true;
}

enum err fuzz_run(struct engine *engine, engine_work *work, void *argument)
{
    struct run run = {.job = {.work = work, .argument = argument, .done = run_done}};
    engine_submit(engine, &run.job);
    while (!run.done)
        engine_turn(engine);
    return run.outcome;
}

/* Beside the sample: a person, a team and a schedule whose ids the seeds can name. */
static enum err fill(struct tx *tx, void *argument)
{
    (void)argument;
    enum err err = sample_fill(tx, TEXT("no password fits this"));
    return err != OK ? err : db_execute(
        tx->db, "INSERT INTO users (id, name, email, role, time_zone, created_at, updated_at) VALUES ('PUSER00', 'Una', 'una@x', 'user', 'UTC', 0, 0);"
                "INSERT INTO teams (id, name, created_at) VALUES ('PTEAM00', 'Fuzz', 0);"
                "INSERT INTO schedules (id, name, time_zone, version, created_at, updated_at) VALUES ('PSCHED0', 'Fuzz', 'Europe/Berlin', 1, 0, 0);"
                "INSERT INTO schedule_versions (schedule_id, version, effective_from, doc) VALUES ('PSCHED0', 1, 0, "
                "'{\"name\":\"Fuzz\",\"time_zone\":\"Europe/Berlin\",\"schedule_layers\":[{\"start\":\"2026-01-05T09:00:00+01:00\","
                "\"rotation_virtual_start\":\"2026-01-05T09:00:00+01:00\",\"rotation_turn_length_seconds\":86400,"
                "\"users\":[{\"user\":{\"id\":\"PUSER00\"}}]}]}')");
}

static void drop(void *context, struct text frame)
{
    (void)context;
    (void)frame;
}

struct env *fuzz_env(void)
{
    return env_simulated(FUZZ_START, 7);
}

const char *fuzz_database(void)
{
    if (path[0])
        return path;
    struct stat info;
    snprintf(folder, sizeof folder, "%s/muster-fuzz-XXXXXX", stat("/dev/shm", &info) == 0 ? "/dev/shm" : "/tmp");
    char *made = mkdtemp(folder);
    assert(made);
    snprintf(path, sizeof path, "%s/muster.db", folder);
    snprintf(copy, sizeof copy, "%s/copy.db", folder);
    atexit(clean_up);
    struct env *env = fuzz_env();
    struct engine *engine;
    struct engine_config config = {.db_url = path, .env = env, .public_url = "http://fuzz.example.org"};
    enum err err = db_migrate(path);
    assert(err == OK);
    err = engine_open_stepped(&engine, &config, drop, NULL);
    assert(err == OK);
    err = fuzz_run(engine, fill, NULL);
    assert(err == OK);
    engine_stop(engine);
    env_free(env);
    return path;
}

const char *fuzz_database_copy(void)
{
    static char *bytes;
    static size_t size;
    if (!bytes) {
        FILE *file = fopen(fuzz_database(), "rb");
        struct stat info;
        assert(file && fstat(fileno(file), &info) == 0);
        size = (size_t)info.st_size;
        bytes = malloc(size);
        size_t got = bytes ? fread(bytes, 1, size, file) : 0;
        assert(got == size);
        fclose(file);
    }
    remove_database(copy);
    FILE *file = fopen(copy, "wb");
    size_t put = file ? fwrite(bytes, 1, size, file) : 0;
    assert(put == size);
    fclose(file);
    return copy;
}
