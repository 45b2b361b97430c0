/* Why: the seam inside the store. db.c knows named queries, binding and transactions; a backend knows one database's
 * library. Internal to store/: nobody else includes this. */
#ifndef MUSTER_STORE_BACKEND_H
#define MUSTER_STORE_BACKEND_H

#include "store/db.h"
#include "store/sql.h"

enum value_kind { VALUE_UNBOUND, VALUE_NULL, VALUE_INT, VALUE_TEXT };

struct value {
    enum value_kind kind;
    int64_t number;
    struct text text;
};

struct gather;
struct recall;
struct statement; /* a prepared variant; the backend's */

struct backend {
    enum sql_dialect dialect;
    /* Opens and sets up the connection in db->connection. With `peek` it must not write anything, not even a setting. */
    enum err (*open)(struct db *db, const char *url, bool peek);
    void (*close)(struct db *db);
    /* DB_WRITER: only one per installation. Held until close. */
    enum err (*lock)(struct db *db);
    /* One or several statements without parameters. */
    enum err (*execute)(struct db *db, const char *sql);
    enum err (*begin)(struct db *db);
    /* Since this connection's last transaction another connection committed a change: asked at the begin of one, by the writer (recall.h). */
    bool (*others_changed)(struct db *db);
    enum err (*commit)(struct db *db); /* ends the transaction either way */
    void (*rollback)(struct db *db);
    enum err (*prepare)(struct db *db, const char *sql, struct statement **ret);
    /* A number that tells this schema from any other; NULL: finding out costs as much as trying. */
    enum err (*schema_mark)(struct db *db, uint64_t *ret);
    void (*finalize)(struct statement *statement);
    /* Binds and runs as far as the first row. `to_the_end`: all calls of `next` follow before the caller's texts may go. */
    enum err (*start)(struct statement *statement, const struct value *const *values, size_t count, bool to_the_end, bool *ret_row);
    enum err (*next)(struct statement *statement, bool *ret_row);
    /* NULL: a run is always waited for. Inside a transaction: sends a change without waiting; if it fails, so does the next call that waits for the
     * server, with its error and `name` in the message. Every other function but `reset` waits. */
    enum err (*send)(struct statement *statement, const struct value *const *values, size_t count, const char *name);
    /* The same for many runs as one (gather.h): `rows` times `count` values, row by row. */
    enum err (*send_rows)(struct statement *statement, const struct value *values, size_t rows, size_t count, const char *name);
    /* A number for the table's key, which nobody else gets. */
    enum err (*new_number)(struct db *db, const char *table, int64_t *ret);
    void (*reset)(struct statement *statement);
    bool (*changes_data)(const struct statement *statement); /* as far as the backend can tell */
    int64_t (*changes)(const struct statement *statement);
    int64_t (*inserted)(struct db *db); /* number of the row inserted last; NULL: @returning makes the statement answer it */
    int (*columns)(const struct statement *statement);
    const char *(*column_name)(const struct statement *statement, int column);
    bool (*is_null)(const struct statement *statement, int column);
    /* 0 and TEXT_NONE for NULL. */
    int64_t (*number)(const struct statement *statement, int column);
    struct text (*text)(const struct statement *statement, int column);
    enum err (*backup)(struct db *db, const char *path); /* not inside a transaction */
    enum err (*check)(struct db *db, struct problem *problem);
};

extern const struct backend backend_sqlite, backend_postgres;

enum { RECENT_QUERIES = 256 };

struct db {
    const struct backend *backend;
    void *connection; /* the backend's own struct */
    enum db_mode mode;
    const struct sql_library *library;
    struct query **queries; /* by index of the library; made on first use */
    struct query *recent[RECENT_QUERIES]; /* by the address of the name */
    struct arena *arena;    /* lives as long as the connection */
    bool beside_a_writer;   /* which must notice what is committed here */
    struct recall *recall;  /* NULL: nothing is remembered */
    struct gather *gather;  /* NULL: the backend has no send_rows */
    int64_t memory;         /* db_memory */
    size_t running;         /* statements with rows still to come */
    bool in_transaction;
    bool counts_changes;    /* of configuration (db_configuration_version) */
    bool changed_configuration; /* in the open transaction */
    bool failed;            /* a statement of the open transaction failed: it can only be rolled back */
    enum err failed_with;   /* the first */
    bool broken;
    char message[512];
};

/* Keeps the text for the log; returns `err` so that a backend can `return db_fail(...)`. */
enum err db_fail(struct db *db, enum err err, const char *format, ...) PRINTF_LIKE(3, 4);

/* SQL that no named query knows, of a migration or a test: it may change anything, so nothing that is remembered counts any more. */
enum err db_execute(struct db *db, const char *sql) MUST_CHECK;

/* What has been changed counts for db_configuration_version; nothing is done where it has been counted. */
enum err db_count_change(struct db *db) MUST_CHECK;

/* Notes that a statement failed; what to say of each that follows it in the transaction. */
void db_note_failure(struct db *db, enum err err);
enum err db_failed_before(struct db *db) MUST_CHECK;

/* query.c: ends every run that has rows left; frees all prepared statements. */
void queries_finish(struct db *db);
void queries_close(struct db *db);

/* Opens without looking at the schema: migrate.c and db_open share it. ERR_NOT_FOUND: a peek found no database yet. `library`
 * NULL: the embedded one; tests bring their own. */
enum err db_connect(struct db **ret, const char *url, enum db_mode mode, bool peek, const struct sql_library *library) MUST_CHECK;
/* ERR_TOO_NEW when newer than the binary; `*ret_version` 0 when nothing was migrated yet. */
enum err db_schema_version(struct db *db, int *ret_version) MUST_CHECK;
bool db_url_is_postgres(const char *url);

#endif
