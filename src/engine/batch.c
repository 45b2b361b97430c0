/* Why: see batch.h. Collect, BEGIN, run, claim, COMMIT, answer, publish, hand over. */
#include "engine/batch.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "engine/canary.h"
#include "engine/changes.h"
#include "engine/clockwork.h"
#include "engine/engine_state.h"
#include "engine/open_alerts.h"
#include "engine/outbox_queue.h"
#include "engine/webhook_delivery.h"

/* Changes ------------------------------------------------------------------------------------------------------------ */

void changes_note(struct tx *tx, int64_t seq, int64_t incident_number, const char *kind)
{
    struct engine *e = tx->engine;
    if (incident_number > 0 && incident_number == e->canary_number)
        return; /* nobody looks at it */
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
    size_t listener_count = atomic_load(&e->listener_count);
    for (size_t l = 0; l < listener_count && e->change_count > 0; l++)
        e->listeners[l].call(e->listeners[l].context, e->changes, e->change_count);
    e->change_count = 0;
}

/* The database ----------------------------------------------------------------------------------------------------- */

static void close_database(struct engine *e, const char *why)
{
    log_error("engine", "database: %s: %s; nothing is accepted until it is back", why, db_last_message(e->db));
    db_close(e->db);
    e->db = NULL;
    atomic_store(&e->database_ok, false);
}

static void note_database_works(struct engine *e)
{
    if (atomic_exchange(&e->database_ok, true))
        return;
    e->listening_since = env_now(e->env);
    log_info("engine", "database is open");
}

bool batch_open_database(struct engine *e)
{
    if (e->db)
        return true;
    if (db_open(&e->db, e->db_url, DB_WRITER) != OK) {
        e->db = NULL;
        return false;
    }
    note_database_works(e);
    outbox_expect_all(e->outbox);
    return true;
}

/* One batch ---------------------------------------------------------------------------------------------------------- */

static void forget_batch(struct engine *e)
{
    if (e->db)
        db_rollback(e->db);
    measures_forget(e);
    outbox_forget(e->outbox);
    webhooks_forget(e);
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
        err = measures_commit(e);
    if (err != OK) {
        forget_batch(e);
        if (err == ERR_AMBIGUOUS || db_is_broken(e->db))
            close_database(e, err == ERR_AMBIGUOUS ? "a commit ended without an answer" : "a batch failed");
        return err;
    }
    outbox_hand_over(e->outbox);
    webhooks_hand_over(e);
    return OK;
}

static enum err run_job(struct tx *tx, struct job *job)
{
    tx->refused_clean = false;
    enum err err = job->work(tx, job->argument);
    if (!job->events)
        integrations_forget(tx);
    if (db_has_failed(tx->db)) /* however it was meant: nothing of this batch can be committed */
        tx->refused_clean = false;
    return err;
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
    if (db_begin(e->db) == OK) {
        note_database_works(e);
        return OK;
    }
    if (db_is_broken(e->db))
        close_database(e, "no transaction could be begun");
    atomic_store(&e->database_ok, false);
    return ERR_UNAVAILABLE;
}

/* Each job in a transaction of its own: the way back when one of a batch failed. */
static void run_alone(struct engine *e, struct job *jobs)
{
    while (jobs) {
        struct job *job = jobs;
        jobs = job->next;
        job->next = NULL;
        enum err err = batch_open_database(e) ? begin_batch(e) : ERR_UNAVAILABLE;
        if (err == OK) {
            struct tx tx = begin_tx(e);
            err = open_alerts_foresee(&tx, job);
            if (err == OK)
                err = run_job(&tx, job);
            if (err == OK)
                err = finish_batch(e, &tx);
            else
                forget_batch(e);
            if (err == ERR_UNAVAILABLE && e->db && db_is_broken(e->db))
                close_database(e, "a change failed");
        }
        if (err == OK)
            measures_answered(e, job);
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
    if (open_alerts_foresee(&tx, jobs) != OK) {
        forget_batch(e);
        return false;
    }
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
        /* cppcheck-suppress uninitvar ; one outcome was stored for each job above */
        enum err outcome = err != OK ? err : outcomes[i];
        i++;
        if (outcome == OK)
            measures_answered(e, job);
        job->done(job, outcome);
    }
    publish(e);
    return true;
}

static void run_jobs(struct engine *e, struct job *jobs)
{
    if (!batch_open_database(e)) {
        answer_all(jobs, ERR_UNAVAILABLE);
        return;
    }
    measures_batch(e, jobs);
    if (!jobs->next || !run_together(e, jobs))
        run_alone(e, jobs);
}

static void look_again(struct engine *e, instant next)
{
    pthread_mutex_lock(&e->lock); /* who asks how the engine is reads it meanwhile */
    e->next_due = instant_min(next, outbox_next_due(e->outbox));
    pthread_mutex_unlock(&e->lock);
}

/* Timers, recovery, sending: whatever is due without being asked. True: there may be more. */
static bool run_due(struct engine *e)
{
    if (!batch_open_database(e) || begin_batch(e) != OK)
        return false;
    measures_batch(e, NULL);
    struct tx tx = begin_tx(e);
    outbox_expect_all(e->outbox); /* what was to wait for a later time may be due now */
    size_t fired = 0;
    enum err err = OK;
    bool recover = e->recover_sending || e->recover_unstored;
    if (e->recover_sending) {
        outbox_drop_in_flight(e->outbox);
        webhooks_drop_in_flight(e);
    }
    if (recover)
        err = outbox_recover(&tx);
    if (err == OK && recover)
        err = webhooks_recover(&tx);
    if (err == OK && recover)
        err = canary_start(&tx);
    if (err == OK)
        err = clockwork_fire(&tx, &fired);
    if (err == OK)
        err = webhooks_claim(&tx); /* only here: a batch that answers somebody does not wait for it */
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
    look_again(e, next);
    return fired > 0 || webhooks_expected(e);
}

/* A turn ------------------------------------------------------------------------------------------------------------- */

bool batch_turn(struct engine *e, struct job *jobs)
{
    if (jobs)
        run_jobs(e, jobs);
    if (!jobs || !instant_before(env_now(e->env), e->next_due) || e->recover_sending || e->recover_unstored || webhooks_expected(e))
        return run_due(e);
    instant next;
    if (e->db && clockwork_next(e->db, env_now(e->env), &next) == OK)
        look_again(e, next);
    return false;
}
