/* Why: the socket to the sender process: one thread writes frames, one reads them; the process is started again when it ends, and
 * replaced when it owes answers and shows no sign of life.
 * The engine's writer thread never blocks on it. */
#ifndef MUSTER_ENGINE_LINK_H
#define MUSTER_ENGINE_LINK_H

#include "base/env.h"
#include "base/json.h"
#include "base/json_node.h"
#include "base/text.h"

struct sender_link;

struct link_events {
    void *context;
    struct env *env;
    int (*spawn)(void *context);                                  /* new socket, or -1 */
    void *spawn_context;
    void (*on_outcome)(void *context, struct arena *arena, const struct json_node *frame); /* reader thread; the frame and the arena live during the call */
    void (*on_state)(void *context, bool up);                     /* after "ready", and after the loss */
    bool (*owes_answers)(void *context);                          /* any thread: frames were sent whose outcome has not come */
};

struct sender_link *link_start(const struct link_events *events);
void link_stop(struct sender_link *link);
/* Queues one frame (copied). Dropped when the link is down: whoever waits learns it from on_state. */
void link_send(struct sender_link *link, struct text frame);
/* Sends a question (its id is put in) and waits at most `timeout_ms` for the answer. ERR_UNAVAILABLE: none came. */
enum err link_ask(struct sender_link *link, struct arena *arena, json_t *frame, int timeout_ms, json_t **ret_answer) MUST_CHECK;
/* Asks "verify" and waits at most `timeout_ms`. ERR_UNAVAILABLE: no answer. */
enum err link_verify(struct sender_link *link, struct text provider, struct text url, const json_t *parameters, struct text signature, int timeout_ms,
                     bool *ret_valid) MUST_CHECK;

#endif
