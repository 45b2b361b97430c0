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

#include "base/problem.h"
#include "store/backend.h"

static const char things_sql[] =
    "-- name: thing_add\nINSERT INTO things (name, size) VALUES (:name, :size) RETURNING number\n"
    "-- name: thing_numbered\nINSERT INTO things (number, name, size) VALUES (:new_number, :name, :size) @returning(number)\n"
    "-- name: thing_put\nINSERT INTO things (name, size) VALUES (:name, :size) ON CONFLICT (name) DO UPDATE SET size = excluded.size\n"
    "-- name: thing_new\nINSERT INTO things (name, size) VALUES (:name, :size) ON CONFLICT DO NOTHING @returning(number)\n"
    "-- name: thing_list\nSELECT number, name, size FROM things WHERE 1 = 1\n"
    "-- if: names\nAND name IN @list(:names)\n-- end\n-- if: sizes\nAND size IN @intlist(:sizes)\n-- end\n-- if: part\nAND @contains(name, :part)\n-- end\n"
    "-- if: big\nAND size > 100\n-- end\nORDER BY number\n"
    "-- name: thing_note\nUPDATE things SET note = :note RETURNING note\n"
    "-- name: thing_masks\nSELECT 0\n-- if: a\n+ 1\n-- end\n-- if: b\n+ 2\n-- end\n-- if: c\n+ 4\n-- end\n-- if: d\n+ 8\n-- end\n"
    "-- if: e\n+ 16\n-- end\n-- if: f\n+ 32\n-- end\nFROM things\n"
    "-- name: thing_delete\nDELETE FROM things\n"
    "-- name: thing_count\nSELECT count(*), sum(size), count(*) > 1 FROM things\n"
    "-- name: part_add\nINSERT INTO parts (thing) VALUES (:thing)\n"
    "-- name: wrong\nINSERT INTO things (name, size) VALUES (NULL, :size)\n";
static const char things_schema[] = "CREATE TABLE things (number @autoid, name TEXT NOT NULL UNIQUE, size BIGINT, note TEXT);"
                                    "CREATE TABLE parts (thing BIGINT NOT NULL REFERENCES things (number))";

struct fixture {
    bool postgres;
    char url[512];
    char directory[64];
    struct arena *arena;
    struct sql_library *library;
    struct db *db;
};

static struct fixture fixture;

/* A fresh, empty database. */
static void make_url(void)
{
    const char *server = getenv("MUSTER_TEST_POSTGRES");
    static int number;
    if (fixture.postgres) {
        snprintf(fixture.url, sizeof fixture.url, "%s%coptions=-csearch_path%%3Dtest_%d_%d", server, strchr(server, '?') ? '&' : '?', (int)getpid(), number++);
        return;
    }
    snprintf(fixture.directory, sizeof fixture.directory, "/tmp/muster-db-test-XXXXXX");
    assert_non_null(mkdtemp(fixture.directory));
    snprintf(fixture.url, sizeof fixture.url, "sqlite:%s/muster.db", fixture.directory);
}

static struct db *connect_things(enum db_mode mode)
{
    struct db *db;
    assert_int_equal(db_connect(&db, fixture.url, mode, false, fixture.library), OK);
    return db;
}

static int set_up(void **state)
{
    (void)state;
    make_url();
    fixture.arena = arena_new(8 * 1024 * 1024);
    struct problem *problem = problem_new(fixture.arena);
    enum sql_dialect dialect = fixture.postgres ? SQL_POSTGRES : SQL_SQLITE;
    struct embedded_file file = {"queries/things.sql", things_sql, sizeof things_sql - 1};
    assert_int_equal(sql_library_read(fixture.arena, &file, 1, dialect, problem, &fixture.library), OK);
    struct embedded_file schema = {"migrations/0001_things.sql", things_schema, sizeof things_schema - 1};
    struct sql_migration *list;
    size_t count;
    assert_int_equal(sql_migrations_read(fixture.arena, &schema, 1, dialect, problem, &list, &count), OK);
    fixture.db = connect_things(DB_WRITER);
    assert_int_equal(fixture.db->backend->execute(fixture.db, list[0].sql), OK);
    return 0;
}

static void remove_database(void)
{
    if (fixture.postgres) {
        struct db *db = connect_things(DB_ADMIN);
        char sql[64];
        snprintf(sql, sizeof sql, "DROP SCHEMA %.*s CASCADE", 40, strstr(fixture.url, "%3D") + 3);
        assert_int_equal(db->backend->execute(db, sql), OK);
        db_close(db);
        return;
    }
    static const char *const names[] = {"muster.db", "muster.db-wal", "muster.db-shm", "muster.db.lock", "copy.db"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        snprintf(path, sizeof path, "%s/%s", fixture.directory, names[i]);
        unlink(path);
    }
    assert_int_equal(rmdir(fixture.directory), 0);
}

static int tear_down(void **state)
{
    (void)state;
    db_close(fixture.db);
    fixture.db = NULL;
    remove_database();
    arena_free(fixture.arena);
    return 0;
}

static int64_t add(struct db *db, const char *name, int64_t size)
{
    struct query *q = db_query(db, "thing_add");
    query_bind_text(q, "name", text_of(name));
    query_bind_int(q, "size", size);
    assert_true(query_next(q));
    return query_int(q, 0);
}

static enum err put(struct db *db, const char *name, int64_t size)
{
    struct query *q = db_query(db, "thing_put");
    query_bind_text(q, "name", text_of(name));
    query_bind_int(q, "size", size);
    return query_run(q);
}

static int64_t count(struct db *db)
{
    struct query *q = db_query(db, "thing_count");
    assert_true(query_next(q));
    int64_t result = query_int(q, 0);
    assert_false(query_next(q));
    return result;
}

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
    if (fixture.postgres)
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
    make_url();
    fixture.arena = arena_new(8 * 1024 * 1024);
    fixture.library = NULL;
    fixture.db = NULL;
    return 0;
}

static void test_migrate_then_open(void **state)
{
    (void)state;
    assert_int_equal(db_open(&fixture.db, fixture.url, DB_WRITER), ERR_UNAVAILABLE); /* not migrated yet */
    assert_int_equal(db_migrate(fixture.url), OK);
    assert_int_equal(db_migrate(fixture.url), OK);
    assert_int_equal(db_open(&fixture.db, fixture.url, DB_WRITER), OK); /* every embedded query fits the schema */
    struct db *second;
    assert_int_equal(db_open(&second, fixture.url, DB_WRITER), ERR_UNAVAILABLE);
    assert_int_equal(db_open(&second, fixture.url, DB_ADMIN), OK);
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
    assert_int_equal(db_migrate(fixture.url), OK);
    assert_int_equal(db_open(&fixture.db, fixture.url, DB_ADMIN), OK);
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
    assert_int_equal(db_migrate(fixture.url), OK);
    assert_int_equal(db_open(&fixture.db, fixture.url, DB_WRITER), OK);
    struct query *q = db_query(fixture.db, "schema_migration_add");
    query_bind_int(q, "version", db_schema_version_of_binary() + 1);
    query_bind_text(q, "name", TEXT("from_the_future"));
    query_bind_text(q, "checksum", TEXT("0"));
    assert_int_equal(query_run(q), OK);
    db_close(fixture.db);
    fixture.db = NULL;
    assert_int_equal(db_migrate(fixture.url), ERR_TOO_NEW);
    assert_int_equal(db_open(&fixture.db, fixture.url, DB_WRITER), ERR_TOO_NEW);
    assert_int_equal(db_open(&fixture.db, fixture.url, DB_READER), ERR_TOO_NEW);
}

static void test_an_edited_migration_is_refused(void **state)
{
    (void)state;
    assert_int_equal(db_migrate(fixture.url), OK);
    assert_int_equal(db_open(&fixture.db, fixture.url, DB_ADMIN), OK);
    assert_int_equal(fixture.db->backend->execute(fixture.db, "UPDATE schema_migrations SET checksum = 'other' WHERE version = 1"), OK);
    assert_int_equal(db_migrate(fixture.url), ERR_INTERNAL);
    struct problem *problem = problem_new(fixture.arena);
    assert_int_equal(db_check(fixture.db, problem), OK);
    assert_int_equal(problem->count, 1);
}

static void test_the_file_is_private_and_settings_hold(void **state)
{
    (void)state;
    assert_int_equal(db_migrate(fixture.url), OK);
    struct stat info;
    assert_int_equal(stat(fixture.url + 7, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(db_open(&fixture.db, fixture.url, DB_WRITER), OK);
    assert_int_equal(fixture.db->backend->execute(fixture.db, "PRAGMA synchronous = NORMAL"), OK);
    struct problem *problem = problem_new(fixture.arena);
    assert_int_equal(db_check(fixture.db, problem), OK);
    assert_int_equal(problem->count, 1); /* the check looks, it does not believe */
}

static void test_backup_is_a_whole_database(void **state)
{
    (void)state;
    assert_int_equal(db_migrate(fixture.url), OK);
    assert_int_equal(db_open(&fixture.db, fixture.url, DB_WRITER), OK);
    struct query *q = db_query(fixture.db, "installation_set");
    query_bind_text(q, "name", TEXT("kept"));
    query_bind_text(q, "value", TEXT("in the WAL only"));
    assert_int_equal(query_run(q), OK);
    const char *path = arena_printf(fixture.arena, "%s/copy.db", fixture.directory);
    struct db *reader;
    assert_int_equal(db_open(&reader, fixture.url, DB_READER), OK);
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
    int fd = open(fixture.url + 7, O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
    assert_true(fd >= 0);
    char noise[8192];
    memset(noise, 'z', sizeof noise);
    assert_int_equal(write(fd, noise, sizeof noise), sizeof noise);
    close(fd);
    assert_int_equal(db_migrate(fixture.url), ERR_UNAVAILABLE);
    assert_int_equal(db_open(&fixture.db, fixture.url, DB_WRITER), ERR_UNAVAILABLE);
}

/* Changes that nobody waits for ------------------------------------------------------------------------------------------- */

static enum err put_later(const char *name)
{
    struct query *q = db_query(fixture.db, "thing_put");
    query_bind_text(q, "name", text_of(name));
    query_bind_int(q, "size", 1);
    return query_run_later(q);
}

/* A second one of the same name is a conflict: told at once on SQLite, later on PostgreSQL. */
static enum err insert_numbered(const char *name, int64_t *ret_number)
{
    struct query *q = db_query(fixture.db, "thing_numbered");
    query_bind_text(q, "name", text_of(name));
    query_bind_int(q, "size", 1);
    return query_insert(q, ret_number);
}

static void test_what_is_sent_later_happens(void **state)
{
    (void)state;
    assert_int_equal(db_begin(fixture.db), OK);
    assert_int_equal(put_later("one"), OK);
    assert_int_equal(put_later("two"), OK);
    assert_int_equal(count(fixture.db), 2); /* a read sees what was sent before it */
    for (int i = 0; i < 600; i++) {
        char name[16];
        snprintf(name, sizeof name, "many %d", i);
        assert_int_equal(put_later(name), OK);
    }
    assert_int_equal(db_commit(fixture.db), OK);
    assert_int_equal(count(fixture.db), 602);
    assert_int_equal(db_begin(fixture.db), OK);
    assert_int_equal(put_later("undone"), OK);
    db_rollback(fixture.db);
    assert_int_equal(count(fixture.db), 602);
}

static void test_a_late_conflict_fails_the_commit(void **state)
{
    (void)state;
    int64_t number;
    assert_int_equal(put(fixture.db, "two", 2), OK);
    assert_int_equal(db_begin(fixture.db), OK);
    assert_int_equal(insert_numbered("one", &number), OK);
    enum err err = insert_numbered("one", &number);
    assert_int_equal(err, fixture.postgres ? OK : ERR_CONFLICT);
    if (err == OK) {
        assert_int_equal(put_later("two"), OK);
        err = db_commit(fixture.db);
        assert_non_null(strstr(db_last_message(fixture.db), "thing_numbered"));
    } else {
        db_rollback(fixture.db);
    }
    assert_int_equal(err, ERR_CONFLICT);
    assert_false(db_is_broken(fixture.db));
    assert_false(db_in_transaction(fixture.db));
    assert_int_equal(count(fixture.db), 1);
    assert_int_equal(put(fixture.db, "three", 1), OK);
    assert_int_equal(count(fixture.db), 2);
}

static void test_a_late_conflict_fails_the_next_read(void **state)
{
    (void)state;
    int64_t number;
    assert_int_equal(db_begin(fixture.db), OK);
    assert_int_equal(insert_numbered("one", &number), OK);
    enum err err = insert_numbered("one", &number);
    struct query *q = db_query(fixture.db, "thing_count");
    assert_false(query_next(q));
    assert_true(query_failed(q));
    assert_int_equal(err == OK ? query_err(q) : err, ERR_CONFLICT);
    assert_int_equal(put_later("two"), ERR_INTERNAL); /* only a rollback helps */
    assert_int_equal(db_commit(fixture.db), ERR_INTERNAL);
    assert_int_equal(count(fixture.db), 0);
}

static void test_a_late_conflict_stays_in_its_savepoint(void **state)
{
    (void)state;
    int64_t number;
    assert_int_equal(db_begin(fixture.db), OK);
    assert_int_equal(insert_numbered("kept", &number), OK);
    assert_int_equal(db_savepoint(fixture.db), OK);
    enum err err = insert_numbered("kept", &number);
    if (err == OK)
        err = db_savepoint_release(fixture.db);
    assert_int_equal(err, ERR_CONFLICT);
    assert_int_equal(db_savepoint_rollback(fixture.db), OK);
    assert_int_equal(db_savepoint(fixture.db), OK);
    err = insert_numbered("kept", &number);
    assert_int_equal(db_savepoint_rollback(fixture.db), OK); /* nobody asked how it went */
    assert_int_equal(put_later("also kept"), OK);
    assert_int_equal(db_commit(fixture.db), OK);
    assert_int_equal(count(fixture.db), 2);
}

static void test_numbers_are_new_and_ascend(void **state)
{
    (void)state;
    int64_t last = 0;
    for (int i = 0; i < 100; i++) {
        char name[16];
        int64_t number;
        snprintf(name, sizeof name, "n%d", i);
        assert_int_equal(db_begin(fixture.db), OK);
        assert_int_equal(insert_numbered(name, &number), OK);
        if (i % 7 == 3) {
            db_rollback(fixture.db);
            continue;
        }
        assert_int_equal(db_commit(fixture.db), OK);
        assert_true(number > last);
        last = number;
        struct query *q = db_query(fixture.db, "thing_list");
        bool found = false;
        while (query_next(q))
            found = found || (query_int(q, 0) == number && text_is(query_text(q, 1), name));
        assert_true(found);
        if (i % 10 == 0) { /* somebody else's numbers are others */
            struct db *other = connect_things(DB_ADMIN);
            snprintf(name, sizeof name, "other %d", i);
            assert_int_equal(put(other, name, 1), OK);
            db_close(other);
        }
    }
}

static void test_a_connection_lost_behind_sent_changes(void **state)
{
    (void)state;
    struct db *db = fixture.db, *killer = connect_things(DB_ADMIN);
    assert_int_equal(db_begin(db), OK);
    add(db, "one", 1);
    assert_int_equal(killer->backend->execute(killer, "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND "
                                                      "query LIKE '%INTO things%'"), OK);
    enum err err = OK;
    for (int i = 0; i < 10 && err == OK; i++)
        err = put_later("two");
    if (err == OK)
        err = db_commit(db);
    assert_true(err == ERR_AMBIGUOUS || err == ERR_UNAVAILABLE);
    assert_true(db_is_broken(db));
    db_close(killer);
    db_close(fixture.db);
    fixture.db = connect_things(DB_WRITER);
    assert_int_equal(count(fixture.db), 0);
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
    snprintf(url, sizeof url, "%s%%20-csynchronous_commit%%3Doff", fixture.url);
    struct db *db;
    assert_int_equal(db_connect(&db, url, DB_WRITER, false, fixture.library), ERR_UNAVAILABLE);
}

static void test_postgres_was_not_given(void **state)
{
    (void)state;
    fprintf(stderr, "SKIPPED: the store on PostgreSQL, because MUSTER_TEST_POSTGRES is not set (tests/postgres start DIR)\n");
    skip();
}

/* Moved away, replaced, put back: what is written meanwhile would be lost, and nothing must continue on another file. */
static void test_file_that_is_not_in_its_place_takes_nothing(void **state)
{
    (void)state;
    char path[256], aside[256];
    snprintf(path, sizeof path, "%s/muster.db", fixture.directory);
    snprintf(aside, sizeof aside, "%s/aside.db", fixture.directory);
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

#define ON_THINGS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)
#define ON_EMPTY(test) cmocka_unit_test_setup_teardown(test, set_up_empty, tear_down)
#define ON_BOTH                                                                                                                          \
    ON_THINGS(test_an_insert_gives_its_number), ON_THINGS(test_rows_come_back_as_written), ON_THINGS(test_a_large_text_survives), ON_THINGS(test_sums_and_comparisons_read_alike),   \
        ON_THINGS(test_blocks_follow_what_is_bound), ON_THINGS(test_more_variants_than_are_kept), ON_THINGS(test_conflicts_are_told_from_mistakes),                                   \
        ON_THINGS(test_an_unbound_parameter_is_loud), ON_THINGS(test_rollback_undoes), ON_THINGS(test_a_savepoint_isolates_a_failure),   \
        ON_THINGS(test_what_is_sent_later_happens), ON_THINGS(test_a_late_conflict_fails_the_commit),                                    \
        ON_THINGS(test_a_late_conflict_fails_the_next_read), ON_THINGS(test_a_late_conflict_stays_in_its_savepoint),                     \
        ON_THINGS(test_numbers_are_new_and_ascend), ON_THINGS(test_a_reader_sees_one_snapshot), ON_THINGS(test_a_run_left_open_does_not_hold_the_next_transaction),                  \
        ON_THINGS(test_only_one_writer), ON_THINGS(test_a_change_with_rows_needs_a_transaction), ON_EMPTY(test_migrate_then_open),      \
        ON_EMPTY(test_every_block_fits_the_schema), ON_EMPTY(test_a_newer_schema_is_refused), ON_EMPTY(test_an_edited_migration_is_refused)

int main(void)
{
    const struct CMUnitTest on_sqlite[] = {
        ON_BOTH,
        ON_EMPTY(test_the_file_is_private_and_settings_hold),
        ON_EMPTY(test_backup_is_a_whole_database),
        ON_THINGS(test_a_full_disk_is_unavailable_and_nothing_is_written),
        ON_EMPTY(test_a_damaged_file_is_refused),
        ON_THINGS(test_file_that_is_not_in_its_place_takes_nothing),
    };
    const struct CMUnitTest on_postgres[] = {
        ON_BOTH,
        ON_THINGS(test_a_lost_connection_makes_commit_ambiguous),
        ON_THINGS(test_a_connection_lost_behind_sent_changes),
        ON_THINGS(test_synchronous_commit_off_is_refused),
    };
    int failed = cmocka_run_group_tests(on_sqlite, NULL, NULL);
    if (text_of(getenv("MUSTER_TEST_POSTGRES")).size == 0) {
        const struct CMUnitTest none[] = {cmocka_unit_test(test_postgres_was_not_given)};
        return failed + cmocka_run_group_tests_name("PostgreSQL", none, NULL, NULL);
    }
    fixture.postgres = true;
    return failed + cmocka_run_group_tests(on_postgres, NULL, NULL);
}
