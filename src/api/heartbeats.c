/* Why: what must report regularly, and how it reports: see engine/heartbeats.h. A beat runs like an event: checked on the network thread, answered
 * after its batch is on disk. */
#include "engine/heartbeats.h"

#include "api/auth.h"
#include "api/event_answers.h"
#include "api/resources.h"
#include "base/id.h"
#include "inbound/event.h"

enum { BEAT_BODY_BYTES_MAX = 64 * 1024 }; /* a job may send its log along; it is not kept */

static const struct field fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .min = 1, .max = 100},
    {.name = "service", .kind = FIELD_REFERENCE, .flags = FIELD_REQUIRED | FIELD_ON_CREATE, .column = "service_id", .reference = "service", .target = &service_resource,
     .include = "services", .doc = "Where its silence opens an incident."},
    {.name = "interval_in_seconds", .kind = FIELD_INTEGER, .flags = FIELD_REQUIRED, .column = "interval_s", .min = HEARTBEAT_INTERVAL_S_MIN, .max = HEARTBEAT_S_MAX,
     .doc = "How often it beats."},
    {.name = "grace_in_seconds", .kind = FIELD_INTEGER, .column = "grace_s", .min = 0, .max = HEARTBEAT_S_MAX, .fallback = "60",
     .doc = "How much later a beat may come."},
    {.name = "status", .kind = FIELD_TEXT, .flags = FIELD_READ_ONLY, .column = "state", .doc = "waiting (for the first beat), beating, missed."},
    {.name = "last_beat_at", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY},
    {.name = "created_at", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY},
    {.name = "ping_url", .kind = FIELD_CUSTOM, .flags = FIELD_READ_ONLY | FIELD_MANAGERS, .doc = "A POST to it is a beat. Null for roles that may not manage."},
};

static const struct filter filters[] = {
    {.query = "query", .kind = FILTER_TEXT, .parameter = "query"},
    {.query = "service_ids[]", .kind = FILTER_LIST, .parameter = "service_ids"},
};

/* Its integration makes its events those of any other source; it lives and dies with the heartbeat. */
static enum err add_integration(struct change *change, struct text *ret_id)
{
    struct text id = id_new_object(change->tx->env, change->call->arena), name = change_value(change, "name")->text;
    struct query *q = db_query(change->tx->db, "heartbeat_integration_insert");
    query_bind_text(q, "id", id);
    query_bind_text(q, "service_id", change_value(change, "service")->text);
    query_bind_text(q, "name", text_printf(change->call->arena, "Heartbeat of %.*s", TEXT_ARG(name)));
    query_bind_text(q, "integration_key", id_new_key(change->tx->env, change->call->arena, EVENT_ROUTING_KEY_CHARS));
    query_bind_instant(q, "now", change->tx->now);
    enum err err = query_run(q);
    if (err == OK)
        *ret_id = id;
    return err;
}

static enum err write(struct change *change)
{
    struct text integration_id;
    enum err err = OK;
    switch (change->moment) {
    case MOMENT_CHECK: return OK;
    case MOMENT_BIND:
        if (change->kind != CHANGE_CREATE)
            return OK;
        err = add_integration(change, &integration_id);
        if (err == OK)
            query_bind_text(change->statement, "integration_id", integration_id);
        return err;
    case MOMENT_STORED: return heartbeat_changed(change->tx, change->id);
    }
    return OK;
}

static void show(struct call *call, struct query *row, json_t *object)
{
    if (!auth_may(&call->who, MAY_MANAGE))
        return; /* who knows it can hide that a job has died */
    struct text key = query_text(row, query_column(row, "integration_key"));
    json_put_text(object, "ping_url", text_printf(call->arena, "%s/muster/heartbeats/%.*s", call_public_url(call), TEXT_ARG(key)));
}

static const struct resource heartbeat_resource = {
    .name = "heartbeat", .plural = "heartbeats", .path = "/muster/heartbeats", .queries = "heartbeat", .fields = fields, .field_count = FIELD_COUNT(fields),
    .filters = filters, .filter_count = FIELD_COUNT(filters), .paged = true, .write = write, .show = show,
};

/* A beat ------------------------------------------------------------------------------------------------------------------ */

struct beat {
    struct job job; /* first: the engine hands it back */
    struct call *call;
    struct text key;
};

static enum err take_beat(struct tx *tx, void *argument)
{
    const struct beat *beat = argument;
    return heartbeat_beat(tx, beat->key);
}

static void beat_done(struct job *job, enum err outcome)
{
    struct beat *beat = (struct beat *)job;
    static const char *const answers[] = {"{\"status\":\"success\"}", "{\"status\":\"unknown heartbeat\"}", "{\"status\":\"try again\"}"};
    int status = outcome == OK ? 202 : outcome == ERR_NOT_FOUND ? 404 : 503;
    event_reply(beat->call->request->exchange, status, text_of(answers[status == 202 ? 0 : status == 404 ? 1 : 2]));
}

static enum err beat(struct call *call)
{
    struct beat *beat = ARENA_NEW(call->arena, struct beat);
    *beat = (struct beat){.job = {.work = take_beat, .done = beat_done}, .call = call, .key = call->path_parameters[0]};
    beat->job.argument = beat;
    call->taken = true;
    engine_submit(call->engine, &beat->job);
    return OK;
}

static const struct route routes[] = {
    {"GET", "/muster/heartbeats", MAY_READ, resource_list, .summary = "List heartbeats", .resource = &heartbeat_resource},
    {"POST", "/muster/heartbeats", MAY_MANAGE, resource_create, .summary = "Create a heartbeat", .body_kind = "json", .resource = &heartbeat_resource},
    {"GET", "/muster/heartbeats/{id}", MAY_READ, resource_get, .summary = "Get a heartbeat", .resource = &heartbeat_resource},
    {"PUT", "/muster/heartbeats/{id}", MAY_MANAGE, resource_update, .summary = "Update a heartbeat", .body_kind = "json", .resource = &heartbeat_resource},
    {"DELETE", "/muster/heartbeats/{id}", MAY_MANAGE, resource_delete, .summary = "Delete a heartbeat", .resource = &heartbeat_resource},
    {.method = "POST", .path = "/muster/heartbeats/{key}", .permission = MAY_ANYONE, .handle = beat, .summary = "A beat; the key is in the heartbeat's ping_url",
     .fast = true, .body_kind = "raw", .body_bytes_max = BEAT_BODY_BYTES_MAX, .answers = "status"},
};
const struct route_table heartbeat_routes = {routes, sizeof routes / sizeof *routes};
