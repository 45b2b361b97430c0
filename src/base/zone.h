/* Why: everything that knows local time. IANA zones matter in schedules, support hours, quiet hours and display; the rest of
 * Muster counts instants. The rules come from the system's zoneinfo (TZDIR, else /usr/share/zoneinfo), read once per zone.
 *
 * One rule (reliability.md, S4) turns wall time into an instant: the first instant whose local time is not before the asked
 * one. So a wall time that a clock change skips means the instant at the end of the gap, and one that comes twice means its first
 * occurrence. The mapping never goes backwards, which is why intervals drawn on the wall clock stay disjoint and without holes.
 *
 * Thread-safe. Exact for 1970 to 2299; after that the last offset stays. A zone lives as long as the process. */
#ifndef MUSTER_BASE_ZONE_H
#define MUSTER_BASE_ZONE_H

#include "base/err.h"
#include "base/instant.h"

enum { ZONE_NAME_BYTES_MAX = 64 };

struct zone;

/* `name`: "Europe/Berlin", "UTC", ... as in the IANA database, backward names too. ERR_NOT_FOUND for anything else (also paths, offsets
 * and POSIX rules); ERR_UNAVAILABLE when the system has the name but no memory or file to read. */
enum err zone_find(struct text name, const struct zone **ret) MUST_CHECK;
bool zone_exists(struct text name);
const struct zone *zone_utc(void);
struct text zone_name(const struct zone *zone);

/* What a clock on the wall shows, counted in microseconds since 1970-01-01 00:00 on that wall. Not an instant. */
typedef struct {
    int64_t us;
} wall_time;

/* Seconds east of UTC. */
int64_t zone_offset_s(const struct zone *zone, instant t);
wall_time zone_wall(const struct zone *zone, instant t);
instant zone_instant(const struct zone *zone, wall_time w);
/* The first change of the offset after `t`; INSTANT_MAX when there is none. */
instant zone_next_change(const struct zone *zone, instant t);

/* Calendar of a wall. */
int64_t wall_days(wall_time w);                 /* whole days since 1970-01-01, rounded down */
int wall_weekday(wall_time w);                  /* ISO: 1 is Monday, 7 is Sunday */
wall_time wall_midnight(int64_t days);
static inline wall_time wall_add_s(wall_time w, int64_t seconds) { return (wall_time){w.us + seconds * SECOND_US}; }

/* The same text as instant_format_offset with the zone's offset at `t`. */
struct text zone_format(struct arena *arena, const struct zone *zone, instant t);
/* A time from a client: one with an offset means itself, one without is on the wall of `zone`. */
bool zone_parse(const struct zone *zone, struct text t, instant *ret);

#endif
