/* Why: what the files of the outbox share: the accounts at providers as they stand now, and what is on its way. Writer thread; `lock`
 * guards what engine_provider_health and engine_health read. */
#ifndef MUSTER_ENGINE_OUTBOX_STATE_H
#define MUSTER_ENGINE_OUTBOX_STATE_H

#include <pthread.h>

#include "engine/outbox.h"
#include "engine/outbox_queue.h"

enum { CIRCUIT_FAILURES = 5, CIRCUIT_WINDOW_S = 60, CIRCUIT_PROBE_S = 30, CLAIM_MAX = 200 };

struct provider {
    const struct provider_config *config;
    char name[64];
    int64_t in_flight;
    int64_t tokens_us;     /* rate limit: time credit, in microseconds of the account's rate */
    instant tokens_at;
    instant failures[CIRCUIT_FAILURES]; /* the latest ones, a ring */
    size_t failure_next;
    instant last_success, last_failure, last_probe;
    bool open;             /* circuit */
    bool told_open;        /* as the ledger has it */
};

struct flight {
    int64_t message_number;
    size_t provider;
    enum channel channel;
    int64_t owed_since_us; /* measures.h */
    bool owed_is_due;
    bool claimed_now; /* in the open transaction: forgotten at a rollback */
    struct text frame; /* heap; until handed over */
};

struct outbox {
    struct engine *engine;
    pthread_mutex_t lock;
    struct provider providers[PROVIDERS_MAX];
    size_t provider_count;
    struct flight *flights;
    size_t flight_count, flight_capacity;
    bool expected[CHANNEL_COUNT]; /* there may be queued rows of this channel */
    bool link_up;
    instant next_due;
    struct recent_pages *recent; /* recent_pages.h */
};

/* providers.c */
bool provider_serves(const struct provider *provider, enum channel channel);
/* First in configured order that has room, is healthy and was not tried in this round; then without regard to health; NULL: no room now. */
struct provider *provider_choose(struct outbox *outbox, enum channel channel, const bool *tried, instant now);
void provider_count_end(struct provider *provider, enum outcome_kind outcome, instant now);
/* Puts circuits that opened or closed since the last batch into the record. */
enum err providers_note_changes(struct tx *tx, struct outbox *outbox) MUST_CHECK;
/* outcomes.c: what the attempts before (and including) `message_number` have tried. */
enum err outbox_history(struct tx *tx, struct outbox *outbox, int64_t message_number, enum channel channel, bool *tried,
                        struct attempt_history *ret) MUST_CHECK;

#endif
