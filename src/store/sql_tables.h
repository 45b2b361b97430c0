/* Why: which tables a named query reads and which it changes, found in its own words, so that what is remembered of the database (recall.h) is dropped by
 * every change there ever will be and not by a list that somebody must extend. Internal to store/.
 *
 * Every name of a table in the text counts as read, wherever it stands; the one behind INSERT INTO, UPDATE or DELETE FROM is changed. That is enough because the
 * schema has no triggers, views or cascading deletes; sql_tables_test.c holds it against what SQLite itself says about every query. */
#ifndef MUSTER_STORE_SQL_TABLES_H
#define MUSTER_STORE_SQL_TABLES_H

#include <stdint.h>

#include "base/embedded.h"
#include "base/text.h"

enum { SQL_TABLES_MAX = 128 };

struct sql_tables { /* a set, by place in sql_table_names */
    uint64_t words[SQL_TABLES_MAX / 64];
};

struct sql_table_names {
    struct text names[SQL_TABLES_MAX];
    size_t count;
};

/* Those that the files "migrations/..." create. False: more than SQL_TABLES_MAX. */
bool sql_table_names(const struct embedded_file *files, size_t count, struct sql_table_names *ret);

/* Adds what `part` of a query names. `part` begins and ends between two words, and with "INSERT INTO" comes the name. */
void sql_tables_add(const struct sql_table_names *names, struct text part, struct sql_tables *reads, struct sql_tables *changes);

bool sql_tables_has(const struct sql_tables *tables, size_t place);
bool sql_tables_is_empty(const struct sql_tables *tables);

#endif
