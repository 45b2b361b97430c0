/* Why: what the files of named queries share: query.c says what is asked, query_run.c runs it and reads its rows (db.h). Internal to store/. */
#ifndef MUSTER_STORE_QUERY_STATE_H
#define MUSTER_STORE_QUERY_STATE_H

#include "store/backend.h"

enum { COLUMNS_REMEMBERED = 64 };

enum query_state { QUERY_READY, QUERY_ROW, QUERY_DONE, QUERY_FAILED };

struct variant {
    struct variant *next;
    uint64_t mask;
    size_t parameter_count;
    int parameters[SQL_PARAMETERS_MAX]; /* by place */
    struct statement *statement;
    char **names; /* of the columns, once one was asked for by name: the database answers each time with all its ceremony */
    unsigned char asked_next[COLUMNS_REMEMBERED]; /* the column that was asked for after this one: the same code reads every row in the same order */
};

struct query {
    struct db *db;
    const struct sql_query *definition;
    struct variant *variants; /* prepared so far, the latest used first */
    size_t variant_count;
    struct variant *current;
    enum query_state state;
    enum err err;
    uint64_t enabled;
    int64_t changes;
    const struct answer *answer; /* remembered: the statement does not run */
    size_t row;                  /* of the answer */
    int columns; /* of the current row */
    bool later; /* the run may not have happened yet */
    bool takes_new_number; /* has that parameter */
    const char *table;     /* of such an insert */
    size_t bound;
    unsigned char binding_order[SQL_PARAMETERS_MAX]; /* parameter by bind: the same code binds the same names in the same order */
    struct value values[SQL_PARAMETERS_MAX];
    int last_column; /* that query_column found */
    struct query *rows; /* does many runs of this one (gather.h); or NULL */
};

/* A name that nothing has: logged, then abort. */
void query_programming_error(const char *what, const char *query, const char *name);
/* Gives the statement back, where a row of it was being read. */
void query_finish(struct query *q, enum query_state state);
/* The text that the bound values call for becomes `current`, prepared when it was not. */
enum err query_choose_variant(struct query *q) MUST_CHECK;

#endif
