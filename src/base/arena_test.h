/* Why: the arena that the cases of one test program share: made before the first of them and freed behind the last, or for each case alone, as the program's list of
 * cases says. `*state` is the same arena. */
#ifndef MUSTER_BASE_ARENA_TEST_H
#define MUSTER_BASE_ARENA_TEST_H

#include "base/arena.h"

static struct arena *arena;

static inline int arena_set_up(void **state)
{
    *state = arena = arena_new((size_t)512 << 20); /* more than any program asks for: it is taken piece by piece */
    return 0;
}

static inline int arena_tear_down(void **state)
{
    (void)state;
    arena_free(arena);
    arena = NULL;
    return 0;
}

#endif
