/* Why: what the files of the PostgreSQL backend share: the connection, errors, and the pipeline of statements that nobody waits for yet.
 *
 * A change whose outcome is not needed is only sent (libpq's pipeline mode): the next statement that is waited for travels behind it, and one round trip
 * brings all answers. The server runs them in order; when one fails it does nothing more until the next sync, so a read or a COMMIT behind it does not happen.
 * Internal to store/. */
#ifndef MUSTER_STORE_POSTGRES_H
#define MUSTER_STORE_POSTGRES_H

#include <libpq-fe.h>

#include "store/backend.h"

enum {
    SENT_MAX = 1024,  /* statements under way */
    NUMBERS_MAX = 256, /* of a block */
    NUMBERS_FIRST = 16,
    TABLES_MAX = 32,
};

struct numbers {
    char table[64], sequence[16]; /* its oid */
    int64_t block[NUMBERS_MAX];
    int next, count; /* what is left of it at the end is skipped, so the first blocks are small */
};

struct postgres {
    PGconn *handle;
    char outside_changes[24]; /* how many there were as the last transaction began */
    bool others_changed;
    int64_t prepared; /* names of statements */
    size_t sent;      /* not waited for yet; the connection is in pipeline mode while there are some */
    const char *names[SENT_MAX];
    struct numbers numbers[TABLES_MAX];
};

static inline struct postgres *postgres_of(struct db *db)
{
    return db->connection;
}

enum err postgres_lost(struct db *db);                   /* ERR_UNAVAILABLE; the connection is broken */
enum err postgres_fail(struct db *db, PGresult *result); /* what its SQLSTATE means; takes the result */
bool postgres_succeeded(const PGresult *result);

enum err postgres_begin_pipeline(struct db *db) MUST_CHECK;
/* Waits for what was sent without waiting: the first failure, which keeps the server from doing the rest. Then `ret_last`, when given, is what became of one
 * more statement sent behind them (NULL: it was not run, or the connection is lost). `ret_lost`: no answer came, so nobody knows. */
enum err postgres_finish_pipeline(struct db *db, PGresult **ret_last, bool *ret_lost) MUST_CHECK;
enum err postgres_settle(struct db *db) MUST_CHECK;

/* postgres_rows.c: the types of the elements of a statement whose `count` parameters are arrays; and such an array, of every `stride`-th value. */
enum err postgres_describe_rows(struct db *db, const char *statement, size_t count, unsigned *ret_elements) MUST_CHECK;
enum err postgres_array(struct db *db, struct arena *arena, unsigned element, const struct value *first, size_t rows, size_t stride, struct text *ret) MUST_CHECK;

enum err postgres_new_number(struct db *db, const char *table, int64_t *ret) MUST_CHECK; /* backend.h */

#endif
