/* Why: "who is on call on this schedule at that instant" answered from the store: the schedule's version in force, its layers and its
 * overrides, for now, the past (as it was, S7) and the future. The arithmetic is core/schedule.h; this loads what it needs.
 *
 * History: a version counts from its effective_from until the next one's; before the first one the first counts (nothing
 * older is known, and a layer may well begin earlier). A version replaced at its own instant never counted. An override counts from its
 * created_at and, when it was taken away, until its deleted_at: neither changes who was on call before. Somebody who left is on call
 * nowhere from then on: the place in the rotation stays, vacant, so that nobody else's turns move; a lower layer shows, or a gap. */
#ifndef MUSTER_ENGINE_ROSTER_H
#define MUSTER_ENGINE_ROSTER_H

#include "base/env.h"
#include "core/escalation.h"
#include "core/schedule.h"
#include "store/db.h"

struct on_call {
    struct text user_id;
    struct text layer_id, layer_name; /* of a layer; of a shift-based schedule the rotation's id and the event's name. Empty when an override decides */
    enum duty_kind duty;
    int64_t override_number;          /* 0: none decides */
    instant from, until;              /* the unbroken span around `at`; INSTANT_MAX when it has no end */
};

struct on_call_list {
    struct text schedule_name;
    struct on_call *items;
    size_t count; /* 0: a gap */
    struct instant_range steady; /* around the instant, within its day: the answer is the same at each of it */
};

/* Whoever is on call at `at` (past instants use the history, later ones the newest version).
 * ERR_NOT_FOUND: no such schedule (deleted counts as none for instants after its deletion). */
enum err roster_on_call(struct db *db, struct arena *arena, struct text schedule_id, instant at, struct on_call_list *ret) MUST_CHECK;

enum {
    ROSTER_VERSIONS_MAX = 1000, /* of one schedule, in one window */
    ROSTER_LOOK_BACK_DAYS = 400,/* roster_on_call: `from` ignores overrides that ended longer ago */
};

struct roster_version {
    int64_t version;
    instant from, until; /* when it counts; the first reaches back to INSTANT_NONE, the newest on to INSTANT_MAX */
    struct schedule schedule;
};

/* One schedule with everything that matters in one window. */
struct roster {
    struct text id, name;
    instant deleted_at; /* INSTANT_NONE: it exists */
    struct roster_version *versions; /* by time, without holes; at least one. Cut where somebody left */
    size_t version_count;
    const struct schedule *newest;   /* as written */
    struct schedule_overrides overrides; /* cut to when they counted */
};

/* ERR_NOT_FOUND: no such schedule, or it was deleted before `since`. ERR_LIMIT: too many versions or overrides in the window. */
enum err roster_load(struct db *db, struct arena *arena, struct text schedule_id, instant since, instant until, struct roster **ret) MUST_CHECK;
/* The newest version as it was written, people who left included. */
const struct schedule *roster_newest(const struct roster *roster);
/* As schedule_render, each part of the window by the version that counts there. `layers` are those of the newest version; an older version's
 * layer belongs to the one with its id. The window must be inside that of roster_load. */
enum err roster_render(struct arena *arena, const struct roster *roster, instant since, instant until, struct schedule_rendering *ret) MUST_CHECK;
/* Who, why and the unbroken time around `at`, which must be inside the window of roster_load: as schedule_on_call_at. */
struct schedule_spans roster_at(struct arena *arena, const struct roster *roster, instant at);

#endif
