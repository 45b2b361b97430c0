/* Why: a maintenance window holds pages back from its start to its end; what is still triggered at the end pages then. */
#ifndef MUSTER_ENGINE_MAINTENANCE_H
#define MUSTER_ENGINE_MAINTENANCE_H

#include "engine/tx.h"

/* To be called in the transaction that created, changed or deleted the window (rows already written; a deleted one has
 * deleted_at set, one that was ended early has a new end_at). Sets its timers and, when it is running or just ended, acts at once. */
enum err maintenance_changed(struct tx *tx, struct text window_id) MUST_CHECK;

#endif
