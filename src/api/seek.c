/* Why: see seek.h. */
#include "api/seek.h"

#include <stdio.h>

enum { CLOSE_ENOUGH = 32 /* rows; they are cheaper to walk than to search */, GUESS_MARGIN = 128 };

static enum err highest(struct db *db, const char *noun, int64_t *ret)
{
    char name[64];
    snprintf(name, sizeof name, "%s_seek_last", noun);
    struct query *q = db_query(db, name);
    *ret = query_next(q) ? query_int(q, 0) : 0;
    return query_err(q);
}

/* Rows below `low` are before the instant, those from `high` on are not; with the times that were last seen at both ends. */
struct search {
    struct db *db;
    const char *query;
    instant at, low_at, high_at;
    int64_t low, high;
};

static enum err probe(struct search *search, int64_t number)
{
    struct query *q = db_query(search->db, search->query);
    query_bind_int(q, "number", number);
    bool found = query_next(q) && query_int(q, 0) < search->high;
    instant row_at = found ? query_instant(q, 1) : search->high_at;
    if (found && instant_before(row_at, search->at)) {
        search->low = query_int(q, 0) + 1;
        search->low_at = row_at;
    } else {
        search->high = number;
        search->high_at = row_at;
    }
    return query_err(q);
}

/* Where the instant would be if rows came at one pace. */
static int64_t guess(const struct search *search)
{
    double whole = (double)(search->high_at.us - search->low_at.us), part = (double)(search->at.us - search->low_at.us);
    double share = whole > 0 && part > 0 ? part / whole : 0;
    return search->low + (int64_t)((double)(search->high - search->low - 1) * (share < 1 ? share : 1));
}

/* Close around the guess on both sides; where rows came at another pace, by halving. */
static enum err narrow(struct search *search)
{
    int64_t width = search->high - search->low, middle = guess(search), margin = width / GUESS_MARGIN;
    enum err err = probe(search, middle - margin > search->low ? middle - margin : search->low);
    if (err == OK && middle + margin > search->low && middle + margin < search->high)
        err = probe(search, middle + margin);
    if (err == OK && search->high > search->low && search->high - search->low > width / 4)
        err = probe(search, search->low + (search->high - search->low) / 2);
    return err;
}

/* Fewer than CLOSE_ENOUGH rows around the first that is not before `at`; one past the last when there is none. */
static enum err seek(struct db *db, const char *noun, instant at, struct search *ret)
{
    char name[64];
    snprintf(name, sizeof name, "%s_seek", noun);
    struct search search = {.db = db, .query = name, .at = at, .low = 1, .low_at = at, .high_at = at};
    enum err err = highest(db, noun, &search.high);
    search.high++;
    if (err == OK && search.high > 1)
        err = probe(&search, search.high - 1);
    if (err == OK && search.low < search.high)
        err = probe(&search, search.low);
    while (err == OK && search.high - search.low > CLOSE_ENOUGH)
        err = narrow(&search);
    *ret = search;
    return err;
}

enum err seek_from(struct db *db, const char *noun, instant since, int64_t *ret_number)
{
    struct search search;
    enum err err = seek(db, noun, instant_add_s(since, -SEEK_SLACK_S), &search);
    *ret_number = search.low;
    return err;
}

enum err seek_before(struct db *db, const char *noun, instant until, int64_t *ret_number)
{
    struct search search;
    enum err err = seek(db, noun, instant_add_s(until, SEEK_SLACK_S), &search);
    *ret_number = search.high;
    return err;
}
