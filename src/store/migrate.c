/* Why: the schema moves forward only, one transaction per step, so that a server killed in the middle goes on where it was.
 * What was applied is kept with its checksum: a step that was edited afterwards is refused, because two installations of the same version would differ. */
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "store/backend.h"

struct migrations {
    struct sql_migration *list[2]; /* by dialect */
    size_t count;
};

static struct migrations embedded;

static void read_embedded(void)
{
    struct arena *arena = arena_new(16u * 1024 * 1024); /* lives as long as the process */
    struct problem *problem = problem_new(arena);
    for (int dialect = 0; dialect < 2; dialect++) {
        if (sql_migrations_read(arena, embedded_sql, embedded_sql_count, (enum sql_dialect)dialect, problem, &embedded.list[dialect],
                                &embedded.count) != OK) {
            for (size_t i = 0; i < problem->count; i++)
                log_error("store", "%.*s", TEXT_ARG(problem_line(problem, i)));
            abort();
        }
    }
}

static const struct migrations *migrations(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, read_embedded);
    return &embedded;
}

int db_schema_version_of_binary(void)
{
    return (int)migrations()->count;
}

static enum err compare_applied(struct db *db, struct query *q, int *ret_version)
{
    const struct migrations *ours = migrations();
    int version = 0;
    while (query_next(q)) {
        version = (int)query_int(q, 0);
        struct text name = query_text(q, 1), checksum = query_text(q, 2);
        if (version > (int)ours->count)
            return db_fail(db, ERR_TOO_NEW, "the database has schema version %d (%.*s), this program knows %zu: use the newer Muster", version,
                           TEXT_ARG(name), ours->count);
        const struct sql_migration *step = &ours->list[db->backend->dialect][version - 1];
        if (!text_is(checksum, step->checksum))
            return db_fail(db, ERR_INTERNAL, "migration %d (%.*s) was changed after this database had applied it", version, TEXT_ARG(name));
    }
    if (query_failed(q))
        return query_err(q);
    *ret_version = version;
    return OK;
}

enum err db_schema_version(struct db *db, int *ret_version)
{
    struct query *q = db_query(db, "schema_migrations_exist");
    bool exist = query_next(q) && query_int(q, 0) > 0;
    bool failed = query_failed(q);
    enum err err = query_err(q);
    db_query(db, "schema_migrations_exist"); /* ends the run */
    if (failed)
        return err;
    if (!exist) {
        *ret_version = 0;
        return OK;
    }
    q = db_query(db, "schema_migration_list");
    err = compare_applied(db, q, ret_version);
    db_query(db, "schema_migration_list");
    return err;
}

static enum err record(struct db *db, const struct sql_migration *step)
{
    struct query *q = db_query(db, "schema_migration_add");
    query_bind_int(q, "version", step->version);
    query_bind_text(q, "name", text_of(step->name));
    query_bind_text(q, "checksum", text_of(step->checksum));
    return query_run(q);
}

static enum err apply(struct db *db, const struct sql_migration *step)
{
    enum err err = db_begin(db);
    if (err != OK)
        return err;
    err = query_run(db_query(db, "schema_migrations_create"));
    if (err == OK)
        err = db_execute(db, step->sql);
    if (err == OK)
        err = record(db, step);
    if (err != OK) {
        log_error("store", "migration %d (%s): %s", step->version, step->name, db->message);
        db_rollback(db);
        return err;
    }
    err = db_commit(db);
    if (err == OK)
        log_info("store", "migrated version=%d name=%s", step->version, step->name);
    return err;
}

/* Reads without settings or checkpoint, so that a database of a newer Muster is left exactly as it is. */
static enum err peek_version(const char *url, int *ret_version)
{
    struct db *db;
    enum err err = db_connect(&db, url, DB_READER, true, NULL);
    if (err == ERR_NOT_FOUND) {
        *ret_version = 0;
        return OK;
    }
    if (err != OK)
        return err;
    err = db_schema_version(db, ret_version);
    if (err != OK)
        log_error("store", "%s", db->message);
    db_close(db);
    return err;
}

enum err db_migrate(const char *url)
{
    const struct migrations *ours = migrations();
    int version;
    enum err err = peek_version(url, &version);
    if (err != OK || version == (int)ours->count)
        return err;
    struct db *db;
    err = db_connect(&db, url, DB_WRITER, false, NULL);
    if (err != OK)
        return err;
    err = db->backend->lock(db); /* never under the feet of a running server */
    if (err == OK)
        err = db_schema_version(db, &version); /* another start may have been faster */
    if (err != OK)
        log_error("store", "cannot migrate: %s", db->message);
    for (; err == OK && version < (int)ours->count; version++)
        err = apply(db, &ours->list[db->backend->dialect][version]);
    db_close(db);
    return err;
}

enum err db_check(struct db *db, struct problem *problem)
{
    int version;
    enum err err = db_schema_version(db, &version);
    if (err == ERR_TOO_NEW || err == ERR_INTERNAL)
        problem_add(problem, NULL, "schema: %s", db->message);
    else if (err != OK)
        return err;
    else if (version < db_schema_version_of_binary())
        problem_add(problem, NULL, "schema: version %d, this program needs %d", version, db_schema_version_of_binary());
    return db->backend->check(db, problem);
}
