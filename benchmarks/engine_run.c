/* Why: the cost of one event without the noise of threads, sockets and disks. One thread feeds prepared Events v2 bodies through what a running
 * server does with them between the socket and the answer: inbound (JSON, every field checked), the engine's work function, group commits of
 * fixed size, the same store with the same settings. Everything is fixed: bodies, order, batch, clock; only the ids of the organisation are random.
 *
 * engine_run DATABASE EVENTS NEW_PERCENT BATCH [paging]
 * Makes an organisation of 20 services in the new DATABASE, runs EVENTS / 10 events to warm up (callgrind collects only inside `measured`) and
 * then EVENTS events. Run it under `valgrind --tool=callgrind --toggle-collect=measured` for the instructions of EVENTS events
 * (benchmarks/instructions), under perf or strace, or alone: it prints events and seconds. The database stays for floor_rows.
 *
 * A second passes between two commits: whoever is called that often gets a few pages, then bundles, as in a storm. With `paging` two minutes pass, each page is handed
 * to the sender, and the next commit stores that it was accepted. */
#include <stdio.h>
#include <stdlib.h>

#include "base/instant.h"
#include "engine/engine.h"
#include "engine/intake.h"
#include "engine/open_alerts.h"
#include "events.h"
#include "inbound/events_v2.h"
#include "organisation.h"

enum { SERVICES = 20, PEOPLE = 80, BODY_MAX = 1024, RECENT_KEYS = 1000 };

struct body {
    char text[BODY_MAX];
    size_t size;
};

static struct body *prepare(const struct text *keys, size_t key_count, size_t count, int new_percent)
{
    struct body *bodies = calloc(count, sizeof *bodies);
    struct arena *scratch = arena_new(1 << 20);
    int64_t newest = 0;
    uint64_t random = 88172645463325252u;
    for (size_t i = 0; i < count; i++) {
        random ^= random << 13, random ^= random >> 7, random ^= random << 17;
        /* Spread evenly, so that every run and every part of a run has the same share of new ones. */
        bool is_new = newest == 0 || (int)(i * (size_t)new_percent / 100) != (int)((i + 1) * (size_t)new_percent / 100);
        int64_t recent = newest < RECENT_KEYS ? newest : RECENT_KEYS;
        int64_t number = is_new ? ++newest : newest - (int64_t)(random % (uint64_t)recent);
        arena_reset(scratch);
        bodies[i].size = event_write(bodies[i].text, BODY_MAX, text_cstring(scratch, keys[(size_t)number % key_count]), 1, number,
                                     90 + (unsigned)(random % 10), random % 1000000000);
    }
    arena_free(scratch);
    return bodies;
}

static struct event read_body(struct bench *b, const struct body *body)
{
    struct text raw = {body->text, body->size};
    struct problem *problem = problem_new(b->arena);
    struct reading reading = {.arena = b->arena, .problem = problem, .raw = raw, .prefix = ""};
    bench_require(json_scan(b->arena, raw, problem, &reading.root), "JSON");
    struct event event;
    bench_require(events_v2_read(&reading, &event), "event");
    return event;
}

static void run(struct bench *b, const struct body *bodies, size_t count, size_t batch, bool paging)
{
    struct event *events = calloc(batch, sizeof *events);
    for (size_t i = 0; i < count; i += batch) {
        bench_begin(b);
        struct job job = {.events = events};
        for (size_t k = i; k < i + batch && k < count; k++)
            events[job.event_count++] = read_body(b, &bodies[k]);
        bench_require(open_alerts_foresee(&b->tx, &job), "open alerts");
        if (paging)
            bench_sent(b);
        struct disposition disposition;
        for (size_t k = 0; k < job.event_count; k++)
            bench_require(intake_apply(&b->tx, &events[k], &disposition), "intake");
        bench_commit(b);
        env_set_now(b->env, instant_add_s(env_now(b->env), paging ? 120 : 1));
    }
    free(events);
}

/* A name for callgrind to hold on to. */
__attribute__((noinline)) void measured(struct bench *b, const struct body *bodies, size_t count, size_t batch, bool paging);
void measured(struct bench *b, const struct body *bodies, size_t count, size_t batch, bool paging)
{
    run(b, bodies, count, batch, paging);
}

int main(int argc, char **argv)
{
    bool paging = argc == 6 && strcmp(argv[5], "paging") == 0;
    if (argc != 5 && !paging) {
        fprintf(stderr, "usage: engine_run DATABASE EVENTS NEW_PERCENT BATCH [paging]\n");
        return 2;
    }
    size_t events = strtoul(argv[2], NULL, 10), batch = strtoul(argv[4], NULL, 10), warm = events / 10;
    struct bench b;
    bench_open(&b, argv[1], (instant){INT64_C(1780000000) * SECOND_US});
    organisation_make(&b, &(struct organisation_size){.services = SERVICES, .people = PEOPLE, .schedules = SERVICES}, "http://127.0.0.1:9/hook");
    size_t key_count;
    struct text *keys = bench_column(argv[1], "SELECT integration_key FROM integrations ORDER BY id", &key_count);
    struct body *bodies = prepare(keys, key_count, warm + events, (int)strtol(argv[3], NULL, 10));
    if (paging)
        bench_sender(&b);
    run(&b, bodies, warm, batch, paging);
    int64_t begin = env_monotonic_us(b.env);
    measured(&b, bodies + warm, events, batch, paging);
    double seconds = (double)(env_monotonic_us(b.env) - begin) / 1e6;
    printf("{\"events\":%zu,\"seconds\":%.3f,\"events_per_s\":%.0f}\n", events, seconds, (double)events / seconds);
    free(bodies);
    bench_close(&b);
    return 0;
}
