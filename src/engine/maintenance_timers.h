/* Why: the two moments of a maintenance window, as the clockwork sees them. */
#ifndef MUSTER_ENGINE_MAINTENANCE_TIMERS_H
#define MUSTER_ENGINE_MAINTENANCE_TIMERS_H

#include "engine/tx.h"

enum err maintenance_starts(struct tx *tx, struct text window_id) MUST_CHECK;
enum err maintenance_ends(struct tx *tx, struct text window_id) MUST_CHECK;

#endif
