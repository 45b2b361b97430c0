/* Why: what the sender process reports comes back as jobs of the writer, like every other change. */
#include "base/log.h"
#include "engine/engine_state.h"
#include "engine/outbox_queue.h"
#include "engine/webhook_delivery.h"

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
    if (err != OK || outbox_is_waiting(e->outbox))
        engine_wake(e);
}

/* Of a webhook: the same, on its own rows. */
struct webhook_job {
    struct job job;
    struct engine *engine;
    struct arena *arena;
    struct webhook_end end;
    instant at;
};

static enum err store_webhook_end(struct tx *tx, void *argument)
{
    struct webhook_job *ended = argument;
    ended->at = tx->now;
    return webhooks_attempt_ended(tx, &ended->end);
}

static void webhook_done(struct job *job, enum err err)
{
    struct webhook_job *ended = (struct webhook_job *)job;
    struct engine *e = ended->engine;
    bool on_writer = pthread_equal(pthread_self(), e->writer);
    if (on_writer) {
        webhooks_settle(e, ended->end.number, err == OK ? ended->end.outcome : OUTCOME_UNKNOWN, err == OK ? ended->at : env_now(e->env));
        if (err != OK) {
            log_error("webhooks", "an outcome could not be stored (%s); it is sent again", err_name(err));
            e->recover_unstored = true;
        }
    }
    arena_free(ended->arena);
    engine_wake(e);
}

static void on_posted(struct engine *e, struct arena *scratch, const struct json_node *frame)
{
    struct arena *arena = arena_new(1 << 20);
    struct webhook_job *ended = ARENA_NEW(arena, struct webhook_job);
    ended->arena = arena;
    ended->engine = e;
    ended->job = (struct job){.work = store_webhook_end, .argument = ended, .done = webhook_done, .internal = true};
    ended->end = (struct webhook_end){
        .number = json_node_int_at(frame, "id", 0), .outcome = OUTCOME_UNKNOWN, .gone = json_node_true_at(frame, "address_refused"),
        .status_code = json_node_int_at(frame, "status", 0), .retry_after_s = json_node_int_at(frame, "retry_after_s", 0), .error = text_copy(arena, json_node_text_at(scratch, frame, "error"))};
    outcome_parse(json_node_text_at(scratch, frame, "outcome"), &ended->end.outcome);
    engine_submit(e, &ended->job);
}

void engine_on_outcome(void *context, struct arena *scratch, const struct json_node *frame)
{
    struct engine *e = context;
    if (json_node_true_at(frame, "posted")) {
        on_posted(e, scratch, frame);
        return;
    }
    struct arena *arena = arena_new(4 << 20);
    struct outcome_job *outcome = ARENA_NEW(arena, struct outcome_job);
    outcome->arena = arena;
    outcome->engine = e;
    outcome->job = (struct job){.work = store_attempt_end, .argument = outcome, .done = outcome_done, .internal = true};
    outcome->end = (struct attempt_end){
        .message_number = json_node_int_at(frame, "id", 0), .outcome = OUTCOME_UNKNOWN, .address_refused = json_node_true_at(frame, "address_refused"),
        .retry_after_s = json_node_int_at(frame, "retry_after_s", 0), .provider_ref = text_copy(arena, json_node_text_at(scratch, frame, "ref")),
        .error = text_copy(arena, json_node_text_at(scratch, frame, "error"))};
    outcome_parse(json_node_text_at(scratch, frame, "outcome"), &outcome->end.outcome);
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
