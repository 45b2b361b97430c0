/* Why: "who is on call on this schedule at that instant" answered from the store: the schedule's version in force, its layers and its
 * overrides, for now, the past (as it was, S7) and the future. The arithmetic is core/schedule.h; this loads what it needs. */
#ifndef MUSTER_ENGINE_ROSTER_H
#define MUSTER_ENGINE_ROSTER_H

#include "base/env.h"
#include "store/db.h"

struct on_call {
    struct text user_id;
    struct text layer_id, layer_name; /* empty when an override decides */
    int64_t override_number;          /* 0: a layer decides */
    instant from, until;              /* the unbroken span around `at`; INSTANT_MAX when it has no end */
};

/* Whoever is on call at `at`, as known at `now` (past instants use the history, later ones the newest version). `*ret_count` 0 is a gap.
 * ERR_NOT_FOUND: no such schedule (deleted counts as none for instants after its deletion). `ret_name`: the schedule's name. */
enum err roster_on_call(struct db *db, struct arena *arena, struct text schedule_id, instant at, instant now, struct on_call **ret,
                        size_t *ret_count, struct text *ret_name) MUST_CHECK;

#endif
