/* Why: the check N5 reads policies, which are documents, so it is a function. */
#ifndef MUSTER_AUDIT_LEVELS_H
#define MUSTER_AUDIT_LEVELS_H

#include "audit/audit.h"

/* A level called because nobody answered is a later one than before (or the policy starts over, as often as it says), after the delay. */
enum err audit_levels(struct db *db, struct arena *arena, const struct audit_scope *scope, struct audit_findings *ret) MUST_CHECK;

#endif
