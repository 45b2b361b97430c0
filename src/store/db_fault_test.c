/* Why: what the store promises when the disk lies, fills up or dies. A VFS of the test's own stands between SQLite and the
 * disk and fails what it is told to; every test asserts that its fault really fired. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "store/checkpointer.h"
#include "store/database_test.h"

/* The failing disk ------------------------------------------------------------------------------------------------ */

static struct {
    int64_t wal_writes, wal_syncs, database_writes, database_syncs, fired;
    bool fail_wal_sync, fail_wal_write;
    atomic_bool fail_database_sync; /* the checkpointer's thread does those */
    atomic_llong database_sync_failures;
    int write_error;
} disk;

struct fault_file {
    sqlite3_file base;
    bool is_wal;
    sqlite3_file *real; /* behind this struct */
};

static sqlite3_vfs *real_vfs;

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((struct fault_file *)file)->real;
}

static int fault_close(sqlite3_file *file) { return real_of(file)->pMethods->xClose(real_of(file)); }
static int fault_read(sqlite3_file *file, void *to, int size, sqlite3_int64 at) { return real_of(file)->pMethods->xRead(real_of(file), to, size, at); }

static int fault_write(sqlite3_file *file, const void *from, int size, sqlite3_int64 at)
{
    if (((struct fault_file *)file)->is_wal) {
        disk.wal_writes++;
        if (disk.fail_wal_write) {
            disk.fired++;
            return disk.write_error;
        }
    } else {
        disk.database_writes++;
    }
    return real_of(file)->pMethods->xWrite(real_of(file), from, size, at);
}

static int fault_sync(sqlite3_file *file, int flags)
{
    if (((struct fault_file *)file)->is_wal) {
        disk.wal_syncs++;
        if (disk.fail_wal_sync) {
            disk.fired++;
            return SQLITE_IOERR_FSYNC;
        }
    } else {
        disk.database_syncs++;
        if (disk.fail_database_sync) {
            disk.database_sync_failures++;
            return SQLITE_IOERR_FSYNC;
        }
    }
    return real_of(file)->pMethods->xSync(real_of(file), flags);
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size) { return real_of(file)->pMethods->xTruncate(real_of(file), size); }
static int fault_size(sqlite3_file *file, sqlite3_int64 *ret) { return real_of(file)->pMethods->xFileSize(real_of(file), ret); }
static int fault_lock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xLock(real_of(file), level); }
static int fault_unlock(sqlite3_file *file, int level) { return real_of(file)->pMethods->xUnlock(real_of(file), level); }
static int fault_reserved(sqlite3_file *file, int *ret) { return real_of(file)->pMethods->xCheckReservedLock(real_of(file), ret); }
static int fault_control(sqlite3_file *file, int what, void *argument) { return real_of(file)->pMethods->xFileControl(real_of(file), what, argument); }
static int fault_sector(sqlite3_file *file) { return real_of(file)->pMethods->xSectorSize(real_of(file)); }
static int fault_device(sqlite3_file *file) { return real_of(file)->pMethods->xDeviceCharacteristics(real_of(file)); }
static int fault_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret) { return real_of(file)->pMethods->xShmMap(real_of(file), page, size, extend, ret); }
static int fault_shm_lock(sqlite3_file *file, int at, int count, int flags) { return real_of(file)->pMethods->xShmLock(real_of(file), at, count, flags); }
static void fault_barrier(sqlite3_file *file) { real_of(file)->pMethods->xShmBarrier(real_of(file)); }
static int fault_unmap(sqlite3_file *file, int remove) { return real_of(file)->pMethods->xShmUnmap(real_of(file), remove); }

static const sqlite3_io_methods methods = {
    .iVersion = 2, .xClose = fault_close, .xRead = fault_read, .xWrite = fault_write, .xTruncate = fault_truncate, .xSync = fault_sync,
    .xFileSize = fault_size, .xLock = fault_lock, .xUnlock = fault_unlock, .xCheckReservedLock = fault_reserved, .xFileControl = fault_control,
    .xSectorSize = fault_sector, .xDeviceCharacteristics = fault_device, .xShmMap = fault_map, .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_barrier, .xShmUnmap = fault_unmap,
};

static int fault_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    (void)vfs;
    struct fault_file *fault = (struct fault_file *)file;
    *fault = (struct fault_file){.is_wal = (flags & SQLITE_OPEN_WAL) != 0, .real = (sqlite3_file *)(void *)(fault + 1)};
    int code = real_vfs->xOpen(real_vfs, name, fault->real, flags, ret_flags);
    fault->base.pMethods = code == SQLITE_OK ? &methods : NULL;
    return code;
}

static void install(void)
{
    static sqlite3_vfs vfs;
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "fault";
    vfs.szOsFile = (int)sizeof(struct fault_file) + real_vfs->szOsFile;
    vfs.xOpen = fault_open;
    vfs.pNext = NULL;
    assert_int_equal(sqlite3_vfs_register(&vfs, 1), SQLITE_OK);
}

/* ------------------------------------------------------------------------------------------------------------------- */

static struct db *db;

static int set_up(void **state)
{
    (void)state;
    database_new();
    assert_int_equal(db_open(&db, database_url, DB_WRITER), OK);
    memset(&disk, 0, sizeof disk);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    memset(&disk, 0, sizeof disk);
    db_close(db);
    database_remove();
    return 0;
}

static enum err put(const char *name)
{
    struct query *q = db_query(db, "installation_set");
    query_bind_text(q, "name", text_of(name));
    query_bind_text(q, "value", TEXT("x"));
    return query_run(q);
}

static bool is_there(const char *name)
{
    struct query *q = db_query(db, "installation_get");
    query_bind_text(q, "name", text_of(name));
    bool found = query_next(q);
    assert_false(query_failed(q));
    return found;
}

static void reopen(void)
{
    db_close(db);
    assert_int_equal(db_open(&db, database_url, DB_WRITER), OK);
}

static void test_every_commit_is_flushed(void **state)
{
    (void)state;
    for (int64_t i = 1; i <= 20; i++) {
        char name[16];
        snprintf(name, sizeof name, "n%d", (int)i);
        assert_int_equal(db_begin(db), OK);
        assert_int_equal(put(name), OK);
        int64_t before = disk.wal_syncs;
        assert_int_equal(db_commit(db), OK);
        assert_true(disk.wal_syncs > before); /* synchronous=FULL at work, not only believed */
    }
    assert_true(disk.wal_writes >= 20);
}

static void test_a_failed_flush_makes_the_commit_ambiguous(void **state)
{
    (void)state;
    assert_int_equal(db_begin(db), OK);
    assert_int_equal(put("known"), OK);
    assert_int_equal(db_commit(db), OK);
    assert_int_equal(db_begin(db), OK);
    assert_int_equal(put("doubtful"), OK);
    disk.fail_wal_sync = true;
    assert_int_equal(db_commit(db), ERR_AMBIGUOUS);
    assert_true(disk.fired > 0);
    assert_true(db_is_broken(db));
    assert_false(db_in_transaction(db));
    struct db *second;
    assert_int_equal(db_open(&second, database_url, DB_READER), OK); /* somebody else keeps the database open, so closing does not copy the WAL */
    db_close(db);
    assert_int_equal(db_open(&db, database_url, DB_WRITER), ERR_UNAVAILABLE); /* the disk still fails: nothing may be built on it */
    disk.fail_wal_sync = false;
    int64_t writes = disk.database_writes, syncs = disk.database_syncs;
    assert_int_equal(db_open(&db, database_url, DB_WRITER), OK);
    assert_true(disk.database_writes > writes); /* what was in doubt is written and flushed anew */
    assert_true(disk.database_syncs > syncs);
    db_close(second);
    assert_true(is_there("known")); /* the doubtful one may be there or not: that is what ambiguous means */
    assert_int_equal(db_begin(db), OK);
    assert_int_equal(put("after"), OK);
    assert_int_equal(db_commit(db), OK);
    assert_true(is_there("after"));
}

static void fail_writes(int code)
{
    assert_int_equal(db_begin(db), OK);
    assert_int_equal(put("refused"), OK);
    disk.fail_wal_write = true;
    disk.write_error = code;
    enum err err = db_commit(db);
    assert_true(err == ERR_AMBIGUOUS || err == ERR_UNAVAILABLE);
    assert_true(disk.fired > 0);
    assert_true(db_is_broken(db));
    disk.fail_wal_write = false;
    reopen();
    assert_false(is_there("refused")); /* its frames never got there */
    assert_int_equal(db_begin(db), OK);
    assert_int_equal(put("after"), OK);
    assert_int_equal(db_commit(db), OK);
}

static void test_a_full_disk(void **state)
{
    (void)state;
    fail_writes(SQLITE_FULL);
}

static void test_a_failing_disk(void **state)
{
    (void)state;
    fail_writes(SQLITE_IOERR_WRITE);
}

static void write_rows(int count)
{
    static int written; /* a row that is there already would change no page */
    for (int i = 0; i < count; i++) {
        char name[32];
        snprintf(name, sizeof name, "row %d", written++);
        assert_int_equal(db_begin(db), OK);
        assert_int_equal(put(name), OK);
        assert_int_equal(db_commit(db), OK);
    }
}

/* What cannot be copied stays in the WAL: commits go on, and the copying begins again when the disk works. */
static void test_a_database_that_cannot_be_flushed_costs_no_commit(void **state)
{
    (void)state;
    struct checkpointer_limits usual = checkpointer_limits;
    checkpointer_limits = (struct checkpointer_limits){.portion = 20, .long_enough = 100, .left_max = 20};
    reopen();
    checkpointer_limits = usual;
    disk.fail_database_sync = true;
    for (int i = 0; i < 200 && checkpointer_counts(db_checkpointer(db)).errors == 0; i++)
        write_rows(20);
    assert_true(checkpointer_counts(db_checkpointer(db)).errors > 0);
    assert_true(disk.database_sync_failures > 0);
    assert_int_equal(checkpointer_counts(db_checkpointer(db)).restarts, 0);
    assert_false(db_is_broken(db));
    disk.fail_database_sync = false;
    for (int i = 0; i < 500 && checkpointer_counts(db_checkpointer(db)).restarts == 0; i++)
        write_rows(20);
    assert_true(checkpointer_counts(db_checkpointer(db)).restarts > 0);
    reopen();
    assert_true(is_there("row 19"));
}

int main(void)
{
    install();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_commit_is_flushed, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_failed_flush_makes_the_commit_ambiguous, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_full_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_failing_disk, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_database_that_cannot_be_flushed_costs_no_commit, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
