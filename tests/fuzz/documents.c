/* Why: JSON documents of the REST API: schedules and incidents. */
#include <assert.h>

#include "api/incident_parse.h"
#include "core/schedule.h"
#include "target.h"

static void check_rendering(struct arena *arena, const struct schedule *schedule, instant since, instant until)
{
    struct schedule_rendering rendering;
    struct schedule_override override = {.number = 1, .start = instant_add_s(since, 3600), .end = instant_add_s(since, 7200), .user_id = TEXT("PX"),
                                         .kind = schedule->shift_based ? OVERRIDE_SHIFT : OVERRIDE_LAYERS};
    if (schedule_render(arena, schedule, (struct schedule_overrides){&override, 1}, since, until, &rendering) != OK)
        return; /* too fine-grained for so long a window */
    instant at = since;
    for (size_t i = 0; i < rendering.final.count; i++) {
        const struct schedule_span *span = &rendering.final.items[i];
        assert(instant_before(span->from, span->until));
        assert(schedule->shift_based ? !instant_before(at, span->from) : instant_equal(span->from, at)); /* S1 */
        assert(text_is_present(span->user_id) || instant_equal(span->from, at));
        at = instant_max(at, span->until);
    }
    assert(instant_equal(at, until));
    double share = schedule_coverage(rendering.final, since, until);
    assert(share >= 0 && share <= 100);
    /* S2 at the borders: the single question agrees with the drawing. */
    for (size_t i = 0; i < rendering.final.count && i < 6; i++) {
        struct schedule_spans then = schedule_on_call_at(arena, schedule, (struct schedule_overrides){&override, 1}, rendering.final.items[i].from);
        assert(schedule_span_of(then, rendering.final.items[i].user_id));
        assert(schedule->shift_based || then.count == 1);
    }
}

bool fuzz_schedule(struct arena *arena, struct text input)
{
    const json_t *document = json_read(arena, input, problem_new(arena));
    struct problem *problem = problem_new(arena);
    struct schedule schedule, again;
    if (!json_is_object(document))
        return false;
    enum err err = schedule_from_json(arena, document, "schedule", problem, &schedule);
    assert((err == OK) == problem_is_empty(problem));
    if (err != OK)
        return false;
    json_t *stored = schedule_to_json(arena, &schedule);
    assert(schedule_from_json(arena, stored, "schedule", problem, &again) == OK);
    assert(json_same(schedule_to_json(arena, &again), stored));
    static const int64_t moments[] = {INT64_C(1774612800), INT64_C(0), INT64_C(2524607000), INT64_C(1325203200)};
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        instant since = {moments[i] * SECOND_US};
        check_rendering(arena, &schedule, since, instant_add_s(since, 5 * 86400 + 17));
    }
    return schedule.layer_count + schedule.rotation_count > 0;
}

bool fuzz_incident_body(struct arena *arena, struct text input)
{
    const json_t *document = json_read(arena, input, problem_new(arena));
    if (!json_is_object(document))
        return false;
    struct references references = {0};
    struct problem *problem = problem_new(arena), *problem_of_new = problem_new(arena), *problem_of_list = problem_new(arena);
    struct incident_change change = {0};
    incident_change_parse(arena, json_at(document, "incident"), "incident", true, &references, problem, &change);
    if (problem_is_empty(problem))
        assert(change.number > 0 && change.path);
    struct incident_new created = {0};
    incident_new_parse(arena, json_at(document, "incident"), "incident", &references, problem_of_new, &created);
    if (problem_is_empty(problem_of_new))
        assert(created.title.size > 0 && text_utf8_length(created.title) <= TITLE_CHARS_MAX && created.service_id.size > 0);
    int64_t *numbers;
    size_t count = 0;
    incident_list_parse(arena, json_at(document, "source_incidents"), "source_incidents", MANAGE_MAX, problem_of_list, &numbers, &count);
    if (problem_is_empty(problem_of_list))
        assert(count <= MANAGE_MAX);
    return problem_is_empty(problem) || problem_is_empty(problem_of_new);
}
