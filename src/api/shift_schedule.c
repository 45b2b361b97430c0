/* Why: see shift_schedule.h. */
#include "api/shift_schedule.h"

#include "api/audit.h"
#include "base/id.h"
#include "core/rotation.h"

enum { DAY_S = 86400, OVERFLOW_DAYS = 400 };

void shift_put_urls(struct call *call, json_t *object, struct text schedule_id, const char *path)
{
    json_put_text(object, "self", text_printf(call->arena, "%s/v3/schedules/%.*s%s", call_public_url(call), TEXT_ARG(schedule_id), path));
    json_put_text(object, "html_url", text_printf(call->arena, "%s/app/schedules/%.*s", call_public_url(call), TEXT_ARG(schedule_id)));
}

json_t *rotation_event_json(struct call *call, struct text schedule_id, const struct rotation_event *event)
{
    json_t *object = rotation_event_to_json(call->arena, event);
    json_put_string(object, "type", "schedule_event");
    shift_put_urls(call, object, schedule_id,
                   arena_printf(call->arena, "/rotations/%.*s/events/%.*s", TEXT_ARG(event->rotation_id), TEXT_ARG(event->id)));
    return object;
}

json_t *rotation_json(struct call *call, struct text schedule_id, const struct rotation *rotation, const struct event_window *window)
{
    json_t *object = json_object_in(call->arena), *events = json_array_in(call->arena), *schedule = json_object_in(call->arena);
    json_put_text(object, "id", rotation->id);
    json_put_string(object, "type", "schedule_rotation");
    json_put_text(schedule, "id", schedule_id);
    json_put_string(schedule, "type", "schedule_v3_reference");
    json_put(object, "schedule", schedule);
    for (size_t i = 0; i < rotation->event_count; i++) {
        const struct rotation_event *event = &rotation->events[i];
        bool is_shown = !window || (instant_before(event->effective_since, window->until) && instant_before(window->since, event->effective_until));
        if (is_shown)
            json_append(events, rotation_event_json(call, schedule_id, event));
    }
    json_put(object, "events", events);
    shift_put_urls(call, object, schedule_id, arena_printf(call->arena, "/rotations/%.*s", TEXT_ARG(rotation->id)));
    return object;
}

/* What is computed -------------------------------------------------------------------------------------------------------------------- */

static json_t *source_json(struct call *call, const struct schedule_span *span)
{
    json_t *source = json_object_in(call->arena);
    bool overridden = span->override_number != 0;
    if (span->event) {
        json_put_string(source, "type", overridden ? "schedule_rotation_override" : "schedule_rotation");
        json_put_text(source, "rotation_id", span->event->rotation_id);
    } else {
        json_put_string(source, "type", overridden ? "custom_shift_override" : "custom_shift");
        json_put_text(source, "shift_id", id_public(call->arena, ID_SHIFT, span->shift_number));
    }
    if (overridden)
        json_put_text(source, "override_id", id_public(call->arena, ID_OVERRIDE, span->override_number));
    return source;
}

static json_t *final_json(struct call *call, const struct zone *zone, const struct schedule_shape *shape, const struct schedule_rendering *cut,
                          const struct schedule_rendering *whole)
{
    json_t *object = json_object_in(call->arena), *assignments = json_array_in(call->arena);
    for (size_t i = 0; i < whole->final.count; i++) {
        const struct schedule_span *span = &whole->final.items[i];
        if (!text_is_present(span->user_id) || !instant_before(span->from, shape->until) || !instant_before(shape->since, span->until))
            continue;
        json_t *assignment = json_object_in(call->arena);
        json_put_string(assignment, "type", "computed_shift_assignment");
        schedule_put_time(call, zone, assignment, "start_time", span->from);
        schedule_put_time(call, zone, assignment, "end_time", span->until);
        json_put(assignment, "member", member_to_json(call->arena, span->user_id));
        json_put(assignment, "source", source_json(call, span));
        json_append(assignments, assignment);
    }
    double percentage = schedule_coverage(cut->final, shape->since, shape->until);
    json_put_string(object, "type", "final_schedule");
    json_put_real(object, "rendered_coverage_percentage", (double)(int64_t)(percentage * 100 + 0.5) / 100);
    json_put(object, "computed_shift_assignments", assignments);
    return object;
}

static enum err put_final(struct call *call, struct text id, const struct zone *zone, const struct schedule_shape *shape, json_t *object)
{
    struct roster *roster;
    struct schedule_rendering cut, whole;
    instant since = shape->overflow ? instant_add_s(shape->since, -OVERFLOW_DAYS * (int64_t)DAY_S) : shape->since;
    instant until = shape->overflow ? instant_add_s(shape->until, OVERFLOW_DAYS * (int64_t)DAY_S) : shape->until;
    enum err err = roster_load(call->db, call->arena, id, since, until, &roster);
    if (err == OK)
        err = roster_render(call->arena, roster, shape->since, shape->until, &cut);
    if (err == OK)
        err = roster_render(call->arena, roster, since, until, &whole);
    if (err == OK)
        err = schedule_answer_fits(call, "until");
    if (err == ERR_LIMIT) {
        problem_add(call->problem, "until", "asks for more than %d entries", SCHEDULE_SPANS_MAX);
        return ERR_INVALID;
    }
    if (err == OK)
        json_put(object, "final_schedule", final_json(call, zone, shape, &cut, &whole));
    return err;
}

/* The document ------------------------------------------------------------------------------------------------------------------------ */

static enum err read_newest(struct db *db, struct arena *arena, struct text id, struct schedule *ret, json_t **ret_document)
{
    struct query *q = db_query(db, "schedule_current");
    query_bind_text(q, "id", id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct text document = text_copy(arena, query_text(q, 1));
    if (ret_document)
        *ret_document = json_read(arena, document, problem_new(arena));
    return schedule_read(arena, document, "", problem_new(arena), ret) == OK ? OK : ERR_INTERNAL;
}

enum err shift_schedule_read(struct call *call, struct schedule *ret)
{
    enum err err = schedule_expect(call, call->path_parameters[0], true, NULL);
    return err == OK ? read_newest(call->db, call->arena, call->path_parameters[0], ret, NULL) : err;
}

static void put_head(struct call *call, json_t *object, struct text id, const struct schedule *schedule)
{
    json_put_text(object, "id", id);
    json_put_string(object, "type", "schedule_v3");
    json_put_text(object, "summary", schedule->name);
    json_put_text(object, "name", schedule->name);
    json_put_text(object, "time_zone", zone_name(schedule->zone));
    json_put_text(object, "description", text_is_present(schedule->description) ? schedule->description : TEXT(""));
    shift_put_urls(call, object, id, "");
}

enum err shift_schedule_json(struct call *call, struct text id, const struct schedule_shape *shape, json_t **ret)
{
    struct schedule schedule;
    enum err err = read_newest(call->db, call->arena, id, &schedule, NULL);
    if (err != OK)
        return err;
    const struct zone *zone = shape->zone;
    json_t *object = json_object_in(call->arena), *rotations = json_array_in(call->arena);
    put_head(call, object, id, &schedule);
    for (size_t i = 0; i < schedule.rotation_count; i++)
        json_append(rotations, rotation_json(call, id, &schedule.rotations[i], NULL));
    json_put(object, "rotations", rotations);
    err = schedule_put_references(call, object, "escalation_policies", "escalation_policy", "schedule_policies", id);
    if (err == OK)
        err = schedule_put_references(call, object, "teams", "team", "schedule_show_teams", id);
    if (err == OK && call_includes(call, "users"))
        err = schedule_put_references(call, object, "users", "user", "schedule_show_users", id);
    if (err == OK && !zone)
        err = schedule_zone_read(call, schedule.zone, &zone);
    if (err == OK && shape->final && shape->has_window)
        err = put_final(call, id, zone, shape, object);
    if (err == OK)
        *ret = object;
    return err;
}

/* Changing ---------------------------------------------------------------------------------------------------------------------------- */

enum err shift_body(struct call *call, const char *name, const json_t **ret)
{
    *ret = json_at(call->body, name);
    if (json_is_object(*ret))
        return OK;
    problem_add(call->problem, name, "cannot be empty");
    return ERR_INVALID;
}

static enum err record(struct tx *tx, const struct shift_change *change, const json_t *before, const json_t *after)
{
    struct audit audit = {.actor = &change->actor, .peer = change->call->request->peer, .action = before ? "update" : "create", .resource_type = "schedule",
                          .resource_id = change->ret_id, .before = before, .after = after};
    return audit_record(tx, &audit);
}

static enum err change_work(struct tx *tx, void *argument)
{
    struct shift_change *change = argument;
    struct call *call = change->call;
    call->problem->count = 0; /* the work may run twice */
    struct schedule schedule = {.shift_based = true, .zone = zone_utc()}, after;
    json_t *before = NULL, *document;
    struct text id;
    struct schedule_write write = {.id = change->id, .schedule = &schedule, .path = change->path};
    enum err err = text_is_empty(change->id) ? OK : read_newest(tx->db, tx->arena, change->id, &schedule, &before);
    if (err == OK)
        err = change->edit(tx, change, &schedule);
    if (err == OK && change->takes_teams)
        err = schedule_teams_read(call, change->body, &write);
    if (err == OK && !problem_is_empty(call->problem))
        err = ERR_INVALID;
    tx->refused_clean = err != OK;
    if (err == OK)
        err = schedules_write(tx, &write, call->problem, &id);
    if (err == OK)
        err = read_newest(tx->db, tx->arena, id, &after, &document);
    if (err != OK)
        return err;
    change->ret_id = text_copy(call->arena, id);
    return record(tx, change, before, document);
}

enum err shift_change_run(struct shift_change *change)
{
    enum err err = text_is_empty(change->id) ? OK : schedule_expect(change->call, change->id, true, NULL);
    if (err == OK)
        err = call_actor(change->call, false, &change->actor);
    return err == OK ? call_change(change->call, change_work, change) : err;
}
