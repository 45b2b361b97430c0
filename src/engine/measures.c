/* Why: see measures.h. */
#include "engine/measures.h"

#include <string.h>

#include "engine/engine_state.h"

const int64_t histogram_bounds_us[HISTOGRAM_BOUNDS] = {500,    1000,   2500,    5000,    10000,   25000,   50000,    100000,  250000,
                                                       500000, 1000000, 2500000, 5000000, 10000000, 30000000, 60000000, 300000000};
const int64_t histogram_bounds_count[HISTOGRAM_BOUNDS] = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768, 65536};
const char *const disposition_names[DISPOSITIONS] = {"opened", "merged", "resolved", "acknowledged", "no_op", "suppressed", "change"};

const struct measures *engine_measures(struct engine *engine)
{
    return &engine->measures;
}

/* The one writer needs no locked instruction. */
static void add(_Atomic int64_t *counter, int64_t amount)
{
    atomic_store_explicit(counter, atomic_load_explicit(counter, memory_order_relaxed) + amount, memory_order_relaxed);
}

static void observe(struct histogram *histogram, const int64_t *bounds, int64_t value)
{
    size_t b = 0;
    while (b < HISTOGRAM_BOUNDS && value > bounds[b])
        b++;
    add(&histogram->buckets[b], 1);
    add(&histogram->sum, value > 0 ? value : 0);
}

void measures_batch(struct engine *e, const struct job *jobs)
{
    struct measures *m = &e->measures;
    int64_t count = 0, oldest_us = INT64_MAX;
    for (const struct job *job = jobs; job; job = job->next, count++)
        oldest_us = job->submitted_us < oldest_us ? job->submitted_us : oldest_us;
    m->cause_is_due = !jobs;
    m->cause_us = jobs ? oldest_us : env_monotonic_us(e->env);
    if (jobs) {
        add(&m->jobs, count);
        observe(&m->batch_size, histogram_bounds_count, count);
    }
}

void measures_due(struct tx *tx, instant due)
{
    struct measures *m = &tx->engine->measures;
    int64_t late_us = tx->now.us - due.us, since_us = env_monotonic_us(tx->env) - late_us;
    m->cause_us = since_us < m->cause_us ? since_us : m->cause_us;
    add(&m->timers_fired, 1);
    observe(&m->timer_delay, histogram_bounds_us, late_us);
}

void measures_event(struct tx *tx, const char *disposition)
{
    for (size_t d = 0; d < DISPOSITIONS; d++)
        if (strcmp(disposition_names[d], disposition) == 0) {
            tx->engine->measures.pending_events[d]++;
            return;
        }
}

enum err measures_commit(struct engine *e)
{
    struct measures *m = &e->measures;
    int64_t began_us = env_monotonic_us(e->env);
    enum err err = db_commit(e->db);
    m->committed_us = env_monotonic_us(e->env);
    if (err != OK)
        return err;
    observe(&m->commit, histogram_bounds_us, m->committed_us - began_us);
    add(&m->batches, 1);
    for (size_t d = 0; d < DISPOSITIONS; d++)
        if (m->pending_events[d] > 0) {
            add(&m->events[d], m->pending_events[d]);
            m->pending_events[d] = 0;
        }
    return OK;
}

void measures_forget(struct engine *e)
{
    add(&e->measures.batches_failed, 1);
    memset(e->measures.pending_events, 0, sizeof e->measures.pending_events);
}

void measures_answered(struct engine *e, const struct job *job)
{
    if (job->weight > 0)
        observe(&e->measures.answer, histogram_bounds_us, e->measures.committed_us - job->submitted_us);
}

int64_t measures_owed_since(struct tx *tx, instant not_before, bool *ret_is_due)
{
    const struct measures *m = &tx->engine->measures;
    bool waited = instant_before(not_before, tx->now);
    *ret_is_due = waited || m->cause_is_due;
    return waited ? env_monotonic_us(tx->env) - (tx->now.us - not_before.us) : m->cause_us;
}

void measures_handed_over(struct engine *e, int64_t owed_since_us, bool is_due)
{
    struct measures *m = &e->measures;
    observe(is_due ? &m->page_after_due : &m->page_after_event, histogram_bounds_us, env_monotonic_us(e->env) - owed_since_us);
}

void measures_webhook(struct engine *e, enum outcome_kind outcome)
{
    add(&e->measures.webhooks[outcome], 1);
}

void measures_outcome(struct engine *e, size_t provider, enum channel channel, enum outcome_kind outcome)
{
    add(&e->measures.messages[provider][channel][outcome], 1);
}

void measures_turn(struct engine *e, bool begins)
{
    atomic_store_explicit(&e->measures.turn_began_us, begins ? env_monotonic_us(e->env) : 0, memory_order_relaxed);
}

void measures_sender_started(struct engine *e)
{
    add(&e->measures.sender_starts, 1);
}

void measures_canary_heard(struct engine *e, instant at)
{
    atomic_store_explicit(&e->measures.canary_heard_us, at.us, memory_order_relaxed);
}

void measures_canary_missed(struct engine *e)
{
    add(&e->measures.canary_missed, 1);
}

void measures_ping(struct engine *e, bool fine)
{
    add(fine ? &e->measures.pings : &e->measures.pings_failed, 1);
}

void engine_note_self_check(struct engine *e, int64_t findings, int64_t gaps, int64_t duration_us)
{
    struct measures *m = &e->measures;
    atomic_store(&m->self_findings, findings);
    atomic_store(&m->self_gaps, gaps);
    atomic_store(&m->self_check_us, duration_us);
    atomic_store(&m->self_checked_us, env_now(e->env).us);
}
