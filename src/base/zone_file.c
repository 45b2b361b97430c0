/* Why: see zone_file.h. A file has two parts: listed changes, and a footer with the rule for all time after them. */
#include "base/zone_file.h"

#include "base/instant.h"

enum { DAY_S = 86400, HEADER_BYTES = 44, TYPE_BYTES = 6, OFFSET_S_MAX = 26 * 3600 };

struct header {
    uint32_t utc_flags, standard_flags, leaps, times, types, characters;
};

static uint32_t big_endian_32(const char *bytes)
{
    const unsigned char *b = (const unsigned char *)bytes;
    return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 | (uint32_t)b[2] << 8 | b[3];
}

static int64_t big_endian_64(const char *bytes)
{
    return (int64_t)((uint64_t)big_endian_32(bytes) << 32 | big_endian_32(bytes + 4));
}

static bool take_header(struct text *rest, struct header *ret)
{
    if (rest->size < HEADER_BYTES || memcmp(rest->data, "TZif", 4) != 0 || rest->data[4] < '2')
        return false;
    const char *counts = rest->data + 20;
    *ret = (struct header){big_endian_32(counts),      big_endian_32(counts + 4),  big_endian_32(counts + 8),
                           big_endian_32(counts + 12), big_endian_32(counts + 16), big_endian_32(counts + 20)};
    *rest = text_slice(*rest, HEADER_BYTES, rest->size);
    return ret->times <= ZONE_CHANGES_MAX && ret->types >= 1 && ret->types <= 256 && ret->characters <= 4096 && ret->leaps <= 1000 &&
           ret->utc_flags <= 256 && ret->standard_flags <= 256;
}

static size_t body_bytes(const struct header *h, size_t time_bytes)
{
    return h->times * (time_bytes + 1) + h->types * TYPE_BYTES + h->characters + h->leaps * (time_bytes + 4) + h->standard_flags + h->utc_flags;
}

struct table {
    struct zone_change *changes;
    size_t count;
    int64_t first_s, last_s;
};

/* In rising order of time. What is before the window decides the first entry only. */
static bool add_change(struct table *table, int64_t at_s, int64_t offset_s)
{
    if (at_s >= table->last_s)
        return true;
    if (offset_s > OFFSET_S_MAX || offset_s < -OFFSET_S_MAX)
        return false;
    if (at_s <= table->first_s) {
        table->changes[0] = (struct zone_change){table->first_s, offset_s};
        table->count = 1;
        return true;
    }
    if (table->changes[table->count - 1].offset_s == offset_s) /* only the name or the summer flag changed */
        return true;
    if (table->count == ZONE_CHANGES_MAX || at_s <= table->changes[table->count - 1].at_s)
        return false;
    table->changes[table->count++] = (struct zone_change){at_s, offset_s};
    return true;
}

/* `body`: times, type of each time, types, ... */
static bool add_listed(struct table *table, const struct header *h, struct text body)
{
    const char *kinds = body.data + h->times * 8, *types = kinds + h->times;
    if (!add_change(table, INT64_MIN, (int32_t)big_endian_32(types)))
        return false;
    for (size_t i = 0; i < h->times; i++) {
        unsigned char kind = (unsigned char)kinds[i];
        if (kind >= h->types || !add_change(table, big_endian_64(body.data + i * 8), (int32_t)big_endian_32(types + kind * TYPE_BYTES)))
            return false;
    }
    return true;
}

/* The footer, as POSIX writes TZ: "IST-1GMT0,M10.5.0,M3.5.0/1". */
struct rule_day {
    int month, week, weekday; /* weekday 0 is Sunday; week 5 is the last */
    int64_t time_s;           /* -167 to 167 hours */
};

struct rule {
    int64_t standard_s, summer_s; /* east of UTC; summer may be the smaller one */
    bool has_summer;
    struct rule_day begin, end;
};

static bool take_byte(struct text *t, char byte)
{
    if (t->size == 0 || t->data[0] != byte)
        return false;
    *t = text_slice(*t, 1, t->size);
    return true;
}

static bool take_number(struct text *t, int64_t max, int64_t *ret)
{
    size_t digits = 0;
    for (*ret = 0; digits < t->size && digits < 4 && t->data[digits] >= '0' && t->data[digits] <= '9'; digits++)
        *ret = *ret * 10 + (t->data[digits] - '0');
    *t = text_slice(*t, digits, t->size);
    return digits > 0 && *ret <= max;
}

static bool take_name(struct text *t)
{
    size_t size = 0;
    if (take_byte(t, '<')) {
        size = text_find_byte(*t, '>', 0);
        *t = text_slice(*t, size, t->size);
        return take_byte(t, '>');
    }
    while (size < t->size && ((t->data[size] | 32) >= 'a' && (t->data[size] | 32) <= 'z'))
        size++;
    *t = text_slice(*t, size, t->size);
    return size >= 3;
}

/* [+-]hh[:mm[:ss]] */
static bool take_hours(struct text *t, int64_t *ret_s)
{
    int64_t sign = take_byte(t, '-') ? -1 : 1, hours, minutes = 0, seconds = 0;
    if (sign == 1)
        take_byte(t, '+');
    if (!take_number(t, 167, &hours) || (take_byte(t, ':') && (!take_number(t, 59, &minutes) || (take_byte(t, ':') && !take_number(t, 59, &seconds)))))
        return false;
    *ret_s = sign * (hours * 3600 + minutes * 60 + seconds);
    return true;
}

/* ",Mm.w.d[/time]"; the other two forms of POSIX are used by no zone. */
static bool take_day(struct text *t, struct rule_day *ret)
{
    int64_t month, week, weekday;
    ret->time_s = 2 * 3600;
    if (!take_byte(t, ',') || !take_byte(t, 'M') || !take_number(t, 12, &month) || !take_byte(t, '.') || !take_number(t, 5, &week) ||
        !take_byte(t, '.') || !take_number(t, 6, &weekday) || month < 1 || week < 1)
        return false;
    ret->month = (int)month;
    ret->week = (int)week;
    ret->weekday = (int)weekday;
    return !take_byte(t, '/') || take_hours(t, &ret->time_s);
}

static bool read_rule(struct text t, struct rule *ret)
{
    *ret = (struct rule){0};
    if (!take_name(&t) || !take_hours(&t, &ret->standard_s))
        return false;
    ret->standard_s = -ret->standard_s; /* POSIX counts to the west */
    if (t.size == 0)
        return true;
    ret->has_summer = true;
    ret->summer_s = ret->standard_s + 3600;
    if (!take_name(&t))
        return false;
    if (t.size > 0 && t.data[0] != ',') {
        if (!take_hours(&t, &ret->summer_s))
            return false;
        ret->summer_s = -ret->summer_s;
    }
    return take_day(&t, &ret->begin) && take_day(&t, &ret->end) && t.size == 0;
}

static int64_t rule_wall_s(const struct rule_day *day, int64_t year)
{
    int64_t first = days_from_civil(year, day->month, 1);
    int64_t first_weekday = ((first + 4) % 7 + 7) % 7; /* 1970-01-01 was a Thursday */
    int64_t date = (day->weekday - first_weekday + 7) % 7 + 7 * (day->week - 1);
    if (date >= days_in_month(year, day->month))
        date -= 7;
    return (first + date) * DAY_S + day->time_s;
}

static bool add_by_rule(struct table *table, const struct rule *rule, int64_t after_s)
{
    if (!rule->has_summer)
        return after_s > table->first_s || add_change(table, INT64_MIN, rule->standard_s);
    int64_t first_year, last_year;
    int month, day;
    civil_from_days((after_s > table->first_s ? after_s : table->first_s) / DAY_S - 366, &first_year, &month, &day);
    civil_from_days(table->last_s / DAY_S, &last_year, &month, &day);
    for (int64_t year = first_year; year <= last_year; year++) {
        struct zone_change begin = {rule_wall_s(&rule->begin, year) - rule->standard_s, rule->summer_s};
        struct zone_change end = {rule_wall_s(&rule->end, year) - rule->summer_s, rule->standard_s};
        struct zone_change both[2] = {begin.at_s < end.at_s ? begin : end, begin.at_s < end.at_s ? end : begin};
        for (size_t i = 0; i < 2; i++)
            if (both[i].at_s > after_s && !add_change(table, both[i].at_s, both[i].offset_s))
                return false;
    }
    return true;
}

bool zone_file_read(struct text file, int64_t first_s, int64_t last_s, struct zone_change *ret_changes, size_t *ret_count)
{
    struct header h;
    struct text rest = file;
    if (!take_header(&rest, &h) || rest.size < body_bytes(&h, 4))
        return false;
    rest = text_slice(rest, body_bytes(&h, 4), rest.size); /* the part for readers of 32 bits */
    if (!take_header(&rest, &h) || rest.size < body_bytes(&h, 8) || h.leaps > 0)
        return false;
    struct table table = {ret_changes, 0, first_s, last_s};
    if (!add_listed(&table, &h, rest))
        return false;
    int64_t after_s = h.times > 0 ? big_endian_64(rest.data + (h.times - 1) * 8) : INT64_MIN;
    struct text footer = text_slice(rest, body_bytes(&h, 8), rest.size);
    struct rule rule;
    if (!take_byte(&footer, '\n'))
        return false;
    footer = text_slice(footer, 0, text_find_byte(footer, '\n', 0));
    if (footer.size > 0 && (!read_rule(footer, &rule) || !add_by_rule(&table, &rule, after_s)))
        return false;
    *ret_count = table.count;
    return true;
}
