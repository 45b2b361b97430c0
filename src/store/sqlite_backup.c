/* Why: a copy of a database that is in use, and whether one is sound (backend.h). */
#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/problem.h"
#include "store/sqlite.h"

static enum err sync_path(struct db *db, const char *path, int flags)
{
    int fd = open(path, flags | O_CLOEXEC);
    bool synced = fd >= 0 && fsync(fd) == 0;
    int reason = errno;
    if (fd >= 0)
        close(fd);
    return synced ? OK : db_fail(db, ERR_UNAVAILABLE, "%s: %s", path, strerror(reason));
}

static enum err sync_file_and_directory(struct db *db, const char *path)
{
    char directory[4096];
    const char *slash = strrchr(path, '/');
    snprintf(directory, sizeof directory, "%.*s", slash ? (int)(slash - path) + 1 : 2, slash ? path : "./");
    enum err err = sync_path(db, path, O_RDWR);
    return err == OK ? sync_path(db, directory, O_RDONLY | O_DIRECTORY) : err;
}

/* One step copies one snapshot: in WAL mode the writer goes on meanwhile. */
static enum err copy_into(struct db *db, const char *path)
{
    sqlite3 *copy = NULL;
    int code = sqlite3_open_v2(path, &copy, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL);
    sqlite3_backup *backup = code == SQLITE_OK ? sqlite3_backup_init(copy, "main", sqlite_of(db)->handle, "main") : NULL;
    if (backup) {
        code = sqlite3_backup_step(backup, -1);
        sqlite3_backup_finish(backup);
    }
    /* One plain file, without a WAL beside it, that can be copied anywhere. */
    if (code == SQLITE_DONE)
        code = sqlite3_exec(copy, "PRAGMA journal_mode = DELETE", NULL, NULL, NULL);
    enum err err = backup && code == SQLITE_OK ? OK : db_fail(db, ERR_UNAVAILABLE, "%s: %s", path, sqlite3_errmsg(copy));
    sqlite3_close(copy);
    return err;
}

enum err sqlite_backup(struct db *db, const char *path)
{
    assert(!db->in_transaction);
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (fd < 0)
        return db_fail(db, errno == EEXIST ? ERR_CONFLICT : ERR_UNAVAILABLE, "%s: %s", path, strerror(errno));
    close(fd);
    enum err err = copy_into(db, path);
    if (err == OK)
        err = sync_file_and_directory(db, path);
    if (err != OK)
        unlink(path); /* half a backup is worse than none */
    return err;
}

static enum err report_rows(struct db *db, const char *sql, const char *fine, const char *label, struct problem *problem)
{
    sqlite3_stmt *statement = NULL;
    int code = sqlite3_prepare_v2(sqlite_of(db)->handle, sql, -1, &statement, NULL);
    while (code == SQLITE_OK && (code = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *line = (const char *)sqlite3_column_text(statement, 0);
        if (!line || strcmp(line, fine) != 0)
            problem_add(problem, NULL, "%s: %s", label, line ? line : "(no text)");
        code = SQLITE_OK;
    }
    sqlite3_finalize(statement);
    return code == SQLITE_DONE ? OK : sqlite_fail(db, code);
}

enum err sqlite_check(struct db *db, struct problem *problem)
{
    enum err err = report_rows(db, "PRAGMA integrity_check", "ok", "integrity", problem);
    if (err == OK)
        err = report_rows(db, "SELECT 'row ' || coalesce(rowid, 0) || ' of ' || \"table\" || ' names a missing row of ' || parent FROM pragma_foreign_key_check",
                          "", "reference", problem);
    if (sqlite_settings_hold(db, problem) != OK && problem_is_empty(problem))
        err = ERR_INTERNAL;
    return err;
}
