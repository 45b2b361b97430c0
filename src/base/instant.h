/* Why: a point in time and a count must not be mixed up, so a time is a struct.
 *
 * Microseconds since 1970-01-01T00:00:00Z, no leap seconds. Zones exist only in zone.h. Nothing here
 * reads a clock: `now` comes from `struct env` at the edge and is handed down. */
#ifndef MUSTER_BASE_INSTANT_H
#define MUSTER_BASE_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

typedef struct {
    int64_t us;
} instant;

#define SECOND_US INT64_C(1000000)
#define INSTANT_NONE ((instant){INT64_MIN}) /* "no such time"; stored as NULL */
#define INSTANT_MAX ((instant){INT64_MAX})  /* later than everything */

static inline bool instant_is_set(instant t) { return t.us != INT64_MIN; }
static inline bool instant_before(instant a, instant b) { return a.us < b.us; }
static inline bool instant_equal(instant a, instant b) { return a.us == b.us; }
static inline instant instant_add_s(instant t, int64_t seconds) { return (instant){t.us + seconds * SECOND_US}; }
static inline instant instant_min(instant a, instant b) { return a.us < b.us ? a : b; }
static inline instant instant_max(instant a, instant b) { return a.us > b.us ? a : b; }
/* The begin of its day, UTC. */
struct instant_range { /* [since, until) */
    instant since, until;
};
static inline bool instant_range_has(struct instant_range range, instant t) { return range.since.us <= t.us && t.us < range.until.us; }
/* What is left of a range around `t` when it is cut at `edge`. */
static inline struct instant_range instant_range_cut(struct instant_range range, instant edge, instant t)
{
    if (edge.us <= t.us)
        range.since = instant_max(range.since, edge);
    else
        range.until = instant_min(range.until, edge);
    return range;
}
static inline instant instant_day(instant t)
{
    int64_t day_us = 86400 * SECOND_US, into = t.us % day_us;
    return (instant){t.us - (into < 0 ? into + day_us : into)};
}
/* b - a in whole seconds, rounded down. */
int64_t instant_seconds_between(instant a, instant b);

/* ISO 8601 as PagerDuty's clients write it: date, optional "T" or " " time with optional seconds and
 * fraction, optional "Z", "+hh:mm", "+hhmm", "+hh" or "+0000 UTC". Without an offset `default_offset_s` (seconds east
 * of UTC) applies. Years 1970 to 9999 in UTC. False when it is anything else; nothing is written then. */
bool instant_parse(struct text t, int64_t default_offset_s, instant *ret);
/* Within those years: what every format function writes and instant_parse reads back. */
bool instant_is_in_range(instant t);
/* As instant_parse, and tells whether the text named an offset, so that a caller can apply a zone instead. */
bool instant_parse_local(struct text t, instant *ret_as_if_utc, bool *ret_has_offset, int64_t *ret_offset_s);

/* "2026-02-10T02:00:00Z" (seconds; rounded down). */
struct text instant_format(struct arena *arena, instant t);
/* "2026-02-10T02:00:00.123Z". */
struct text instant_format_ms(struct arena *arena, instant t);
/* "2026-02-10T03:00:00+01:00": local at the given offset; in UTC where the local year would leave the range. */
struct text instant_format_offset(struct arena *arena, instant t, int64_t offset_s);

/* a / b rounded down; b > 0. Times before 1970 are negative. */
static inline int64_t floor_divide(int64_t a, int64_t b)
{
    int64_t quotient = a / b;
    return quotient * b > a ? quotient - 1 : quotient;
}

/* Proleptic Gregorian calendar. Days since 1970-01-01. */
int64_t days_from_civil(int64_t year, int month, int day);
void civil_from_days(int64_t days, int64_t *ret_year, int *ret_month, int *ret_day);
int days_in_month(int64_t year, int month);

#endif
