/* Why: schedules, their versions, the index of their users and teams, and their overrides are written here and nowhere else, so that
 * they never disagree. Everything runs inside a writer transaction (engine/tx.h). */
#ifndef MUSTER_ENGINE_SCHEDULES_H
#define MUSTER_ENGINE_SCHEDULES_H

#include "core/schedule.h"
#include "engine/tx.h"

struct schedule_write {
    struct text id;                   /* of the schedule to change; empty: a new one */
    const struct schedule *schedule;  /* as read by schedule_from_json */
    bool has_teams;                   /* false: the teams stay as they are */
    struct text *team_ids;
    size_t team_count;
    const char *path;                 /* for mistakes: "schedule" */
};

/* Checks that the users and teams exist and that the name is free, then stores a new version (none when nothing changed). A layer whose
 * id the newest version knows keeps it; every other layer gets a new one. `ret_id` is on the tx arena.
 * ERR_INVALID: mistakes were added; ERR_NOT_FOUND: no such schedule (any more). */
enum err schedules_write(struct tx *tx, const struct schedule_write *write, struct problem *problem, struct text *ret_id) MUST_CHECK;
/* ERR_CONFLICT: escalation policies use it; a mistake names them. Overrides and history stay. */
enum err schedules_delete(struct tx *tx, struct text id, struct problem *problem) MUST_CHECK;

/* ERR_NOT_FOUND: no such schedule. ERR_INVALID: mistakes were added (no such user, end not after start). An override never changes what
 * was before it was made (S7), even when it begins earlier. After the last one of a transaction call handoffs_reschedule. */
enum err schedules_add_override(struct tx *tx, struct text schedule_id, const struct schedule_override *override, struct text created_by,
                                struct problem *problem, int64_t *ret_number) MUST_CHECK;
/* One that has not begun is taken away; one that has begun ends now (`*ret_truncated`); one that has ended stays: ERR_CONFLICT.
 * ERR_NOT_FOUND: the schedule has no such override. */
enum err schedules_remove_override(struct tx *tx, struct text schedule_id, int64_t number, bool *ret_truncated) MUST_CHECK;

#endif
