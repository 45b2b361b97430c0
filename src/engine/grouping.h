/* Why: core/grouping.h decides which open incident an alert joins; this loads what it looks at and keeps what later alerts are compared with. Nothing
 * here is called for a service whose alerts are not grouped. */
#ifndef MUSTER_ENGINE_GROUPING_H
#define MUSTER_ENGINE_GROUPING_H

#include "core/grouping.h"
#include "engine/tx.h"

/* ERR_INTERNAL: a service names a setting that is not there. */
enum err grouping_load(struct tx *tx, struct text setting_id, struct grouping_rule *ret) MUST_CHECK;
/* NULL: no open incident takes the alert in. */
enum err grouping_find(struct tx *tx, const struct grouping_rule *rule, const struct grouping_keys *keys, struct text service_id,
                       const struct grouping_candidate **ret) MUST_CHECK;
enum err grouping_remember(struct tx *tx, const struct grouping_keys *keys, int64_t incident) MUST_CHECK;

#endif
