/* Why: changes that nobody waits for (query_run_later, numbers given beforehand) must come to the same as those that are waited for: the same order, and each failure
 * found before anything is kept. On SQLite always, on PostgreSQL when MUSTER_TEST_POSTGRES names a server. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/db_test.h"

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
    assert_int_equal(err, on_postgres ? OK : ERR_CONFLICT);
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

/* Not even when the newest row is gone, whoever deleted it, and the connection is a new one. */
static void test_a_number_is_given_once(void **state)
{
    (void)state;
    int64_t number = 0, last = 0;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(db_begin(fixture.db), OK);
        for (int k = 0; k < 3; k++) {
            char name[16];
            snprintf(name, sizeof name, "n%d %d", i, k);
            assert_int_equal(insert_numbered(name, &number), OK);
            assert_true(number > last);
            last = number;
        }
        assert_int_equal(query_run(db_query(fixture.db, "thing_delete")), OK);
        assert_int_equal(db_commit(fixture.db), OK);
        assert_int_equal(count(fixture.db), 0);
        if (i < 2)
            continue;
        db_close(fixture.db);
        fixture.db = connect_things(DB_WRITER);
    }
}

/* Taken before the row is written, with others given in between and without one that is never used. */
static void test_a_number_is_known_before_its_row(void **state)
{
    (void)state;
    int64_t early, next, unused;
    assert_int_equal(db_begin(fixture.db), OK);
    assert_int_equal(db_new_number(fixture.db, "things", &early), OK);
    assert_int_equal(db_new_number(fixture.db, "things", &unused), OK);
    assert_int_equal(insert_numbered("next", &next), OK);
    assert_true(early < unused && unused < next);
    struct query *q = db_query(fixture.db, "thing_numbered");
    query_bind_int(q, "new_number", early);
    query_bind_text(q, "name", TEXT("early"));
    query_bind_int(q, "size", 1);
    assert_int_equal(query_run_later(q), OK);
    assert_int_equal(db_commit(fixture.db), OK);
    q = db_query(fixture.db, "thing_list");
    assert_true(query_next(q) && query_int(q, 0) == early && text_is(query_text(q, 1), "early"));
    assert_true(query_next(q) && query_int(q, 0) == next && !query_next(q));
}

/* What somebody remembers of rows counts for as long. */
static void test_memory_ends_with_what_was_undone(void **state)
{
    (void)state;
    assert_int_equal(db_begin(fixture.db), OK);
    int64_t first = db_memory(fixture.db);
    assert_int_equal(put_later("kept"), OK);
    assert_int_equal(db_commit(fixture.db), OK);
    assert_int_equal(db_begin(fixture.db), OK);
    bool is_writer = fixture.db->recall != NULL; /* nobody else is asked whether there were others */
    assert_true((db_memory(fixture.db) == first) == is_writer);
    int64_t second = db_memory(fixture.db);
    db_rollback(fixture.db);
    assert_int_equal(db_begin(fixture.db), OK);
    int64_t third = db_memory(fixture.db);
    assert_true(third != second);
    db_rollback(fixture.db);
    db_close(fixture.db);
    fixture.db = connect_things(DB_WRITER);
    assert_int_equal(db_begin(fixture.db), OK);
    assert_true(db_memory(fixture.db) > third);
    db_rollback(fixture.db);
}

static void test_a_connection_lost_behind_sent_changes(void **state)
{
    (void)state;
    struct db *db = fixture.db;
    assert_int_equal(db_begin(db), OK);
    add(db, "one", 1);
    throw_out(db);
    enum err err = OK;
    for (int i = 0; i < 10 && err == OK; i++)
        err = put_later("two");
    if (err == OK)
        err = db_commit(db);
    assert_true(err == ERR_AMBIGUOUS || err == ERR_UNAVAILABLE);
    assert_true(db_is_broken(db));
    db_close(fixture.db);
    fixture.db = connect_things(DB_WRITER);
    assert_int_equal(count(fixture.db), 0);
}

#define ON_BOTH                                                                                                                          \
    ON_THINGS(test_what_is_sent_later_happens), ON_THINGS(test_a_late_conflict_fails_the_commit),                                        \
        ON_THINGS(test_a_late_conflict_fails_the_next_read), ON_THINGS(test_numbers_are_new_and_ascend), \
        ON_THINGS(test_a_number_is_given_once), ON_THINGS(test_a_number_is_known_before_its_row), ON_THINGS(test_memory_ends_with_what_was_undone)

int main(void)
{
    const struct CMUnitTest of_sqlite[] = {ON_BOTH};
    const struct CMUnitTest of_postgres[] = {ON_BOTH, ON_THINGS(test_a_connection_lost_behind_sent_changes)};
    return run_on_each_database(of_sqlite, of_postgres);
}
