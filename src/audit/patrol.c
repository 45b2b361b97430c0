/* Why: see self_check.h: the rounds. They sleep between two of them and never hold the writer: what they read is a snapshot on their own connection. */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "audit/self_check.h"
#include "base/log.h"

enum { ARENA_BYTES_MAX = 256 << 20 };

struct patrol {
    struct engine *engine;
    struct env *env;
    char *db_url;
    int64_t interval_s;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t wake;
    bool stopping;
};

/* False: it is over. */
static bool wait(struct patrol *patrol)
{
    struct timespec until;
    env_deadline(patrol->env, patrol->interval_s * 1000, &until);
    pthread_mutex_lock(&patrol->lock);
    while (!patrol->stopping && pthread_cond_timedwait(&patrol->wake, &patrol->lock, &until) != ETIMEDOUT) {
    }
    bool goes_on = !patrol->stopping;
    pthread_mutex_unlock(&patrol->lock);
    return goes_on;
}

static void go_round(struct patrol *patrol, struct arena *arena)
{
    struct db *db;
    enum err err = db_open(&db, patrol->db_url, DB_READER);
    if (err != OK)
        return; /* its trouble is told by others */
    struct self_check result;
    err = db_begin(db);
    if (err == OK)
        err = self_check_run(patrol->engine, db, patrol->env, arena, &result);
    if (err != OK)
        log_warning("self-check", "it could not be finished: %s", err_name(err));
    else if (result.told > 0)
        log_error("self-check", "%lld findings and %lld gaps, %lld of them new", (long long)result.findings, (long long)result.gaps, (long long)result.told);
    db_close(db);
}

static void *patrol_main(void *argument)
{
    struct patrol *patrol = argument;
    struct arena *arena = arena_new(ARENA_BYTES_MAX);
    while (wait(patrol)) {
        go_round(patrol, arena);
        arena_reset(arena);
    }
    arena_free(arena);
    return NULL;
}

struct patrol *patrol_start(struct engine *engine, struct env *env, const char *db_url, int64_t interval_s)
{
    struct patrol *patrol = calloc(1, sizeof *patrol);
    if (!patrol || !(patrol->db_url = strdup(db_url)))
        abort();
    patrol->engine = engine;
    patrol->env = env;
    patrol->interval_s = interval_s;
    pthread_mutex_init(&patrol->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&patrol->wake, &monotonic);
    pthread_condattr_destroy(&monotonic);
    if (pthread_create(&patrol->thread, NULL, patrol_main, patrol) != 0)
        abort();
    return patrol;
}

void patrol_stop(struct patrol *patrol)
{
    if (!patrol)
        return;
    pthread_mutex_lock(&patrol->lock);
    patrol->stopping = true;
    pthread_cond_signal(&patrol->wake);
    pthread_mutex_unlock(&patrol->lock);
    pthread_join(patrol->thread, NULL);
    pthread_cond_destroy(&patrol->wake);
    pthread_mutex_destroy(&patrol->lock);
    free(patrol->db_url);
    free(patrol);
}
