/* Why: a promise that is broken in the stored state, or a gap that a schedule will have next week, must not wait until somebody looks. The cheap checks
 * of the audit, which read what is open and the newest rows only, and the gaps of the next seven days (invariant S6), handed to
 * engine/self_report.h. A gap that comes again every day or week is told once. */
#ifndef MUSTER_AUDIT_SELF_CHECK_H
#define MUSTER_AUDIT_SELF_CHECK_H

#include "engine/engine.h"

struct self_check {
    int64_t checks, findings, gaps, told;
};

/* `db`: a reader inside a snapshot. Not on the writer thread. */
enum err self_check_run(struct engine *engine, struct db *db, struct env *env, struct arena *arena, struct self_check *ret) MUST_CHECK;

/* The thread that does so every `interval_s`, on a connection of its own. The handle is dead after patrol_stop; NULL is allowed there. */
struct patrol;
struct patrol *patrol_start(struct engine *engine, struct env *env, const char *db_url, int64_t interval_s);
void patrol_stop(struct patrol *patrol);

#endif
