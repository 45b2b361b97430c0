/* Why: custom shifts and overrides of shift-based schedules (PagerDuty's Schedules API v3): what holds for a time, beside the rotations. Several are made
 * together or not at all. What is stored is engine/shifts.h. */
#include "api/audit.h"
#include "api/shift_schedule.h"
#include "base/id.h"
#include "base/json_scan.h"
#include "core/rotation.h"
#include "engine/handoffs.h"
#include "engine/shifts.h"

enum { SHIFTS_PER_REQUEST_MAX = 500 };

/* What differs between the two. */
struct noun {
    enum override_kind kind;
    enum id_kind id_kind;
    const char *one, *many; /* wrappers */
    const char *type;       /* of its objects */
};
static const struct noun custom_shift = {OVERRIDE_SHIFT, ID_SHIFT, "custom_shift", "custom_shifts", "custom_shift"};
static const struct noun override = {OVERRIDE_MEMBER, ID_OVERRIDE, "override", "overrides", "override_shift"};

/* Showing ---------------------------------------------------------------------------------------------------------------------------- */

static void put_assignment(struct call *call, json_t *object, const struct schedule_override *shift)
{
    json_t *assignments = json_array_in(call->arena), *assignment = json_object_in(call->arena);
    json_put_text(assignment, "id", id_public(call->arena, ID_SHIFT, shift->number)); /* there is one for each shift */
    json_put_string(assignment, "type", "shift_assignment");
    json_put(assignment, "member", member_to_json(call->arena, shift->user_id));
    json_append(assignments, assignment);
    json_put(object, "assignments", assignments);
}

static json_t *shift_json(struct call *call, const struct noun *noun, const struct zone *zone, const struct schedule_override *shift)
{
    json_t *object = json_object_in(call->arena);
    struct text id = id_public(call->arena, noun->id_kind, shift->number);
    json_put_text(object, "id", id);
    json_put_string(object, "type", noun->type);
    schedule_put_time(call, zone, object, "start_time", shift->start);
    schedule_put_time(call, zone, object, "end_time", shift->end);
    if (noun->kind == OVERRIDE_SHIFT) {
        put_assignment(call, object, shift);
    } else {
        if (text_is_present(shift->rotation_id))
            json_put_text(object, "rotation_id", shift->rotation_id);
        else
            json_put_text(object, "custom_shift_id", id_public(call->arena, ID_SHIFT, shift->shift_number));
        json_put(object, "overridden_member", member_to_json(call->arena, shift->replaced_id));
        json_put(object, "overriding_member", member_to_json(call->arena, shift->user_id));
    }
    shift_put_urls(call, object, call->path_parameters[0], arena_printf(call->arena, "/%s/%.*s", noun->many, TEXT_ARG(id)));
    return object;
}

/* since and until are demanded; what is shown is cut at them unless overflow=true. */
static enum err read_window(struct call *call, const struct zone *zone, struct schedule_shape *shape)
{
    static const char *const needed[] = {"since", "until"};
    for (size_t i = 0; i < 2; i++)
        if (text_is_empty(call_query(call, needed[i])))
            problem_add(call->problem, needed[i], "cannot be empty");
    return problem_is_empty(call->problem) ? schedule_shape_read(call, zone, shape) : ERR_INVALID;
}

static enum err list_shifts(struct call *call, const struct noun *noun)
{
    struct paging paging;
    const struct zone *zone;
    struct schedule_shape shape = {0};
    enum err err = schedule_expect(call, call->path_parameters[0], true, &zone);
    if (err == OK)
        err = schedule_zone_read(call, zone, &zone);
    if (err == OK)
        err = call_paging(call, &paging);
    if (err == OK)
        err = read_window(call, zone, &shape);
    if (err != OK)
        return err;
    struct query *q = db_query(call->db, "schedule_shift_list");
    query_bind_text(q, "id", call->path_parameters[0]);
    query_bind_text(q, "kind", text_of(override_kind_name(noun->kind)));
    query_bind_instant(q, "since", shape.since);
    query_bind_instant(q, "until", shape.until);
    query_bind_int(q, "limit", paging.limit + 1);
    query_bind_int(q, "offset", paging.offset);
    json_t *items = json_array_in(call->arena);
    int64_t count = 0;
    while (query_next(q)) {
        struct schedule_override shift = shifts_read(call->arena, q, 0, noun->kind);
        shift.start = shape.overflow ? shift.start : instant_max(shift.start, shape.since);
        shift.end = shape.overflow ? shift.end : instant_min(shift.end, shape.until);
        if (count++ < paging.limit)
            json_append(items, shift_json(call, noun, zone, &shift));
    }
    if (query_failed(q))
        return query_err(q);
    paging.want_total = false; /* not counted */
    call_reply_page(call, noun->many, items, &paging, count > paging.limit, 0);
    return OK;
}

static enum err reply_shift(struct call *call, const struct noun *noun)
{
    int64_t number;
    struct schedule_override shift;
    enum err err = schedule_expect(call, call->path_parameters[0], true, NULL);
    if (err == OK && !id_parse(noun->id_kind, call->path_parameters[1], &number))
        err = ERR_NOT_FOUND;
    if (err == OK)
        err = shifts_get(call->db, call->arena, call->path_parameters[0], noun->kind, number, &shift);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, noun->one, shift_json(call, noun, zone_utc(), &shift));
    return OK;
}

/* Reading ---------------------------------------------------------------------------------------------------------------------------- */

static void read_time(struct call *call, const struct json_node *written, const char *path, const char *key, bool required, instant *ret)
{
    const struct json_node *value = json_node_member(written, key);
    if (value || required)
        *ret = rotation_time_read(call->arena, value, zone_utc(), arena_printf(call->arena, "%s.%s", path, key), call->problem);
}

static void read_member(struct call *call, const struct json_node *written, const char *path, const char *key, bool required, struct text *ret)
{
    const struct json_node *value = json_node_member(written, key);
    if (value || required)
        member_read(call->arena, value, arena_printf(call->arena, "%s.%s", path, key), call->problem, ret);
}

static void read_assignments(struct call *call, const struct json_node *written, const char *path, bool required, struct text *ret)
{
    const struct json_node *list = json_node_member(written, "assignments");
    if (!list && !required)
        return;
    if (!json_node_is(list, JSON_ARRAY) || json_node_count(list) != 1) {
        problem_add(call->problem, arena_printf(call->arena, "%s.assignments", path), "must be a list of exactly one assignment");
        return;
    }
    read_member(call, json_node_next(list, NULL), arena_printf(call->arena, "%s.assignments[0]", path), "member", true, ret);
}

static void read_source(struct call *call, const struct json_node *written, const char *path, struct schedule_override *wish)
{
    struct text rotation = json_node_text_at(call->arena, written, "rotation_id"), shift = json_node_text_at(call->arena, written, "custom_shift_id");
    if (text_is_empty(rotation) == text_is_empty(shift)) {
        problem_add(call->problem, path, "must have either rotation_id or custom_shift_id");
    } else if (!text_is_empty(rotation)) {
        wish->rotation_id = rotation;
    } else if (!id_parse(ID_SHIFT, shift, &wish->shift_number)) {
        problem_add(call->problem, arena_printf(call->arena, "%s.custom_shift_id", path), "is not the id of a custom shift of this schedule");
    }
}

/* Fills `wish` with what is written; a new one needs all of it. */
static void read_wish(struct call *call, const struct noun *noun, const struct json_node *written, const char *path, bool is_new, struct schedule_override *wish)
{
    struct text type = json_node_text_at(call->arena, written, "type");
    wish->kind = noun->kind;
    if (!json_node_is(written, JSON_OBJECT)) {
        problem_add(call->problem, path, "must be an object");
        return;
    }
    if (is_new && !text_is(type, noun->type))
        problem_add(call->problem, arena_printf(call->arena, "%s.type", path), "must be \"%s\"", noun->type);
    read_time(call, written, path, "start_time", is_new, &wish->start);
    read_time(call, written, path, "end_time", is_new, &wish->end);
    if (noun->kind == OVERRIDE_SHIFT) {
        read_assignments(call, written, path, is_new, &wish->user_id);
        return;
    }
    read_member(call, written, path, "overriding_member", is_new, &wish->user_id);
    if (!is_new)
        return;
    read_member(call, written, path, "overridden_member", true, &wish->replaced_id);
    read_source(call, written, path, wish);
}

/* Changing --------------------------------------------------------------------------------------------------------------------------- */

struct shift_work {
    struct call *call;
    const struct noun *noun;
    struct actor actor;
    struct schedule schedule;
    struct schedule_override *wishes;
    size_t count;
    struct problem misread; /* what was wrong already as it is written */
    const struct json_node *written; /* of a change */
};

static enum err record(struct tx *tx, const struct shift_work *work, const char *action, int64_t number, const json_t *before, const json_t *after)
{
    struct audit audit = {.actor = &work->actor, .peer = work->call->request->peer, .action = action, .resource_type = work->noun->one,
                          .resource_id = id_public(tx->arena, work->noun->id_kind, number), .root_type = "schedule",
                          .root_id = work->call->path_parameters[0], .before = before, .after = after};
    return audit_record(tx, &audit);
}

static const char *place_of(const struct shift_work *work, size_t i)
{
    return arena_printf(work->call->arena, "%s[%zu]", work->noun->many, i);
}

/* Every mistake of all of them at once, those in how they are written too. */
static enum err check_all(struct tx *tx, const struct shift_work *work)
{
    struct call *call = work->call;
    *call->problem = work->misread; /* the work may run twice */
    for (size_t i = 0; i < work->count; i++) {
        enum err err = shifts_check(tx, call->path_parameters[0], &work->schedule, &work->wishes[i], place_of(work, i), call->problem);
        if (err != OK && err != ERR_INVALID)
            return err;
    }
    return problem_is_empty(call->problem) ? OK : ERR_INVALID;
}

static enum err add_work(struct tx *tx, void *argument)
{
    struct shift_work *work = argument;
    struct call *call = work->call;
    enum err err = check_all(tx, work);
    for (size_t i = 0; i < work->count && err == OK; i++) {
        struct schedule_override *wish = &work->wishes[i];
        err = shifts_add(tx, call->path_parameters[0], &work->schedule, wish, work->actor.id, place_of(work, i), call->problem, &wish->number);
        if (err == OK)
            err = record(tx, work, "create", wish->number, NULL, shift_json(call, work->noun, zone_utc(), wish));
    }
    return err == OK ? handoffs_reschedule(tx, call->path_parameters[0]) : err;
}

static enum err create_shifts(struct call *call, const struct noun *noun)
{
    struct shift_work work = {.call = call, .noun = noun};
    const json_t *body = json_at(call->body, noun->many);
    const struct json_node *list;
    enum err err = shift_schedule_read(call, &work.schedule);
    if (err == OK)
        err = json_scan(call->arena, body ? json_write(call->arena, body) : TEXT("null"), call->problem, &list);
    if (err != OK)
        return err;
    work.count = json_node_count(list);
    if (!json_node_is(list, JSON_ARRAY) || work.count == 0 || work.count > SHIFTS_PER_REQUEST_MAX) {
        problem_add(call->problem, noun->many, "must be a list of 1 to %d", SHIFTS_PER_REQUEST_MAX);
        return ERR_INVALID;
    }
    work.wishes = ARENA_ARRAY(call->arena, struct schedule_override, work.count);
    size_t i = 0;
    json_node_each(list, written) {
        work.wishes[i] = (struct schedule_override){.start = INSTANT_NONE, .end = INSTANT_NONE};
        read_wish(call, noun, written, place_of(&work, i), true, &work.wishes[i]);
        i++;
    }
    work.misread = *call->problem;
    err = call_actor(call, false, &work.actor);
    if (err == OK)
        err = call_change(call, add_work, &work);
    if (err != OK)
        return err;
    json_t *items = json_array_in(call->arena);
    for (i = 0; i < work.count; i++)
        json_append(items, shift_json(call, noun, zone_utc(), &work.wishes[i]));
    call->status = 201;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, noun->many, items);
    return OK;
}

static enum err change_work(struct tx *tx, void *argument)
{
    struct shift_work *work = argument;
    struct call *call = work->call;
    struct schedule_override wish, before;
    call->problem->count = 0; /* the work may run twice */
    enum err err = shifts_get(tx->db, tx->arena, call->path_parameters[0], work->noun->kind, work->wishes->number, &before);
    if (err != OK)
        return err;
    wish = before;
    read_wish(call, work->noun, work->written, work->noun->one, false, &wish);
    if (!problem_is_empty(call->problem))
        return ERR_INVALID;
    err = shifts_change(tx, call->path_parameters[0], &work->schedule, &wish, work->actor.id, work->noun->one, call->problem);
    if (err == OK)
        err = record(tx, work, "update", wish.number, shift_json(call, work->noun, zone_utc(), &before), shift_json(call, work->noun, zone_utc(), &wish));
    return err == OK ? handoffs_reschedule(tx, call->path_parameters[0]) : err;
}

static enum err remove_work(struct tx *tx, void *argument)
{
    struct shift_work *work = argument;
    struct call *call = work->call;
    struct schedule_override before;
    call->problem->count = 0;
    enum err err = shifts_get(tx->db, tx->arena, call->path_parameters[0], work->noun->kind, work->wishes->number, &before);
    if (err == OK)
        err = shifts_remove(tx, call->path_parameters[0], work->noun->kind, work->wishes->number, call->problem);
    if (err == OK)
        err = record(tx, work, "delete", before.number, shift_json(call, work->noun, zone_utc(), &before), NULL);
    return err == OK ? handoffs_reschedule(tx, call->path_parameters[0]) : err;
}

/* One custom shift or override of the path. */
static enum err run_one(struct call *call, const struct noun *noun, engine_work *work_function, const struct json_node *written)
{
    struct schedule_override wish = {.number = 0};
    struct shift_work work = {.call = call, .noun = noun, .wishes = &wish, .count = 1, .written = written};
    enum err err = shift_schedule_read(call, &work.schedule);
    if (err == OK && !id_parse(noun->id_kind, call->path_parameters[1], &wish.number))
        err = ERR_NOT_FOUND;
    if (err == OK)
        err = call_actor(call, false, &work.actor);
    return err == OK ? call_change(call, work_function, &work) : err;
}

static enum err update_shift(struct call *call, const struct noun *noun)
{
    const json_t *body;
    const struct json_node *written;
    enum err err = shift_body(call, noun->one, &body);
    if (err == OK)
        err = json_scan(call->arena, json_write(call->arena, body), call->problem, &written);
    if (err == OK)
        err = run_one(call, noun, change_work, written);
    return err == OK ? reply_shift(call, noun) : err;
}

static enum err delete_shift(struct call *call, const struct noun *noun)
{
    enum err err = run_one(call, noun, remove_work, NULL);
    if (err == OK)
        call->status = 204;
    return err;
}

#define HANDLERS(noun)                                                                                   \
    static enum err list_##noun(struct call *call) { return list_shifts(call, &noun); }                  \
    static enum err create_##noun(struct call *call) { return create_shifts(call, &noun); }              \
    static enum err get_##noun(struct call *call) { return reply_shift(call, &noun); }                   \
    static enum err update_##noun(struct call *call) { return update_shift(call, &noun); }               \
    static enum err delete_##noun(struct call *call) { return delete_shift(call, &noun); }
HANDLERS(custom_shift)
HANDLERS(override)

#define SHIFTS "/v3/schedules/{id}/custom_shifts"
#define OVERRIDES "/v3/schedules/{id}/overrides"
static const struct route routes[] = {
    {.method = "GET", .path = SHIFTS, .permission = MAY_READ, .handle = list_custom_shift, .summary = "List custom shifts of a time range",
     .query = "since! until! limit offset total", .answers = "custom_shifts[] limit offset more total"},
    {.method = "POST", .path = SHIFTS, .permission = MAY_RESPOND, .handle = create_custom_shift, .team_of = TEAM_OF_SCHEDULE, .summary = "Create custom shifts",
     .body_kind = "json",
     .takes = "custom_shifts[]", .answers = "custom_shifts[]"},
    {.method = "GET", .path = SHIFTS "/{custom_shift_id}", .permission = MAY_READ, .handle = get_custom_shift, .summary = "Get a custom shift",
     .answers = "custom_shift"},
    {.method = "PUT", .path = SHIFTS "/{custom_shift_id}", .permission = MAY_RESPOND, .handle = update_custom_shift, .team_of = TEAM_OF_SCHEDULE,
     .summary = "Update a custom shift; only the end of one that has begun", .body_kind = "json",
     .takes = "custom_shift", .answers = "custom_shift"},
    {.method = "DELETE", .path = SHIFTS "/{custom_shift_id}", .permission = MAY_RESPOND, .handle = delete_custom_shift, .team_of = TEAM_OF_SCHEDULE,
     .summary = "Delete a custom shift, or end one that has begun"},
    {.method = "GET", .path = OVERRIDES, .permission = MAY_READ, .handle = list_override, .summary = "List overrides of a shift-based schedule in a time range",
     .query = "since! until! limit offset total", .answers = "overrides:override_v3[] limit offset more total"},
    {.method = "POST", .path = OVERRIDES, .permission = MAY_RESPOND, .handle = create_override, .team_of = TEAM_OF_SCHEDULE,
     .summary = "Let somebody take over shifts of a rotation, or a custom shift", .body_kind = "json",
     .takes = "overrides[]", .answers = "overrides:override_v3[]"},
    {.method = "GET", .path = OVERRIDES "/{override_id}", .permission = MAY_READ, .handle = get_override, .summary = "Get an override of a shift-based schedule",
     .answers = "override:override_v3"},
    {.method = "PUT", .path = OVERRIDES "/{override_id}", .permission = MAY_RESPOND, .handle = update_override, .team_of = TEAM_OF_SCHEDULE,
     .summary = "Update an override of a shift-based schedule", .body_kind = "json",
     .takes = "override", .answers = "override:override_v3"},
    {.method = "DELETE", .path = OVERRIDES "/{override_id}", .permission = MAY_RESPOND, .handle = delete_override, .team_of = TEAM_OF_SCHEDULE,
     .summary = "Delete an override of a shift-based schedule, or end one that has begun"},
};
const struct route_table shift_routes = {routes, sizeof routes / sizeof *routes};
