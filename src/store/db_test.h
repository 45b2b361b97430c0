/* Why: the database that the tests of the store share: a few things with a number, a name and a size, fresh for each test (database_test.h).
 * Include it behind cmocka.h. */
#ifndef MUSTER_STORE_DB_TEST_H
#define MUSTER_STORE_DB_TEST_H

#include "base/problem.h"
#include "store/database_test.h"
#include "store/postgres.h"

static const char things_sql[] =
    "-- name: thing_add\nINSERT INTO things (name, size) VALUES (:name, :size) RETURNING number\n"
    "-- name: thing_numbered\nINSERT INTO things (number, name, size) VALUES (:new_number, :name, :size)\n"
    "-- name: thing_numbered_many\nINSERT INTO things (number, name, size, note) VALUES (:new_number, :name, :size, :note)\n"
    "-- name: thing_numbered_many_gathered [postgres]\nINSERT INTO things (number, name, size, note) SELECT * FROM unnest(CAST(:new_number AS BIGINT[]), "
    "CAST(:name AS TEXT[]), CAST(:size AS BIGINT[]), CAST(:note AS TEXT[]))\n"
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
static const char things_schema[] = "CREATE TABLE things (number @numbered, name TEXT NOT NULL UNIQUE, size BIGINT, note TEXT);"
                                    "CREATE TABLE parts (number @autoid, thing BIGINT NOT NULL REFERENCES things (number))";

struct fixture {
    struct arena *arena;
    struct sql_library *library;
    struct db *db;
};

static struct fixture fixture;

static inline struct db *connect_things(enum db_mode mode)
{
    struct db *db;
    assert_int_equal(db_connect(&db, database_url, mode, false, fixture.library), OK);
    return db;
}

static inline int set_up(void **state)
{
    (void)state;
    database_name();
    fixture.arena = arena_new(8 * 1024 * 1024);
    struct problem *problem = problem_new(fixture.arena);
    enum sql_dialect dialect = on_postgres ? SQL_POSTGRES : SQL_SQLITE;
    struct embedded_file schema = {"migrations/0001_things.sql", things_schema, sizeof things_schema - 1};
    struct embedded_file files[] = {schema, {"queries/things.sql", things_sql, sizeof things_sql - 1}};
    assert_int_equal(sql_library_read(fixture.arena, files, 2, dialect, problem, &fixture.library), OK);
    struct sql_migration *list;
    size_t count;
    assert_int_equal(sql_migrations_read(fixture.arena, &schema, 1, dialect, problem, &list, &count), OK);
    fixture.db = connect_things(DB_WRITER);
    assert_int_equal(fixture.db->backend->execute(fixture.db, list[0].sql), OK);
    return 0;
}

static inline int tear_down(void **state)
{
    (void)state;
    db_close(fixture.db);
    fixture.db = NULL;
    database_remove();
    arena_free(fixture.arena);
    return 0;
}

/* PostgreSQL throws that one session out, and no other: programs beside this one have things, too. */
static inline void throw_out(struct db *db)
{
    char sql[80];
    snprintf(sql, sizeof sql, "SELECT pg_terminate_backend(%d, 60000)", PQbackendPID(postgres_of(db)->handle));
    struct db *killer = connect_things(DB_ADMIN);
    assert_int_equal(killer->backend->execute(killer, sql), OK);
    db_close(killer);
}

static inline int64_t add(struct db *db, const char *name, int64_t size)
{
    struct query *q = db_query(db, "thing_add");
    query_bind_text(q, "name", text_of(name));
    query_bind_int(q, "size", size);
    assert_true(query_next(q));
    return query_int(q, 0);
}

static inline enum err put(struct db *db, const char *name, int64_t size)
{
    struct query *q = db_query(db, "thing_put");
    query_bind_text(q, "name", text_of(name));
    query_bind_int(q, "size", size);
    return query_run(q);
}

static inline int64_t count(struct db *db)
{
    struct query *q = db_query(db, "thing_count");
    assert_true(query_next(q));
    int64_t result = query_int(q, 0);
    assert_false(query_next(q));
    return result;
}

#define ON_THINGS(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

#endif
