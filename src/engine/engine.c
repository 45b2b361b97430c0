/* Why: see engine.h. The writer thread: collect, BEGIN, run, claim, COMMIT, answer, publish, hand over. */
#include "engine/engine.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/log.h"
#include "engine/changes.h"
#include "engine/clockwork.h"
#include "engine/engine_state.h"
#include "engine/link.h"
#include "engine/outbox.h"
#include "engine/outbox_queue.h"

enum {
    BATCH_JOBS_MAX = 512,
    BATCH_WEIGHT_MAX = 1024,  /* events in one transaction; one job may exceed it alone. An event takes up to about 50 KB while it is applied */
    QUEUE_JOBS_MAX = 100000,  /* beyond it callers are told to come back: memory is bounded */
    ARENA_BYTES_MAX = 1 << 30,
    SLEEP_MS_MAX = 1000,      /* with a timer pending: a step of the wall clock is noticed within a second (invariant T1) */
    REOPEN_PAUSE_MS = 250,
};

struct outbox *engine_outbox(struct engine *engine)
{
    return engine->outbox;
}

const char *engine_catch_all(const struct engine *engine)
{
    return engine->catch_all_email;
}

const char *engine_public_url(const struct engine *engine)
{
    return engine->public_url;
}

/* Changes ------------------------------------------------------------------------------------------------------------ */

void changes_note(struct tx *tx, int64_t seq, int64_t incident_number, const char *kind)
{
    struct engine *e = tx->engine;
    for (size_t i = e->change_count; i-- > 0 && i + 16 > e->change_count;)
        if (e->changes[i].incident_number == incident_number && strcmp(e->changes[i].kind, kind) == 0) {
            if (seq > e->changes[i].seq)
                e->changes[i].seq = seq;
            return;
        }
    if (e->change_count == e->change_capacity) {
        e->change_capacity = e->change_capacity ? e->change_capacity * 2 : 64;
        e->changes = realloc(e->changes, e->change_capacity * sizeof *e->changes);
        if (!e->changes)
            abort();
    }
    e->changes[e->change_count++] = (struct engine_change){.seq = seq, .incident_number = incident_number, .kind = kind};
}

void engine_note_change(struct tx *tx, const char *kind)
{
    changes_note(tx, 0, 0, kind);
}

static void publish(struct engine *e)
{
    for (size_t l = 0; l < e->listener_count && e->change_count > 0; l++)
        e->listeners[l].call(e->listeners[l].context, e->changes, e->change_count);
    e->change_count = 0;
}

void engine_listen(struct engine *engine, engine_listener *listener, void *context)
{
    pthread_mutex_lock(&engine->lock);
    assert(engine->listener_count < LISTENERS_MAX);
    engine->listeners[engine->listener_count].call = listener;
    engine->listeners[engine->listener_count++].context = context;
    pthread_mutex_unlock(&engine->lock);
}

/* The database ----------------------------------------------------------------------------------------------------- */

static void close_database(struct engine *e, const char *why)
{
    log_error("engine", "database: %s: %s; nothing is accepted until it is back", why, db_last_message(e->db));
    db_close(e->db);
    e->db = NULL;
    atomic_store(&e->database_ok, false);
}

static bool open_database(struct engine *e)
{
    if (e->db)
        return true;
    if (db_open(&e->db, e->db_url, DB_WRITER) != OK) {
        e->db = NULL;
        return false;
    }
    if (!atomic_exchange(&e->database_ok, true))
        log_info("engine", "database is open");
    outbox_expect_all(e->outbox);
    return true;
}

/* One batch ---------------------------------------------------------------------------------------------------------- */

static void forget_batch(struct engine *e)
{
    if (e->db)
        db_rollback(e->db);
    outbox_forget(e->outbox);
    e->change_count = 0;
}

static struct tx begin_tx(struct engine *e)
{
    arena_reset(e->arena);
    return (struct tx){.db = e->db, .env = e->env, .now = env_now(e->env), .arena = e->arena, .engine = e};
}

/* Commits what the batch did; on success the world hears of it. */
static enum err finish_batch(struct engine *e, struct tx *tx)
{
    enum err err = outbox_claim(tx);
    if (err == OK)
        err = db_commit(e->db);
    if (err != OK) {
        forget_batch(e);
        if (err == ERR_AMBIGUOUS || db_is_broken(e->db))
            close_database(e, err == ERR_AMBIGUOUS ? "a commit ended without an answer" : "a batch failed");
        return err;
    }
    outbox_hand_over(e->outbox, e->link);
    return OK;
}

static enum err run_job(struct tx *tx, struct job *job)
{
    tx->refused_clean = false;
    return job->work(tx, job->argument);
}

static void answer_all(struct job *jobs, enum err outcome)
{
    while (jobs) {
        struct job *next = jobs->next;
        jobs->done(jobs, outcome);
        jobs = next;
    }
}

static enum err begin_batch(struct engine *e)
{
    enum err err = db_begin(e->db);
    if (err != OK && db_is_broken(e->db))
        close_database(e, "no transaction could be begun");
    return err == OK ? OK : ERR_UNAVAILABLE;
}

/* Each job in a transaction of its own: the way back when one of a batch failed. */
static void run_alone(struct engine *e, struct job *jobs)
{
    while (jobs) {
        struct job *job = jobs;
        jobs = job->next;
        enum err err = open_database(e) ? begin_batch(e) : ERR_UNAVAILABLE;
        if (err == OK) {
            struct tx tx = begin_tx(e);
            err = run_job(&tx, job);
            if (err == OK)
                err = finish_batch(e, &tx);
            else
                forget_batch(e);
            if (err == ERR_UNAVAILABLE && e->db && db_is_broken(e->db))
                close_database(e, "a change failed");
        }
        job->done(job, err);
        publish(e);
    }
}

/* All jobs in one transaction. False: nothing of it is stored and nobody was answered. */
static bool run_together(struct engine *e, struct job *jobs)
{
    if (begin_batch(e) != OK) {
        answer_all(jobs, ERR_UNAVAILABLE);
        return true;
    }
    struct tx tx = begin_tx(e);
    enum err outcomes[BATCH_JOBS_MAX];
    size_t count = 0;
    for (struct job *job = jobs; job; job = job->next) {
        outcomes[count] = run_job(&tx, job);
        if (outcomes[count++] != OK && !tx.refused_clean) {
            forget_batch(e);
            return false;
        }
    }
    enum err err = finish_batch(e, &tx);
    size_t i = 0;
    while (jobs) {
        struct job *job = jobs;
        jobs = job->next;
        enum err outcome = err != OK ? err : outcomes[i];
        i++;
        job->done(job, outcome);
    }
    publish(e);
    return true;
}

static void run_jobs(struct engine *e, struct job *jobs)
{
    if (!open_database(e)) {
        answer_all(jobs, ERR_UNAVAILABLE);
        return;
    }
    if (!jobs->next || !run_together(e, jobs))
        run_alone(e, jobs);
}

/* Timers, recovery, sending: whatever is due without being asked. True: there may be more. */
static bool run_due(struct engine *e)
{
    if (!open_database(e) || begin_batch(e) != OK)
        return false;
    struct tx tx = begin_tx(e);
    size_t fired = 0;
    enum err err = OK;
    bool recover = e->recover_sending || e->recover_unstored;
    if (e->recover_sending)
        outbox_drop_in_flight(e->outbox);
    if (recover)
        err = outbox_recover(&tx);
    if (err == OK)
        err = clockwork_fire(&tx, &fired);
    if (err != OK) {
        log_error("engine", "due work failed: %s; it is tried again", err_name(err));
        forget_batch(e);
        if (db_is_broken(e->db))
            close_database(e, "due work failed");
        return false;
    }
    if (finish_batch(e, &tx) != OK)
        return false;
    if (recover)
        e->recover_sending = e->recover_unstored = false;
    publish(e);
    instant next = INSTANT_MAX;
    if (clockwork_next(e->db, tx.now, &next) != OK)
        next = tx.now;
    e->next_due = instant_min(next, outbox_next_due(e->outbox));
    return fired > 0;
}

/* The loop ---------------------------------------------------------------------------------------------------------- */

static int weight_of(const struct job *job)
{
    return job->weight > 0 ? job->weight : 1;
}

static struct job *take_jobs(struct engine *e)
{
    struct job *jobs = e->first, *job = jobs;
    if (!jobs)
        return NULL;
    size_t count = 1;
    int weight = weight_of(job);
    while (job->next && count < BATCH_JOBS_MAX && weight + weight_of(job->next) <= BATCH_WEIGHT_MAX) {
        job = job->next;
        weight += weight_of(job);
        count++;
    }
    e->first = job->next;
    job->next = NULL;
    if (!e->first)
        e->last = &e->first;
    e->queued -= (int64_t)count;
    return jobs;
}

static void rest(struct engine *e)
{
    e->rounds++;
    e->resting = true;
    pthread_cond_broadcast(&e->idle);
    bool timed = !instant_equal(e->next_due, INSTANT_MAX) && !env_is_test_clock(e->env);
    int64_t wait_ms = SLEEP_MS_MAX;
    if (timed) {
        int64_t until_due_ms = (e->next_due.us - env_now(e->env).us + 999) / 1000;
        wait_ms = until_due_ms < wait_ms ? until_due_ms : wait_ms;
    }
    if (!e->db) {
        timed = true;
        wait_ms = REOPEN_PAUSE_MS;
    }
    struct timespec until;
    env_deadline(e->env, wait_ms, &until);
    while (!e->first && !e->woken && !e->stopping)
        if (!timed)
            pthread_cond_wait(&e->wake, &e->lock);
        else if (wait_ms <= 0 || pthread_cond_timedwait(&e->wake, &e->lock, &until) == ETIMEDOUT)
            break;
    e->resting = false;
}

static void *writer_main(void *argument)
{
    struct engine *e = argument;
    pthread_mutex_lock(&e->lock);
    for (;;) {
        struct job *jobs = take_jobs(e);
        if (!jobs && e->stopping)
            break;
        e->woken = false;
        if (e->link_changed) {
            e->link_changed = false;
            outbox_set_link(e->outbox, e->link_up);
            if (!e->link_up)
                e->recover_sending = true;
        }
        pthread_mutex_unlock(&e->lock);
        if (jobs)
            run_jobs(e, jobs);
        bool more = false;
        if (!jobs || !instant_before(env_now(e->env), e->next_due) || e->recover_sending || e->recover_unstored)
            more = run_due(e);
        else if (e->db) {
            instant next;
            if (clockwork_next(e->db, env_now(e->env), &next) == OK)
                e->next_due = instant_min(next, outbox_next_due(e->outbox));
        }
        pthread_mutex_lock(&e->lock);
        if (!e->first && !more && !e->woken && !e->stopping)
            rest(e);
    }
    pthread_mutex_unlock(&e->lock);
    return NULL;
}

void engine_wake(struct engine *e)
{
    pthread_mutex_lock(&e->lock);
    e->woken = true;
    pthread_cond_signal(&e->wake);
    pthread_mutex_unlock(&e->lock);
}

void engine_submit(struct engine *e, struct job *job)
{
    job->next = NULL;
    pthread_mutex_lock(&e->lock);
    enum err refused = e->stopping ? ERR_UNAVAILABLE : e->queued >= QUEUE_JOBS_MAX && !job->internal ? ERR_LIMIT : OK;
    if (refused == OK) {
        *e->last = job;
        e->last = &job->next;
        e->queued++;
        pthread_cond_signal(&e->wake);
    }
    pthread_mutex_unlock(&e->lock);
    if (refused != OK)
        job->done(job, refused);
}

struct waiting {
    struct job job;
    pthread_mutex_t lock;
    pthread_cond_t finished;
    bool is_finished;
    enum err outcome;
};

static void waiting_done(struct job *job, enum err outcome)
{
    struct waiting *waiting = (struct waiting *)job;
    pthread_mutex_lock(&waiting->lock);
    waiting->is_finished = true;
    waiting->outcome = outcome;
    pthread_cond_signal(&waiting->finished);
    pthread_mutex_unlock(&waiting->lock);
}

enum err engine_execute(struct engine *engine, engine_work *work, void *argument)
{
    struct waiting waiting = {.job = {.work = work, .argument = argument, .done = waiting_done}};
    pthread_mutex_init(&waiting.lock, NULL);
    pthread_cond_init(&waiting.finished, NULL);
    engine_submit(engine, &waiting.job);
    pthread_mutex_lock(&waiting.lock);
    while (!waiting.is_finished)
        pthread_cond_wait(&waiting.finished, &waiting.lock);
    pthread_mutex_unlock(&waiting.lock);
    pthread_cond_destroy(&waiting.finished);
    pthread_mutex_destroy(&waiting.lock);
    return waiting.outcome;
}

enum err engine_verify(struct engine *engine, struct text provider, struct text url, const json_t *parameters, struct text signature, bool *ret_valid)
{
    return link_verify(engine->link, provider, url, parameters, signature, 5000, ret_valid);
}

/* Start, stop, test clock, health -------------------------------------------------------------------------------------- */

static char *copy_or_null(const char *string)
{
    char *copy = string ? strdup(string) : NULL;
    if (string && !copy)
        abort();
    return copy;
}

enum err engine_start(struct engine **ret, const struct engine_config *config)
{
    struct engine *e = calloc(1, sizeof *e);
    if (!e)
        abort();
    e->env = config->env;
    e->db_url = copy_or_null(config->db_url);
    e->public_url = copy_or_null(config->public_url);
    e->catch_all_email = copy_or_null(config->catch_all_email);
    e->last = &e->first;
    e->next_due = INSTANT_NONE; /* look at once */
    e->recover_sending = true;
    e->arena = arena_new(ARENA_BYTES_MAX);
    pthread_mutex_init(&e->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&e->wake, &monotonic);
    pthread_cond_init(&e->idle, &monotonic);
    pthread_condattr_destroy(&monotonic);
    e->outbox = outbox_new(e, config->providers, config->provider_count);
    if (!open_database(e)) {
        engine_stop(e);
        return ERR_UNAVAILABLE;
    }
    struct link_events events = {.context = e, .env = e->env, .spawn = config->spawn_sender, .spawn_context = config->spawn_context,
                                 .on_outcome = engine_on_outcome, .on_state = engine_on_link_state};
    e->link = link_start(&events);
    if (pthread_create(&e->writer, NULL, writer_main, e) != 0)
        abort();
    *ret = e;
    return OK;
}

void engine_stop(struct engine *e)
{
    pthread_mutex_lock(&e->lock);
    e->stopping = true;
    pthread_cond_broadcast(&e->wake);
    pthread_mutex_unlock(&e->lock);
    if (e->link) {
        pthread_join(e->writer, NULL);
        link_stop(e->link);
    }
    db_close(e->db);
    outbox_free(e->outbox);
    arena_free(e->arena);
    free(e->changes);
    free(e->db_url);
    free(e->public_url);
    free(e->catch_all_email);
    pthread_cond_destroy(&e->wake);
    pthread_cond_destroy(&e->idle);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

void engine_health(struct engine *e, struct engine_health *ret)
{
    pthread_mutex_lock(&e->lock);
    instant now = env_now(e->env);
    *ret = (struct engine_health){
        .database_ok = atomic_load(&e->database_ok), .queue_length = e->queued,
        .oldest_due_timer_age_us = instant_is_set(e->next_due) && instant_before(e->next_due, now) ? now.us - e->next_due.us : 0,
        .messages_in_flight = outbox_in_flight(e->outbox), .sender_ok = e->link_up};
    pthread_mutex_unlock(&e->lock);
}
