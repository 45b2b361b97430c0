/* Why: the loader of named SQL must find every mistake at start and must not touch what only looks like a parameter. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/sql.h"

struct fixture {
    struct arena *arena;
    struct problem *problem;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture.arena = arena_new(8 * 1024 * 1024);
    fixture.problem = problem_new(fixture.arena);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;
    arena_free(fixture->arena);
    return 0;
}

static struct sql_library *read_one(struct fixture *fixture, const char *sql, enum sql_dialect dialect)
{
    struct embedded_file file = {"queries/things.sql", sql, strlen(sql)};
    struct sql_library *library = NULL;
    enum err err = sql_library_read(fixture->arena, &file, 1, dialect, fixture->problem, &library);
    assert_int_equal(err, problem_is_empty(fixture->problem) ? OK : ERR_INVALID);
    return library;
}

static const char *variant(struct fixture *fixture, const char *sql, enum sql_dialect dialect, uint64_t mask)
{
    struct sql_library *library = read_one(fixture, sql, dialect);
    if (!library)
        fail_msg("%.*s", TEXT_ARG(problem_line(fixture->problem, 0)));
    int index = sql_library_find(library, "q");
    assert_true(index >= 0);
    struct sql_variant ret;
    sql_variant_of(fixture->arena, sql_library_at(library, (size_t)index), mask, dialect, &ret);
    return ret.sql;
}

static void assert_mistake(struct fixture *fixture, const char *sql, const char *wanted)
{
    fixture->problem = problem_new(fixture->arena);
    assert_null(read_one(fixture, sql, SQL_SQLITE));
    struct text line = problem_line(fixture->problem, 0);
    if (text_find(line, text_of(wanted)) == line.size)
        fail_msg("'%.*s' does not say '%s'", TEXT_ARG(line), wanted);
}

static void test_parameters_become_places(void **state)
{
    struct fixture *fixture = *state;
    const char *sql = "-- name: q\nSELECT :a, :b, :a WHERE x = :long_name2\n";
    assert_string_equal(variant(fixture, sql, SQL_POSTGRES, 0), "SELECT $1, $2, $1 WHERE x = $3");
    assert_string_equal(variant(fixture, sql, SQL_SQLITE, 0), "SELECT ?1, ?2, ?1 WHERE x = ?3");
}

static void test_what_only_looks_like_a_parameter_stays(void **state)
{
    struct fixture *fixture = *state;
    assert_string_equal(variant(fixture, "-- name: q\nSELECT ':no', 'it''s :no', \":no\", x::text, :a::bigint, '@{no}', '12:30:00', '-- if: x', a[1:2]\n",
                                SQL_POSTGRES, 0),
                        "SELECT ':no', 'it''s :no', \":no\", x::text, $1::bigint, '@{no}', '12:30:00', '-- if: x', a[1:2]");
}

static void test_comments_are_dropped(void **state)
{
    struct fixture *fixture = *state;
    assert_string_equal(variant(fixture, "-- top :no\n\n-- name: q\n-- why :no it's\nSELECT 1 -- end of line, isn't :it\n, 2\n", SQL_SQLITE, 0), "\nSELECT 1 \n, 2");
}

static void test_blocks_choose_text_and_number_parameters_anew(void **state)
{
    struct fixture *fixture = *state;
    const char *sql = "-- name: q\nSELECT 1 WHERE 1 = 1\n-- if: a\nAND a = :a\n-- end\n-- if: b\nAND b = :b\n-- end\nLIMIT :limit\n";
    assert_string_equal(variant(fixture, sql, SQL_POSTGRES, 0), "SELECT 1 WHERE 1 = 1\n\n\nLIMIT $1");
    assert_string_equal(variant(fixture, sql, SQL_POSTGRES, 2), "SELECT 1 WHERE 1 = 1\n\n\nAND b = $1\n\nLIMIT $2");
    assert_string_equal(variant(fixture, sql, SQL_POSTGRES, 3), "SELECT 1 WHERE 1 = 1\n\nAND a = $1\n\n\nAND b = $2\n\nLIMIT $3");
    struct sql_library *library = read_one(fixture, sql, SQL_SQLITE);
    const struct sql_query *query = sql_library_at(library, 0);
    assert_int_equal(query->block_count, 2);
    assert_string_equal(query->parameters[query->block_parameters[1]], "b");
}

static void test_else_is_the_other_side(void **state)
{
    struct fixture *fixture = *state;
    const char *sql = "-- name: q\nSELECT 1 ORDER BY\n-- if: newest\nb DESC\n-- else\nb\n-- end\n";
    assert_non_null(strstr(variant(fixture, sql, SQL_SQLITE, 1), "b DESC"));
    assert_null(strstr(variant(fixture, sql, SQL_SQLITE, 0), "DESC"));
    struct sql_library *library = read_one(fixture, sql, SQL_SQLITE);
    assert_int_equal(sql_library_at(library, 0)->block_parameters[0], -1);
}

static void test_fragments_and_macros(void **state)
{
    struct fixture *fixture = *state;
    const char *sql = "-- fragment: columns\nid, name -- not this\n-- fragment: from\n@{columns} FROM t\n"
                      "-- name: q\nSELECT @{from} WHERE id IN @list(:ids) AND n IN @intlist(:n) AND @contains(coalesce(a, 'x,)'), :part)\n";
    assert_string_equal(variant(fixture, sql, SQL_SQLITE, 0),
                        "SELECT id, name  FROM t WHERE id IN (SELECT value FROM json_each(?1)) AND n IN (SELECT value FROM json_each(?2)) AND "
                        "(instr(lower(coalesce(a, 'x,)')), lower(?3)) > 0)");
    assert_string_equal(variant(fixture, sql, SQL_POSTGRES, 0),
                        "SELECT id, name  FROM t WHERE id IN (SELECT jsonb_array_elements_text(CAST($1 AS jsonb))) AND n IN (SELECT "
                        "CAST(jsonb_array_elements_text(CAST($2 AS jsonb)) AS BIGINT)) AND (strpos(lower(coalesce(a, 'x,)')), lower($3)) > 0)");
}

static void test_an_override_wins_in_its_dialect_only(void **state)
{
    struct fixture *fixture = *state;
    const char *sql = "-- name: q [postgres]\nSELECT 'p'\n-- name: q\nSELECT 'both'\n";
    assert_string_equal(variant(fixture, sql, SQL_SQLITE, 0), "SELECT 'both'");
    assert_string_equal(variant(fixture, sql, SQL_POSTGRES, 0), "SELECT 'p'");
}

static void test_mistakes_are_named(void **state)
{
    struct fixture *fixture = *state;
    assert_mistake(fixture, "-- name: q\nSELECT 1\n-- name: q\nSELECT 2\n", "things.sql:3 q: defined before at queries/things.sql:1");
    assert_mistake(fixture, "-- name: q\nSELECT @{missing}\n", "unknown fragment missing");
    assert_mistake(fixture, "-- name: q\nSELECT @nothing(:a)\n", "unknown macro");
    assert_mistake(fixture, "-- name: q\nSELECT @list(:a, :b)\n", "unknown macro");
    assert_mistake(fixture, "-- name: q\nSELECT @list(:a\n", "unknown macro");
    assert_mistake(fixture, "-- name: q\nSELECT 1\n-- if: a\n, 2\n", "no `-- end` for a");
    assert_mistake(fixture, "-- name: q\nSELECT 1\n-- end\n", "`-- end` without");
    assert_mistake(fixture, "-- name: q\nSELECT 1\n-- else\n", "`-- else` without");
    assert_mistake(fixture, "-- name: q\n-- if: a\n-- if: b\nSELECT 1\n-- end\n", "a block inside a block");
    assert_mistake(fixture, "-- name: q\n\n", "is empty");
    assert_mistake(fixture, "-- name: q [oracle]\nSELECT 1\n", "unknown tag");
    assert_mistake(fixture, "-- name: q-1\nSELECT 1\n", "a name is letters");
    assert_mistake(fixture, "SELECT 1\n-- name: q\nSELECT 1\n", "SQL before the first");
    assert_mistake(fixture, "-- fragment: f\n@{f}\n-- name: q\nSELECT @{f}\n", "nested too deep");
}

static void test_migrations_are_numbered_without_gaps(void **state)
{
    struct fixture *fixture = *state;
    const struct embedded_file good[] = {{"migrations/0001_first.sql", "CREATE TABLE a (n @autoid); CREATE TABLE b (x TEXT)", 51},
                                         {"migrations/0002_second.sql", "DROP TABLE b", 12}};
    struct sql_migration *list;
    size_t count;
    assert_int_equal(sql_migrations_read(fixture->arena, good, 2, SQL_POSTGRES, fixture->problem, &list, &count), OK);
    assert_int_equal(count, 2);
    assert_string_equal(list[0].name, "first");
    assert_non_null(strstr(list[0].sql, "IDENTITY"));
    assert_int_equal(strlen(list[1].checksum), 64);
    const struct embedded_file folder[] = {{"migrations/0001_first/1_a.sql", "CREATE TABLE a (n @autoid); ", 28},
                                           {"migrations/0001_first/2_b.sql", "CREATE TABLE b (x TEXT)", 23}, good[1]};
    struct sql_migration *of_folder;
    assert_int_equal(sql_migrations_read(fixture->arena, folder, 3, SQL_POSTGRES, fixture->problem, &of_folder, &count), OK);
    assert_int_equal(count, 2);
    assert_string_equal(of_folder[0].name, "first");
    assert_string_equal(of_folder[0].checksum, list[0].checksum);
    assert_true(strstr(of_folder[0].sql, "TABLE a") < strstr(of_folder[0].sql, "TABLE b"));
    const struct embedded_file stray[] = {folder[0], {"migrations/0001_first/2_b.txt", "", 0}};
    assert_int_equal(sql_migrations_read(fixture->arena, stray, 2, SQL_SQLITE, problem_new(fixture->arena), &list, &count), ERR_INVALID);
    const struct embedded_file gap[] = {good[0], {"migrations/0003_third.sql", "SELECT 1", 8}};
    assert_int_equal(sql_migrations_read(fixture->arena, gap, 2, SQL_SQLITE, fixture->problem, &list, &count), ERR_INVALID);
}

static void test_the_embedded_sql_is_sound(void **state)
{
    (void)state;
    for (int dialect = 0; dialect < 2; dialect++) {
        const struct sql_library *library = sql_library_embedded((enum sql_dialect)dialect);
        assert_true(sql_library_count(library) > 0);
        assert_true(sql_library_find(library, "installation_get") >= 0);
        assert_int_equal(sql_library_find(library, "no_such_query"), -1);
        for (size_t i = 0; i < sql_library_count(library); i++)
            assert_int_equal(sql_library_find(library, sql_library_at(library, i)->name), i);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_parameters_become_places, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_what_only_looks_like_a_parameter_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_comments_are_dropped, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_blocks_choose_text_and_number_parameters_anew, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_else_is_the_other_side, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_fragments_and_macros, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_override_wins_in_its_dialect_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_mistakes_are_named, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_migrations_are_numbered_without_gaps, set_up, tear_down),
        cmocka_unit_test(test_the_embedded_sql_is_sound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
