/* Why: what the engine does when reaching somebody went wrong, as core/failover.h decided it. */
#ifndef MUSTER_ENGINE_DELIVERY_H
#define MUSTER_ENGINE_DELIVERY_H

#include "core/failover.h"
#include "engine/tx.h"

enum err delivery_continue(struct tx *tx, int64_t message_number, struct text contact_method_id, struct text channel, const struct failover *then,
                           struct text error, bool is_page) MUST_CHECK;

#endif
