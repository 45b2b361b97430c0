/* Why: see hours.h. */
#include "core/hours.h"

#include "core/schedule.h"

enum { DAY_S = 86400, LOOK_DAYS = 9 }; /* a week, and a day on both sides for the zone's changes */

enum err hours_read(struct arena *arena, struct text zone_name, struct text days, struct text start, struct text end, struct hours *ret)
{
    struct hours hours = {0};
    json_t *list = json_read(arena, days, problem_new(arena));
    if (zone_find(zone_name, &hours.zone) || !json_is_array(list) || !time_of_day_parse(start, &hours.start_s) ||
        !time_of_day_parse(end, &hours.end_s))
        return ERR_INVALID;
    for (size_t i = 0; i < json_array_size(list); i++) {
        const json_t *day = json_array_get(list, i);
        if (!json_is_integer(day) || json_integer_value(day) < 1 || json_integer_value(day) > 7)
            return ERR_INVALID;
        hours.days |= 1u << json_integer_value(day);
    }
    *ret = hours;
    return OK;
}

struct interval {
    instant from, until;
};

static bool on_day(const struct hours *hours, int64_t day, struct interval *ret)
{
    if (!(hours->days & 1u << wall_weekday(wall_midnight(day))))
        return false;
    wall_time midnight = wall_midnight(day);
    int64_t end_s = hours->end_s > hours->start_s ? hours->end_s : hours->end_s + DAY_S;
    ret->from = zone_instant(hours->zone, wall_add_s(midnight, hours->start_s));
    ret->until = zone_instant(hours->zone, wall_add_s(midnight, end_s));
    return instant_before(ret->from, ret->until);
}

bool hours_contain(const struct hours *hours, instant t)
{
    int64_t today = wall_days(zone_wall(hours->zone, t));
    struct interval interval;
    for (int64_t day = today - 2; day <= today + 1; day++)
        if (on_day(hours, day, &interval) && !instant_before(t, interval.from) && instant_before(t, interval.until))
            return true;
    return false;
}

instant hours_next_boundary(const struct hours *hours, instant t)
{
    int64_t today = wall_days(zone_wall(hours->zone, t));
    bool inside = hours_contain(hours, t);
    instant next = INSTANT_MAX;
    struct interval interval;
    for (int64_t day = today - 2; day <= today + LOOK_DAYS; day++) {
        if (!on_day(hours, day, &interval))
            continue;
        instant edge = inside ? interval.until : interval.from;
        if (instant_before(t, edge) && instant_before(edge, next) && hours_contain(hours, edge) != inside)
            next = edge;
    }
    return next;
}
