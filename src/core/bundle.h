/* Why: a storm must not drown the person it wakes: after a few single pages to one contact method in a minute, further ones wait and leave
 * together as one message that names them all. Bundles, never drops (practice.md P40, reliability.md N9). Pure. */
#ifndef MUSTER_CORE_BUNDLE_H
#define MUSTER_CORE_BUNDLE_H

#include "base/instant.h"

enum {
    BUNDLE_WINDOW_S = 60,
    BUNDLE_SINGLE_MAX = 3,   /* single pages to one contact method per window */
    BUNDLE_LISTED_MAX = 20,  /* incidents a bundle names one by one; it counts the others */
    BUNDLE_TAKE_MAX = 10000, /* notifications in one bundle */
};

/* `recent`: pages to this contact method within the window; `latest`: the newest of them. INSTANT_NONE: send it now; else hold it until then. */
static inline instant bundle_hold_until(int64_t recent, instant latest)
{
    return recent < BUNDLE_SINGLE_MAX ? INSTANT_NONE : instant_add_s(latest, BUNDLE_WINDOW_S);
}

#endif
