/* Why: a question must not become dearer with every incident that ever was. SQLite is asked how it would answer each named query on a database
 * without statistics, as ours are: none may read the whole of a table that grows with traffic, unless the query says why in a comment before its
 * name, `-- scan TABLE: reason`. The walks that lists of incidents depend on are checked one by one. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>

#include "base/arena.h"
#include "store/sql.h"

static const char *const growing[] = {"events", "change_events", "alerts", "alert_triggers", "incidents", "assignments", "acknowledgements", "responders", "ledger", "notes", "timers", "decisions",
                                      "decision_candidates", "pages", "notifications", "messages", "handoff_notices", "audit", "schedule_versions", "schedule_overrides",
                                      "policy_versions", "log_entry_details", "subscribers", "webhook_events", "webhook_deliveries", NULL};
/* These hold what is going on, not what was. */
static const char *const small_indexes[] = {"incidents_unresolved", "incidents_open", "messages_queued", "messages_sending", "notifications_held", "pages_once",
                                            "timers_due", "webhook_deliveries_open", "webhook_deliveries_due", "webhook_deliveries_sending", NULL};

static struct arena *arena;
static sqlite3 *database;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(64 << 20);
    assert_int_equal(sqlite3_open(":memory:", &database), SQLITE_OK);
    struct sql_migration *migrations;
    size_t count;
    assert_int_equal(sql_migrations_read(arena, embedded_sql, embedded_sql_count, SQL_SQLITE, problem_new(arena), &migrations, &count), OK);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(sqlite3_exec(database, migrations[i].sql, NULL, NULL, NULL), SQLITE_OK);
    return sqlite3_exec(database, "CREATE TABLE schema_migrations (version, name, checksum, applied_at)", NULL, NULL, NULL);
}

static int tear_down(void **state)
{
    (void)state;
    sqlite3_close(database);
    arena_free(arena);
    return 0;
}

static bool is_one_of(const char *const *list, struct text word)
{
    for (; *list; list++)
        if (text_is(word, *list))
            return true;
    return false;
}

static struct text next_word(struct text *rest)
{
    static const char separators[] = " \n\t(),;";
    size_t from = 0;
    while (from < rest->size && strchr(separators, rest->data[from]))
        from++;
    size_t to = from;
    while (to < rest->size && !strchr(separators, rest->data[to]))
        to++;
    struct text word = text_slice(*rest, from, to);
    *rest = text_slice(*rest, to, rest->size);
    return word;
}

/* The growing table that a plan means by this name: itself, or what the text gives the name to. */
static struct text growing_table(const char *sql, struct text name)
{
    struct text rest = text_of(sql), table = TEXT_NONE;
    if (is_one_of(growing, name))
        return name;
    for (struct text word = next_word(&rest); word.size > 0; word = next_word(&rest)) {
        if (text_is_present(table) && text_equal(word, name))
            return table;
        table = is_one_of(growing, word) ? word : TEXT_NONE;
    }
    return TEXT_NONE;
}

static bool uses_small_index(struct text detail)
{
    struct text word;
    while ((word = next_word(&detail)).size > 0)
        if (is_one_of(small_indexes, word))
            return true;
    return false;
}

typedef void plan_reader(const char *sql, struct text detail, void *context);

static void explain(const struct sql_query *query, uint64_t mask, plan_reader *reader, void *context)
{
    struct sql_variant sql;
    sqlite3_stmt *statement;
    sql_variant_of(arena, query, mask, SQL_SQLITE, &sql);
    const char *question = arena_printf(arena, "EXPLAIN QUERY PLAN %s", sql.sql);
    if (sqlite3_prepare_v2(database, question, -1, &statement, NULL) != SQLITE_OK)
        fail_msg("%s: %s", query->name, sqlite3_errmsg(database));
    while (sqlite3_step(statement) == SQLITE_ROW)
        reader(sql.sql, text_of((const char *)sqlite3_column_text(statement, 3)), context);
    sqlite3_finalize(statement);
}

static void note_scan(const char *sql, struct text detail, void *context)
{
    struct text *found = context, rest = detail, words = detail;
    if (!text_is(next_word(&rest), "SCAN") || uses_small_index(words))
        return;
    struct text table = growing_table(sql, next_word(&rest));
    if (text_is_present(table))
        *found = text_copy(arena, table);
}

/* The table of the `-- scan` comment before the query; absent: none. */
static struct text excuse_of(const char *name)
{
    for (size_t f = 0; f < embedded_sql_count; f++) {
        struct text rest = {embedded_sql[f].data, embedded_sql[f].size}, line, excuse = TEXT_NONE;
        while (rest.size > 0 && text_next(&rest, '\n', &line)) {
            struct text words = line;
            if (text_starts_with(line, TEXT("-- scan ")))
                excuse = text_slice(line, strlen("-- scan "), text_find_byte(line, ':', 0));
            if (!text_starts_with(line, TEXT("-- name: ")))
                continue;
            (void)next_word(&words), (void)next_word(&words);
            if (text_is(next_word(&words), name))
                return excuse;
            excuse = TEXT_NONE;
        }
    }
    return TEXT_NONE;
}

/* Plain, with each block alone, and with all of them. */
static void test_no_query_reads_all_of_the_past(void **state)
{
    (void)state;
    const struct sql_library *library = sql_library_embedded(SQL_SQLITE);
    size_t excused = 0, wrong = 0;
    for (size_t i = 0; i < sql_library_count(library); i++) {
        const struct sql_query *query = sql_library_at(library, i);
        struct text found = TEXT_NONE, excuse = excuse_of(query->name);
        if (text_starts_with(text_of(query->name), TEXT("audit_")))
            continue; /* `muster audit` judges everything there is */
        explain(query, 0, note_scan, &found);
        explain(query, (UINT64_C(1) << query->block_count) - 1, note_scan, &found);
        for (size_t block = 0; block < query->block_count; block++)
            explain(query, UINT64_C(1) << block, note_scan, &found);
        if (text_is_present(found) && !text_equal(found, excuse))
            print_error("%s reads all of %.*s\n", query->name, TEXT_ARG(found));
        if (text_is_present(excuse) && !text_is_present(found))
            print_error("%s needs no excuse for %.*s\n", query->name, TEXT_ARG(excuse));
        wrong += !(text_is_present(found) ? text_equal(found, excuse) : !text_is_present(excuse));
        excused += text_is_present(excuse);
    }
    assert_int_equal(wrong, 0);
    assert_in_range(excused, 1, 12); /* the reading of the comments works, and they stay few */
}

struct walk {
    const char *blocks; /* of incident_view_list */
    const char *index;
    bool sorts;         /* what it finds is few */
};

static const struct walk walks[] = {
    {"since first_created_down last_number_down", "incidents_created", false},
    {"since until statuses urgency first_created_up", "incidents_created", false},
    {"along_open first_created_up", "COVERING INDEX incidents_unresolved", false},
    {"along_open until first_created_down last_number_down", "COVERING INDEX incidents_unresolved", false},
    {"along_open statuses service_ids team_ids urgency first_urgency_down second_created_up", "COVERING INDEX incidents_unresolved", true},
    {"resolved statuses first_resolved_down last_number_down", "incidents_resolved", false},
    {"resolved resolved_from since_on_the_way first_resolved_down second_created_up", "incidents_resolved", false},
    {"service_id since first_created_down last_number_down", "incidents_service", false},
    {"service_id team_ids statuses first_created_up", "incidents_service", false},
    {"policy_id service_ids since first_created_down last_number_down", "incidents_policy", false},
    {"low urgency since first_created_up", "incidents_low", false},
    {"number_from number_before since_on_the_way until_on_the_way first_number_down last_number_down", "INTEGER PRIMARY KEY", false},
    {"incident_key since_on_the_way first_created_up", "incidents_key", true},
    {"open user_ids first_urgency_down second_created_up", "assignments_user", true},
};

static void note_plan(const char *sql, struct text detail, void *context)
{
    (void)sql;
    builder_add(context, detail);
    builder_add_string(context, " \n");
}

/* Each index costs the writer a page in every commit that touches it: one along which nobody looks must go. A unique one states a rule. */
static void test_every_index_is_of_use(void **state)
{
    (void)state;
    const struct sql_library *library = sql_library_embedded(SQL_SQLITE);
    struct builder plans = builder_new(arena, 32 << 20);
    for (size_t i = 0; i < sql_library_count(library); i++) {
        const struct sql_query *query = sql_library_at(library, i);
        explain(query, 0, note_plan, &plans);
        for (size_t block = 0; block < query->block_count; block++)
            explain(query, UINT64_C(1) << block, note_plan, &plans);
    }
    for (size_t i = 0; i < sizeof walks / sizeof *walks; i++)
        builder_printf(&plans, " INDEX %s \n", walks[i].index);
    sqlite3_stmt *indexes;
    const char *question = "SELECT ' INDEX ' || name || ' ' FROM sqlite_schema WHERE type = 'index' AND sql LIKE 'CREATE INDEX%'";
    assert_int_equal(sqlite3_prepare_v2(database, question, -1, &indexes, NULL), SQLITE_OK);
    int count = 0, unused = 0;
    for (; sqlite3_step(indexes) == SQLITE_ROW; count++) {
        struct text words = text_of((const char *)sqlite3_column_text(indexes, 0)), seen = builder_text(&plans);
        if (text_find(seen, words) == seen.size) {
            print_error("no query looks along%.*s\n", TEXT_ARG(words));
            unused++;
        }
    }
    sqlite3_finalize(indexes);
    assert_true(count > 50);
    assert_int_equal(unused, 0);
}

struct seen {
    bool along, sorts;
    const char *index;
};

static void note_walk(const char *sql, struct text detail, void *context)
{
    (void)sql;
    struct seen *seen = context;
    seen->along |= text_find(detail, text_of(seen->index)) < detail.size;
    seen->sorts |= text_starts_with(detail, TEXT("USE TEMP B-TREE FOR ORDER BY"));
}

static const struct sql_query *query_named(const char *name)
{
    const struct sql_library *library = sql_library_embedded(SQL_SQLITE);
    return sql_library_at(library, (size_t)sql_library_find(library, name));
}

struct order {
    bool page_seen, page_is_sought;
};

/* A page is cut in a step of its own, and what is shown of its rows is looked up by their keys. */
static void note_order(const char *sql, struct text detail, void *context)
{
    (void)sql;
    struct order *order = context;
    order->page_seen |= text_is(detail, "SCAN page");
    order->page_is_sought |= text_starts_with(detail, TEXT("SEARCH page")); /* through an index made for the question */
}

static void test_deep_pages_are_cut_first(void **state)
{
    (void)state;
    static const char *const names[] = {"service_list", "escalation_policy_list", "notification_view_list"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct order order = {0};
        explain(query_named(names[i]), 0, note_order, &order);
        if (!order.page_seen || order.page_is_sought)
            fail_msg("%s does not cut its page first", names[i]);
    }
}

static void test_lists_of_incidents_walk_along_their_index(void **state)
{
    (void)state;
    const struct sql_query *query = query_named("incident_view_list");
    for (size_t i = 0; i < sizeof walks / sizeof *walks; i++) {
        struct text rest = text_of(walks[i].blocks), block;
        uint64_t mask = 0;
        while (rest.size > 0 && text_next(&rest, ' ', &block)) {
            size_t index = 0;
            while (index < query->block_count && !text_is(block, query->blocks[index]))
                index++;
            assert_true(index < query->block_count);
            mask |= UINT64_C(1) << index;
        }
        struct seen seen = {.index = walks[i].index};
        explain(query, mask, note_walk, &seen);
        if (!seen.along || (seen.sorts && !walks[i].sorts))
            fail_msg("%s does not walk along %s", walks[i].blocks, walks[i].index);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_query_reads_all_of_the_past, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_index_is_of_use, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_deep_pages_are_cut_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_lists_of_incidents_walk_along_their_index, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
