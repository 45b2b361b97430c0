/* Why: see clockwork.h. A timer row is deleted and acted on in one transaction, so it acts once, whatever crashes. After an outage each
 * timer acts once, now: what it sets next counts from now, so a backlog is never replayed (invariant N8). */
#include "engine/clockwork.h"

#include "base/log.h"
#include "engine/canary.h"
#include "engine/handoffs.h"
#include "engine/heartbeats.h"
#include "engine/incident_flow.h"
#include "engine/ledger.h"
#include "engine/maintenance.h"
#include "engine/maintenance_timers.h"
#include "engine/measures.h"
#include "engine/pages.h"
#include "engine/timers.h"
#include "engine/webhook_delivery.h"

struct due {
    instant at;
    struct timer_key key;
};

static enum err fire_incident(struct tx *tx, int64_t number, enum input_kind kind)
{
    struct input input = {.kind = kind, .actor = actor_system};
    input.actor.channel = "timeout";
    bool changed;
    enum err err = incident_input(tx, number, &input, TEXT_NONE, problem_new(tx->arena), &changed);
    return err == ERR_NOT_FOUND || err == ERR_CONFLICT ? OK : err; /* nothing left to act on */
}

static enum err fire(struct tx *tx, const struct timer_key *key)
{
    switch (key->kind) {
    case TIMER_ESCALATE: return fire_incident(tx, key->incident_number, INPUT_TIMER_ESCALATE);
    case TIMER_ACK_TIMEOUT: return fire_incident(tx, key->incident_number, INPUT_TIMER_ACK_TIMEOUT);
    case TIMER_SNOOZE_END: return fire_incident(tx, key->incident_number, INPUT_TIMER_SNOOZE_END);
    case TIMER_AUTO_RESOLVE: return fire_incident(tx, key->incident_number, INPUT_TIMER_AUTO_RESOLVE);
    case TIMER_SUPPORT_HOURS: return fire_incident(tx, key->incident_number, INPUT_TIMER_SUPPORT_HOURS);
    case TIMER_LADDER: return pages_ladder_due(tx, key->page_number);
    case TIMER_BUNDLE: return pages_bundle_due(tx, key->ref);
    case TIMER_WINDOW_START: return maintenance_starts(tx, key->ref);
    case TIMER_WINDOW_END: return maintenance_ends(tx, key->ref);
    case TIMER_HANDOFF: return handoffs_fire(tx, key->ref);
    case TIMER_HEARTBEAT: return heartbeat_due(tx, key->ref);
    case TIMER_CANARY: return canary_due(tx);
    case TIMER_WEBHOOKS: return webhooks_due(tx, key->ref);
    case TIMER_KIND_COUNT: break;
    }
    return ERR_INTERNAL;
}

static enum err load_due(struct tx *tx, struct due **ret, size_t *ret_count)
{
    struct query *q = db_query(tx->db, "timers_due");
    query_bind_instant(q, "now", tx->now);
    query_bind_int(q, "limit", TIMERS_PER_BATCH);
    struct due *list = ARENA_ARRAY(tx->arena, struct due, TIMERS_PER_BATCH);
    size_t count = 0;
    while (query_next(q) && count < TIMERS_PER_BATCH) {
        struct due *due = &list[count];
        *due = (struct due){.at = query_instant(q, 0), .key = {.incident_number = query_int(q, 2), .page_number = query_int(q, 3), .ref = text_copy(tx->arena, query_text(q, 4))}};
        struct text kind = query_text(q, 1);
        if (timer_parse(kind, &due->key.kind))
            count++;
        else
            log_error("clockwork", "a timer of the unknown kind %.*s is left alone", TEXT_ARG(kind));
    }
    *ret = list;
    *ret_count = count;
    return query_failed(q) ? query_err(q) : OK;
}

enum err clockwork_fire(struct tx *tx, size_t *ret_fired)
{
    struct due *due;
    size_t count;
    enum err err = load_due(tx, &due, &count);
    size_t fired = 0;
    for (size_t i = 0; i < count && err == OK; i++) {
        bool taken = false;
        err = timer_take(tx, &due[i].key, due[i].at, &taken);
        if (taken) {
            measures_due(tx, due[i].at);
            err = fire(tx, &due[i].key);
            fired++;
        }
    }
    if (err == OK)
        *ret_fired = fired;
    return err;
}

enum err clockwork_next(struct db *db, instant now, instant *ret)
{
    instant next = INSTANT_MAX;
    struct query *q = db_query(db, "timer_next_due");
    if (query_next(q))
        next = query_instant(q, 0);
    if (query_failed(q))
        return query_err(q);
    q = db_query(db, "messages_next_due");
    query_bind_instant(q, "now", now);
    if (query_next(q) && !query_is_null(q, 0))
        next = instant_min(next, query_instant(q, 0));
    if (query_failed(q))
        return query_err(q);
    *ret = next;
    return OK;
}
