/* Why: in a storm the sender makes and drops the same things thousands of times a second: an easy handle of libcurl (its set-up costs as much
 * as a request on a kept connection, its options a third of that) and an arena. What one send leaves, the next one takes. One thread.
 *
 * Handles are kept per provider account: whatever libcurl might remember of an account stays with it. */
#ifndef MUSTER_CHANNEL_SPARE_H
#define MUSTER_CHANNEL_SPARE_H

#include <curl/curl.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/config.h"

enum { SPARE_MAX = 100 }; /* of each kind; about as many as are in flight at a time */

struct spare_handles {
    CURL *list[SPARE_MAX];
    size_t count;
};

struct spare {
    struct spare_handles handles[PROVIDERS_MAX];
    struct arena *arenas[SPARE_MAX];
    size_t arena_count;
};

/* With the options of its last transfer; a new one has the default options. NULL: out of memory. */
CURL *spare_take_handle(struct spare *spare, size_t provider_index, bool *ret_is_new);
void spare_give_handle(struct spare *spare, size_t provider_index, CURL *easy); /* not attached to a multi handle any more */
struct arena *spare_take_arena(struct spare *spare, size_t bytes_max); /* every caller names the same limit */
void spare_give_arena(struct spare *spare, struct arena *arena);
void spare_free(struct spare *spare); /* what is in it */

#endif
