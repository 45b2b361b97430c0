/* Why: see zone.h. GLib reads the zoneinfo file; we turn its intervals into one sorted table per zone, because schedules ask
 * thousands of times for neighbouring instants. */
#include "base/zone.h"

#include <assert.h>
#include <glib.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    DAY_S = 86400,
    ZONES_MAX = 1024,           /* the IANA database has about 600 names; only names with a file get a place */
    CHANGES_MAX = 2048,         /* per zone between the two limits below */
    PATH_BYTES_MAX = 512,
    OFFSET_S_MAX = 26 * 3600,   /* no place was ever further from UTC */
};

/* 1969 and 2300, so that every wall time of the promised years has its neighbours. */
#define FIRST_S (INT64_C(-366) * DAY_S)
#define LAST_S (INT64_C(120530) * DAY_S)

struct change {
    int64_t at_s;     /* from here on */
    int64_t offset_s;
};

struct zone {
    char name[ZONE_NAME_BYTES_MAX + 1];
    size_t count; /* >= 1; the first change stands for all time before the second */
    struct change *changes;
};

static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;
static const struct zone *cache[ZONES_MAX]; /* open addressing by hash of the name */

static size_t hash_name(struct text name)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < name.size; i++)
        hash = (hash ^ (unsigned char)name.data[i]) * 16777619u;
    return hash % ZONES_MAX;
}

/* Letters, digits and "+-_/" with no empty or dotted part: a name can never leave the zoneinfo folder. */
static bool name_is_plausible(struct text name)
{
    if (name.size == 0 || name.size > ZONE_NAME_BYTES_MAX || name.data[0] == '/' || name.data[name.size - 1] == '/')
        return false;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'), digit = c >= '0' && c <= '9';
        if (!letter && !(i > 0 && (digit || c == '+' || c == '-' || c == '_' || c == '/')))
            return false;
    }
    /* Copies with leap seconds, and the names that mean "wherever this machine is". */
    return !text_starts_with(name, TEXT("right/")) && !text_starts_with(name, TEXT("posix/")) && !text_is(name, "localtime") &&
           !text_is(name, "posixrules") && !text_is(name, "Factory");
}

/* GLib also reads POSIX rules and complains about files of another kind, so we look first. */
static bool has_zone_file(const char *name)
{
    const char *folder = getenv("TZDIR");
    char path[PATH_BYTES_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", folder && *folder ? folder : "/usr/share/zoneinfo", name);
    if (length < 0 || (size_t)length >= sizeof path)
        return false;
    FILE *file = fopen(path, "rbe");
    if (!file)
        return false;
    char magic[4];
    bool fits = fread(magic, 1, sizeof magic, file) == sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
    fclose(file);
    return fits;
}

static int interval_at(GTimeZone *rules, int64_t at_s)
{
    return g_time_zone_find_interval(rules, G_TIME_TYPE_UNIVERSAL, at_s);
}

/* GLib tells the interval of an instant but not where it begins: halve the distance until it is found. */
static int64_t interval_start(GTimeZone *rules, int interval, int64_t before_s)
{
    int64_t low = before_s, high = LAST_S; /* low is in an earlier interval, high in `interval` or a later one */
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (interval_at(rules, middle) >= interval)
            high = middle;
        else
            low = middle;
    }
    return high;
}

static size_t read_changes(GTimeZone *rules, struct change *changes)
{
    int interval = interval_at(rules, FIRST_S), last = interval_at(rules, LAST_S);
    size_t count = 0;
    changes[count++] = (struct change){FIRST_S, g_time_zone_get_offset(rules, interval)};
    int64_t at_s = FIRST_S;
    while (interval < last && count < CHANGES_MAX) {
        at_s = interval_start(rules, interval + 1, at_s);
        interval = interval_at(rules, at_s);
        int64_t offset_s = g_time_zone_get_offset(rules, interval);
        if (offset_s != changes[count - 1].offset_s) /* only the name or the summer flag changed */
            changes[count++] = (struct change){at_s, offset_s};
    }
    return count;
}

static const struct zone *load(const char *name)
{
    GTimeZone *rules = g_time_zone_new_identifier(name);
    if (!rules)
        return NULL;
    struct change *changes = calloc(CHANGES_MAX, sizeof *changes);
    struct zone *zone = calloc(1, sizeof *zone);
    if (!changes || !zone) {
        free(changes);
        free(zone);
        g_time_zone_unref(rules);
        return NULL;
    }
    snprintf(zone->name, sizeof zone->name, "%s", name);
    zone->count = read_changes(rules, changes);
    struct change *fitted = realloc(changes, zone->count * sizeof *changes);
    zone->changes = fitted ? fitted : changes;
    g_time_zone_unref(rules);
    return zone;
}

static enum err find_locked(struct text name, const struct zone **ret)
{
    size_t slot = hash_name(name), probes = 0;
    for (; cache[slot] && probes < ZONES_MAX; slot = (slot + 1) % ZONES_MAX, probes++) {
        if (text_is(name, cache[slot]->name)) {
            *ret = cache[slot];
            return OK;
        }
    }
    char copy[ZONE_NAME_BYTES_MAX + 1] = {0};
    memcpy(copy, name.data, name.size);
    if (!has_zone_file(copy))
        return ERR_NOT_FOUND;
    if (probes == ZONES_MAX)
        return ERR_UNAVAILABLE;
    const struct zone *zone = load(copy);
    if (!zone)
        return ERR_UNAVAILABLE;
    cache[slot] = zone;
    *ret = zone;
    return OK;
}

enum err zone_find(struct text name, const struct zone **ret)
{
    if (!name_is_plausible(name))
        return ERR_NOT_FOUND;
    pthread_mutex_lock(&cache_lock);
    enum err err = find_locked(name, ret);
    pthread_mutex_unlock(&cache_lock);
    return err;
}

bool zone_exists(struct text name)
{
    const struct zone *zone;
    return zone_find(name, &zone) == OK;
}

const struct zone *zone_utc(void)
{
    static struct change never = {FIRST_S, 0};
    static const struct zone utc = {"UTC", 1, &never};
    return &utc;
}

struct text zone_name(const struct zone *zone)
{
    return text_of(zone->name);
}

static int64_t floor_divide(int64_t a, int64_t b)
{
    int64_t quotient = a / b;
    return quotient * b > a ? quotient - 1 : quotient;
}

/* Index of the last change at or before `at_s`; 0 for everything earlier. */
static size_t change_at(const struct zone *zone, int64_t at_s)
{
    size_t low = 0, high = zone->count;
    while (high - low > 1) {
        size_t middle = low + (high - low) / 2;
        if (zone->changes[middle].at_s <= at_s)
            low = middle;
        else
            high = middle;
    }
    return low;
}

int64_t zone_offset_s(const struct zone *zone, instant t)
{
    return zone->changes[change_at(zone, floor_divide(t.us, SECOND_US))].offset_s;
}

wall_time zone_wall(const struct zone *zone, instant t)
{
    assert(instant_is_set(t) && t.us != INT64_MAX);
    return (wall_time){t.us + zone_offset_s(zone, t) * SECOND_US};
}

instant zone_instant(const struct zone *zone, wall_time w)
{
    size_t i = change_at(zone, floor_divide(w.us, SECOND_US) - OFFSET_S_MAX);
    for (; i + 1 < zone->count; i++) {
        int64_t us = w.us - zone->changes[i].offset_s * SECOND_US;
        if (us < zone->changes[i + 1].at_s * SECOND_US) {
            int64_t from = zone->changes[i].at_s * SECOND_US;
            return (instant){i > 0 && us < from ? from : us};
        }
    }
    int64_t us = w.us - zone->changes[i].offset_s * SECOND_US, from = zone->changes[i].at_s * SECOND_US;
    return (instant){i > 0 && us < from ? from : us};
}

instant zone_next_change(const struct zone *zone, instant t)
{
    size_t i = change_at(zone, floor_divide(t.us, SECOND_US)) + 1;
    return i < zone->count ? (instant){zone->changes[i].at_s * SECOND_US} : INSTANT_MAX;
}

int64_t wall_days(wall_time w)
{
    return floor_divide(w.us, DAY_S * SECOND_US);
}

int wall_weekday(wall_time w)
{
    int64_t days = wall_days(w) + 3; /* 1970-01-01 was a Thursday */
    return (int)(days - floor_divide(days, 7) * 7) + 1;
}

wall_time wall_midnight(int64_t days)
{
    return (wall_time){days * DAY_S * SECOND_US};
}

struct text zone_format(struct arena *arena, const struct zone *zone, instant t)
{
    return instant_format_offset(arena, t, zone_offset_s(zone, t));
}

bool zone_parse(const struct zone *zone, struct text t, instant *ret)
{
    instant as_if_utc;
    bool has_offset;
    int64_t offset_s;
    if (!instant_parse_local(t, &as_if_utc, &has_offset, &offset_s))
        return false;
    *ret = has_offset ? instant_add_s(as_if_utc, -offset_s) : zone_instant(zone, (wall_time){as_if_utc.us});
    return true;
}
