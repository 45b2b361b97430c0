/* Why: the document of a schedule, as it is stored and as the REST API takes it (schedule.h has the fields). Reads everything
 * before it gives up, so that one answer names all mistakes. */
#include <stdlib.h>

#include "base/json_scan.h"
#include "core/reader.h"
#include "core/rotation.h"

enum { DAY_S = 86400, WEEK_S = 7 * DAY_S };

bool time_of_day_parse(struct text t, int64_t *ret_s)
{
    int64_t parts[3] = {0, 0, 0};
    size_t count = 0;
    struct text part;
    for (; count < 3 && text_next(&t, ':', &part); count++)
        if (part.size != 2 || !text_to_int64(part, &parts[count]) || parts[count] < 0)
            return false;
    if (count < 2 || t.size > 0 || parts[0] > 23 || parts[1] > 59 || parts[2] > 59)
        return false;
    *ret_s = (parts[0] * 60 + parts[1]) * 60 + parts[2];
    return true;
}

struct text time_of_day_format(struct arena *arena, int64_t seconds)
{
    return text_printf(arena, "%02d:%02d:%02d", (int)(seconds / 3600), (int)(seconds / 60 % 60), (int)(seconds % 60));
}

static void read_restriction(struct reader *r, const struct json_node *object, const char *path, struct restriction *ret)
{
    if (!json_node_is(object, JSON_OBJECT)) {
        problem_add(r->problem, path, "must be an object");
        return;
    }
    struct text type = json_node_text_at(r->arena, object, "type");
    ret->weekly = text_is(type, "weekly_restriction");
    if (!ret->weekly && !text_is(type, "daily_restriction"))
        problem_add(r->problem, reader_below(r, path, "type"), "must be \"daily_restriction\" or \"weekly_restriction\"");
    if (!time_of_day_parse(json_node_text_at(r->arena, object, "start_time_of_day"), &ret->start_s))
        problem_add(r->problem, reader_below(r, path, "start_time_of_day"), "must be a time of day like \"08:00:00\"");
    if (reader_is_absent(json_node_member(object, "duration_seconds")))
        problem_add(r->problem, reader_below(r, path, "duration_seconds"), "cannot be empty");
    ret->duration_s = reader_int(r, object, path, "duration_seconds", 1, ret->weekly ? WEEK_S : DAY_S, 1);
    if (ret->weekly && reader_is_absent(json_node_member(object, "start_day_of_week")))
        problem_add(r->problem, reader_below(r, path, "start_day_of_week"), "cannot be empty");
    if (ret->weekly)
        ret->weekday = (int)reader_int(r, object, path, "start_day_of_week", 1, 7, 1);
    else if (json_node_int_at(object, "start_day_of_week", 0) != 0)
        problem_add(r->problem, reader_below(r, path, "start_day_of_week"), "is only for a weekly_restriction");
}

static void read_users(struct reader *r, const struct json_node *object, const char *path, struct schedule_layer *ret)
{
    const struct json_node *list = reader_list(r, object, path, "users", SCHEDULE_LAYER_USERS_MAX);
    if (reader_is_absent(json_node_member(object, "users")))
        problem_add(r->problem, reader_below(r, path, "users"), "cannot be empty");
    ret->user_ids = ARENA_ARRAY(r->arena, struct text, json_node_count(list) + 1);
    json_node_each(list, user) {
        struct text id = json_node_text_at(r->arena, json_node_member(user, "user"), "id");
        if (text_is_empty(id))
            problem_add(r->problem, arena_printf(r->arena, "%s.user.id", reader_item(r, path, "users", ret->user_count)), "cannot be empty");
        ret->user_ids[ret->user_count++] = text_copy(r->arena, id);
    }
}

static void read_turn(struct reader *r, const struct json_node *object, const char *path, struct schedule_layer *ret)
{
    ret->turn_months = (int)reader_int(r, object, path, "rotation_turn_length_months", 1, SCHEDULE_TURN_MONTHS_MAX, 0);
    ret->turn_s = SCHEDULE_TURN_S_MIN;
    if (!reader_is_absent(json_node_member(object, "rotation_turn_length_months")))
        return;
    if (reader_is_absent(json_node_member(object, "rotation_turn_length_seconds")))
        problem_add(r->problem, reader_below(r, path, "rotation_turn_length_seconds"), "cannot be empty");
    ret->turn_s = reader_int(r, object, path, "rotation_turn_length_seconds", SCHEDULE_TURN_S_MIN, SCHEDULE_TURN_S_MAX, SCHEDULE_TURN_S_MIN);
}

static void read_layer(struct reader *r, const struct json_node *object, const char *path, struct schedule_layer *ret)
{
    if (!json_node_is(object, JSON_OBJECT)) {
        problem_add(r->problem, path, "must be an object");
        return;
    }
    ret->id = reader_text(r, object, path, "id", 32);
    ret->name = reader_text(r, object, path, "name", SCHEDULE_LAYER_NAME_CHARS_MAX);
    if (text_is_empty(ret->name))
        ret->name = text_printf(r->arena, "Layer %zu", ret->input_position + 1);
    const struct zone *own = reader_zone(r, object, path, false);
    ret->has_own_zone = own != NULL;
    ret->zone = own ? own : r->zone;
    ret->start = reader_instant(r, object, path, "start", true);
    ret->end = reader_instant(r, object, path, "end", false);
    if (!instant_is_set(ret->end))
        ret->end = INSTANT_MAX;
    else if (instant_is_set(ret->start) && !instant_before(ret->start, ret->end))
        problem_add(r->problem, reader_below(r, path, "end"), "must be after start");
    ret->rotation_virtual_start = reader_instant(r, object, path, "rotation_virtual_start", true);
    read_turn(r, object, path, ret);
    read_users(r, object, path, ret);
    const struct json_node *list = reader_list(r, object, path, "restrictions", SCHEDULE_RESTRICTIONS_MAX);
    ret->restrictions = ARENA_ARRAY(r->arena, struct restriction, json_node_count(list) + 1);
    json_node_each(list, restriction) {
        size_t i = ret->restriction_count++;
        read_restriction(r, restriction, reader_item(r, path, "restrictions", i), &ret->restrictions[i]);
    }
}

struct ranked_layer {
    int64_t precedence;
    struct schedule_layer layer;
};

static int compare_precedence(const void *a, const void *b)
{
    const struct ranked_layer *left = a, *right = b;
    return left->precedence < right->precedence ? -1 : left->precedence > right->precedence;
}

/* GET lists the highest layer first, POST and PUT take the lowest first (both as PagerDuty); precedence tells them apart. */
static void order_layers(struct reader *r, struct ranked_layer *ranked, size_t count, const char *path)
{
    size_t with = 0;
    for (size_t i = 0; i < count; i++)
        with += ranked[i].precedence != 0;
    if (with == 0)
        return;
    for (size_t i = 0; i < count; i++)
        if (ranked[i].precedence == 0)
            problem_add(r->problem, arena_printf(r->arena, "%s.precedence", reader_item(r, path, "schedule_layers", i)),
                        "must be given for all layers or for none");
    qsort(ranked, count, sizeof *ranked, compare_precedence);
    for (size_t i = 1; i < count; i++)
        if (ranked[i].precedence != 0 && ranked[i].precedence == ranked[i - 1].precedence)
            problem_add(r->problem,
                        arena_printf(r->arena, "%s.precedence", reader_item(r, path, "schedule_layers", ranked[i].layer.input_position)),
                        "is already the precedence of another layer");
}

static void read_layers(struct reader *r, const struct json_node *document, const char *path, struct schedule *ret)
{
    const struct json_node *list = reader_list(r, document, path, "schedule_layers", SCHEDULE_LAYERS_MAX);
    size_t count = json_node_count(list), i = 0;
    struct ranked_layer *ranked = ARENA_ARRAY(r->arena, struct ranked_layer, count + 1);
    json_node_each(list, layer) {
        const char *layer_path = reader_item(r, path, "schedule_layers", i);
        ranked[i].layer.input_position = i;
        read_layer(r, layer, layer_path, &ranked[i].layer);
        ranked[i].precedence = reader_int(r, layer, layer_path, "precedence", 1, SCHEDULE_LAYERS_MAX, 0);
        for (size_t k = 0; k < i; k++)
            if (!text_is_empty(ranked[i].layer.id) && text_equal(ranked[i].layer.id, ranked[k].layer.id))
                problem_add(r->problem, reader_below(r, layer_path, "id"), "is already the id of another layer");
        i++;
    }
    order_layers(r, ranked, count, path);
    ret->layers = ARENA_ARRAY(r->arena, struct schedule_layer, count + 1);
    ret->layer_count = count;
    for (i = 0; i < count; i++)
        ret->layers[i] = ranked[i].layer;
}

static enum err read_schedule(struct arena *arena, const struct json_node *document, const char *path, struct problem *problem, struct schedule *ret)
{
    struct reader r = {arena, problem, zone_utc()};
    size_t before = problem->count + problem->dropped;
    struct schedule schedule = {0};
    if (!json_node_is(document, JSON_OBJECT)) {
        problem_add(problem, path, "must be an object");
        return ERR_INVALID;
    }
    schedule.name = reader_text(&r, document, path, "name", SCHEDULE_NAME_CHARS_MAX);
    if (reader_is_absent(json_node_member(document, "name")) || (text_is_present(schedule.name) && text_is_empty(text_trim(schedule.name))))
        problem_add(problem, reader_below(&r, path, "name"), "cannot be empty");
    schedule.description = reader_text(&r, document, path, "description", SCHEDULE_DESCRIPTION_CHARS_MAX);
    schedule.zone = reader_zone(&r, document, path, true);
    if (schedule.zone)
        r.zone = schedule.zone;
    const struct json_node *rotations = json_node_member(document, "rotations");
    if (rotations) {
        enum err err = rotations_read(arena, rotations, reader_below(&r, path, "rotations"), problem, &schedule);
        (void)err; /* the mistakes are counted */
    } else {
        read_layers(&r, document, path, &schedule);
    }
    if (problem->count + problem->dropped > before)
        return ERR_INVALID;
    *ret = schedule;
    return OK;
}

enum err schedule_read(struct arena *arena, struct text document, const char *path, struct problem *problem, struct schedule *ret)
{
    const struct json_node *node;
    enum err err = json_scan(arena, document, problem, &node);
    return err == OK ? read_schedule(arena, node, path, problem, ret) : err;
}

enum err schedule_from_json(struct arena *arena, const json_t *document, const char *path, struct problem *problem, struct schedule *ret)
{
    return schedule_read(arena, document ? json_write(arena, document) : TEXT("null"), path, problem, ret);
}

static json_t *restriction_to_json(struct arena *arena, const struct restriction *restriction)
{
    json_t *object = json_object_in(arena);
    json_put_string(object, "type", restriction->weekly ? "weekly_restriction" : "daily_restriction");
    json_put_text(object, "start_time_of_day", time_of_day_format(arena, restriction->start_s));
    json_put_int(object, "duration_seconds", restriction->duration_s);
    if (restriction->weekly)
        json_put_int(object, "start_day_of_week", restriction->weekday);
    return object;
}

static json_t *layer_to_json(struct arena *arena, const struct schedule_layer *layer)
{
    json_t *object = json_object_in(arena), *users = json_array_in(arena), *restrictions = json_array_in(arena);
    json_put_text(object, "id", layer->id);
    json_put_text(object, "name", layer->name);
    if (layer->has_own_zone)
        json_put_text(object, "time_zone", zone_name(layer->zone));
    json_put_instant(object, "start", layer->start);
    json_put_instant(object, "end", layer->end.us == INT64_MAX ? INSTANT_NONE : layer->end);
    json_put_instant(object, "rotation_virtual_start", layer->rotation_virtual_start);
    if (layer->turn_months)
        json_put_int(object, "rotation_turn_length_months", layer->turn_months);
    else
        json_put_int(object, "rotation_turn_length_seconds", layer->turn_s);
    for (size_t i = 0; i < layer->user_count; i++) {
        json_t *user = json_object_in(arena), *entry = json_object_in(arena);
        json_put_text(user, "id", layer->user_ids[i]);
        json_put(entry, "user", user);
        json_append(users, entry);
    }
    for (size_t i = 0; i < layer->restriction_count; i++)
        json_append(restrictions, restriction_to_json(arena, &layer->restrictions[i]));
    json_put(object, "users", users);
    json_put(object, "restrictions", restrictions);
    return object;
}

json_t *schedule_to_json(struct arena *arena, const struct schedule *schedule)
{
    json_t *document = json_object_in(arena);
    json_put_text(document, "name", schedule->name);
    json_put_text(document, "description", schedule->description);
    json_put_text(document, "time_zone", zone_name(schedule->zone));
    if (schedule->shift_based) {
        json_put(document, "rotations", rotations_to_json(arena, schedule));
        return document;
    }
    json_t *layers = json_array_in(arena);
    for (size_t i = 0; i < schedule->layer_count; i++)
        json_append(layers, layer_to_json(arena, &schedule->layers[i]));
    json_put(document, "schedule_layers", layers);
    return document;
}
