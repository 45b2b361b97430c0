/* Why: see gather.h. */
#include "store/gather.h"

#include <assert.h>
#include <stdlib.h>

enum { ROWS_ARENA_BYTES = 256 * 1024 * 1024 };

struct rows {
    struct gathered what;
    struct arena *arena;
    struct value *values; /* row by row */
    size_t count, capacity, bytes;
};

struct gather {
    struct rows rows[GATHER_QUERIES_MAX];
    size_t count;
};

struct gather *gather_new(void)
{
    struct gather *gather = calloc(1, sizeof *gather);
    if (!gather)
        abort();
    return gather;
}

void gather_free(struct gather *gather)
{
    for (size_t i = 0; gather && i < GATHER_QUERIES_MAX; i++)
        if (gather->rows[i].arena)
            arena_free(gather->rows[i].arena);
    free(gather);
}

/* Another takes its place; the arena of the one that leaves is used again. */
static void remove_at(struct gather *gather, size_t place)
{
    struct rows *last = &gather->rows[--gather->count], gone = gather->rows[place];
    gather->rows[place] = *last;
    arena_reset(gone.arena);
    *last = (struct rows){.arena = gone.arena};
}

static enum err send_each(struct db *db, const struct rows *rows)
{
    const struct value *values[SQL_PARAMETERS_MAX];
    enum err err = OK;
    for (size_t row = 0; row < rows->count && err == OK; row++) {
        for (size_t i = 0; i < rows->what.columns; i++)
            values[i] = &rows->values[row * rows->what.columns + i];
        err = db->backend->send(rows->what.one, values, rows->what.columns, rows->what.query->name);
    }
    return err;
}

static enum err send_at(struct db *db, size_t place)
{
    const struct rows *rows = &db->gather->rows[place];
    const struct gathered *what = &rows->what;
    bool many = rows->count >= GATHER_ROWS_MIN;
    enum err err = many ? db->backend->send_rows(what->many, rows->values, rows->count, what->columns, what->query->name) : send_each(db, rows);
    remove_at(db->gather, place);
    return err;
}

static bool share_tables(const struct sql_tables *one, const struct sql_tables *other)
{
    uint64_t shared = 0;
    for (size_t i = 0; i < SQL_TABLES_MAX / 64; i++)
        shared |= one->words[i] & other->words[i];
    return shared != 0;
}

/* A query that names no table that is known might do anything. */
static bool meet(const struct sql_query *gathered, const struct sql_query *next)
{
    return sql_tables_is_empty(&gathered->changes) || sql_tables_is_empty(&next->reads) || share_tables(&gathered->changes, &next->reads) ||
           share_tables(&gathered->reads, &next->changes);
}

enum err gather_make_way(struct db *db, const struct sql_query *next, bool joins)
{
    if (!db->gather)
        return OK;
    for (size_t i = db->gather->count; i-- > 0;) {
        const struct sql_query *query = db->gather->rows[i].what.query;
        if ((query == next && joins) || !meet(query, next))
            continue;
        enum err err = send_at(db, i);
        if (err != OK)
            return err;
    }
    return OK;
}

enum err gather_send(struct db *db)
{
    enum err err = OK;
    while (err == OK && db->gather && db->gather->count > 0)
        err = send_at(db, db->gather->count - 1);
    return err;
}

void gather_forget(struct db *db)
{
    while (db->gather && db->gather->count > 0)
        remove_at(db->gather, db->gather->count - 1);
}

/* A place for the rows of a query; at the most one of the others makes room. */
static enum err open_rows(struct db *db, const struct gathered *what, size_t *ret_place)
{
    struct gather *gather = db->gather;
    enum err err = gather->count == GATHER_QUERIES_MAX ? send_at(db, 0) : OK;
    if (err != OK)
        return err;
    struct rows *rows = &gather->rows[gather->count];
    *rows = (struct rows){.what = *what, .arena = rows->arena ? rows->arena : arena_new(ROWS_ARENA_BYTES)};
    *ret_place = gather->count++;
    return OK;
}

enum err gather_add(struct db *db, const struct gathered *what, const struct value *const *values)
{
    struct gather *gather = db->gather;
    size_t place = 0, count = what->columns;
    while (place < gather->count && gather->rows[place].what.query != what->query)
        place++;
    enum err err = place == gather->count ? open_rows(db, what, &place) : OK;
    if (err != OK)
        return err;
    struct rows *rows = &gather->rows[place];
    assert(rows->what.one == what->one && rows->what.columns == count);
    if ((rows->count + 1) * count > rows->capacity) {
        size_t capacity = rows->capacity > 0 ? 2 * rows->capacity : 8 * count;
        struct value *grown = ARENA_ARRAY(rows->arena, struct value, capacity);
        if (rows->count > 0)
            memcpy(grown, rows->values, rows->count * count * sizeof *grown);
        rows->values = grown;
        rows->capacity = capacity;
    }
    struct value *row = &rows->values[rows->count++ * count];
    for (size_t i = 0; i < count; i++) {
        row[i] = *values[i];
        if (row[i].kind == VALUE_TEXT) {
            row[i].text = text_copy(rows->arena, row[i].text);
            rows->bytes += row[i].text.size;
        }
    }
    return rows->count == GATHER_ROWS_MAX || rows->bytes >= GATHER_BYTES_MAX ? send_at(db, place) : OK;
}
