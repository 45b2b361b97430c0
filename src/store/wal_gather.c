/* Why: see wal_gather.h. The file stays SQLite's; only the table of its functions is exchanged for one whose writes come by here. */
#include "store/wal_gather.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

enum { HEADER_BYTES = 24, MARK_AT = 4, MARK_BYTES = 4 };

struct gather {
    sqlite3_io_methods methods; /* first: the file points here */
    const sqlite3_io_methods *real;
    int lost;                   /* why bytes that SQLite takes for written are not; SQLITE_OK: they are */
    sqlite3_int64 at;           /* where the held bytes belong */
    int size;
    unsigned char held[WAL_GATHER_BYTES_MAX];
};

static struct gather *gather_of(sqlite3_file *file)
{
    return (struct gather *)(void *)file->pMethods;
}

static int write_held(sqlite3_file *file)
{
    struct gather *g = gather_of(file);
    if (g->size > 0)
        g->lost = g->real->xWrite(file, g->held, g->size, g->at);
    g->size = 0;
    return g->lost;
}

static bool is_committing(const unsigned char *header)
{
    static const unsigned char none[MARK_BYTES];
    return memcmp(header + MARK_AT, none, MARK_BYTES) != 0;
}

static int gather_write(sqlite3_file *file, const void *from, int size, sqlite3_int64 at)
{
    struct gather *g = gather_of(file);
    bool header = size == HEADER_BYTES, commits = header && is_committing(from);
    bool follows = g->size > 0 && at == g->at + g->size && size <= WAL_GATHER_BYTES_MAX && !commits;
    int code = follows && size <= WAL_GATHER_BYTES_MAX - g->size ? SQLITE_OK : write_held(file);
    if (code != SQLITE_OK)
        return code;
    if (!follows && (!header || commits))
        return g->real->xWrite(file, from, size, at);
    if (g->size == 0)
        g->at = at;
    memcpy(g->held + g->size, from, (size_t)size);
    g->size += size;
    return SQLITE_OK;
}

static int gather_sync(sqlite3_file *file, int flags)
{
    int code = write_held(file);
    return code == SQLITE_OK ? gather_of(file)->real->xSync(file, flags) : code;
}

static int gather_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    int code = write_held(file);
    return code == SQLITE_OK ? gather_of(file)->real->xTruncate(file, size) : code;
}

/* Looking at the file goes on after a loss: rolling back needs what earlier transactions wrote. */
static int show_held(sqlite3_file *file)
{
    return gather_of(file)->size > 0 ? write_held(file) : SQLITE_OK;
}

static int gather_read(sqlite3_file *file, void *to, int size, sqlite3_int64 at)
{
    int code = show_held(file);
    return code == SQLITE_OK ? gather_of(file)->real->xRead(file, to, size, at) : code;
}

static int gather_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    int code = show_held(file);
    return code == SQLITE_OK ? gather_of(file)->real->xFileSize(file, ret) : code;
}

/* What is held now belongs to a transaction that never ended. */
static int gather_close(sqlite3_file *file)
{
    struct gather *g = gather_of(file);
    file->pMethods = g->real;
    int code = file->pMethods->xClose(file);
    free(g);
    return code;
}

int wal_gather(sqlite3 *writer)
{
    sqlite3_file *wal = NULL;
    int code = sqlite3_file_control(writer, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal);
    if (code != SQLITE_OK || !wal || !wal->pMethods)
        return code == SQLITE_OK ? SQLITE_CANTOPEN : code;
    struct gather *g = malloc(sizeof *g);
    if (!g)
        return SQLITE_NOMEM;
    g->real = wal->pMethods;
    g->lost = SQLITE_OK;
    g->at = g->size = 0;
    g->methods = *g->real;
    g->methods.iVersion = 1; /* reading, writing, locks: all that SQLite uses of a WAL */
    g->methods.xClose = gather_close;
    g->methods.xRead = gather_read;
    g->methods.xWrite = gather_write;
    g->methods.xTruncate = gather_truncate;
    g->methods.xSync = gather_sync;
    g->methods.xFileSize = gather_size;
    wal->pMethods = &g->methods;
    return SQLITE_OK;
}
