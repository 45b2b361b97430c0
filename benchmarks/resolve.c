/* Why: how long it takes to say who is on call through a whole year on one schedule: 20 people in two layers, the upper one restricted to working
 * hours, with the clock changes of Europe/Berlin; or the same people in two rotations, weeks and office hours, all on call at once on one day of
 * the week. Reading the document is not part of it; the arena is reset each time.
 *
 * resolve TIMES [rotations]    prints {"spans","median_us","min_us","max_us"} */
#include <stdio.h>
#include <stdlib.h>

#include "base/env.h"
#include "core/schedule.h"

enum { PEOPLE = 20, TIMES_MAX = 100000 };

static json_t *layer(struct arena *arena, const char *name, int turn_s, bool office_hours)
{
    json_t *layer = json_object_in(arena), *users = json_array_in(arena), *restrictions = json_array_in(arena);
    for (int i = 0; i < PEOPLE; i++) {
        json_t *entry = json_object_in(arena), *user = json_object_in(arena);
        json_put_string(user, "id", arena_printf(arena, "PUSER%02d", i));
        json_put(entry, "user", user);
        json_append(users, entry);
    }
    for (int day = 1; office_hours && day <= 5; day++) {
        json_t *restriction = json_object_in(arena);
        json_put_string(restriction, "type", "weekly_restriction");
        json_put_int(restriction, "start_day_of_week", day);
        json_put_string(restriction, "start_time_of_day", "09:00:00");
        json_put_int(restriction, "duration_seconds", 8 * 3600);
        json_append(restrictions, restriction);
    }
    json_put_string(layer, "name", name);
    json_put_string(layer, "start", "2025-01-06T09:00:00");
    json_put_string(layer, "rotation_virtual_start", "2025-01-06T09:00:00");
    json_put_int(layer, "rotation_turn_length_seconds", turn_s);
    json_put(layer, "users", users);
    json_put(layer, "restrictions", restrictions);
    return layer;
}

static json_t *zoned(struct arena *arena, const char *date_time)
{
    json_t *object = json_object_in(arena);
    json_put_string(object, "date_time", date_time);
    json_put_string(object, "time_zone", "Europe/Berlin");
    return object;
}

static json_t *event(struct arena *arena, const char *start, const char *end, const char *rule, bool everybody)
{
    json_t *event = json_object_in(arena), *recurrence = json_array_in(arena), *strategy = json_object_in(arena), *members = json_array_in(arena);
    for (int i = 0; i < PEOPLE; i++) {
        json_t *member = json_object_in(arena);
        json_put_string(member, "type", "user_member");
        json_put_string(member, "user_id", arena_printf(arena, "PUSER%02d", i));
        json_append(members, member);
    }
    json_append_text(recurrence, text_of(rule));
    json_put_string(strategy, "type", everybody ? "every_member_assignment_strategy" : "rotating_member_assignment_strategy");
    json_put_int(strategy, "shifts_per_member", 1);
    json_put(strategy, "members", members);
    json_put_string(event, "name", "Shifts");
    json_put(event, "start_time", zoned(arena, start));
    json_put(event, "end_time", zoned(arena, end));
    json_put_string(event, "effective_since", "2025-01-06T00:00:00Z");
    json_put(event, "recurrence", recurrence);
    json_put(event, "assignment_strategy", strategy);
    return event;
}

static json_t *rotation(struct arena *arena, json_t *first, json_t *second)
{
    json_t *rotation = json_object_in(arena), *events = json_array_in(arena);
    json_append(events, first);
    if (second)
        json_append(events, second);
    json_put_string(rotation, "id", "PROTATE");
    json_put(rotation, "events", events);
    return rotation;
}

static void put_rotations(struct arena *arena, json_t *document)
{
    json_t *rotations = json_array_in(arena);
    json_append(rotations, rotation(arena, event(arena, "2025-01-06T09:00:00", "2025-01-13T09:00:00", "RRULE:FREQ=WEEKLY", false), NULL));
    json_append(rotations, rotation(arena, event(arena, "2025-01-06T09:00:00", "2025-01-06T17:00:00", "RRULE:FREQ=DAILY;BYDAY=MO,TU,WE,TH,FR", false),
                                    event(arena, "2025-01-11T10:00:00", "2025-01-11T12:00:00", "RRULE:FREQ=WEEKLY;BYDAY=SA", true)));
    json_put(document, "rotations", rotations);
}

static int by_size(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

int main(int argc, char **argv)
{
    size_t times = argc == 2 || argc == 3 ? strtoul(argv[1], NULL, 10) : 0;
    if (times < 1 || times > TIMES_MAX) {
        fprintf(stderr, "usage: resolve TIMES [rotations]\n");
        return 2;
    }
    struct arena *kept = arena_new(1 << 24), *arena = arena_new((size_t)1 << 28);
    json_t *document = json_object_in(kept), *layers = json_array_in(kept);
    json_put_string(document, "name", "Bench");
    json_put_string(document, "time_zone", "Europe/Berlin");
    json_append(layers, layer(kept, "Weekly", 7 * 86400, false));
    json_append(layers, layer(kept, "Office hours", 86400, true));
    if (argc == 3)
        put_rotations(kept, document);
    else
        json_put(document, "schedule_layers", layers);
    struct problem *problem = problem_new(kept);
    struct schedule schedule;
    if (schedule_from_json(kept, document, "schedule", problem, &schedule) != OK) {
        fprintf(stderr, "resolve: %.*s\n", TEXT_ARG(problem_line(problem, 0)));
        return 1;
    }
    struct env *env = env_real();
    static int64_t took[TIMES_MAX];
    size_t spans = 0;
    for (size_t i = 0; i < times; i++) {
        arena_reset(arena);
        struct schedule_rendering rendering;
        int64_t begin = env_monotonic_us(env);
        if (schedule_render(arena, &schedule, (struct schedule_overrides){0}, (instant){INT64_C(1767222000) * SECOND_US},
                            (instant){INT64_C(1798758000) * SECOND_US}, &rendering) != OK)
            return 1;
        took[i] = env_monotonic_us(env) - begin;
        spans = rendering.final.count;
    }
    qsort(took, times, sizeof *took, by_size);
    printf("{\"spans\":%zu,\"median_us\":%lld,\"min_us\":%lld,\"max_us\":%lld}\n", spans, (long long)took[times / 2], (long long)took[0],
           (long long)took[times - 1]);
    env_free(env);
    arena_free(arena);
    arena_free(kept);
    return 0;
}
