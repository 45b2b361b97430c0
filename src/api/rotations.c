/* Why: the rotations of shift-based schedules and their events (PagerDuty's Schedules API v3). Each change is a new version of the schedule.
 *
 * What has happened stays: an event that is in effect can only be ended earlier or later, one that is over not at all. An event that takes effect in the
 * past takes effect now. Sending the values that are there already is no change: clients send whole events. */
#include <stdlib.h>

#include "api/shift_schedule.h"
#include "api/view.h"
#include "base/id.h"
#include "base/json_scan.h"
#include "core/rotation.h"

enum { DAY_S = 86400, MEET_DAYS = 800 }; /* how far ahead two events must keep apart */

static struct rotation *find_rotation(const struct schedule *schedule, struct text id)
{
    for (size_t i = 0; i < schedule->rotation_count; i++)
        if (text_equal(schedule->rotations[i].id, id))
            return &schedule->rotations[i];
    return NULL;
}

static struct rotation_event *find_event(const struct rotation *rotation, struct text id)
{
    for (size_t i = 0; rotation && i < rotation->event_count; i++)
        if (text_equal(rotation->events[i].id, id))
            return &rotation->events[i];
    return NULL;
}

/* Rotations ------------------------------------------------------------------------------------------------------------------------- */

/* The items of a page out of those of a document. */
static json_t *page_of(struct call *call, const struct paging *paging, json_t **items, size_t count)
{
    json_t *page = json_array_in(call->arena);
    for (size_t i = (size_t)paging->offset; i < count && i < (size_t)(paging->offset + paging->limit); i++)
        json_append(page, items[i]);
    return page;
}

static enum err list_rotations(struct call *call)
{
    struct paging paging;
    struct schedule schedule;
    enum err err = call_paging(call, &paging);
    if (err == OK)
        err = shift_schedule_read(call, &schedule);
    if (err != OK)
        return err;
    json_t **items = ARENA_ARRAY(call->arena, json_t *, schedule.rotation_count + 1);
    for (size_t i = 0; i < schedule.rotation_count; i++)
        items[i] = rotation_json(call, call->path_parameters[0], &schedule.rotations[i], NULL);
    int64_t count = (int64_t)schedule.rotation_count;
    call_reply_page(call, "rotations", page_of(call, &paging, items, schedule.rotation_count), &paging, count > paging.offset + paging.limit, count);
    return OK;
}

static enum err reply_rotation(struct call *call, struct text id, int status)
{
    struct event_window window = {INSTANT_NONE, INSTANT_MAX};
    struct schedule schedule;
    enum err err = view_window(call, &window.since, &window.until);
    if (err == OK)
        err = shift_schedule_read(call, &schedule);
    const struct rotation *rotation = err == OK ? find_rotation(&schedule, id) : NULL;
    if (err == OK && !rotation)
        err = ERR_NOT_FOUND;
    if (err != OK)
        return err;
    call->status = status;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "rotation", rotation_json(call, call->path_parameters[0], rotation, &window));
    return OK;
}

static enum err get_rotation(struct call *call)
{
    return reply_rotation(call, call->path_parameters[1], 200);
}

static enum err add_rotation(struct tx *tx, struct shift_change *change, struct schedule *schedule)
{
    if (schedule->rotation_count == SCHEDULE_ROTATIONS_MAX) {
        problem_add(change->call->problem, NULL, "Schedule has %d rotations already", SCHEDULE_ROTATIONS_MAX);
        return ERR_INVALID;
    }
    struct rotation *rotations = ARENA_ARRAY(tx->arena, struct rotation, schedule->rotation_count + 1);
    for (size_t i = 0; i < schedule->rotation_count; i++)
        rotations[i] = schedule->rotations[i];
    struct text id = id_new_object(tx->env, tx->arena);
    rotations[schedule->rotation_count++] = (struct rotation){.id = id};
    schedule->rotations = rotations;
    change->rotation_id = text_copy(change->call->arena, id);
    return OK;
}

static enum err create_rotation(struct call *call)
{
    struct shift_change change = {.call = call, .id = call->path_parameters[0], .path = "rotation", .edit = add_rotation};
    const json_t *written = json_at(call->body, "rotation") ? json_at(call->body, "rotation") : call->body;
    if (json_object_size(written) > 0) {
        problem_add(call->problem, NULL, "A rotation has no settings of its own: the body must be empty; add events to it");
        return ERR_INVALID;
    }
    enum err err = shift_change_run(&change);
    return err == OK ? reply_rotation(call, change.rotation_id, 201) : err;
}

static enum err drop_rotation(struct tx *tx, struct shift_change *change, struct schedule *schedule)
{
    (void)tx;
    struct rotation *rotation = find_rotation(schedule, change->rotation_id);
    if (!rotation)
        return ERR_NOT_FOUND;
    for (struct rotation *next = rotation + 1; next < schedule->rotations + schedule->rotation_count; next++)
        next[-1] = *next;
    schedule->rotation_count--;
    return OK;
}

static enum err run_delete(struct shift_change *change)
{
    enum err err = shift_change_run(change);
    if (err == OK)
        change->call->status = 204;
    return err;
}

static enum err delete_rotation(struct call *call)
{
    struct shift_change change = {.call = call, .id = call->path_parameters[0], .path = "rotation", .edit = drop_rotation, .rotation_id = call->path_parameters[1]};
    return run_delete(&change);
}

/* Events ----------------------------------------------------------------------------------------------------------------------------- */

static int compare_starts(const void *a, const void *b)
{
    const struct rotation_event *left = a, *right = b;
    return left->start.us != right->start.us ? (left->start.us > right->start.us) - (left->start.us < right->start.us) : text_compare(left->id, right->id);
}

static enum err list_events(struct call *call)
{
    struct paging paging;
    struct schedule schedule;
    enum err err = call_paging(call, &paging);
    if (err == OK)
        err = shift_schedule_read(call, &schedule);
    const struct rotation *rotation = err == OK ? find_rotation(&schedule, call->path_parameters[1]) : NULL;
    if (err == OK && !rotation)
        err = ERR_NOT_FOUND;
    if (err != OK)
        return err;
    if (rotation->event_count > 1)
        qsort(rotation->events, rotation->event_count, sizeof *rotation->events, compare_starts);
    json_t **items = ARENA_ARRAY(call->arena, json_t *, rotation->event_count + 1);
    for (size_t i = 0; i < rotation->event_count; i++)
        items[i] = rotation_event_json(call, call->path_parameters[0], &rotation->events[i]);
    int64_t count = (int64_t)rotation->event_count;
    call_reply_page(call, "events", page_of(call, &paging, items, rotation->event_count), &paging, count > paging.offset + paging.limit, count);
    return OK;
}

static enum err reply_event(struct call *call, struct text id, int status)
{
    struct schedule schedule;
    enum err err = shift_schedule_read(call, &schedule);
    const struct rotation_event *event = err == OK ? find_event(find_rotation(&schedule, call->path_parameters[1]), id) : NULL;
    if (err == OK && !event)
        err = ERR_NOT_FOUND;
    if (err != OK)
        return err;
    call->status = status;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "event", rotation_event_json(call, call->path_parameters[0], event));
    return OK;
}

static enum err get_event(struct call *call)
{
    return reply_event(call, call->path_parameters[2], 200);
}

/* The event of the request; `before`: what it leaves out. */
static enum err read_event(struct tx *tx, struct shift_change *change, const struct rotation_event *before, struct rotation_event *ret)
{
    static const char *const keys[] = {"name", "start_time", "end_time", "effective_since", "effective_until", "recurrence", "assignment_strategy"};
    json_t *was = before ? rotation_event_to_json(tx->arena, before) : NULL, *whole = json_object_in(tx->arena);
    const struct json_node *node;
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        json_t *given = json_at(change->body, keys[i]);
        if (given || was)
            json_put(whole, keys[i], given ? given : json_at(was, keys[i]));
    }
    enum err err = json_scan(tx->arena, json_write(tx->arena, whole), change->call->problem, &node);
    if (err == OK)
        err = rotation_event_read(tx->arena, node, "event", change->call->problem, ret);
    if (err != OK)
        return err;
    ret->rotation_id = change->rotation_id;
    ret->id = before ? before->id : id_new_object(tx->env, tx->arena);
    return OK;
}

static bool is_over(const struct tx *tx, const struct rotation_event *event)
{
    return !instant_before(tx->now, event->effective_until);
}

static bool has_begun(const struct tx *tx, const struct rotation_event *event)
{
    return !instant_before(tx->now, event->effective_since);
}

static void take_effect(const struct tx *tx, struct shift_change *change, struct rotation_event *event)
{
    if (has_begun(tx, event))
        event->effective_since = (instant){tx->now.us - tx->now.us % SECOND_US};
    if (!instant_before(event->effective_since, event->effective_until))
        problem_add(change->call->problem, "event.effective_until", "must be after effective_since, which is not before now");
}

/* Events of a rotation follow each other; other rotations stand beside it. */
static void check_room(struct tx *tx, struct shift_change *change, const struct rotation *rotation, const struct rotation_event *event)
{
    size_t others = 0;
    for (size_t i = 0; i < rotation->event_count; i++) {
        const struct rotation_event *other = &rotation->events[i];
        if (text_equal(other->id, event->id) || is_over(tx, other))
            continue;
        others++;
        instant since = instant_max(instant_max(event->effective_since, other->effective_since), tx->now);
        instant until = instant_min(instant_min(event->effective_until, other->effective_until), instant_add_s(since, MEET_DAYS * (int64_t)DAY_S));
        instant meet = instant_before(since, until) ? rotation_events_meet(tx->arena, event, other, since, until) : INSTANT_NONE;
        if (instant_is_set(meet)) {
            struct text when = instant_format(tx->arena, meet);
            problem_add(change->call->problem, "event", "overlaps with event %.*s (%.*s) at %.*s: events of a rotation follow each other", TEXT_ARG(other->name),
                        TEXT_ARG(other->id), TEXT_ARG(when));
        }
    }
    if (others >= SCHEDULE_EVENTS_MAX)
        problem_add(change->call->problem, "event", "is one too many: a rotation has at most %d events", SCHEDULE_EVENTS_MAX);
}

static enum err add_event(struct tx *tx, struct shift_change *change, struct schedule *schedule)
{
    struct rotation *rotation = find_rotation(schedule, change->rotation_id);
    struct rotation_event event;
    if (!rotation)
        return ERR_NOT_FOUND;
    enum err err = read_event(tx, change, NULL, &event);
    if (err != OK)
        return err;
    take_effect(tx, change, &event);
    check_room(tx, change, rotation, &event);
    if (rotation->event_count == SCHEDULE_EVENTS_STORED_MAX)
        problem_add(change->call->problem, "event", "is one too many: delete events that are over first");
    struct rotation_event *events = ARENA_ARRAY(tx->arena, struct rotation_event, rotation->event_count + 1);
    for (size_t i = 0; i < rotation->event_count; i++)
        events[i] = rotation->events[i];
    events[rotation->event_count++] = event;
    rotation->events = events;
    change->event_id = text_copy(change->call->arena, event.id);
    return problem_is_empty(change->call->problem) ? OK : ERR_INVALID;
}

static enum err run_event(struct call *call, struct shift_change *change, int status)
{
    enum err err = shift_body(call, "event", &change->body);
    if (err == OK)
        err = shift_change_run(change);
    return err == OK ? reply_event(call, change->event_id, status) : err;
}

static enum err create_event(struct call *call)
{
    struct shift_change change = {.call = call, .id = call->path_parameters[0], .path = "event", .edit = add_event, .rotation_id = call->path_parameters[1]};
    return run_event(call, &change, 201);
}

/* Of an event in effect everything but its end must stay. */
static void check_active(struct tx *tx, struct shift_change *change, const struct rotation_event *before, const struct rotation_event *after)
{
    json_t *was = rotation_event_to_json(tx->arena, before), *now = rotation_event_to_json(tx->arena, after), *value;
    const char *key;
    json_object_foreach(was, key, value)
        if (strcmp(key, "effective_until") != 0 && !json_same(value, json_at(now, key)))
            problem_add(change->call->problem, arena_printf(tx->arena, "event.%s", key), "cannot be changed: the event is in effect, only effective_until can");
    if (!instant_before(tx->now, after->effective_until))
        problem_add(change->call->problem, "event.effective_until", "must be in the future");
}

static enum err change_event(struct tx *tx, struct shift_change *change, struct schedule *schedule)
{
    struct rotation *rotation = find_rotation(schedule, change->rotation_id);
    struct rotation_event *event = find_event(rotation, change->event_id), after;
    if (!event)
        return ERR_NOT_FOUND;
    enum err err = read_event(tx, change, event, &after);
    if (err != OK)
        return err;
    if (is_over(tx, event))
        problem_add(change->call->problem, "event", "is over and cannot be changed");
    else if (has_begun(tx, event))
        check_active(tx, change, event, &after);
    else
        take_effect(tx, change, &after);
    check_room(tx, change, rotation, &after);
    *event = after;
    return problem_is_empty(change->call->problem) ? OK : ERR_INVALID;
}

static enum err update_event(struct call *call)
{
    struct shift_change change = {.call = call, .id = call->path_parameters[0], .path = "event", .edit = change_event, .rotation_id = call->path_parameters[1],
                                  .event_id = call->path_parameters[2]};
    return run_event(call, &change, 200);
}

static enum err drop_event(struct tx *tx, struct shift_change *change, struct schedule *schedule)
{
    (void)tx;
    struct rotation *rotation = find_rotation(schedule, change->rotation_id);
    struct rotation_event *event = find_event(rotation, change->event_id);
    if (!event)
        return ERR_NOT_FOUND;
    for (struct rotation_event *next = event + 1; next < rotation->events + rotation->event_count; next++)
        next[-1] = *next;
    rotation->event_count--;
    return OK;
}

static enum err delete_event(struct call *call)
{
    struct shift_change change = {.call = call, .id = call->path_parameters[0], .path = "event", .edit = drop_event, .rotation_id = call->path_parameters[1],
                                  .event_id = call->path_parameters[2]};
    return run_delete(&change);
}

#define ROTATIONS "/v3/schedules/{id}/rotations"
#define EVENTS "/v3/schedules/{id}/rotations/{rotation_id}/events"
static const struct route routes[] = {
    {.method = "GET", .path = ROTATIONS, .permission = MAY_READ, .handle = list_rotations, .summary = "List the rotations of a shift-based schedule",
     .query = "limit offset total", .answers = "rotations[] limit offset more total"},
    {.method = "POST", .path = ROTATIONS, .permission = MAY_MANAGE, .handle = create_rotation, .team_of = TEAM_OF_SCHEDULE, .summary = "Add an empty rotation",
     .body_kind = "json",
     .takes = "rotation?", .answers = "rotation"},
    {.method = "GET", .path = ROTATIONS "/{rotation_id}", .permission = MAY_READ, .handle = get_rotation, .summary = "Get a rotation with its events",
     .query = "since until", .answers = "rotation"},
    {.method = "DELETE", .path = ROTATIONS "/{rotation_id}", .permission = MAY_MANAGE, .handle = delete_rotation, .team_of = TEAM_OF_SCHEDULE,
     .summary = "Delete a rotation and its events"},
    {.method = "GET", .path = EVENTS, .permission = MAY_READ, .handle = list_events, .summary = "List the events of a rotation by their start",
     .query = "limit offset total", .answers = "events[] limit offset more total"},
    {.method = "POST", .path = EVENTS, .permission = MAY_MANAGE, .handle = create_event, .team_of = TEAM_OF_SCHEDULE, .summary = "Add an event to a rotation",
     .body_kind = "json",
     .takes = "event", .answers = "event"},
    {.method = "GET", .path = EVENTS "/{event_id}", .permission = MAY_READ, .handle = get_event, .summary = "Get an event of a rotation",
     .answers = "event"},
    {.method = "PUT", .path = EVENTS "/{event_id}", .permission = MAY_MANAGE, .handle = update_event, .team_of = TEAM_OF_SCHEDULE,
     .summary = "Update an event; only the end of one that is in effect", .body_kind = "json",
     .takes = "event", .answers = "event"},
    {.method = "DELETE", .path = EVENTS "/{event_id}", .permission = MAY_MANAGE, .handle = delete_event, .team_of = TEAM_OF_SCHEDULE, .summary = "Delete an event"},
};
const struct route_table rotation_routes = {routes, sizeof routes / sizeof *routes};
