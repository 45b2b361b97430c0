/* Why: see open_alerts.h. */
#include "engine/open_alerts.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/json_writer.h"
#include "engine/engine.h"
#include "engine/engine_state.h"

enum {
    BUCKETS = 4096,
    BYTES_MAX = 16 << 20,
};

struct known {
    struct known *next;
    struct text integration_id, dedup_key;
    struct open_alert alert;
};

struct open_alerts {
    struct arena *arena;
    struct known *buckets[BUCKETS];
    size_t count;
    int64_t memory; /* db_memory, and */
    uint64_t as_of; /* db_changes_to: what is known is true then */
    bool changing;  /* by intake, in the next statement */
};

static void forget_all(struct open_alerts *alerts)
{
    if (alerts->count == 0)
        return;
    arena_reset(alerts->arena);
    memset(alerts->buckets, 0, sizeof alerts->buckets);
    alerts->count = 0;
}

void open_alerts_free(struct open_alerts *alerts)
{
    if (!alerts)
        return;
    arena_free(alerts->arena);
    free(alerts);
}

static struct open_alerts *new_memory(void)
{
    struct open_alerts *alerts = calloc(1, sizeof *alerts);
    if (!alerts)
        abort();
    alerts->arena = arena_new(BYTES_MAX);
    return alerts;
}

/* What is known and still true. */
static struct open_alerts *memory_of(struct tx *tx)
{
    if (!tx->engine->open_alerts)
        tx->engine->open_alerts = new_memory();
    struct open_alerts *alerts = tx->engine->open_alerts;
    uint64_t changes = db_changes_to(tx->db, "alert_open_by_key");
    if (changes != alerts->as_of || db_memory(tx->db) != alerts->memory)
        forget_all(alerts);
    alerts->memory = db_memory(tx->db);
    alerts->as_of = changes;
    alerts->changing = false;
    return alerts;
}

static struct known **bucket_of(struct open_alerts *alerts, struct text integration_id, struct text dedup_key)
{
    return &alerts->buckets[(text_hash(integration_id) ^ text_hash(dedup_key)) % BUCKETS];
}

static struct known *find(struct open_alerts *alerts, struct text integration_id, struct text dedup_key)
{
    struct known *known = *bucket_of(alerts, integration_id, dedup_key);
    while (known && !(text_equal(known->dedup_key, dedup_key) && text_equal(known->integration_id, integration_id)))
        known = known->next;
    return known;
}

static void keep(struct open_alerts *alerts, struct text integration_id, struct text dedup_key, struct open_alert alert)
{
    struct known *known = find(alerts, integration_id, dedup_key);
    if (!known) {
        if (alerts->count == OPEN_ALERTS_KNOWN_MAX)
            forget_all(alerts);
        struct known **bucket = bucket_of(alerts, integration_id, dedup_key);
        known = ARENA_NEW(alerts->arena, struct known);
        *known = (struct known){.next = *bucket, .integration_id = text_copy(alerts->arena, integration_id), .dedup_key = text_copy(alerts->arena, dedup_key)};
        *bucket = known;
        alerts->count++;
    }
    known->alert = alert;
}

/* Foreseeing ------------------------------------------------------------------------------------------------------- */

/* A key of an event whose sender is known. What the question does not find is not open. */
static enum err add_key(struct tx *tx, struct open_alerts *alerts, const struct event *event, struct json_writer *keys, size_t *count)
{
    if (event->action == EVENT_CHANGE || !text_is_present(event->dedup_key))
        return OK;
    const struct integration *integration;
    enum err err = integration_by_key(tx, event->routing_key, &integration);
    if (err != OK)
        return err == ERR_NOT_FOUND ? OK : err; /* intake will say so */
    if (find(alerts, integration->id, event->dedup_key))
        return OK;
    keep(alerts, integration->id, event->dedup_key, (struct open_alert){0});
    json_begin_array(keys, NULL);
    json_add_text(keys, NULL, integration->id);
    json_add_text(keys, NULL, event->dedup_key);
    json_end_array(keys);
    (*count)++;
    return OK;
}

static enum err ask(struct tx *tx, struct open_alerts *alerts, struct text keys)
{
    struct query *q = db_query(tx->db, "alerts_open_among");
    query_bind_text(q, "keys", keys);
    while (query_next(q))
        keep(alerts, query_text(q, 0), query_text(q, 1), (struct open_alert){query_int(q, 2), query_int(q, 3)});
    return query_err(q);
}

static size_t events_of(const struct job *jobs)
{
    size_t count = 0;
    for (const struct job *job = jobs; job; job = job->next)
        count += job->event_count;
    return count;
}

enum err open_alerts_foresee(struct tx *tx, const struct job *jobs)
{
    if (!db_is_remote(tx->db) || events_of(jobs) == 0)
        return OK;
    struct open_alerts *alerts = memory_of(tx);
    if (alerts->count + events_of(jobs) > OPEN_ALERTS_KNOWN_MAX) /* not halfway: what was only noted as not open would be lost */
        forget_all(alerts);
    struct json_writer keys = json_writer_new(tx->arena);
    size_t unknown = 0;
    enum err err = OK;
    json_begin_array(&keys, NULL);
    for (const struct job *job = jobs; job && err == OK; job = job->next)
        for (size_t i = 0; i < job->event_count && err == OK; i++)
            err = add_key(tx, alerts, &job->events[i], &keys, &unknown);
    json_end_array(&keys);
    if (err == OK && unknown > 0)
        err = ask(tx, alerts, json_written(&keys));
    if (err != OK)
        forget_all(alerts);
    return err;
}

/* Using ------------------------------------------------------------------------------------------------------------ */

enum err open_alert_find(struct tx *tx, const struct integration *integration, struct text dedup_key, struct open_alert *ret)
{
    struct open_alerts *alerts = memory_of(tx);
    const struct known *known = find(alerts, integration->id, dedup_key);
    if (known) {
        *ret = known->alert;
        return OK;
    }
    struct open_alert alert = {0};
    struct query *q = db_query(tx->db, "alert_open_by_key");
    query_bind_text(q, "integration_id", integration->id);
    query_bind_text(q, "dedup_key", dedup_key);
    if (query_next(q))
        alert = (struct open_alert){query_int(q, 0), query_int(q, 1)};
    if (query_failed(q))
        return query_err(q);
    keep(alerts, integration->id, dedup_key, alert);
    *ret = alert;
    return OK;
}

void open_alert_changes(struct tx *tx)
{
    memory_of(tx)->changing = true;
}

void open_alert_note(struct tx *tx, const struct integration *integration, struct text dedup_key, struct open_alert now)
{
    struct open_alerts *alerts = tx->engine->open_alerts;
    assert(alerts && alerts->changing && "open_alert_changes comes first");
    alerts->as_of = db_changes_to(tx->db, "alert_open_by_key");
    alerts->changing = false;
    keep(alerts, integration->id, dedup_key, now);
}
