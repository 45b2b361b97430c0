/* Why: what the writer remembers must be used (or it is no help) and must never be stale. On SQLite always and on PostgreSQL when MUSTER_TEST_POSTGRES names a
 * server. A change behind the back of the store, which nothing in Muster makes, shows whether a question was asked again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "store/db_test.h"

static struct db *db;

static void add_user(const char *id, struct text name)
{
    struct query *q = db_query(db, "user_admin_insert");
    query_bind_text(q, "id", text_of(id));
    query_bind_text(q, "name", name);
    query_bind_text(q, "email", text_printf(fixture.arena, "%s@example.org", id));
    query_bind_text(q, "role", TEXT("user"));
    query_bind_text(q, "time_zone", TEXT("UTC"));
    query_bind_null(q, "job_title");
    query_bind_null(q, "password_hash");
    query_bind_int(q, "now", 1);
    assert_int_equal(query_run(q), OK);
}

static int set_up_users(void **state)
{
    (void)state;
    fixture.arena = arena_new(8 * 1024 * 1024);
    database_new();
    assert_int_equal(db_open(&db, database_url, DB_WRITER), OK);
    assert_int_equal(db_begin(db), OK);
    add_user("PANN", TEXT("Ann"));
    assert_int_equal(db_commit(db), OK);
    return 0;
}

static int tear_down_users(void **state)
{
    (void)state;
    db_close(db);
    database_remove();
    arena_free(fixture.arena);
    return 0;
}

static void behind_the_back(const char *sql)
{
    assert_int_equal(db->backend->execute(db, sql), OK);
}

/* The answer of a remembered query; text_is(..., "gone") when she left. */
static struct text name_of(const char *id)
{
    struct query *q = db_query(db, "user_reach");
    query_bind_text(q, "user_id", text_of(id));
    if (!query_next(q)) {
        assert_int_equal(query_err(q), OK);
        return TEXT_NONE;
    }
    struct text name = query_is_null(q, 1) ? text_copy(fixture.arena, query_text(q, 0)) : TEXT("gone");
    assert_false(query_next(q));
    return name;
}

static enum err leave(struct db *by, bool later)
{
    struct query *q = db_query(by, "user_delete");
    query_bind_text(q, "id", TEXT("PANN"));
    query_bind_int(q, "now", 2);
    return later ? query_run_later(q) : query_run(q);
}

static void assert_name(const char *expected)
{
    struct text name = name_of("PANN");
    if (!text_is(name, expected))
        fail_msg("'%.*s' and not '%s'", TEXT_ARG(name), expected);
}

static void test_a_question_is_asked_once(void **state)
{
    (void)state;
    assert_int_equal(db_begin(db), OK);
    assert_name("Ann");
    assert_false(text_is_present(name_of("PNOBODY")));
    behind_the_back("UPDATE users SET name = 'Bea'");
    assert_name("Ann");
    assert_int_equal(db_commit(db), OK);
    assert_int_equal(db_begin(db), OK); /* what this connection commits is no surprise */
    assert_name("Ann");
    add_user("PNOBODY", TEXT("Nobody")); /* the table changed, whoever was meant */
    assert_name("Bea");
    assert_true(text_is(name_of("PNOBODY"), "Nobody"));
    assert_int_equal(db_commit(db), OK);
}

static void test_a_change_is_seen(void **state)
{
    for (int later = 0; later <= 1; later++) {
        assert_int_equal(db_begin(db), OK);
        assert_name("Ann");
        assert_int_equal(leave(db, later), OK);
        assert_name("gone");
        assert_int_equal(db_commit(db), OK);
        assert_int_equal(db_begin(db), OK);
        assert_name("gone");
        assert_int_equal(db_commit(db), OK);
        tear_down_users(state);
        set_up_users(state);
    }
}

static void test_a_change_undone_is_seen(void **state)
{
    (void)state;
    assert_int_equal(db_begin(db), OK);
    assert_int_equal(leave(db, false), OK);
    assert_name("gone");
    db_rollback(db);
    assert_int_equal(db_begin(db), OK);
    assert_name("Ann");
    assert_int_equal(db_commit(db), OK);
}

static void test_a_change_of_a_command_beside_is_seen(void **state)
{
    (void)state;
    for (int i = 0; i < 2; i++) {
        assert_int_equal(db_begin(db), OK);
        assert_name("Ann");
        assert_int_equal(db_commit(db), OK);
    }
    struct db *other;
    assert_int_equal(db_open(&other, database_url, DB_ADMIN), OK);
    assert_int_equal(db_begin(other), OK);
    assert_int_equal(leave(other, false), OK);
    assert_int_equal(db_commit(other), OK);
    db_close(other);
    assert_int_equal(db_begin(db), OK);
    assert_name("gone");
    assert_int_equal(db_commit(db), OK);
}

static void test_outside_a_transaction_nothing_is_remembered(void **state)
{
    (void)state;
    assert_name("Ann");
    behind_the_back("UPDATE users SET name = 'Bea'");
    assert_name("Bea");
}

static void test_a_long_answer_is_whole_and_not_kept(void **state)
{
    (void)state;
    char *name = arena_alloc(fixture.arena, 100 * 1024);
    memset(name, 'x', 100 * 1024);
    assert_int_equal(db_begin(db), OK);
    add_user("PLONG", (struct text){name, 100 * 1024});
    for (int i = 0; i < 2; i++)
        assert_int_equal(name_of("PLONG").size, 100 * 1024);
    behind_the_back("UPDATE users SET name = 'Bea'");
    assert_true(text_is(name_of("PLONG"), "Bea"));
    assert_int_equal(db_commit(db), OK);
}

/* The arena aborts the process beyond twice the bound. */
static void test_memory_is_bounded(void **state)
{
    (void)state;
    enum { QUESTIONS = 120000 };
    assert_int_equal(db_begin(db), OK);
    for (int i = 0; i < (on_postgres ? QUESTIONS / 10 : QUESTIONS); i++) {
        char id[64];
        snprintf(id, sizeof id, "P%050d", i);
        assert_false(text_is_present(name_of(id)));
        arena_reset(fixture.arena);
    }
    assert_name("Ann");
    assert_int_equal(db_commit(db), OK);
    assert_int_equal(db_begin(db), OK);
    assert_name("Ann");
    behind_the_back("UPDATE users SET name = 'Bea'");
    assert_name("Ann"); /* there is room again */
    assert_int_equal(db_commit(db), OK);
}

/* Conclusions: whether she is here, worked out from the answer of a remembered query, for the instants 10 to 19 or 20 to 29 and so on. */

static size_t worked_out;

static bool is_here(int64_t now)
{
    const bool *known = db_conclusion(db, TEXT("here"), (instant){now});
    if (known)
        return *known;
    worked_out++;
    bool here = !text_is(name_of("PANN"), "gone");
    struct arena *arena = db_conclusion_arena(db);
    if (arena)
        db_conclude(db, (struct instant_range){{now - now % 10}, {now - now % 10 + 10}}, arena_copy(arena, &here, sizeof here));
    return here;
}

static void assert_worked_out(size_t times)
{
    assert_int_equal(worked_out, times);
    worked_out = 0;
}

static void test_a_conclusion_is_drawn_once_for_its_time(void **state)
{
    (void)state;
    worked_out = 0;
    assert_true(is_here(10));
    assert_true(is_here(11));
    assert_worked_out(2); /* outside a transaction nothing is kept */
    for (int i = 0; i < 2; i++) {
        assert_int_equal(db_begin(db), OK);
        assert_true(is_here(10));
        assert_true(is_here(19));
        assert_worked_out(i == 0 ? 1 : 0);
        assert_int_equal(db_commit(db), OK);
    }
    assert_int_equal(db_begin(db), OK);
    assert_true(is_here(20));
    assert_true(is_here(9)); /* the clock was set back */
    assert_true(is_here(9));
    assert_worked_out(2);
    assert_int_equal(db_commit(db), OK);
}

static void test_a_conclusion_falls_with_what_it_follows_from(void **state)
{
    for (int later = 0; later <= 1; later++) {
        assert_int_equal(db_begin(db), OK);
        assert_true(is_here(10));
        assert_int_equal(leave(db, later), OK);
        assert_false(is_here(10));
        assert_int_equal(db_commit(db), OK);
        assert_int_equal(db_begin(db), OK);
        assert_false(is_here(10));
        assert_int_equal(db_commit(db), OK);
        tear_down_users(state);
        set_up_users(state);
    }
    assert_int_equal(db_begin(db), OK);
    assert_true(is_here(10));
    assert_int_equal(db_commit(db), OK);
    struct db *other;
    assert_int_equal(db_open(&other, database_url, DB_ADMIN), OK);
    assert_int_equal(db_begin(other), OK);
    assert_int_equal(leave(other, false), OK);
    assert_int_equal(db_commit(other), OK);
    db_close(other);
    assert_int_equal(db_begin(db), OK);
    assert_false(is_here(10));
    db_rollback(db);
}

static void test_a_conclusion_from_what_was_undone_is_forgotten(void **state)
{
    (void)state;
    assert_int_equal(db_begin(db), OK);
    assert_int_equal(leave(db, false), OK);
    assert_false(is_here(10));
    db_rollback(db);
    assert_int_equal(db_begin(db), OK);
    assert_true(is_here(10));
    assert_int_equal(db_commit(db), OK);
}

/* A query without the mark: nobody watches over what it reads on PostgreSQL. */
static void test_a_conclusion_from_anything_else_is_not_kept(void **state)
{
    (void)state;
    assert_int_equal(db_begin(db), OK);
    assert_null(db_conclusion(db, TEXT("impure"), (instant){10}));
    assert_string_equal(text_cstring(fixture.arena, name_of("PANN")), "Ann");
    struct query *q = db_query(db, "round_robin_turn");
    query_bind_text(q, "policy_id", TEXT("P"));
    query_bind_text(q, "rule_id", TEXT("R"));
    assert_false(query_next(q));
    assert_null(db_conclusion_arena(db));
    assert_int_equal(db_commit(db), OK);
    assert_int_equal(db_begin(db), OK);
    assert_null(db_conclusion(db, TEXT("unfinished"), (instant){10}));
    assert_int_equal(db_commit(db), OK);
    assert_int_equal(db_begin(db), OK);
    assert_null(db_conclusion_arena(db)); /* what another transaction began */
    assert_int_equal(db_commit(db), OK);
}

#define ON_USERS(test) cmocka_unit_test_setup_teardown(test, set_up_users, tear_down_users)
#define ON_BOTH                                                                                                                       \
    ON_USERS(test_a_question_is_asked_once), ON_USERS(test_a_change_is_seen), ON_USERS(test_a_change_undone_is_seen),                 \
        ON_USERS(test_a_change_of_a_command_beside_is_seen), ON_USERS(test_outside_a_transaction_nothing_is_remembered),              \
        ON_USERS(test_a_long_answer_is_whole_and_not_kept), ON_USERS(test_memory_is_bounded),                                         \
        ON_USERS(test_a_conclusion_is_drawn_once_for_its_time), ON_USERS(test_a_conclusion_falls_with_what_it_follows_from),          \
        ON_USERS(test_a_conclusion_from_what_was_undone_is_forgotten), ON_USERS(test_a_conclusion_from_anything_else_is_not_kept)

int main(void)
{
    const struct CMUnitTest on_both[] = {ON_BOTH};
    return run_on_each_database(on_both, on_both);
}
