/* Why: the support hours of a service: inside them its incidents may be more urgent than outside. Pure.
 *
 * Hours are drawn on the wall clock of their zone: each listed weekday from `start_s` to `end_s`; an end that is not after the
 * start lies on the next day (22:00-06:00; equal means 24 hours). Wall times become instants as base/zone.h says. */
#ifndef MUSTER_CORE_HOURS_H
#define MUSTER_CORE_HOURS_H

#include "base/zone.h"

struct hours {
    const struct zone *zone;
    unsigned days;          /* bit 1u << ISO weekday; 1 is Monday */
    int64_t start_s, end_s; /* seconds of the day */
};

/* As stored with a service: zone name, JSON array of ISO weekdays, "09:00:00", "17:00:00". ERR_INVALID when one cannot be read. */
enum err hours_read(struct arena *arena, struct text zone_name, struct text days, struct text start, struct text end, struct hours *ret) MUST_CHECK;
bool hours_contain(const struct hours *hours, instant t);
/* The first instant after `t` at which hours_contain changes; INSTANT_MAX when it never does. */
instant hours_next_boundary(const struct hours *hours, instant t);

#endif
