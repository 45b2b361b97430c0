/* Why: somebody takes over for a while. Overrides have their own table and their own answers: each of several gets a status. */
#include "api/audit.h"
#include "api/resource.h"
#include "api/schedule_json.h"
#include "base/id.h"
#include "engine/handoffs.h"
#include "engine/schedules.h"

enum { OVERRIDES_PER_REQUEST_MAX = 500 };

static json_t *override_json(struct call *call, const struct zone *zone, int64_t number, instant start, instant end, json_t *user)
{
    json_t *object = json_object_in(call->arena);
    json_put_text(object, "id", id_public(call->arena, ID_OVERRIDE, number));
    json_put_string(object, "type", "override");
    json_put_text(object, "start", zone_format(call->arena, zone, start));
    json_put_text(object, "end", zone_format(call->arena, zone, end));
    json_put(object, "user", user);
    return object;
}

static enum err zone_of_schedule(struct call *call, const struct zone **ret)
{
    return schedule_expect(call, call->path_parameters[0], false, ret);
}

/* Without dates: what has not ended. Cut at the window's ends unless overflow=true. editable=true: only what can still be changed. */
static enum err list_overrides(struct call *call)
{
    const struct zone *zone, *own;
    struct schedule_shape shape = {0};
    enum err err = zone_of_schedule(call, &own);
    if (err == OK)
        err = schedule_zone_read(call, own, &zone);
    if (err == OK)
        err = schedule_shape_read(call, zone, &shape);
    if (err != OK)
        return err;
    instant since = shape.has_window ? shape.since : call->now, until = shape.has_window ? shape.until : INSTANT_MAX;
    if (call_wants(call, "editable"))
        since = instant_max(since, call->now);
    bool cut = shape.has_window && !shape.overflow;
    struct query *q = db_query(call->db, "schedule_override_list");
    query_bind_text(q, "id", call->path_parameters[0]);
    query_bind_instant(q, "since", since);
    query_bind_instant(q, "until", until);
    query_bind_int(q, "limit", SCHEDULE_OVERRIDES_MAX);
    json_t *items = json_array_in(call->arena);
    while (query_next(q)) {
        instant start = query_instant(q, 1), end = query_instant(q, 2);
        json_t *user = api_reference_to(call, "user", text_copy(call->arena, query_text(q, 3)), text_copy(call->arena, query_text(q, 4)));
        if (cut) {
            start = instant_max(start, shape.since);
            end = instant_min(end, shape.until);
        }
        json_append(items, override_json(call, zone, query_int(q, 0), start, end, user));
    }
    if (query_failed(q))
        return query_err(q);
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "overrides", items);
    return OK;
}

struct override_wish {
    const json_t *written;
    struct schedule_override override;
    struct problem *problem;
    int64_t number; /* 0: not made */
};

struct override_change {
    struct call *call;
    struct actor actor;
    struct text schedule_id;
    struct override_wish *wishes;
    size_t count;
    bool truncated;
};

static void read_time(struct call *call, const struct zone *zone, struct override_wish *wish, const char *key, instant *ret)
{
    struct text written = json_text_at(wish->written, key);
    if (text_is_empty(written) || !zone_parse(zone, written, ret))
        problem_add(wish->problem, NULL, "%s must be an ISO 8601 date and time", key);
    (void)call;
}

/* Times without an offset are on the wall of the override's own time_zone, else of the schedule. */
static void read_wish(struct call *call, const struct zone *zone, const json_t *written, struct override_wish *wish)
{
    *wish = (struct override_wish){.written = written, .problem = problem_new(call->arena)};
    if (!json_is_object(written)) {
        problem_add(wish->problem, NULL, "Override must be an object");
        return;
    }
    struct text name = json_text_at(written, "time_zone");
    if (!text_is_empty(name) && zone_find(name, &zone) != OK)
        problem_add(wish->problem, NULL, "time_zone is not a time zone of the IANA database");
    read_time(call, zone, wish, "start", &wish->override.start);
    read_time(call, zone, wish, "end", &wish->override.end);
    wish->override.user_id = json_text_at(json_at(written, "user"), "id");
    if (text_is_empty(wish->override.user_id))
        problem_add(wish->problem, NULL, "user.id cannot be empty");
}

static enum err record(struct tx *tx, const struct override_change *change, const char *action, int64_t number, const json_t *before, const json_t *after)
{
    struct audit audit = {.actor = &change->actor, .peer = change->call->request->peer, .action = action, .resource_type = "override",
                          .resource_id = id_public(tx->arena, ID_OVERRIDE, number), .root_type = "schedule", .root_id = change->schedule_id,
                          .before = before, .after = after};
    return audit_record(tx, &audit);
}

static enum err add_work(struct tx *tx, void *argument)
{
    struct override_change *change = argument;
    for (size_t i = 0; i < change->count; i++) {
        struct override_wish *wish = &change->wishes[i];
        if (wish->number == 0 && !problem_is_empty(wish->problem))
            continue;
        wish->number = 0;
        struct problem *problem = problem_new(tx->arena); /* the work may run twice */
        enum err err = schedules_add_override(tx, change->schedule_id, &wish->override, change->actor.id, problem, &wish->number);
        if (err == ERR_INVALID) {
            for (size_t k = 0; k < problem->count; k++)
                problem_add(wish->problem, NULL, "%.*s", TEXT_ARG(problem_line(problem, k)));
            continue;
        }
        if (err == OK)
            err = record(tx, change, "create", wish->number, NULL, wish->written);
        if (err != OK)
            return err;
    }
    return handoffs_reschedule(tx, change->schedule_id);
}

static json_t *wish_json(struct call *call, const struct zone *zone, const struct override_wish *wish, const struct people *people)
{
    json_t *answer = json_object_in(call->arena);
    json_put_int(answer, "status", wish->number ? 201 : 400);
    if (wish->number) {
        json_put(answer, "override", override_json(call, zone, wish->number, wish->override.start, wish->override.end,
                                                   people_reference(people, wish->override.user_id)));
        return answer;
    }
    json_t *errors = json_array_in(call->arena);
    for (size_t i = 0; i < wish->problem->count; i++)
        json_append_text(errors, problem_line(wish->problem, i));
    json_t *override = json_object_in(call->arena);
    json_put(override, "start", json_at(wish->written, "start"));
    json_put(override, "end", json_at(wish->written, "end"));
    json_put(override, "user", people_reference(people, wish->override.user_id));
    json_put(answer, "errors", errors);
    json_put(answer, "override", override);
    return answer;
}

static enum err add_all(struct call *call, const struct zone *zone, const json_t *list, struct override_change *change, struct people *ret_people)
{
    change->count = json_array_size(list);
    change->wishes = ARENA_ARRAY(call->arena, struct override_wish, change->count + 1);
    json_t *ids = json_array_in(call->arena);
    for (size_t i = 0; i < change->count; i++) {
        read_wish(call, zone, json_array_get(list, i), &change->wishes[i]);
        if (!text_is_empty(change->wishes[i].override.user_id))
            json_append_text(ids, change->wishes[i].override.user_id);
    }
    enum err err = call_actor(call, false, &change->actor);
    if (err == OK)
        err = call_change(call, add_work, change);
    return err == OK ? people_load(call, ids, ret_people) : err;
}

/* {"overrides":[..]} answers a bare list with a status for each; the older {"override":{..}} answers the one, or 400. */
static enum err create_overrides(struct call *call)
{
    const struct zone *zone;
    struct people people;
    struct override_change change = {.call = call, .schedule_id = call->path_parameters[0]};
    enum err err = zone_of_schedule(call, &zone);
    if (err != OK)
        return err;
    json_t *list = json_at(call->body, "overrides"), *single = json_at(call->body, "override");
    if (single && !list) {
        list = json_array_in(call->arena);
        json_append(list, single);
    } else {
        single = NULL;
    }
    if (json_array_size(list) == 0 || json_array_size(list) > OVERRIDES_PER_REQUEST_MAX) {
        problem_add(call->problem, "overrides", "must be a list of 1 to %d overrides", OVERRIDES_PER_REQUEST_MAX);
        return ERR_INVALID;
    }
    err = add_all(call, zone, list, &change, &people);
    if (err != OK)
        return err;
    call->status = 201;
    if (single) {
        for (size_t i = 0; i < change.wishes[0].problem->count; i++)
            problem_add(call->problem, NULL, "%.*s", TEXT_ARG(problem_line(change.wishes[0].problem, i)));
        if (change.wishes[0].number == 0)
            return ERR_INVALID;
        call->reply = json_object_in(call->arena);
        json_put(call->reply, "override", json_at(wish_json(call, zone, &change.wishes[0], &people), "override"));
        return OK;
    }
    call->reply = json_array_in(call->arena);
    for (size_t i = 0; i < change.count; i++)
        json_append(call->reply, wish_json(call, zone, &change.wishes[i], &people));
    return OK;
}

struct override_removal {
    struct override_change change;
    int64_t number;
};

static enum err remove_work(struct tx *tx, void *argument)
{
    struct override_removal *removal = argument;
    struct override_change *change = &removal->change;
    enum err err = schedules_remove_override(tx, change->schedule_id, removal->number, &change->truncated);
    if (err != OK)
        return err;
    return record(tx, change, change->truncated ? "truncate" : "delete", removal->number, NULL, NULL);
}

static enum err delete_override(struct call *call)
{
    const struct zone *zone;
    struct override_removal removal = {.change = {.call = call, .schedule_id = call->path_parameters[0]}};
    enum err err = zone_of_schedule(call, &zone);
    if (err == OK && !id_parse(ID_OVERRIDE, call->path_parameters[1], &removal.number))
        err = ERR_NOT_FOUND;
    if (err == OK)
        err = call_actor(call, false, &removal.change.actor);
    if (err == OK)
        err = call_change(call, remove_work, &removal);
    if (err == ERR_CONFLICT)
        problem_add(call->problem, NULL, "Override is over and cannot be removed");
    if (err != OK)
        return err;
    call->status = removal.change.truncated ? 200 : 204;
    if (removal.change.truncated)
        call->reply = json_object_in(call->arena);
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/schedules/{id}/overrides", .permission = MAY_READ, .handle = list_overrides, .summary = "List overrides",
     .query = "since! until! editable overflow", .answers = "overrides[]"},
    {.method = "POST", .path = "/schedules/{id}/overrides", .permission = MAY_RESPOND, .handle = create_overrides,
     .team_of = TEAM_OF_SCHEDULE, .summary = "Create overrides", .body_kind = "json",
     .takes = "overrides[]? override?", .answers = ":override_outcome[] | override"},
    {.method = "DELETE", .path = "/schedules/{id}/overrides/{override_id}", .permission = MAY_RESPOND, .handle = delete_override,
     .team_of = TEAM_OF_SCHEDULE, .summary = "Remove an override, or end one that has begun"},
};

const struct route_table override_routes = {routes, sizeof routes / sizeof *routes};
