/* Why: see stream.h. The engine's writer calls the listener after each commit; it formats each change once and hands it
 * to every stream, which never blocks. */
#include "api/stream.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#include "api/errors.h"
#include "api/visibility.h"
#include "base/id.h"
#include "base/log.h"

struct subscriber {
    struct http_stream *stream; /* NULL until it has been started */
    bool is_listed, is_ended, is_closed;
    bool is_limited; /* hears that something changed, not what: some of it may be out of sight (api/visibility.h) */
    bool is_outdated; /* the configuration changed, and with it perhaps what is out of sight */
    int64_t since_us;
    struct subscriber *previous, *next;
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t wakes;
    pthread_t beat;
    bool is_running;
    struct env *env;
    struct engine *engine; /* the one that is listened to already */
    struct subscriber *first;
    int count;           /* listed and about to be */
    /* Grow with every commit that changed something, and with every one that changed the configuration. */
    struct generation { uint64_t any, configuration; } generation;
} hub = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Under the lock. */
static void unlist(struct subscriber *subscriber)
{
    if (subscriber->previous)
        subscriber->previous->next = subscriber->next;
    else
        hub.first = subscriber->next;
    if (subscriber->next)
        subscriber->next->previous = subscriber->previous;
    subscriber->is_listed = false;
}

/* On a network thread, once for every stream. Where its starter has not listed it yet, that sees is_closed and frees
 * it. */
static void on_closed(void *context)
{
    struct subscriber *subscriber = context;
    pthread_mutex_lock(&hub.lock);
    bool is_mine = subscriber->is_listed || subscriber->is_ended;
    subscriber->is_closed = true;
    if (subscriber->is_listed) {
        unlist(subscriber);
        http_stream_end(subscriber->stream);
    }
    hub.count--;
    pthread_mutex_unlock(&hub.lock);
    if (is_mine)
        free(subscriber);
}

static void send_to_all(struct text bytes, struct text to_limited)
{
    for (struct subscriber *s = hub.first; s; s = s->next)
        http_stream_send(s->stream, s->is_limited ? to_limited : bytes);
}

static void add_change(struct builder *b, struct arena *arena, int64_t seq, int64_t incident_number, const char *kind)
{
    if (seq > 0)
        builder_printf(b, "id: %lld\n", (long long)seq);
    builder_printf(b, "event: change\ndata: {\"seq\":%lld,\"incident\":", (long long)seq);
    if (incident_number > 0)
        builder_printf(b, "\"%.*s\"", TEXT_ARG(id_public(arena, ID_INCIDENT, incident_number)));
    else
        builder_add_string(b, "null");
    builder_printf(b, ",\"kind\":\"%s\"}\n\n", kind);
}

/* What somebody may see follows from the configuration. Who hears the change that took it away must not hear what comes after it: until the next beat, which ends
 * the stream, so that its reader comes back and is looked at again. A beat may pass first, so that many changes in a row cost one return. */
static void outdate_all(void)
{
    hub.generation.configuration++;
    for (struct subscriber *s = hub.first; s; s = s->next)
        s->is_limited = s->is_outdated = true;
}

static bool changes_configuration(const struct engine_change *changes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(changes[i].kind, "configuration") == 0)
            return true;
    return false;
}

static void on_changes(void *context, const struct engine_change *changes, size_t count)
{
    (void)context;
    pthread_mutex_lock(&hub.lock);
    hub.generation.any++;
    if (changes_configuration(changes, count))
        outdate_all();
    if (hub.first) {
        struct arena *arena = arena_new(1 << 20);
        struct builder b = builder_new(arena, STREAM_BACKLOG_BYTES), limited = builder_new(arena, STREAM_BACKLOG_BYTES);
        int64_t newest = 0;
        for (size_t i = 0; i < count; i++)
            newest = changes[i].seq > newest ? changes[i].seq : newest;
        for (size_t i = 0; i < count && count <= STREAM_BURST_MAX; i++)
            add_change(&b, arena, changes[i].seq, changes[i].incident_number, changes[i].kind);
        if (count > STREAM_BURST_MAX)
            add_change(&b, arena, newest, 0, "reload");
        add_change(&limited, arena, newest, 0, "reload");
        send_to_all(builder_text(&b), builder_text(&limited));
        arena_free(arena);
    }
    pthread_mutex_unlock(&hub.lock);
}

static void end_old_ones(int64_t now_us)
{
    for (struct subscriber *s = hub.first, *next; s; s = next) {
        next = s->next;
        if (now_us - s->since_us < STREAM_LIFE_S * SECOND_US && !s->is_outdated)
            continue;
        unlist(s);
        s->is_ended = true;
        http_stream_end(s->stream);
    }
}

static void *beat_run(void *unused)
{
    (void)unused;
    pthread_mutex_lock(&hub.lock);
    while (hub.is_running) {
        if (!hub.first) { /* nobody listens: sleep until somebody does */
            pthread_cond_wait(&hub.wakes, &hub.lock);
            continue;
        }
        int64_t wake_us = env_monotonic_us(hub.env) + STREAM_BEAT_S * SECOND_US;
        struct timespec wake = {.tv_sec = wake_us / SECOND_US, .tv_nsec = wake_us % SECOND_US * 1000};
        while (hub.is_running && pthread_cond_timedwait(&hub.wakes, &hub.lock, &wake) == 0)
            ;
        end_old_ones(env_monotonic_us(hub.env));
        send_to_all(TEXT("event: beat\ndata: {}\n\n"), TEXT("event: beat\ndata: {}\n\n"));
    }
    pthread_mutex_unlock(&hub.lock);
    return NULL;
}

enum err stream_start(struct engine *engine, struct env *env)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(&hub.wakes, &monotonic);
    pthread_condattr_destroy(&monotonic);
    hub.env = env;
    hub.is_running = true;
    if (pthread_create(&hub.beat, NULL, beat_run, NULL) != 0) {
        hub.is_running = false;
        log_error("stream", "cannot start a thread");
        return ERR_UNAVAILABLE;
    }
    if (hub.engine != engine)
        engine_listen(engine, on_changes, NULL);
    hub.engine = engine;
    return OK;
}

void stream_stop(void)
{
    if (!hub.is_running)
        return;
    pthread_mutex_lock(&hub.lock);
    hub.is_running = false;
    pthread_cond_signal(&hub.wakes);
    pthread_mutex_unlock(&hub.lock);
    pthread_join(hub.beat, NULL);
    pthread_cond_destroy(&hub.wakes);
}

/* The request ------------------------------------------------------------------------------------------------ */

static enum err newest_seq(struct call *call, int64_t *ret)
{
    struct query *q = db_query(call->db, "stream_newest");
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_INTERNAL;
    *ret = query_int(q, 0);
    return OK;
}

/* What happened after `seen`, as changes; a reload when that is too much or `seen` is of another database. */
static enum err catch_up(struct call *call, int64_t seen, int64_t newest, struct builder *b)
{
    if (seen > newest || newest - seen > STREAM_CATCH_UP_MAX || call->sight) {
        add_change(b, call->arena, newest, 0, "reload");
        return OK;
    }
    struct query *q = db_query(call->db, "stream_since");
    query_bind_int(q, "seq", seen);
    query_bind_int(q, "limit", STREAM_CATCH_UP_MAX);
    while (query_next(q))
        add_change(b, call->arena, query_int(q, 0), query_int(q, 1), "incident");
    return query_failed(q) ? query_err(q) : OK;
}

static enum err greet(struct call *call, struct builder *b)
{
    db_rollback(call->db); /* a snapshot younger than the generation that take_place noted */
    enum err err = db_begin(call->db);
    if (err == OK)
        err = visibility_begin(call);
    int64_t newest = 0, seen;
    if (err == OK)
        err = newest_seq(call, &newest);
    if (err != OK)
        return err;
    builder_printf(b, "retry: 2000\nid: %lld\nevent: hello\ndata: {\"seq\":%lld}\n\n", (long long)newest,
                   (long long)newest);
    if (!text_to_int64(http_request_header(call->request, "Last-Event-ID"), &seen))
        return OK;
    return catch_up(call, seen, newest, b);
}

static bool take_place(struct generation *ret_generation)
{
    pthread_mutex_lock(&hub.lock);
    bool has_room = hub.is_running && hub.count < STREAMS_MAX;
    hub.count += has_room;
    *ret_generation = hub.generation;
    pthread_mutex_unlock(&hub.lock);
    return has_room;
}

static void give_place_back(void)
{
    pthread_mutex_lock(&hub.lock);
    hub.count--;
    pthread_mutex_unlock(&hub.lock);
}

/* What was committed between the greeting's snapshot and now was not sent to this one: the generation tells. */
static void list(struct subscriber *subscriber, struct text greeting, struct generation generation)
{
    pthread_mutex_lock(&hub.lock);
    bool is_closed = subscriber->is_closed;
    if (!is_closed) {
        http_stream_send(subscriber->stream, greeting);
        if (hub.generation.configuration != generation.configuration)
            subscriber->is_limited = subscriber->is_outdated = true;
        if (hub.generation.any != generation.any)
            http_stream_send(subscriber->stream,
                             TEXT("event: change\ndata: {\"seq\":0,\"incident\":null,\"kind\":\"reload\"}\n\n"));
        subscriber->is_listed = true;
        subscriber->next = hub.first;
        if (hub.first)
            hub.first->previous = subscriber;
        else
            pthread_cond_signal(&hub.wakes); /* the heart-beat slept */
        hub.first = subscriber;
    }
    pthread_mutex_unlock(&hub.lock);
    if (is_closed) {
        http_stream_end(subscriber->stream);
        free(subscriber);
    }
}

static enum err open_stream(struct call *call)
{
    struct generation generation;
    if (!take_place(&generation))
        return ERR_UNAVAILABLE;
    struct builder b = builder_new(call->arena, STREAM_BACKLOG_BYTES);
    enum err err = greet(call, &b);
    if (err != OK) {
        give_place_back();
        return err;
    }
    struct subscriber *subscriber = calloc(1, sizeof *subscriber);
    assert(subscriber && "out of memory");
    subscriber->since_us = env_monotonic_us(call->env);
    subscriber->is_limited = call->sight != NULL;
    call->taken = true;
    subscriber->stream = http_stream_start(call->request->exchange, STREAM_BACKLOG_BYTES, on_closed, subscriber);
    list(subscriber, builder_text(&b), generation);
    return OK;
}

static const struct route routes[] = {
    {.method = "GET",
     .path = "/muster/stream",
     .permission = MAY_READ,
     .handle = open_stream,
     .summary = "Hear of changes at once (text/event-stream)",
     .media = "text/event-stream"},
};

const struct route_table stream_routes = {routes, sizeof routes / sizeof *routes};
