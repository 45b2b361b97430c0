/* Why: see schedule.h. Layers and overrides are lists of spans; the answer is the lists laid over each other, and of rotations, beside each other. */
#include "core/schedule.h"

#include <assert.h>
#include <stdlib.h>

#include "core/layer.h"
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
        struct schedule_span span = {.from = instant_max(override->start, since), .until = instant_min(override->end, until),
                                     .user_id = override->user_id, .override_number = override->number};
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
            list.items[list.count++] = (struct schedule_span){.from = at, .until = next};
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

/* The same for people beside each other; sorted. */
static struct schedule_spans with_gaps_beside(struct arena *arena, const struct span_list *people, instant since, instant until)
{
    struct schedule_spans whole = {ARENA_ARRAY(arena, struct schedule_span, 2 * people->count + 1), 0};
    instant covered = since;
    for (size_t i = 0; i < people->count; i++) {
        if (instant_before(covered, people->items[i].from))
            whole.items[whole.count++] = (struct schedule_span){.from = covered, .until = people->items[i].from};
        covered = instant_max(covered, people->items[i].until);
        whole.items[whole.count++] = people->items[i];
    }
    if (instant_before(covered, until))
        whole.items[whole.count++] = (struct schedule_span){.from = covered, .until = until};
    return whole;
}

static enum err render_rotations(struct arena *arena, const struct schedule *schedule, struct schedule_overrides overrides, instant since, instant until,
                                 struct schedule_rendering *ret)
{
    struct span_list people = {.arena = arena};
    enum err err = rotation_spans(schedule, overrides, since, until, &people);
    if (err)
        return err;
    *ret = (struct schedule_rendering){.since = since, .until = until, .layers = ARENA_ARRAY(arena, struct schedule_spans, 1),
                                       .final = with_gaps_beside(arena, &people, since, until)};
    return OK;
}

enum err schedule_render(struct arena *arena, const struct schedule *schedule, struct schedule_overrides overrides, instant since,
                         instant until, struct schedule_rendering *ret)
{
    if (!instant_is_set(since) || !instant_before(since, until) || until.us == INT64_MAX)
        return ERR_INVALID;
    if (overrides.count > SCHEDULE_OVERRIDES_MAX)
        return ERR_LIMIT;
    if (schedule->shift_based)
        return render_rotations(arena, schedule, overrides, since, until, ret);
    struct schedule_rendering rendering = {.since = since, .until = until};
    rendering.layers = ARENA_ARRAY(arena, struct schedule_spans, schedule->layer_count + 1);
    struct schedule_spans *lists = ARENA_ARRAY(arena, struct schedule_spans, schedule->layer_count + 1);
    size_t total = 0, intervals_left = SCHEDULE_SPANS_MAX;
    for (size_t i = 0; i < schedule->layer_count; i++) {
        struct span_list list = {.arena = arena, .intervals_left = &intervals_left};
        enum err err = layer_spans(&schedule->layers[i], since, until, &list);
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

static bool same_person(const struct schedule_span *a, const struct schedule_span *b)
{
    return text_is_present(a->user_id) == text_is_present(b->user_id) && text_equal(a->user_id, b->user_id);
}

static struct schedule_spans join_people(struct arena *arena, struct schedule_spans spans)
{
    struct schedule_spans joined = {ARENA_ARRAY(arena, struct schedule_span, spans.count + 1), 0};
    for (size_t i = 0; i < spans.count; i++) {
        struct schedule_span *last = joined.count > 0 ? &joined.items[joined.count - 1] : NULL;
        if (last && same_person(last, &spans.items[i]) && !instant_before(last->until, spans.items[i].from))
            last->until = instant_max(last->until, spans.items[i].until);
        else
            joined.items[joined.count++] = spans.items[i];
    }
    return joined;
}

static int compare_people(const void *a, const void *b)
{
    const struct schedule_span *left = a, *right = b;
    int by_person = text_compare(left->user_id, right->user_id);
    return by_person != 0 ? by_person : (left->from.us > right->from.us) - (left->from.us < right->from.us);
}

static int compare_beginnings(const void *a, const void *b)
{
    const struct schedule_span *left = a, *right = b;
    return left->from.us != right->from.us ? (left->from.us > right->from.us) - (left->from.us < right->from.us)
                                           : text_compare(left->user_id, right->user_id);
}

struct schedule_spans schedule_by_person(struct arena *arena, struct schedule_spans spans)
{
    bool one_at_a_time = true;
    for (size_t i = 1; i < spans.count; i++)
        one_at_a_time = one_at_a_time && !instant_before(spans.items[i].from, spans.items[i - 1].until);
    if (one_at_a_time)
        return join_people(arena, spans);
    struct schedule_spans sorted = {ARENA_ARRAY(arena, struct schedule_span, spans.count), spans.count};
    for (size_t i = 0; i < spans.count; i++)
        sorted.items[i] = spans.items[i];
    qsort(sorted.items, sorted.count, sizeof *sorted.items, compare_people);
    struct schedule_spans joined = join_people(arena, sorted);
    qsort(joined.items, joined.count, sizeof *joined.items, compare_beginnings);
    return joined;
}

const struct schedule_span *schedule_span_of(struct schedule_spans spans, struct text user_id)
{
    for (size_t i = 0; i < spans.count; i++)
        if (text_is_present(spans.items[i].user_id) == text_is_present(user_id) && text_equal(spans.items[i].user_id, user_id))
            return &spans.items[i];
    return NULL;
}

double schedule_coverage(struct schedule_spans spans, instant since, instant until)
{
    int64_t covered_us = 0;
    instant covered = since;
    for (size_t i = 0; i < spans.count; i++) {
        instant from = instant_max(spans.items[i].from, covered), to = instant_min(spans.items[i].until, until);
        if (!text_is_present(spans.items[i].user_id) || !instant_before(from, to))
            continue;
        covered_us += to.us - from.us;
        covered = to;
    }
    return 100.0 * (double)covered_us / (double)(until.us - since.us);
}

static struct schedule_span decide_layers(const struct schedule *schedule, struct schedule_overrides overrides, instant t)
{
    for (size_t i = overrides.count; i-- > 0;) {
        const struct schedule_override *override = &overrides.items[i];
        if (!instant_before(t, override->start) && instant_before(t, override->end))
            return (struct schedule_span){.user_id = override->user_id, .override_number = override->number};
    }
    for (size_t i = schedule->layer_count; i-- > 0;) {
        struct text user_id = layer_user_at(&schedule->layers[i], t);
        if (text_is_present(user_id))
            return (struct schedule_span){.user_id = user_id, .layer = &schedule->layers[i]};
    }
    return (struct schedule_span){.user_id = TEXT_NONE};
}

/* Each person once, with what put them there; a gap when there is nobody. */
static struct schedule_spans decide_at(struct arena *arena, const struct schedule *schedule, struct schedule_overrides overrides, instant t)
{
    struct schedule_spans answer = {ARENA_ARRAY(arena, struct schedule_span, 1), 1};
    struct schedule_rendering rendering;
    answer.items[0] = (struct schedule_span){.user_id = TEXT_NONE};
    if (!schedule->shift_based)
        answer.items[0] = decide_layers(schedule, overrides, t);
    else if (schedule_render(arena, schedule, overrides, t, (instant){t.us + 1}, &rendering) == OK)
        answer = schedule_by_person(arena, rendering.final);
    for (size_t i = 0; i < answer.count; i++) {
        answer.items[i].from = t;
        answer.items[i].until = (instant){t.us + 1}; /* never empty, even if nothing can be looked at */
    }
    return answer;
}

/* By person, what a window shows; sorted. */
static bool look(struct arena *arena, const struct schedule *schedule, struct schedule_overrides overrides, instant since, instant until,
                 struct schedule_spans *ret)
{
    struct schedule_rendering rendering;
    if (schedule_render(arena, schedule, overrides, since, until, &rendering))
        return false;
    *ret = schedule_by_person(arena, rendering.final);
    return true;
}

/* This person's span (or gap) that contains `t`. */
static const struct schedule_span *span_at(const struct schedule_spans *spans, const struct schedule_span *whose, instant t)
{
    for (size_t i = 0; i < spans->count; i++)
        if (same_person(&spans->items[i], whose) && !instant_before(t, spans->items[i].from) && instant_before(t, spans->items[i].until))
            return &spans->items[i];
    return NULL;
}

static instant earliest_start(const struct schedule *schedule, struct schedule_overrides overrides)
{
    instant earliest = INSTANT_MAX;
    for (size_t i = 0; i < schedule->layer_count; i++)
        earliest = instant_min(earliest, schedule->layers[i].start);
    for (size_t i = 0; i < schedule->rotation_count; i++)
        for (size_t k = 0; k < schedule->rotations[i].event_count; k++)
            earliest = instant_min(earliest, schedule->rotations[i].events[k].effective_since);
    for (size_t i = 0; i < overrides.count; i++)
        earliest = instant_min(earliest, overrides.items[i].start);
    return earliest;
}

/* Windows that grow fourfold: most shifts end within the first, and the long ones cost little because they are few spans. */
#define FIRST_LOOK_US (2 * DAY_US)
#define FURTHEST_LOOK_US (7305 * DAY_US)

static void find_ends(struct arena *arena, const struct schedule *schedule, struct schedule_overrides overrides, instant t, struct schedule_spans *answer)
{
    struct schedule_spans seen;
    bool open = true;
    for (int64_t look_us = FIRST_LOOK_US; open && look(arena, schedule, overrides, t, (instant){t.us + look_us}, &seen); look_us *= 4) {
        open = false;
        for (size_t i = 0; i < answer->count; i++) {
            const struct schedule_span *span = span_at(&seen, &answer->items[i], t);
            bool reaches = span && span->until.us >= t.us + look_us;
            if (span)
                answer->items[i].until = reaches && look_us > FURTHEST_LOOK_US ? INSTANT_MAX : span->until;
            open = open || reaches;
        }
        if (look_us > FURTHEST_LOOK_US)
            break;
    }
}

static void find_beginnings(struct arena *arena, const struct schedule *schedule, struct schedule_overrides overrides, instant t,
                            struct schedule_spans *answer)
{
    instant earliest = earliest_start(schedule, overrides);
    struct schedule_spans seen;
    bool open = true;
    for (int64_t look_us = FIRST_LOOK_US;
         open && look(arena, schedule, overrides, (instant){t.us - look_us}, (instant){t.us + 1}, &seen); look_us *= 4) {
        bool nothing_before = t.us - look_us < earliest.us; /* only a gap can reach back this far */
        open = false;
        for (size_t i = 0; i < answer->count; i++) {
            const struct schedule_span *span = span_at(&seen, &answer->items[i], t);
            bool reaches = span && span->from.us <= t.us - look_us;
            if (span)
                answer->items[i].from = reaches && nothing_before ? INSTANT_NONE : span->from;
            open = open || (reaches && !nothing_before);
        }
        if (look_us > FURTHEST_LOOK_US)
            break;
    }
}

struct schedule_spans schedule_on_call_at(struct arena *arena, const struct schedule *schedule, struct schedule_overrides overrides, instant t)
{
    struct schedule_spans answer = decide_at(arena, schedule, overrides, t);
    find_ends(arena, schedule, overrides, t, &answer);
    find_beginnings(arena, schedule, overrides, t, &answer);
    return answer;
}

struct instant_range schedule_steady_around(struct arena *arena, const struct schedule *schedule, struct schedule_overrides overrides, instant t,
                                            struct instant_range range)
{
    struct schedule_rendering seen;
    if (schedule_render(arena, schedule, overrides, range.since, range.until, &seen))
        return (struct instant_range){t, {t.us + 1}};
    for (size_t i = 0; i < seen.final.count; i++) {
        range = instant_range_cut(range, seen.final.items[i].from, t);
        range = instant_range_cut(range, seen.final.items[i].until, t);
    }
    return range;
}

/* People -------------------------------------------------------------------------------------------------------------------------- */

struct schedule_places schedule_places(struct arena *arena, const struct schedule *schedule)
{
    struct schedule_places places = {0};
    size_t capacity = 0;
    for (size_t i = 0; i < schedule->layer_count; i++)
        for (size_t k = 0; k < schedule->layers[i].user_count; k++) {
            places.items = arena_grow(arena, places.items, places.count, &capacity, sizeof *places.items);
            places.items[places.count++] = &schedule->layers[i].user_ids[k];
        }
    for (size_t i = 0; i < schedule->rotation_count; i++)
        for (size_t e = 0; e < schedule->rotations[i].event_count; e++)
            for (size_t k = 0; k < schedule->rotations[i].events[e].user_count; k++) {
                places.items = arena_grow(arena, places.items, places.count, &capacity, sizeof *places.items);
                places.items[places.count++] = &schedule->rotations[i].events[e].user_ids[k];
            }
    return places;
}

bool schedule_has_user(struct arena *arena, const struct schedule *schedule, struct text user_id)
{
    struct schedule_places places = schedule_places(arena, schedule);
    for (size_t i = 0; i < places.count; i++)
        if (text_equal(*places.items[i], user_id))
            return true;
    return false;
}

static struct text *copy_texts(struct arena *arena, const struct text *texts, size_t count)
{
    struct text *copy = ARENA_ARRAY(arena, struct text, count + 1);
    for (size_t i = 0; i < count; i++)
        copy[i] = texts[i];
    return copy;
}

struct schedule schedule_vacated(struct arena *arena, const struct schedule *schedule, struct text user_id)
{
    struct schedule copy = *schedule;
    copy.layers = ARENA_ARRAY(arena, struct schedule_layer, schedule->layer_count + 1);
    for (size_t i = 0; i < schedule->layer_count; i++) {
        copy.layers[i] = schedule->layers[i];
        copy.layers[i].user_ids = copy_texts(arena, copy.layers[i].user_ids, copy.layers[i].user_count);
    }
    copy.rotations = ARENA_ARRAY(arena, struct rotation, schedule->rotation_count + 1);
    for (size_t i = 0; i < schedule->rotation_count; i++) {
        struct rotation *rotation = &copy.rotations[i];
        *rotation = schedule->rotations[i];
        rotation->events = ARENA_ARRAY(arena, struct rotation_event, rotation->event_count + 1);
        for (size_t k = 0; k < rotation->event_count; k++) {
            rotation->events[k] = schedule->rotations[i].events[k];
            rotation->events[k].user_ids = copy_texts(arena, rotation->events[k].user_ids, rotation->events[k].user_count);
        }
    }
    struct schedule_places places = schedule_places(arena, &copy);
    for (size_t i = 0; i < places.count; i++)
        if (text_equal(*places.items[i], user_id))
            *places.items[i] = TEXT_NONE;
    return copy;
}
