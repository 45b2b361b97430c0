/* Why: see checkpointer.h. */
#include "store/checkpointer.h"

#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"

/* 1,000 pages are 4 MB: small enough that their fsync does not hold up the WAL's for long, large enough that pages which change with each
 * commit are not copied each time. 8,000 pages of WAL are what an open after a crash reads again. */
struct checkpointer_limits checkpointer_limits = {.portion = 1000, .long_enough = 8000, .left_max = 200};

enum {
    PAUSE_MS = 100,       /* after holding the writer, and when a reader or an error stands in the way */
    COMPLAIN_FACTOR = 5,  /* of long_enough */
};

struct checkpointer {
    struct checkpointer_limits limits;
    char *path;
    struct env *env; /* for its clock */
    pthread_t thread;
    bool started;
    sqlite3 *handle; /* the thread's */

    pthread_mutex_t lock;
    pthread_cond_t changed;
    int frames;   /* in the WAL after the last commit */
    int copied;   /* of them, so far */
    int tried_at; /* `frames` when a portion or a hold did not get on: only new frames make another try worth it */
    bool writing, hold, stopping;
    bool complained, failing;
    struct checkpointer_counts counts;
};

/* What to do ------------------------------------------------------------------------------------------------------- */

static int left(const struct checkpointer *c)
{
    return c->frames - c->copied;
}

static bool is_long(const struct checkpointer *c)
{
    return c->frames >= c->limits.long_enough;
}

static bool is_due(const struct checkpointer *c)
{
    return c->frames != c->tried_at && (left(c) >= c->limits.portion || is_long(c));
}

static bool hold_is_worth_it(const struct checkpointer *c)
{
    return is_long(c) && left(c) <= c->limits.left_max + (c->frames - c->limits.long_enough) / 8;
}

/* The thread --------------------------------------------------------------------------------------------------------- */

/* Called and left with the lock held. */
static void pause_a_little(struct checkpointer *c)
{
    struct timespec until;
    env_deadline(c->env, PAUSE_MS, &until);
    while (!c->stopping && pthread_cond_timedwait(&c->changed, &c->lock, &until) == 0) {
    }
}

static int open_connection(struct checkpointer *c)
{
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(c->path, &c->handle, flags, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(c->handle, "PRAGMA synchronous = FULL", NULL, NULL, NULL);
    if (code == SQLITE_OK)
        return code;
    sqlite3_close(c->handle);
    c->handle = NULL;
    return code;
}

/* `ret_frames` and `ret_copied` are -1 when SQLite cannot tell. */
static int copy(struct checkpointer *c, int *ret_frames, int *ret_copied)
{
    *ret_frames = *ret_copied = -1;
    int code = c->handle ? SQLITE_OK : open_connection(c);
    return code == SQLITE_OK ? sqlite3_wal_checkpoint_v2(c->handle, NULL, SQLITE_CHECKPOINT_PASSIVE, ret_frames, ret_copied) : code;
}

static void note_failure(struct checkpointer *c, int code)
{
    bool failed = code != SQLITE_OK && code != SQLITE_BUSY; /* busy: another process copies */
    if (failed) {
        c->counts.errors++;
        if (!c->failing)
            log_error("store", "cannot copy the WAL into the database: %s; it is tried again", sqlite3_errstr(code));
    } else if (code == SQLITE_OK && c->failing) {
        log_info("store", "the WAL is copied into the database again");
    }
    if (code != SQLITE_BUSY)
        c->failing = failed;
}

static void complain_when_very_long(struct checkpointer *c)
{
    if (c->complained || c->frames < c->limits.long_enough * COMPLAIN_FACTOR)
        return;
    c->complained = true;
    log_warning("store", "the WAL has %d pages and cannot start anew: a reader holds an old snapshot, or the disk cannot follow", c->frames);
}

/* One portion, beside the writer or, when little is left, while it is held. Called and left with the lock held. */
static void advance(struct checkpointer *c)
{
    bool held = c->hold = hold_is_worth_it(c);
    while (held && c->writing && !c->stopping)
        pthread_cond_wait(&c->changed, &c->lock);
    int began = c->frames, frames, copied;
    pthread_mutex_unlock(&c->lock);
    int code = copy(c, &frames, &copied);
    pthread_mutex_lock(&c->lock);
    c->hold = false;
    pthread_cond_broadcast(&c->changed);
    c->counts.portions++;
    c->counts.holds += held;
    note_failure(c, code);
    bool got_on = code == SQLITE_OK && copied > c->copied;
    if (code == SQLITE_OK && copied >= 0)
        c->copied = copied;
    complain_when_very_long(c);
    if (got_on && !held)
        return;
    c->tried_at = began;
    pause_a_little(c);
}

static void *checkpointer_main(void *argument)
{
    struct checkpointer *c = argument;
    pthread_mutex_lock(&c->lock);
    while (!c->stopping)
        if (is_due(c))
            advance(c);
        else
            pthread_cond_wait(&c->changed, &c->lock);
    pthread_mutex_unlock(&c->lock);
    sqlite3_close(c->handle);
    return NULL;
}

static void start_thread(struct checkpointer *c)
{
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &before); /* signals belong to the main thread */
    int code = pthread_create(&c->thread, NULL, checkpointer_main, c);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    c->started = code == 0;
    if (code != 0)
        log_error("store", "cannot start the thread that copies the WAL: %s", strerror(code));
}

/* The writer's side ---------------------------------------------------------------------------------------------------- */

/* SQLite calls it after each commit, on the writer's thread. */
static int note_commit(void *context, sqlite3 *writer, const char *database, int frames)
{
    (void)writer, (void)database;
    struct checkpointer *c = context;
    pthread_mutex_lock(&c->lock);
    if (frames < c->frames) { /* it started anew */
        c->counts.restarts++;
        c->copied = c->tried_at = 0;
        c->complained = false;
    }
    c->frames = frames;
    if (is_due(c)) {
        if (!c->started)
            start_thread(c);
        pthread_cond_broadcast(&c->changed);
    }
    pthread_mutex_unlock(&c->lock);
    return SQLITE_OK;
}

void checkpointer_enter(struct checkpointer *c)
{
    pthread_mutex_lock(&c->lock);
    while (c->hold)
        pthread_cond_wait(&c->changed, &c->lock);
    c->writing = true;
    pthread_mutex_unlock(&c->lock);
}

void checkpointer_leave(struct checkpointer *c)
{
    pthread_mutex_lock(&c->lock);
    c->writing = false;
    if (c->hold)
        pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
}

struct checkpointer_counts checkpointer_counts(struct checkpointer *c)
{
    pthread_mutex_lock(&c->lock);
    struct checkpointer_counts counts = c->counts;
    counts.frames = c->frames;
    pthread_mutex_unlock(&c->lock);
    return counts;
}

/* Beginning and end -------------------------------------------------------------------------------------------------------- */

enum err checkpointer_new(struct checkpointer **ret, sqlite3 *writer, const char *path)
{
    struct checkpointer *c = calloc(1, sizeof *c);
    char *own_path = strdup(path);
    if (!c || !own_path) {
        free(c);
        free(own_path);
        return ERR_UNAVAILABLE;
    }
    c->limits = checkpointer_limits;
    c->path = own_path;
    c->env = env_real();
    pthread_mutex_init(&c->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&c->changed, &monotonic);
    pthread_condattr_destroy(&monotonic);
    sqlite3_wal_hook(writer, note_commit, c);
    *ret = c;
    return OK;
}

void checkpointer_free(struct checkpointer *c)
{
    if (!c)
        return;
    pthread_mutex_lock(&c->lock);
    c->stopping = true;
    pthread_cond_broadcast(&c->changed);
    pthread_mutex_unlock(&c->lock);
    if (c->started)
        pthread_join(c->thread, NULL);
    pthread_cond_destroy(&c->changed);
    pthread_mutex_destroy(&c->lock);
    env_free(c->env);
    free(c->path);
    free(c);
}
