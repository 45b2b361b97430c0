/* Why: see db.h. Opening, transactions and errors, as far as they are the same on every database. Queries: query.c and query_run.c. */
#include "store/db.h"

#include <assert.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "store/backend.h"
#include "store/gather.h"
#include "store/recall.h"

enum { CONNECTION_BYTES_MAX = 64 * 1024 * 1024 };

/* Errors ------------------------------------------------------------------------------------------------------------ */

enum err db_fail(struct db *db, enum err err, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(db->message, sizeof db->message, format, args);
    va_end(args);
    return err;
}

bool db_is_broken(const struct db *db)
{
    return db->broken;
}

const char *db_last_message(const struct db *db)
{
    return db->message;
}

/* Opening ------------------------------------------------------------------------------------------------------------- */

/* No two connections of this process have had the same. */
static int64_t new_memory(void)
{
    static _Atomic int64_t last;
    return atomic_fetch_add(&last, 1) + 1;
}

bool db_url_is_postgres(const char *url)
{
    return strncmp(url, "postgresql://", 13) == 0 || strncmp(url, "postgres://", 11) == 0;
}

enum err db_connect(struct db **ret, const char *url, enum db_mode mode, bool peek, const struct sql_library *library)
{
    struct db *db = calloc(1, sizeof *db);
    if (!db)
        return ERR_UNAVAILABLE;
    db->backend = db_url_is_postgres(url) ? &backend_postgres : &backend_sqlite;
    db->mode = mode;
    db->memory = new_memory();
    db->arena = arena_new(CONNECTION_BYTES_MAX);
    db->library = library ? library : sql_library_embedded(db->backend->dialect);
    db->queries = ARENA_ARRAY(db->arena, struct query *, sql_library_count(db->library));
    if (db->backend->send_rows)
        db->gather = gather_new();
    enum err err = db->backend->open(db, url, peek);
    if (err == OK) {
        *ret = db;
        return OK;
    }
    if (err != ERR_NOT_FOUND)
        log_error("store", "cannot open the database: %s", db->message);
    db_close(db);
    return err;
}

static enum err prepare_variant(struct db *db, const struct sql_query *query, uint64_t mask, struct arena *arena)
{
    struct sql_variant sql;
    struct statement *statement;
    sql_variant_of(arena, query, mask, db->backend->dialect, &sql);
    enum err err = db->backend->prepare(db, sql.sql, &statement);
    if (err != OK) {
        log_error("store", "query=%s blocks=%llx does not fit the schema: %s", query->name, (unsigned long long)mask, db->message);
        return err;
    }
    db->backend->finalize(statement);
    return OK;
}

/* Plain and with every block on: a wrong column is found at start, whichever block it hides in. */
static enum err prepare_all(struct db *db)
{
    struct arena *arena = arena_new(1024 * 1024);
    enum err err = OK;
    for (size_t i = 0; i < sql_library_count(db->library) && err != ERR_UNAVAILABLE; i++) {
        const struct sql_query *query = sql_library_at(db->library, i);
        uint64_t all = (UINT64_C(1) << query->block_count) - 1;
        enum err plain = prepare_variant(db, query, 0, arena);
        enum err full = plain == OK && all != 0 ? prepare_variant(db, query, all, arena) : plain;
        if (full != OK)
            err = full; /* goes on: all wrong queries are named at once */
        arena_reset(arena);
    }
    arena_free(arena);
    return err;
}

/* A server opens its database again after each commit without an answer, and nothing is accepted until it has: the schema it tried before need not be tried again. */
static enum err see_that_queries_fit(struct db *db)
{
    static _Atomic uint64_t fitting;
    uint64_t mark = 0;
    enum err err = db->backend->schema_mark ? db->backend->schema_mark(db, &mark) : OK;
    if (err != OK || (mark != 0 && mark == atomic_load(&fitting)))
        return err;
    err = prepare_all(db);
    if (err == OK)
        atomic_store(&fitting, mark);
    return err;
}

enum err db_open(struct db **ret, const char *url, enum db_mode mode)
{
    struct db *db;
    enum err err = db_connect(&db, url, mode, false, NULL);
    if (err != OK)
        return err;
    int version;
    err = db_schema_version(db, &version);
    if (err == OK && version < db_schema_version_of_binary()) {
        log_error("store", "the database has schema version %d, this program needs %d: start the server once, it migrates", version,
                  db_schema_version_of_binary());
        err = ERR_UNAVAILABLE;
    }
    if (err == OK && mode == DB_WRITER)
        err = db->backend->lock(db);
    if (err == OK && mode == DB_WRITER)
        err = see_that_queries_fit(db);
    db->beside_a_writer = mode == DB_ADMIN;
    db->counts_changes = mode != DB_READER;
    if (err == OK && mode == DB_WRITER)
        db->recall = recall_new();
    if (err != OK) {
        log_error("store", "cannot use the database: %s", db->message[0] ? db->message : err_name(err));
        db_close(db);
        return err;
    }
    *ret = db;
    return OK;
}

void db_close(struct db *db)
{
    if (!db)
        return;
    db_rollback(db);
    queries_close(db);
    db->backend->close(db);
    recall_free(db->recall);
    gather_free(db->gather);
    arena_free(db->arena);
    free(db);
}

enum err db_backup(struct db *db, const char *path)
{
    return db->backend->backup(db, path);
}

/* Transactions ---------------------------------------------------------------------------------------------------------- */

static enum err log_failure(struct db *db, enum err err, const char *what)
{
    log_error("store", "%s: %s (%s)", what, db->message, err_name(err));
    return err;
}

static void forget(struct db *db)
{
    db->memory = new_memory();
    if (db->recall)
        recall_forget(db->recall);
}

void db_note_failure(struct db *db, enum err err)
{
    if (!db->in_transaction || db->failed)
        return;
    db->failed = true;
    db->failed_with = err;
}

/* Whoever overlooked that the store was away must not take it for a mistake of ours. */
enum err db_failed_before(struct db *db)
{
    return db_fail(db, db->failed_with == ERR_UNAVAILABLE ? ERR_UNAVAILABLE : ERR_INTERNAL,
                   "the transaction had failed before and can only be rolled back");
}

/* A row for the server and one for commands beside it, so that neither waits for the other on PostgreSQL. */
enum err db_count_change(struct db *db)
{
    if (!db->changed_configuration || !db->counts_changes)
        return OK;
    db->changed_configuration = false;
    struct query *q = db_query(db, "configuration_changed");
    query_bind_text(q, "name", db->beside_a_writer ? TEXT("configuration_changes_beside") : TEXT("configuration_changes"));
    return query_run(q);
}

enum err db_configuration_version(struct db *db, int64_t *ret_version)
{
    struct query *q = db_query(db, "configuration_version");
    int64_t version = 0, part;
    while (query_next(q))
        version += text_to_int64(query_text(q, 0), &part) ? part : 0;
    *ret_version = version;
    return query_err(q);
}

enum err db_begin(struct db *db)
{
    assert(!db->in_transaction);
    queries_finish(db);
    enum err err = db->backend->begin(db);
    if (err != OK)
        return log_failure(db, err, "cannot begin");
    db->in_transaction = true;
    db->failed = false;
    bool others_changed = db->recall && db->backend->others_changed(db);
    db->changed_configuration = others_changed; /* perhaps by hand, which counts nothing */
    if (!db->recall || others_changed)
        forget(db);
    if (db->recall)
        recall_begin(db->recall, others_changed);
    return OK;
}

enum err db_commit(struct db *db)
{
    assert(db->in_transaction);
    queries_finish(db);
    enum err err = db->failed ? db_failed_before(db) : db_count_change(db);
    if (err != OK) {
        db_rollback(db);
        return log_failure(db, err, "commit refused");
    }
    err = gather_send(db);
    if (err == OK)
        err = db->backend->commit(db);
    else
        db->backend->rollback(db);
    gather_forget(db);
    db->in_transaction = false;
    if (err != OK) {
        forget(db);
        return log_failure(db, err, "commit failed");
    }
    return OK;
}

enum err db_execute(struct db *db, const char *sql)
{
    forget(db);
    db->changed_configuration = true;
    enum err err = gather_send(db);
    return err == OK ? db->backend->execute(db, sql) : err;
}

void db_rollback(struct db *db)
{
    queries_finish(db);
    if (!db->in_transaction)
        return;
    gather_forget(db);
    db->backend->rollback(db);
    forget(db);
    db->in_transaction = false;
    db->failed = false;
}

bool db_in_transaction(const struct db *db)
{
    return db->in_transaction;
}

int64_t db_memory(const struct db *db)
{
    assert(db->in_transaction);
    return db->memory;
}

bool db_is_remote(const struct db *db)
{
    return db->backend->send != NULL;
}

bool db_has_failed(const struct db *db)
{
    return db->failed;
}
