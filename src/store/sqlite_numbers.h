/* Why: SQLite's AUTOINCREMENT looks for the table in sqlite_sequence, row by row, and writes its last number back, for each row that is inserted: 6,700 instructions, half of what the
 * insert of an event took. Here the last number of a table is read once in a transaction, counted in memory and written back to the same place before the
 * commit. The promise is the same: a number is given once, even if the newest row was deleted since.
 *
 * For tables whose key is `@numbered` (sql/README.md): each INSERT names its number, `:new_number`. Internal to store/. */
#ifndef MUSTER_STORE_SQLITE_NUMBERS_H
#define MUSTER_STORE_SQLITE_NUMBERS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <stdint.h>

enum { SQLITE_NUMBERS_TABLES_MAX = 16, SQLITE_NUMBERS_NAME_MAX = 32 };

/* All zero at first. */
struct sqlite_numbers {
    struct sqlite_numbered {
        char table[SQLITE_NUMBERS_NAME_MAX]; /* empty: free */
        sqlite3_stmt *ask;
        int64_t last;
        bool known, given; /* in this transaction */
    } tables[SQLITE_NUMBERS_TABLES_MAX];
    sqlite3_stmt *note, *add;
};

/* Each returns SQLITE_OK or SQLite's error. */
int sqlite_numbers_next(struct sqlite_numbers *numbers, sqlite3 *handle, const char *table, int64_t *ret);
int sqlite_numbers_keep(struct sqlite_numbers *numbers, sqlite3 *handle); /* before each commit */

void sqlite_numbers_forget(struct sqlite_numbers *numbers); /* as each transaction begins */
void sqlite_numbers_close(struct sqlite_numbers *numbers);

#endif
