/* Why: see heartbeats.h. */
#include "engine/heartbeats.h"

#include "base/json.h"
#include "engine/engine_state.h"
#include "engine/intake.h"
#include "engine/timers.h"

struct heartbeat {
    struct text id, name, key, state; /* waiting | beating | missed */
    int64_t interval_s, grace_s;
    instant last_beat_at;
    bool deleted;
};

static enum err take(struct tx *tx, struct query *q, struct heartbeat *ret)
{
    if (!query_next(q)) {
        tx->refused_clean = !query_failed(q);
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    }
    struct arena *a = tx->arena;
    *ret = (struct heartbeat){.id = text_copy(a, query_text(q, 0)), .name = text_copy(a, query_text(q, 1)), .key = text_copy(a, query_text(q, 2)),
                              .state = text_copy(a, query_text(q, 3)), .interval_s = query_int(q, 4), .grace_s = query_int(q, 5),
                              .last_beat_at = query_instant(q, 6), .deleted = query_bool(q, 7)};
    return OK;
}

static enum err load(struct tx *tx, struct text id, struct heartbeat *ret)
{
    struct query *q = db_query(tx->db, "heartbeat_load");
    query_bind_text(q, "id", id);
    return take(tx, q, ret);
}

static enum err store_state(struct tx *tx, const struct heartbeat *heartbeat, const char *state, instant last_beat_at)
{
    struct query *q = db_query(tx->db, "heartbeat_set_state");
    query_bind_text(q, "id", heartbeat->id);
    query_bind_text(q, "state", text_of(state));
    query_bind_instant(q, "last_beat_at", last_beat_at);
    return query_run(q);
}

static enum err set_timer(struct tx *tx, const struct heartbeat *heartbeat, instant from)
{
    struct timer_key key = {.kind = TIMER_HEARTBEAT, .ref = heartbeat->id};
    return timer_set(tx, &key, instant_add_s(from, heartbeat->interval_s + heartbeat->grace_s));
}

/* As if the heartbeat's integration had been sent this. */
static enum err report(struct tx *tx, const struct heartbeat *heartbeat, enum event_action action, struct text summary)
{
    json_t *body = json_object_in(tx->arena);
    json_put_text(body, "heartbeat", heartbeat->name);
    json_put_text(body, "last_beat_at", instant_is_set(heartbeat->last_beat_at) ? instant_format(tx->arena, heartbeat->last_beat_at) : TEXT_NONE);
    json_put_int(body, "interval_in_seconds", heartbeat->interval_s);
    json_put_int(body, "grace_in_seconds", heartbeat->grace_s);
    struct text written = json_write(tx->arena, body);
    struct event event = {.action = action, .routing_key = heartbeat->key, .dedup_key = text_printf(tx->arena, "heartbeat-%.*s", TEXT_ARG(heartbeat->id)),
                          .severity = SEVERITY_CRITICAL, .summary = summary, .source = heartbeat->name, .timestamp = INSTANT_NONE,
                          .custom_details = written, .body = written, .format = "heartbeat"};
    struct disposition disposition;
    enum err err = intake_apply(tx, &event, &disposition);
    if (err != ERR_NOT_FOUND)
        return err;
    tx->refused_clean = false; /* said of the event only */
    return OK;                 /* its integration was deleted: nobody wants to hear of it */
}

enum err heartbeat_beat(struct tx *tx, struct text key)
{
    struct heartbeat heartbeat;
    struct query *q = db_query(tx->db, "heartbeat_by_key");
    query_bind_text(q, "key", key);
    enum err err = take(tx, q, &heartbeat);
    if (err == OK)
        err = store_state(tx, &heartbeat, "beating", tx->now);
    if (err == OK)
        err = set_timer(tx, &heartbeat, tx->now);
    if (err == OK && text_is(heartbeat.state, "missed"))
        err = report(tx, &heartbeat, EVENT_RESOLVE, text_printf(tx->arena, "%.*s reports again", TEXT_ARG(heartbeat.name)));
    return err;
}

/* Since when the next beat has been waited for: from the last one, or from the moment on which it could be heard at all. */
static instant awaited_from(const struct tx *tx, const struct heartbeat *heartbeat)
{
    instant listening_since = tx->engine->listening_since, expected = instant_add_s(heartbeat->last_beat_at, heartbeat->interval_s);
    return instant_before(expected, listening_since) ? listening_since : heartbeat->last_beat_at;
}

enum err heartbeat_due(struct tx *tx, struct text id)
{
    struct heartbeat heartbeat;
    enum err err = load(tx, id, &heartbeat);
    if (err == ERR_NOT_FOUND || (err == OK && (heartbeat.deleted || !text_is(heartbeat.state, "beating"))))
        return OK;
    if (err != OK)
        return err;
    instant from = awaited_from(tx, &heartbeat);
    if (instant_before(tx->now, instant_add_s(from, heartbeat.interval_s + heartbeat.grace_s)))
        return set_timer(tx, &heartbeat, from);
    err = store_state(tx, &heartbeat, "missed", heartbeat.last_beat_at);
    return err == OK ? report(tx, &heartbeat, EVENT_TRIGGER,
                              text_printf(tx->arena, "No heartbeat of %.*s since %.*s", TEXT_ARG(heartbeat.name),
                                          TEXT_ARG(instant_format(tx->arena, heartbeat.last_beat_at)))) : err;
}

static enum err remove_rest(struct tx *tx, const struct heartbeat *heartbeat)
{
    struct timer_key key = {.kind = TIMER_HEARTBEAT, .ref = heartbeat->id};
    enum err err = timer_clear(tx, &key);
    if (err == OK && text_is(heartbeat->state, "missed"))
        err = report(tx, heartbeat, EVENT_RESOLVE, TEXT("The heartbeat was deleted"));
    if (err != OK)
        return err;
    struct query *q = db_query(tx->db, "heartbeat_integration_delete");
    query_bind_text(q, "id", heartbeat->id);
    query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

enum err heartbeat_changed(struct tx *tx, struct text id)
{
    struct heartbeat heartbeat;
    enum err err = load(tx, id, &heartbeat);
    if (err != OK)
        return err;
    if (heartbeat.deleted)
        return remove_rest(tx, &heartbeat);
    return text_is(heartbeat.state, "beating") ? set_timer(tx, &heartbeat, awaited_from(tx, &heartbeat)) : OK;
}
