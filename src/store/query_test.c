/* Why: what everything above relies on when it asks: values come back as they went in, a rollback undoes, and what is wrong is told, on both databases. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        ON_THINGS(test_an_insert_gives_its_number),
        ON_THINGS(test_rows_come_back_as_written),
        ON_THINGS(test_a_large_text_survives),
        ON_THINGS(test_sums_and_comparisons_read_alike),
        ON_THINGS(test_blocks_follow_what_is_bound),
        ON_THINGS(test_more_variants_than_are_kept),
        ON_THINGS(test_conflicts_are_told_from_mistakes),
        ON_THINGS(test_an_unbound_parameter_is_loud),
        ON_THINGS(test_rollback_undoes),
        ON_THINGS(test_a_reader_sees_one_snapshot),
        ON_THINGS(test_a_run_left_open_does_not_hold_the_next_transaction),
        ON_THINGS(test_a_change_with_rows_needs_a_transaction),
    };
    return run_on_each_database(tests, tests);
}
