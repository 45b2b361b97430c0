/* Why: timers that are due become inputs, in the order of their instants. */
#ifndef MUSTER_ENGINE_CLOCKWORK_H
#define MUSTER_ENGINE_CLOCKWORK_H

#include "engine/tx.h"

enum { TIMERS_PER_BATCH = 256 };

/* Fires what is due at tx->now, at most TIMERS_PER_BATCH. `*ret_fired`: how many. */
enum err clockwork_fire(struct tx *tx, size_t *ret_fired) MUST_CHECK;
/* The next instant at which something is due: a timer or a message's not_before; INSTANT_MAX: nothing. */
enum err clockwork_next(struct db *db, instant now, instant *ret) MUST_CHECK;

#endif
