/* Why: what seek.h promises, for rows that came evenly, in bursts, ever faster, and while a clock was set back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/seek.h"
#include "store/database_test.h"

enum { ROWS = 20000, HOUR_S = 3600 };

static struct db *db;
static int64_t times[ROWS + 1]; /* of rows by number, in microseconds */

/* Every third number is missing, as after a transaction that was rolled back. */
static void add_rows(const char *time_of_row)
{
    char sql[512];
    assert_int_equal(db_open(&db, database_url, DB_WRITER), OK);
    snprintf(sql, sizeof sql,
             "WITH RECURSIVE n(i) AS (SELECT CAST(1 AS BIGINT) UNION ALL SELECT i + 1 FROM n WHERE i < %d) "
             "INSERT INTO ledger (seq, at, kind, actor_type, actor_id, actor_name, channel, doc) SELECT i, %s, '', '', '', '', '', '' FROM n WHERE i %% 3 <> 0",
             ROWS, time_of_row);
    assert_int_equal(db_begin(db), OK);
    assert_int_equal(db_execute(db, sql), OK);
    assert_int_equal(db_commit(db), OK);
    struct query *q = db_query(db, "log_entry_seek");
    for (int64_t i = 1; i <= ROWS; i++) {
        q = db_query(db, "log_entry_seek");
        query_bind_int(q, "number", i);
        assert_int_equal(query_next(q), i % 3 != 0 || i < ROWS);
        times[i] = query_int(q, 0) == i ? query_int(q, 1) : -1;
    }
    assert_false(query_failed(q));
}

static void assert_found(int64_t at_us, int64_t rows_more_max)
{
    instant at = {at_us};
    int64_t from, before, first = ROWS + 1, last = 0;
    assert_int_equal(seek_from(db, "log_entry", at, &from), OK);
    assert_int_equal(seek_before(db, "log_entry", at, &before), OK);
    for (int64_t i = 1; i <= ROWS; i++) {
        if (times[i] < 0)
            continue;
        if (times[i] >= at_us && first > ROWS)
            first = i;
        if (times[i] < at_us)
            last = i;
    }
    assert_true(from <= first && before > last);
    /* No more is looked at than the slack holds. */
    int64_t slack = 0;
    for (int64_t i = 1; i <= ROWS; i++)
        slack += times[i] >= at_us - SEEK_SLACK_S * SECOND_US && times[i] <= at_us + SEEK_SLACK_S * SECOND_US;
    assert_true(first - from <= 2 * slack + rows_more_max && before - last <= 2 * slack + rows_more_max);
}

static void assert_all_found(const char *time_of_row)
{
    database_new();
    add_rows(time_of_row);
    int64_t last = times[ROWS - ROWS % 3] < 0 ? times[ROWS - 1] : times[ROWS];
    for (int64_t i = -3; i <= 60; i++)
        assert_found(last / 50 * i + 17, 100);
    assert_found(0, 100);
    assert_found(last, 100);
    assert_found(last + 3 * SEEK_SLACK_S * SECOND_US, 100);
    db_close(db);
    database_remove();
}

static void rows_are_found_by_time(void **state)
{
    (void)state;
    assert_all_found("i * 60000000");                                                             /* one a minute */
    assert_all_found("(i / 5000) * 86400000000 * 100 + i * 1000");                                /* bursts, months apart */
    assert_all_found("i * i * 5000");                                                             /* ever slower */
    assert_all_found("CASE WHEN i > 8000 THEN i * 60000000 - 5400000000 ELSE i * 60000000 END"); /* set back by an hour and a half */
}

static void nothing_is_found_where_nothing_is(void **state)
{
    (void)state;
    database_new();
    assert_int_equal(db_open(&db, database_url, DB_WRITER), OK);
    int64_t from, before;
    assert_int_equal(seek_from(db, "log_entry", (instant){0}, &from), OK);
    assert_int_equal(seek_before(db, "log_entry", (instant){0}, &before), OK);
    assert_int_equal(from, 1);
    assert_int_equal(before, 1);
    db_close(db);
    database_remove();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_are_found_by_time),
        cmocka_unit_test(nothing_is_found_where_nothing_is),
    };
    return run_on_each_database(tests, tests);
}
