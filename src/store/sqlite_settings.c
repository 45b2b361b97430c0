/* Why: WAL with synchronous=FULL: in a power-cut model that lost nothing acknowledged, while NORMAL did (docs/why). The settings are read back,
 * because a pragma that is refused says nothing. */
#include <stdio.h>
#include <string.h>

#include "base/problem.h"
#include "store/checkpointer.h"
#include "store/sqlite.h"
#include "store/wal_gather.h"

enum { WAL_BLOCK_BYTES = 1 << 14 };

static const char *pragma_text(struct db *db, const char *sql, char *buffer, size_t size)
{
    sqlite3_stmt *statement = NULL;
    buffer[0] = '\0';
    if (sqlite3_prepare_v2(sqlite_of(db)->handle, sql, -1, &statement, NULL) == SQLITE_OK && sqlite3_step(statement) == SQLITE_ROW)
        snprintf(buffer, size, "%s", (const char *)sqlite3_column_text(statement, 0));
    sqlite3_finalize(statement);
    return buffer;
}

struct setting {
    const char *pragma, *wanted, *why;
};

static const struct setting durable_settings[] = {
    {"PRAGMA journal_mode", "wal", "readers and the writer must not wait for each other"},
    {"PRAGMA synchronous", "2", "an acknowledged event must survive a power cut"},
    {"PRAGMA foreign_keys", "1", "references must hold"},
};

enum err sqlite_settings_hold(struct db *db, struct problem *problem)
{
    enum err err = OK;
    for (size_t i = 0; i < sizeof durable_settings / sizeof durable_settings[0]; i++) {
        const struct setting *setting = &durable_settings[i];
        char value[32];
        if (strcmp(pragma_text(db, setting->pragma, value, sizeof value), setting->wanted) == 0)
            continue;
        err = db_fail(db, ERR_UNAVAILABLE, "%s is '%s' and not '%s': %s", setting->pragma, value, setting->wanted, setting->why);
        if (problem)
            problem_add(problem, NULL, "%s", db->message);
    }
    return err;
}

static int copy_onto_itself(sqlite3_file *file)
{
    char block[WAL_BLOCK_BYTES];
    sqlite3_int64 size = 0;
    int code = file->pMethods->xFileSize(file, &size);
    for (sqlite3_int64 at = 0; at < size && code == SQLITE_OK; at += WAL_BLOCK_BYTES) {
        int part = size - at < WAL_BLOCK_BYTES ? (int)(size - at) : WAL_BLOCK_BYTES;
        code = file->pMethods->xRead(file, block, part, at);
        if (code == SQLITE_OK)
            code = file->pMethods->xWrite(file, block, part, at);
    }
    return code == SQLITE_OK && size > 0 ? file->pMethods->xSync(file, SQLITE_SYNC_NORMAL) : code;
}

/* After a failed flush the kernel may hold frames for clean that never reached the disk. A process that finds them after a kill takes them for
 * stored, and what is appended behind them is lost with them when the power goes. A checkpoint is no cure: a reader keeps the WAL from starting
 * anew, and pages copied from such frames damage the database. So the writer writes the whole WAL again, first of all, byte by byte the same. */
static enum err write_wal_again(struct db *db)
{
    sqlite3_file *wal = NULL;
    enum err err = sqlite_execute(db, "BEGIN IMMEDIATE"); /* nobody appends meanwhile */
    if (err != OK)
        return err;
    int code = sqlite3_file_control(sqlite_of(db)->handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
    if (code == SQLITE_OK && wal && wal->pMethods)
        code = copy_onto_itself(wal);
    err = code == SQLITE_OK ? OK : db_fail(db, ERR_UNAVAILABLE, "the WAL cannot be written again: %s", sqlite3_errstr(code));
    db->broken = db->broken || err != OK;
    enum err ended = sqlite3_get_autocommit(sqlite_of(db)->handle) ? OK : sqlite_execute(db, "ROLLBACK");
    return err == OK ? ended : err;
}

static enum err gather_writes(struct db *db)
{
    int code = wal_gather(sqlite_of(db)->handle);
    return code == SQLITE_OK ? OK : sqlite_fail(db, code);
}

enum err sqlite_settings_apply(struct db *db)
{
    static const char common[] = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA trusted_schema = OFF; PRAGMA temp_store = MEMORY;";
    /* 64 MB of cache pay off for the writer only (performance.md). */
    static const char writer[] = "PRAGMA cache_size = -65536; PRAGMA journal_size_limit = 67108864;"
                                 "PRAGMA wal_checkpoint(PASSIVE);";
    char mode[32];
    if (strcmp(pragma_text(db, "PRAGMA journal_mode", mode, sizeof mode), "wal") != 0)
        pragma_text(db, "PRAGMA journal_mode = WAL", mode, sizeof mode);
    enum err err = sqlite_execute(db, common);
    if (err == OK && db->mode == DB_WRITER)
        err = write_wal_again(db);
    if (err == OK && db->mode == DB_WRITER)
        err = gather_writes(db);
    if (err == OK && db->mode == DB_WRITER)
        err = sqlite_execute(db, writer);
    if (err == OK && db->mode == DB_WRITER)
        err = checkpointer_new(&sqlite_of(db)->checkpointer, sqlite_of(db)->handle, sqlite_of(db)->path);
    if (err == OK && db->mode == DB_READER)
        err = sqlite_execute(db, "PRAGMA query_only = ON");
    return err == OK ? sqlite_settings_hold(db, NULL) : err;
}
