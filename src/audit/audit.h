/* Why: the promises of Muster as questions to the stored state, so that a test, a simulator and an administrator ask the same ones.
 * The names are those of the invariants (docs/reliability.md); a name with an underscore is a part of one. */
#ifndef MUSTER_AUDIT_AUDIT_H
#define MUSTER_AUDIT_AUDIT_H

#include "base/instant.h"
#include "store/db.h"

enum { AUDIT_SLACK_S = 60, AUDIT_RECENT = 100000, AUDIT_FINDINGS_MAX = 100 };

struct audit_scope {
    instant now;
    int64_t recent;  /* only the newest so many rows of what grows for ever; 0: all of them */
    int64_t slack_s; /* how long something due may wait: 0 right after a turn of a healthy engine, AUDIT_SLACK_S beside a running one */
};

struct audit_finding {
    struct text subject; /* "incident 42" */
    struct text finding; /* what is wrong with it */
};

struct audit_findings {
    struct audit_finding *items; /* at most AUDIT_FINDINGS_MAX */
    size_t count;
};

struct audit_check {
    const char *name;     /* "N1", "K1_pages" */
    const char *sentence; /* what holds when nothing is found */
    bool with_recent, with_now, with_slack; /* which of the scope the query takes */
    enum err (*judge)(struct db *db, struct arena *arena, const struct audit_scope *scope, struct audit_findings *ret); /* NULL: the query "audit_NAME" alone */
};

extern const struct audit_check audit_checks[];
extern const size_t audit_check_count;

/* Reads only. Run it in one snapshot (db_begin of a DB_READER) when several belong together. */
enum err audit_run(const struct audit_check *check, struct db *db, struct arena *arena, const struct audit_scope *scope, struct audit_findings *ret) MUST_CHECK;

#endif
