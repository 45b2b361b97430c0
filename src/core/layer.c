/* Why: see layer.h. Turns and restrictions are laid out on the wall and carried over to instants by zone_instant, which never
 * goes backwards; that is what keeps spans disjoint and without holes across clock changes. */
#include "core/layer.h"

#include <stdlib.h>

enum { DAY_S = 86400 };

bool span_list_add(struct span_list *list, struct schedule_span span)
{
    if (list->count > 0) {
        struct schedule_span *last = &list->items[list->count - 1];
        if (instant_equal(last->until, span.from) && last->layer == span.layer && last->override_number == span.override_number &&
            last->event == span.event && last->shift_number == span.shift_number &&
            text_is_present(last->user_id) == text_is_present(span.user_id) && text_equal(last->user_id, span.user_id)) {
            last->until = span.until;
            return true;
        }
    }
    if (list->count == SCHEDULE_SPANS_MAX)
        return false;
    list->items = arena_grow(list->arena, list->items, list->count, &list->capacity, sizeof *list->items);
    list->items[list->count++] = span;
    return true;
}

static int64_t months_of(wall_time w, int *ret_day)
{
    int64_t year;
    int month;
    civil_from_days(wall_days(w), &year, &month, ret_day);
    return year * 12 + month - 1;
}

/* Always counted from the beginning, so that the 31st comes back after a short month. */
static wall_time add_months(wall_time w, int64_t count)
{
    int day;
    int64_t months = months_of(w, &day) + count;
    int64_t year = floor_divide(months, 12);
    int month = (int)(months - year * 12) + 1;
    int last = days_in_month(year, month);
    int64_t days = days_from_civil(year, month, day < last ? day : last);
    return (wall_time){wall_midnight(days).us + (w.us - wall_midnight(wall_days(w)).us)};
}

static wall_time handoff_wall(const struct schedule_layer *layer, int64_t n)
{
    wall_time first = zone_wall(layer->zone, layer->rotation_virtual_start);
    return layer->turn_months ? add_months(first, n * layer->turn_months) : wall_add_s(first, n * layer->turn_s);
}

instant layer_handoff(const struct schedule_layer *layer, int64_t n)
{
    return zone_instant(layer->zone, handoff_wall(layer, n));
}

int64_t layer_turn_at(const struct schedule_layer *layer, instant t)
{
    wall_time w = zone_wall(layer->zone, t), first = zone_wall(layer->zone, layer->rotation_virtual_start);
    int64_t n;
    if (layer->turn_months) {
        int day;
        n = floor_divide(months_of(w, &day) - months_of(first, &day), layer->turn_months);
    } else {
        n = floor_divide(w.us - first.us, layer->turn_s * SECOND_US);
    }
    /* The guess is off by the turns that a clock change repeats or skips, or by a month begun but not yet handed over. */
    while (!instant_before(t, layer_handoff(layer, n + 1)))
        n++;
    while (instant_before(t, layer_handoff(layer, n)))
        n--;
    return n;
}

static struct text user_of_turn(const struct schedule_layer *layer, int64_t n)
{
    int64_t count = (int64_t)layer->user_count;
    return layer->user_ids[n - floor_divide(n, count) * count];
}

struct interval {
    instant from, until;
};

static struct interval restriction_on(const struct schedule_layer *layer, const struct restriction *restriction, int64_t day)
{
    wall_time start = wall_add_s(wall_midnight(day), restriction->start_s);
    return (struct interval){zone_instant(layer->zone, start), zone_instant(layer->zone, wall_add_s(start, restriction->duration_s))};
}

/* First day not before `day` on which the restriction begins an interval. */
static int64_t restriction_day(const struct restriction *restriction, int64_t day)
{
    return restriction->weekly ? day + (restriction->weekday - wall_weekday(wall_midnight(day)) + 7) % 7 : day;
}

/* Intervals begin at most this many days before an instant they contain: their own length, and one day for the clock changes. */
static int64_t reach_days(const struct restriction *restriction)
{
    return restriction->weekly ? 8 : 2;
}

static bool restrictions_allow(const struct schedule_layer *layer, instant t)
{
    int64_t today = wall_days(zone_wall(layer->zone, t));
    for (size_t i = 0; i < layer->restriction_count; i++) {
        const struct restriction *restriction = &layer->restrictions[i];
        int64_t step = restriction->weekly ? 7 : 1;
        for (int64_t day = restriction_day(restriction, today - reach_days(restriction)); day <= today + 1; day += step) {
            struct interval interval = restriction_on(layer, restriction, day);
            if (!instant_before(t, interval.from) && instant_before(t, interval.until))
                return true;
        }
    }
    return layer->restriction_count == 0;
}

struct text layer_user_at(const struct schedule_layer *layer, instant t)
{
    if (layer->user_count == 0 || instant_before(t, layer->start) || !instant_before(t, layer->end) || !restrictions_allow(layer, t))
        return TEXT_NONE;
    return user_of_turn(layer, layer_turn_at(layer, t));
}

static int compare_intervals(const void *a, const void *b)
{
    const struct interval *left = a, *right = b;
    return left->from.us < right->from.us ? -1 : left->from.us > right->from.us;
}

struct interval_list {
    struct arena *arena;
    struct interval *items;
    size_t count, capacity;
    size_t *left;
};

/* Sorted by beginning; overlapping and touching ones become one. */
static void join_intervals(struct interval_list *list)
{
    if (list->count < 2)
        return;
    qsort(list->items, list->count, sizeof *list->items, compare_intervals);
    size_t kept = 0;
    for (size_t i = 1; i < list->count; i++) {
        struct interval *last = &list->items[kept];
        if (instant_before(last->until, list->items[i].from))
            list->items[++kept] = list->items[i];
        else
            last->until = instant_max(last->until, list->items[i].until);
    }
    list->count = kept + 1;
}

/* When the layer may have somebody, within [since, until). */
static enum err open_intervals(const struct schedule_layer *layer, instant since, instant until, struct interval_list *list)
{
    if (layer->restriction_count == 0) {
        list->items = arena_grow(list->arena, list->items, list->count, &list->capacity, sizeof *list->items);
        list->items[list->count++] = (struct interval){since, until};
        return OK;
    }
    int64_t first = wall_days(zone_wall(layer->zone, since)), last = wall_days(zone_wall(layer->zone, until)) + 1;
    for (size_t i = 0; i < layer->restriction_count; i++) {
        const struct restriction *restriction = &layer->restrictions[i];
        int64_t step = restriction->weekly ? 7 : 1;
        for (int64_t day = restriction_day(restriction, first - reach_days(restriction)); day <= last; day += step) {
            struct interval interval = restriction_on(layer, restriction, day);
            interval.from = instant_max(interval.from, since);
            interval.until = instant_min(interval.until, until);
            if (!instant_before(interval.from, interval.until))
                continue;
            if (*list->left == 0)
                return ERR_LIMIT;
            --*list->left;
            list->items = arena_grow(list->arena, list->items, list->count, &list->capacity, sizeof *list->items);
            list->items[list->count++] = interval;
        }
    }
    join_intervals(list);
    return OK;
}

static bool is_always_the_same(const struct schedule_layer *layer)
{
    for (size_t i = 1; i < layer->user_count; i++)
        if (!text_equal(layer->user_ids[0], layer->user_ids[i]) || !text_is_present(layer->user_ids[i]))
            return false;
    return true;
}

enum err layer_spans(const struct schedule_layer *layer, instant since, instant until, struct span_list *list)
{
    since = instant_max(since, layer->start);
    until = instant_min(until, layer->end);
    if (layer->user_count == 0 || !instant_before(since, until))
        return OK;
    struct interval_list open = {.arena = list->arena, .left = list->intervals_left};
    enum err err = open_intervals(layer, since, until, &open);
    if (err)
        return err;
    bool same = is_always_the_same(layer);
    for (size_t i = 0; i < open.count; i++) {
        instant at = open.items[i].from;
        int64_t turn = same ? 0 : layer_turn_at(layer, at);
        while (instant_before(at, open.items[i].until)) {
            instant end = same ? INSTANT_MAX : layer_handoff(layer, turn + 1);
            struct schedule_span span = {.from = at, .until = instant_min(end, open.items[i].until), .user_id = user_of_turn(layer, turn), .layer = layer};
            bool is_shift = text_is_present(span.user_id) && instant_before(span.from, span.until);
            if (is_shift && !span_list_add(list, span))
                return ERR_LIMIT;
            at = span.until;
            turn++;
        }
    }
    return OK;
}
