/* Why: an empty database for each case of a test: a SQLite file in a folder of its own, or the second time round a schema of its own on the PostgreSQL server
 * that MUSTER_TEST_POSTGRES names (tests/postgres starts one). Include it behind cmocka.h. */
#ifndef MUSTER_STORE_DATABASE_TEST_H
#define MUSTER_STORE_DATABASE_TEST_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/text.h"
#include "store/backend.h"

static bool on_postgres; /* set by run_on_each_database */
static char database_url[512];
static char database_folder[64]; /* of SQLite's files: muster.db and its neighbours */
static char database_schema[40]; /* on PostgreSQL */

/* Names an empty database; nothing is in it, no schema_migrations either. */
static inline void database_name(void)
{
    static int number;
    if (on_postgres) {
        const char *server = getenv("MUSTER_TEST_POSTGRES");
        snprintf(database_schema, sizeof database_schema, "test_%d_%d", (int)getpid(), number++);
        snprintf(database_url, sizeof database_url, "%s%coptions=-csearch_path%%3D%s", server, strchr(server, '?') ? '&' : '?', database_schema);
        return;
    }
    snprintf(database_folder, sizeof database_folder, "/tmp/muster-test-XXXXXX");
    assert_non_null(mkdtemp(database_folder));
    snprintf(database_url, sizeof database_url, "sqlite:%s/muster.db", database_folder);
}

/* The same with Muster's tables. */
static inline void database_new(void)
{
    database_name();
    assert_int_equal(db_migrate(database_url), OK);
}

/* Behind the last db_close: with all that lies in its folder. */
static inline void database_remove(void)
{
    if (on_postgres) {
        struct db *db;
        char sql[80];
        snprintf(sql, sizeof sql, "DROP SCHEMA %s CASCADE", database_schema);
        assert_int_equal(db_connect(&db, database_url, DB_ADMIN, false, NULL), OK);
        assert_int_equal(db_execute(db, sql), OK);
        db_close(db);
        return;
    }
    DIR *folder = opendir(database_folder);
    assert_non_null(folder);
    for (const struct dirent *entry; (entry = readdir(folder));)
        unlinkat(dirfd(folder), entry->d_name, 0);
    closedir(folder);
    assert_int_equal(rmdir(database_folder), 0);
}

static inline void test_postgres_was_not_given(void **state)
{
    (void)state;
    fprintf(stderr, "SKIPPED: the cases on PostgreSQL, because MUSTER_TEST_POSTGRES is not set (tests/postgres start DIR)\n");
    skip();
}

static inline int run_groups(const struct CMUnitTest *of_sqlite, size_t sqlite_count, const struct CMUnitTest *of_postgres, size_t postgres_count)
{
    static const struct CMUnitTest none[] = {cmocka_unit_test(test_postgres_was_not_given)};
    int failed = _cmocka_run_group_tests("SQLite", of_sqlite, sqlite_count, NULL, NULL);
    on_postgres = text_of(getenv("MUSTER_TEST_POSTGRES")).size > 0;
    return failed + (on_postgres ? _cmocka_run_group_tests("PostgreSQL", of_postgres, postgres_count, NULL, NULL) : cmocka_run_group_tests_name("PostgreSQL", none, NULL, NULL));
}

/* Two arrays of cases, or the same one twice. Returns what main returns. */
#define run_on_each_database(of_sqlite, of_postgres) \
    run_groups(of_sqlite, sizeof(of_sqlite) / sizeof *(of_sqlite), of_postgres, sizeof(of_postgres) / sizeof *(of_postgres))

#endif
