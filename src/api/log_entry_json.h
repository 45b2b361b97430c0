/* Why: one row of the ledger as PagerDuty's log entry. Kinds that PagerDuty has no type for are left out of /log_entries; our
 * own timeline (api/timeline.c) shows them all. */
#ifndef MUSTER_API_LOG_ENTRY_JSON_H
#define MUSTER_API_LOG_ENTRY_JSON_H

#include "api/view.h"

/* "trigger_log_entry", ...: always one of the published types, so that typed clients can read every entry. A merge is shown as the
 * resolution of its source and as an annotation of its target. `doc`: of the ledger entry, may be NULL. */
const char *log_entry_type(struct text kind, const json_t *doc);
/* Stored names of the kinds that PagerDuty shows, for @list(:kinds); `overview`: only the most important changes. */
struct text log_entry_kinds(struct arena *arena, bool overview);
/* One row of log_entry_rows. */
json_t *log_entry_json(const struct view *view, struct query *q);
/* The rows with these numbers, in this order. */
enum err log_entry_json_list(const struct view *view, const int64_t *numbers, size_t count, json_t **ret_items) MUST_CHECK;

#endif
