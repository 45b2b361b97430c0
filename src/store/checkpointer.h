/* Why: copying SQLite's WAL into the database takes an fsync of the database and, done by the writer inside a commit, stops everybody who
 * waits for that commit. A checkpointer copies on a thread and a connection of its own, in small portions, while the writer goes on.
 *
 * SQLite starts the WAL anew only when all of it is copied as a transaction begins, and beside a busy writer that never happens. So when the WAL is long
 * and little is left, the writer is held between two transactions while the rest is copied. The longer the WAL, the more may be left.
 * A reader with an old snapshot stops the copying: the WAL then grows until the reader ends, and the log says so once.
 *
 * The thread starts with the first portion and sleeps while nothing is written. Errors are logged and tried again: copying changes no durability, the WAL is
 * the truth until SQLite has flushed what was copied. Internal to store/. */
#ifndef MUSTER_STORE_CHECKPOINTER_H
#define MUSTER_STORE_CHECKPOINTER_H

#include <sqlite3.h>
#include <stdint.h>

#include "base/env.h"

struct checkpointer;

/* Pages of the WAL. */
struct checkpointer_limits {
    int portion;     /* copied when so many are new */
    int long_enough; /* the WAL should start anew from here on */
    int left_max;    /* the writer may be held for so many, and for more when the WAL is longer */
};
extern struct checkpointer_limits checkpointer_limits; /* for the next checkpointer; tests make them small */

/* Watches the commits of `writer` (instead of wal_autocheckpoint), the connection of the database at `path`. */
enum err checkpointer_new(struct checkpointer **ret, sqlite3 *writer, const char *path) MUST_CHECK;
/* Ends the thread, after the portion it is at. Before the writer's connection is closed. NULL is allowed. */
void checkpointer_free(struct checkpointer *c);

/* Around each transaction of the writer; `enter` waits while the writer is held. */
void checkpointer_enter(struct checkpointer *c);
void checkpointer_leave(struct checkpointer *c);

struct checkpointer_counts {
    int64_t portions, holds, restarts, errors;
    int frames; /* in the WAL after the last commit */
};
struct checkpointer_counts checkpointer_counts(struct checkpointer *c);

struct db;
struct checkpointer *db_checkpointer(struct db *db); /* db_sqlite.c, for tests: that of a DB_WRITER on SQLite */

#endif
