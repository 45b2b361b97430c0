/* Why: see schedules.h. */
#include "engine/schedules.h"

#include "base/id.h"
#include "base/log.h"
#include "engine/handoffs.h"
#include "engine/shifts.h"

static enum err is_known(struct tx *tx, const char *query, struct text id, bool *ret)
{
    struct query *q = db_query(tx->db, query);
    query_bind_text(q, "id", id);
    *ret = query_next(q);
    return query_err(q);
}

/* Where it stood in the document. `place`: of one layer or event, from 0. */
static const char *user_path(struct tx *tx, const struct schedule_write *write, const char *of, size_t place)
{
    return write->schedule->shift_based ? arena_printf(tx->arena, "%s.assignment_strategy.members[%zu].user_id", of, place)
                                        : arena_printf(tx->arena, "%s.users[%zu].user.id", of, place);
}

/* Somebody who left but is still listed must not keep others from editing the schedule. */
static enum err check_list(struct tx *tx, const struct schedule_write *write, const struct schedule *current, const char *of, const struct text *user_ids,
                           size_t count, struct problem *problem)
{
    for (size_t k = 0; k < count; k++) {
        bool known;
        if (!text_is_present(user_ids[k]))
            continue;
        enum err err = is_known(tx, "schedule_known_user", user_ids[k], &known);
        if (err)
            return err;
        if (!known && !(current && schedule_has_user(tx->arena, current, user_ids[k])))
            problem_add(problem, user_path(tx, write, of, k), "is not the id of a user");
    }
    return OK;
}

static enum err check_users(struct tx *tx, const struct schedule_write *write, const struct schedule *current, struct problem *problem)
{
    enum err err = OK;
    const struct schedule *schedule = write->schedule;
    for (size_t i = 0; err == OK && i < schedule->layer_count; i++) {
        const struct schedule_layer *layer = &schedule->layers[i];
        err = check_list(tx, write, current, arena_printf(tx->arena, "%s.schedule_layers[%zu]", write->path, layer->input_position), layer->user_ids,
                         layer->user_count, problem);
    }
    for (size_t i = 0; err == OK && i < schedule->rotation_count; i++)
        for (size_t k = 0; err == OK && k < schedule->rotations[i].event_count; k++) {
            const struct rotation_event *event = &schedule->rotations[i].events[k];
            err = check_list(tx, write, current, write->path, event->user_ids, event->user_count, problem);
        }
    return err;
}

static enum err check_teams(struct tx *tx, const struct schedule_write *write, struct problem *problem)
{
    for (size_t i = 0; i < write->team_count; i++) {
        bool known;
        enum err err = is_known(tx, "schedule_known_team", write->team_ids[i], &known);
        if (err)
            return err;
        if (!known)
            problem_add(problem, arena_printf(tx->arena, "%s.teams[%zu].id", write->path, i), "is not the id of a team");
    }
    return OK;
}

static enum err check_name(struct tx *tx, const struct schedule_write *write, struct problem *problem)
{
    struct query *q = db_query(tx->db, "schedule_name_taken");
    query_bind_text(q, "name", write->schedule->name);
    query_bind_text(q, "id", write->id.data ? write->id : TEXT(""));
    if (query_next(q))
        problem_add(problem, arena_printf(tx->arena, "%s.name", write->path), "has already been taken");
    return query_err(q);
}

static enum err check_references(struct tx *tx, const struct schedule_write *write, const struct schedule *current, struct problem *problem)
{
    size_t before = problem->count + problem->dropped;
    enum err err = check_name(tx, write, problem);
    if (!err)
        err = check_users(tx, write, current, problem);
    if (!err && write->has_teams)
        err = check_teams(tx, write, problem);
    if (err)
        return err;
    return problem->count + problem->dropped > before ? ERR_INVALID : OK;
}

static bool has_layer(const struct schedule *schedule, struct text id)
{
    for (size_t i = 0; schedule && i < schedule->layer_count; i++)
        if (text_equal(schedule->layers[i].id, id))
            return true;
    return false;
}

/* A copy whose layers all have an id. Rotations come with theirs. */
static struct schedule with_layer_ids(struct tx *tx, const struct schedule *schedule, const struct schedule *current)
{
    struct schedule copy = *schedule;
    copy.layers = ARENA_ARRAY(tx->arena, struct schedule_layer, schedule->layer_count + 1);
    for (size_t i = 0; i < schedule->layer_count; i++) {
        copy.layers[i] = schedule->layers[i];
        if (text_is_empty(copy.layers[i].id) || !has_layer(current, copy.layers[i].id))
            copy.layers[i].id = id_new_object(tx->env, tx->arena);
    }
    return copy;
}

static enum err index_users(struct tx *tx, struct text id, const struct schedule *schedule)
{
    struct query *q = db_query(tx->db, "schedule_users_clear");
    query_bind_text(q, "id", id);
    enum err err = query_run(q);
    struct schedule_places places = schedule_places(tx->arena, schedule);
    for (size_t i = 0; !err && i < places.count; i++) {
        if (!text_is_present(*places.items[i]))
            continue;
        q = db_query(tx->db, "schedule_user_insert");
        query_bind_text(q, "id", id);
        query_bind_text(q, "user_id", *places.items[i]);
        err = query_run(q);
    }
    return err;
}

static enum err index_teams(struct tx *tx, struct text id, const struct schedule_write *write)
{
    struct query *q = db_query(tx->db, "schedule_teams_clear");
    query_bind_text(q, "id", id);
    enum err err = query_run(q);
    for (size_t i = 0; !err && i < write->team_count; i++) {
        q = db_query(tx->db, "schedule_team_insert");
        query_bind_text(q, "id", id);
        query_bind_text(q, "team_id", write->team_ids[i]);
        err = query_run(q);
    }
    return err;
}

static enum err store_head(struct tx *tx, bool is_new, struct text id, const struct schedule *schedule, int64_t version)
{
    struct query *q = db_query(tx->db, is_new ? "schedule_insert" : "schedule_update");
    query_bind_text(q, "id", id);
    query_bind_text(q, "name", schedule->name);
    query_bind_text(q, "description", schedule->description);
    query_bind_text(q, "time_zone", zone_name(schedule->zone));
    if (is_new)
        query_bind_text(q, "type", schedule->shift_based ? TEXT("schedule_v3") : TEXT("schedule"));
    else
        query_bind_int(q, "version", version);
    query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

static enum err store_version(struct tx *tx, struct text id, int64_t version, struct text document)
{
    struct query *q = db_query(tx->db, "schedule_version_insert");
    query_bind_text(q, "id", id);
    query_bind_int(q, "version", version);
    query_bind_instant(q, "now", tx->now);
    query_bind_text(q, "doc", document);
    return query_run(q);
}

/* The newest version of an existing schedule. */
static enum err read_current(struct tx *tx, struct text id, int64_t *ret_version, struct text *ret_document, struct schedule *ret)
{
    struct query *q = db_query(tx->db, "schedule_current");
    query_bind_text(q, "id", id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct problem *problem = problem_new(tx->arena);
    *ret_version = query_int(q, 0);
    *ret_document = text_copy(tx->arena, query_text(q, 1));
    if (schedule_read(tx->arena, *ret_document, "", problem, ret) == OK)
        return OK;
    log_error("schedules", "schedule=%.*s version=%lld cannot be read: %.*s", TEXT_ARG(id), (long long)*ret_version,
              TEXT_ARG(problem_line(problem, 0)));
    return ERR_INTERNAL;
}

static enum err store(struct tx *tx, struct text id, const struct schedule_write *write, const struct schedule *schedule, int64_t version,
                      bool is_new_version)
{
    enum err err = store_head(tx, version == 1 && is_new_version, id, schedule, version);
    if (!err && is_new_version)
        err = store_version(tx, id, version, json_write(tx->arena, schedule_to_json(tx->arena, schedule)));
    if (!err)
        err = index_users(tx, id, schedule);
    if (!err && write->has_teams)
        err = index_teams(tx, id, write);
    return err;
}

enum err schedules_write(struct tx *tx, const struct schedule_write *write, struct problem *problem, struct text *ret_id)
{
    bool is_new = text_is_empty(write->id);
    struct schedule current;
    struct text document = TEXT_NONE;
    int64_t version = 0;
    enum err err = is_new ? OK : read_current(tx, write->id, &version, &document, &current);
    if (!err)
        err = check_references(tx, write, is_new ? NULL : &current, problem);
    if (err) {
        tx->refused_clean = true;
        return err;
    }
    struct text id = is_new ? id_new_object(tx->env, tx->arena) : text_copy(tx->arena, write->id);
    struct schedule schedule = with_layer_ids(tx, write->schedule, is_new ? NULL : &current);
    bool changed = is_new || !text_equal(document, json_write(tx->arena, schedule_to_json(tx->arena, &schedule)));
    err = store(tx, id, write, &schedule, version + changed, changed);
    if (!err)
        err = handoffs_reschedule(tx, id);
    if (err)
        return err;
    *ret_id = id;
    return OK;
}

enum err schedules_delete(struct tx *tx, struct text id, struct problem *problem)
{
    struct query *q = db_query(tx->db, "schedule_policies");
    query_bind_text(q, "id", id);
    size_t used = 0;
    for (; query_next(q); used++)
        problem_add(problem, NULL, "Schedule is used by the escalation policy %.*s (%.*s)", TEXT_ARG(query_text(q, 1)), TEXT_ARG(query_text(q, 0)));
    if (query_failed(q))
        return query_err(q);
    if (used > 0) {
        tx->refused_clean = true;
        return ERR_CONFLICT;
    }
    q = db_query(tx->db, "schedule_delete");
    query_bind_text(q, "id", id);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    if (err)
        return err;
    return query_changes(q) == 1 ? handoffs_reschedule(tx, id) : ERR_NOT_FOUND;
}

enum err schedules_add_override(struct tx *tx, struct text schedule_id, const struct schedule_override *override, struct text created_by,
                                struct problem *problem, int64_t *ret_number)
{
    struct query *q = db_query(tx->db, "schedule_current");
    query_bind_text(q, "id", schedule_id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    size_t before = problem->count + problem->dropped;
    bool known;
    enum err err = is_known(tx, "schedule_known_user", override->user_id, &known);
    if (err)
        return err;
    if (!known)
        problem_add(problem, NULL, "User is not the id of a user");
    if (!instant_before(override->start, override->end))
        problem_add(problem, NULL, "Override must end after its start");
    if (problem->count + problem->dropped > before)
        return ERR_INVALID;
    return shifts_insert(tx, schedule_id, override, 0, created_by, ret_number);
}

enum err schedules_remove_override(struct tx *tx, struct text schedule_id, int64_t number, bool *ret_truncated)
{
    struct query *q = db_query(tx->db, "schedule_override_get");
    query_bind_int(q, "number", number);
    query_bind_text(q, "id", schedule_id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    instant start = query_instant(q, 0), end = query_instant(q, 1);
    if (!instant_before(tx->now, end)) {
        tx->refused_clean = true;
        return ERR_CONFLICT;
    }
    bool begun = instant_before(start, tx->now);
    q = db_query(tx->db, begun ? "schedule_override_end" : "schedule_override_delete");
    query_bind_int(q, "number", number);
    query_bind_instant(q, "now", tx->now);
    *ret_truncated = begun;
    enum err err = query_run(q);
    return err ? err : handoffs_reschedule(tx, schedule_id);
}
