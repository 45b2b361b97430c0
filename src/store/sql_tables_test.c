/* Why: what is remembered of the database is dropped by a change only if every query is known for what it reads and changes (recall.h). SQLite is asked that about
 * each named query, plain and with all blocks on, by its authorizer, and must not know of anything that the texts did not tell. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>

#include "base/arena.h"
#include "store/sql.h"

static struct arena *arena;
static sqlite3 *database;
static struct sql_table_names names;
static struct sql_tables reads, changes; /* of the statement under way, as SQLite says */

static void note(struct sql_tables *tables, const char *table)
{
    for (size_t i = 0; i < names.count; i++)
        if (text_is(names.names[i], table))
            tables->words[i / 64] |= UINT64_C(1) << i % 64;
}

static int authorize(void *context, int action, const char *first, const char *second, const char *base, const char *trigger)
{
    (void)context;
    (void)second;
    (void)base;
    (void)trigger;
    if (action == SQLITE_READ)
        note(&reads, first);
    if (action == SQLITE_INSERT || action == SQLITE_UPDATE || action == SQLITE_DELETE)
        note(&changes, first);
    return SQLITE_OK;
}

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(64 << 20);
    assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, "PRAGMA foreign_keys = on", NULL, NULL, NULL), SQLITE_OK);
    struct sql_migration *migrations;
    size_t count;
    assert_int_equal(sql_migrations_read(arena, embedded_sql, embedded_sql_count, SQL_SQLITE, problem_new(arena), &migrations, &count), OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sqlite3_exec(database, migrations[i].sql, NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_exec(database, "CREATE TABLE schema_migrations (version, name, checksum, applied_at)", NULL, NULL, NULL), SQLITE_OK);
    assert_true(sql_table_names(embedded_sql, embedded_sql_count, &names));
    sqlite3_set_authorizer(database, authorize, NULL);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    sqlite3_close(database);
    arena_free(arena);
    return 0;
}

static int64_t ask(const char *sql)
{
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_prepare_v2(database, sql, -1, &statement, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    int64_t answer = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return answer;
}

static void test_every_table_is_known(void **state)
{
    (void)state;
    assert_int_equal(ask("SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name NOT IN ('schema_migrations', 'sqlite_sequence')"), names.count);
    for (size_t i = 0; i < names.count; i++)
        assert_int_equal(ask(arena_printf(arena, "SELECT count(*) FROM sqlite_schema WHERE type = 'table' AND name = '%.*s'", TEXT_ARG(names.names[i]))), 1);
}

/* A change of one table would change another that the text does not name. */
static void test_no_change_happens_behind_the_text(void **state)
{
    (void)state;
    assert_int_equal(ask("SELECT count(*) FROM sqlite_schema WHERE type IN ('trigger', 'view')"), 0);
    assert_int_equal(ask("SELECT count(*) FROM sqlite_schema s, pragma_foreign_key_list(s.name) f "
                         "WHERE s.type = 'table' AND (f.on_delete <> 'NO ACTION' OR f.on_update <> 'NO ACTION')"), 0);
}

static void compare(const struct sql_query *query, uint64_t mask)
{
    struct sql_variant sql;
    sqlite3_stmt *statement;
    sql_variant_of(arena, query, mask, SQL_SQLITE, &sql);
    reads = changes = (struct sql_tables){0};
    if (sqlite3_prepare_v2(database, sql.sql, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", query->name, sqlite3_errmsg(database));
    bool reads_only = sqlite3_stmt_readonly(statement);
    sqlite3_finalize(statement);
    for (size_t i = 0; i < names.count; i++) {
        if (reads_only && sql_tables_has(&reads, i) && !sql_tables_has(&query->reads, i))
            fail_msg("%s reads %.*s, and its text does not tell", query->name, TEXT_ARG(names.names[i]));
        if (sql_tables_has(&changes, i) && !sql_tables_has(&query->changes, i))
            fail_msg("%s changes %.*s, and its text does not tell", query->name, TEXT_ARG(names.names[i]));
        if (mask == 0 && query->block_count == 0 && sql_tables_has(&query->changes, i) && !sql_tables_has(&changes, i))
            fail_msg("%s is said to change %.*s and does not", query->name, TEXT_ARG(names.names[i]));
    }
    if (query->remembered && !reads_only)
        fail_msg("%s changes something and cannot be remembered", query->name);
    arena_reset(arena);
}

static void test_every_query_is_known_for_what_it_reads_and_changes(void **state)
{
    (void)state;
    const struct sql_library *library = sql_library_embedded(SQL_SQLITE);
    size_t writing = 0, remembered = 0;
    for (size_t i = 0; i < sql_library_count(library); i++) {
        const struct sql_query *query = sql_library_at(library, i);
        compare(query, 0);
        compare(query, (UINT64_C(1) << query->block_count) - 1);
        writing += !sql_tables_is_empty(&query->changes);
        remembered += query->remembered;
    }
    assert_true(writing > 100);
    assert_true(remembered > 10);
}

/* SQLite would make up a number that was given before, or that the store is about to give. */
static void test_who_inserts_where_numbers_are_given_names_one(void **state)
{
    (void)state;
    const struct sql_library *library = sql_library_embedded(SQL_SQLITE);
    size_t seen = 0;
    for (size_t i = 0; i < sql_library_count(library); i++) {
        struct text sql = sql_library_at(library, i)->pieces[0].text, insert = TEXT("INSERT INTO ");
        if (!text_starts_with(sql, insert))
            continue;
        size_t open = text_find_byte(sql, '(', 0), close = text_find_byte(sql, ')', 0), comma = text_find_byte(sql, ',', 0);
        assert_true(open < close);
        struct text table = text_trim(text_slice(sql, insert.size, open)), first = text_trim(text_slice(sql, open + 1, comma < close ? comma : close));
        const char *key = arena_printf(arena, "SELECT count(*) FROM sqlite_schema s, pragma_table_info(s.name) c WHERE s.name = '%.*s' AND c.pk = 1 AND c.type = 'INTEGER' "
                                              "AND s.sql NOT LIKE '%%AUTOINCREMENT%%' AND c.name <> '%.*s'", TEXT_ARG(table), TEXT_ARG(first));
        if (ask(key) != 0)
            fail_msg("%s does not begin with the number of its row", sql_library_at(library, i)->name);
        seen += text_is(first, "number") || text_is(first, "seq");
    }
    assert_true(seen > 5);
}

/* Overrides for PostgreSQL tell the same. */
static void test_both_databases_are_told_the_same(void **state)
{
    (void)state;
    const struct sql_library *sqlite = sql_library_embedded(SQL_SQLITE), *postgres = sql_library_embedded(SQL_POSTGRES);
    for (size_t i = 0; i < sql_library_count(sqlite); i++) {
        const struct sql_query *query = sql_library_at(sqlite, i);
        int twin = sql_library_find(postgres, query->name);
        if (twin < 0)
            continue;
        const struct sql_query *other = sql_library_at(postgres, (size_t)twin);
        assert_memory_equal(&query->changes, &other->changes, sizeof query->changes);
        if (query->remembered || other->remembered)
            assert_memory_equal(&query->reads, &other->reads, sizeof query->reads);
    }
}

/* What the writer does with every event must not drop what it knows of the configuration. */
static void test_what_is_remembered_is_not_changed_by_events(void **state)
{
    (void)state;
    static const char *const busy[] = {"event_insert", "alert_insert", "alert_trigger", "incident_insert", "ledger_insert", "decision_insert", "decision_candidate_insert",
                                       "page_insert", "notification_insert", "message_insert", "timer_set", "timer_clear", "incident_assign"};
    const struct sql_library *library = sql_library_embedded(SQL_SQLITE);
    for (size_t i = 0; i < sql_library_count(library); i++) {
        const struct sql_query *query = sql_library_at(library, i);
        for (size_t b = 0; query->remembered && b < sizeof busy / sizeof busy[0]; b++) {
            int at = sql_library_find(library, busy[b]);
            assert_true(at >= 0);
            for (size_t t = 0; t < names.count; t++)
                if (sql_tables_has(&query->reads, t) && sql_tables_has(&sql_library_at(library, (size_t)at)->changes, t))
                    fail_msg("%s is remembered in vain: %s changes %.*s", query->name, busy[b], TEXT_ARG(names.names[t]));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_every_table_is_known, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_no_change_happens_behind_the_text, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_query_is_known_for_what_it_reads_and_changes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_who_inserts_where_numbers_are_given_names_one, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_both_databases_are_told_the_same, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_remembered_is_not_changed_by_events, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
