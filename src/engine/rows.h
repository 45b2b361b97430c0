/* Why: two shapes of query that the engine runs everywhere. */
#ifndef MUSTER_ENGINE_ROWS_H
#define MUSTER_ENGINE_ROWS_H

#include "store/db.h"

/* Runs to the end and gives the first column of the first row: for INSERT ... RETURNING and counts. ERR_NOT_FOUND: no row. */
static inline MUST_CHECK enum err rows_take_int(struct query *q, int64_t *ret)
{
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    int64_t value = query_int(q, 0);
    while (query_next(q)) {
    }
    if (query_failed(q))
        return query_err(q);
    *ret = value;
    return OK;
}

/* First column of every row, as numbers on the arena: to work on rows while the query is free for others. */
static inline MUST_CHECK enum err rows_take_all(struct query *q, struct arena *arena, int64_t **ret, size_t *ret_count)
{
    int64_t *numbers = NULL;
    size_t count = 0, capacity = 0;
    while (query_next(q)) {
        numbers = arena_grow(arena, numbers, count, &capacity, sizeof *numbers);
        numbers[count++] = query_int(q, 0);
    }
    if (query_failed(q))
        return query_err(q);
    *ret = numbers;
    *ret_count = count;
    return OK;
}

#endif
