/* Why: timers are rows; this sets and clears them inside a transaction. Kinds: core/timer.h. Firing: engine/clockwork.c. */
#ifndef MUSTER_ENGINE_TIMERS_H
#define MUSTER_ENGINE_TIMERS_H

#include "core/timer.h"
#include "engine/tx.h"

struct timer_key {
    enum timer_kind kind;
    int64_t incident_number, page_number; /* 0: none */
    struct text ref;                      /* absent: none */
};

enum err timer_set(struct tx *tx, const struct timer_key *key, instant due) MUST_CHECK; /* moves an existing one */
enum err timer_clear(struct tx *tx, const struct timer_key *key) MUST_CHECK;
/* For whoever acts on it now. False: it was cleared or moved since it was read. */
enum err timer_take(struct tx *tx, const struct timer_key *key, instant due, bool *ret_taken) MUST_CHECK;

#endif
