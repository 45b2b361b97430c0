/* Why: what the files of engine/ share about the running engine. Nobody outside the folder includes this. */
#ifndef MUSTER_ENGINE_ENGINE_STATE_H
#define MUSTER_ENGINE_ENGINE_STATE_H

#include <pthread.h>

#include "base/arena.h"
#include "engine/engine.h"
#include "engine/link.h"
#include "engine/measures.h"

struct outbox;
struct webhooks; /* webhook_delivery.h */
struct open_alerts;
struct outbox *engine_outbox(struct engine *engine);
const char *engine_catch_all(const struct engine *engine); /* e-mail of the configuration; NULL: none */
const char *engine_public_url(const struct engine *engine);

enum { LISTENERS_MAX = 8 };

/* `lock` guards what is used by several threads; the rest belongs to the writer thread. */
struct engine {
    struct env *env;
    char *db_url, *public_url, *link_key, *seal_key, *catch_all_email;
    struct db *db; /* writer thread only */
    struct outbox *outbox;
    struct webhooks *webhooks;
    struct open_alerts *open_alerts; /* NULL: none was looked for yet; writer thread only */
    struct sender_link *link;               /* NULL: stepped.h */
    void (*send)(void *context, struct text frame); /* to the sender; copies the frame, never blocks */
    void *send_context;
    pthread_t writer;
    pthread_mutex_t lock;
    pthread_cond_t wake, idle;
    struct job *first, **last;
    int64_t queued;
    bool stopping, woken, resting; /* resting: the writer has looked at everything and sleeps */
    bool link_changed, link_up;
    _Atomic bool database_ok;
    instant listening_since; /* nothing could be accepted before; writer thread only */
    instant next_due; /* only the writer changes it, under the lock */
    int64_t rounds; /* of the writer: grows each time it has looked at everything */
    /* The writer thread's own, apart from what the lock guards: a compiler may read neighbours together. */
    bool recover_sending;          /* the sender was lost, or this is the start: nothing is in flight any more */
    bool recover_unstored;         /* an outcome could not be stored: what is `sending` without being in flight ended unknown */
    struct arena *arena;
    /* changes of the open batch */
    struct engine_change *changes;
    size_t change_count, change_capacity;
    struct { engine_listener *call; void *context; } listeners[LISTENERS_MAX];
    _Atomic size_t listener_count; /* they may join while the writer runs; none leaves */
    struct measures measures;
    int64_t canary_interval_s, canary_number;
    bool pings_outside, ping_fails;
};

/* Makes the writer look again. Any thread. */
void engine_wake(struct engine *engine);
/* link_events of the running engine (engine_answers.c). */
void engine_on_outcome(void *context, struct arena *scratch, const struct json_node *frame);
void engine_on_link_state(void *context, bool up);

#endif
