/* Why: see seek.h. */
#include "api/seek.h"

#include <stdio.h>

static enum err highest(struct db *db, const char *noun, int64_t *ret)
{
    char name[64];
    snprintf(name, sizeof name, "%s_seek_last", noun);
    struct query *q = db_query(db, name);
    *ret = query_next(q) ? query_int(q, 0) : 0;
    return query_err(q);
}

/* The first row that is not before `at`; one past the last when there is none. */
static enum err seek(struct db *db, const char *noun, instant at, int64_t *ret)
{
    char name[64];
    snprintf(name, sizeof name, "%s_seek", noun);
    int64_t low = 1, high;
    enum err err = highest(db, noun, &high);
    for (high++; err == OK && low < high;) {
        int64_t middle = low + (high - low) / 2;
        struct query *q = db_query(db, name);
        query_bind_int(q, "number", middle);
        if (query_next(q) && query_int(q, 0) < high && instant_before(query_instant(q, 1), at))
            low = query_int(q, 0) + 1;
        else
            high = middle;
        err = query_err(q);
    }
    *ret = low;
    return err;
}

enum err seek_from(struct db *db, const char *noun, instant since, int64_t *ret_number)
{
    return seek(db, noun, instant_add_s(since, -SEEK_SLACK_S), ret_number);
}

enum err seek_before(struct db *db, const char *noun, instant until, int64_t *ret_number)
{
    return seek(db, noun, instant_add_s(until, SEEK_SLACK_S), ret_number);
}
