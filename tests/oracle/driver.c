/* Why: lets the oracle ask core/schedule.c the same questions it asks itself. One JSON document per line in, one answer per line out.
 *
 *   {"schedule":{...},"overrides":[{"number","start","end","user"}],"since","until","ask":[seconds,...]}
 *     -> {"final":[[from,until,user|null],...],"layers":[[...],...],"overrides":[...],"asked":[[user|null,from|null,until|null],...]}
 *   {"zone":"Europe/Berlin","since":s,"until":s,"walls":[seconds,...]}
 *     -> {"changes":[[at,offset],...],"instants":[seconds,...]}     the first change is the offset at `since`
 * Times are whole seconds UTC; walls are seconds since 1970-01-01 00:00 on the wall. */
#include <stdio.h>
#include <stdlib.h>

#include "core/schedule.h"

enum { ARENA_BYTES_MAX = 512 * 1024 * 1024 };

static instant seconds(int64_t s)
{
    return (instant){s * SECOND_US};
}

static json_t *time_json(instant t)
{
    return !instant_is_set(t) || t.us == INT64_MAX ? json_null() : json_integer(t.us / SECOND_US);
}

static json_t *user_json(struct text user)
{
    return text_is_present(user) ? json_stringn(user.data, user.size) : json_null();
}

static json_t *spans_json(struct schedule_spans spans)
{
    json_t *list = json_array();
    for (size_t i = 0; i < spans.count; i++) {
        json_t *span = json_array();
        json_array_append_new(span, time_json(spans.items[i].from));
        json_array_append_new(span, time_json(spans.items[i].until));
        json_array_append_new(span, user_json(spans.items[i].user_id));
        json_array_append_new(list, span);
    }
    return list;
}

static struct schedule_overrides read_overrides(struct arena *arena, const json_t *list)
{
    struct schedule_override *items = ARENA_ARRAY(arena, struct schedule_override, json_array_size(list) + 1);
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *item = json_array_get(list, i);
        items[i] = (struct schedule_override){json_int_at(item, "number", 0), seconds(json_int_at(item, "start", 0)),
                                              seconds(json_int_at(item, "end", 0)), json_text_at(item, "user")};
    }
    return (struct schedule_overrides){items, json_array_size(list)};
}

static json_t *answer_schedule(struct arena *arena, const json_t *question)
{
    struct problem *problem = problem_new(arena);
    struct schedule schedule;
    struct schedule_rendering rendering;
    if (schedule_from_json(arena, json_at(question, "schedule"), "schedule", problem, &schedule)) {
        fprintf(stderr, "schedule-driver: %.*s\n", TEXT_ARG(problem_line(problem, 0)));
        exit(1);
    }
    struct schedule_overrides overrides = read_overrides(arena, json_at(question, "overrides"));
    if (schedule_render(arena, &schedule, overrides, seconds(json_int_at(question, "since", 0)), seconds(json_int_at(question, "until", 0)),
                        &rendering)) {
        fprintf(stderr, "schedule-driver: cannot render\n");
        exit(1);
    }
    json_t *answer = json_object_in(arena), *layers = json_array_in(arena), *asked = json_array_in(arena);
    for (size_t i = 0; i < schedule.layer_count; i++)
        json_array_append_new(layers, spans_json(rendering.layers[i]));
    const json_t *ask = json_at(question, "ask");
    for (size_t i = 0; i < json_array_size(ask); i++) {
        struct schedule_span span = schedule_on_call_at(arena, &schedule, overrides, seconds(json_integer_value(json_array_get(ask, i))));
        json_t *entry = json_array();
        json_array_append_new(entry, user_json(span.user_id));
        json_array_append_new(entry, time_json(span.from));
        json_array_append_new(entry, time_json(span.until));
        json_array_append_new(asked, entry);
    }
    json_object_set_new(answer, "final", spans_json(rendering.final));
    json_object_set_new(answer, "overrides", spans_json(rendering.overrides));
    json_put(answer, "layers", layers);
    json_put(answer, "asked", asked);
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
        json_t *change = json_array();
        json_array_append_new(change, time_json(t));
        json_array_append_new(change, json_integer(zone_offset_s(zone, t)));
        json_array_append_new(changes, change);
    }
    const json_t *walls = json_at(question, "walls");
    for (size_t i = 0; i < json_array_size(walls); i++)
        json_array_append_new(instants, time_json(zone_instant(zone, (wall_time){json_integer_value(json_array_get(walls, i)) * SECOND_US})));
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
        const json_t *answer = json_at(question, "zone") ? answer_zone(arena, question) : answer_schedule(arena, question);
        puts(json_write(arena, answer).data);
        fflush(stdout);
        arena_reset(arena);
    }
    free(line);
    arena_free(arena);
    return 0;
}
