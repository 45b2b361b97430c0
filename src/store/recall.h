/* Why: the writer asks the same questions again and again (whose key is this, what does the policy say, who can be reached) although only a change of
 * configuration can alter the answer. A query marked `-- remembered` in sql/queries is asked once; its rows are then kept here.
 *
 * An answer can never be stale:
 *   - it is kept under the whole question: the query, its blocks and every bound value. Nothing else enters an answer: SQL here knows no clock and no chance;
 *   - it counts only while no statement of this connection has changed a table that the query reads. Which tables these are is read from the texts of the queries
 *     (sql_tables.h), so a query that is added tomorrow is known by itself;
 *   - all are forgotten when a transaction is rolled back, when another connection has committed a change (SQLite notices each of them, PostgreSQL those of `muster`
 *     commands, which count them), and with the connection. A transaction that writes holds off every other on SQLite, and asking happens only inside one.
 *
 * So the mark decides about speed alone. It belongs where the tables rarely change: an answer about incidents or messages would never be used twice.
 *
 * What is worked out from such answers alone is as true as they are. A conclusion (db_conclusion) is kept beside them, as one that read all the tables that were asked
 * while it was worked out; one for which anything else was asked is not kept.
 * Only the writer remembers. Internal to store/. */
#ifndef MUSTER_STORE_RECALL_H
#define MUSTER_STORE_RECALL_H

#include "base/arena.h"
#include "store/backend.h"

enum {
    /* Twice as much may be in use at the end of a transaction. */
    RECALL_BYTES_MAX = 8 * 1024 * 1024, /* full: begins anew with the next transaction */
    RECALL_ANSWER_BYTES_MAX = 64 * 1024, /* with its question; a longer one is not kept */
    RECALL_COLUMNS_MAX = 32,
};

struct question {
    const struct sql_query *query;
    uint64_t mask;
    const struct value *const *values; /* in the order of their places */
    size_t value_count;
    instant at; /* of a conclusion */
};

struct cell {
    bool is_null;
    int64_t number;
    struct text text;
};

struct answer {
    int columns;
    size_t rows;
    struct cell *cells; /* row by row */
    const void *conclusion; /* instead of cells; true within `range` */
    struct instant_range range;
};

struct recall;

struct recall *recall_new(void);
void recall_free(struct recall *recall); /* NULL is allowed */

/* Between two transactions: texts of answers may go. */
void recall_begin(struct recall *recall, bool others_changed);
/* Nothing of what is known counts any more. Texts stay until the next recall_begin. */
void recall_forget(struct recall *recall);
void recall_note_change(struct recall *recall, const struct sql_tables *changes);
/* When one of these tables changed last, or everything was forgotten, on a clock of changes. */
uint64_t recall_changed_at(const struct recall *recall, const struct sql_tables *tables);

/* NULL: it must be asked. `*ret_keep`: a place for the answer, or NULL when it is not to be kept. */
const struct answer *recall_find(struct recall *recall, const struct question *question, struct answer **ret_keep);

/* The next row of an answer that is being asked; texts are copied. False: it is too long, or memory is full, and it cannot be kept. */
bool recall_add_row(struct recall *recall, struct answer *answer, const struct cell *row, int columns);
/* From now on it is found. */
void recall_keep(struct recall *recall, struct answer *answer);

/* Every run of a query, before it. */
void recall_note_question(struct recall *recall, const struct sql_query *query);
/* See db_conclusion in db.h. */
const void *recall_conclusion(struct recall *recall, struct text key, instant now);
struct arena *recall_conclusion_arena(struct recall *recall);
void recall_conclude(struct recall *recall, struct instant_range range, const void *conclusion);

#endif
