/* Why: see webhook_delivery.h: what may go is claimed, handed to the sender after the commit, and every outcome decides what follows. */
#include "engine/webhook_delivery.h"

#include <stdlib.h>
#include <string.h>

#include "base/id.h"
#include "base/log.h"
#include "base/seal.h"
#include "engine/engine_state.h"
#include "engine/outbox_state.h"
#include "engine/rows.h"
#include "engine/timers.h"

enum { ERROR_BYTES_MAX = 300 };

/* Room --------------------------------------------------------------------------------------------------------------------- */

static size_t in_flight_of(const struct webhooks *webhooks, size_t subscriber)
{
    size_t count = 0;
    for (size_t f = 0; f < webhooks->flight_count; f++)
        count += webhooks->flights[f].subscriber == subscriber;
    return count;
}

static bool circuit_is_open(const struct subscriber *subscriber)
{
    return subscriber->failures >= WEBHOOK_CIRCUIT_FAILURES;
}

_Static_assert((int)WEBHOOK_IN_FLIGHT_ALL > (int)WEBHOOK_SUBSCRIPTIONS_MAX, "one that hangs must not take the place of another");

static size_t room_of(const struct webhooks *webhooks, size_t index)
{
    size_t most = webhooks->list[index].answered ? WEBHOOK_IN_FLIGHT_EACH : 1, used = in_flight_of(webhooks, index);
    size_t all = WEBHOOK_IN_FLIGHT_ALL - webhooks->flight_count;
    size_t own = used < most ? most - used : 0;
    return own < all ? own : all;
}

bool webhooks_expected(const struct engine *engine)
{
    const struct webhooks *webhooks = engine->webhooks;
    if (!webhooks->loaded)
        return true;
    for (size_t i = 0; i < webhooks->count; i++)
        if (webhooks->list[i].expected && engine->outbox->link_up && room_of(webhooks, i) > 0)
            return true;
    return false;
}

/* Claiming ----------------------------------------------------------------------------------------------------------------- */

struct target {
    struct text url, secret, previous_secret, headers;
};

static bool open_column(struct tx *tx, struct query *q, int column, struct text place, struct text *ret)
{
    struct text sealed = query_text(q, column);
    if (sealed.size == 0)
        return true;
    return seal_open(tx->arena, engine_seal_key(tx->engine), place, sealed, ret);
}

static enum err load_target(struct tx *tx, struct text id, struct target *ret)
{
    struct query *q = db_query(tx->db, "webhook_subscription_secrets");
    query_bind_text(q, "id", id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct text secret_place = webhook_secret_place(tx->arena, id), headers_place = webhook_headers_place(tx->arena, id);
    struct target target = {.url = text_copy(tx->arena, query_text(q, 3))};
    instant until = query_instant(q, 2);
    bool both = instant_is_set(until) && instant_before(tx->now, until);
    bool fine = open_column(tx, q, 0, secret_place, &target.secret) && (!both || open_column(tx, q, 1, secret_place, &target.previous_secret)) &&
                open_column(tx, q, 4, headers_place, &target.headers);
    *ret = target;
    return fine ? OK : ERR_INVALID;
}

/* The sender's own seam: channel/frames.h. */
static json_t *make_frame(struct tx *tx, const struct target *target, int64_t number, struct text body)
{
    json_t *frame = json_object_in(tx->arena), *secrets = json_array_in(tx->arena);
    json_append_text(secrets, target->secret);
    if (target->previous_secret.size > 0)
        json_append_text(secrets, target->previous_secret);
    json_put_string(frame, "type", "post");
    json_put_int(frame, "id", number);
    json_put_text(frame, "url", target->url);
    json_put(frame, "secrets", secrets);
    json_put(frame, "headers", target->headers.size > 0 ? json_read(tx->arena, target->headers, problem_new(tx->arena)) : json_array_in(tx->arena));
    json_put_text(frame, "webhook_id", id_public(tx->arena, ID_WEBHOOK, number));
    json_put_text(frame, "body", body);
    return frame;
}

static void add_flight(struct webhooks *webhooks, size_t subscriber, int64_t number, struct text frame)
{
    char *copy = malloc(frame.size + 1);
    if (!copy)
        abort();
    memcpy(copy, frame.data, frame.size);
    struct webhook_flight *flight = &webhooks->flights[webhooks->flight_count++];
    *flight = (struct webhook_flight){.number = number, .subscriber = subscriber, .claimed_now = true};
    flight->frame = (struct text){copy, frame.size};
    /* cppcheck-suppress memleak ; the flight holds it */
}

struct due {
    int64_t number;
    struct text body;
};

static enum err load_due(struct tx *tx, struct text id, size_t room, struct due *list, size_t *ret_count)
{
    struct query *q = db_query(tx->db, "webhook_deliveries_due");
    query_bind_text(q, "subscription_id", id);
    query_bind_instant(q, "now", tx->now);
    query_bind_int(q, "limit", (int64_t)room);
    size_t count = 0;
    while (count < room && query_next(q))
        list[count++] = (struct due){.number = query_int(q, 0), .body = text_copy(tx->arena, query_text(q, 2))};
    *ret_count = count;
    return query_failed(q) ? query_err(q) : OK;
}

static enum err claim_one(struct tx *tx, size_t index, const struct target *target, const struct due *due)
{
    struct query *q = db_query(tx->db, "webhook_delivery_claim");
    query_bind_int(q, "number", due->number);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run_later(q);
    if (err == OK)
        add_flight(tx->engine->webhooks, index, due->number, json_write(tx->arena, make_frame(tx, target, due->number, due->body)));
    return err;
}

/* Nothing more may go now: the timer says when to look again. */
static enum err rest_until_next(struct tx *tx, struct subscriber *subscriber)
{
    subscriber->expected = false;
    struct query *q = db_query(tx->db, "webhook_deliveries_next");
    query_bind_text(q, "subscription_id", subscriber->id);
    instant next = INSTANT_NONE;
    if (query_next(q))
        next = query_instant(q, 0);
    if (query_failed(q))
        return query_err(q);
    if (!instant_is_set(next))
        return OK;
    if (circuit_is_open(subscriber))
        next = instant_max(next, subscriber->pause_until);
    if (instant_equal(next, subscriber->timer_at) || !instant_before(tx->now, next))
        return OK; /* what is due by now waits for a place in flight */
    subscriber->timer_at = next;
    return timer_set(tx, &(struct timer_key){.kind = TIMER_WEBHOOKS, .ref = text_copy(tx->arena, subscriber->id)}, next);
}

static enum err claim_for(struct tx *tx, size_t index)
{
    struct webhooks *webhooks = tx->engine->webhooks;
    struct subscriber *subscriber = &webhooks->list[index];
    if (subscriber->disabled) {
        subscriber->expected = false;
        return OK;
    }
    if (circuit_is_open(subscriber) && instant_before(tx->now, subscriber->pause_until))
        return rest_until_next(tx, subscriber);
    struct due list[WEBHOOK_IN_FLIGHT_EACH];
    size_t room = room_of(webhooks, index), count = 0;
    struct target target;
    enum err err = room > 0 ? load_due(tx, subscriber->id, room, list, &count) : OK;
    if (err == OK && count > 0)
        err = load_target(tx, subscriber->id, &target);
    if (err == ERR_NOT_FOUND) { /* it has just gone */
        webhooks->loaded = false;
        return OK;
    }
    if (err == ERR_INVALID) {
        log_error("webhooks", "the secrets of subscription %.*s cannot be read: DATA/secret-key is not the one they were stored with", TEXT_ARG(subscriber->id));
        return webhooks_disable(tx, text_copy(tx->arena, subscriber->id), INSTANT_NONE,
                                TEXT("its secrets cannot be read, because the file secret-key was replaced; delete it and make a new one"));
    }
    for (size_t i = 0; i < count && err == OK; i++)
        err = claim_one(tx, index, &target, &list[i]);
    return err == OK && count < room ? rest_until_next(tx, subscriber) : err;
}

enum err webhooks_claim(struct tx *tx)
{
    struct webhooks *webhooks = tx->engine->webhooks;
    enum err err = webhooks_load(tx);
    if (err != OK || !tx->engine->outbox->link_up)
        return err;
    size_t first = webhooks->count > 0 ? webhooks->next++ % webhooks->count : 0, count = webhooks->count, before = webhooks->flight_count;
    for (size_t i = 0; i < count && err == OK && webhooks->loaded && webhooks->flight_count < before + WEBHOOK_CLAIM_MAX; i++) {
        size_t index = (first + i) % count;
        if (webhooks->list[index].expected)
            err = claim_for(tx, index);
    }
    return err;
}

/* Flights ------------------------------------------------------------------------------------------------------------------- */

static void remove_flight(struct webhooks *webhooks, size_t f)
{
    free((char *)(uintptr_t)webhooks->flights[f].frame.data);
    webhooks->flights[f] = webhooks->flights[webhooks->flight_count - 1];
    webhooks->flight_count = webhooks->flight_count - 1;
}

void webhooks_hand_over(struct engine *engine)
{
    struct webhooks *webhooks = engine->webhooks;
    for (size_t f = 0; f < webhooks->flight_count; f++) {
        struct webhook_flight *flight = &webhooks->flights[f];
        if (!flight->claimed_now)
            continue;
        engine->send(engine->send_context, flight->frame);
        free((char *)(uintptr_t)flight->frame.data);
        flight->frame = TEXT_NONE;
        flight->claimed_now = false;
    }
}

void webhooks_forget(struct engine *engine)
{
    struct webhooks *webhooks = engine->webhooks;
    for (size_t f = webhooks->flight_count; f-- > 0;)
        if (webhooks->flights[f].claimed_now)
            remove_flight(webhooks, f);
    webhooks->loaded = webhooks->watches = false;
}

void webhooks_drop_in_flight(struct engine *engine)
{
    while (engine->webhooks->flight_count > 0)
        remove_flight(engine->webhooks, engine->webhooks->flight_count - 1);
}

static bool is_in_flight(const struct webhooks *webhooks, int64_t number)
{
    for (size_t f = 0; f < webhooks->flight_count; f++)
        if (webhooks->flights[f].number == number)
            return true;
    return false;
}

enum err webhooks_recover(struct tx *tx)
{
    int64_t *numbers;
    size_t count;
    enum err err = rows_take_all(db_query(tx->db, "webhook_deliveries_sending"), tx->arena, &numbers, &count);
    struct webhooks *webhooks = tx->engine->webhooks;
    for (size_t i = 0; i < count && err == OK; i++) {
        if (is_in_flight(webhooks, numbers[i]))
            continue;
        struct query *q = db_query(tx->db, "webhook_delivery_unsent");
        query_bind_int(q, "number", numbers[i]);
        query_bind_instant(q, "now", tx->now);
        err = query_run(q);
    }
    for (size_t i = 0; i < webhooks->count; i++)
        webhooks->list[i].expected = true;
    return err;
}

/* Outcomes ------------------------------------------------------------------------------------------------------------------ */

struct delivery {
    struct text subscription_id, resource;
    int64_t attempts;
    instant created_at;
};

static enum err load_delivery(struct tx *tx, int64_t number, struct delivery *ret)
{
    struct query *q = db_query(tx->db, "webhook_delivery_load");
    query_bind_int(q, "number", number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    if (!text_is(query_text(q, 2), "sending"))
        return ERR_NOT_FOUND;
    *ret = (struct delivery){.subscription_id = text_copy(tx->arena, query_text(q, 0)), .resource = text_copy(tx->arena, query_text(q, 1)),
                             .attempts = query_int(q, 3), .created_at = query_instant(q, 4)};
    return OK;
}

static void bind_answer(struct query *q, const struct webhook_end *end)
{
    query_bind_int(q, "number", end->number);
    if (end->status_code > 0)
        query_bind_int(q, "status_code", end->status_code);
    else
        query_bind_null(q, "status_code");
    query_bind_text(q, "error", end->error.size > 0 ? text_utf8_cut(end->error, ERROR_BYTES_MAX) : TEXT_NONE);
}

static enum err run_for(struct tx *tx, const char *name, struct text subscription_id)
{
    struct query *q = db_query(tx->db, name);
    query_bind_text(q, "id", subscription_id);
    return query_run(q);
}

/* Ended for good; the next one about the same resource may go. */
static enum err finish(struct tx *tx, const struct delivery *delivery, const struct webhook_end *end, const char *state)
{
    struct query *q = db_query(tx->db, "webhook_delivery_finish");
    bind_answer(q, end);
    query_bind_text(q, "state", text_of(state));
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    if (err != OK)
        return err;
    q = db_query(tx->db, "webhook_delivery_follow");
    query_bind_text(q, "subscription_id", delivery->subscription_id);
    query_bind_text(q, "resource", delivery->resource);
    query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

static enum err took(struct tx *tx, const struct delivery *delivery, const struct webhook_end *end)
{
    enum err err = finish(tx, delivery, end, "delivered");
    if (err == OK)
        err = run_for(tx, "webhook_subscription_took", delivery->subscription_id);
    struct webhooks *webhooks = tx->engine->webhooks;
    for (size_t i = 0; i < webhooks->count && err == OK; i++) {
        struct subscriber *subscriber = &webhooks->list[i];
        if (!text_equal(subscriber->id, delivery->subscription_id) || !(circuit_is_open(subscriber) || subscriber->hurries))
            continue;
        struct query *q = db_query(tx->db, "webhook_deliveries_hurry");
        query_bind_text(q, "subscription_id", delivery->subscription_id);
        query_bind_instant(q, "now", tx->now);
        query_bind_int(q, "limit", WEBHOOK_ROWS_AT_ONCE);
        err = query_run(q);
        subscriber->hurries = err == OK && query_changes(q) >= WEBHOOK_ROWS_AT_ONCE;
    }
    return err;
}

static enum err disable_for_a_day(struct tx *tx, const struct delivery *delivery, struct text reason)
{
    return webhooks_disable(tx, delivery->subscription_id, instant_add_s(tx->now, WEBHOOK_DISABLED_S), reason);
}

static enum err refused(struct tx *tx, const struct delivery *delivery, const struct webhook_end *end)
{
    enum err err = finish(tx, delivery, end, "dropped");
    if (err == OK && end->gone)
        return webhooks_disable(tx, delivery->subscription_id, INSTANT_NONE, TEXT("it answered 410 Gone"));
    if (err == OK)
        err = run_for(tx, "webhook_subscription_refused", delivery->subscription_id);
    if (err != OK)
        return err;
    struct query *q = db_query(tx->db, "webhook_subscription_refusals");
    query_bind_text(q, "id", delivery->subscription_id);
    int64_t refusals = 0;
    err = rows_take_int(q, &refusals);
    if (err != OK || refusals < WEBHOOK_REFUSALS_MAX)
        return err;
    return disable_for_a_day(tx, delivery, text_printf(tx->arena, "it refused %d events in a row, the last one with: %.*s", WEBHOOK_REFUSALS_MAX, TEXT_ARG(end->error)));
}

static enum err is_overfull(struct tx *tx, struct text subscription_id, bool *ret)
{
    struct query *q = db_query(tx->db, "webhook_deliveries_beyond");
    query_bind_text(q, "subscription_id", subscription_id);
    query_bind_int(q, "most", WEBHOOK_QUEUE_MAX);
    int64_t one;
    enum err err = rows_take_int(q, &one);
    *ret = err == OK;
    return err == ERR_NOT_FOUND ? OK : err;
}

static enum err failed(struct tx *tx, const struct delivery *delivery, const struct webhook_end *end)
{
    instant last = instant_add_s(delivery->created_at, WEBHOOK_GIVE_UP_S);
    if (!instant_before(tx->now, last)) {
        enum err err = finish(tx, delivery, end, "dropped");
        return err == OK ? disable_for_a_day(tx, delivery, text_printf(tx->arena, "an event could not be delivered for 48 hours: %.*s", TEXT_ARG(end->error))) : err;
    }
    bool overfull;
    enum err err = is_overfull(tx, delivery->subscription_id, &overfull);
    if (err == OK && overfull) {
        err = finish(tx, delivery, end, "dropped");
        return err == OK ? disable_for_a_day(tx, delivery, text_printf(tx->arena, "more than %d events wait for it", WEBHOOK_QUEUE_MAX)) : err;
    }
    int64_t pause_s = webhook_pause_s(delivery->attempts);
    struct query *q = db_query(tx->db, "webhook_delivery_again");
    bind_answer(q, end);
    query_bind_instant(q, "not_before", instant_min(instant_add_s(tx->now, end->retry_after_s > pause_s ? end->retry_after_s : pause_s), last));
    return err == OK ? query_run(q) : err;
}

enum err webhooks_attempt_ended(struct tx *tx, const struct webhook_end *end)
{
    struct delivery delivery;
    enum err err = webhooks_load(tx);
    if (err == OK)
        err = load_delivery(tx, end->number, &delivery);
    if (err != OK)
        return err == ERR_NOT_FOUND ? OK : err;
    switch (end->outcome) {
    case OUTCOME_ACCEPTED:
    case OUTCOME_DELIVERED: return took(tx, &delivery, end);
    case OUTCOME_PERMANENT: return refused(tx, &delivery, end);
    case OUTCOME_NONE:
    case OUTCOME_TEMPORARY:
    case OUTCOME_UNKNOWN: return failed(tx, &delivery, end);
    }
    return ERR_INTERNAL;
}

static void count_end(struct subscriber *subscriber, enum outcome_kind outcome, instant now)
{
    subscriber->expected = true;
    subscriber->answered = outcome == OUTCOME_DELIVERED || outcome == OUTCOME_ACCEPTED || outcome == OUTCOME_PERMANENT; /* a refusal is an answer, too */
    if (subscriber->answered) {
        subscriber->failures = 0;
        return;
    }
    subscriber->failures++;
    if (!circuit_is_open(subscriber))
        return;
    int64_t pause_s = webhook_pause_s(subscriber->failures - WEBHOOK_CIRCUIT_FAILURES + 1);
    subscriber->pause_until = instant_add_s(now, pause_s < WEBHOOK_CIRCUIT_PAUSE_S_MAX ? pause_s : WEBHOOK_CIRCUIT_PAUSE_S_MAX);
}

void webhooks_settle(struct engine *engine, int64_t number, enum outcome_kind outcome, instant now)
{
    struct webhooks *webhooks = engine->webhooks;
    for (size_t f = 0; f < webhooks->flight_count; f++) {
        if (webhooks->flights[f].number != number)
            continue;
        size_t subscriber = webhooks->flights[f].subscriber;
        remove_flight(webhooks, f);
        measures_webhook(engine, outcome);
        if (subscriber < webhooks->count)
            count_end(&webhooks->list[subscriber], outcome, now);
        return;
    }
}
