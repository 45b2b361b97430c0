/* Why: the engine without its threads: whoever holds it calls each turn, sets the clock and plays the sender. The same batches as the
 * running engine (batch.h), so a simulator judges the real thing, and the same seed gives the same run.
 * Never call engine_execute or engine_advance on such an engine: they wait for a thread that is not there. engine_submit is
 * fine; the job runs at the next turn. engine_stop without a last turn is what a crash leaves: nothing that was not committed. */
#ifndef MUSTER_ENGINE_STEPPED_H
#define MUSTER_ENGINE_STEPPED_H

#include "base/json.h"
#include "engine/engine.h"

/* Gets each frame for the sender after its batch has been committed (channel/frames.h, without the four bytes of length). */
typedef void engine_send(void *context, struct text frame);

/* The spawn_* of `config` are not used. The link to the sender is down at first. */
enum err engine_open_stepped(struct engine **ret, const struct engine_config *config, engine_send *send, void *send_context) MUST_CHECK;
/* True: there may be more to do at the same instant; turn again. */
bool engine_turn(struct engine *engine);
instant engine_next_due(const struct engine *engine); /* INSTANT_MAX: nothing by itself */
void engine_sender_is(struct engine *engine, bool up);
/* A frame of type "outcome"; taken in at the next turn. */
void engine_sender_answered(struct engine *engine, const json_t *frame);

#endif
