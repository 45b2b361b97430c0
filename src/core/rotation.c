/* Why: see rotation.h. */
#include "core/rotation.h"

#include <stdlib.h>

enum { DAY_S = 86400 };

struct shift {
    instant from, until;
    int64_t number;
};

struct shift_list {
    struct arena *arena;
    struct shift *items;
    size_t count, capacity;
};

/* The shifts of an event that touch [since, until), cut to it and to the event's own time. A clock change may swallow one: it keeps its number. */
static enum err event_shifts(const struct rotation_event *event, instant since, instant until, struct shift_list *list)
{
    since = instant_max(since, event->effective_since);
    until = instant_min(until, event->effective_until);
    if (!instant_before(since, until))
        return OK;
    struct recurrence_walk walk;
    wall_time reach = wall_add_s(zone_wall(event->zone, since), -event->length_s - 2 * DAY_S); /* clocks were moved by a day, too */
    for (bool more = recurrence_seek(&event->rule, reach, &walk); more; more = recurrence_step(&walk)) {
        struct shift shift = {zone_instant(event->zone, walk.at), zone_instant(event->zone, wall_add_s(walk.at, event->length_s)), walk.number};
        if (!instant_before(shift.from, until))
            break;
        shift.from = instant_max(shift.from, since);
        shift.until = instant_min(shift.until, until);
        if (!instant_before(shift.from, shift.until))
            continue;
        if (list->count == SCHEDULE_SPANS_MAX)
            return ERR_LIMIT;
        list->items = arena_grow(list->arena, list->items, list->count, &list->capacity, sizeof *list->items);
        list->items[list->count++] = shift;
    }
    return OK;
}

static enum err add_event(const struct rotation_event *event, instant since, instant until, struct span_list *list)
{
    struct shift_list shifts = {.arena = list->arena};
    enum err err = event_shifts(event, since, until, &shifts);
    if (err)
        return err;
    for (size_t m = 0; m < (event->every_member ? event->user_count : 1); m++) {
        for (size_t i = 0; i < shifts.count; i++) {
            const struct shift *shift = &shifts.items[i];
            size_t member = event->every_member ? m : (size_t)(shift->number / event->shifts_per_member % (int64_t)event->user_count);
            struct schedule_span span = {.from = shift->from, .until = shift->until, .user_id = event->user_ids[member], .event = event};
            if (!span_list_add(list, span))
                return ERR_LIMIT;
        }
    }
    return OK;
}

static bool same_member(struct text a, struct text b)
{
    return text_is_present(a) == text_is_present(b) && text_equal(a, b);
}

/* `planned`: who the rotation has there, whatever earlier overrides did. */
static bool replaces(const struct schedule_override *override, const struct schedule_span *span, struct text planned)
{
    bool same_source = text_is_present(override->rotation_id) ? span->event && text_equal(span->event->rotation_id, override->rotation_id)
                                                              : span->shift_number != 0 && span->shift_number == override->shift_number;
    return same_source && (same_member(span->user_id, override->replaced_id) || same_member(planned, override->replaced_id));
}

/* Adds to the list without joining: `planned` runs beside it. */
static bool append(struct span_list *list, struct text **planned, size_t *capacity, struct schedule_span span, struct text person)
{
    if (list->count == SCHEDULE_SPANS_MAX)
        return false;
    *planned = arena_grow(list->arena, *planned, list->count, capacity, sizeof **planned);
    list->items = arena_grow(list->arena, list->items, list->count, &list->capacity, sizeof *list->items);
    (*planned)[list->count] = person;
    list->items[list->count++] = span;
    return true;
}

static enum err apply_overrides(struct schedule_overrides overrides, struct span_list *list)
{
    size_t capacity = list->count + 8;
    struct text *planned = ARENA_ARRAY(list->arena, struct text, capacity);
    for (size_t i = 0; i < list->count; i++)
        planned[i] = list->items[i].user_id;
    for (size_t o = 0; o < overrides.count; o++) {
        const struct schedule_override *override = &overrides.items[o];
        size_t count = override->kind == OVERRIDE_MEMBER ? list->count : 0; /* what is cut off is outside of this override */
        for (size_t i = 0; i < count; i++) {
            struct schedule_span span = list->items[i];
            instant from = instant_max(span.from, override->start), until = instant_min(span.until, override->end);
            if (!instant_before(from, until) || !replaces(override, &span, planned[i]))
                continue;
            struct schedule_span head = span, tail = span;
            head.until = from;
            tail.from = until;
            if (instant_before(head.from, head.until) && !append(list, &planned, &capacity, head, planned[i]))
                return ERR_LIMIT;
            if (instant_before(tail.from, tail.until) && !append(list, &planned, &capacity, tail, planned[i]))
                return ERR_LIMIT;
            span.from = from;
            span.until = until;
            span.user_id = override->user_id;
            span.override_number = override->number;
            list->items[i] = span;
        }
    }
    return OK;
}

static int compare_spans(const void *a, const void *b)
{
    const struct schedule_span *left = a, *right = b;
    if (left->from.us != right->from.us)
        return left->from.us < right->from.us ? -1 : 1;
    if (left->until.us != right->until.us)
        return left->until.us < right->until.us ? -1 : 1;
    int by_person = text_compare(left->user_id, right->user_id);
    return by_person != 0 ? by_person : (left->shift_number > right->shift_number) - (left->shift_number < right->shift_number);
}

enum err rotation_spans(const struct schedule *schedule, struct schedule_overrides overrides, instant since, instant until, struct span_list *list)
{
    for (size_t i = 0; i < schedule->rotation_count; i++) {
        for (size_t k = 0; k < schedule->rotations[i].event_count; k++) {
            enum err err = add_event(&schedule->rotations[i].events[k], since, until, list);
            if (err)
                return err;
        }
    }
    for (size_t i = 0; i < overrides.count; i++) {
        const struct schedule_override *shift = &overrides.items[i];
        struct schedule_span span = {.from = instant_max(shift->start, since), .until = instant_min(shift->end, until), .user_id = shift->user_id,
                                     .shift_number = shift->number};
        if (shift->kind == OVERRIDE_SHIFT && instant_before(span.from, span.until) && !span_list_add(list, span))
            return ERR_LIMIT;
    }
    enum err err = apply_overrides(overrides, list);
    if (err)
        return err;
    size_t kept = 0;
    for (size_t i = 0; i < list->count; i++)
        if (text_is_present(list->items[i].user_id))
            list->items[kept++] = list->items[i];
    list->count = kept;
    if (kept > 1)
        qsort(list->items, kept, sizeof *list->items, compare_spans);
    return OK;
}

instant rotation_events_meet(struct arena *arena, const struct rotation_event *a, const struct rotation_event *b, instant since, instant until)
{
    struct shift_list first = {.arena = arena}, second = {.arena = arena};
    if (event_shifts(a, since, until, &first) != OK || event_shifts(b, since, until, &second) != OK)
        return INSTANT_NONE;
    for (size_t i = 0, k = 0; i < first.count && k < second.count;) {
        instant from = instant_max(first.items[i].from, second.items[k].from);
        if (instant_before(from, first.items[i].until) && instant_before(from, second.items[k].until))
            return from;
        if (instant_before(first.items[i].until, second.items[k].until))
            i++;
        else
            k++;
    }
    return INSTANT_NONE;
}
