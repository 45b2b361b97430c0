/* Why: see shifts.h. */
#include "engine/shifts.h"

const char *override_kind_name(enum override_kind kind)
{
    switch (kind) {
    case OVERRIDE_LAYERS: return "layers";
    case OVERRIDE_SHIFT: return "shift";
    case OVERRIDE_MEMBER: return "member";
    }
    return "";
}

enum override_kind override_kind_of(struct text name)
{
    return text_is(name, "shift") ? OVERRIDE_SHIFT : text_is(name, "member") ? OVERRIDE_MEMBER : OVERRIDE_LAYERS;
}

struct schedule_override shifts_read(struct arena *arena, struct query *q, int first, enum override_kind kind)
{
    return (struct schedule_override){.number = query_int(q, first), .start = query_instant(q, first + 1), .end = query_instant(q, first + 2),
                                      .user_id = text_copy(arena, query_text(q, first + 3)), .kind = kind,
                                      .rotation_id = text_copy(arena, query_text(q, first + 4)), .shift_number = query_int(q, first + 5),
                                      .replaced_id = text_copy(arena, query_text(q, first + 6))};
}

/* `ret_row`: the row that counts now. */
static enum err find(struct db *db, struct arena *arena, struct text schedule_id, enum override_kind kind, int64_t number, struct schedule_override *ret,
                     int64_t *ret_row)
{
    struct query *q = db_query(db, "schedule_shift_get");
    query_bind_text(q, "id", schedule_id);
    query_bind_text(q, "kind", text_of(override_kind_name(kind)));
    query_bind_int(q, "number", number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    *ret = shifts_read(arena, q, 0, kind);
    *ret_row = ret->number;
    ret->number = number;
    return query_err(q);
}

enum err shifts_get(struct db *db, struct arena *arena, struct text schedule_id, enum override_kind kind, int64_t number, struct schedule_override *ret)
{
    int64_t row;
    return find(db, arena, schedule_id, kind, number, ret, &row);
}

/* An empty member is nobody's to know. */
static enum err check_person(struct tx *tx, struct text user_id, const char *path, const char *key, struct problem *problem)
{
    if (!text_is_present(user_id))
        return OK;
    struct query *q = db_query(tx->db, "schedule_known_user");
    query_bind_text(q, "id", user_id);
    if (!query_next(q) && !query_failed(q))
        problem_add(problem, arena_printf(tx->arena, "%s.%s.user_id", path, key), "is not the id of a user");
    return query_err(q);
}

static bool has_rotation(const struct schedule *schedule, struct text id)
{
    for (size_t i = 0; i < schedule->rotation_count; i++)
        if (text_equal(schedule->rotations[i].id, id))
            return true;
    return false;
}

static enum err check_source(struct tx *tx, struct text schedule_id, const struct schedule *schedule, const struct schedule_override *wish, const char *path,
                             struct problem *problem)
{
    struct schedule_override shift;
    if (!text_is_present(wish->rotation_id) && wish->shift_number == 0)
        return OK;
    if (text_is_present(wish->rotation_id)) {
        if (!has_rotation(schedule, wish->rotation_id))
            problem_add(problem, arena_printf(tx->arena, "%s.rotation_id", path), "is not the id of a rotation of this schedule");
        return OK;
    }
    enum err err = shifts_get(tx->db, tx->arena, schedule_id, OVERRIDE_SHIFT, wish->shift_number, &shift);
    if (err != ERR_NOT_FOUND)
        return err;
    problem_add(problem, arena_printf(tx->arena, "%s.custom_shift_id", path), "is not the id of a custom shift of this schedule");
    return OK;
}

static enum err check(struct tx *tx, struct text schedule_id, const struct schedule *schedule, const struct schedule_override *wish, bool is_new,
                      const char *path, struct problem *problem)
{
    bool is_shift = wish->kind == OVERRIDE_SHIFT;
    size_t before = problem->count + problem->dropped;
    bool has_times = instant_is_set(wish->start) && instant_is_set(wish->end);
    if (has_times && !instant_before(wish->start, wish->end))
        problem_add(problem, arena_printf(tx->arena, "%s.end_time", path), "must be after start_time");
    enum err err = check_person(tx, wish->user_id, path, is_shift ? "assignments[0].member" : "overriding_member", problem);
    if (err == OK && !is_shift && is_new)
        err = check_person(tx, wish->replaced_id, path, "overridden_member", problem);
    if (err == OK && !is_shift && is_new)
        err = check_source(tx, schedule_id, schedule, wish, path, problem);
    if (err != OK)
        return err;
    return problem->count + problem->dropped > before ? ERR_INVALID : OK;
}

static void bind_number(struct query *q, const char *parameter, int64_t number)
{
    if (number)
        query_bind_int(q, parameter, number);
    else
        query_bind_null(q, parameter);
}

enum err shifts_insert(struct tx *tx, struct text schedule_id, const struct schedule_override *override, int64_t origin, struct text created_by,
                       int64_t *ret_number)
{
    struct query *q = db_query(tx->db, "schedule_override_insert");
    query_bind_text(q, "id", schedule_id);
    query_bind_text(q, "kind", text_of(override_kind_name(override->kind)));
    bind_number(q, "origin", origin);
    query_bind_instant(q, "start_at", override->start);
    query_bind_instant(q, "end_at", override->end);
    query_bind_text(q, "user_id", override->user_id);
    query_bind_text(q, "rotation_id", override->rotation_id);
    bind_number(q, "shift_number", override->shift_number);
    query_bind_text(q, "replaced_id", override->replaced_id);
    query_bind_instant(q, "now", tx->now);
    query_bind_text(q, "created_by", created_by);
    if (query_next(q))
        *ret_number = query_int(q, 0);
    return query_err(q);
}

enum err shifts_check(struct tx *tx, struct text schedule_id, const struct schedule *schedule, const struct schedule_override *wish, const char *path,
                      struct problem *problem)
{
    return check(tx, schedule_id, schedule, wish, true, path, problem);
}

enum err shifts_add(struct tx *tx, struct text schedule_id, const struct schedule *schedule, const struct schedule_override *wish, struct text created_by,
                    const char *path, struct problem *problem, int64_t *ret_number)
{
    enum err err = check(tx, schedule_id, schedule, wish, true, path, problem);
    return err == OK ? shifts_insert(tx, schedule_id, wish, 0, created_by, ret_number) : err;
}

static bool same_person(struct text a, struct text b)
{
    return text_is_present(a) == text_is_present(b) && text_equal(a, b);
}

static enum err drop_row(struct tx *tx, const char *query, int64_t row)
{
    struct query *q = db_query(tx->db, query);
    query_bind_int(q, "number", row);
    query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

enum err shifts_change(struct tx *tx, struct text schedule_id, const struct schedule *schedule, const struct schedule_override *wish, struct text created_by,
                       const char *path, struct problem *problem)
{
    struct schedule_override current;
    int64_t row, unused;
    enum err err = find(tx->db, tx->arena, schedule_id, wish->kind, wish->number, &current, &row);
    if (err == OK)
        err = check(tx, schedule_id, schedule, wish, false, path, problem);
    if (err != OK)
        return err;
    bool begun = !instant_before(tx->now, current.start);
    size_t before = problem->count + problem->dropped;
    if (!instant_before(tx->now, current.end))
        problem_add(problem, path, "is over and cannot be changed");
    else if (begun && instant_before(wish->end, tx->now))
        problem_add(problem, arena_printf(tx->arena, "%s.end_time", path), "cannot be in the past");
    else if (begun && wish->kind == OVERRIDE_SHIFT && (!instant_equal(wish->start, current.start) || !same_person(wish->user_id, current.user_id)))
        problem_add(problem, path, "has begun: only end_time can be changed");
    if (problem->count + problem->dropped > before)
        return ERR_INVALID;
    err = drop_row(tx, "schedule_override_delete", row);
    return err == OK ? shifts_insert(tx, schedule_id, wish, wish->number, created_by, &unused) : err;
}

enum err shifts_remove(struct tx *tx, struct text schedule_id, enum override_kind kind, int64_t number, struct problem *problem)
{
    struct schedule_override current;
    int64_t row;
    enum err err = find(tx->db, tx->arena, schedule_id, kind, number, &current, &row);
    if (err != OK)
        return err;
    if (!instant_before(tx->now, current.end)) {
        problem_add(problem, NULL, "%s is over and cannot be removed", kind == OVERRIDE_SHIFT ? "Custom shift" : "Override");
        return ERR_INVALID;
    }
    return drop_row(tx, instant_before(current.start, tx->now) ? "schedule_override_end" : "schedule_override_delete", row);
}
