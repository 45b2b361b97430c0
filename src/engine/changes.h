/* Why: what a batch changed, collected inside the transaction and told to listeners after the commit. */
#ifndef MUSTER_ENGINE_CHANGES_H
#define MUSTER_ENGINE_CHANGES_H

#include "engine/engine.h"

/* Remembers the change for after the commit; forgotten at a rollback. Merges with an earlier one about the same incident. */
void changes_note(struct tx *tx, int64_t seq, int64_t incident_number, const char *kind);

#endif
