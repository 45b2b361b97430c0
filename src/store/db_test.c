/* Why: what everything above relies on, on SQLite always and on PostgreSQL when MUSTER_TEST_POSTGRES names a server
 * (tests/postgres starts one). Each test has a fresh database: a file, or a schema of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/db_test.h"

static enum err insert_new(const char *name, int64_t *ret_number)
{
    struct query *q = db_query(fixture.db, "thing_new");
    query_bind_text(q, "name", text_of(name));
    query_bind_int(q, "size", 1);
    return query_insert(q, ret_number);
}

static void test_an_insert_gives_its_number(void **state)
{
    (void)state;
    int64_t first = 0, second = 0, none = 77;
    assert_int_equal(db_begin(fixture.db), OK);
    assert_int_equal(insert_new("a", &first), OK);
    assert_int_equal(insert_new("b", &second), OK);
    assert_int_equal(insert_new("a", &none), ERR_NOT_FOUND);
    assert_int_equal(none, 77);
    assert_int_equal(db_commit(fixture.db), OK);
    assert_int_equal(first, 1);
    assert_int_equal(second, 2);
}

static void test_rows_come_back_as_written(void **state)
{
    (void)state;
    struct db *db = fixture.db;
    assert_int_equal(db_begin(db), OK);
    struct query *q = db_query(db, "thing_add");
    query_bind_text(q, "name", TEXT("Gr\xC3\xBC\xC3\x9F'; DROP TABLE things; -- :x ?1 $1"));
    query_bind_int(q, "size", INT64_MAX);
    assert_true(query_next(q));
    assert_int_equal(query_int(q, 0), 1);
    assert_false(query_next(q));
    assert_int_equal(query_changes(q), 1);
    q = db_query(db, "thing_add");
    query_bind_text(q, "name", TEXT(""));
    query_bind_instant(q, "size", INSTANT_NONE);
    assert_true(query_next(q));
    assert_int_equal(db_commit(db), OK);

    q = db_query(db, "thing_list");
    assert_true(query_next(q));
    assert_true(text_is(query_text(q, query_column(q, "name")), "Gr\xC3\xBC\xC3\x9F'; DROP TABLE things; -- :x ?1 $1"));
    assert_true(query_int(q, 2) == INT64_MAX);
    assert_true(query_next(q));
    struct text empty = query_text(q, 1);
    assert_true(text_is_present(empty) && text_is_empty(empty));
    assert_true(query_is_null(q, 2));
    assert_int_equal(query_int(q, 2), 0);
    assert_false(instant_is_set(query_instant(q, 2)));
    assert_false(text_is_present(query_text(q, 2)));
    assert_false(query_next(q));
    assert_false(query_next(q)); /* the end stays the end */
    assert_false(query_failed(q));
}

static void test_a_large_text_survives(void **state)
{
    (void)state;
    char *large = arena_alloc(fixture.arena, 512 * 1024 + 1);
    memset(large, 'x', 512 * 1024);
    assert_int_equal(put(fixture.db, "a", 1), OK);
    assert_int_equal(db_begin(fixture.db), OK);
    struct query *q = db_query(fixture.db, "thing_note");
    query_bind_text(q, "note", (struct text){large, 512 * 1024});
    assert_true(query_next(q));
    assert_true(text_equal(query_text(q, 0), (struct text){large, 512 * 1024}));
    assert_int_equal(db_commit(fixture.db), OK);
}

static void test_sums_and_comparisons_read_alike(void **state)
{
    (void)state;
    assert_int_equal(put(fixture.db, "a", 40), OK);
    assert_int_equal(put(fixture.db, "b", 2), OK);
    struct query *q = db_query(fixture.db, "thing_count");
    assert_true(query_next(q));
    assert_int_equal(query_int(q, 1), 42);
    assert_true(query_bool(q, 2));
    assert_false(query_next(q));
}

static size_t rows(struct query *q)
{
    size_t found = 0;
    while (query_next(q))
        found++;
    assert_false(query_failed(q));
    return found;
}

static void test_blocks_follow_what_is_bound(void **state)
{
    (void)state;
    assert_int_equal(put(fixture.db, "Anchor", 10), OK);
    assert_int_equal(put(fixture.db, "barge", 200), OK);
    assert_int_equal(put(fixture.db, "Crane", 300), OK);
    struct db *db = fixture.db;
    assert_int_equal(rows(db_query(db, "thing_list")), 3);
    struct query *q = db_query(db, "thing_list");
    query_bind_text(q, "names", TEXT("[\"barge\",\"Crane\",\"nobody\"]"));
    assert_int_equal(rows(q), 2);
    q = db_query(db, "thing_list");
    query_bind_text(q, "sizes", TEXT("[10,300]"));
    query_enable(q, "big");
    assert_int_equal(rows(q), 1);
    q = db_query(db, "thing_list");
    query_bind_text(q, "part", TEXT("RA"));
    assert_int_equal(rows(q), 1);
    q = db_query(db, "thing_list");
    query_bind_text(q, "part", TEXT("%")); /* plain text, no pattern */
    assert_int_equal(rows(q), 0);
    q = db_query(db, "thing_list");
    query_bind_text(q, "part", TEXT_NONE); /* absent: the filter does not take part */
    query_bind_text(q, "names", TEXT_NONE);
    assert_int_equal(rows(q), 3);
}

static void test_more_variants_than_are_kept(void **state)
{
    (void)state;
    assert_int_equal(put(fixture.db, "Anchor", 10), OK);
    for (int round = 0; round < 2; round++) {
        for (unsigned mask = 0; mask < 64; mask++) {
            struct query *q = db_query(fixture.db, "thing_masks");
            for (unsigned bit = 0; bit < 6; bit++)
                if (mask >> bit & 1)
                    query_enable(q, (const char *const[]){"a", "b", "c", "d", "e", "f"}[bit]);
            assert_true(query_next(q));
            assert_int_equal(query_int(q, 0), mask);
            assert_false(query_next(q));
        }
    }
}

static void test_conflicts_are_told_from_mistakes(void **state)
{
    (void)state;
    struct db *db = fixture.db;
    assert_int_equal(db_begin(db), OK);
    add(db, "one", 1);
    struct query *q = db_query(db, "thing_add");
    query_bind_text(q, "name", TEXT("one"));
    query_bind_int(q, "size", 1);
    assert_false(query_next(q));
    assert_true(query_failed(q));
    assert_int_equal(query_err(q), ERR_CONFLICT);
    /* Both databases: nothing but a rollback helps now. */
    assert_int_equal(put(db, "two", 2), ERR_INTERNAL);
    assert_int_equal(db_commit(db), ERR_INTERNAL);
    assert_false(db_in_transaction(db));
    assert_int_equal(count(db), 0);

    q = db_query(db, "part_add");
    query_bind_int(q, "thing", 77);
    assert_int_equal(query_run(q), ERR_CONFLICT); /* no such thing */
    q = db_query(db, "wrong");
    query_bind_int(q, "size", 77);
    assert_int_equal(query_run(q), ERR_INTERNAL); /* NOT NULL: our SQL is wrong */
    assert_false(db_is_broken(db));
}

static void test_an_unbound_parameter_is_loud(void **state)
{
    (void)state;
    struct query *q = db_query(fixture.db, "thing_put");
    query_bind_text(q, "name", TEXT("x"));
    assert_int_equal(query_run(q), ERR_INTERNAL);
    assert_non_null(strstr(db_last_message(fixture.db), "size"));
    /* What an earlier run bound does not count. */
    assert_int_equal(put(fixture.db, "x", 1), OK);
    q = db_query(fixture.db, "thing_put");
    query_bind_text(q, "name", TEXT("x"));
    assert_int_equal(query_run(q), ERR_INTERNAL);
}

static void test_rollback_undoes(void **state)
{
    (void)state;
    struct db *db = fixture.db;
    assert_int_equal(db_begin(db), OK);
    add(db, "one", 1);
    db_rollback(db);
    db_rollback(db); /* no-op */
    assert_int_equal(count(db), 0);
    assert_int_equal(db_begin(db), OK);
    add(db, "one", 1);
    db_close(fixture.db); /* an open transaction dies with its connection */
    fixture.db = connect_things(DB_WRITER);
    assert_int_equal(count(fixture.db), 0);
}

static void test_a_savepoint_isolates_a_failure(void **state)
{
    (void)state;
    struct db *db = fixture.db;
    assert_int_equal(db_begin(db), OK);
    add(db, "kept", 1);
    assert_int_equal(db_savepoint(db), OK);
    add(db, "undone", 2);
    struct query *q = db_query(db, "thing_add");
    query_bind_text(q, "name", TEXT("kept"));
    query_bind_int(q, "size", 1);
    assert_int_equal(query_run(q), ERR_CONFLICT);
    assert_int_equal(db_savepoint_release(db), ERR_INTERNAL); /* a failed part cannot be kept */
    assert_int_equal(db_savepoint_rollback(db), OK);
    assert_int_equal(db_savepoint(db), OK);
    add(db, "also kept", 3);
    assert_int_equal(db_savepoint_release(db), OK);
    assert_int_equal(db_commit(db), OK);
    assert_int_equal(count(db), 2);
}

static void test_a_reader_sees_one_snapshot(void **state)
{
    (void)state;
    assert_int_equal(put(fixture.db, "one", 1), OK);
    struct db *reader = connect_things(DB_READER);
    assert_int_equal(db_begin(reader), OK);
    assert_int_equal(count(reader), 1);
    assert_int_equal(put(fixture.db, "two", 2), OK);
    assert_int_equal(count(reader), 1);
    db_rollback(reader);
    assert_int_equal(count(reader), 2);
    struct query *q = db_query(reader, "thing_delete");
    assert_int_equal(query_run(q), ERR_UNAVAILABLE); /* it cannot write */
    db_close(reader);
    assert_int_equal(count(fixture.db), 2);
}

static void test_a_run_left_open_does_not_hold_the_next_transaction(void **state)
{
    (void)state;
    assert_int_equal(put(fixture.db, "one", 1), OK);
    assert_int_equal(put(fixture.db, "two", 1), OK);
    struct db *other = connect_things(DB_ADMIN);
    struct query *q = db_query(other, "thing_list");
    assert_true(query_next(q)); /* and the second row is never fetched */
    assert_int_equal(put(fixture.db, "three", 1), OK);
    assert_int_equal(db_begin(other), OK);
    assert_int_equal(put(other, "four", 1), OK);
    assert_int_equal(db_commit(other), OK);
    db_close(other);
    assert_int_equal(count(fixture.db), 4);
}

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
    for (int tries = 0; second->backend->lock(second) != OK; tries++) { /* PostgreSQL ends a session a moment after its client has gone */
        assert_true(tries < 500);
        usleep(10000);
    }
}

static void test_a_change_with_rows_needs_a_transaction(void **state)
{
    (void)state;
    if (on_postgres)
        return; /* cannot go wrong there */
    struct query *q = db_query(fixture.db, "thing_add");
    query_bind_text(q, "name", TEXT("x"));
    query_bind_int(q, "size", 1);
    assert_false(query_next(q));
    assert_int_equal(query_err(q), ERR_INTERNAL);
    assert_int_equal(count(fixture.db), 0);
}

/* The real schema ------------------------------------------------------------------------------------------------------ */

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
    struct db *db = fixture.db, *killer = connect_things(DB_ADMIN);
    assert_int_equal(db_begin(db), OK);
    add(db, "one", 1);
    assert_int_equal(killer->backend->execute(killer, "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                                                      "query LIKE '%INTO things%'"), OK);
    assert_int_equal(db_commit(db), ERR_AMBIGUOUS);
    assert_true(db_is_broken(db));
    db_close(killer);
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

#define ON_EMPTY(test) cmocka_unit_test_setup_teardown(test, set_up_empty, tear_down)
#define ON_BOTH                                                                                                                          \
    ON_THINGS(test_an_insert_gives_its_number), ON_THINGS(test_rows_come_back_as_written), ON_THINGS(test_a_large_text_survives), ON_THINGS(test_sums_and_comparisons_read_alike),   \
        ON_THINGS(test_blocks_follow_what_is_bound), ON_THINGS(test_more_variants_than_are_kept), ON_THINGS(test_conflicts_are_told_from_mistakes),                                   \
        ON_THINGS(test_an_unbound_parameter_is_loud), ON_THINGS(test_rollback_undoes), ON_THINGS(test_a_savepoint_isolates_a_failure),   \
        ON_THINGS(test_a_reader_sees_one_snapshot), ON_THINGS(test_a_run_left_open_does_not_hold_the_next_transaction),                  \
        ON_THINGS(test_only_one_writer), ON_THINGS(test_a_change_with_rows_needs_a_transaction), ON_EMPTY(test_migrate_then_open),      \
        ON_EMPTY(test_every_block_fits_the_schema), ON_EMPTY(test_a_newer_schema_is_refused), ON_EMPTY(test_an_edited_migration_is_refused)

int main(void)
{
    const struct CMUnitTest of_sqlite[] = {
        ON_BOTH,
        ON_EMPTY(test_the_file_is_private_and_settings_hold),
        ON_EMPTY(test_backup_is_a_whole_database),
        ON_THINGS(test_a_full_disk_is_unavailable_and_nothing_is_written),
        ON_EMPTY(test_a_damaged_file_is_refused),
        ON_THINGS(test_file_that_is_not_in_its_place_takes_nothing),
    };
    const struct CMUnitTest of_postgres[] = {
        ON_BOTH,
        ON_THINGS(test_a_lost_connection_makes_commit_ambiguous),
        ON_THINGS(test_synchronous_commit_off_is_refused),
    };
    return run_on_each_database(of_sqlite, of_postgres);
}
