/* Why: floor F2, what the rows of an event cost by themselves. Takes the database that engine_run left behind, reads every row that the engine
 * wrote for its events, and writes the same rows again, in the same order, into a new database with the same schema and indexes: through
 * store/ with prepared statements, in group commits of BATCH events, with the server's settings (synchronous FULL). Nothing is looked up,
 * checked or decided. An event that repeated an open alert is its own row and the update of the alert; one that opened an incident is its
 * own row and all rows of that incident. What the engine wrote and changed again in the same transaction is written once, as it ended.
 *
 * floor_rows SOURCE TARGET_URL BATCH [EVENTS_PER_S]    prints {"events","rows","seconds","events_per_s"}, what a transaction took (from the moment it was due,
 * when a rate is given: a stall is charged to all that wait behind it) and how long the WAL became */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>

#include "base/env.h"
#include "organisation.h"
#include "store/backend.h" /* db_connect: a library of our own */

/* Tables of an incident, in the order of their first write, and the column that names it. */
static const struct {
    const char *table, *incident;
} tables[] = {
    {"incidents", "number"}, {"assignments", "incident_number"}, {"ledger", "incident_number"}, {"decisions", "incident_number"},
    {"decision_candidates", "incident_number"}, {"pages", "incident_number"}, {"notifications", "incident_number"},
    {"messages", "incident_number"}, {"timers", "incident_number"}, {"alerts", "incident_number"},
    {"alert_triggers", "alert_number"}, /* engine_run groups nothing: an alert has the number of its incident */
};
enum { TABLES = sizeof tables / sizeof tables[0], COLUMNS_MAX = 48 };

struct row {
    int64_t incident;
    struct value values[COLUMNS_MAX];
};

struct table {
    const char *name;
    const char *columns[COLUMNS_MAX];
    int column_count;
    struct row *rows;
    size_t count, capacity, next;
};

static void fail(const char *what)
{
    fprintf(stderr, "floor_rows: %s\n", what);
    exit(1);
}

static void read_table(struct arena *arena, sqlite3 *source, const char *name, const char *order, struct table *ret)
{
    struct table table = {.name = name};
    sqlite3_stmt *statement;
    int incident = -1;
    if (sqlite3_prepare_v2(source, arena_printf(arena, "SELECT * FROM %s ORDER BY %s", name, order), -1, &statement, NULL) != SQLITE_OK)
        fail(sqlite3_errmsg(source));
    table.column_count = sqlite3_column_count(statement);
    for (int c = 0; c < table.column_count; c++) {
        table.columns[c] = arena_string(arena, sqlite3_column_name(statement, c));
        if (strcmp(table.columns[c], order) == 0)
            incident = c;
    }
    while (sqlite3_step(statement) == SQLITE_ROW) {
        if (table.count == table.capacity) {
            table.capacity = table.capacity ? table.capacity * 2 : 1024;
            table.rows = realloc(table.rows, table.capacity * sizeof *table.rows);
            if (!table.rows)
                fail("out of memory");
        }
        struct row *row = &table.rows[table.count++];
        row->incident = incident >= 0 ? sqlite3_column_int64(statement, incident) : 0;
        for (int c = 0; c < table.column_count; c++) {
            int type = sqlite3_column_type(statement, c);
            row->values[c] = (struct value){.kind = type == SQLITE_NULL ? VALUE_NULL : type == SQLITE_INTEGER ? VALUE_INT : VALUE_TEXT};
            if (type == SQLITE_INTEGER)
                row->values[c].number = sqlite3_column_int64(statement, c);
            else if (type != SQLITE_NULL)
                row->values[c].text = text_copy(arena, (struct text){(const char *)sqlite3_column_text(statement, c), (size_t)sqlite3_column_bytes(statement, c)});
        }
    }
    sqlite3_finalize(statement);
    *ret = table;
}

static void add_insert(struct builder *b, const struct table *table)
{
    builder_printf(b, "-- name: %s\nINSERT INTO %s (", table->name, table->name);
    for (int c = 0; c < table->column_count; c++)
        builder_printf(b, "%s%s", c ? ", " : "", table->columns[c]);
    builder_add_string(b, ") VALUES (");
    for (int c = 0; c < table->column_count; c++)
        builder_printf(b, "%s:%s", c ? ", " : "", table->columns[c]);
    builder_add_string(b, ")\n\n");
}

static void insert(struct db *db, const struct table *table, const struct row *row)
{
    struct query *q = db_query(db, table->name);
    for (int c = 0; c < table->column_count; c++) {
        const struct value *value = &row->values[c];
        if (value->kind == VALUE_INT)
            query_bind_int(q, table->columns[c], value->number);
        else
            query_bind_text(q, table->columns[c], value->kind == VALUE_NULL ? TEXT_NONE : value->text);
    }
    bench_require(query_run_later(q), table->name);
}

static int column_of(const struct table *table, const char *name)
{
    for (int c = 0; c < table->column_count; c++)
        if (strcmp(table->columns[c], name) == 0)
            return c;
    fail(name);
    return 0;
}

/* The same statement that the engine uses. */
static void repeat_alert(struct db *db, const struct table *events, const struct row *event)
{
    struct query *q = db_query(db, "alert_repeat");
    query_bind_int(q, "number", event->values[column_of(events, "alert_number")].number);
    query_bind_int(q, "event_number", event->values[column_of(events, "number")].number);
    bench_require(query_run_later(q), "alert_repeat");
}

static struct db *open_target(struct arena *arena, const char *url, const struct table *events, const struct table *others)
{
    struct builder b = builder_new(arena, 64 * 1024);
    add_insert(&b, events);
    for (size_t t = 0; t < TABLES; t++)
        add_insert(&b, &others[t]);
    builder_add_string(&b, "-- name: alert_repeat\nUPDATE alert_triggers SET trigger_count = trigger_count + 1, last_event_number = :event_number "
                           "WHERE alert_number = :number\n");
    struct text text = builder_text(&b);
    struct embedded_file file = {"queries/floor.sql", text.data, text.size};
    struct sql_library *library;
    bench_require(sql_library_read(arena, &file, 1, db_url_is_postgres(url) ? SQL_POSTGRES : SQL_SQLITE, problem_new(arena), &library), "queries");
    struct db *db;
    bench_require(db_migrate(url), "migrate");
    bench_require(db_connect(&db, url, DB_WRITER, false, library), "open");
    return db;
}

/* How long the transactions took ------------------------------------------------------------------------------------- */

static int by_size(const void *left, const void *right)
{
    int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;
    return (a > b) - (a < b);
}

static double ms_at(const int64_t *sorted, size_t count, double part)
{
    return count ? (double)sorted[(size_t)((double)(count - 1) * part)] / 1000 : 0;
}

static double wal_mb(const char *url)
{
    char path[4096];
    struct stat about;
    snprintf(path, sizeof path, "%s-wal", url);
    return stat(path, &about) == 0 ? (double)about.st_size / 1e6 : 0;
}

static void sleep_until(struct env *env, int64_t due_us)
{
    int64_t wait_us = due_us - env_monotonic_us(env);
    if (wait_us > 0)
        nanosleep(&(struct timespec){.tv_sec = wait_us / 1000000, .tv_nsec = wait_us % 1000000 * 1000}, NULL);
}

int main(int argc, char **argv)
{
    if (argc != 4 && argc != 5) {
        fprintf(stderr, "usage: floor_rows SOURCE TARGET_URL BATCH [EVENTS_PER_S]\n");
        return 2;
    }
    struct arena *arena = arena_new((size_t)8 << 30);
    sqlite3 *source;
    if (sqlite3_open_v2(argv[1], &source, SQLITE_OPEN_READONLY, NULL) != SQLITE_OK)
        fail(argv[1]);
    static struct table events, others[TABLES];
    read_table(arena, source, "events", "number", &events);
    for (size_t t = 0; t < TABLES; t++)
        read_table(arena, source, tables[t].table, tables[t].incident, &others[t]);
    sqlite3_close(source);
    struct db *db = open_target(arena, argv[2], &events, others);
    struct env *env = env_real();
    size_t batch = strtoul(argv[3], NULL, 10), rows = 0;
    int disposition = column_of(&events, "disposition"), incident = column_of(&events, "incident_number");
    int64_t per_s = argc == 5 ? strtol(argv[4], NULL, 10) : 0;
    int64_t *took = calloc(events.count / batch + 1, sizeof *took), due = 0;
    size_t commits = 0;
    double wal = 0;
    int64_t begin = env_monotonic_us(env);
    for (size_t e = 0; e < events.count; e++) {
        const struct row *event = &events.rows[e];
        if (e % batch == 0) {
            due = per_s > 0 ? begin + (int64_t)e * 1000000 / per_s : env_monotonic_us(env);
            sleep_until(env, due);
            bench_require(db_begin(db), "begin");
        }
        if (text_is(event->values[disposition].text, "merged")) {
            repeat_alert(db, &events, event);
            rows++;
        } else {
            for (size_t t = 0; t < TABLES; t++)
                for (struct table *o = &others[t]; o->next < o->count && o->rows[o->next].incident <= event->values[incident].number; o->next++, rows++)
                    insert(db, o, &o->rows[o->next]);
        }
        insert(db, &events, event);
        rows++;
        if (e % batch == batch - 1 || e == events.count - 1) {
            bench_require(db_commit(db), "commit");
            took[commits++] = env_monotonic_us(env) - due;
            wal = commits % 100 == 0 && wal_mb(argv[2]) > wal ? wal_mb(argv[2]) : wal;
        }
    }
    double seconds = (double)(env_monotonic_us(env) - begin) / 1e6;
    qsort(took, commits, sizeof *took, by_size);
    printf("{\"events\":%zu,\"rows\":%zu,\"seconds\":%.3f,\"events_per_s\":%.0f,\"p50_ms\":%.2f,\"p99_ms\":%.2f,\"p999_ms\":%.2f,\"max_ms\":%.2f,\"wal_mb\":%.0f}\n",
           events.count, rows, seconds, (double)events.count / seconds, ms_at(took, commits, 0.5), ms_at(took, commits, 0.99), ms_at(took, commits, 0.999),
           ms_at(took, commits, 1), wal);
    free(took);
    db_close(db);
    return 0;
}
