/* Why: see outbox.h and outbox_queue.h: what may be sent is claimed inside the batch and handed over after its commit. */
#include "engine/outbox_state.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "engine/engine_state.h"
#include "engine/message_frame.h"
#include "engine/recent_pages.h"

struct outbox *outbox_new(struct engine *engine, const struct provider_config *providers, size_t count)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);
    if (!outbox)
        abort();
    assert(count <= PROVIDERS_MAX);
    outbox->engine = engine;
    outbox->provider_count = count;
    outbox->next_due = INSTANT_MAX;
    outbox->recent = recent_pages_new();
    pthread_mutex_init(&outbox->lock, NULL);
    for (size_t p = 0; p < count; p++) {
        struct provider *provider = &outbox->providers[p];
        *provider = (struct provider){.config = &providers[p], .tokens_at = INSTANT_NONE, .last_success = INSTANT_NONE,
                                      .last_failure = INSTANT_NONE, .last_probe = INSTANT_NONE};
        for (size_t f = 0; f < CIRCUIT_FAILURES; f++)
            provider->failures[f] = INSTANT_NONE;
        struct text name = text_utf8_cut(providers[p].name, sizeof provider->name - 1);
        memcpy(provider->name, name.data, name.size);
    }
    outbox_expect_all(outbox);
    return outbox;
}

void outbox_free(struct outbox *outbox)
{
    for (size_t f = 0; f < outbox->flight_count; f++)
        free((char *)(uintptr_t)outbox->flights[f].frame.data);
    free(outbox->flights);
    recent_pages_free(outbox->recent);
    pthread_mutex_destroy(&outbox->lock);
    free(outbox);
}

void outbox_expect(struct tx *tx, struct text channel)
{
    enum channel parsed;
    if (channel_parse(channel, &parsed))
        engine_outbox(tx->engine)->expected[parsed] = true;
}

void outbox_expect_all(struct outbox *outbox)
{
    for (int c = 0; c < CHANNEL_COUNT; c++)
        outbox->expected[c] = true;
}

instant outbox_next_due(const struct outbox *outbox)
{
    return outbox->next_due;
}

bool outbox_is_waiting(const struct outbox *outbox)
{
    bool any = false;
    for (int c = 0; c < CHANNEL_COUNT; c++)
        any = any || outbox->expected[c];
    return any;
}

int64_t outbox_in_flight(struct outbox *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    int64_t count = (int64_t)outbox->flight_count;
    pthread_mutex_unlock(&outbox->lock);
    return count;
}

void outbox_set_link(struct outbox *outbox, bool up)
{
    outbox->link_up = up;
    if (up)
        outbox_expect_all(outbox);
}

/* Claiming ----------------------------------------------------------------------------------------------------------- */

struct queued {
    int64_t number, incident_number, reply_code, attempt, previous;
    struct text kind, user_id, address, content, cause;
    instant not_before;
    bool address_gone; /* the contact method was deleted or refused since */
};

static enum err load_queued(struct tx *tx, enum channel channel, struct queued **ret, size_t *ret_count)
{
    struct query *q = db_query(tx->db, "messages_claimable");
    query_bind_text(q, "channel", text_of(channel_name(channel)));
    query_bind_instant(q, "now", tx->now);
    query_bind_int(q, "limit", CLAIM_MAX);
    struct queued *list = NULL;
    size_t count = 0, capacity = 0;
    struct arena *a = tx->arena;
    while (query_next(q) && count < CLAIM_MAX) { /* mostly there are none or few: every batch asks for every channel */
        list = arena_grow(a, list, count, &capacity, sizeof *list);
        list[count++] = (struct queued){
            .number = query_int(q, 0), .kind = text_copy(a, query_text(q, 1)), .user_id = text_copy(a, query_text(q, 2)),
            .incident_number = query_int(q, 4), .address = text_copy(a, query_text(q, 5)), .content = text_copy(a, query_text(q, 7)),
            .reply_code = query_int(q, 8), .attempt = query_int(q, 9), .cause = text_copy(a, query_text(q, 10)), .previous = query_int(q, 11),
            .address_gone = query_bool(q, 13), .not_before = query_instant(q, 14)};
    }
    *ret = list;
    *ret_count = count;
    return query_failed(q) ? query_err(q) : OK;
}

/* The account that may have taken the copy before, and when. */
static enum err load_doubt(struct tx *tx, const struct queued *queued, struct message_frame *frame)
{
    struct query *q = db_query(tx->db, "message_load");
    query_bind_int(q, "number", queued->previous);
    if (!query_next(q))
        return query_err(q);
    frame->doubt_since = query_instant(q, 16);
    if (instant_is_set(frame->doubt_since))
        frame->doubt_provider = text_copy(tx->arena, query_text(q, 10));
    return OK;
}

static void add_flight(struct outbox *outbox, const struct flight *flight, struct provider *provider, struct text frame)
{
    char *copy = malloc(frame.size + 1);
    if (!copy)
        abort();
    memcpy(copy, frame.data, frame.size);
    pthread_mutex_lock(&outbox->lock);
    if (outbox->flight_count == outbox->flight_capacity) {
        outbox->flight_capacity = outbox->flight_capacity ? outbox->flight_capacity * 2 : 64;
        outbox->flights = realloc(outbox->flights, outbox->flight_capacity * sizeof *outbox->flights);
        if (!outbox->flights)
            abort();
    }
    struct flight *place = &outbox->flights[outbox->flight_count++];
    *place = *flight;
    place->provider = (size_t)(provider - outbox->providers);
    place->claimed_now = true;
    place->frame = (struct text){copy, frame.size};
    provider->in_flight++;
    pthread_mutex_unlock(&outbox->lock);
}

static enum err claim_one(struct tx *tx, struct outbox *outbox, const struct queued *queued, enum channel channel, bool *ret_claimed)
{
    bool tried[PROVIDERS_MAX] = {false}, is_retry = text_is(queued->cause, "retry"), is_doubt = text_is(queued->cause, "doubt");
    struct attempt_history history = {0};
    *ret_claimed = false;
    if (queued->previous > 0) {
        enum err err = outbox_history(tx, outbox, queued->previous, channel, tried, &history);
        if (err != OK)
            return err;
    }
    if (is_retry)
        memset(tried, 0, sizeof tried); /* a new round */
    struct provider *provider = provider_choose(outbox, channel, tried, tx->now);
    if (!provider)
        return OK;
    struct query *q = db_query(tx->db, "message_claim");
    query_bind_int(q, "number", queued->number);
    query_bind_text(q, "provider", provider->config->name);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run_later(q);
    if (err != OK)
        return err;
    if (provider->open)
        provider->last_probe = tx->now;
    if (provider->config->rate_per_minute > 0)
        provider->tokens_us -= 60 * SECOND_US / provider->config->rate_per_minute;
    struct message_frame frame = {.number = queued->number, .kind = queued->kind, .user_id = queued->user_id, .address = queued->address, .content = queued->content,
                                  .provider = provider->config, .channel = channel, .repeat = is_doubt || history.doubts > 0};
    if (is_doubt)
        err = load_doubt(tx, queued, &frame);
    struct text written;
    if (err == OK)
        err = message_frame_write(tx, &frame, &written);
    if (err != OK)
        return err;
    struct flight flight = {.message_number = queued->number, .channel = channel};
    flight.owed_since_us = measures_owed_since(tx, queued->not_before, &flight.owed_is_due);
    add_flight(outbox, &flight, provider, written);
    *ret_claimed = true;
    return OK;
}

static bool channel_is_served(const struct outbox *outbox, enum channel channel)
{
    for (size_t p = 0; p < outbox->provider_count; p++)
        if (provider_serves(&outbox->providers[p], channel))
            return true;
    return false;
}

bool engine_channel_is_served(struct engine *engine, enum channel channel)
{
    return channel_is_served(engine_outbox(engine), channel); /* the configuration does not change */
}

/* No provider is configured for the channel: the person must be reached another way at once. */
static enum err fail_unserved(struct tx *tx, const struct queued *queued)
{
    return outbox_attempt_ended(tx, &(struct attempt_end){.message_number = queued->number, .outcome = OUTCOME_PERMANENT,
                                                          .error = TEXT("no provider is configured for this channel")});
}

/* Nobody is called where they were deleted or refused meanwhile; the ladder moves on (invariant N6). */
static enum err fail_gone(struct tx *tx, const struct queued *queued)
{
    return outbox_attempt_ended(tx, &(struct attempt_end){.message_number = queued->number, .outcome = OUTCOME_PERMANENT, .address_refused = true,
                                                          .error = TEXT("the contact method is not in use any more")});
}

/* `*ret_moved`: something was claimed or has failed. */
static enum err claim_channel(struct tx *tx, struct outbox *outbox, enum channel channel, bool *ret_moved)
{
    struct queued *queued;
    size_t count;
    enum err err = load_queued(tx, channel, &queued, &count);
    bool served = channel_is_served(outbox, channel), claimed = true;
    outbox->expected[channel] = false; /* until the next insert, which may follow from one that fails here, or the next not_before */
    for (size_t i = 0; i < count && err == OK && claimed; i++) {
        err = queued[i].address_gone ? fail_gone(tx, &queued[i])
              : served               ? claim_one(tx, outbox, &queued[i], channel, &claimed)
                                     : fail_unserved(tx, &queued[i]);
        *ret_moved = *ret_moved || claimed;
    }
    if (err != OK || !claimed || count == CLAIM_MAX)
        outbox->expected[channel] = true;
    return err;
}

enum err outbox_claim(struct tx *tx)
{
    struct outbox *outbox = engine_outbox(tx->engine);
    outbox->next_due = INSTANT_MAX;
    enum err noted = providers_note_changes(tx, outbox);
    if (noted != OK || !outbox->link_up)
        return noted;
    enum err err = OK;
    for (bool moved = true; moved && err == OK;) {
        moved = false;
        for (int c = 0; c < CHANNEL_COUNT && err == OK; c++)
            if (outbox->expected[c])
                err = claim_channel(tx, outbox, (enum channel)c, &moved);
    }
    return err;
}

void outbox_hand_over(struct outbox *outbox)
{
    for (size_t f = 0; f < outbox->flight_count; f++) {
        struct flight *flight = &outbox->flights[f];
        if (!flight->claimed_now)
            continue;
        outbox->engine->send(outbox->engine->send_context, flight->frame);
        measures_handed_over(outbox->engine, flight->owed_since_us, flight->owed_is_due);
        free((char *)(uintptr_t)flight->frame.data);
        flight->frame = TEXT_NONE;
        flight->claimed_now = false;
    }
}

static void remove_flight(struct outbox *outbox, size_t f)
{
    free((char *)(uintptr_t)outbox->flights[f].frame.data);
    outbox->providers[outbox->flights[f].provider].in_flight--;
    outbox->flights[f] = outbox->flights[--outbox->flight_count];
}

void outbox_forget(struct outbox *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    for (size_t f = outbox->flight_count; f-- > 0;)
        if (outbox->flights[f].claimed_now)
            remove_flight(outbox, f);
    pthread_mutex_unlock(&outbox->lock);
    outbox_expect_all(outbox);
}

void outbox_drop_in_flight(struct outbox *outbox)
{
    pthread_mutex_lock(&outbox->lock);
    while (outbox->flight_count > 0)
        remove_flight(outbox, outbox->flight_count - 1);
    pthread_mutex_unlock(&outbox->lock);
}

void outbox_settle(struct outbox *outbox, int64_t message_number, enum outcome_kind outcome, instant now)
{
    pthread_mutex_lock(&outbox->lock);
    for (size_t f = 0; f < outbox->flight_count; f++) {
        if (outbox->flights[f].message_number != message_number)
            continue;
        struct provider *provider = &outbox->providers[outbox->flights[f].provider];
        measures_outcome(outbox->engine, outbox->flights[f].provider, outbox->flights[f].channel, outcome);
        remove_flight(outbox, f);
        provider_count_end(provider, outcome, now);
        break;
    }
    pthread_mutex_unlock(&outbox->lock);
}
