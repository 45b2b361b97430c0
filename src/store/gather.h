/* Why: a statement costs PostgreSQL's server as much to set up as to run, and a batch writes the same few kinds of rows again and again. Beside a query NAME may
 * stand NAME_gathered, which does many runs of it as one statement: it takes the same parameters in the same order, each as an array with an element per run. Then
 * query_run_later only keeps the values.
 *
 * Nobody can tell the difference:
 *   - before any other query that names one of the tables and before the commit the rows are sent (sql_tables.h knows what a query names);
 *     what is gathered at one time is therefore independent of one another;
 *   - a row that fails is told as with any change that nobody waits for: by the next call that waits, or by the commit;
 *   - what a rollback takes back was never sent.
 * Foreign keys would be looked at too early, so such a table has none (gather_test.c looks). Internal to store/. */
#ifndef MUSTER_STORE_GATHER_H
#define MUSTER_STORE_GATHER_H

#include "store/backend.h"

enum {
    GATHER_QUERIES_MAX = 16, /* at one time */
    GATHER_ROWS_MIN = 4,     /* for the statement for many: fewer are sent one by one, which is cheaper */
    GATHER_ROWS_MAX = 256,   /* of one; then they are sent */
    GATHER_BYTES_MAX = 1024 * 1024, /* likewise, of texts */
};

struct gather *gather_new(void);
void gather_free(struct gather *gather); /* NULL is allowed */

struct gathered {
    const struct sql_query *query;
    struct statement *one, *many;
    size_t columns; /* parameters */
};

/* The values of one run; they are copied. */
enum err gather_add(struct db *db, const struct gathered *gathered, const struct value *const *values) MUST_CHECK;
/* Sends what `next` could see or undo. `joins`: it is gathered itself and goes behind the earlier runs of the same query. */
enum err gather_make_way(struct db *db, const struct sql_query *next, bool joins) MUST_CHECK;
enum err gather_send(struct db *db) MUST_CHECK; /* everything */
void gather_forget(struct db *db);              /* rolled back */

#endif
