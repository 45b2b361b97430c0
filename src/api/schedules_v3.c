/* Why: shift-based schedules themselves: PagerDuty's Schedules API v3. Their rotations are rotations.c, custom shifts and overrides are shifts.c, how they
 * look is shift_schedule.h.
 *
 * go-pagerduty sends an empty list of rotations with each schedule; one with something in it is refused, as documented. */
#include "api/audit.h"
#include "api/shift_schedule.h"

enum { LIMIT = 100, LIMIT_MAX = 1000 };

static enum err list_schedules(struct call *call)
{
    struct paging paging;
    enum err err = call_paging_up_to(call, LIMIT, LIMIT_MAX, &paging);
    if (err != OK)
        return err;
    struct query *q = schedule_list_query(call, TEXT("schedule_v3"), &paging);
    json_t *items = json_array_in(call->arena);
    int64_t count = 0, total = 0;
    for (; query_next(q); count++) {
        total = query_int(q, 2);
        if (count < paging.limit)
            json_append(items, api_reference_to(call, "schedule_v3", text_copy(call->arena, query_text(q, 0)), text_copy(call->arena, query_text(q, 1))));
    }
    if (query_failed(q))
        return query_err(q);
    call_reply_page(call, "schedules", items, &paging, count > paging.limit, total);
    return OK;
}

static enum err reply_schedule(struct call *call, struct text id, int status)
{
    struct schedule_shape shape = {.final = call_includes(call, "final_schedule")};
    return schedule_reply(call, id, true, &shape, shift_schedule_json, status);
}

static enum err get_schedule(struct call *call)
{
    return reply_schedule(call, call->path_parameters[0], 200);
}

static void refuse_list(struct shift_change *change, const char *key)
{
    const json_t *value = json_at(change->body, key);
    if (value && !json_is_null(value) && (!json_is_array(value) || json_array_size(value) > 0))
        problem_add(change->call->problem, arena_printf(change->call->arena, "schedule.%s", key), "cannot be given here");
}

/* What a PUT leaves out stays as it was. The document's reader finds the mistakes. */
static enum err edit_schedule(struct tx *tx, struct shift_change *change, struct schedule *schedule)
{
    static const char *const keys[] = {"name", "description", "time_zone"};
    json_t *before = schedule_to_json(tx->arena, schedule), *whole = json_object_in(tx->arena);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_t *given = json_at(change->body, keys[i]);
        if (given || !text_is_empty(change->id))
            json_put(whole, keys[i], given ? given : json_at(before, keys[i]));
    }
    json_put(whole, "rotations", json_at(before, "rotations"));
    refuse_list(change, "rotations");
    refuse_list(change, "escalation_policies");
    return schedule_from_json(change->call->arena, whole, "schedule", change->call->problem, schedule);
}

static enum err write_schedule(struct call *call, struct text id, int status)
{
    struct shift_change change = {.call = call, .id = id, .path = "schedule", .edit = edit_schedule, .takes_teams = true};
    enum err err = shift_body(call, "schedule", &change.body);
    if (err == OK)
        err = shift_change_run(&change);
    return err == OK ? reply_schedule(call, change.ret_id, status) : err;
}

static enum err create_schedule(struct call *call)
{
    return write_schedule(call, TEXT_NONE, 201);
}

static enum err update_schedule(struct call *call)
{
    return write_schedule(call, call->path_parameters[0], 200);
}

static enum err delete_schedule(struct call *call)
{
    enum err err = schedule_expect(call, call->path_parameters[0], true, NULL);
    return err == OK ? schedule_delete_run(call) : err;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/v3/schedules", .permission = MAY_READ, .handle = list_schedules, .summary = "List shift-based schedules",
     .query = "query team_ids[] include[] limit offset total", .answers = "schedules:schedule_v3[] limit offset more total"},
    {.method = "POST", .path = "/v3/schedules", .permission = MAY_MANAGE, .handle = create_schedule, .summary = "Create a shift-based schedule", .body_kind = "json",
     .takes = "schedule", .answers = "schedule:schedule_v3"},
    {.method = "GET", .path = "/v3/schedules/{id}", .permission = MAY_READ, .handle = get_schedule,
     .summary = "Get a shift-based schedule with its rotations; include[]=final_schedule: who is on call",
     .query = "since until time_zone overflow include[]", .answers = "schedule:schedule_v3"},
    {.method = "PUT", .path = "/v3/schedules/{id}", .permission = MAY_MANAGE, .handle = update_schedule, .team_of = TEAM_OF_SCHEDULE,
     .summary = "Update a shift-based schedule's name, description, time zone and teams", .body_kind = "json",
     .takes = "schedule", .answers = "schedule:schedule_v3"},
    {.method = "DELETE", .path = "/v3/schedules/{id}", .permission = MAY_MANAGE, .handle = delete_schedule, .team_of = TEAM_OF_SCHEDULE,
     .summary = "Delete a shift-based schedule"},
};
const struct route_table schedule_v3_routes = {routes, sizeof routes / sizeof *routes};
