/* Why: many runs sent as one statement (gather.h) must come to the same as runs one by one: the same rows to the byte, the same order beside other statements, each
 * failure found before anything is kept. On SQLite always (where nothing is gathered), on PostgreSQL when MUSTER_TEST_POSTGRES names a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/db_test.h"
#include "store/gather.h"

static enum err insert_thing(const char *name, int64_t size, const char *note)
{
    struct query *q = db_query(fixture.db, "thing_numbered_many");
    query_bind_text(q, "name", text_of(name));
    query_bind_int(q, "size", size);
    query_bind_text(q, "note", note ? text_of(note) : TEXT_NONE);
    int64_t number;
    return query_insert(q, &number);
}

static void insert_many(const char *prefix, int count_wanted)
{
    for (int i = 0; i < count_wanted; i++) {
        char name[32];
        snprintf(name, sizeof name, "%s %d", prefix, i);
        assert_int_equal(insert_thing(name, i, i % 2 ? "odd" : NULL), OK);
    }
}

static void test_rows_arrive_as_they_were(void **state)
{
    (void)state;
    static const char *const names[] = {"", "plain", "NULL", "{a,\"b\"}", "back\\slash 'quote'", "Grüße 日本", "line\nbreak"};
    static const int64_t sizes[] = {0, 1, -1, INT64_MAX, INT64_MIN, 1234567890123, 256};
    const size_t name_count = sizeof names / sizeof names[0];
    assert_true(name_count >= GATHER_ROWS_MIN);
    assert_int_equal(db_begin(fixture.db), OK);
    for (size_t i = 0; i < name_count; i++) {
        char name[64]; /* the caller's text may go before the row is sent */
        snprintf(name, sizeof name, "%s", names[i]);
        assert_int_equal(insert_thing(name, sizes[i], NULL), OK);
        memset(name, 'x', sizeof name);
    }
    assert_int_equal(db_commit(fixture.db), OK);
    struct query *q = db_query(fixture.db, "thing_list");
    for (size_t i = 0; i < name_count; i++) {
        assert_true(query_next(q));
        assert_true(text_is(query_text(q, 1), names[i]));
        assert_true(query_int(q, 2) == sizes[i]);
    }
    assert_false(query_next(q));
}

static void test_any_number_of_rows(void **state)
{
    (void)state;
    int64_t expected = 0;
    static const int counts[] = {1, GATHER_ROWS_MIN - 1, GATHER_ROWS_MIN, GATHER_ROWS_MAX - 1, GATHER_ROWS_MAX, GATHER_ROWS_MAX + 1};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        char prefix[16];
        snprintf(prefix, sizeof prefix, "turn %zu", i);
        assert_int_equal(db_begin(fixture.db), OK);
        insert_many(prefix, counts[i]);
        expected += counts[i];
        assert_int_equal(count(fixture.db), expected); /* a read sees them */
        assert_int_equal(db_commit(fixture.db), OK);
        assert_int_equal(count(fixture.db), expected);
    }
}

static void test_the_order_beside_other_changes_stays(void **state)
{
    (void)state;
    assert_int_equal(db_begin(fixture.db), OK);
    insert_many("before", 10);
    assert_int_equal(query_run_later(db_query(fixture.db, "thing_delete")), OK);
    insert_many("behind", 5);
    assert_int_equal(db_commit(fixture.db), OK);
    assert_int_equal(count(fixture.db), 5);
}

static void test_a_rollback_forgets(void **state)
{
    (void)state;
    assert_int_equal(db_begin(fixture.db), OK);
    insert_many("undone", 10);
    db_rollback(fixture.db);
    assert_int_equal(db_begin(fixture.db), OK);
    insert_many("kept", 2);
    assert_int_equal(db_commit(fixture.db), OK);
    assert_int_equal(count(fixture.db), 2);
}

/* One row of many is wrong: none is kept, the statement is named, and the good ones can be stored one by one. */
static void test_a_wrong_row_keeps_its_place(void **state)
{
    (void)state;
    assert_int_equal(db_begin(fixture.db), OK);
    insert_many("row", 6);
    enum err err = insert_thing("row 3", 1, NULL);
    assert_int_equal(err, on_postgres ? OK : ERR_CONFLICT);
    if (err == OK)
        err = db_commit(fixture.db);
    else
        db_rollback(fixture.db);
    assert_int_equal(err, ERR_CONFLICT);
    assert_true(!on_postgres || strstr(db_last_message(fixture.db), "thing_numbered_many"));
    assert_false(db_is_broken(fixture.db));
    assert_false(db_in_transaction(fixture.db));
    assert_int_equal(count(fixture.db), 0);
    for (int i = 0; i < 6; i++) {
        char name[16];
        snprintf(name, sizeof name, "row %d", i);
        assert_int_equal(db_begin(fixture.db), OK);
        assert_int_equal(insert_thing(name, i, NULL), OK);
        assert_int_equal(db_commit(fixture.db), OK);
    }
    assert_int_equal(count(fixture.db), 6);
}

static void test_a_wrong_row_fails_the_next_read(void **state)
{
    (void)state;
    assert_int_equal(db_begin(fixture.db), OK);
    insert_many("row", 6);
    enum err err = insert_thing("row 3", 1, NULL);
    struct query *q = db_query(fixture.db, "thing_count");
    assert_false(query_next(q));
    assert_int_equal(err == OK ? query_err(q) : err, ERR_CONFLICT);
    assert_int_equal(db_commit(fixture.db), ERR_INTERNAL);
    assert_int_equal(count(fixture.db), 0);
}

/* The schema, as text: a foreign key of such a table would be looked at before its rows are there. */
static bool has_references(struct text schema, struct text table)
{
    struct text head = text_printf(fixture.arena, "CREATE TABLE %.*s (", TEXT_ARG(table)), to = text_printf(fixture.arena, "REFERENCES %.*s (", TEXT_ARG(table));
    size_t at = text_find(schema, head), end = at;
    assert_true(at < schema.size);
    while (end + 1 < schema.size && !(schema.data[end] == ')' && schema.data[end + 1] == ';'))
        end++;
    struct text body = text_slice(schema, at, end);
    return text_find(body, TEXT("REFERENCES")) < body.size || text_find(schema, to) < schema.size;
}

static void test_gathered_tables_have_no_foreign_keys(void **state)
{
    (void)state;
    const struct sql_library *library = sql_library_embedded(SQL_POSTGRES);
    struct sql_table_names tables;
    assert_true(sql_table_names(embedded_sql, embedded_sql_count, &tables));
    struct sql_migration *migrations;
    size_t count, looked_at = 0;
    assert_int_equal(sql_migrations_read(fixture.arena, embedded_sql, embedded_sql_count, SQL_POSTGRES, problem_new(fixture.arena), &migrations, &count), OK);
    assert_int_equal(count, 1); /* the one that creates the tables */
    struct text schema = text_of(migrations[0].sql);
    assert_true(has_references(schema, TEXT("services")));
    for (size_t i = 0; i < sql_library_count(library); i++) {
        const struct sql_query *query = sql_library_at(library, i);
        struct text name = text_of(query->name);
        if (!text_ends_with(name, TEXT("_gathered")))
            continue;
        assert_true(sql_library_find(library, text_cstring(fixture.arena, text_slice(name, 0, name.size - 9))) >= 0);
        for (size_t t = 0; t < tables.count; t++)
            if (sql_tables_has(&query->changes, t)) {
                assert_false(has_references(schema, tables.names[t]));
                looked_at++;
            }
    }
    assert_true(looked_at >= 7);
}

#define ON_BOTH                                                                                                                          \
    ON_THINGS(test_rows_arrive_as_they_were), ON_THINGS(test_any_number_of_rows), ON_THINGS(test_the_order_beside_other_changes_stays),  \
        ON_THINGS(test_a_rollback_forgets), ON_THINGS(test_a_wrong_row_keeps_its_place), ON_THINGS(test_a_wrong_row_fails_the_next_read)

int main(void)
{
    const struct CMUnitTest of_sqlite[] = {ON_BOTH, ON_THINGS(test_gathered_tables_have_no_foreign_keys)};
    const struct CMUnitTest of_postgres[] = {ON_BOTH};
    return run_on_each_database(of_sqlite, of_postgres);
}
