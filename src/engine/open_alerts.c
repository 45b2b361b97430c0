/* Why: see open_alerts.h. */
#include "engine/open_alerts.h"

#include "base/json_writer.h"
#include "engine/engine.h"

enum { BUCKETS = 1024 }; /* a batch has up to 1,024 events */

struct known {
    struct known *next;
    struct text integration_id, dedup_key;
    struct open_alert alert;
};

struct open_alerts {
    struct known *buckets[BUCKETS];
};

void open_alerts_forget(struct tx *tx)
{
    tx->open_alerts = NULL;
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

/* As none that is open, unless it is known already. `true`: it is new. */
static bool add(struct tx *tx, struct text integration_id, struct text dedup_key)
{
    if (find(tx->open_alerts, integration_id, dedup_key))
        return false;
    struct known **bucket = bucket_of(tx->open_alerts, integration_id, dedup_key), *known = ARENA_NEW(tx->arena, struct known);
    *known = (struct known){.next = *bucket, .integration_id = integration_id, .dedup_key = text_copy(tx->arena, dedup_key)};
    *bucket = known;
    return true;
}

/* Foreseeing ------------------------------------------------------------------------------------------------------- */

/* A key of an event whose sender is known. */
static enum err add_key(struct tx *tx, const struct event *event, struct json_writer *keys)
{
    if (event->action == EVENT_CHANGE || !text_is_present(event->dedup_key))
        return OK;
    const struct integration *integration;
    enum err err = integration_by_key(tx, event->routing_key, &integration);
    if (err != OK)
        return err == ERR_NOT_FOUND ? OK : err; /* intake will say so */
    if (!add(tx, integration->id, event->dedup_key))
        return OK;
    json_begin_array(keys, NULL);
    json_add_text(keys, NULL, integration->id);
    json_add_text(keys, NULL, event->dedup_key);
    json_end_array(keys);
    return OK;
}

static enum err ask(struct tx *tx, struct text keys)
{
    struct query *q = db_query(tx->db, "alerts_open_among");
    query_bind_text(q, "keys", keys);
    while (query_next(q)) {
        struct known *known = find(tx->open_alerts, query_text(q, 0), query_text(q, 1));
        if (known)
            known->alert = (struct open_alert){query_int(q, 2), query_int(q, 3)};
    }
    return query_err(q);
}

enum err open_alerts_foresee(struct tx *tx, const struct job *jobs)
{
    if (!db_is_remote(tx->db))
        return OK;
    struct json_writer keys = json_writer_new(tx->arena);
    tx->open_alerts = ARENA_NEW(tx->arena, struct open_alerts);
    json_begin_array(&keys, NULL);
    size_t events = 0;
    for (const struct job *job = jobs; job; job = job->next)
        for (size_t i = 0; i < job->event_count; i++, events++) {
            enum err err = add_key(tx, &job->events[i], &keys);
            if (err != OK)
                return err;
        }
    json_end_array(&keys);
    return events > 0 ? ask(tx, json_written(&keys)) : OK;
}

/* Using ------------------------------------------------------------------------------------------------------------ */

enum err open_alert_find(struct tx *tx, const struct integration *integration, struct text dedup_key, struct open_alert *ret)
{
    const struct known *known = tx->open_alerts ? find(tx->open_alerts, integration->id, dedup_key) : NULL;
    *ret = (struct open_alert){0};
    if (known) {
        *ret = known->alert;
        return OK;
    }
    struct query *q = db_query(tx->db, "alert_open_by_key");
    query_bind_text(q, "integration_id", integration->id);
    query_bind_text(q, "dedup_key", dedup_key);
    if (query_next(q))
        *ret = (struct open_alert){query_int(q, 0), query_int(q, 1)};
    return query_failed(q) ? query_err(q) : OK;
}

void open_alert_note(struct tx *tx, const struct integration *integration, struct text dedup_key, struct open_alert now)
{
    struct known *known = tx->open_alerts ? find(tx->open_alerts, integration->id, dedup_key) : NULL;
    if (known)
        known->alert = now;
}
