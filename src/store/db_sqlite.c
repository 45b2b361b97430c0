/* Why: the default store: its connections, transactions and statements. What makes it durable is in sqlite_settings.c. */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/log.h"
#include "store/checkpointer.h"
#include "store/sqlite.h"

enum {
    BUSY_TIMEOUT_MS = 5000,
    KEPT_BYTES_MAX = 4096, /* copies of bound texts that a statement may keep until its next run */
};

struct statement {
    struct db *db;
    sqlite3_stmt *handle;
    int64_t changes;
    size_t copied; /* bytes of bound texts */
};

enum err sqlite_fail(struct db *db, int code)
{
    sqlite3 *handle = sqlite_of(db)->handle;
    int extended = handle ? sqlite3_extended_errcode(handle) : code;
    db_fail(db, OK, "%s (%d)", handle ? sqlite3_errmsg(handle) : sqlite3_errstr(code), extended);
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
        switch (extended) {
        case SQLITE_CONSTRAINT_UNIQUE:
        case SQLITE_CONSTRAINT_PRIMARYKEY:
        case SQLITE_CONSTRAINT_ROWID:
        case SQLITE_CONSTRAINT_FOREIGNKEY: return ERR_CONFLICT;
        default: return ERR_INTERNAL;
        }
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_NOMEM:
    case SQLITE_INTERRUPT: return ERR_UNAVAILABLE;
    case SQLITE_IOERR:
    case SQLITE_FULL:
    case SQLITE_READONLY:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_CANTOPEN: db->broken = true; return ERR_UNAVAILABLE;
    default: return ERR_INTERNAL;
    }
}

enum err sqlite_execute(struct db *db, const char *sql)
{
    int code = sqlite3_exec(sqlite_of(db)->handle, sql, NULL, NULL, NULL);
    return code == SQLITE_OK ? OK : sqlite_fail(db, code);
}

static int run_kept(struct db *db, sqlite3_stmt **kept, const char *sql)
{
    int code = *kept ? SQLITE_OK : sqlite3_prepare_v3(sqlite_of(db)->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, kept, NULL);
    if (code != SQLITE_OK)
        return code;
    sqlite3_step(*kept);
    return sqlite3_reset(*kept); /* what the step came to */
}

/* Connections ------------------------------------------------------------------------------------------------------ */

/* The file is made by us so that nobody else can read it; its WAL inherits the mode. An existing file is not
 * opened here: closing it would drop the locks that other connections of this process hold on it. */
static enum err create_private(struct db *db, const char *path)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd >= 0)
        close(fd);
    else if (errno != EEXIST)
        return db_fail(db, ERR_UNAVAILABLE, "%s: %s", path, strerror(errno));
    return OK;
}

/* SQLite counts every byte it allocates, under a lock that all threads share; nobody reads the count. Only possible before its first use. */
static void stop_counting_memory(void)
{
    if (sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0) != SQLITE_OK)
        log_warning("store", "SQLite was in use before the store; it counts its memory");
}

static enum err sqlite_open(struct db *db, const char *url, bool peek)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, stop_counting_memory);
    struct sqlite *sqlite = calloc(1, sizeof *sqlite);
    if (!sqlite)
        return db_fail(db, ERR_UNAVAILABLE, "out of memory");
    db->connection = sqlite;
    sqlite->lock_fd = -1;
    sqlite->path = strdup(strncmp(url, "sqlite:", 7) == 0 ? url + 7 : url);
    if (!sqlite->path)
        return db_fail(db, ERR_UNAVAILABLE, "out of memory");
    if (peek && access(sqlite->path, F_OK) != 0 && errno == ENOENT)
        return db_fail(db, ERR_NOT_FOUND, "%s: %s", sqlite->path, strerror(errno));
    enum err err = db->mode == DB_WRITER && !peek ? create_private(db, sqlite->path) : OK;
    if (err != OK)
        return err;
    /* A peek too: what a kill left half done must be rolled back before it can be read. */
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE;
    int code = sqlite3_open_v2(sqlite->path, &sqlite->handle, flags, NULL);
    if (code != SQLITE_OK) {
        err = sqlite_fail(db, code);
        return db_fail(db, err, "%s: %s", sqlite->path, sqlite3_errstr(code));
    }
    sqlite3_busy_timeout(sqlite->handle, BUSY_TIMEOUT_MS);
    if (peek && sqlite3_db_config(sqlite->handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL) != SQLITE_OK)
        return db_fail(db, ERR_INTERNAL, "SQLite refuses to leave the WAL alone");
    return peek ? OK : sqlite_settings_apply(db);
}

struct checkpointer *db_checkpointer(struct db *db)
{
    return sqlite_of(db)->checkpointer;
}

static void sqlite_close_connection(struct db *db)
{
    struct sqlite *sqlite = sqlite_of(db);
    if (!sqlite)
        return;
    checkpointer_free(sqlite->checkpointer);
    sqlite3_finalize(sqlite->begin);
    sqlite3_finalize(sqlite->commit);
    sqlite_numbers_close(&sqlite->numbers);
    int code = sqlite3_close(sqlite->handle);
    assert(code == SQLITE_OK); /* every statement was finalized */
    if (sqlite->lock_fd >= 0)
        close(sqlite->lock_fd);
    free(sqlite->path);
    free(sqlite);
    db->connection = NULL;
}

/* The lock file outlives its owner on purpose: removing it would let two servers lock two different files of that name. */
static enum err sqlite_lock(struct db *db)
{
    struct sqlite *sqlite = sqlite_of(db);
    if (sqlite->lock_fd >= 0)
        return OK;
    char path[4096];
    if ((size_t)snprintf(path, sizeof path, "%s.lock", sqlite->path) >= sizeof path)
        return db_fail(db, ERR_UNAVAILABLE, "the database's path is too long");
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return db_fail(db, ERR_UNAVAILABLE, "%s: %s", path, strerror(errno));
    if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
        char owner[32] = "";
        ssize_t got = pread(fd, owner, sizeof owner - 1, 0);
        close(fd);
        return db_fail(db, ERR_UNAVAILABLE, "another Muster server (process %.*s) is using this database", got > 0 ? (int)got : 0, owner);
    }
    char owner[32];
    int length = snprintf(owner, sizeof owner, "%d", (int)getpid());
    if (ftruncate(fd, 0) != 0 || pwrite(fd, owner, (size_t)length, 0) != length)
        log_warning("store", "cannot note the process number in %s", path); /* the lock itself holds */
    sqlite->lock_fd = fd;
    return OK;
}

/* Transactions ---------------------------------------------------------------------------------------------------------- */

/* Whoever removes or exchanges the file of a running server leaves it writing into a file without a name: all of that is gone at the next
 * start. The connection is kept: it works again when the file is back, and never continues on another one. */
static enum err still_in_place(struct db *db)
{
    int moved = 0;
    if (sqlite3_file_control(sqlite_of(db)->handle, "main", SQLITE_FCNTL_HAS_MOVED, &moved) == SQLITE_OK && moved)
        return db_fail(db, ERR_UNAVAILABLE, "%s was moved, deleted or replaced: put it back, or start the server anew", sqlite_of(db)->path);
    return OK;
}

static void enter(struct db *db)
{
    if (sqlite_of(db)->checkpointer)
        checkpointer_enter(sqlite_of(db)->checkpointer);
}

static void leave(struct db *db)
{
    if (sqlite_of(db)->checkpointer)
        checkpointer_leave(sqlite_of(db)->checkpointer);
}

static enum err sqlite_begin(struct db *db)
{
    enum err err = db->mode == DB_READER ? OK : still_in_place(db);
    if (err != OK)
        return err;
    enter(db);
    sqlite_numbers_forget(&sqlite_of(db)->numbers);
    int code = run_kept(db, &sqlite_of(db)->begin, db->mode == DB_READER ? "BEGIN" : "BEGIN IMMEDIATE");
    if (code == SQLITE_OK)
        return OK;
    err = sqlite_fail(db, code);
    leave(db);
    return err;
}

/* Of what this connection sees; its own commit counts as well. */
static uint32_t data_version(struct db *db)
{
    unsigned version = 0;
    sqlite3_file_control(sqlite_of(db)->handle, "main", SQLITE_FCNTL_DATA_VERSION, &version);
    return version;
}

static bool sqlite_others_changed(struct db *db)
{
    return data_version(db) != sqlite_of(db)->version;
}

static void sqlite_rollback(struct db *db)
{
    if (!sqlite3_get_autocommit(sqlite_of(db)->handle) && sqlite_execute(db, "ROLLBACK") != OK)
        db->broken = true;
    leave(db);
}

static enum err sqlite_commit(struct db *db)
{
    int kept = sqlite_numbers_keep(&sqlite_of(db)->numbers, sqlite_of(db)->handle);
    int code = kept == SQLITE_OK ? run_kept(db, &sqlite_of(db)->commit, "COMMIT") : kept;
    if (code == SQLITE_OK) {
        leave(db);
        sqlite_of(db)->version = data_version(db);
        return OK;
    }
    enum err err = sqlite_fail(db, code);
    bool surely_not = kept != SQLITE_OK || (code & 0xff) == SQLITE_BUSY || err == ERR_CONFLICT; /* not tried; could not start; deferred reference */
    char message[sizeof db->message];
    snprintf(message, sizeof message, "%s", db->message);
    sqlite_rollback(db);
    snprintf(db->message, sizeof db->message, "%s", message);
    return surely_not ? err : ERR_AMBIGUOUS;
}

/* Statements --------------------------------------------------------------------------------------------------------------- */

static enum err sqlite_prepare(struct db *db, const char *sql, struct statement **ret)
{
    sqlite3_stmt *handle;
    const char *tail;
    int code = sqlite3_prepare_v3(sqlite_of(db)->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &handle, &tail);
    if (code != SQLITE_OK)
        return sqlite_fail(db, code);
    while (*tail == ' ' || *tail == '\n' || *tail == '\t' || *tail == ';')
        tail++;
    if (!handle || *tail) {
        sqlite3_finalize(handle);
        return db_fail(db, ERR_INTERNAL, "a named query is exactly one statement");
    }
    struct statement *statement = calloc(1, sizeof *statement);
    if (!statement) {
        sqlite3_finalize(handle);
        return db_fail(db, ERR_UNAVAILABLE, "out of memory");
    }
    *statement = (struct statement){.db = db, .handle = handle};
    *ret = statement;
    return OK;
}

static void sqlite_finalize(struct statement *statement)
{
    sqlite3_finalize(statement->handle);
    free(statement);
}

static enum err sqlite_schema_mark(struct db *db, uint64_t *ret)
{
    sqlite3_stmt *parts = NULL;
    uint64_t mark = 1;
    int code = sqlite3_prepare_v2(sqlite_of(db)->handle, "SELECT COALESCE(sql, name) FROM sqlite_schema", -1, &parts, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(parts)) == SQLITE_ROW) {
        mark = (mark ^ text_hash(text_of((const char *)sqlite3_column_text(parts, 0)))) * UINT64_C(0x9E3779B97F4A7C15);
        mark ^= mark >> 32;
        code = SQLITE_OK;
    }
    sqlite3_finalize(parts);
    if (code != SQLITE_DONE)
        return sqlite_fail(db, code);
    *ret = mark;
    return OK;
}

/* A run to the end reads the caller's texts where they are; a reader of rows may let them go before the last row. */
static int bind_value(struct statement *statement, int place, const struct value *value, bool to_the_end)
{
    switch (value->kind) {
    case VALUE_UNBOUND:
    case VALUE_NULL: return sqlite3_bind_null(statement->handle, place);
    case VALUE_INT: return sqlite3_bind_int64(statement->handle, place, value->number);
    case VALUE_TEXT: break;
    }
    statement->copied += to_the_end ? 0 : value->text.size;
    return sqlite3_bind_text64(statement->handle, place, value->text.data, value->text.size, to_the_end ? SQLITE_STATIC : SQLITE_TRANSIENT, SQLITE_UTF8);
}

static enum err sqlite_next(struct statement *statement, bool *ret_row)
{
    sqlite3 *handle = sqlite_of(statement->db)->handle;
    int code = sqlite3_step(statement->handle);
    if (code == SQLITE_ROW || code == SQLITE_DONE) {
        if (!sqlite3_stmt_readonly(statement->handle))
            statement->changes = sqlite3_changes64(handle);
        *ret_row = code == SQLITE_ROW;
        return OK;
    }
    enum err err = sqlite_fail(statement->db, code);
    sqlite3_reset(statement->handle);
    return err;
}

static enum err sqlite_start(struct statement *statement, const struct value *const *values, size_t count, bool to_the_end, bool *ret_row)
{
    for (size_t i = 0; i < count; i++) {
        int code = bind_value(statement, (int)i + 1, values[i], to_the_end);
        if (code != SQLITE_OK)
            return sqlite_fail(statement->db, code);
    }
    statement->changes = 0;
    return sqlite_next(statement, ret_row);
}

/* Each run binds every parameter anew, so what is bound may stay; bodies of half a megabyte need not. */
static void sqlite_reset(struct statement *statement)
{
    sqlite3_reset(statement->handle);
    if (statement->copied > KEPT_BYTES_MAX)
        sqlite3_clear_bindings(statement->handle);
    statement->copied = 0;
}

static bool sqlite_changes_data(const struct statement *statement)
{
    return !sqlite3_stmt_readonly(statement->handle);
}

static int64_t sqlite_changes(const struct statement *statement)
{
    return statement->changes;
}

static enum err sqlite_new_number(struct db *db, const char *table, int64_t *ret)
{
    int code = sqlite_numbers_next(&sqlite_of(db)->numbers, sqlite_of(db)->handle, table, ret);
    return code == SQLITE_OK ? OK : sqlite_fail(db, code);
}

static int64_t sqlite_inserted(struct db *db)
{
    return sqlite3_last_insert_rowid(sqlite_of(db)->handle);
}

static int sqlite_columns(const struct statement *statement)
{
    return sqlite3_column_count(statement->handle);
}

static const char *sqlite_column_name(const struct statement *statement, int column)
{
    return sqlite3_column_name(statement->handle, column);
}

static bool sqlite_is_null(const struct statement *statement, int column)
{
    return sqlite3_column_type(statement->handle, column) == SQLITE_NULL;
}

static int64_t sqlite_number(const struct statement *statement, int column)
{
    return sqlite3_column_int64(statement->handle, column);
}

static struct text sqlite_text(const struct statement *statement, int column)
{
    const char *data = (const char *)sqlite3_column_text(statement->handle, column);
    return data ? (struct text){data, (size_t)sqlite3_column_bytes(statement->handle, column)} : TEXT_NONE;
}

const struct backend backend_sqlite = {
    .dialect = SQL_SQLITE,
    .open = sqlite_open,
    .close = sqlite_close_connection,
    .lock = sqlite_lock,
    .execute = sqlite_execute,
    .begin = sqlite_begin,
    .others_changed = sqlite_others_changed,
    .commit = sqlite_commit,
    .rollback = sqlite_rollback,
    .prepare = sqlite_prepare,
    .schema_mark = sqlite_schema_mark,
    .finalize = sqlite_finalize,
    .start = sqlite_start,
    .next = sqlite_next,
    .reset = sqlite_reset,
    .changes_data = sqlite_changes_data,
    .changes = sqlite_changes,
    .inserted = sqlite_inserted,
    .new_number = sqlite_new_number,
    .columns = sqlite_columns,
    .column_name = sqlite_column_name,
    .is_null = sqlite_is_null,
    .number = sqlite_number,
    .text = sqlite_text,
    .backup = sqlite_backup,
    .check = sqlite_check,
};
