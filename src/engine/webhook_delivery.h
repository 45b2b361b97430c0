/* Why: the outbox of webhooks, apart from that of pages: a subscriber that hangs, lies or dies delays no page and no other subscriber.
 *
 *  - Events of one resource reach one subscription in order: behind an unfinished one they wait. Other resources go on.
 *  - Who answered last time has at most IN_FLIGHT_EACH under way, anybody else one: all that may exist can hang and there is still a place for each.
 *    After CIRCUIT_FAILURES failures in a row there are growing pauses; the first success lets everything go that was put off.
 *  - Claimed only in batches that answer nobody (batch.c), CLAIM_MAX at a time: pages are never behind webhooks.
 *  - No verdict or a temporary failure: again with growing pauses for two days. Refused (4xx, redirects, private addresses): dropped; three in a row, two
 *    days of failure or an overfull queue disable the subscription for a day, 410 until somebody enables it: what waits for it is dropped and an alarm says so.
 *  - At least once: X-Webhook-Id stays the same in repeats. */
#ifndef MUSTER_ENGINE_WEBHOOK_DELIVERY_H
#define MUSTER_ENGINE_WEBHOOK_DELIVERY_H

#include "base/json.h"
#include "channel/frames.h"
#include "core/outcome.h"
#include "engine/webhooks.h"

enum {
    WEBHOOK_IN_FLIGHT_EACH = 4,
    WEBHOOK_IN_FLIGHT_ALL = POSTS_IN_FLIGHT_MAX, /* more than WEBHOOK_SUBSCRIPTIONS_MAX */
    WEBHOOK_CLAIM_MAX = 32,
    WEBHOOK_CIRCUIT_FAILURES = 3,
    WEBHOOK_CIRCUIT_PAUSE_S_MAX = 300,
    WEBHOOK_QUEUE_MAX = 100000, /* unfinished deliveries of one subscription that fails */
    WEBHOOK_ROWS_AT_ONCE = 2000, /* changed in one batch: nobody waits for the rest */
    WEBHOOK_KEEP_DAYS = 7,      /* how long the log shows what has ended */
};

struct subscriber {
    struct text id, filter_id; /* on webhooks->arena */
    uint64_t events;           /* bits; 0 while it is not active or is disabled */
    char filter;               /* 'a' account, 's' service, 't' team */
    bool disabled;
    bool expected;             /* something may be due */
    bool answered;             /* the last attempt */
    int failures;              /* in a row */
    bool hurries;              /* more was put off than one batch pulls forward */
    instant pause_until;
    instant timer_at;
};

struct webhook_flight {
    int64_t number;
    size_t subscriber;
    bool claimed_now;
    struct text frame; /* heap; until handed over */
};

/* Of the running engine; writer thread, but for `flight_count`. */
struct webhooks {
    struct arena *arena; /* of the list */
    struct subscriber list[WEBHOOK_SUBSCRIPTIONS_MAX];
    size_t count;
    bool loaded;
    bool watches; /* the timer that forgets is set */
    size_t next; /* whose turn it is */
    struct webhook_flight flights[WEBHOOK_IN_FLIGHT_ALL];
    _Atomic size_t flight_count;
};

struct webhooks *webhooks_new(void);
void webhooks_free(struct webhooks *webhooks);
/* Reads the list when it is not read or was changed. */
enum err webhooks_load(struct tx *tx) MUST_CHECK;
/* Takes what may go now. */
enum err webhooks_claim(struct tx *tx) MUST_CHECK;
/* There may be something to claim. */
bool webhooks_expected(const struct engine *engine);
void webhooks_expect(struct engine *engine, struct text subscription_id);
void webhooks_hand_over(struct engine *engine); /* after the commit */
void webhooks_forget(struct engine *engine);    /* after a rollback */
void webhooks_drop_in_flight(struct engine *engine);
enum err webhooks_recover(struct tx *tx) MUST_CHECK; /* what is `sending` without being in flight goes again */
enum err webhooks_due(struct tx *tx, struct text subscription_id) MUST_CHECK; /* TIMER_WEBHOOKS; no id: forget what is old */
enum err webhooks_keep_watch(struct tx *tx) MUST_CHECK; /* sets the timer that forgets */
/* Drops what waits and raises the alarm. `until` INSTANT_NONE: until somebody enables it. */
enum err webhooks_disable(struct tx *tx, struct text subscription_id, instant until, struct text reason) MUST_CHECK;

struct webhook_end {
    int64_t number;
    enum outcome_kind outcome;
    bool gone; /* 410 */
    int64_t status_code, retry_after_s;
    struct text error;
};
enum err webhooks_attempt_ended(struct tx *tx, const struct webhook_end *end) MUST_CHECK;
/* After the commit that stored it. */
void webhooks_settle(struct engine *engine, int64_t number, enum outcome_kind outcome, instant now);

#endif
