/* Why: the store for installations that already run PostgreSQL or outgrow one disk. Text format in both directions: the
 * common subset is integers and text. libpq's rows arrive whole, so a run never holds the connection.
 *
 * Settings that carry the promise: synchronous_commit is not off, one session holds the advisory lock of the installation's schema.
 * A schema of its own is chosen with `?options=-csearch_path%3Dname`; opening for writing creates it. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/problem.h"
#include "store/postgres.h"

struct statement {
    struct db *db;
    char name[32];
    PGresult *result;
    int row;
    struct arena *arena; /* texts of the run */
    unsigned elements[SQL_PARAMETERS_MAX]; /* types, of a gathered query; 0: not asked yet */
};

static const char lock_not_available[] = "55P03"; /* SQLSTATE, with which a failure's message begins */

enum { RUN_BYTES_MAX = 16 * 1024 * 1024 };

static enum err postgres_execute(struct db *db, const char *sql)
{
    enum err err = postgres_settle(db);
    if (err != OK)
        return err;
    PGresult *result = PQexec(postgres_of(db)->handle, sql);
    if (!postgres_succeeded(result))
        return postgres_fail(db, result);
    PQclear(result);
    return OK;
}

/* First column of the first row; empty when NULL. */
static enum err ask(struct db *db, const char *sql, char *ret, size_t size)
{
    PGresult *result = PQexec(postgres_of(db)->handle, sql);
    if (PQresultStatus(result) != PGRES_TUPLES_OK)
        return postgres_fail(db, result);
    snprintf(ret, size, "%s", PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
    PQclear(result);
    return OK;
}

/* Opening -------------------------------------------------------------------------------------------------------------- */

static enum err settings_hold(struct db *db, struct problem *problem)
{
    char value[64];
    enum err err = ask(db, "SHOW synchronous_commit", value, sizeof value);
    if (err == OK && strcmp(value, "off") == 0) {
        err = db_fail(db, ERR_UNAVAILABLE, "synchronous_commit is off: an acknowledged event must survive a crash");
        if (problem)
            problem_add(problem, NULL, "%s", db->message);
    }
    return err;
}

/* The first name of the search path, made if nobody did. */
static enum err create_schema(struct db *db)
{
    char current[128], path[1024];
    enum err err = ask(db, "SELECT current_schema()", current, sizeof current);
    if (err != OK || current[0])
        return err;
    err = ask(db, "SELECT trim(both ' \"' from split_part(current_setting('search_path'), ',', 1))", path, sizeof path);
    if (err != OK)
        return err;
    char *quoted = PQescapeIdentifier(postgres_of(db)->handle, path, strlen(path));
    if (!quoted)
        return postgres_lost(db);
    char statement[1200];
    snprintf(statement, sizeof statement, "CREATE SCHEMA IF NOT EXISTS %s", quoted);
    PQfreemem(quoted);
    return postgres_execute(db, statement);
}

static void ignore_notice(void *context, const char *message)
{
    (void)context;
    log_debug("store", "%s", message);
}

static enum err postgres_open(struct db *db, const char *url, bool peek)
{
    struct postgres *postgres = calloc(1, sizeof *postgres);
    if (!postgres)
        return db_fail(db, ERR_UNAVAILABLE, "out of memory");
    db->connection = postgres;
    postgres->handle = PQconnectdb(url);
    if (PQstatus(postgres->handle) != CONNECTION_OK)
        return postgres_lost(db);
    PQsetNoticeProcessor(postgres->handle, ignore_notice, NULL);
    enum err err = postgres_execute(db, "SET client_encoding = 'UTF8'; SET lock_timeout = '5s'; SET standard_conforming_strings = on");
    if (err == OK && db->mode == DB_READER)
        err = postgres_execute(db, "SET default_transaction_read_only = on");
    /* A plan that was made while a table was small would go on reading all of it as it grows, until statistics are taken again. Nearly every
     * question of the writer has its index; for the few others the forbidden scan looks so dear that it would be compiled first. The server need not make
     * a plan for each length of a list. */
    if (err == OK && db->mode == DB_WRITER)
        err = postgres_execute(db, "SET enable_seqscan = off; SET jit = off; SET plan_cache_mode = force_generic_plan");
    if (err == OK && db->mode == DB_WRITER && !peek)
        err = create_schema(db);
    return err == OK && !peek ? settings_hold(db, NULL) : err;
}

static void postgres_close(struct db *db)
{
    struct postgres *postgres = postgres_of(db);
    if (!postgres)
        return;
    PQfinish(postgres->handle);
    free(postgres);
    db->connection = NULL;
}

/* A session holds its lock for a moment after its client has gone: the one that migrated a second ago, or the server that this one follows. So this waits, for
 * as long as lock_timeout says, before it calls the database taken. */
static enum err postgres_lock(struct db *db)
{
    char nothing[8];
    enum err err = ask(db, "SELECT pg_advisory_lock(hashtextextended('muster ' || current_schema(), 0))", nothing, sizeof nothing);
    if (err == ERR_UNAVAILABLE && strncmp(db->message, lock_not_available, strlen(lock_not_available)) == 0)
        err = db_fail(db, err, "another Muster server is using this database");
    return err;
}

/* Transactions ----------------------------------------------------------------------------------------------------------- */

/* Commands beside the server count what they do, in the same transaction; the writer asks on the way. A row that somebody changes by hand is not
 * noticed: nothing in PostgreSQL counts the changes of one database. */
static const char count_change[] =
    "INSERT INTO installation (name, value) VALUES ('outside_changes', '1') "
    "ON CONFLICT (name) DO UPDATE SET value = CAST(CAST(installation.value AS BIGINT) + 1 AS TEXT)";

static enum err begin_and_ask(struct db *db)
{
    struct postgres *postgres = postgres_of(db);
    char count[sizeof postgres->outside_changes];
    enum err err = ask(db, "BEGIN; SELECT value FROM installation WHERE name = 'outside_changes'", count, sizeof count);
    if (err != OK)
        return err;
    postgres->others_changed = strcmp(count, postgres->outside_changes) != 0;
    memcpy(postgres->outside_changes, count, sizeof count);
    return OK;
}

static enum err postgres_begin(struct db *db)
{
    if (db->recall)
        return begin_and_ask(db);
    return postgres_execute(db, db->mode == DB_READER ? "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY" : "BEGIN");
}

static bool postgres_others_changed(struct db *db)
{
    return postgres_of(db)->others_changed;
}

static void postgres_rollback(struct db *db)
{
    if (postgres_settle(db) != OK)
        log_debug("store", "rolled back: %s", db->message);
    PGTransactionStatusType status = PQtransactionStatus(postgres_of(db)->handle);
    if ((status == PQTRANS_INTRANS || status == PQTRANS_INERROR) && postgres_execute(db, "ROLLBACK") != OK)
        db->broken = true;
}

/* The commit follows what is still under way; if that fails, the server does not look at it. `ret_lost`: no answer came. */
static enum err send_commit(struct db *db, PGresult **ret, bool *ret_lost)
{
    struct postgres *postgres = postgres_of(db);
    *ret_lost = false;
    if (postgres->sent == 0) {
        *ret = PQexec(postgres->handle, "COMMIT");
        return OK;
    }
    *ret = NULL;
    if (PQsendQueryParams(postgres->handle, "COMMIT", 0, NULL, NULL, NULL, NULL, 0))
        return postgres_finish_pipeline(db, ret, ret_lost);
    enum err err = postgres_lost(db); /* the commit never left */
    postgres->sent = 0;
    return err;
}

/* An answer that says "no" is a no; an answer that never came may be a yes. */
static enum err postgres_commit(struct db *db)
{
    PGresult *result = NULL;
    bool lost = false;
    enum err err = db->beside_a_writer ? postgres_execute(db, count_change) : OK;
    if (err == OK)
        err = send_commit(db, &result, &lost);
    if (err != OK && !lost) {
        postgres_rollback(db);
        return err;
    }
    if (PQresultStatus(result) == PGRES_COMMAND_OK) {
        bool rolled_back = strcmp(PQcmdStatus(result), "ROLLBACK") == 0;
        PQclear(result);
        return rolled_back ? db_fail(db, ERR_INTERNAL, "the server rolled the transaction back") : OK;
    }
    err = lost ? err : postgres_fail(db, result);
    if (!lost && (err == ERR_CONFLICT || (err == ERR_UNAVAILABLE && !db->broken && PQstatus(postgres_of(db)->handle) == CONNECTION_OK)))
        return err;
    db->broken = true;
    return ERR_AMBIGUOUS;
}

/* Statements ---------------------------------------------------------------------------------------------------------------- */

static enum err postgres_prepare(struct db *db, const char *sql, struct statement **ret)
{
    struct postgres *postgres = postgres_of(db);
    enum err err = postgres_settle(db);
    if (err != OK)
        return err;
    struct statement *statement = calloc(1, sizeof *statement);
    if (!statement)
        return db_fail(db, ERR_UNAVAILABLE, "out of memory");
    statement->db = db;
    snprintf(statement->name, sizeof statement->name, "q%lld", (long long)postgres->prepared++);
    PGresult *result = PQprepare(postgres->handle, statement->name, sql, 0, NULL);
    if (!postgres_succeeded(result)) {
        free(statement);
        return postgres_fail(db, result);
    }
    PQclear(result);
    statement->arena = arena_new(RUN_BYTES_MAX);
    *ret = statement;
    return OK;
}

static void postgres_reset(struct statement *statement)
{
    PQclear(statement->result);
    statement->result = NULL;
    arena_reset(statement->arena);
}

static void postgres_finalize(struct statement *statement)
{
    struct postgres *postgres = postgres_of(statement->db);
    postgres_reset(statement);
    char sql[64];
    snprintf(sql, sizeof sql, "DEALLOCATE %s", statement->name);
    if (PQstatus(postgres->handle) == CONNECTION_OK && PQtransactionStatus(postgres->handle) == PQTRANS_IDLE)
        PQclear(PQexec(postgres->handle, sql));
    arena_free(statement->arena);
    free(statement);
}

static const char *value_text(struct statement *statement, const struct value *value)
{
    switch (value->kind) {
    case VALUE_UNBOUND:
    case VALUE_NULL: return NULL;
    case VALUE_INT: return arena_printf(statement->arena, "%lld", (long long)value->number);
    case VALUE_TEXT: return text_cstring(statement->arena, value->text);
    }
    return NULL;
}

static bool dispatch(struct statement *statement, const struct value *const *values, size_t count)
{
    const char *texts[SQL_PARAMETERS_MAX];
    for (size_t i = 0; i < count; i++)
        texts[i] = value_text(statement, values[i]);
    int sent = PQsendQueryPrepared(postgres_of(statement->db)->handle, statement->name, (int)count, texts, NULL, NULL, 0);
    arena_reset(statement->arena); /* libpq has its own copy */
    return sent == 1;
}

static enum err postgres_send(struct statement *statement, const struct value *const *values, size_t count, const char *name)
{
    struct db *db = statement->db;
    struct postgres *postgres = postgres_of(db);
    enum err err = postgres->sent == SENT_MAX ? postgres_settle(db) : OK;
    if (err == OK)
        err = postgres_begin_pipeline(db);
    if (err == OK && !dispatch(statement, values, count))
        err = postgres_lost(db);
    if (err == OK)
        postgres->names[postgres->sent++] = name;
    return err;
}

static enum err dispatch_rows(struct statement *statement, const struct value *values, size_t rows, size_t count)
{
    const char *data[SQL_PARAMETERS_MAX];
    int sizes[SQL_PARAMETERS_MAX], formats[SQL_PARAMETERS_MAX];
    enum err err = OK;
    for (size_t i = 0; i < count && err == OK; i++) {
        struct text array;
        err = postgres_array(statement->db, statement->arena, statement->elements[i], &values[i], rows, count, &array);
        if (err != OK)
            break;
        data[i] = array.data;
        sizes[i] = (int)array.size;
        formats[i] = 1; /* binary */
    }
    if (err == OK && !PQsendQueryPrepared(postgres_of(statement->db)->handle, statement->name, (int)count, data, sizes, formats, 0))
        err = postgres_lost(statement->db);
    arena_reset(statement->arena);
    return err;
}

static enum err postgres_send_rows(struct statement *statement, const struct value *values, size_t rows, size_t count, const char *name)
{
    struct db *db = statement->db;
    struct postgres *postgres = postgres_of(db);
    enum err err = statement->elements[0] == 0 ? postgres_describe_rows(db, statement->name, count, statement->elements) : OK;
    if (err == OK && postgres->sent == SENT_MAX)
        err = postgres_settle(db);
    if (err == OK)
        err = postgres_begin_pipeline(db);
    if (err == OK)
        err = dispatch_rows(statement, values, rows, count);
    if (err == OK)
        postgres->names[postgres->sent++] = name;
    return err;
}

static enum err postgres_start(struct statement *statement, const struct value *const *values, size_t count, bool to_the_end, bool *ret_row)
{
    (void)to_the_end;
    struct db *db = statement->db;
    enum err err = postgres_begin_pipeline(db);
    if (err != OK)
        return err;
    bool lost;
    PGresult *result = NULL;
    err = dispatch(statement, values, count) ? postgres_finish_pipeline(db, &result, &lost) : postgres_lost(db);
    if (err != OK)
        return err;
    if (!postgres_succeeded(result))
        return postgres_fail(db, result);
    statement->result = result;
    statement->row = 0;
    *ret_row = PQntuples(result) > 0;
    return OK;
}

static enum err postgres_next(struct statement *statement, bool *ret_row)
{
    statement->row++;
    *ret_row = statement->row < PQntuples(statement->result);
    return OK;
}

static bool postgres_changes_data(const struct statement *statement)
{
    (void)statement;
    return false; /* PostgreSQL ends such a statement by itself */
}

static int64_t postgres_changes(const struct statement *statement)
{
    int64_t changes = 0;
    const char *status = PQcmdStatus(statement->result);
    bool reads = strncmp(status, "SELECT", 6) == 0;
    if (!reads && !text_to_int64(text_of(PQcmdTuples(statement->result)), &changes))
        changes = 0; /* a command that counts nothing */
    return changes;
}

static int postgres_columns(const struct statement *statement)
{
    return PQnfields(statement->result);
}

static const char *postgres_column_name(const struct statement *statement, int column)
{
    return PQfname(statement->result, column);
}

static bool postgres_is_null(const struct statement *statement, int column)
{
    return PQgetisnull(statement->result, statement->row, column);
}

static struct text postgres_text(const struct statement *statement, int column)
{
    if (postgres_is_null(statement, column))
        return TEXT_NONE;
    return (struct text){PQgetvalue(statement->result, statement->row, column),
                         (size_t)PQgetlength(statement->result, statement->row, column)};
}

/* A comparison is a boolean here and 0 or 1 in SQLite; sums are `numeric` without a fraction. */
static int64_t postgres_number(const struct statement *statement, int column)
{
    struct text text = postgres_text(statement, column);
    if (text_is(text, "t") || text_is(text, "f"))
        return text_is(text, "t");
    int64_t number;
    return text_to_int64(text, &number) ? number : 0;
}

/* Backup and check ------------------------------------------------------------------------------------------------------------ */

static enum err postgres_backup(struct db *db, const char *path)
{
    (void)path;
    return db_fail(db, ERR_INVALID, "use pg_dump (PostgreSQL's own online backup)");
}

static enum err postgres_check(struct db *db, struct problem *problem)
{
    enum err err = settings_hold(db, problem);
    return problem_is_empty(problem) ? err : OK;
}

const struct backend backend_postgres = {
    .dialect = SQL_POSTGRES,
    .open = postgres_open,
    .close = postgres_close,
    .lock = postgres_lock,
    .execute = postgres_execute,
    .begin = postgres_begin,
    .others_changed = postgres_others_changed,
    .commit = postgres_commit,
    .rollback = postgres_rollback,
    .prepare = postgres_prepare,
    .finalize = postgres_finalize,
    .start = postgres_start,
    .next = postgres_next,
    .send = postgres_send,
    .send_rows = postgres_send_rows,
    .new_number = postgres_new_number,
    .reset = postgres_reset,
    .changes_data = postgres_changes_data,
    .changes = postgres_changes,
    .columns = postgres_columns,
    .column_name = postgres_column_name,
    .is_null = postgres_is_null,
    .number = postgres_number,
    .text = postgres_text,
    .backup = postgres_backup,
    .check = postgres_check,
};
