/* Why: instants, wall times and zones as a test writes them. What cannot be read fails the case. Include it behind cmocka.h. */
#ifndef MUSTER_BASE_ZONE_TEST_H
#define MUSTER_BASE_ZONE_TEST_H

#include "base/zone.h"

static inline instant at(const char *text)
{
    instant t;
    assert_true(instant_parse(text_of(text), 0, &t));
    return t;
}

/* "2026-03-02T09:00" on the wall. */
static inline wall_time wall(const char *text)
{
    return (wall_time){at(text).us};
}

static inline const struct zone *zone_of(const char *name)
{
    const struct zone *zone = NULL;
    assert_int_equal(zone_find(text_of(name), &zone), OK);
    return zone;
}

#endif
