/* Why: the SQL of Muster is text in sql/, written once for two databases. This reads it: definitions by name, fragments,
 * macros, optional blocks, overrides by dialect (syntax: sql/README.md), and turns a query into what a database accepts. */
#ifndef MUSTER_STORE_SQL_H
#define MUSTER_STORE_SQL_H

#include "base/embedded.h"
#include "base/problem.h"
#include "store/sql_tables.h"

enum {
    SQL_PARAMETERS_MAX = 64, /* named parameters of one query */
    SQL_BLOCKS_MAX = 60,     /* different `-- if:` names of one query; they are bits of a mask */
    SQL_QUERY_BYTES_MAX = 64 * 1024,
};

enum sql_dialect { SQL_SQLITE, SQL_POSTGRES };

/* A query is a row of pieces: plain text, or the place of a parameter; each in every variant or in those where a block is on (or off). */
struct sql_piece {
    struct text text;
    int parameter; /* index, or -1: text */
    int block;     /* index, or -1: always */
    bool when_off; /* the `-- else` side of the block */
};

struct sql_query {
    const char *name;
    struct sql_piece *pieces;
    size_t piece_count;
    const char **parameters;
    size_t parameter_count;
    const char **blocks;
    int *block_parameters; /* the parameter of the same name, or -1 */
    size_t block_count;
    struct sql_tables reads, changes;
    bool remembered; /* `-- remembered`: see store/recall.h */
    bool changes_remembered; /* a table that a remembered query reads */
};

/* One text to prepare: the parameter at place i (from 0) is parameters[i] of the query. */
struct sql_variant {
    const char *sql;
    int parameters[SQL_PARAMETERS_MAX];
    size_t parameter_count;
};

struct sql_library;

/* Reads every "queries/..." file for one dialect; the library lives on `arena`. Adds every mistake with its file and line: duplicate names,
 * unknown fragments and macros, blocks left open, too many parameters. */
enum err sql_library_read(struct arena *arena, const struct embedded_file *files, size_t count, enum sql_dialect dialect,
                          struct problem *problem, struct sql_library **ret) MUST_CHECK;
/* The SQL inside this binary, read once per process and dialect; aborts when it is wrong, naming every mistake. */
const struct sql_library *sql_library_embedded(enum sql_dialect dialect);

size_t sql_library_count(const struct sql_library *library);
const struct sql_query *sql_library_at(const struct sql_library *library, size_t index); /* ordered by name */
/* Index of the query, or -1. */
int sql_library_find(const struct sql_library *library, const char *name);

/* `mask`: bit i is on when block i takes part. */
void sql_variant_of(struct arena *arena, const struct sql_query *query, uint64_t mask, enum sql_dialect dialect, struct sql_variant *ret);

struct sql_migration {
    int version; /* from the name: 0001_foundation is 1 */
    const char *name;
    const char *sql;      /* with macros replaced */
    const char *checksum; /* SHA-256 of its files behind one another, hex */
};

/* "migrations/NNNN_name.sql" or the files of the folder "migrations/NNNN_name", in the order of their names; ascending, as `files` is. Mistakes: a gap or
 * a repeated number, a name of another form, more than 1 MiB. */
enum err sql_migrations_read(struct arena *arena, const struct embedded_file *files, size_t count, enum sql_dialect dialect,
                             struct problem *problem, struct sql_migration **ret, size_t *ret_count) MUST_CHECK;

#endif
