/* Why: bad input gets every mistake and its place at once, not the first one found.
 * A path reads like `service.teams[0].id`; an empty path speaks of the whole input. */
#ifndef MUSTER_BASE_PROBLEM_H
#define MUSTER_BASE_PROBLEM_H

#include <stdbool.h>
#include <stddef.h>

#include "base/text.h"

enum { PROBLEM_MISTAKES_MAX = 50 }; /* more are counted but not kept: no reader needs them */

struct mistake {
    struct text path;
    struct text message; /* without the path, no full stop: "cannot be empty" */
};

struct problem {
    struct arena *arena;
    struct mistake mistakes[PROBLEM_MISTAKES_MAX];
    size_t count;   /* kept */
    size_t dropped; /* found beyond the limit */
};

struct problem *problem_new(struct arena *arena);
bool problem_is_empty(const struct problem *problem);
/* `path` may be NULL for none. */
void problem_add(struct problem *problem, const char *path, const char *format, ...) PRINTF_LIKE(3, 4);
/* "path message", or just the message where there is no path. */
struct text problem_line(const struct problem *problem, size_t index);

#endif
