/* Why: the engine's end of the seam to the sender process (channel/frames.h): claims queued messages inside the batch's
 * transaction, hands them over after the commit, and turns outcomes into commands. Per provider: a bounded number in flight, a rate limit
 * of the account, a circuit that opens after repeated failures. Urgent messages always go first. */
#ifndef MUSTER_ENGINE_OUTBOX_H
#define MUSTER_ENGINE_OUTBOX_H

#include "base/json.h"
#include "engine/engine.h"

/* Asks the sender (which holds the secrets) whether a provider's callback is authentic. Blocks, at most 5 s. `parameters`: object of
 * the form fields as received. Any thread but the writer's. `*ret_valid` is false for an unknown provider. ERR_UNAVAILABLE: no sender. */
enum err engine_verify(struct engine *engine, struct text provider, struct text url, const json_t *parameters, struct text signature,
                       bool *ret_valid) MUST_CHECK;

/* Asks the sender something that only it can find out (channel/frames.h): the answer's frame. Any thread but the writer's. ERR_UNAVAILABLE: none came. */
enum err engine_ask_sender(struct engine *engine, struct arena *arena, json_t *frame, int timeout_ms, json_t **ret_answer) MUST_CHECK;

struct provider_health {
    const char *name;
    bool circuit_open;      /* refused lately: others of its channel are preferred, it is probed every 30 s */
    int64_t in_flight, failures_last_minute;
    instant last_success, last_failure;
};
/* Fills up to `capacity` rows in the order of the configuration; returns their count. Any thread. */
size_t engine_provider_health(struct engine *engine, struct provider_health *ret, size_t capacity);
/* Whether any provider of the configuration serves the channel, working or not. Any thread. */
bool engine_channel_is_served(struct engine *engine, enum channel channel);

/* Refines the outcome of an accepted message from a status callback (delivered, permanent). Monotone: a later state is never
 * replaced by an earlier one, so duplicates and disorder do no harm. `failed` with nothing else tried makes the ladder move on. */
enum err outbox_status(struct tx *tx, int64_t message_number, struct text state, struct text error) MUST_CHECK;

#endif
