/* Why: a gap in a schedule that a service leads to (invariant S6) is a finding before its night comes. */
#ifndef MUSTER_AUDIT_GAPS_H
#define MUSTER_AUDIT_GAPS_H

#include "engine/self_report.h"

enum { GAPS_DAYS = 7 };

/* Appends the gaps of the next GAPS_DAYS to `list`, up to SELF_FINDINGS_MAX in all. One that was found before keeps its name; one that repeats another
 * a day or a week later is quiet. */
enum err gaps_find(struct db *db, struct arena *arena, instant now, struct self_finding *list, size_t *count) MUST_CHECK;

#endif
