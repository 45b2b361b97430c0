/* Why: the one writer. It collects commands into batches, runs each inside one transaction, commits (fsync), and only
 * then answers the callers, publishes the changes and hands messages to the sender. It also fires timers. */
#ifndef MUSTER_ENGINE_ENGINE_H
#define MUSTER_ENGINE_ENGINE_H

#include "base/config.h"
#include "engine/tx.h"



struct job {
    engine_work *work;
    void *argument;
    /* On the writer thread, after the commit (or the final failure) of this job. Must not block. */
    void (*done)(struct job *job, enum err outcome);
    int weight;       /* events it carries; 0 counts as 1. Bounds the memory of a batch */
    const struct event *events; /* it applies these and nothing else, so what the batch knows of integrations and open alerts stays true */
    size_t event_count;
    bool internal;    /* the engine's own: never refused for the queue's bound */
    struct job *next; /* the engine's */
    int64_t submitted_us; /* the engine's: monotonic */
};

struct engine_config {
    const char *db_url;
    struct env *env;
    /* Starts (or starts again) the sender process and returns the framed socket to it (channel/frames.h); -1: could not. Called on an
     * engine thread whenever there is none; after a failure again with a back-off. */
    int (*spawn_sender)(void *context);
    void *spawn_context;
    const char *public_url; /* without a trailing slash */
    const char *link_key;   /* signs the links in mails (links.h), from outside the database; NULL: mails carry none */
    const char *seal_key; /* of secrets in the database (base/seal.h), likewise; NULL: no webhooks can be subscribed to */
    const char *catch_all_email; /* account-wide catch-all user; NULL: the oldest administrator */
    const struct provider_config *providers; /* base/config.h; names, channels, limits, no secrets; in order of failover */
    size_t provider_count;
    int64_t canary_interval_s; /* engine/canary.h; 0: none */
    bool pings_outside;        /* the sender has a dead_man_url */
};

enum err engine_start(struct engine **ret, const struct engine_config *config) MUST_CHECK;
/* Finishes the batch under way, refuses further jobs with ERR_UNAVAILABLE, joins the threads. */
void engine_stop(struct engine *engine);

/* As configured; what links in messages start with. */
const char *engine_public_url(const struct engine *engine);
struct text engine_link_key(const struct engine *engine); /* empty: none */

/* Queues `job`; never blocks. At the queue's bound it fails with ERR_LIMIT through done() on this thread. */
void engine_submit(struct engine *engine, struct job *job);
/* As above, and waits. Never call it on the writer thread. */
enum err engine_execute(struct engine *engine, engine_work *work, void *argument) MUST_CHECK;

/* Test clock: moves time to `to`, firing everything due at its own instant and waiting until the sender has answered
 * what it was given (bounded: `patience_ms` of real time per instant). ERR_INVALID when the clock is real or `to` is in the past. */
enum err engine_advance(struct engine *engine, instant to, int patience_ms) MUST_CHECK;

/* Live changes. The callback runs on the writer thread right after a commit, must not block. `seq` is the newest ledger entry. */
struct engine_change {
    int64_t seq;
    int64_t incident_number; /* 0: not about one incident */
    const char *kind;        /* "incident", "message", "configuration" */
};
typedef void engine_listener(void *context, const struct engine_change *changes, size_t count);
void engine_listen(struct engine *engine, engine_listener *listener, void *context);
/* From inside a work function: something that is not an incident changed (configuration, messages). */
void engine_note_change(struct tx *tx, const char *kind);

struct engine_health {
    bool database_ok;
    int64_t queue_length;
    int64_t oldest_due_timer_age_us;
    int64_t turn_age_us; /* of the writer's present turn, in real time; 0: it rests */
    int64_t messages_in_flight;
    bool sender_ok;
    int64_t canary_age_us; /* since it last came back, or the start; -1: it is off */
    bool canary_ok;
};
void engine_health(struct engine *engine, struct engine_health *ret);

#endif
