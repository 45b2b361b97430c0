/* Why: the list of subscriptions in memory, and what their timers say: see webhook_delivery.h. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "engine/engine_state.h"
#include "engine/ledger.h"
#include "engine/rows.h"
#include "engine/timers.h"
#include "engine/webhook_delivery.h"

enum { LIST_BYTES_MAX = 4 << 20, FORGET_EVERY_S = 3600, FORGET_AT_ONCE = 2000, FORGET_EVENTS_DAYS = WEBHOOK_KEEP_DAYS + 5 };

struct webhooks *webhooks_new(void)
{
    struct webhooks *webhooks = calloc(1, sizeof *webhooks);
    if (!webhooks)
        abort();
    webhooks->arena = arena_new(LIST_BYTES_MAX);
    return webhooks;
}

void webhooks_free(struct webhooks *webhooks)
{
    for (size_t f = 0; f < webhooks->flight_count; f++)
        free((char *)(uintptr_t)webhooks->flights[f].frame.data);
    arena_free(webhooks->arena);
    free(webhooks);
}

static uint64_t wanted(struct arena *arena, struct text names)
{
    uint64_t bits = 0;
    json_t *list = json_read(arena, names, problem_new(arena));
    size_t count = list ? json_array_size(list) : 0;
    for (size_t i = 0; i < count; i++) {
        enum webhook_event event;
        if (webhook_event_parse(json_text_value(json_array_get(list, i)), &event))
            bits |= UINT64_C(1) << event;
    }
    return bits;
}

/* What was learnt of a subscriber outlives a change of its settings. */
static struct subscriber as_known(const struct webhooks *webhooks, struct text id)
{
    for (size_t i = 0; i < webhooks->count; i++)
        if (text_equal(webhooks->list[i].id, id))
            return webhooks->list[i];
    return (struct subscriber){.pause_until = INSTANT_NONE, .timer_at = INSTANT_NONE};
}

/* Flights name their subscriber by its place in the list; of one that has gone they only hold a place. */
static void move_flights(struct webhooks *webhooks, const struct text *ids, const struct subscriber *list, size_t count)
{
    for (size_t f = 0; f < webhooks->flight_count; f++) {
        struct webhook_flight *flight = &webhooks->flights[f];
        struct text id = flight->subscriber < webhooks->count ? ids[flight->subscriber] : TEXT_NONE;
        flight->subscriber = WEBHOOK_SUBSCRIPTIONS_MAX;
        for (size_t i = 0; i < count; i++)
            if (text_is_present(id) && text_equal(list[i].id, id))
                flight->subscriber = i;
    }
}

enum err webhooks_load(struct tx *tx)
{
    struct webhooks *webhooks = tx->engine->webhooks;
    if (webhooks->loaded)
        return OK;
    struct subscriber *list = ARENA_ARRAY(tx->arena, struct subscriber, WEBHOOK_SUBSCRIPTIONS_MAX);
    struct text *ids = ARENA_ARRAY(tx->arena, struct text, WEBHOOK_SUBSCRIPTIONS_MAX);
    size_t count = 0;
    struct query *q = db_query(tx->db, "webhook_subscriptions_live");
    query_bind_int(q, "limit", WEBHOOK_SUBSCRIPTIONS_MAX);
    while (count < WEBHOOK_SUBSCRIPTIONS_MAX && query_next(q)) {
        struct subscriber subscriber = as_known(webhooks, query_text(q, 0));
        subscriber.id = text_copy(tx->arena, query_text(q, 0));
        subscriber.filter = query_text(q, 2).data[0];
        subscriber.filter_id = text_copy(tx->arena, query_text(q, 3));
        subscriber.disabled = !query_is_null(q, 5);
        bool hears = query_bool(q, 4) && !subscriber.disabled;
        subscriber.events = hears ? wanted(tx->arena, query_text(q, 1)) : 0;
        subscriber.expected = true;
        subscriber.timer_at = INSTANT_NONE;
        list[count++] = subscriber;
    }
    if (query_failed(q))
        return query_err(q);
    for (size_t i = 0; i < webhooks->count; i++)
        ids[i] = text_copy(tx->arena, webhooks->list[i].id);
    move_flights(webhooks, ids, list, count);
    arena_reset(webhooks->arena);
    for (size_t i = 0; i < count; i++) {
        webhooks->list[i] = list[i];
        webhooks->list[i].id = text_copy(webhooks->arena, list[i].id);
        webhooks->list[i].filter_id = text_copy(webhooks->arena, list[i].filter_id);
    }
    webhooks->count = count;
    webhooks->loaded = true;
    return OK;
}

void webhooks_changed(struct tx *tx)
{
    tx->engine->webhooks->loaded = false;
}

void webhooks_expect(struct engine *engine, struct text subscription_id)
{
    struct webhooks *webhooks = engine->webhooks;
    for (size_t i = 0; i < webhooks->count; i++)
        if (text_equal(webhooks->list[i].id, subscription_id))
            webhooks->list[i].expected = true;
}

/* On and off --------------------------------------------------------------------------------------------------------------- */

static enum err look_again(struct tx *tx, struct text id, instant at)
{
    return timer_set(tx, &(struct timer_key){.kind = TIMER_WEBHOOKS, .ref = id}, at);
}

/* Some of it now; when there is more, the timer goes on with the rest. */
static enum err drop_waiting(struct tx *tx, struct text id, struct text why, instant then)
{
    struct query *q = db_query(tx->db, "webhook_deliveries_drop");
    query_bind_text(q, "subscription_id", id);
    query_bind_instant(q, "now", tx->now);
    query_bind_text(q, "error", why);
    query_bind_int(q, "limit", WEBHOOK_ROWS_AT_ONCE);
    enum err err = query_run(q);
    if (err != OK)
        return err;
    if (query_changes(q) >= WEBHOOK_ROWS_AT_ONCE)
        return look_again(tx, id, instant_add_s(tx->now, 1));
    return instant_is_set(then) ? look_again(tx, id, then) : OK;
}

enum err webhooks_deleted(struct tx *tx, struct text subscription_id)
{
    webhooks_changed(tx);
    return drop_waiting(tx, subscription_id, TEXT("the subscription was deleted"), INSTANT_NONE);
}

static enum err note(struct tx *tx, enum ledger_kind kind, struct text id, struct text reason)
{
    json_t *doc = json_object_in(tx->arena);
    json_put_text(doc, "subscription", id);
    json_put_text(doc, "reason", reason);
    int64_t seq;
    return ledger_append(tx, &(struct ledger_entry){.kind = kind, .actor = actor_system, .doc = json_write(tx->arena, doc)}, &seq);
}

enum err webhooks_disable(struct tx *tx, struct text subscription_id, instant until, struct text reason)
{
    struct query *q = db_query(tx->db, "webhook_subscription_disable");
    query_bind_text(q, "id", subscription_id);
    query_bind_instant(q, "now", tx->now);
    query_bind_instant(q, "until", until);
    query_bind_text(q, "reason", reason);
    enum err err = query_run(q);
    if (err != OK || query_changes(q) == 0)
        return err;
    webhooks_changed(tx);
    err = drop_waiting(tx, subscription_id, text_printf(tx->arena, "the subscription was disabled: %.*s", TEXT_ARG(reason)), until);
    return err == OK ? note(tx, LEDGER_WEBHOOK_OFF, subscription_id, reason) : err;
}

enum err webhooks_enable(struct tx *tx, struct text subscription_id)
{
    struct query *q = db_query(tx->db, "webhook_subscription_enable");
    query_bind_text(q, "id", subscription_id);
    enum err err = query_run(q);
    if (err != OK || query_changes(q) == 0)
        return err;
    struct webhooks *webhooks = tx->engine->webhooks;
    for (size_t i = 0; i < webhooks->count; i++)
        if (text_equal(webhooks->list[i].id, subscription_id))
            webhooks->list[i].failures = 0;
    webhooks_changed(tx);
    return note(tx, LEDGER_WEBHOOK_ON, subscription_id, TEXT_NONE);
}

/* Timers -------------------------------------------------------------------------------------------------------------------- */

enum err webhooks_keep_watch(struct tx *tx)
{
    struct webhooks *webhooks = tx->engine->webhooks;
    if (webhooks->watches)
        return OK;
    webhooks->watches = true; /* after a rollback it is set once more */
    return timer_set(tx, &(struct timer_key){.kind = TIMER_WEBHOOKS}, instant_add_s(tx->now, FORGET_EVERY_S));
}

static enum err forget(struct tx *tx, const char *name, int64_t days, int64_t *ret_count)
{
    struct query *q = db_query(tx->db, name);
    query_bind_instant(q, "before", instant_add_s(tx->now, -days * 86400));
    query_bind_int(q, "limit", FORGET_AT_ONCE);
    enum err err = query_run(q);
    if (err == OK)
        *ret_count += query_changes(q);
    return err;
}

static enum err forget_old(struct tx *tx)
{
    int64_t count = 0, oldest = 0; /* NULL reads as 0 */
    enum err err = forget(tx, "webhook_deliveries_forget", WEBHOOK_KEEP_DAYS, &count);
    if (err == OK)
        err = forget(tx, "webhook_events_forget", FORGET_EVENTS_DAYS, &count); /* none of them can be unfinished any more */
    if (err == OK)
        err = rows_take_int(db_query(tx->db, "webhook_events_oldest"), &oldest);
    tx->engine->webhooks->watches = false;
    if (err != OK || oldest == 0)
        return err;
    tx->engine->webhooks->watches = true;
    return timer_set(tx, &(struct timer_key){.kind = TIMER_WEBHOOKS}, instant_add_s(tx->now, count >= FORGET_AT_ONCE ? 1 : FORGET_EVERY_S));
}

/* Disabled: goes on dropping, and enables it when its time is over. */
static enum err go_on_disabled(struct tx *tx, struct text id)
{
    struct query *q = db_query(tx->db, "webhook_subscription_get");
    query_bind_text(q, "id", id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : OK;
    instant until = query_instant(q, query_column(q, "disabled_until"));
    if (instant_is_set(until) && !instant_before(tx->now, until))
        return webhooks_enable(tx, id);
    return drop_waiting(tx, id, TEXT("the subscription was disabled"), until);
}

enum err webhooks_due(struct tx *tx, struct text subscription_id)
{
    if (subscription_id.size == 0)
        return forget_old(tx);
    enum err err = webhooks_load(tx);
    struct webhooks *webhooks = tx->engine->webhooks;
    for (size_t i = 0; i < webhooks->count && err == OK; i++) {
        struct subscriber *subscriber = &webhooks->list[i];
        if (!text_equal(subscriber->id, subscription_id))
            continue;
        subscriber->expected = true;
        subscriber->timer_at = INSTANT_NONE;
        return subscriber->disabled ? go_on_disabled(tx, text_copy(tx->arena, subscription_id)) : OK;
    }
    return err == OK ? drop_waiting(tx, subscription_id, TEXT("the subscription was deleted"), INSTANT_NONE) : err;
}
