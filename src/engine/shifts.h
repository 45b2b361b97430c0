/* Why: custom shifts and overrides of shift-based schedules are written here and nowhere else. A change is a new row that counts from now on, so that what
 * was stays true (S7); the number of the first row names it for ever. Everything runs inside a writer transaction (engine/tx.h). After the last
 * change of a transaction call handoffs_reschedule. */
#ifndef MUSTER_ENGINE_SHIFTS_H
#define MUSTER_ENGINE_SHIFTS_H

#include "core/schedule.h"
#include "engine/tx.h"

/* The custom shift or override of that number, as it is now, its texts on `arena`. ERR_NOT_FOUND: the schedule has none. */
enum err shifts_get(struct db *db, struct arena *arena, struct text schedule_id, enum override_kind kind, int64_t number, struct schedule_override *ret) MUST_CHECK;

/* Checks of a new one that the people, the rotation and the custom shift it names are there and that it ends after its start; what is not set is not looked
 * at. `path` is for mistakes: "overrides[0]". ERR_INVALID: mistakes were added. `schedule` is the newest version. */
enum err shifts_check(struct tx *tx, struct text schedule_id, const struct schedule *schedule, const struct schedule_override *wish, const char *path,
                      struct problem *problem) MUST_CHECK;
/* Checks it, then stores it. */
enum err shifts_add(struct tx *tx, struct text schedule_id, const struct schedule *schedule, const struct schedule_override *wish, struct text created_by,
                    const char *path, struct problem *problem, int64_t *ret_number) MUST_CHECK;
/* One that is over stays as it is: a mistake. Of a custom shift that has begun only the end may change, and not to before now. `wish->number` names it. */
enum err shifts_change(struct tx *tx, struct text schedule_id, const struct schedule *schedule, const struct schedule_override *wish, struct text created_by,
                       const char *path, struct problem *problem) MUST_CHECK;
/* One that has not begun is taken away; one that has begun ends now; one that is over stays: a mistake. */
enum err shifts_remove(struct tx *tx, struct text schedule_id, enum override_kind kind, int64_t number, struct problem *problem) MUST_CHECK;

/* Stores an override of any kind, also one of layers, as it stands, unchecked. `origin`: the number of the first row of the same override or shift; 0: this is it. */
enum err shifts_insert(struct tx *tx, struct text schedule_id, const struct schedule_override *override, int64_t origin, struct text created_by,
                       int64_t *ret_number) MUST_CHECK;
/* As stored: "layers", "shift", "member". */
const char *override_kind_name(enum override_kind kind);
enum override_kind override_kind_of(struct text name);
/* Columns from `first` on: number, start, end, user, rotation, shift, replaced. */
struct schedule_override shifts_read(struct arena *arena, struct query *q, int first, enum override_kind kind);

#endif
