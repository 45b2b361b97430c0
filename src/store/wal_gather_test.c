/* Why: what is held back must never be missed: not by another connection, not by the transaction that wrote it, and not when the write that was put off
 * fails. A VFS counts and fails the writes; a page cache of a few pages makes SQLite write long before the commit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/wal_gather.h"

enum { PAGE = 4096, FRAME = PAGE + 24, PAGES = 300 };

/* The disk ------------------------------------------------------------------------------------------------------------ */

static struct {
    int wal_writes, fired;
    bool fail;
} disk;

struct counted_file {
    sqlite3_io_methods methods; /* first: the file points here */
    const sqlite3_io_methods *real;
};

static struct counted_file counted_wal;

static int counted_write(sqlite3_file *file, const void *from, int size, sqlite3_int64 at)
{
    disk.wal_writes++;
    if (disk.fail) {
        disk.fired++;
        return SQLITE_FULL;
    }
    return counted_wal.real->xWrite(file, from, size, at);
}

static void count_writes(sqlite3 *handle)
{
    sqlite3_file *wal = NULL;
    assert_int_equal(sqlite3_file_control(handle, "main", SQLITE_FCNTL_JOURNAL_POINTER, &wal), SQLITE_OK);
    counted_wal.real = wal->pMethods;
    counted_wal.methods = *wal->pMethods;
    counted_wal.methods.xWrite = counted_write;
    wal->pMethods = &counted_wal.methods;
}

/* --------------------------------------------------------------------------------------------------------------------- */

static char directory[64], path[96];
static sqlite3 *writer, *reader;

static int run(const char *sql)
{
    return sqlite3_exec(writer, sql, NULL, NULL, NULL);
}

static int64_t ask(sqlite3 *handle, const char *sql)
{
    sqlite3_stmt *statement;
    int64_t answer = -1;
    assert_int_equal(sqlite3_prepare_v2(handle, sql, -1, &statement, NULL), SQLITE_OK);
    if (sqlite3_step(statement) == SQLITE_ROW)
        answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return answer;
}

static int put(int first, int count)
{
    char sql[256];
    snprintf(sql, sizeof sql, "WITH RECURSIVE n (i) AS (VALUES (%d) UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
                              "INSERT INTO t SELECT i, printf('%%d', i) || zeroblob(3000) FROM n", first, first + count - 1);
    return run(sql);
}

static const char *const count_right = "SELECT COUNT(*) FROM t WHERE CAST(text AS INTEGER) = number";

static void open_both(void)
{
    assert_int_equal(sqlite3_open(path, &writer), SQLITE_OK);
    assert_int_equal(run("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0; CREATE TABLE IF NOT EXISTS t (number INTEGER PRIMARY KEY, text);"
                         "INSERT INTO t VALUES (0, '0'); DELETE FROM t WHERE number = 0"), SQLITE_OK);
    assert_int_equal(sqlite3_open(path, &reader), SQLITE_OK);
    assert_int_equal(ask(reader, count_right), ask(writer, count_right));
    count_writes(writer);
    assert_int_equal(wal_gather(writer), SQLITE_OK);
    memset(&disk, 0, sizeof disk);
}

static void close_both(void)
{
    memset(&disk, 0, sizeof disk);
    assert_int_equal(sqlite3_close(writer), SQLITE_OK);
    assert_int_equal(sqlite3_close(reader), SQLITE_OK);
}

static int set_up(void **state)
{
    (void)state;
    snprintf(directory, sizeof directory, "/tmp/muster-gather-XXXXXX");
    assert_non_null(mkdtemp(directory));
    snprintf(path, sizeof path, "%s/t.db", directory);
    open_both();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    close_both();
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char name[112];
        snprintf(name, sizeof name, "%s%s", path, suffixes[i]);
        unlink(name);
    }
    return rmdir(directory);
}

static void assert_sound(void)
{
    assert_int_equal(ask(reader, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
    assert_int_equal(ask(writer, "SELECT integrity_check = 'ok' FROM pragma_integrity_check"), 1);
}

static void test_a_commit_is_a_few_writes(void **state)
{
    (void)state;
    assert_int_equal(put(1, PAGES), SQLITE_OK);
    assert_in_range(disk.wal_writes, 3, PAGES * FRAME / WAL_GATHER_BYTES_MAX + 4);
    assert_int_equal(ask(reader, count_right), PAGES);
    disk.wal_writes = 0;
    assert_int_equal(put(PAGES + 1, 1), SQLITE_OK);
    assert_in_range(disk.wal_writes, 2, 3);
    assert_int_equal(ask(reader, count_right), PAGES + 1);
    assert_sound();
}

/* Without a flush in the commit nothing is held beyond it either. */
static void test_whatever_the_settings_are(void **state)
{
    (void)state;
    assert_int_equal(run("PRAGMA synchronous = OFF"), SQLITE_OK);
    for (int i = 1; i <= PAGES; i++) {
        assert_int_equal(put(i, 1), SQLITE_OK);
        assert_int_equal(ask(reader, count_right), i);
    }
    assert_sound();
}

/* The pages are written before the commit, read back, written again in their place, and the sums of all frames behind them are made anew. */
static void test_a_transaction_that_outgrows_the_cache(void **state)
{
    (void)state;
    assert_int_equal(run("PRAGMA cache_size = 10; BEGIN"), SQLITE_OK);
    assert_int_equal(put(1, PAGES), SQLITE_OK);
    assert_in_range(disk.wal_writes, 3, PAGES); /* it did write already, and not page by page */
    assert_int_equal(ask(writer, count_right), PAGES);
    assert_int_equal(ask(reader, count_right), 0);
    assert_int_equal(run("UPDATE t SET number = -number, text = '-' || text WHERE number % 7 = 0"), SQLITE_OK);
    assert_int_equal(ask(writer, count_right), PAGES);
    assert_int_equal(ask(reader, count_right), 0);
    assert_int_equal(run("COMMIT"), SQLITE_OK);
    assert_int_equal(ask(reader, count_right), PAGES);
    assert_sound();
}

static void test_a_transaction_that_is_taken_back(void **state)
{
    (void)state;
    assert_int_equal(put(1, 5), SQLITE_OK);
    assert_int_equal(run("PRAGMA cache_size = 10; BEGIN"), SQLITE_OK);
    assert_int_equal(put(6, 100), SQLITE_OK);
    assert_true(disk.wal_writes > 0);
    assert_int_equal(run("ROLLBACK"), SQLITE_OK);
    assert_int_equal(ask(writer, count_right), 5);
    assert_int_equal(put(6, 2), SQLITE_OK);
    assert_int_equal(ask(reader, count_right), 7);
    assert_sound();
}

/* What was put off fails while something else is done: the transaction must not come through, even if the disk works again by then. */
static void test_a_write_that_is_lost_before_the_commit(void **state)
{
    (void)state;
    assert_int_equal(put(1, 5), SQLITE_OK);
    assert_int_equal(run("PRAGMA cache_size = 10; BEGIN; SAVEPOINT s"), SQLITE_OK);
    assert_int_equal(put(6, 15), SQLITE_OK); /* more than the cache, less than is held */
    disk.fail = true;
    assert_int_equal(ask(writer, count_right), -1);
    assert_true(disk.fired > 0);
    disk.fail = false;
    bool undone = run("ROLLBACK TO s; RELEASE s") == SQLITE_OK && put(6, 15) == SQLITE_OK;
    assert_false(undone && run("COMMIT") == SQLITE_OK);
    assert_int_not_equal(put(100, 1), SQLITE_OK);
    run("ROLLBACK");
    close_both();
    open_both();
    assert_int_equal(ask(writer, count_right), 5);
    assert_int_equal(put(6, 1), SQLITE_OK);
    assert_int_equal(ask(reader, count_right), 6);
    assert_sound();
}

static void test_a_commit_that_cannot_be_written(void **state)
{
    (void)state;
    disk.fail = true;
    assert_int_equal(put(1, PAGES), SQLITE_FULL);
    assert_true(disk.fired > 0);
    assert_int_equal(ask(reader, count_right), 0);
    assert_int_equal(ask(writer, count_right), 0);
    close_both();
    open_both();
    assert_int_equal(put(1, PAGES), SQLITE_OK);
    assert_int_equal(ask(reader, count_right), PAGES);
    assert_sound();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_commit_is_a_few_writes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_whatever_the_settings_are, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_transaction_that_outgrows_the_cache, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_transaction_that_is_taken_back, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_write_that_is_lost_before_the_commit, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_commit_that_cannot_be_written, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
