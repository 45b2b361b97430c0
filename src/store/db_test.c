/* Why: the database itself, on SQLite and PostgreSQL: its schema goes forward only, its file is private, its loss is noticed, its copy is whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/db_test.h"

static void test_only_one_writer(void **state)
{
    (void)state;
    struct db *db = fixture.db;
    assert_int_equal(db->backend->lock(db), OK);
    struct db *second = connect_things(DB_WRITER);
    assert_int_equal(second->backend->lock(second), ERR_UNAVAILABLE);
    assert_non_null(strstr(db_last_message(second), "another Muster server"));
    db_close(fixture.db);
    fixture.db = second;
    assert_int_equal(second->backend->lock(second), OK);
}

/* PostgreSQL notices that a client has gone when it next has to do with it. Here it is busy for as long as that, with the lock in its hand. */
static void test_a_session_that_is_ending_is_waited_for(void **state)
{
    (void)state;
    assert_int_equal(fixture.db->backend->lock(fixture.db), OK);
    assert_true(PQsendQuery(postgres_of(fixture.db)->handle, "SELECT pg_sleep(0.5)"));
    fixture.db->backend->close(fixture.db);
    struct db *second = connect_things(DB_WRITER);
    assert_int_equal(second->backend->lock(second), OK);
    db_close(fixture.db);
    fixture.db = second;
}

static int set_up_empty(void **state)
{
    (void)state;
    database_name();
    fixture.arena = arena_new(8 * 1024 * 1024);
    fixture.library = NULL;
    fixture.db = NULL;
    return 0;
}

static void test_migrate_then_open(void **state)
{
    (void)state;
    assert_int_equal(db_open(&fixture.db, database_url, DB_WRITER), ERR_UNAVAILABLE); /* not migrated yet */
    assert_int_equal(db_migrate(database_url), OK);
    assert_int_equal(db_migrate(database_url), OK);
    assert_int_equal(db_open(&fixture.db, database_url, DB_WRITER), OK); /* every embedded query fits the schema */
    struct db *second;
    assert_int_equal(db_open(&second, database_url, DB_WRITER), ERR_UNAVAILABLE);
    assert_int_equal(db_open(&second, database_url, DB_ADMIN), OK);
    struct query *q = db_query(second, "installation_set");
    query_bind_text(q, "name", TEXT("test"));
    query_bind_text(q, "value", TEXT("value"));
    assert_int_equal(query_run(q), OK);
    struct problem *problem = problem_new(fixture.arena);
    assert_int_equal(db_check(second, problem), OK);
    assert_true(problem_is_empty(problem));
    db_close(second);
}

/* Each opening sees that the queries fit, also the second of a process. */
static void test_a_schema_changed_by_hand_is_noticed(void **state)
{
    (void)state;
    assert_int_equal(db_migrate(database_url), OK);
    assert_int_equal(db_open(&fixture.db, database_url, DB_WRITER), OK);
    assert_int_equal(db_execute(fixture.db, "ALTER TABLE installation RENAME COLUMN value TO something"), OK);
    db_close(fixture.db);
    fixture.db = NULL;
    assert_int_equal(db_open(&fixture.db, database_url, DB_WRITER), ERR_INTERNAL);
    assert_int_equal(db_open(&fixture.db, database_url, DB_WRITER), ERR_INTERNAL);
    assert_int_equal(db_open(&fixture.db, database_url, DB_ADMIN), OK);
    assert_int_equal(db_execute(fixture.db, "ALTER TABLE installation RENAME COLUMN something TO value"), OK);
    db_close(fixture.db);
    assert_int_equal(db_open(&fixture.db, database_url, DB_WRITER), OK);
}

static void assert_prepares(const struct sql_query *query, uint64_t mask)
{
    struct statement *statement;
    struct sql_variant sql;
    sql_variant_of(fixture.arena, query, mask, fixture.db->backend->dialect, &sql);
    if (fixture.db->backend->prepare(fixture.db, sql.sql, &statement) != OK)
        fail_msg("%s with blocks %llx: %s", query->name, (unsigned long long)mask, db_last_message(fixture.db));
    fixture.db->backend->finalize(statement);
    arena_reset(fixture.arena);
}

/* The server tries every query plain and with everything on; here also each block alone and all but each. */
static void test_every_block_fits_the_schema(void **state)
{
    (void)state;
    assert_int_equal(db_migrate(database_url), OK);
    assert_int_equal(db_open(&fixture.db, database_url, DB_ADMIN), OK);
    const struct sql_library *library = fixture.db->library;
    size_t tried = 0;
    for (size_t i = 0; i < sql_library_count(library); i++) {
        const struct sql_query *query = sql_library_at(library, i);
        uint64_t all = (UINT64_C(1) << query->block_count) - 1;
        for (size_t block = 0; block < query->block_count; block++, tried++) {
            assert_prepares(query, UINT64_C(1) << block);
            assert_prepares(query, all & ~(UINT64_C(1) << block));
        }
    }
    assert_true(tried > 20);
}

static void test_a_newer_schema_is_refused(void **state)
{
    (void)state;
    assert_int_equal(db_migrate(database_url), OK);
    assert_int_equal(db_open(&fixture.db, database_url, DB_WRITER), OK);
    struct query *q = db_query(fixture.db, "schema_migration_add");
    query_bind_int(q, "version", db_schema_version_of_binary() + 1);
    query_bind_text(q, "name", TEXT("from_the_future"));
    query_bind_text(q, "checksum", TEXT("0"));
    assert_int_equal(query_run(q), OK);
    db_close(fixture.db);
    fixture.db = NULL;
    assert_int_equal(db_migrate(database_url), ERR_TOO_NEW);
    assert_int_equal(db_open(&fixture.db, database_url, DB_WRITER), ERR_TOO_NEW);
    assert_int_equal(db_open(&fixture.db, database_url, DB_READER), ERR_TOO_NEW);
}

static void test_an_edited_migration_is_refused(void **state)
{
    (void)state;
    assert_int_equal(db_migrate(database_url), OK);
    assert_int_equal(db_open(&fixture.db, database_url, DB_ADMIN), OK);
    assert_int_equal(fixture.db->backend->execute(fixture.db, "UPDATE schema_migrations SET checksum = 'other' WHERE version = 1"), OK);
    assert_int_equal(db_migrate(database_url), ERR_INTERNAL);
    struct problem *problem = problem_new(fixture.arena);
    assert_int_equal(db_check(fixture.db, problem), OK);
    assert_int_equal(problem->count, 1);
}

static void test_the_file_is_private_and_settings_hold(void **state)
{
    (void)state;
    assert_int_equal(db_migrate(database_url), OK);
    struct stat info;
    assert_int_equal(stat(database_url + 7, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(db_open(&fixture.db, database_url, DB_WRITER), OK);
    assert_int_equal(fixture.db->backend->execute(fixture.db, "PRAGMA synchronous = NORMAL"), OK);
    struct problem *problem = problem_new(fixture.arena);
    assert_int_equal(db_check(fixture.db, problem), OK);
    assert_int_equal(problem->count, 1); /* the check looks, it does not believe */
}

static void test_backup_is_a_whole_database(void **state)
{
    (void)state;
    assert_int_equal(db_migrate(database_url), OK);
    assert_int_equal(db_open(&fixture.db, database_url, DB_WRITER), OK);
    struct query *q = db_query(fixture.db, "installation_set");
    query_bind_text(q, "name", TEXT("kept"));
    query_bind_text(q, "value", TEXT("in the WAL only"));
    assert_int_equal(query_run(q), OK);
    const char *path = arena_printf(fixture.arena, "%s/copy.db", database_folder);
    struct db *reader;
    assert_int_equal(db_open(&reader, database_url, DB_READER), OK);
    assert_int_equal(db_begin(fixture.db), OK); /* the server is writing meanwhile */
    assert_int_equal(db_backup(reader, path), OK);
    db_rollback(fixture.db);
    assert_int_equal(db_backup(reader, path), ERR_CONFLICT); /* never over an existing file */
    db_close(reader);
    struct db *copy;
    assert_int_equal(db_open(&copy, path, DB_ADMIN), OK);
    q = db_query(copy, "installation_get");
    query_bind_text(q, "name", TEXT("kept"));
    assert_true(query_next(q));
    assert_true(text_is(query_text(q, 0), "in the WAL only"));
    db_close(copy);
    assert_int_not_equal(access(arena_printf(fixture.arena, "%s-wal", path), F_OK), 0);
}

static void test_a_full_disk_is_unavailable_and_nothing_is_written(void **state)
{
    (void)state;
    assert_int_equal(put(fixture.db, "before", 1), OK);
    assert_int_equal(fixture.db->backend->execute(fixture.db, "PRAGMA max_page_count = 1"), OK); /* clamps to the present size */
    char *large = arena_alloc(fixture.arena, 100001);
    memset(large, 'x', 100000);
    assert_int_equal(db_begin(fixture.db), OK);
    assert_int_equal(put(fixture.db, large, 1), ERR_UNAVAILABLE);
    assert_true(db_is_broken(fixture.db));
    db_rollback(fixture.db);
    db_close(fixture.db);
    fixture.db = connect_things(DB_WRITER); /* it recovers with a new connection */
    assert_int_equal(count(fixture.db), 1);
    assert_int_equal(put(fixture.db, large, 1), OK);
}

static void test_a_damaged_file_is_refused(void **state)
{
    (void)state;
    int fd = open(database_url + 7, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    char noise[8192];
    memset(noise, 'z', sizeof noise);
    assert_int_equal(write(fd, noise, sizeof noise), sizeof noise);
    close(fd);
    assert_int_equal(db_migrate(database_url), ERR_UNAVAILABLE);
    assert_int_equal(db_open(&fixture.db, database_url, DB_WRITER), ERR_UNAVAILABLE);
}

static void test_a_lost_connection_makes_commit_ambiguous(void **state)
{
    (void)state;
    struct db *db = fixture.db;
    assert_int_equal(db_begin(db), OK);
    add(db, "one", 1);
    throw_out(db);
    assert_int_equal(db_commit(db), ERR_AMBIGUOUS);
    assert_true(db_is_broken(db));
    db_close(fixture.db);
    fixture.db = connect_things(DB_WRITER);
    assert_int_equal(count(fixture.db), 0);
    assert_int_equal(put(fixture.db, "two", 1), OK);
}

static void test_synchronous_commit_off_is_refused(void **state)
{
    (void)state;
    char url[640];
    snprintf(url, sizeof url, "%s%%20-csynchronous_commit%%3Doff", database_url);
    struct db *db;
    assert_int_equal(db_connect(&db, url, DB_WRITER, false, fixture.library), ERR_UNAVAILABLE);
}

/* Moved away, replaced, put back: what is written meanwhile would be lost, and nothing must continue on another file. */
static void test_file_that_is_not_in_its_place_takes_nothing(void **state)
{
    (void)state;
    char path[256], aside[256];
    snprintf(path, sizeof path, "%s/muster.db", database_folder);
    snprintf(aside, sizeof aside, "%s/aside.db", database_folder);
    assert_int_equal(rename(path, aside), 0);
    assert_int_equal(db_begin(fixture.db), ERR_UNAVAILABLE);
    assert_non_null(strstr(db_last_message(fixture.db), "was moved, deleted or replaced"));
    assert_false(db_is_broken(fixture.db)); /* opening anew would continue on another file */
    int other = open(path, O_RDWR | O_CREAT | O_EXCL, 0600);
    assert_true(other >= 0);
    close(other);
    assert_int_equal(db_begin(fixture.db), ERR_UNAVAILABLE);
    assert_int_equal(rename(aside, path), 0);
    assert_int_equal(db_begin(fixture.db), OK);
    assert_int_equal(db_commit(fixture.db), OK);
}

static int64_t version_after_a_commit(void)
{
    int64_t version;
    assert_int_equal(db_begin(fixture.db), OK);
    assert_int_equal(db_commit(fixture.db), OK);
    assert_int_equal(db_configuration_version(fixture.db, &version), OK);
    return version;
}

static void test_what_is_changed_by_hand_is_counted(void **state)
{
    (void)state;
    assert_int_equal(db_migrate(database_url), OK);
    assert_int_equal(db_open(&fixture.db, database_url, DB_WRITER), OK);
    int64_t version = version_after_a_commit();
    assert_int_equal(version_after_a_commit(), version);
    sqlite3 *hand;
    assert_int_equal(sqlite3_open(database_url + strlen("sqlite:"), &hand), SQLITE_OK);
    assert_int_equal(sqlite3_exec(hand, "UPDATE teams SET name = name", NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(version_after_a_commit(), version); /* nothing was changed */
    assert_int_equal(sqlite3_exec(hand, "INSERT INTO installation (name, value) VALUES ('by hand', '1')", NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(hand);
    assert_int_equal(version_after_a_commit(), version + 1);
    assert_int_equal(version_after_a_commit(), version + 1);
}

#define ON_EMPTY(test) cmocka_unit_test_setup_teardown(test, set_up_empty, tear_down)
#define ON_BOTH                                                                                                              \
    ON_THINGS(test_only_one_writer), ON_EMPTY(test_migrate_then_open), ON_EMPTY(test_every_block_fits_the_schema),            \
        ON_EMPTY(test_a_newer_schema_is_refused), ON_EMPTY(test_an_edited_migration_is_refused)

int main(void)
{
    const struct CMUnitTest of_sqlite[] = {
        ON_BOTH,
        ON_EMPTY(test_the_file_is_private_and_settings_hold),
        ON_EMPTY(test_backup_is_a_whole_database),
        ON_THINGS(test_a_full_disk_is_unavailable_and_nothing_is_written),
        ON_EMPTY(test_a_damaged_file_is_refused),
        ON_EMPTY(test_a_schema_changed_by_hand_is_noticed), ON_EMPTY(test_what_is_changed_by_hand_is_counted),
        ON_THINGS(test_file_that_is_not_in_its_place_takes_nothing),
    };
    const struct CMUnitTest of_postgres[] = {
        ON_BOTH,
        ON_THINGS(test_a_session_that_is_ending_is_waited_for),
        ON_THINGS(test_a_lost_connection_makes_commit_ambiguous),
        ON_THINGS(test_synchronous_commit_off_is_refused),
    };
    return run_on_each_database(of_sqlite, of_postgres);
}
