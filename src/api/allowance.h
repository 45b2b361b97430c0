/* Why: a client that has gone wild is told so with the headers its library knows, before it costs the others anything
 * (ratelimit-limit, -remaining, -reset; pagerduty-api.md section 3). Each key has so many a minute, counted from its first; another
 * key's use never counts. Kept in memory and bounded: a restart and a flood of made-up keys forgive, they refuse nobody. Thread-safe. */
#ifndef MUSTER_API_ALLOWANCE_H
#define MUSTER_API_ALLOWANCE_H

#include "base/env.h"

struct allowance;

struct allowance_use {
    bool refused;
    int64_t limit, remaining; /* limit 0: nothing is limited */
    int64_t reset_s;          /* until the whole limit is free again; 1 to 60 */
};

/* Longer than any token's id and any integration's key: what is longer belongs to nobody and is not counted. */
enum { ALLOWANCE_KEY_BYTES_MAX = 40 };

/* `per_minute` 0: no limit. */
struct allowance *allowance_new(int64_t per_minute);
void allowance_free(struct allowance *allowance);
/* `count` of `key` at once, all or none. `allowance` NULL: no limit. */
struct allowance_use allowance_take(struct allowance *allowance, struct text key, int64_t count, instant now);

#endif
