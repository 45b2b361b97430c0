/* Why: see zone.h. A zone is one sorted table of changes, because schedules ask thousands of times for neighbouring instants. */
#include "base/zone.h"

#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/zone_file.h"

enum {
    DAY_S = 86400,
    ZONES_MAX = 1024,           /* the IANA database has about 600 names; only names with a file get a place */
    PATH_BYTES_MAX = 512,
    FILE_BYTES_MAX = 64 * 1024, /* the largest has 4 KB */
    OFFSET_S_MAX = 26 * 3600,   /* no place was ever further from UTC */
};

/* 1969 and 2300, so that every wall time of the promised years has its neighbours. */
#define FIRST_S (INT64_C(-366) * DAY_S)
#define LAST_S (INT64_C(120530) * DAY_S)

struct zone {
    char name[ZONE_NAME_BYTES_MAX + 1];
    size_t count; /* >= 1; the first change stands for all time before the second */
    struct zone_change *changes;
};

static pthread_mutex_t cache_lock = PTHREAD_MUTEX_INITIALIZER;
static const struct zone *cache[ZONES_MAX]; /* open addressing by hash of the name */

static size_t hash_name(struct text name)
{
    return text_hash(name) % ZONES_MAX;
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

static enum err read_file(const char *name, char *ret_bytes, size_t *ret_size)
{
    const char *folder = getenv("TZDIR");
    char path[PATH_BYTES_MAX];
    int length = snprintf(path, sizeof path, "%s/%s", folder && *folder ? folder : "/usr/share/zoneinfo", name);
    if (length < 0 || (size_t)length >= sizeof path)
        return ERR_NOT_FOUND;
    FILE *file = fopen(path, "rbe");
    if (!file)
        return ERR_NOT_FOUND;
    *ret_size = fread(ret_bytes, 1, FILE_BYTES_MAX, file);
    bool good = !ferror(file) && *ret_size >= 4 && memcmp(ret_bytes, "TZif", 4) == 0; /* a folder, a list of names */
    fclose(file);
    return good ? OK : ERR_NOT_FOUND;
}

static enum err load(const char *name, const struct zone **ret)
{
    struct zone *zone = calloc(1, sizeof *zone);
    struct zone_change *changes = calloc(ZONE_CHANGES_MAX, sizeof *changes);
    char *bytes = malloc(FILE_BYTES_MAX);
    size_t size;
    enum err err = zone && changes && bytes ? read_file(name, bytes, &size) : ERR_UNAVAILABLE;
    if (!err && !zone_file_read((struct text){bytes, size}, FIRST_S, LAST_S, changes, &zone->count))
        err = ERR_UNAVAILABLE;
    free(bytes);
    if (err) {
        free(changes);
        free(zone);
        return err;
    }
    snprintf(zone->name, sizeof zone->name, "%s", name);
    struct zone_change *fitted = realloc(changes, zone->count * sizeof *changes);
    zone->changes = fitted ? fitted : changes;
    *ret = zone;
    return OK;
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
    const struct zone *zone = NULL;
    enum err err = probes < ZONES_MAX ? load(copy, &zone) : ERR_UNAVAILABLE;
    if (err)
        return err;
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
    static struct zone_change never = {FIRST_S, 0};
    static const struct zone utc = {"UTC", 1, &never};
    return &utc;
}

struct text zone_name(const struct zone *zone)
{
    return text_of(zone->name);
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
    instant parsed = has_offset ? instant_add_s(as_if_utc, -offset_s) : zone_instant(zone, (wall_time){as_if_utc.us});
    if (!instant_is_in_range(parsed))
        return false;
    *ret = parsed;
    return true;
}
