/* Why: what the engine counts about itself, for GET /metrics and the health page. Every field has one writer, the engine's writer thread, and
 * any number of readers: adding is a plain load and store (no lock, no locked instruction, no allocation), reading may see one field a
 * moment before another. Times are durations of the real clock, also under the test clock, except where a due instant is their begin. */
#ifndef MUSTER_ENGINE_MEASURES_H
#define MUSTER_ENGINE_MEASURES_H

#include <stdatomic.h>

#include "base/config.h"
#include "core/outcome.h"
#include "engine/engine.h"

enum {
    HISTOGRAM_BOUNDS = 17,
    DISPOSITIONS = 7,
    OUTCOMES = OUTCOME_UNKNOWN + 1,
};

/* Upper bounds of the buckets: the same for every histogram of durations, in microseconds; and of the histogram of sizes. */
extern const int64_t histogram_bounds_us[HISTOGRAM_BOUNDS];
extern const int64_t histogram_bounds_count[HISTOGRAM_BOUNDS];
extern const char *const disposition_names[DISPOSITIONS]; /* engine/intake.h */

struct histogram {
    _Atomic int64_t buckets[HISTOGRAM_BOUNDS + 1]; /* not cumulative; the last one is everything above */
    _Atomic int64_t sum;
};

struct measures {
    _Atomic int64_t events[DISPOSITIONS];
    _Atomic int64_t batches, jobs, batches_failed, timers_fired, sender_starts;
    _Atomic int64_t messages[PROVIDERS_MAX][CHANNEL_COUNT][OUTCOMES];
    _Atomic int64_t webhooks[OUTCOMES];  /* attempts that have ended, by outcome */
    struct histogram batch_size;        /* jobs */
    struct histogram commit;            /* COMMIT, fsync included */
    struct histogram answer;            /* event handed to the engine -> its batch is committed, the answer leaves */
    struct histogram timer_delay;       /* due instant of a timer -> it acts */
    struct histogram page_after_event;  /* the oldest request of the batch was accepted -> message handed to the sender process */
    struct histogram page_after_due;    /* due instant (of a timer, or of the message itself) -> message handed to the sender process */
    _Atomic int64_t canary_heard_us;    /* wall clock: when it last came back, or the engine started */
    _Atomic int64_t canary_missed, pings, pings_failed;
    _Atomic int64_t self_findings, self_gaps, self_check_us, self_checked_us; /* of the last self-check: how many, its duration, wall clock of its end; 0: none yet. Any thread */
    _Atomic int64_t turn_began_us;      /* monotonic; 0: the writer rests */

    /* Of the batch under way; writer thread only. */
    int64_t pending_events[DISPOSITIONS];
    int64_t cause_us;      /* monotonic: since when what this batch sends has been owed */
    bool cause_is_due;     /* a timer, not a request */
    int64_t committed_us;  /* monotonic */
};

/* The last self-check; any thread. */
void engine_note_self_check(struct engine *engine, int64_t findings, int64_t gaps, int64_t duration_us);

struct tx;
struct outbox;
struct flight;

const struct measures *engine_measures(struct engine *engine);

/* Each is one call at the place that knows. Writer thread. */
void measures_batch(struct engine *e, const struct job *jobs); /* begins; NULL: what is due */
void measures_due(struct tx *tx, instant due);                 /* a timer fires; the earliest comes first */
void measures_event(struct tx *tx, const char *disposition);
enum err measures_commit(struct engine *e) MUST_CHECK;         /* db_commit, timed */
void measures_forget(struct engine *e);                        /* it was rolled back */
void measures_answered(struct engine *e, const struct job *job);
/* Since when a message that is claimed now has been owed, monotonic. `not_before`: as stored with it. */
int64_t measures_owed_since(struct tx *tx, instant not_before, bool *ret_is_due);
void measures_handed_over(struct engine *e, int64_t owed_since_us, bool is_due);
void measures_outcome(struct engine *e, size_t provider, enum channel channel, enum outcome_kind outcome);
void measures_webhook(struct engine *e, enum outcome_kind outcome);
void measures_canary_heard(struct engine *e, instant at);
void measures_canary_missed(struct engine *e);
void measures_ping(struct engine *e, bool fine);
void measures_turn(struct engine *e, bool begins);
void measures_sender_started(struct engine *e); /* under the engine's lock */

#endif
