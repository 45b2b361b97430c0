/* Why: ids look like PagerDuty's (pagerduty-api.md section 3) and cost no index where rows are many.
 *
 * Configuration objects (users, services, ...): "P" and thirteen random characters, stored. So many that no two are ever alike: with six, as PagerDuty's
 * older ids have, one of 44 installations that make 10,000 schedules would be refused one of them. Older, shorter ids go on being what they are.
 * Hot rows (incidents, alerts, ledger entries, messages, ...): the row's own sequential integer, shown as "Q" and
 * thirteen characters through a fixed permutation. Opaque, unique per kind, reversible, nothing stored. It
 * is not a secret and guards nothing. */
#ifndef MUSTER_BASE_ID_H
#define MUSTER_BASE_ID_H

#include "base/env.h"

enum id_kind { ID_INCIDENT = 1, ID_ALERT, ID_LOG_ENTRY, ID_MESSAGE, ID_EVENT, ID_NOTE, ID_OVERRIDE, ID_PAGE, ID_NOTIFICATION, ID_WEBHOOK, ID_AUDIT, ID_SHIFT, ID_CHANGE_EVENT };

/* "P" + 13 of [0-9A-Z]: among a million the chance that two are alike is 3 in 10^9. */
struct text id_new_object(struct env *env, struct arena *arena);
/* `length` characters of [0-9a-z]: integration keys (32), tokens (20). */
struct text id_new_key(struct env *env, struct arena *arena, size_t length);

struct text id_public(struct arena *arena, enum id_kind kind, int64_t number);
/* False when `id` is not one that id_public makes for `kind`. */
bool id_parse(enum id_kind kind, struct text id, int64_t *ret_number);

#endif
