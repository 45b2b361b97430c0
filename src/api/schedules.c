/* Why: the operations on schedules. How a schedule looks is schedule_json.h; what is stored is engine/schedules.h; overrides
 * are overrides.c, coming gaps schedule_gaps.c. */
#include "api/audit.h"
#include "api/resources.h"
#include "api/schedule_json.h"
#include "engine/schedules.h"

enum { TWO_WEEKS_S = 14 * 86400 };

static enum err list_schedules(struct call *call)
{
    struct paging paging;
    const struct zone *zone = zone_utc();
    struct schedule_shape shape = {.layers = call_includes(call, "schedule_layers"), .overrides = call_includes(call, "overrides_subschedule"),
                                   .final = call_includes(call, "final_schedule")};
    enum err err = call_paging(call, &paging);
    if (err == OK)
        err = schedule_zone_read(call, zone, &zone);
    if (err == OK)
        err = schedule_shape_read(call, zone, &shape);
    if (err != OK)
        return err;
    struct query *q = schedule_list_query(call, TEXT("schedule"), &paging);
    struct text *ids = ARENA_ARRAY(call->arena, struct text, (size_t)paging.limit + 1);
    int64_t count = 0, total = 0;
    while (query_next(q)) {
        ids[count++] = text_copy(call->arena, query_text(q, 0));
        total = query_int(q, 2);
    }
    err = query_err(q);
    json_t *items = json_array_in(call->arena);
    for (int64_t i = 0; err == OK && i < count && i < paging.limit; i++) {
        json_t *item;
        err = schedule_answer_fits(call, "until");
        if (err == OK)
            err = schedule_json(call, ids[i], &shape, &item);
        if (err == OK)
            json_append(items, item);
    }
    if (err == OK)
        call_reply_page(call, "schedules", items, &paging, count > paging.limit, total);
    return err;
}

static enum err reply_schedule(struct call *call, struct text id, int status)
{
    struct schedule_shape shape = {.layers = true, .overrides = true, .final = true};
    return schedule_reply(call, id, false, &shape, schedule_json, status);
}

static enum err get_schedule(struct call *call)
{
    return reply_schedule(call, call->path_parameters[0], 200);
}

/* One POST, PUT or DELETE on its way through the writer. */
struct schedule_change {
    struct call *call;
    struct actor actor;
    struct text id;         /* empty: create */
    const json_t *body;     /* the object inside the wrapper; NULL: delete */
    size_t mistakes_before; /* the work may run twice */
    struct text ret_id;     /* on the call's arena */
};

/* What a PUT leaves out stays as it was. */
static const json_t *completed(struct arena *arena, const json_t *body, const json_t *before)
{
    static const char *const keys[] = {"name", "description", "time_zone", "schedule_layers"};
    json_t *whole = json_object_in(arena);
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_t *value = json_at(body, keys[i]);
        json_put(whole, keys[i], value ? value : json_at(before, keys[i]));
    }
    return whole;
}

static enum err document_of(struct tx *tx, struct text id, json_t **ret)
{
    struct query *q = db_query(tx->db, "schedule_current");
    query_bind_text(q, "id", id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    *ret = json_read(tx->arena, query_text(q, 1), problem_new(tx->arena));
    return *ret ? OK : ERR_INTERNAL;
}

static enum err record(struct tx *tx, const struct schedule_change *change, const char *action, const json_t *before, const json_t *after)
{
    struct audit audit = {.actor = &change->actor, .peer = change->call->request->peer, .action = action, .resource_type = "schedule",
                          .resource_id = change->ret_id, .before = before, .after = after};
    return audit_record(tx, &audit);
}

static enum err write_work(struct tx *tx, void *argument)
{
    struct schedule_change *change = argument;
    struct call *call = change->call;
    call->problem->count = change->mistakes_before;
    json_t *before = NULL, *after;
    struct schedule schedule;
    struct text id;
    struct schedule_write write = {.id = change->id, .schedule = &schedule, .path = "schedule"};
    enum err err = text_is_empty(change->id) ? OK : document_of(tx, change->id, &before);
    if (err == OK) {
        err = schedule_from_json(call->arena, completed(tx->arena, change->body, before), "schedule", call->problem, &schedule);
        enum err teams_err = schedule_teams_read(call, change->body, &write);
        err = err ? err : teams_err;
    }
    tx->refused_clean = err != OK;
    if (err == OK)
        err = schedules_write(tx, &write, call->problem, &id);
    if (err == OK)
        err = document_of(tx, id, &after);
    if (err != OK)
        return err;
    change->ret_id = text_copy(call->arena, id);
    return record(tx, change, before ? "update" : "create", before, after);
}

static enum err delete_work(struct tx *tx, void *argument)
{
    struct schedule_change *change = argument;
    change->call->problem->count = change->mistakes_before;
    json_t *before;
    enum err err = document_of(tx, change->id, &before);
    if (err == OK)
        err = schedules_delete(tx, change->id, change->call->problem);
    if (err != OK)
        return err;
    change->ret_id = change->id;
    return record(tx, change, "delete", before, NULL);
}

static enum err body_of(struct call *call, const json_t **ret)
{
    *ret = json_at(call->body, "schedule");
    if (json_is_object(*ret))
        return OK;
    problem_add(call->problem, "schedule", "cannot be empty");
    return ERR_INVALID;
}

static enum err write_schedule(struct call *call, struct text id, int status)
{
    struct schedule_change change = {.call = call, .id = id, .mistakes_before = call->problem->count};
    enum err err = body_of(call, &change.body);
    if (err == OK && !text_is_empty(id))
        err = schedule_expect(call, id, false, NULL);
    if (err == OK)
        err = call_actor(call, false, &change.actor);
    if (err == OK)
        err = call_change(call, write_work, &change);
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

enum err schedule_delete_run(struct call *call)
{
    struct schedule_change change = {.call = call, .id = call->path_parameters[0], .mistakes_before = call->problem->count};
    enum err err = call_actor(call, false, &change.actor);
    if (err == OK)
        err = call_change(call, delete_work, &change);
    if (err == OK)
        call->status = 204;
    return err;
}

static enum err delete_schedule(struct call *call)
{
    enum err err = schedule_expect(call, call->path_parameters[0], false, NULL);
    return err == OK ? schedule_delete_run(call) : err;
}

/* Without dates: two weeks from now. */
static enum err read_window(struct call *call, const struct zone *zone, struct schedule_shape *shape)
{
    enum err err = schedule_shape_read(call, zone, shape);
    if (err == OK && !shape->has_window) {
        shape->since = call->now;
        shape->until = instant_add_s(call->now, TWO_WEEKS_S);
        shape->has_window = true;
    }
    return err;
}

static enum err preview_schedule(struct call *call)
{
    struct schedule_shape shape = {.layers = true, .overrides = true, .final = true};
    struct schedule schedule;
    const json_t *body;
    json_t *item;
    enum err err = body_of(call, &body);
    if (err == OK)
        err = schedule_from_json(call->arena, completed(call->arena, body, NULL), "schedule", call->problem, &schedule);
    if (err == OK)
        err = read_window(call, schedule.zone, &shape);
    if (err == OK)
        err = schedule_json_preview(call, &schedule, &shape, &item);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "schedule", item);
    return OK;
}

static enum err list_users(struct call *call)
{
    struct schedule_shape shape = {0};
    struct roster *roster;
    struct schedule_rendering rendering;
    struct text name;
    enum err err = reference_summary(call->db, call->arena, "schedule", call->path_parameters[0], &name);
    if (err == OK)
        err = read_window(call, zone_utc(), &shape);
    if (err == OK)
        err = roster_load(call->db, call->arena, call->path_parameters[0], shape.since, shape.until, &roster);
    if (err == OK)
        err = roster_render(call->arena, roster, shape.since, shape.until, &rendering);
    if (err == ERR_LIMIT) {
        problem_add(call->problem, "until", "asks for more than can be shown at once");
        return ERR_INVALID;
    }
    if (err != OK)
        return err;
    json_t *users = json_array_in(call->arena), *seen = json_object_in(call->arena);
    for (size_t i = 0; i < rendering.final.count; i++) {
        struct text id = rendering.final.items[i].user_id;
        json_t *user;
        if (!text_is_present(id) || json_at(seen, text_cstring(call->arena, id)))
            continue;
        json_put_bool(seen, text_cstring(call->arena, id), true);
        err = resource_read(call, &user_resource, TEXT_NONE, id, true, &user);
        if (err == OK)
            json_append(users, user);
        else if (err != ERR_NOT_FOUND) /* people who left are no users any more */
            return err;
    }
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "users", users);
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/schedules", .permission = MAY_READ, .handle = list_schedules, .summary = "List schedules",
     .query = "query team_ids[] include[] since until time_zone limit offset total", .answers = "schedules[] limit offset more total"},
    {.method = "POST", .path = "/schedules", .permission = MAY_MANAGE, .handle = create_schedule, .summary = "Create a schedule", .body_kind = "json",
     .query = "overflow", .takes = "schedule", .answers = "schedule"},
    {.method = "POST", .path = "/schedules/preview", .permission = MAY_MANAGE, .handle = preview_schedule,
     .summary = "Show what a schedule would look like, without storing it", .body_kind = "json",
     .query = "since until time_zone overflow", .takes = "schedule", .answers = "schedule"},
    {.method = "GET", .path = "/schedules/{id}", .permission = MAY_READ, .handle = get_schedule, .summary = "Get a schedule with its entries",
     .query = "since until time_zone overflow include_next_oncall_for_user", .answers = "schedule"},
    {.method = "PUT", .path = "/schedules/{id}", .permission = MAY_MANAGE, .handle = update_schedule, .team_of = TEAM_OF_SCHEDULE, .summary = "Update a schedule", .body_kind = "json",
     .query = "overflow", .takes = "schedule", .answers = "schedule"},
    {.method = "DELETE", .path = "/schedules/{id}", .permission = MAY_MANAGE, .handle = delete_schedule, .team_of = TEAM_OF_SCHEDULE, .summary = "Delete a schedule"},
    {.method = "GET", .path = "/schedules/{id}/users", .permission = MAY_READ, .handle = list_users, .summary = "List who is on call in a time range",
     .query = "since until", .answers = "users[]"},
};

const struct route_table schedule_routes = {routes, sizeof routes / sizeof *routes};
