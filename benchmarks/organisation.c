/* Why: see organisation.h. */
#include "organisation.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/id.h"
#include "cli/setup.h"
#include "engine/engine_state.h"
#include "engine/open_alerts.h"
#include "engine/outbox_state.h"
#include "engine/webhook_delivery.h"
#include "store/backend.h" /* db_connect: a library of our own */

enum { PEOPLE_PER_ROTATION = 4, LEVELS_OF_SPARE_POLICY = 10, ROWS_PER_COMMIT = 200 };

void bench_require(enum err err, const char *what)
{
    if (err == OK)
        return;
    fprintf(stderr, "bench: %s: %s\n", what, err_name(err));
    exit(1);
}

/* The engine that a running server has, without its threads: enough for work functions, which only see it through struct tx. */
void bench_open(struct bench *b, const char *url, instant now)
{
    *b = (struct bench){.env = env_with_test_clock(now), .arena = arena_new((size_t)1 << 30)};
    struct engine *engine = b->engine = calloc(1, sizeof *engine);
    if (!engine)
        abort();
    bench_require(db_migrate(url), "migrate");
    bench_require(db_open(&engine->db, url, DB_WRITER), "open");
    engine->env = b->env;
    engine->public_url = strdup("http://127.0.0.1:8080");
    engine->link_key = strdup("the key of a benchmark, 32 bytes");
    engine->outbox = outbox_new(engine, NULL, 0);
    engine->webhooks = webhooks_new();
}

void bench_close(struct bench *b)
{
    db_close(b->engine->db);
    outbox_free(b->engine->outbox);
    webhooks_free(b->engine->webhooks);
    open_alerts_free(b->engine->open_alerts);
    free(b->engine->changes);
    free(b->engine->public_url);
    free(b->engine->link_key);
    free(b->engine);
    arena_free(b->arena);
    env_free(b->env);
}

void bench_begin(struct bench *b)
{
    arena_reset(b->arena);
    b->engine->change_count = 0;
    b->sent_count = 0;
    bench_require(db_begin(b->engine->db), "begin");
    b->tx = (struct tx){.db = b->engine->db, .env = b->env, .now = env_now(b->env), .arena = b->arena, .engine = b->engine};
}

void bench_commit(struct bench *b)
{
    bench_require(outbox_claim(&b->tx), "claim");
    bench_require(db_commit(b->engine->db), "commit");
    outbox_hand_over(b->engine->outbox);
    for (size_t i = 0; i < b->sent_count; i++)
        outbox_settle(b->engine->outbox, b->sent[i], OUTCOME_ACCEPTED, b->tx.now);
}

static void drop(void *context, struct text frame)
{
    (void)context;
    (void)frame;
}

void bench_sender(struct bench *b)
{
    static const struct provider_config provider = {
        .name = {"hook", 4}, .type = PROVIDER_PRACTICE, .channels = 1u << CHANNEL_WEBHOOK, .in_flight_max = 1000, .timeout_s = 10};
    outbox_free(b->engine->outbox);
    b->engine->outbox = outbox_new(b->engine, &provider, 1);
    b->engine->send = drop;
    outbox_set_link(b->engine->outbox, true);
}

void bench_sent(struct bench *b)
{
    const struct outbox *outbox = b->engine->outbox;
    b->sent = ARENA_ARRAY(b->arena, int64_t, outbox->flight_count + 1);
    for (; b->sent_count < outbox->flight_count; b->sent_count++) {
        struct attempt_end end = {.message_number = outbox->flights[b->sent_count].message_number, .outcome = OUTCOME_ACCEPTED, .provider_ref = TEXT("200")};
        b->sent[b->sent_count] = end.message_number;
        bench_require(outbox_attempt_ended(&b->tx, &end), "outcome");
    }
}

static void add_webhook(struct tx *tx, struct text user, const char *url)
{
    struct text contact = id_new_object(tx->env, tx->arena);
    struct query *q = db_query(tx->db, "contact_method_admin_insert");
    query_bind_text(q, "id", contact);
    query_bind_text(q, "user_id", user);
    query_bind_text(q, "channel", TEXT("webhook"));
    query_bind_text(q, "label", TEXT("Hook"));
    query_bind_text(q, "address", text_of(url));
    query_bind_int(q, "country_code", 0);
    query_bind_instant(q, "now", tx->now);
    bench_require(query_run(q), "contact method");
    q = db_query(tx->db, "setup_rule_insert");
    query_bind_text(q, "id", id_new_object(tx->env, tx->arena));
    query_bind_text(q, "user_id", user);
    query_bind_text(q, "urgency", TEXT("high"));
    query_bind_int(q, "start_delay_s", 0);
    query_bind_text(q, "contact_method_id", contact);
    query_bind_instant(q, "now", tx->now);
    bench_require(query_run(q), "notification rule");
}

/* Each person has an address of their own, so that the receiving end can tell them apart. */
static struct text *make_people(struct bench *b, struct arena *kept, int count, const char *url)
{
    struct text *people = ARENA_ARRAY(kept, struct text, (size_t)count);
    for (int i = 0; i < count; i++) {
        if (i % ROWS_PER_COMMIT == 0)
            bench_begin(b);
        struct tx *tx = &b->tx;
        struct setup_person person = {.name = arena_printf(tx->arena, "Person %d", i), .email = arena_printf(tx->arena, "p%d@halden.example", i),
                                      .role = "user", .time_zone = "Europe/Berlin"};
        struct text id;
        bench_require(setup_person(tx, &person, &id), "person");
        add_webhook(tx, id, arena_printf(tx->arena, "%s/%d", url, i));
        people[i] = text_copy(kept, id);
        if (i % ROWS_PER_COMMIT == ROWS_PER_COMMIT - 1 || i == count - 1)
            bench_commit(b);
    }
    return people;
}

static struct text make_rotation(struct bench *b, const struct text *people, int people_count, int number, struct text team)
{
    struct text turns[PEOPLE_PER_ROTATION];
    for (int p = 0; p < PEOPLE_PER_ROTATION; p++)
        turns[p] = people[(number * PEOPLE_PER_ROTATION + p) % people_count];
    struct setup_rotation rotation = {.name = arena_printf(b->arena, "Rotation %d", number), .description = "", .time_zone = "Europe/Berlin",
                                      .users = turns, .user_count = PEOPLE_PER_ROTATION, .team = team};
    struct text id;
    bench_require(setup_rotation(&b->tx, &rotation, &id), "rotation");
    return id;
}

static void make_service(struct bench *b, const struct text *people, int people_count, int number, struct text team)
{
    struct setup_level levels[] = {{.target = make_rotation(b, people, people_count, number, team)},
                                   {.is_user = true, .target = people[(number * PEOPLE_PER_ROTATION) % people_count]}};
    struct setup_policy policy = {.name = arena_printf(b->arena, "Policy %d", number), .levels = levels, .level_count = 2, .team = team};
    struct text id;
    bench_require(setup_policy(&b->tx, &policy, &id), "policy");
    struct setup_service service = {.name = arena_printf(b->arena, "service-%d", number), .description = "", .policy = id, .urgency = "high"};
    bench_require(setup_service(&b->tx, &service), "service");
}

static void make_spare_policy(struct bench *b, const struct text *people, int people_count, int first, int count, struct text team)
{
    struct setup_level levels[LEVELS_OF_SPARE_POLICY];
    for (int i = 0; i < count; i++)
        levels[i] = (struct setup_level){.target = make_rotation(b, people, people_count, first + i, team)};
    struct setup_policy policy = {.name = arena_printf(b->arena, "Spare policy %d", first), .levels = levels, .level_count = (size_t)count, .team = team};
    struct text id;
    bench_require(setup_policy(&b->tx, &policy, &id), "policy");
}

void organisation_make(struct bench *b, const struct organisation_size *size, const char *webhook_url)
{
    struct arena *kept = arena_new(64 << 20);
    struct text *people = make_people(b, kept, size->people, webhook_url);
    bench_begin(b);
    struct text team;
    bench_require(setup_team(&b->tx, "Bench", "", &team), "team");
    team = text_copy(kept, team);
    bench_commit(b);
    for (int s = 0; s < size->services; s++) {
        bench_begin(b);
        make_service(b, people, size->people, s, team);
        bench_commit(b);
    }
    for (int s = size->services; s < size->schedules; s += LEVELS_OF_SPARE_POLICY) {
        int count = size->schedules - s < LEVELS_OF_SPARE_POLICY ? size->schedules - s : LEVELS_OF_SPARE_POLICY;
        bench_begin(b);
        make_spare_policy(b, people, size->people, s, count, team);
        bench_commit(b);
    }
    arena_free(kept);
}

/* The store takes queries only from a library: here is one that holds the one asked for. */
struct text *bench_column(const char *url, const char *sql, size_t *ret_count)
{
    struct arena *kept = arena_new((size_t)1 << 30); /* lives as long as the program */
    struct text source = text_printf(kept, "-- name: column\n%s\n", sql);
    struct embedded_file file = {"queries/bench.sql", source.data, source.size};
    struct sql_library *library;
    enum sql_dialect dialect = db_url_is_postgres(url) ? SQL_POSTGRES : SQL_SQLITE;
    bench_require(sql_library_read(kept, &file, 1, dialect, problem_new(kept), &library), sql);
    struct db *db;
    bench_require(db_connect(&db, url, DB_READER, false, library), url);
    bench_require(db_begin(db), "begin");
    struct text *values = NULL;
    size_t count = 0, capacity = 0;
    struct query *q = db_query(db, "column");
    while (query_next(q)) {
        values = arena_grow(kept, values, count, &capacity, sizeof *values);
        values[count++] = text_copy(kept, query_text(q, 0));
    }
    bench_require(query_err(q), sql);
    db_rollback(db);
    db_close(db);
    *ret_count = count;
    return values;
}
