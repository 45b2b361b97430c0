/* Why: the text of a recurrence, taken apart by hand. Every part that is wrong is named; a rule is used only when all of it is understood. */
#include <stdlib.h>

#include "core/recurrence.h"

enum { DAY_S = 86400 };

struct reader {
    struct arena *arena;
    struct problem *problem;
    const char *path; /* of the line being read */
    const struct zone *zone;
    struct recurrence *rule;
    size_t seen[16];  /* parts of the rule, by their place in the table */
    bool has_until;
    instant until;
    wall_time until_wall; /* when UNTIL is no instant */
    bool until_is_local;
    struct date_list {
        wall_time *items;
        bool *is_day; /* stands for the whole day */
        size_t count, capacity;
    } removed, added;
};

static const char *const weekday_names[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};

static bool weekday_parse(struct text t, int *ret)
{
    for (int i = 0; i < 7; i++) {
        if (text_equal_ignoring_case(t, text_of(weekday_names[i]))) {
            *ret = i + 1;
            return true;
        }
    }
    return false;
}

/* RFC 5545 numbers may carry a plus. */
static bool number_parse(struct text t, int64_t min, int64_t max, int64_t *ret)
{
    int64_t number;
    if (t.size > 1 && t.data[0] == '+' && t.data[1] != '-')
        t = text_slice(t, 1, t.size);
    if (t.size > 6 || !text_to_int64(t, &number) || number < min || number > max)
        return false;
    *ret = number;
    return true;
}

static void add_problem(struct reader *r, const char *part, struct text value, const char *message)
{
    problem_add(r->problem, r->path, "%s=%.*s: %s", part, TEXT_ARG(text_utf8_cut(value, 60)), message);
}

/* Times ------------------------------------------------------------------------------------------------------------------------------ */

/* "20250310" and "20250310T090000", both without an offset. */
static bool stamp_parse(struct text t, wall_time *ret, bool *ret_is_day)
{
    int64_t date, time = 0;
    bool has_time = t.size == 15 && (t.data[8] == 'T' || t.data[8] == 't');
    if ((!has_time && t.size != 8) || t.data[0] == '-' || !text_to_int64(text_slice(t, 0, 8), &date))
        return false;
    if (has_time && (t.data[9] == '-' || !text_to_int64(text_slice(t, 9, 15), &time)))
        return false;
    int64_t year = date / 10000, hour = time / 10000, minute = time / 100 % 100, second = time % 100;
    int month = (int)(date / 100 % 100), day = (int)(date % 100);
    if (year < 1970 || year > 2299 || month < 1 || month > 12 || day < 1 || day > days_in_month(year, month) || hour > 23 || minute > 59 || second > 59)
        return false;
    *ret = wall_add_s(wall_midnight(days_from_civil(year, month, day)), (hour * 60 + minute) * 60 + second);
    *ret_is_day = !has_time;
    return true;
}

/* A time of EXDATE, RDATE or UNTIL, on the wall of the event's zone. `zone`: of a local time. */
static bool time_parse(struct reader *r, struct text t, const struct zone *zone, wall_time *ret, bool *ret_is_day, bool *ret_is_local)
{
    bool is_utc = t.size == 16 && (t.data[15] == 'Z' || t.data[15] == 'z');
    if (!stamp_parse(is_utc ? text_slice(t, 0, 15) : t, ret, ret_is_day))
        return false;
    *ret_is_local = !is_utc;
    if (is_utc)
        *ret = zone_wall(r->zone, (instant){ret->us});
    else if (zone != r->zone && !*ret_is_day)
        *ret = zone_wall(r->zone, zone_instant(zone, *ret));
    return true;
}

static void read_dates(struct reader *r, const char *part, struct text dates, const struct zone *zone, struct date_list *list)
{
    struct text date;
    if (text_is_empty(dates))
        problem_add(r->problem, r->path, "%s has no dates", part);
    while (!text_is_empty(dates) && text_next(&dates, ',', &date)) {
        wall_time at;
        bool is_day, is_local;
        if (!time_parse(r, date, zone, &at, &is_day, &is_local)) {
            add_problem(r, part, date, "is not a date like 20250310 or 20250310T090000Z");
            continue;
        }
        if (list->count == RECURRENCE_DATES_MAX) {
            problem_add(r->problem, r->path, "%s: more than %d dates", part, RECURRENCE_DATES_MAX);
            return;
        }
        size_t capacity = list->capacity;
        list->items = arena_grow(r->arena, list->items, list->count, &list->capacity, sizeof *list->items);
        list->is_day = arena_grow(r->arena, list->is_day, list->count, &capacity, sizeof *list->is_day);
        list->items[list->count] = at;
        list->is_day[list->count++] = is_day;
    }
}

/* "EXDATE;TZID=Europe/Berlin:20250310T090000,20250317T090000" behind its name. */
static void read_date_line(struct reader *r, const char *part, struct text rest, struct date_list *list)
{
    size_t colon = text_find_byte(rest, ':', 0);
    struct text parameters = text_slice(rest, 0, colon), parameter;
    const struct zone *zone = r->zone;
    if (colon == rest.size) {
        problem_add(r->problem, r->path, "%s must be followed by : and its dates", part);
        return;
    }
    while (text_next(&parameters, ';', &parameter)) {
        size_t equals = text_find_byte(parameter, '=', 0);
        struct text name = text_slice(parameter, 0, equals), value = text_slice(parameter, equals + 1, parameter.size);
        bool is_value = text_equal_ignoring_case(name, TEXT("VALUE"));
        if (text_is_empty(parameter))
            continue; /* before the first */
        if (text_equal_ignoring_case(name, TEXT("TZID"))) {
            if (zone_find(value, &zone) != OK) {
                zone = r->zone;
                add_problem(r, "TZID", value, "is not a time zone of the IANA database");
            }
        } else if (!is_value || (!text_equal_ignoring_case(value, TEXT("DATE")) && !text_equal_ignoring_case(value, TEXT("DATE-TIME")))) {
            problem_add(r->problem, r->path, "%s: %.*s is not supported", part, TEXT_ARG(text_utf8_cut(parameter, 60)));
        }
    }
    read_dates(r, part, text_slice(rest, colon + 1, rest.size), zone, list);
}

/* Parts of a rule -------------------------------------------------------------------------------------------------------------------- */

static void read_frequency(struct reader *r, struct text value)
{
    static const char *const names[] = {"HOURLY", "DAILY", "WEEKLY", "MONTHLY", "YEARLY"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (text_equal_ignoring_case(value, text_of(names[i]))) {
            r->rule->frequency = (enum recurrence_frequency)i;
            return;
        }
    }
    add_problem(r, "FREQ", value, "must be HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY");
}

static void read_interval(struct reader *r, struct text value)
{
    if (!number_parse(value, 1, RECURRENCE_INTERVAL_MAX, &r->rule->interval))
        add_problem(r, "INTERVAL", value, "must be between 1 and 1000");
}

static void read_count(struct reader *r, struct text value)
{
    if (!number_parse(value, 1, RECURRENCE_COUNT_MAX, &r->rule->count))
        add_problem(r, "COUNT", value, "must be between 1 and 5000");
}

static void read_until(struct reader *r, struct text value)
{
    bool is_day, is_local;
    r->has_until = time_parse(r, value, r->zone, &r->until_wall, &is_day, &is_local);
    if (!r->has_until) {
        add_problem(r, "UNTIL", value, "must be a date like 20250901 or 20250901T090000Z");
        return;
    }
    if (is_day) /* to its end */
        r->until_wall = (wall_time){wall_add_s(r->until_wall, DAY_S).us - 1};
    r->until_is_local = is_local;
    wall_time utc;
    if (!is_local && stamp_parse(text_slice(value, 0, 15), &utc, &is_day))
        r->until = (instant){utc.us};
}

static void read_weekdays(struct reader *r, struct text value)
{
    struct text part;
    while (text_next(&value, ',', &part)) {
        int64_t ordinal = 0;
        int weekday;
        size_t split = part.size > 2 ? part.size - 2 : 0;
        bool is_numbered = split > 0;
        if (!weekday_parse(text_slice(part, split, part.size), &weekday) ||
            (is_numbered && (!number_parse(text_slice(part, 0, split), -5, 5, &ordinal) || ordinal == 0))) {
            add_problem(r, "BYDAY", part, "is not a day (MO, TU, WE, TH, FR, SA, SU; with a month also 1MO to 5MO, -1MO to -5MO)");
        } else if (!is_numbered) {
            r->rule->weekdays |= 1u << weekday;
        } else if (r->rule->nth_count == RECURRENCE_NTH_MAX) {
            problem_add(r->problem, r->path, "BYDAY: more than %d numbered days", RECURRENCE_NTH_MAX);
            return;
        } else {
            r->rule->nth[r->rule->nth_count++] = (struct recurrence_nth){(int)ordinal, weekday};
        }
    }
}

static void read_month_days(struct reader *r, struct text value)
{
    struct text part;
    while (text_next(&value, ',', &part)) {
        int64_t day = 0;
        if (!number_parse(part, -31, 31, &day) || day == 0)
            add_problem(r, "BYMONTHDAY", part, "must be between 1 and 31 or between -31 and -1");
        else if (day > 0)
            r->rule->month_days |= UINT32_C(1) << day;
        else
            r->rule->month_days_from_end |= UINT32_C(1) << -day;
    }
}

static void read_months(struct reader *r, struct text value)
{
    struct text part;
    while (text_next(&value, ',', &part)) {
        int64_t month;
        if (!number_parse(part, 1, 12, &month))
            add_problem(r, "BYMONTH", part, "must be between 1 and 12");
        else
            r->rule->months |= 1u << month;
    }
}

static void read_week_start(struct reader *r, struct text value)
{
    if (!weekday_parse(value, &r->rule->week_start))
        add_problem(r, "WKST", value, "must be one of MO, TU, WE, TH, FR, SA, SU");
}

enum { PART_FREQUENCY, PART_COUNT = 2, PART_UNTIL, PART_MONTH_DAYS = 5 };
static const struct {
    const char *name;
    void (*read)(struct reader *r, struct text value);
} parts[] = {{"FREQ", read_frequency}, {"INTERVAL", read_interval},      {"COUNT", read_count},    {"UNTIL", read_until},
             {"BYDAY", read_weekdays}, {"BYMONTHDAY", read_month_days}, {"BYMONTH", read_months}, {"WKST", read_week_start}};
enum { PARTS = sizeof parts / sizeof *parts };

static void read_part(struct reader *r, struct text part)
{
    size_t equals = text_find_byte(part, '=', 0);
    struct text name = text_slice(part, 0, equals), value = text_slice(part, equals + 1, part.size);
    for (size_t i = 0; i < PARTS; i++) {
        if (!text_equal_ignoring_case(name, text_of(parts[i].name)))
            continue;
        if (r->seen[i]++ > 0)
            problem_add(r->problem, r->path, "%s is given twice", parts[i].name);
        else if (text_is_empty(value))
            problem_add(r->problem, r->path, "%s has no value", parts[i].name);
        else
            parts[i].read(r, value);
        return;
    }
    problem_add(r->problem, r->path, "%.*s is not supported", TEXT_ARG(text_utf8_cut(text_is_empty(name) ? TEXT("an empty part") : name, 60)));
}

static void check_rule(struct reader *r)
{
    const struct recurrence *rule = r->rule;
    if (r->seen[PART_FREQUENCY] == 0) {
        problem_add(r->problem, r->path, "FREQ is missing");
        return;
    }
    bool has_month = rule->frequency == RECURRENCE_MONTHLY || (rule->frequency == RECURRENCE_YEARLY && rule->months != 0);
    if (r->seen[PART_COUNT] > 0 && r->seen[PART_UNTIL] > 0)
        problem_add(r->problem, r->path, "COUNT and UNTIL exclude each other");
    if (rule->nth_count > 0 && !has_month)
        problem_add(r->problem, r->path, "BYDAY: numbered days need FREQ=MONTHLY, or FREQ=YEARLY with BYMONTH");
    if (rule->frequency == RECURRENCE_WEEKLY && r->seen[PART_MONTH_DAYS] > 0)
        problem_add(r->problem, r->path, "BYMONTHDAY does not go with FREQ=WEEKLY");
}

static void read_rule(struct reader *r, struct text rest)
{
    struct text part;
    while (!text_is_empty(rest) && text_next(&rest, ';', &part))
        read_part(r, part);
    check_rule(r);
}

/* Making it ready -------------------------------------------------------------------------------------------------------------------- */

/* The last wall time whose instant is not after `until`. */
static wall_time wall_until(const struct zone *zone, instant until)
{
    wall_time low = wall_add_s(zone_wall(zone, until), -2 * DAY_S), high = wall_add_s(low, 4 * DAY_S);
    while (high.us - low.us > SECOND_US) {
        wall_time middle = wall_add_s(low, (high.us - low.us) / SECOND_US / 2);
        if (instant_before(until, zone_instant(zone, middle)))
            high = middle;
        else
            low = middle;
    }
    return low;
}

static void end_rule(struct reader *r)
{
    struct recurrence *rule = r->rule;
    if (r->has_until)
        rule->last = r->until_is_local ? r->until_wall : wall_until(r->zone, r->until);
    wall_time at = rule->first;
    for (int64_t i = 0; i < rule->count; i++) {
        if (!recurrence_rule_next(rule, at, &at))
            return;
        if (i + 1 == rule->count)
            rule->last = at;
        at.us++;
    }
}

static int compare_times(const void *a, const void *b)
{
    const wall_time *left = a, *right = b;
    return left->us < right->us ? -1 : left->us > right->us;
}

static size_t sort_once(wall_time *times, size_t count)
{
    size_t kept = 0;
    if (count == 0)
        return 0;
    qsort(times, count, sizeof *times, compare_times);
    for (size_t i = 1; i < count; i++)
        if (times[i].us != times[kept].us)
            times[++kept] = times[i];
    return kept + 1;
}

static bool is_time_of_rule(const struct recurrence *rule, wall_time w)
{
    wall_time next;
    return recurrence_rule_next(rule, w, &next) && next.us == w.us;
}

static bool is_removed(const struct date_list *removed, wall_time w)
{
    for (size_t i = 0; i < removed->count; i++)
        if (removed->is_day[i] ? wall_days(removed->items[i]) == wall_days(w) : removed->items[i].us == w.us)
            return true;
    return false;
}

static void take_away(struct reader *r)
{
    struct recurrence *rule = r->rule;
    rule->removed = ARENA_ARRAY(r->arena, wall_time, r->removed.count * 24 + 1);
    for (size_t i = 0; i < r->removed.count; i++) {
        wall_time at = r->removed.items[i], end = {r->removed.is_day[i] ? wall_add_s(at, DAY_S).us : at.us + 1};
        for (; recurrence_rule_next(rule, at, &at) && at.us < end.us; at.us++)
            rule->removed[rule->removed_count++] = at;
    }
    rule->removed_count = sort_once(rule->removed, rule->removed_count);
}

static void add_dates(struct reader *r)
{
    struct recurrence *rule = r->rule;
    int64_t time_of_day_us = rule->first.us - wall_midnight(wall_days(rule->first)).us;
    rule->added = ARENA_ARRAY(r->arena, wall_time, r->added.count + 1);
    for (size_t i = 0; i < r->added.count; i++) {
        wall_time at = {r->added.items[i].us + (r->added.is_day[i] ? time_of_day_us : 0)};
        if (!is_time_of_rule(rule, at) && !is_removed(&r->removed, at))
            rule->added[rule->added_count++] = at;
    }
    rule->added_count = sort_once(rule->added, rule->added_count);
}

static void read_line(struct reader *r, struct text line, size_t *rules)
{
    size_t end = 0;
    while (end < line.size && line.data[end] != ':' && line.data[end] != ';')
        end++;
    struct text name = text_slice(line, 0, end), rest = text_slice(line, end, line.size);
    if (line.size > RECURRENCE_LINE_BYTES_MAX) {
        problem_add(r->problem, r->path, "cannot be longer than %d bytes", RECURRENCE_LINE_BYTES_MAX);
    } else if (text_equal_ignoring_case(name, TEXT("RRULE")) && rest.size > 0 && rest.data[0] == ':') {
        if (++*rules == 1)
            read_rule(r, text_slice(rest, 1, rest.size));
        else
            problem_add(r->problem, r->path, "is a second RRULE; there must be exactly one");
    } else if (text_equal_ignoring_case(name, TEXT("EXDATE"))) {
        read_date_line(r, "EXDATE", rest, &r->removed);
    } else if (text_equal_ignoring_case(name, TEXT("RDATE"))) {
        read_date_line(r, "RDATE", rest, &r->added);
    } else {
        problem_add(r->problem, r->path, "must begin with RRULE:, EXDATE or RDATE");
    }
}

enum err recurrence_read(struct arena *arena, const struct text *lines, size_t line_count, wall_time first, const struct zone *zone, const char *path,
                         struct problem *problem, struct recurrence *ret)
{
    struct recurrence rule = {.interval = 1, .first = first, .last = {INT64_MAX}, .week_start = 1};
    struct reader r = {.arena = arena, .problem = problem, .zone = zone, .rule = &rule};
    size_t mistakes = problem->count + problem->dropped, rules = 0;
    for (size_t i = 0; i < line_count; i++) {
        r.path = arena_printf(arena, "%s[%zu]", path, i);
        read_line(&r, lines[i], &rules);
    }
    if (rules == 0)
        problem_add(problem, path, "must have exactly one RRULE");
    if (problem->count + problem->dropped > mistakes)
        return ERR_INVALID;
    bool plain_days = rule.months == 0 && rule.month_days == 0 && rule.month_days_from_end == 0;
    if (rule.frequency == RECURRENCE_DAILY && rule.interval == 1 && rule.weekdays != 0 && plain_days)
        rule.frequency = RECURRENCE_WEEKLY; /* the same days */
    end_rule(&r);
    take_away(&r);
    add_dates(&r);
    struct recurrence_walk walk;
    if (!recurrence_seek(&rule, (wall_time){INT64_MIN / 2}, &walk)) {
        problem_add(problem, path, "never happens");
        return ERR_INVALID;
    }
    *ret = rule;
    return OK;
}
