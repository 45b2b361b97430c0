/* Why: open browsers hear of changes at once, GET /muster/stream (text/event-stream).
 *
 *   event: hello    {"seq":N}                                     first; what is newer than N follows
 *   event: change   {"seq":N,"incident":"Q...","kind":"incident"} kinds: incident, message, configuration
 *                   {"seq":N,"incident":null,"kind":"reload"}     too much at once, or too far behind: look at
 * everything event: beat     {}                                            every 15 s, so that silence means a broken
 * connection
 *
 * `id` is the ledger's newest entry; a browser that comes back sends it as Last-Event-ID and gets what it missed, up to
 * a bound. A stream says only that something changed, never what: reading is the REST API's business, with its
 * permissions. Whoever may not see everything is told to look at everything. After a change of the configuration that
 * goes for everybody until the next beat, which ends the stream: who comes back is looked at again. */
#ifndef MUSTER_API_STREAM_H
#define MUSTER_API_STREAM_H

#include "engine/engine.h"

enum {
    STREAM_BEAT_S = 15,
    STREAM_LIFE_S = 30 * 60,      /* then the browser reconnects, and proves again who it is */
    STREAMS_MAX = 500,            /* in all */
    STREAM_CATCH_UP_MAX = 200,    /* ledger entries; more: reload */
    STREAM_BURST_MAX = 50,        /* changes of one commit; more: reload */
    STREAM_BACKLOG_BYTES = 65536, /* unread by one browser; more: it is disconnected */
};

/* One hub per process, because the engine's listeners stay for the engine's life, which is longer than the api's. */
enum err stream_start(struct engine *engine, struct env *env) MUST_CHECK;
/* Joins the heart-beat. Streams still open are ended by the HTTP server's stop, which must have been before. */
void stream_stop(void);

#endif
