/* Why: what the sender process reports comes back as jobs of the writer, like every other change. */
#include "base/log.h"
#include "engine/engine_state.h"
#include "engine/outbox_queue.h"

struct outcome_job {
    struct job job;
    struct engine *engine;
    struct arena *arena;
    struct attempt_end end;
    instant at;
};

static enum err store_attempt_end(struct tx *tx, void *argument)
{
    struct outcome_job *outcome = argument;
    outcome->at = tx->now;
    return outbox_attempt_ended(tx, &outcome->end);
}

static void outcome_done(struct job *job, enum err err)
{
    struct outcome_job *outcome = (struct outcome_job *)job;
    struct engine *e = outcome->engine;
    bool on_writer = pthread_equal(pthread_self(), e->writer); /* not so when the engine is stopping: the next start recovers */
    if (err == OK) {
        outbox_settle(e->outbox, outcome->end.message_number, outcome->end.outcome, outcome->at);
    } else if (on_writer) {
        log_error("outbox", "an outcome could not be stored (%s); the message counts as unknown", err_name(err));
        outbox_settle(e->outbox, outcome->end.message_number, OUTCOME_UNKNOWN, env_now(e->env));
        e->recover_unstored = true;
    }
    arena_free(outcome->arena);
    engine_wake(e);
}

void engine_on_outcome(void *context, const json_t *frame)
{
    struct engine *e = context;
    struct arena *arena = arena_new(4 << 20);
    struct outcome_job *outcome = ARENA_NEW(arena, struct outcome_job);
    outcome->arena = arena;
    outcome->engine = e;
    outcome->job = (struct job){.work = store_attempt_end, .argument = outcome, .done = outcome_done, .internal = true};
    outcome->end = (struct attempt_end){
        .message_number = json_int_at(frame, "id", 0), .outcome = OUTCOME_UNKNOWN, .address_refused = json_bool_at(frame, "address_refused", false),
        .retry_after_s = json_int_at(frame, "retry_after_s", 0), .provider_ref = text_copy(arena, json_text_at(frame, "ref")),
        .error = text_copy(arena, json_text_at(frame, "error"))};
    outcome_parse(json_text_at(frame, "outcome"), &outcome->end.outcome);
    engine_submit(e, &outcome->job);
}

void engine_on_link_state(void *context, bool up)
{
    struct engine *e = context;
    pthread_mutex_lock(&e->lock);
    e->link_changed = true;
    e->link_up = up;
    if (up)
        measures_sender_started(e);
    e->woken = true;
    pthread_cond_signal(&e->wake);
    pthread_mutex_unlock(&e->lock);
}
