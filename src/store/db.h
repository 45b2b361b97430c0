/* Why: one interface over SQLite (default) and PostgreSQL, so that everything above speaks named SQL only.
 *
 * A `struct db` is one connection and belongs to one thread at a time. Named queries live in sql/queries/NOUN.sql
 * (see sql/README.md for the syntax) and are embedded in the binary; db_open of the writer prepares every one of them
 * against the schema, plain and with all blocks on, and fails loudly if one does not fit.
 *
 *   struct query *q = db_query(db, "service_get");
 *   query_bind_text(q, "id", id);
 *   if (query_next(q)) name = text_copy(arena, query_text(q, 1));
 *   if (query_failed(q)) return query_err(q);
 *
 * A `-- if: NAME` block of a query takes part when a parameter called NAME was bound to something that is not NULL, or
 * after query_enable(q, "NAME"). A query handle is reset by the next db_query() of the same name; never nest two runs of one name.
 * Every parameter of the text that takes part must be bound: ERR_INTERNAL otherwise; an unknown name aborts.
 *
 * After any error inside a transaction, ERR_CONFLICT included, only db_rollback helps: PostgreSQL
 * works like that, so SQLite is held to it too. To tolerate a conflict say `ON CONFLICT DO NOTHING`.
 * Outside a transaction each statement is its own; a change that returns rows must be inside one.
 * Begin, commit and rollback end every run that has rows left.
 *
 * Errors: ERR_CONFLICT (unique or foreign key), ERR_UNAVAILABLE (busy, full, read-only, connection lost: nothing was
 * written), ERR_AMBIGUOUS (only from db_commit: it may be durable), ERR_INTERNAL (our SQL is wrong). */
#ifndef MUSTER_STORE_DB_H
#define MUSTER_STORE_DB_H

#include "base/env.h"
#include "base/instant.h"
#include "base/text.h"

struct db;
struct query;

enum db_mode {
    DB_WRITER, /* exactly one per process; takes the write lock of the installation */
    DB_READER, /* read-only snapshots */
    DB_ADMIN,  /* a command-line tool beside or without a running server: may write, waits for the lock (5 s) */
};

/* `url`: a path or "sqlite:PATH" for SQLite; "postgresql://..." for PostgreSQL. Does not migrate.
 * SQLite: WAL, synchronous=FULL, foreign keys on; read back and refused otherwise.
 * On failure logs the reason and returns ERR_UNAVAILABLE, ERR_TOO_NEW (schema newer than this binary) or ERR_INTERNAL. */
enum err db_open(struct db **ret, const char *url, enum db_mode mode) MUST_CHECK;
void db_close(struct db *db); /* NULL is allowed; rolls back an open transaction */

/* Brings the schema up to this binary's version: forward only, each step in one transaction, resumable.
 * ERR_TOO_NEW writes nothing. */
enum err db_migrate(const char *url) MUST_CHECK;
int db_schema_version_of_binary(void);

/* SQLite: online copy into the new file `path` (ERR_CONFLICT: it exists), consistent, while others write; fsynced.
 * PostgreSQL: ERR_INVALID; the caller points to pg_dump. */
enum err db_backup(struct db *db, const char *path) MUST_CHECK;
/* Integrity and settings; adds a line for each thing that is wrong. */
struct problem;
enum err db_check(struct db *db, struct problem *problem) MUST_CHECK;

enum err db_begin(struct db *db) MUST_CHECK;  /* DB_WRITER: immediate; DB_READER: one snapshot until db_rollback */
enum err db_commit(struct db *db) MUST_CHECK;
void db_rollback(struct db *db); /* no-op without a transaction */
bool db_in_transaction(const struct db *db);
bool db_has_failed(const struct db *db); /* a statement of the open transaction has: only a rollback helps */

/* Goes up with every commit of this program that changed a table which a `-- remembered` query of sql/queries reads, by the server or by a command beside it, and in the
 * same transaction: two snapshots with one version hold the same configuration. What is no such program and writes into the file by hand is counted by the writer's next commit: until then
 * it goes unnoticed. On PostgreSQL it is not counted. */
enum err db_configuration_version(struct db *db, int64_t *ret_version) MUST_CHECK;

/* What the writer works out from `-- remembered` queries alone can be kept until one of their answers may be another (store/recall.h), for the instants for which
 * it is the same.
 *
 *   thing = db_conclusion(db, key, now);             known, or NULL: then what is asked from here on is what it follows from
 *   if (!thing) ...                                  works it out
 *   arena = db_conclusion_arena(db);                 NULL: it must not be kept (or nothing is: a reader, no transaction)
 *   if (arena) db_conclude(db, range, copy_of(arena, thing));
 *
 * One at a time. What is known stays in place until the next db_begin. */
enum { DB_CONCLUSION_BYTES_MAX = 1024 * 1024 }; /* taken from the arena; the key is short */
const void *db_conclusion(struct db *db, struct text key, instant now);
struct arena *db_conclusion_arena(struct db *db);
void db_conclude(struct db *db, struct instant_range range, const void *conclusion);

/* The writer may remember what only it writes: what it has read or written is true while this number stays the same. It is another one after a rollback, after a change by
 * somebody else and on a new connection. Ask inside a transaction. */
int64_t db_memory(const struct db *db);

/* Each answer costs a trip to another process: better ask once for many. */
bool db_is_remote(const struct db *db);

/* After an error other than ERR_CONFLICT the connection may be broken; true: close it and open a new one. */
bool db_is_broken(const struct db *db);
const char *db_last_message(const struct db *db); /* for the log, never for clients */

/* Aborts on an unknown name: that is a programming error a test finds at once. */
struct query *db_query(struct db *db, const char *name);

void query_bind_text(struct query *q, const char *parameter, struct text value); /* absent text binds NULL; must live until the run starts */
void query_bind_int(struct query *q, const char *parameter, int64_t value);
void query_bind_bool(struct query *q, const char *parameter, bool value);      /* 0 or 1 */
void query_bind_instant(struct query *q, const char *parameter, instant value); /* INSTANT_NONE binds NULL */
void query_bind_null(struct query *q, const char *parameter);
void query_enable(struct query *q, const char *block);

/* A number that is another one when a table that this query reads may have changed since: by a statement of this connection, a rollback, or a commit of somebody
 * else seen when a transaction began (recall.h says whom of them PostgreSQL notices). Only of a writer; may repeat after it was closed and opened again. */
uint64_t db_changes_to(struct db *db, const char *query);

/* Next row; false at the end or on error (then query_failed). The first call runs the statement. */
bool query_next(struct query *q);
/* Runs to the end, ignoring rows. */
enum err query_run(struct query *q) MUST_CHECK;
/* The same for a change inside a transaction whose outcome is not needed yet (query_changes must not be asked): PostgreSQL is not waited for. If
 * it fails, then the next statement that is waited for or the commit fails with its error; ERR_CONFLICT of a commit is then certain. */
enum err query_run_later(struct query *q) MUST_CHECK;
/* Runs an INSERT of one row and gives its number. Either it has a parameter `new_number` for its key (always so where that is @numbered): the store fills it in, and
 * PostgreSQL, which then hands out numbers in blocks, is not waited for, as in query_run_later. Or it ends with `@returning(COLUMN)`, the table's @autoid: then
 * ERR_NOT_FOUND says that ON CONFLICT DO NOTHING did nothing. */
enum err query_insert(struct query *q, int64_t *ret_number) MUST_CHECK;
/* The number of a row to come, so that rows which name each other are each written once: bind it as `new_number`, then the insert needs no answer
 * (query_run_later). In a transaction. A number that is not used is a gap. */
enum err db_new_number(struct db *db, const char *table, int64_t *ret_number) MUST_CHECK;
bool query_failed(const struct query *q);
enum err query_err(const struct query *q);
int64_t query_changes(const struct query *q); /* rows inserted, updated or deleted by the last run */

/* Columns of the current row, from 0. Text is valid until the next query_next/query_run/db_query of this name. NULL reads
 * as 0, false, INSTANT_NONE, TEXT_NONE. */
int64_t query_int(struct query *q, int column);
bool query_bool(struct query *q, int column);
instant query_instant(struct query *q, int column);
struct text query_text(struct query *q, int column);
bool query_is_null(struct query *q, int column);
int query_columns(struct query *q);
const char *query_column_name(struct query *q, int column);
/* Index of a column by its name; aborts when there is none. */
int query_column(struct query *q, const char *name);
/* The text of that column, copied: it outlives the row. TEXT_NONE: null. */
struct text query_text_in(struct arena *arena, struct query *q, const char *column);

#endif
