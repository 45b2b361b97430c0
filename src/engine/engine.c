/* Why: see engine.h. The thread around the writer's turns: it collects jobs, lets batch.c run them, and rests until something is due. */
#include "engine/engine.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json_scan.h"
#include "base/log.h"
#include "channel/frames.h"
#include "engine/batch.h"
#include "engine/canary.h"
#include "engine/engine_state.h"
#include "engine/link.h"
#include "engine/open_alerts.h"
#include "engine/outbox.h"
#include "engine/outbox_queue.h"
#include "engine/stepped.h"
#include "engine/webhook_delivery.h"

enum {
    BATCH_WEIGHT_MAX = 1024,  /* events in one transaction; one job may exceed it alone. An event takes up to about 50 KB while it is applied */
    QUEUE_JOBS_MAX = 100000,  /* beyond it callers are told to come back: memory is bounded */
    ARENA_BYTES_MAX = 1 << 30,
    ARENA_BYTES_KEPT = 1 << 20, /* an ordinary batch asks malloc for nothing */
    REOPEN_PAUSE_MS = 250,
    RATIONED_MS_MAX = 1000,   /* a message waits for its provider's rate, counted in memory from the time it was: a step back must not stretch it */
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

struct text engine_link_key(const struct engine *engine)
{
    return text_of(engine->link_key);
}

void engine_listen(struct engine *engine, engine_listener *listener, void *context)
{
    pthread_mutex_lock(&engine->lock);
    size_t count = atomic_load(&engine->listener_count);
    assert(count < LISTENERS_MAX);
    engine->listeners[count].call = listener;
    engine->listeners[count].context = context;
    atomic_store(&engine->listener_count, count + 1); /* last: the writer already runs and reads without the lock */
    pthread_mutex_unlock(&engine->lock);
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

/* When to look again without being asked, and on which clock. A timer: the kernel itself measures on the wall clock, so a step of that
 * clock is followed at once (invariant T1) and nobody looks at it meanwhile. */
static bool next_look(struct engine *e, clockid_t *ret_clock, struct timespec *ret)
{
    bool open = e->db && atomic_load(&e->database_ok);
    bool rationed = !instant_equal(outbox_next_due(e->outbox), INSTANT_MAX);
    if (open && (env_is_test_clock(e->env) || instant_equal(e->next_due, INSTANT_MAX)))
        return false;
    if (open && !rationed) {
        int64_t due_us = e->next_due.us > 0 ? e->next_due.us : 0;
        *ret_clock = CLOCK_REALTIME;
        *ret = (struct timespec){.tv_sec = due_us / SECOND_US, .tv_nsec = due_us % SECOND_US * 1000};
        return true;
    }
    int64_t wait_ms = REOPEN_PAUSE_MS;
    if (open) {
        wait_ms = (e->next_due.us - env_now(e->env).us + 999) / 1000;
        wait_ms = wait_ms > RATIONED_MS_MAX ? RATIONED_MS_MAX : wait_ms < 0 ? 0 : wait_ms;
    }
    *ret_clock = CLOCK_MONOTONIC;
    env_deadline(e->env, wait_ms, ret);
    return true;
}

static void rest(struct engine *e)
{
    e->rounds++;
    e->resting = true;
    pthread_cond_broadcast(&e->idle);
    clockid_t clock;
    struct timespec until;
    bool timed = next_look(e, &clock, &until);
    while (!e->first && !e->woken && !e->stopping)
        if (!timed)
            pthread_cond_wait(&e->wake, &e->lock);
        else if (pthread_cond_clockwait(&e->wake, &e->lock, clock, &until) == ETIMEDOUT)
            break;
    e->resting = false;
}

/* One turn of the writer, called and left with the lock held. True: there may be more to do at once. */
static bool turn(struct engine *e)
{
    struct job *jobs = take_jobs(e);
    e->woken = false;
    if (e->link_changed) {
        e->link_changed = false;
        outbox_set_link(e->outbox, e->link_up);
        if (!e->link_up)
            e->recover_sending = true;
    }
    pthread_mutex_unlock(&e->lock);
    measures_turn(e, true);
    bool more = batch_turn(e, jobs);
    measures_turn(e, false);
    pthread_mutex_lock(&e->lock);
    return more;
}

static void *writer_main(void *argument)
{
    struct engine *e = argument;
    pthread_mutex_lock(&e->lock);
    while (e->first || !e->stopping) {
        bool more = turn(e);
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
    job->submitted_us = env_monotonic_us(e->env);
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

enum err engine_ask_sender(struct engine *engine, struct arena *arena, json_t *frame, int timeout_ms, json_t **ret_answer)
{
    return link_ask(engine->link, arena, frame, timeout_ms, ret_answer);
}

/* Start, stop, test clock, health -------------------------------------------------------------------------------------- */

static char *copy_or_null(const char *string)
{
    char *copy = string ? strdup(string) : NULL;
    if (string && !copy)
        abort();
    return copy;
}

static struct engine *new_engine(const struct engine_config *config)
{
    struct engine *e = calloc(1, sizeof *e);
    if (!e)
        abort();
    e->env = config->env;
    e->canary_interval_s = config->canary_interval_s;
    e->pings_outside = config->pings_outside;
    measures_canary_heard(e, env_now(e->env));
    e->db_url = copy_or_null(config->db_url);
    e->public_url = copy_or_null(config->public_url);
    e->link_key = copy_or_null(config->link_key);
    e->seal_key = copy_or_null(config->seal_key);
    e->catch_all_email = copy_or_null(config->catch_all_email);
    e->last = &e->first;
    e->next_due = INSTANT_NONE; /* look at once */
    e->recover_sending = true;
    e->arena = arena_new(ARENA_BYTES_MAX);
    arena_keep(e->arena, ARENA_BYTES_KEPT);
    pthread_mutex_init(&e->lock, NULL);
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&e->wake, &monotonic);
    pthread_cond_init(&e->idle, &monotonic);
    pthread_condattr_destroy(&monotonic);
    e->outbox = outbox_new(e, config->providers, config->provider_count);
    e->webhooks = webhooks_new();
    return e;
}

static bool has_in_flight(void *context)
{
    struct engine *e = context;
    return outbox_in_flight(e->outbox) > 0;
}

static void send_by_link(void *context, struct text frame)
{
    struct engine *e = context;
    link_send(e->link, frame);
}

enum err engine_start(struct engine **ret, const struct engine_config *config)
{
    struct engine *e = new_engine(config);
    if (!batch_open_database(e)) {
        engine_stop(e);
        return ERR_UNAVAILABLE;
    }
    e->send = send_by_link;
    e->send_context = e;
    struct link_events events = {.context = e, .env = e->env, .spawn = config->spawn_sender, .spawn_context = config->spawn_context,
                                 .on_outcome = engine_on_outcome, .on_state = engine_on_link_state, .owes_answers = has_in_flight};
    e->link = link_start(&events);
    if (pthread_create(&e->writer, NULL, writer_main, e) != 0)
        abort();
    *ret = e;
    return OK;
}

/* Turn by turn (stepped.h) ------------------------------------------------------------------------------------------------ */

enum err engine_open_stepped(struct engine **ret, const struct engine_config *config, engine_send *send, void *send_context)
{
    struct engine *e = new_engine(config);
    if (!batch_open_database(e)) {
        engine_stop(e);
        return ERR_UNAVAILABLE;
    }
    e->send = send;
    e->send_context = send_context;
    e->writer = pthread_self();
    *ret = e;
    return OK;
}

bool engine_turn(struct engine *e)
{
    pthread_mutex_lock(&e->lock);
    bool more = turn(e);
    more = more || e->first || e->woken || e->link_changed;
    pthread_mutex_unlock(&e->lock);
    return more;
}

instant engine_next_due(const struct engine *e)
{
    return e->next_due;
}

void engine_sender_answered(struct engine *e, const json_t *frame)
{
    struct arena *arena = arena_new(4 * (size_t)FRAME_BYTES_MAX);
    const struct json_node *scanned;
    enum err err = json_scan(arena, json_write(arena, frame), problem_new(arena), &scanned);
    assert(err == OK && "what was written as JSON is JSON");
    engine_on_outcome(e, arena, scanned);
    arena_free(arena);
}

void engine_sender_is(struct engine *e, bool up)
{
    engine_on_link_state(e, up);
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
    while (e->first) { /* stepped only: the thread leaves none behind */
        struct job *job = e->first;
        e->first = job->next;
        job->done(job, ERR_UNAVAILABLE);
    }
    db_close(e->db);
    outbox_free(e->outbox);
    webhooks_free(e->webhooks);
    open_alerts_free(e->open_alerts);
    arena_free(e->arena);
    free(e->changes);
    free(e->db_url);
    free(e->public_url);
    if (e->link_key)
        explicit_bzero(e->link_key, strlen(e->link_key));
    free(e->link_key);
    if (e->seal_key)
        explicit_bzero(e->seal_key, strlen(e->seal_key));
    free(e->seal_key);
    free(e->catch_all_email);
    pthread_cond_destroy(&e->wake);
    pthread_cond_destroy(&e->idle);
    pthread_mutex_destroy(&e->lock);
    free(e);
}

void engine_health(struct engine *e, struct engine_health *ret)
{
    int64_t turn_began_us = atomic_load(&e->measures.turn_began_us);
    pthread_mutex_lock(&e->lock);
    instant now = env_now(e->env);
    *ret = (struct engine_health){
        .database_ok = atomic_load(&e->database_ok), .queue_length = e->queued,
        .oldest_due_timer_age_us = instant_is_set(e->next_due) && instant_before(e->next_due, now) ? now.us - e->next_due.us : 0,
        .messages_in_flight = outbox_in_flight(e->outbox), .sender_ok = e->link_up,
        .canary_age_us = e->canary_interval_s > 0 ? now.us - atomic_load(&e->measures.canary_heard_us) : -1,
        .turn_age_us = turn_began_us > 0 ? env_monotonic_us(e->env) - turn_began_us : 0};
    ret->canary_ok = ret->canary_age_us <= CANARY_LATE_INTERVALS * e->canary_interval_s * SECOND_US;
    pthread_mutex_unlock(&e->lock);
}
