/* Why: see sqlite_numbers.h. */
#include "store/sqlite_numbers.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* What a step came to. */
static int run(sqlite3_stmt *statement)
{
    sqlite3_step(statement);
    return sqlite3_reset(statement);
}

static int prepare(sqlite3 *handle, const char *sql, sqlite3_stmt **kept)
{
    return *kept ? SQLITE_OK : sqlite3_prepare_v3(handle, sql, -1, SQLITE_PREPARE_PERSISTENT, kept, NULL);
}

static struct sqlite_numbered *place_of(struct sqlite_numbers *numbers, const char *table)
{
    struct sqlite_numbered *place = numbers->tables, *end = place + SQLITE_NUMBERS_TABLES_MAX;
    while (place < end && place->table[0] && strcmp(place->table, table) != 0)
        place++;
    assert(place < end && strlen(table) < sizeof place->table);
    if (!place->table[0])
        snprintf(place->table, sizeof place->table, "%s", table);
    return place;
}

/* The highest that was given, whether its row is still there or not, and whoever inserted it. */
static int read_last(sqlite3 *handle, struct sqlite_numbered *place)
{
    char *sql = sqlite3_mprintf("SELECT MAX(COALESCE((SELECT seq FROM sqlite_sequence WHERE name = %Q), 0), COALESCE((SELECT MAX(rowid) FROM \"%w\"), 0))",
                                place->table, place->table);
    int code = sql ? prepare(handle, sql, &place->ask) : SQLITE_NOMEM;
    sqlite3_free(sql);
    if (code != SQLITE_OK)
        return code;
    if (sqlite3_step(place->ask) == SQLITE_ROW)
        place->last = sqlite3_column_int64(place->ask, 0);
    return sqlite3_reset(place->ask);
}

int sqlite_numbers_next(struct sqlite_numbers *numbers, sqlite3 *handle, const char *table, int64_t *ret)
{
    struct sqlite_numbered *place = place_of(numbers, table);
    bool alone = sqlite3_get_autocommit(handle) != 0; /* then the next one may be after anybody's */
    int code = place->known && !alone ? SQLITE_OK : read_last(handle, place);
    if (code != SQLITE_OK)
        return code;
    place->known = place->given = !alone;
    *ret = ++place->last;
    return SQLITE_OK;
}

/* sqlite_sequence has no key that an upsert could meet. */
static int keep(struct sqlite_numbers *numbers, sqlite3 *handle, const struct sqlite_numbered *place)
{
    sqlite3_stmt *const statements[] = {numbers->note, numbers->add};
    for (int i = 0; i < 2; i++) {
        sqlite3_bind_int64(statements[i], 1, place->last);
        sqlite3_bind_text(statements[i], 2, place->table, -1, SQLITE_STATIC);
        int code = run(statements[i]);
        if (code != SQLITE_OK || sqlite3_changes64(handle) > 0)
            return code;
    }
    return SQLITE_INTERNAL;
}

int sqlite_numbers_keep(struct sqlite_numbers *numbers, sqlite3 *handle)
{
    int code = SQLITE_OK;
    for (struct sqlite_numbered *place = numbers->tables; place < numbers->tables + SQLITE_NUMBERS_TABLES_MAX && place->table[0] && code == SQLITE_OK; place++) {
        if (!place->given)
            continue;
        code = prepare(handle, "UPDATE sqlite_sequence SET seq = ?1 WHERE name = ?2", &numbers->note);
        if (code == SQLITE_OK)
            code = prepare(handle, "INSERT INTO sqlite_sequence (seq, name) VALUES (?1, ?2)", &numbers->add);
        if (code == SQLITE_OK)
            code = keep(numbers, handle, place);
        place->given = false;
    }
    return code;
}

void sqlite_numbers_forget(struct sqlite_numbers *numbers)
{
    for (struct sqlite_numbered *place = numbers->tables; place < numbers->tables + SQLITE_NUMBERS_TABLES_MAX && place->table[0]; place++)
        place->known = place->given = false;
}

void sqlite_numbers_close(struct sqlite_numbers *numbers)
{
    for (struct sqlite_numbered *place = numbers->tables; place < numbers->tables + SQLITE_NUMBERS_TABLES_MAX; place++)
        sqlite3_finalize(place->ask);
    sqlite3_finalize(numbers->note);
    sqlite3_finalize(numbers->add);
}
