/* Why: what the files of the SQLite backend share: the connection and its errors. Internal to store/. */
#ifndef MUSTER_STORE_SQLITE_H
#define MUSTER_STORE_SQLITE_H

#include <sqlite3.h>

#include "store/backend.h"
#include "store/sqlite_numbers.h"

struct sqlite {
    sqlite3 *handle;
    char *path;
    int lock_fd; /* -1: none */
    struct checkpointer *checkpointer; /* the writer's */
    uint32_t version;                  /* of the data, behind this connection's last transaction */
    sqlite3_stmt *begin, *commit;      /* each transaction runs them: prepared on first use */
    struct sqlite_numbers numbers;
};

static inline struct sqlite *sqlite_of(struct db *db)
{
    return db->connection;
}

/* What a result code means for the caller; marks the connection when only a new one can help. */
enum err sqlite_fail(struct db *db, int code);
enum err sqlite_execute(struct db *db, const char *sql) MUST_CHECK;

/* What a new connection needs; of the writer also what a kill may have left behind. */
enum err sqlite_settings_apply(struct db *db) MUST_CHECK;
/* ERR_UNAVAILABLE: a setting is not what durability needs; each is named in `problem`, which may be NULL. */
enum err sqlite_settings_hold(struct db *db, struct problem *problem) MUST_CHECK;

/* sqlite_backup.c; backend.h says what they do. */
enum err sqlite_backup(struct db *db, const char *path) MUST_CHECK;
enum err sqlite_check(struct db *db, struct problem *problem) MUST_CHECK;

#endif
