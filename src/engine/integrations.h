/* Why: every event names an integration key, and a storm names the same few again and again. What a key stands for is read once per batch:
 * only the one writer changes it, so inside a transaction it stays true until a job that is not about events has run (batch.c forgets it then). */
#ifndef MUSTER_ENGINE_INTEGRATIONS_H
#define MUSTER_ENGINE_INTEGRATIONS_H

#include "engine/tx.h"

struct integration {
    struct text id, service_id, name;
    bool active; /* its service is not disabled */
};

/* ERR_NOT_FOUND: no integration has this key, or it or its service is deleted. `*ret` lives as long as the batch. */
enum err integration_by_key(struct tx *tx, struct text key, const struct integration **ret) MUST_CHECK;
void integrations_forget(struct tx *tx);

#endif
