/* Why: lets the oracle ask core/schedule.c the same questions it asks itself. One JSON document per line in, one answer per line out.
 *
 *   {"schedule":{...},"overrides":[{"number","start","end","user"}],"since","until","ask":[seconds,...]}
 *     -> {"final":[[from,until,user|null],...],"layers":[[...],...],"overrides":[...],"asked":[[user|null,from|null,until|null],...]}
 *   the same with "walk": {numbers of walking.py}   -> {"minutes":n,"difference":text|null}: every minute of the final schedule, of the overrides and of
 *     each layer against walk.c; "plant": breaks Muster's input in that way, so that the comparison can be seen to fail
 *   the same with a shift-based schedule, whose overrides have "kind","rotation","shift","replaced" too
 *     -> {"final":[...],"asked":[[[user|null,from|null,until|null],...],...]}, or {"mistakes":[...]} when it cannot be read; "plant" as above
 *   {"zone":"Europe/Berlin","since":s,"until":s,"walls":[seconds,...]}
 *     -> {"changes":[[at,offset],...],"instants":[seconds,...]}     the first change is the offset at `since`
 * Times are whole seconds UTC; walls are seconds since 1970-01-01 00:00 on the wall. */
#include <stdio.h>
#include <stdlib.h>

#include "core/schedule.h"
#include "engine/shifts.h"
#include "walk.h"

enum { ARENA_BYTES_MAX = 512 * 1024 * 1024 };

static instant seconds(int64_t s)
{
    return (instant){s * SECOND_US};
}

static void append_time(json_t *array, instant t)
{
    if (!instant_is_set(t) || t.us == INT64_MAX)
        json_append(array, NULL);
    else
        json_append_int(array, t.us / SECOND_US);
}

static json_t *spans_json(struct arena *arena, struct schedule_spans spans)
{
    json_t *list = json_array_in(arena);
    for (size_t i = 0; i < spans.count; i++) {
        json_t *span = json_array_in(arena);
        append_time(span, spans.items[i].from);
        append_time(span, spans.items[i].until);
        json_append_text(span, spans.items[i].user_id);
        json_append(list, span);
    }
    return list;
}

static struct schedule_overrides read_overrides(struct arena *arena, const json_t *list)
{
    struct schedule_override *items = ARENA_ARRAY(arena, struct schedule_override, json_array_size(list) + 1);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        items[i] = (struct schedule_override){.number = json_int_at(item, "number", 0), .start = seconds(json_int_at(item, "start", 0)),
                                              .end = seconds(json_int_at(item, "end", 0)), .user_id = json_text_at(item, "user"),
                                              .kind = override_kind_of(json_text_at(item, "kind")), .rotation_id = json_text_at(item, "rotation"),
                                              .shift_number = json_int_at(item, "shift", 0), .replaced_id = json_text_at(item, "replaced")};
    }
    return (struct schedule_overrides){items, json_array_size(list)};
}

static void read_schedule(struct arena *arena, const json_t *document, struct schedule *ret)
{
    struct problem *problem = problem_new(arena);
    if (schedule_from_json(arena, document, "schedule", problem, ret)) {
        fprintf(stderr, "schedule-driver: %.*s\n", TEXT_ARG(problem_line(problem, 0)));
        exit(1);
    }
}

static void render(struct arena *arena, const struct schedule *schedule, struct schedule_overrides overrides, const json_t *question,
                   struct schedule_rendering *ret)
{
    if (schedule_render(arena, schedule, overrides, seconds(json_int_at(question, "since", 0)), seconds(json_int_at(question, "until", 0)), ret)) {
        fprintf(stderr, "schedule-driver: cannot render\n");
        exit(1);
    }
}

static json_t *spans_of_people(struct arena *arena, struct schedule_spans spans)
{
    json_t *list = json_array_in(arena);
    for (size_t i = 0; i < spans.count; i++) {
        json_t *entry = json_array_in(arena);
        json_append_text(entry, spans.items[i].user_id);
        append_time(entry, spans.items[i].from);
        append_time(entry, spans.items[i].until);
        json_append(list, entry);
    }
    return list;
}

static json_t *answer_schedule(struct arena *arena, const json_t *question)
{
    struct schedule schedule;
    struct schedule_rendering rendering;
    read_schedule(arena, json_at(question, "schedule"), &schedule);
    if (json_bool_at(question, "stored", false)) /* what was stored and read back is the same schedule */
        read_schedule(arena, schedule_to_json(arena, &schedule), &schedule);
    struct schedule_overrides overrides = read_overrides(arena, json_at(question, "overrides"));
    render(arena, &schedule, overrides, question, &rendering);
    json_t *answer = json_object_in(arena), *layers = json_array_in(arena), *asked = json_array_in(arena);
    for (size_t i = 0; i < schedule.layer_count; i++)
        json_append(layers, spans_json(arena, rendering.layers[i]));
    const json_t *ask = json_at(question, "ask");
    for (size_t i = 0; i < json_array_size(ask); i++) {
        struct schedule_spans then = schedule_on_call_at(arena, &schedule, overrides, seconds(json_integer_value(json_array_get(ask, i))));
        json_append(asked, json_array_get(spans_of_people(arena, then), 0));
    }
    json_put(answer, "final", spans_json(arena, rendering.final));
    json_put(answer, "overrides", spans_json(arena, rendering.overrides));
    json_put(answer, "layers", layers);
    json_put(answer, "asked", asked);
    return answer;
}

/* Shift-based ------------------------------------------------------------------------------------------------------------------------- */

static void plant_shifts(struct text bug, struct schedule *schedule, struct schedule_overrides *overrides)
{
    for (size_t i = 0; i < schedule->rotation_count; i++) {
        for (size_t k = 0; k < schedule->rotations[i].event_count; k++) {
            struct rotation_event *event = &schedule->rotations[i].events[k];
            if (text_is(bug, "events_in_utc"))
                event->zone = zone_utc();
            if (text_is(bug, "interval_forgotten"))
                event->rule.interval = 1;
            if (text_is(bug, "dates_forgotten"))
                event->rule.removed_count = event->rule.added_count = 0;
            if (text_is(bug, "end_of_rule_forgotten"))
                event->rule.last = (wall_time){INT64_MAX};
            if (text_is(bug, "turns_from_effect"))
                event->rule.first.us += (zone_wall(event->zone, event->effective_since).us - event->rule.first.us) / (86400 * SECOND_US) * 86400 * SECOND_US;
            if (text_is(bug, "all_take_turns"))
                event->every_member = false;
            if (text_is(bug, "effect_forgotten"))
                event->effective_since = (instant){0};
        }
    }
    if (text_is(bug, "override_forgotten") && overrides->count > 0)
        overrides->count--;
}

static json_t *answer_shifts(struct arena *arena, const json_t *question)
{
    struct schedule schedule;
    struct schedule_rendering rendering;
    struct problem *problem = problem_new(arena);
    json_t *answer = json_object_in(arena), *asked = json_array_in(arena), *mistakes = json_array_in(arena);
    enum err err = schedule_from_json(arena, json_at(question, "schedule"), "schedule", problem, &schedule);
    if (err == OK) /* what was stored and read back is the same schedule */
        err = schedule_from_json(arena, schedule_to_json(arena, &schedule), "schedule", problem, &schedule);
    for (size_t i = 0; i < problem->count; i++)
        json_append_text(mistakes, problem_line(problem, i));
    if (err != OK) {
        json_put(answer, "mistakes", mistakes);
        return answer;
    }
    struct schedule_overrides overrides = read_overrides(arena, json_at(question, "overrides"));
    plant_shifts(json_text_at(question, "plant"), &schedule, &overrides);
    render(arena, &schedule, overrides, question, &rendering);
    const json_t *ask = json_at(question, "ask");
    for (size_t i = 0; i < json_array_size(ask); i++)
        json_append(asked, spans_of_people(arena, schedule_on_call_at(arena, &schedule, overrides, seconds(json_integer_value(json_array_get(ask, i))))));
    json_put(answer, "final", spans_json(arena, rendering.final));
    json_put(answer, "asked", asked);
    return answer;
}

/* Against walk.c ----------------------------------------------------------------------------------------------------------------- */

static const int64_t *numbers_of(struct arena *arena, const json_t *list, size_t *ret_count)
{
    *ret_count = json_array_size(list);
    int64_t *numbers = ARENA_ARRAY(arena, int64_t, *ret_count + 1);
    for (size_t i = 0; i < *ret_count; i++)
        numbers[i] = json_integer_value(json_array_get(list, i));
    return numbers;
}

static void read_walk(struct arena *arena, const json_t *question, struct walk *ret)
{
    const json_t *numbers = json_at(question, "walk"), *zones = json_at(numbers, "zones"), *layers = json_at(numbers, "layers");
    size_t count;
    *ret = (struct walk){.since = json_int_at(question, "since", 0), .until = json_int_at(question, "until", 0), .zone_count = json_array_size(zones),
                         .layer_count = json_array_size(layers)};
    if (ret->zone_count > WALK_ZONES_MAX || ret->layer_count > WALK_LAYERS_MAX)
        exit(1);
    for (size_t z = 0; z < ret->zone_count; z++) {
        ret->zones[z].at = numbers_of(arena, json_at(json_array_get(zones, z), "at"), &ret->zones[z].count);
        ret->zones[z].offset = numbers_of(arena, json_at(json_array_get(zones, z), "offset"), &count);
    }
    for (size_t l = 0; l < ret->layer_count; l++) {
        const json_t *layer = json_array_get(layers, l);
        struct walk_layer *to = &ret->layers[l];
        *to = (struct walk_layer){.zone = (size_t)json_int_at(layer, "zone", 0), .start = json_int_at(layer, "start", 0), .end = json_int_at(layer, "end", 0),
                                  .first = json_int_at(layer, "first", 0), .length = json_int_at(layer, "length", 0), .number = json_int_at(layer, "number", 0)};
        to->users = numbers_of(arena, json_at(layer, "users"), &to->user_count);
        to->handoffs = numbers_of(arena, json_at(layer, "handoffs"), &to->handoff_count);
        const int64_t *threes = numbers_of(arena, json_at(layer, "restrictions"), &count);
        struct walk_restriction *restrictions = ARENA_ARRAY(arena, struct walk_restriction, count / 3 + 1);
        for (size_t r = 0; r < count / 3; r++)
            restrictions[r] = (struct walk_restriction){threes[3 * r], threes[3 * r + 1], threes[3 * r + 2]};
        to->restrictions = restrictions;
        to->restriction_count = count / 3;
    }
    const int64_t *threes = numbers_of(arena, json_at(numbers, "overrides"), &count);
    struct walk_override *overrides = ARENA_ARRAY(arena, struct walk_override, count / 3 + 1);
    for (size_t o = 0; o < count / 3; o++)
        overrides[o] = (struct walk_override){threes[3 * o], threes[3 * o + 1], threes[3 * o + 2]};
    ret->overrides = overrides;
    ret->override_count = count / 3;
}

struct reader { /* of Muster's spans, minute by minute */
    struct schedule_spans spans;
    size_t at;
    int64_t user; /* of spans.items[at] */
};

static int64_t user_number(struct text id)
{
    int64_t number = WALK_NOBODY;
    if (text_is_present(id) && !text_to_int64(text_slice(id, 1, id.size), &number))
        exit(1);
    return number;
}

static int64_t reader_user(struct reader *reader, int64_t t)
{
    while (reader->at < reader->spans.count && reader->spans.items[reader->at].until.us <= t * SECOND_US) {
        reader->at++;
        if (reader->at < reader->spans.count)
            reader->user = user_number(reader->spans.items[reader->at].user_id);
    }
    bool covers = reader->at < reader->spans.count && reader->spans.items[reader->at].from.us <= t * SECOND_US;
    return covers ? reader->user : WALK_NOBODY;
}

static void reader_begin(struct reader *reader, struct schedule_spans spans)
{
    *reader = (struct reader){.spans = spans, .user = spans.count > 0 ? user_number(spans.items[0].user_id) : WALK_NOBODY};
}

struct comparison {
    struct reader final, overrides, layers[WALK_LAYERS_MAX];
    size_t layer_count;
    struct arena *arena;
    struct text difference;
};

static bool differs(struct comparison *comparison, const char *name, size_t number, int64_t t, int64_t ours, int64_t theirs)
{
    if (ours == theirs)
        return false;
    comparison->difference = text_printf(comparison->arena, "%s %zu at %s: Muster says %lld, the walk %lld", name, number,
                                         instant_format(comparison->arena, seconds(t)).data, (long long)theirs, (long long)ours);
    return true;
}

static int compare_minute(void *context, int64_t t, int64_t final, int64_t overridden, const int64_t *layers)
{
    struct comparison *comparison = context;
    if (differs(comparison, "final", 0, t, final, reader_user(&comparison->final, t)) ||
        differs(comparison, "overrides", 0, t, overridden, reader_user(&comparison->overrides, t)))
        return 0;
    for (size_t l = 0; l < comparison->layer_count; l++)
        if (differs(comparison, "layer", l, t, layers[l], reader_user(&comparison->layers[l], t)))
            return 0;
    return 1;
}

/* S1, without a minute's tolerance. */
static bool covers(struct schedule_spans spans, instant since, instant until)
{
    instant at = since;
    for (size_t i = 0; i < spans.count; i++) {
        if (!instant_equal(spans.items[i].from, at) || !instant_before(at, spans.items[i].until))
            return false;
        at = spans.items[i].until;
    }
    return instant_equal(at, until);
}

/* Each of these is a bug that a schedule engine could have. */
static void plant(struct text bug, struct schedule *schedule, struct schedule_overrides *overrides)
{
    for (size_t l = 0; l < schedule->layer_count; l++) {
        struct schedule_layer *layer = &schedule->layers[l];
        if (text_is(bug, "utc_instead_of_wall"))
            layer->zone = zone_utc();
        if (text_is(bug, "handoff_a_minute_late"))
            layer->rotation_virtual_start = instant_add_s(layer->rotation_virtual_start, 60);
        if (text_is(bug, "restriction_forgotten") && layer->restriction_count > 0)
            layer->restriction_count--;
        if (text_is(bug, "end_forgotten"))
            layer->end = INSTANT_MAX;
        if (text_is(bug, "month_of_thirty_days") && layer->turn_months > 0) {
            layer->turn_s = (int64_t)layer->turn_months * 30 * WALK_DAY;
            layer->turn_months = 0;
        }
    }
    if (text_is(bug, "override_forgotten") && overrides->count > 0)
        overrides->count--;
    if (text_is(bug, "layers_upside_down") && schedule->layer_count > 1) {
        struct schedule_layer first = schedule->layers[0];
        schedule->layers[0] = schedule->layers[1];
        schedule->layers[1] = first;
    }
}

static json_t *answer_walk(struct arena *arena, const json_t *question)
{
    struct schedule schedule;
    struct schedule_rendering rendering;
    struct walk walk;
    struct schedule_overrides overrides = read_overrides(arena, json_at(question, "overrides"));
    read_schedule(arena, json_at(question, "schedule"), &schedule);
    plant(json_text_at(question, "plant"), &schedule, &overrides);
    render(arena, &schedule, overrides, question, &rendering);
    read_walk(arena, question, &walk);
    struct comparison comparison = {.layer_count = walk.layer_count, .arena = arena, .difference = TEXT_NONE};
    reader_begin(&comparison.final, rendering.final);
    reader_begin(&comparison.overrides, rendering.overrides);
    for (size_t l = 0; l < walk.layer_count; l++)
        reader_begin(&comparison.layers[l], rendering.layers[l]);
    int64_t minutes = walk_minutes(&walk, compare_minute, &comparison);
    if (!covers(rendering.final, rendering.since, rendering.until))
        comparison.difference = TEXT("S1: the final spans do not cover the window exactly");
    json_t *answer = json_object_in(arena);
    json_put_int(answer, "minutes", minutes);
    json_put_text(answer, "difference", comparison.difference);
    return answer;
}

static json_t *answer_zone(struct arena *arena, const json_t *question)
{
    const struct zone *zone;
    if (zone_find(json_text_at(question, "zone"), &zone)) {
        fprintf(stderr, "schedule-driver: no zone %.*s\n", TEXT_ARG(json_text_at(question, "zone")));
        exit(1);
    }
    json_t *answer = json_object_in(arena), *changes = json_array_in(arena), *instants = json_array_in(arena);
    instant until = seconds(json_int_at(question, "until", 0));
    for (instant t = seconds(json_int_at(question, "since", 0)); instant_before(t, until); t = zone_next_change(zone, t)) {
        json_t *change = json_array_in(arena);
        append_time(change, t);
        json_append_int(change, zone_offset_s(zone, t));
        json_append(changes, change);
    }
    const json_t *walls = json_at(question, "walls");
    for (size_t i = 0; i < json_array_size(walls); i++)
        append_time(instants, zone_instant(zone, (wall_time){json_integer_value(json_array_get(walls, i)) * SECOND_US}));
    json_put(answer, "changes", changes);
    json_put(answer, "instants", instants);
    return answer;
}

int main(void)
{
    char *line = NULL;
    size_t capacity = 0;
    ssize_t size;
    struct arena *arena = arena_new(ARENA_BYTES_MAX);
    while ((size = getline(&line, &capacity, stdin)) > 0) {
        json_t *question = json_read(arena, (struct text){line, (size_t)size}, problem_new(arena));
        if (!question) {
            fprintf(stderr, "schedule-driver: cannot read the question\n");
            return 1;
        }
        const json_t *answer = json_at(question, "zone")                                  ? answer_zone(arena, question)
                               : json_at(json_at(question, "schedule"), "rotations") ? answer_shifts(arena, question)
                               : json_at(question, "walk") ? answer_walk(arena, question)
                                                           : answer_schedule(arena, question);
        puts(json_write(arena, answer).data);
        fflush(stdout);
        arena_reset(arena);
    }
    free(line);
    arena_free(arena);
    return 0;
}
