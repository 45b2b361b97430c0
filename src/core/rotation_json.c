/* Why: the document of rotations, as it is stored and as the REST API takes and shows it (Schedules v3). Times are shown in UTC, as PagerDuty does. */
#include "core/reader.h"
#include "core/rotation.h"

static bool is_type(const struct json_node *object, struct arena *arena, const char *type)
{
    return text_is(json_node_text_at(arena, object, "type"), type);
}

void member_read(struct arena *arena, const struct json_node *object, const char *path, struct problem *problem, struct text *ret)
{
    struct reader r = {arena, problem, zone_utc()};
    if (!json_node_is(object, JSON_OBJECT)) {
        problem_add(problem, path, reader_is_absent(object) ? "cannot be empty" : "must be an object");
        return;
    }
    struct text user_id = json_node_text_at(arena, object, "user_id");
    if (is_type(object, arena, "empty_member")) {
        *ret = TEXT_NONE;
    } else if (!is_type(object, arena, "user_member")) {
        problem_add(problem, reader_below(&r, path, "type"), "must be \"user_member\" or \"empty_member\"");
    } else if (text_is_empty(user_id)) {
        problem_add(problem, reader_below(&r, path, "user_id"), "cannot be empty");
    } else {
        *ret = text_copy(arena, user_id);
    }
}

json_t *member_to_json(struct arena *arena, struct text user_id)
{
    json_t *member = json_object_in(arena);
    json_put_string(member, "type", text_is_present(user_id) ? "user_member" : "empty_member");
    if (text_is_present(user_id))
        json_put_text(member, "user_id", user_id);
    return member;
}

instant rotation_time_read(struct arena *arena, const struct json_node *value, const struct zone *zone, const char *path, struct problem *problem)
{
    struct text text = json_node_text(arena, value);
    instant t;
    if (reader_is_absent(value) || (text_is_present(text) && text_is_empty(text)))
        problem_add(problem, path, "cannot be empty");
    else if (!text_is_present(text) || !zone_parse(zone, text, &t))
        problem_add(problem, path, "must be an ISO 8601 date and time");
    else
        return (instant){t.us - t.us % SECOND_US};
    return INSTANT_NONE;
}

/* {"date_time","time_zone"} */
static instant read_zoned(struct reader *r, const struct json_node *object, const char *path, const char *key, const struct zone **ret_zone)
{
    const struct json_node *value = json_node_member(object, key);
    const char *own_path = reader_below(r, path, key);
    if (!json_node_is(value, JSON_OBJECT)) {
        problem_add(r->problem, own_path, reader_is_absent(value) ? "cannot be empty" : "must be an object");
        return INSTANT_NONE;
    }
    const struct zone *zone = reader_zone(r, value, own_path, true);
    *ret_zone = zone ? zone : zone_utc();
    return rotation_time_read(r->arena, json_node_member(value, "date_time"), *ret_zone, reader_below(r, own_path, "date_time"), r->problem);
}

static void read_recurrence(struct reader *r, const struct json_node *object, const char *path, struct rotation_event *ret)
{
    const struct json_node *list = reader_list(r, object, path, "recurrence", RECURRENCE_LINES_MAX);
    const char *own_path = reader_below(r, path, "recurrence");
    if (reader_is_absent(json_node_member(object, "recurrence")))
        problem_add(r->problem, own_path, "cannot be empty");
    if (!list)
        return;
    ret->recurrence = ARENA_ARRAY(r->arena, struct text, json_node_count(list) + 1);
    json_node_each(list, line) {
        struct text text = json_node_text(r->arena, line);
        if (!text_is_present(text))
            problem_add(r->problem, reader_item(r, path, "recurrence", ret->recurrence_count), "must be a text");
        ret->recurrence[ret->recurrence_count++] = text_is_present(text) ? text_copy(r->arena, text) : TEXT("RRULE:FREQ=DAILY");
    }
    wall_time first = instant_is_set(ret->start) ? zone_wall(ret->zone, ret->start) : (wall_time){0};
    enum err err = recurrence_read(r->arena, ret->recurrence, ret->recurrence_count, first, ret->zone, own_path, r->problem, &ret->rule);
    (void)err; /* the mistakes are counted */
}

static void read_strategy(struct reader *r, const struct json_node *object, const char *path, struct rotation_event *ret)
{
    const struct json_node *strategy = json_node_member(object, "assignment_strategy");
    const char *own_path = reader_below(r, path, "assignment_strategy");
    if (!json_node_is(strategy, JSON_OBJECT)) {
        problem_add(r->problem, own_path, reader_is_absent(strategy) ? "cannot be empty" : "must be an object");
        return;
    }
    ret->every_member = is_type(strategy, r->arena, "every_member_assignment_strategy");
    bool rotating = is_type(strategy, r->arena, "rotating_member_assignment_strategy");
    if (!ret->every_member && !rotating)
        problem_add(r->problem, reader_below(r, own_path, "type"),
                    "must be \"rotating_member_assignment_strategy\" or \"every_member_assignment_strategy\"");
    if (rotating && reader_is_absent(json_node_member(strategy, "shifts_per_member")))
        problem_add(r->problem, reader_below(r, own_path, "shifts_per_member"), "cannot be empty");
    ret->shifts_per_member = reader_int(r, strategy, own_path, "shifts_per_member", 1, 1000, 1);
    const struct json_node *list = reader_list(r, strategy, own_path, "members", SCHEDULE_MEMBERS_MAX);
    ret->user_ids = ARENA_ARRAY(r->arena, struct text, json_node_count(list) + 1);
    json_node_each(list, member) {
        const char *member_path = reader_item(r, own_path, "members", ret->user_count);
        ret->user_ids[ret->user_count] = TEXT_NONE;
        member_read(r->arena, member, member_path, r->problem, &ret->user_ids[ret->user_count++]);
    }
    if (ret->user_count == 0)
        problem_add(r->problem, reader_below(r, own_path, "members"), "cannot be empty");
}

static void read_length(struct reader *r, const char *path, struct rotation_event *ret)
{
    int64_t length_s = (zone_wall(ret->zone, ret->end).us - zone_wall(ret->zone, ret->start).us) / SECOND_US;
    if (!instant_before(ret->start, ret->end) || length_s < 1)
        problem_add(r->problem, reader_below(r, path, "end_time"), "must be after start_time");
    else if (length_s > SCHEDULE_TURN_S_MAX)
        problem_add(r->problem, reader_below(r, path, "end_time"), "cannot be more than 366 days after start_time");
    else
        ret->length_s = length_s;
}

/* Each one more on call at the same time: what is asked for a page must stay small. */
static void check_overlap(struct reader *r, const char *path, const struct rotation_event *event)
{
    struct recurrence_walk walk;
    if (!recurrence_seek(&event->rule, (wall_time){INT64_MIN / 2}, &walk))
        return;
    wall_time end = wall_add_s(walk.at, event->length_s);
    for (int count = 1; recurrence_step(&walk) && walk.at.us < end.us; count++)
        if (count == SCHEDULE_SHIFTS_AT_ONCE_MAX) {
            problem_add(r->problem, reader_below(r, path, "recurrence"), "lets more than %d shifts of this event overlap", SCHEDULE_SHIFTS_AT_ONCE_MAX);
            return;
        }
}

enum err rotation_event_read(struct arena *arena, const struct json_node *object, const char *path, struct problem *problem, struct rotation_event *ret)
{
    struct reader r = {arena, problem, zone_utc()};
    size_t before = problem->count + problem->dropped;
    struct rotation_event event = {.zone = zone_utc(), .end_zone = zone_utc(), .effective_until = INSTANT_MAX};
    if (!json_node_is(object, JSON_OBJECT)) {
        problem_add(problem, path, "must be an object");
        return ERR_INVALID;
    }
    event.id = reader_text(&r, object, path, "id", 32);
    event.name = reader_text(&r, object, path, "name", SCHEDULE_LAYER_NAME_CHARS_MAX);
    if (reader_is_absent(json_node_member(object, "name")) || (text_is_present(event.name) && text_is_empty(text_trim(event.name))))
        problem_add(problem, reader_below(&r, path, "name"), "cannot be empty");
    event.start = read_zoned(&r, object, path, "start_time", &event.zone);
    event.end = read_zoned(&r, object, path, "end_time", &event.end_zone);
    r.zone = event.zone;
    event.effective_since = reader_instant(&r, object, path, "effective_since", true);
    instant until = reader_instant(&r, object, path, "effective_until", false);
    if (instant_is_set(until))
        event.effective_until = until;
    if (instant_is_set(event.effective_since) && !instant_before(event.effective_since, event.effective_until))
        problem_add(problem, reader_below(&r, path, "effective_until"), "must be after effective_since");
    if (instant_is_set(event.start) && instant_is_set(event.end))
        read_length(&r, path, &event);
    read_recurrence(&r, object, path, &event);
    read_strategy(&r, object, path, &event);
    if (problem->count + problem->dropped == before)
        check_overlap(&r, path, &event);
    if (problem->count + problem->dropped > before)
        return ERR_INVALID;
    *ret = event;
    return OK;
}

static void read_rotation(struct reader *r, const struct json_node *object, const char *path, struct rotation *ret)
{
    if (!json_node_is(object, JSON_OBJECT)) {
        problem_add(r->problem, path, "must be an object");
        return;
    }
    ret->id = reader_text(r, object, path, "id", 32);
    const struct json_node *list = reader_list(r, object, path, "events", SCHEDULE_EVENTS_STORED_MAX);
    ret->events = ARENA_ARRAY(r->arena, struct rotation_event, json_node_count(list) + 1);
    json_node_each(list, event) {
        struct rotation_event *to = &ret->events[ret->event_count];
        if (rotation_event_read(r->arena, event, reader_item(r, path, "events", ret->event_count), r->problem, to) == OK)
            to->rotation_id = ret->id;
        ret->event_count++;
    }
}

enum err rotations_read(struct arena *arena, const struct json_node *list, const char *path, struct problem *problem, struct schedule *ret)
{
    struct reader r = {arena, problem, zone_utc()};
    size_t before = problem->count + problem->dropped;
    if (!json_node_is(list, JSON_ARRAY))
        problem_add(problem, path, "must be a list");
    else if (json_node_count(list) > SCHEDULE_ROTATIONS_MAX)
        problem_add(problem, path, "cannot have more than %d items", SCHEDULE_ROTATIONS_MAX);
    else {
        ret->rotations = ARENA_ARRAY(arena, struct rotation, json_node_count(list) + 1);
        json_node_each(list, rotation) {
            read_rotation(&r, rotation, arena_printf(arena, "%s[%zu]", path, ret->rotation_count), &ret->rotations[ret->rotation_count]);
            ret->rotation_count++;
        }
    }
    ret->shift_based = true;
    return problem->count + problem->dropped > before ? ERR_INVALID : OK;
}

static json_t *zoned_to_json(struct arena *arena, instant t, const struct zone *zone)
{
    json_t *object = json_object_in(arena);
    json_put_instant(object, "date_time", t);
    json_put_text(object, "time_zone", zone_name(zone));
    return object;
}

json_t *rotation_event_to_json(struct arena *arena, const struct rotation_event *event)
{
    json_t *object = json_object_in(arena), *recurrence = json_array_in(arena), *strategy = json_object_in(arena), *members = json_array_in(arena);
    json_put_text(object, "id", event->id);
    json_put_text(object, "name", event->name);
    json_put(object, "start_time", zoned_to_json(arena, event->start, event->zone));
    json_put(object, "end_time", zoned_to_json(arena, event->end, event->end_zone));
    json_put_instant(object, "effective_since", event->effective_since);
    json_put_instant(object, "effective_until", event->effective_until.us == INT64_MAX ? INSTANT_NONE : event->effective_until);
    for (size_t i = 0; i < event->recurrence_count; i++)
        json_append_text(recurrence, event->recurrence[i]);
    json_put(object, "recurrence", recurrence);
    json_put_string(strategy, "type", event->every_member ? "every_member_assignment_strategy" : "rotating_member_assignment_strategy");
    if (!event->every_member)
        json_put_int(strategy, "shifts_per_member", event->shifts_per_member);
    for (size_t i = 0; i < event->user_count; i++)
        json_append(members, member_to_json(arena, event->user_ids[i]));
    json_put(strategy, "members", members);
    json_put(object, "assignment_strategy", strategy);
    return object;
}

json_t *rotations_to_json(struct arena *arena, const struct schedule *schedule)
{
    json_t *list = json_array_in(arena);
    for (size_t i = 0; i < schedule->rotation_count; i++) {
        json_t *rotation = json_object_in(arena), *events = json_array_in(arena);
        for (size_t k = 0; k < schedule->rotations[i].event_count; k++)
            json_append(events, rotation_event_to_json(arena, &schedule->rotations[i].events[k]));
        json_put_text(rotation, "id", schedule->rotations[i].id);
        json_put(rotation, "events", events);
        json_append(list, rotation);
    }
    return list;
}
