/* Why: the WAL must stay short beside a writer that never rests, and nothing may depend on the thread that keeps it so: a reader with an old
 * snapshot, a disk that refuses and a close in the middle are its daily life. Limits are small here, so that few rows make a long WAL. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/checkpointer.h"
#include "store/database_test.h"

enum { ROWS_MAX = 200000 };

static struct db *db;
static int written;

static int set_up(void **state)
{
    (void)state;
    checkpointer_limits = (struct checkpointer_limits){.portion = 20, .long_enough = 200, .left_max = 20};
    database_new();
    assert_int_equal(db_open(&db, database_url, DB_WRITER), OK);
    written = 0;
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    db_close(db);
    database_remove();
    return 0;
}

static void write_row(void)
{
    char name[32];
    snprintf(name, sizeof name, "row %d", written++);
    assert_int_equal(db_begin(db), OK);
    struct query *q = db_query(db, "installation_set");
    query_bind_text(q, "name", text_of(name));
    query_bind_text(q, "value", TEXT("x"));
    assert_int_equal(query_run(q), OK);
    assert_int_equal(db_commit(db), OK);
}

static bool is_there(struct db *reader, const char *name)
{
    struct query *q = db_query(reader, "installation_get");
    query_bind_text(q, "name", text_of(name));
    bool found = false;
    while (query_next(q)) /* to the end: a statement with rows left is a reader too */
        found = true;
    assert_false(query_failed(q));
    return found;
}

static struct checkpointer_counts counts(void)
{
    return checkpointer_counts(db_checkpointer(db));
}

static void write_until_restarted(int64_t times)
{
    int64_t wanted = counts().restarts + times;
    for (int i = 0; i < ROWS_MAX && counts().restarts < wanted; i++)
        write_row();
    assert_true(counts().restarts >= wanted);
}

static void test_the_wal_starts_anew_beside_a_busy_writer(void **state)
{
    (void)state;
    write_until_restarted(3);
    assert_int_equal(counts().errors, 0);
    char path[160];
    snprintf(path, sizeof path, "%s/muster.db-wal", database_folder);
    struct stat about;
    assert_int_equal(stat(path, &about), 0);
    assert_true(about.st_size < 64 << 20);
    db_close(db);
    assert_int_equal(db_open(&db, database_url, DB_WRITER), OK);
    char last[32];
    snprintf(last, sizeof last, "row %d", written - 1);
    assert_true(is_there(db, "row 0"));
    assert_true(is_there(db, last));
}

static void test_little_is_left_alone(void **state)
{
    (void)state;
    for (int i = 0; i < 3; i++)
        write_row();
    assert_true(counts().frames > 0);
    assert_int_equal(counts().portions, 0); /* nor was a thread started */
}

/* What a reader still sees must stay in the WAL; when it ends, the WAL starts anew. */
static void test_a_reader_with_an_old_snapshot(void **state)
{
    (void)state;
    struct db *reader;
    write_row();
    assert_int_equal(db_open(&reader, database_url, DB_READER), OK);
    assert_int_equal(db_begin(reader), OK);
    assert_true(is_there(reader, "row 0"));
    int64_t before = counts().restarts;
    while (counts().frames < 1200)
        write_row();
    assert_int_equal(counts().restarts, before);
    assert_false(is_there(reader, "row 1"));
    db_rollback(reader);
    assert_true(is_there(reader, "row 1"));
    write_until_restarted(1);
    db_close(reader);
}

/* Closing in the middle of a portion waits for it and loses nothing. */
static void test_closing_at_any_moment(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 7 * (round + 1); i++)
            write_row();
        db_close(db);
        assert_int_equal(db_open(&db, database_url, DB_WRITER), OK);
        char last[32];
        snprintf(last, sizeof last, "row %d", written - 1);
        assert_true(is_there(db, last));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_wal_starts_anew_beside_a_busy_writer, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_little_is_left_alone, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_reader_with_an_old_snapshot, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_closing_at_any_moment, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
