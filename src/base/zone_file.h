/* Why: the zoneinfo file of one IANA zone as a table of offset changes (RFC 9636). We read it ourselves because GLib's GTimeZone, which would do,
 * goes wrong where a footer has summer time below standard time: Europe/Dublin after the last listed change. Used by zone.c only. */
#ifndef MUSTER_BASE_ZONE_FILE_H
#define MUSTER_BASE_ZONE_FILE_H

#include "base/err.h"
#include "base/text.h"

enum { ZONE_CHANGES_MAX = 4096 };

struct zone_change {
    int64_t at_s;     /* seconds since 1970-01-01T00:00:00Z; from here on */
    int64_t offset_s; /* east of UTC */
};

/* All changes of the offset in [first_s, last_s), sorted; the first entry is the offset at `first_s`. `ret_changes` has room for
 * ZONE_CHANGES_MAX. False: this is not a zoneinfo file we can read (version 2 or later, no leap seconds). */
bool zone_file_read(struct text file, int64_t first_s, int64_t last_s, struct zone_change *ret_changes, size_t *ret_count);

#endif
