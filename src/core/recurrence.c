/* Why: see recurrence.h. Looks at days, and skips weeks, months and years that cannot have one; numbers are computed, not counted, where the pattern
 * is the same every week. */
#include "core/recurrence.h"

#define DAY_US (INT64_C(86400) * SECOND_US)
#define HOUR_US (INT64_C(3600) * SECOND_US)
#define FIRST_MONDAY 4       /* 1970-01-05 */
#define LAST_DAY INT64_C(120529) /* 2299-12-31: what base/zone.h knows */

static int64_t remainder_of(int64_t a, int64_t b)
{
    return a - floor_divide(a, b) * b;
}

static int64_t time_of_day_us(wall_time w)
{
    return w.us - wall_midnight(wall_days(w)).us;
}

static int64_t week_of(const struct recurrence *rule, int64_t day)
{
    return floor_divide(day - FIRST_MONDAY - (rule->week_start - 1), 7);
}

static int64_t first_day_of_week(const struct recurrence *rule, int64_t week)
{
    return week * 7 + FIRST_MONDAY + (rule->week_start - 1);
}

struct date {
    int64_t year;
    int month, day;
};

static struct date date_of(int64_t days)
{
    struct date date;
    civil_from_days(days, &date.year, &date.month, &date.day);
    return date;
}

static bool is_nth(const struct recurrence *rule, struct date date, int weekday)
{
    int from_end = (days_in_month(date.year, date.month) - date.day) / 7 + 1, from_start = (date.day - 1) / 7 + 1;
    for (size_t i = 0; i < rule->nth_count; i++) {
        const struct recurrence_nth *nth = &rule->nth[i];
        if (nth->weekday == weekday && (nth->ordinal == from_start || nth->ordinal == -from_end))
            return true;
    }
    return false;
}

static bool weekday_fits(const struct recurrence *rule, struct date date, int64_t day)
{
    int weekday = wall_weekday(wall_midnight(day));
    if (rule->weekdays == 0 && rule->nth_count == 0)
        return rule->frequency != RECURRENCE_WEEKLY || weekday == wall_weekday(rule->first);
    return (rule->weekdays & 1u << weekday) != 0 || is_nth(rule, date, weekday);
}

/* What a monthly or yearly rule does not say, its first time says. */
static bool month_day_fits(const struct recurrence *rule, struct date date)
{
    bool names_days = rule->month_days != 0 || rule->month_days_from_end != 0;
    if (names_days)
        return (rule->month_days & UINT32_C(1) << date.day) != 0 ||
               (rule->month_days_from_end & UINT32_C(1) << (days_in_month(date.year, date.month) - date.day + 1)) != 0;
    bool names_weekdays = rule->weekdays != 0 || rule->nth_count > 0;
    bool by_first = (rule->frequency == RECURRENCE_MONTHLY || rule->frequency == RECURRENCE_YEARLY) && !names_weekdays;
    return !by_first || date.day == date_of(wall_days(rule->first)).day;
}

static int64_t months_of(struct date date)
{
    return date.year * 12 + date.month - 1;
}

static int64_t first_of_month(int64_t months)
{
    int64_t year = floor_divide(months, 12);
    return days_from_civil(year, (int)(months - year * 12) + 1, 1);
}

static bool month_fits(const struct recurrence *rule, struct date date)
{
    if (rule->months != 0)
        return (rule->months & 1u << date.month) != 0;
    bool by_first = rule->frequency == RECURRENCE_YEARLY && rule->weekdays == 0 && rule->month_days == 0 && rule->month_days_from_end == 0;
    return !by_first || date.month == date_of(wall_days(rule->first)).month;
}

/* `day` when the interval allows it, else the first later day that may be in an allowed one. */
static int64_t allowed_by_interval(const struct recurrence *rule, int64_t day, struct date date)
{
    int64_t first = wall_days(rule->first), over;
    switch (rule->frequency) {
    case RECURRENCE_HOURLY:
        return day;
    case RECURRENCE_DAILY:
        over = remainder_of(day - first, rule->interval);
        return over == 0 ? day : day + rule->interval - over;
    case RECURRENCE_WEEKLY:
        over = remainder_of(week_of(rule, day) - week_of(rule, first), rule->interval);
        return over == 0 ? day : first_day_of_week(rule, week_of(rule, day) + rule->interval - over);
    case RECURRENCE_MONTHLY:
        over = remainder_of(months_of(date) - months_of(date_of(first)), rule->interval);
        return over == 0 ? day : first_of_month(months_of(date) + rule->interval - over);
    case RECURRENCE_YEARLY:
        over = remainder_of(date.year - date_of(first).year, rule->interval);
        return over == 0 ? day : days_from_civil(date.year + rule->interval - over, 1, 1);
    }
    return day;
}

/* The first day at or after `day` that the rule names; LAST_DAY + 1 when there is none. */
static int64_t next_day(const struct recurrence *rule, int64_t day)
{
    while (day <= LAST_DAY) {
        struct date date = date_of(day);
        int64_t allowed = allowed_by_interval(rule, day, date);
        if (allowed != day)
            day = allowed;
        else if (!month_fits(rule, date))
            day = first_of_month(months_of(date) + 1);
        else if (!weekday_fits(rule, date, day) || !month_day_fits(rule, date))
            day++;
        else
            return day;
    }
    return LAST_DAY + 1;
}

static bool next_hour(const struct recurrence *rule, wall_time from, wall_time *ret)
{
    int64_t step = rule->interval * HOUR_US;
    for (;;) {
        wall_time at = {rule->first.us - floor_divide(rule->first.us - from.us, step) * step};
        int64_t day = wall_days(at), fitting = next_day(rule, day);
        if (fitting > LAST_DAY)
            return false;
        *ret = at;
        if (fitting == day)
            return true;
        from = wall_midnight(fitting);
    }
}

bool recurrence_rule_next(const struct recurrence *rule, wall_time from, wall_time *ret)
{
    wall_time next;
    if (from.us < rule->first.us)
        from = rule->first;
    if (rule->frequency == RECURRENCE_HOURLY) {
        if (!next_hour(rule, from, &next))
            return false;
    } else {
        int64_t time_us = time_of_day_us(rule->first);
        int64_t day = next_day(rule, wall_days(from) + (time_of_day_us(from) > time_us ? 1 : 0));
        if (day > LAST_DAY)
            return false;
        next = (wall_time){wall_midnight(day).us + time_us};
    }
    if (next.us > rule->last.us)
        return false;
    *ret = next;
    return true;
}

static bool names_days(const struct recurrence *rule)
{
    return rule->weekdays != 0 || rule->nth_count > 0 || rule->months != 0 || rule->month_days != 0 || rule->month_days_from_end != 0;
}

/* Days of the rule in [its first week, day), when only weekdays matter. */
static int64_t days_of_weeks(const struct recurrence *rule, int64_t day)
{
    unsigned weekdays = rule->weekdays ? rule->weekdays : 1u << wall_weekday(rule->first);
    int64_t weeks = week_of(rule, day) - week_of(rule, wall_days(rule->first)), allowed = floor_divide(weeks + rule->interval - 1, rule->interval);
    int64_t count = allowed * __builtin_popcount(weekdays);
    if (remainder_of(weeks, rule->interval) == 0)
        for (int64_t d = first_day_of_week(rule, week_of(rule, day)); d < day; d++)
            count += (weekdays & 1u << wall_weekday(wall_midnight(d))) != 0;
    return count;
}

static int64_t count_hours(const struct recurrence *rule, wall_time end)
{
    int64_t step = rule->interval * HOUR_US, count = 0;
    for (int64_t day = next_day(rule, wall_days(rule->first)); day <= LAST_DAY && wall_midnight(day).us < end.us; day = next_day(rule, day + 1)) {
        int64_t from = wall_midnight(day).us, until = from + DAY_US < end.us ? from + DAY_US : end.us;
        from = from < rule->first.us ? rule->first.us : from;
        count += floor_divide(until - 1 - rule->first.us, step) - floor_divide(from - 1 - rule->first.us, step);
    }
    return count;
}

/* Times of the rule before `end`. */
static int64_t count_before(const struct recurrence *rule, wall_time end)
{
    if (end.us > rule->last.us)
        end.us = rule->last.us + 1;
    if (end.us <= rule->first.us)
        return 0;
    bool by_days = names_days(rule);
    int64_t end_day = wall_days(end) + (time_of_day_us(end) > time_of_day_us(rule->first) ? 1 : 0), first_day = wall_days(rule->first);
    if (!by_days && (rule->frequency == RECURRENCE_HOURLY || rule->frequency == RECURRENCE_DAILY)) {
        int64_t step = rule->interval * (rule->frequency == RECURRENCE_HOURLY ? HOUR_US : DAY_US);
        return floor_divide(end.us - 1 - rule->first.us, step) + 1;
    }
    if (rule->frequency == RECURRENCE_HOURLY)
        return count_hours(rule, end);
    if (rule->frequency == RECURRENCE_WEEKLY && rule->months == 0)
        return days_of_weeks(rule, end_day) - days_of_weeks(rule, first_day);
    int64_t count = 0;
    for (int64_t day = next_day(rule, first_day); day < end_day; day = next_day(rule, day + 1))
        count++;
    return count;
}

/* How many of the sorted times are before `w`. */
static size_t before(const wall_time *times, size_t count, wall_time w)
{
    size_t low = 0, high = count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (times[middle].us < w.us)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool next_of_both(const struct recurrence *rule, wall_time from, wall_time *ret)
{
    bool found = recurrence_rule_next(rule, from, ret);
    size_t removed = found ? before(rule->removed, rule->removed_count, *ret) : 0;
    for (; found && removed < rule->removed_count && rule->removed[removed].us == ret->us; removed++)
        found = recurrence_rule_next(rule, (wall_time){ret->us + 1}, ret);
    size_t added = before(rule->added, rule->added_count, from);
    if (added < rule->added_count && (!found || rule->added[added].us < ret->us)) {
        *ret = rule->added[added];
        return true;
    }
    return found;
}

bool recurrence_seek(const struct recurrence *rule, wall_time from, struct recurrence_walk *ret)
{
    struct recurrence_walk walk = {.rule = rule};
    if (!next_of_both(rule, from, &walk.at))
        return false;
    walk.number = count_before(rule, walk.at) - (int64_t)before(rule->removed, rule->removed_count, walk.at) +
                  (int64_t)before(rule->added, rule->added_count, walk.at);
    *ret = walk;
    return true;
}

bool recurrence_step(struct recurrence_walk *walk)
{
    if (!next_of_both(walk->rule, (wall_time){walk->at.us + 1}, &walk->at))
        return false;
    walk->number++;
    return true;
}
