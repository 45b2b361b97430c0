/* Why: see schedule.h. Layers and overrides are lists of spans; the answer is the lists laid over each other. */
#include "core/schedule.h"

#include <assert.h>

#include "core/rotation.h"

#define DAY_US (INT64_C(86400) * SECOND_US)

/* Lays `top` over `base`: what `top` says stays, `base` shows where `top` has nothing. Both disjoint and sorted, so is the result. */
static struct schedule_spans lay_over(struct arena *arena, struct schedule_spans base, struct schedule_spans top)
{
    if (base.count == 0)
        return top;
    if (top.count == 0)
        return base;
    struct span_list list = {.arena = arena, .capacity = base.count + 2 * top.count};
    list.items = ARENA_ARRAY(arena, struct schedule_span, list.capacity);
    size_t t = 0;
    for (size_t b = 0; b < base.count; b++) {
        struct schedule_span rest = base.items[b];
        while (t < top.count && instant_before(top.items[t].from, rest.until)) {
            struct schedule_span cut = rest;
            cut.until = instant_min(rest.until, top.items[t].from);
            if (instant_before(cut.from, cut.until))
                list.items[list.count++] = cut;
            rest.from = instant_max(rest.from, top.items[t].until);
            if (instant_before(rest.until, top.items[t].until))
                break; /* it covers the next spans of the base too */
            list.items[list.count++] = top.items[t++];
        }
        if (instant_before(rest.from, rest.until))
            list.items[list.count++] = rest;
    }
    while (t < top.count)
        list.items[list.count++] = top.items[t++];
    assert(list.count <= list.capacity);
    return (struct schedule_spans){list.items, list.count};
}

/* Laying over is associative: neighbours first, in rounds, so that many short lists cost n log n. Overwrites `lists`. */
static struct schedule_spans lay_all(struct arena *arena, struct schedule_spans *lists, size_t count)
{
    if (count == 0)
        return (struct schedule_spans){NULL, 0};
    while (count > 1) {
        size_t half = 0;
        for (size_t i = 0; i < count; i += 2)
            lists[half++] = i + 1 < count ? lay_over(arena, lists[i], lists[i + 1]) : lists[i];
        count = half;
    }
    return lists[0];
}

static struct schedule_spans render_overrides(struct arena *arena, struct schedule_overrides overrides, instant since, instant until)
{
    struct schedule_span *spans = ARENA_ARRAY(arena, struct schedule_span, overrides.count + 1);
    struct schedule_spans *lists = ARENA_ARRAY(arena, struct schedule_spans, overrides.count + 1);
    size_t count = 0;
    for (size_t i = 0; i < overrides.count; i++) {
        const struct schedule_override *override = &overrides.items[i];
        assert(i == 0 || overrides.items[i - 1].number < override->number);
        struct schedule_span span = {instant_max(override->start, since), instant_min(override->end, until), override->user_id, NULL,
                                     override->number};
        if (!instant_before(span.from, span.until))
            continue;
        spans[count] = span;
        lists[count] = (struct schedule_spans){&spans[count], 1};
        count++;
    }
    return lay_all(arena, lists, count);
}

/* Names the gaps and joins what a lower list split without need. */
static struct schedule_spans with_gaps(struct arena *arena, struct schedule_spans spans, instant since, instant until)
{
    struct span_list list = {.arena = arena, .capacity = 2 * spans.count + 1};
    list.items = ARENA_ARRAY(arena, struct schedule_span, list.capacity);
    instant at = since;
    for (size_t i = 0; i <= spans.count; i++) {
        instant next = i < spans.count ? spans.items[i].from : until;
        if (instant_before(at, next))
            list.items[list.count++] = (struct schedule_span){at, next, TEXT_NONE, NULL, 0};
        if (i == spans.count)
            break;
        const struct schedule_span *span = &spans.items[i];
        struct schedule_span *last = list.count > 0 ? &list.items[list.count - 1] : NULL;
        if (last && instant_equal(last->until, span->from) && text_is_present(last->user_id) && text_equal(last->user_id, span->user_id) &&
            last->layer == span->layer && last->override_number == span->override_number)
            last->until = span->until;
        else
            list.items[list.count++] = *span;
        at = span->until;
    }
    return (struct schedule_spans){list.items, list.count};
}

enum err schedule_render(struct arena *arena, const struct schedule *schedule, struct schedule_overrides overrides, instant since,
                         instant until, struct schedule_rendering *ret)
{
    if (!instant_is_set(since) || !instant_before(since, until) || until.us == INT64_MAX)
        return ERR_INVALID;
    if (overrides.count > SCHEDULE_OVERRIDES_MAX)
        return ERR_LIMIT;
    struct schedule_rendering rendering = {.since = since, .until = until};
    rendering.layers = ARENA_ARRAY(arena, struct schedule_spans, schedule->layer_count + 1);
    struct schedule_spans *lists = ARENA_ARRAY(arena, struct schedule_spans, schedule->layer_count + 1);
    size_t total = 0, intervals_left = SCHEDULE_SPANS_MAX;
    for (size_t i = 0; i < schedule->layer_count; i++) {
        struct span_list list = {.arena = arena, .intervals_left = &intervals_left};
        enum err err = rotation_spans(&schedule->layers[i], since, until, &list);
        if (err)
            return err;
        total += list.count;
        if (total > SCHEDULE_SPANS_MAX)
            return ERR_LIMIT;
        rendering.layers[i] = lists[i] = (struct schedule_spans){list.items, list.count};
    }
    rendering.overrides = render_overrides(arena, overrides, since, until);
    lists[schedule->layer_count] = rendering.overrides;
    rendering.final = with_gaps(arena, lay_all(arena, lists, schedule->layer_count + 1), since, until);
    *ret = rendering;
    return OK;
}

struct schedule_spans schedule_by_person(struct arena *arena, struct schedule_spans spans)
{
    struct schedule_spans joined = {ARENA_ARRAY(arena, struct schedule_span, spans.count + 1), 0};
    for (size_t i = 0; i < spans.count; i++) {
        struct schedule_span *last = joined.count > 0 ? &joined.items[joined.count - 1] : NULL;
        if (last && instant_equal(last->until, spans.items[i].from) &&
            text_is_present(last->user_id) == text_is_present(spans.items[i].user_id) && text_equal(last->user_id, spans.items[i].user_id))
            last->until = spans.items[i].until;
        else
            joined.items[joined.count++] = spans.items[i];
    }
    return joined;
}

double schedule_coverage(struct schedule_spans spans, instant since, instant until)
{
    int64_t covered_us = 0;
    for (size_t i = 0; i < spans.count; i++) {
        instant from = instant_max(spans.items[i].from, since), to = instant_min(spans.items[i].until, until);
        if (text_is_present(spans.items[i].user_id) && instant_before(from, to))
            covered_us += to.us - from.us;
    }
    return 100.0 * (double)covered_us / (double)(until.us - since.us);
}

static struct schedule_span decide_at(const struct schedule *schedule, struct schedule_overrides overrides, instant t)
{
    for (size_t i = overrides.count; i-- > 0;) {
        const struct schedule_override *override = &overrides.items[i];
        if (!instant_before(t, override->start) && instant_before(t, override->end))
            return (struct schedule_span){t, t, override->user_id, NULL, override->number};
    }
    for (size_t i = schedule->layer_count; i-- > 0;) {
        struct text user_id = rotation_user_at(&schedule->layers[i], t);
        if (text_is_present(user_id))
            return (struct schedule_span){t, t, user_id, &schedule->layers[i], 0};
    }
    return (struct schedule_span){t, t, TEXT_NONE, NULL, 0};
}

/* The span by person at the end (`last`) or beginning of what a window shows. */
static bool edge_of(struct arena *arena, const struct schedule *schedule, struct schedule_overrides overrides, instant since, instant until,
                    bool last, struct schedule_span *ret)
{
    struct schedule_rendering rendering;
    if (schedule_render(arena, schedule, overrides, since, until, &rendering))
        return false;
    struct schedule_spans spans = schedule_by_person(arena, rendering.final);
    *ret = spans.items[last ? spans.count - 1 : 0];
    return true;
}

static instant earliest_start(const struct schedule *schedule, struct schedule_overrides overrides)
{
    instant earliest = INSTANT_MAX;
    for (size_t i = 0; i < schedule->layer_count; i++)
        earliest = instant_min(earliest, schedule->layers[i].start);
    for (size_t i = 0; i < overrides.count; i++)
        earliest = instant_min(earliest, overrides.items[i].start);
    return earliest;
}

/* Windows that grow fourfold: most shifts end within the first, and the long ones cost little because they are few spans. */
#define FIRST_LOOK_US (2 * DAY_US)
#define FURTHEST_LOOK_US (7305 * DAY_US)

struct schedule_span schedule_on_call_at(struct arena *arena, const struct schedule *schedule, struct schedule_overrides overrides, instant t)
{
    struct schedule_span answer = decide_at(schedule, overrides, t), edge;
    answer.until.us++; /* never empty, even if nothing can be looked at */
    for (int64_t look_us = FIRST_LOOK_US; edge_of(arena, schedule, overrides, t, (instant){t.us + look_us}, false, &edge); look_us *= 4) {
        answer.until = edge.until;
        if (answer.until.us < t.us + look_us)
            break;
        if (look_us > FURTHEST_LOOK_US) {
            answer.until = INSTANT_MAX;
            break;
        }
    }
    instant earliest = earliest_start(schedule, overrides);
    for (int64_t look_us = FIRST_LOOK_US; edge_of(arena, schedule, overrides, (instant){t.us - look_us}, (instant){t.us + 1}, true, &edge);
         look_us *= 4) {
        answer.from = edge.from;
        if (answer.from.us > t.us - look_us)
            break;
        if (t.us - look_us < earliest.us) { /* nothing before it: only a gap can reach back this far */
            answer.from = INSTANT_NONE;
            break;
        }
        if (look_us > FURTHEST_LOOK_US)
            break;
    }
    return answer;
}
