/* Why: an incident of a service that was disabled calls nobody; when the service is enabled again, what is still triggered must call again. */
#ifndef MUSTER_ENGINE_SERVICE_SWITCH_H
#define MUSTER_ENGINE_SERVICE_SWITCH_H

#include "engine/tx.h"

/* To be called in the transaction that disabled, deleted or enabled the service, after its row was written. */
enum err service_switched(struct tx *tx, struct text service_id) MUST_CHECK;

#endif
