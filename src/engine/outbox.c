/* Why: see outbox.h and outbox_queue.h. Claims run on the writer thread inside the batch; `lock` guards only what other threads read. */
#include "engine/outbox.h"
#include "engine/outbox_queue.h"

#include <assert.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "base/log.h"
#include "engine/engine_state.h"
#include "engine/ledger.h"
#include "base/id.h"
#include "engine/delivery.h"
#include "engine/links.h"
#include "engine/rows.h"

enum { CIRCUIT_FAILURES = 5, CIRCUIT_WINDOW_S = 60, CIRCUIT_PROBE_S = 30, CLAIM_MAX = 200 };

struct provider {
    const struct provider_config *config;
    char name[64];
    int64_t in_flight;
    int64_t tokens_us;     /* rate limit: time credit, in microseconds of the account's rate */
    instant tokens_at;
    instant failures[CIRCUIT_FAILURES]; /* the latest ones, a ring */
    size_t failure_next;
    instant last_success, last_failure, last_probe;
    bool open;             /* circuit */
};

struct flight {
    int64_t message_number;
    size_t provider;
    bool claimed_now; /* in the open transaction: forgotten at a rollback */
    struct text frame; /* heap; until handed over */
};

struct outbox {
    struct engine *engine;
    pthread_mutex_t lock;
    struct provider providers[PROVIDERS_MAX];
    size_t provider_count;
    struct flight *flights;
    size_t flight_count, flight_capacity;
    bool expected[CHANNEL_COUNT]; /* there may be queued rows of this channel */
    bool link_up;
    instant next_due;
};

struct outbox *outbox_new(struct engine *engine, const struct provider_config *providers, size_t count)
{
    struct outbox *outbox = calloc(1, sizeof *outbox);
    if (!outbox)
        abort();
    assert(count <= PROVIDERS_MAX);
    outbox->engine = engine;
    outbox->provider_count = count;
    outbox->next_due = INSTANT_MAX;
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

/* Choosing a provider ---------------------------------------------------------------------------------------------- */

static bool serves(const struct provider *provider, enum channel channel)
{
    return (provider->config->channels & (1u << channel)) != 0;
}

/* Room for one more message now? A rate-limited account earns one message per 60/rate seconds, and may save up five seconds' worth. */
static bool has_room(struct outbox *outbox, struct provider *provider, instant now)
{
    if (provider->in_flight >= provider->config->in_flight_max)
        return false;
    if (provider->config->rate_per_minute <= 0)
        return true;
    int64_t cost_us = 60 * SECOND_US / provider->config->rate_per_minute;
    int64_t most_us = cost_us > 5 * SECOND_US ? cost_us : 5 * SECOND_US;
    if (!instant_is_set(provider->tokens_at))
        provider->tokens_us = most_us;
    else if (now.us > provider->tokens_at.us)
        provider->tokens_us += now.us - provider->tokens_at.us;
    if (provider->tokens_us > most_us)
        provider->tokens_us = most_us;
    provider->tokens_at = now;
    if (provider->tokens_us >= cost_us)
        return true;
    outbox->next_due = instant_min(outbox->next_due, (instant){now.us + cost_us - provider->tokens_us});
    return false;
}

static bool is_healthy(const struct provider *provider, instant now)
{
    if (!provider->open)
        return true;
    instant probe_at = instant_add_s(instant_max(provider->last_failure, provider->last_probe), CIRCUIT_PROBE_S);
    return !instant_before(now, probe_at); /* one message is let through as a probe */
}

/* First in configured order that has room and is healthy, and was not tried in this round; then without regard to health. */
static struct provider *choose_provider(struct outbox *outbox, enum channel channel, const bool *tried, instant now)
{
    for (int pass = 0; pass < 3; pass++)
        for (size_t p = 0; p < outbox->provider_count; p++) {
            struct provider *provider = &outbox->providers[p];
            bool wanted = pass == 0 ? is_healthy(provider, now) && !tried[p] : pass == 1 ? !tried[p] : true;
            if (serves(provider, channel) && wanted && has_room(outbox, provider, now))
                return provider;
        }
    return NULL;
}

static size_t provider_index(const struct outbox *outbox, struct text name)
{
    for (size_t p = 0; p < outbox->provider_count; p++)
        if (text_equal(name, outbox->providers[p].config->name))
            return p;
    return outbox->provider_count;
}

/* What the attempts before (and including) `message_number` have tried. */
static enum err load_history(struct tx *tx, struct outbox *outbox, int64_t message_number, enum channel channel, bool *tried,
                             struct attempt_history *ret)
{
    struct attempt_history history = {.rounds = 1};
    struct query *q = db_query(tx->db, "message_chain");
    query_bind_int(q, "number", message_number);
    bool in_this_round = true;
    while (query_next(q)) {
        size_t p = provider_index(outbox, query_text(q, 1));
        history.attempts++;
        if (in_this_round && p < outbox->provider_count)
            tried[p] = true;
        if (text_is(query_text(q, 3), "retry")) {
            in_this_round = false;
            history.rounds++;
        }
        if (text_is(query_text(q, 3), "doubt"))
            history.doubted_before = true;
    }
    if (query_failed(q))
        return query_err(q);
    for (size_t p = 0; p < outbox->provider_count; p++)
        if (serves(&outbox->providers[p], channel) && !tried[p])
            history.untried_providers++;
    *ret = history;
    return OK;
}

/* Claiming ----------------------------------------------------------------------------------------------------------- */

struct queued {
    int64_t number, incident_number, reply_code, attempt, previous;
    struct text kind, user_id, address, content, cause;
};

static enum err load_queued(struct tx *tx, enum channel channel, struct queued **ret, size_t *ret_count)
{
    struct query *q = db_query(tx->db, "messages_claimable");
    query_bind_text(q, "channel", text_of(channel_name(channel)));
    query_bind_instant(q, "now", tx->now);
    query_bind_int(q, "limit", CLAIM_MAX);
    struct queued *list = ARENA_ARRAY(tx->arena, struct queued, CLAIM_MAX);
    size_t count = 0;
    struct arena *a = tx->arena;
    while (query_next(q) && count < CLAIM_MAX)
        list[count++] = (struct queued){
            .number = query_int(q, 0), .kind = text_copy(a, query_text(q, 1)), .user_id = text_copy(a, query_text(q, 2)),
            .incident_number = query_int(q, 4), .address = text_copy(a, query_text(q, 5)), .content = text_copy(a, query_text(q, 7)),
            .reply_code = query_int(q, 8), .attempt = query_int(q, 9), .cause = text_copy(a, query_text(q, 10)), .previous = query_int(q, 11)};
    *ret = list;
    *ret_count = count;
    return query_failed(q) ? query_err(q) : OK;
}

static json_t *make_frame(struct tx *tx, const struct queued *queued, const struct provider *provider, enum channel channel)
{
    json_t *frame = json_read(tx->arena, queued->content, problem_new(tx->arena));
    if (!frame)
        frame = json_object_in(tx->arena);
    json_put_string(frame, "type", "send");
    json_put_int(frame, "id", queued->number);
    json_put_text(frame, "provider", provider->config->name);
    json_put_string(frame, "channel", channel_name(channel));
    json_put_text(frame, "to", queued->address);
    json_put_int(frame, "timeout_s", provider->config->timeout_s);
    json_put_text(frame, "kind", queued->kind);
    json_put_text(frame, "message_id", id_public(tx->arena, ID_MESSAGE, queued->number));
    json_put_bool(frame, "repeat", text_is(queued->cause, "doubt"));
    if (!json_at(frame, "at"))
        json_put_instant(frame, "at", tx->now);
    links_add(tx, frame, queued->number, queued->user_id);
    return frame;
}

static void add_flight(struct outbox *outbox, int64_t message_number, struct provider *provider, struct text frame)
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
    outbox->flights[outbox->flight_count++] = (struct flight){.message_number = message_number, .provider = (size_t)(provider - outbox->providers),
                                                              .claimed_now = true, .frame = {copy, frame.size}};
    provider->in_flight++;
    pthread_mutex_unlock(&outbox->lock);
}

static enum err claim_one(struct tx *tx, struct outbox *outbox, const struct queued *queued, enum channel channel, bool *ret_claimed)
{
    bool tried[PROVIDERS_MAX] = {false};
    *ret_claimed = false;
    if (queued->previous > 0 && !text_is(queued->cause, "retry")) {
        struct attempt_history history;
        enum err err = load_history(tx, outbox, queued->previous, channel, tried, &history);
        if (err != OK)
            return err;
    }
    struct provider *provider = choose_provider(outbox, channel, tried, tx->now);
    if (!provider)
        return OK;
    struct query *q = db_query(tx->db, "message_claim");
    query_bind_int(q, "number", queued->number);
    query_bind_text(q, "provider", provider->config->name);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    if (err != OK)
        return err;
    if (provider->open)
        provider->last_probe = tx->now;
    if (provider->config->rate_per_minute > 0)
        provider->tokens_us -= 60 * SECOND_US / provider->config->rate_per_minute;
    add_flight(outbox, queued->number, provider, json_write(tx->arena, make_frame(tx, queued, provider, channel)));
    *ret_claimed = true;
    return OK;
}

static bool channel_is_served(const struct outbox *outbox, enum channel channel)
{
    for (size_t p = 0; p < outbox->provider_count; p++)
        if (serves(&outbox->providers[p], channel))
            return true;
    return false;
}

/* No provider is configured for the channel: the person must be reached another way at once. */
static enum err fail_unserved(struct tx *tx, const struct queued *queued)
{
    return outbox_attempt_ended(tx, &(struct attempt_end){.message_number = queued->number, .outcome = OUTCOME_PERMANENT,
                                                          .error = TEXT("no provider is configured for this channel")});
}

static enum err claim_channel(struct tx *tx, struct outbox *outbox, enum channel channel)
{
    struct queued *queued;
    size_t count;
    enum err err = load_queued(tx, channel, &queued, &count);
    bool served = channel_is_served(outbox, channel), claimed = true;
    for (size_t i = 0; i < count && err == OK && claimed; i++)
        err = served ? claim_one(tx, outbox, &queued[i], channel, &claimed) : fail_unserved(tx, &queued[i]);
    if (err == OK && claimed && count < CLAIM_MAX)
        outbox->expected[channel] = false; /* until the next insert, or the next not_before */
    return err;
}

enum err outbox_claim(struct tx *tx)
{
    struct outbox *outbox = engine_outbox(tx->engine);
    outbox->next_due = INSTANT_MAX;
    if (!outbox->link_up)
        return OK;
    for (int c = 0; c < CHANNEL_COUNT; c++)
        while (outbox->expected[c]) {
            int64_t before = (int64_t)outbox->flight_count;
            enum err err = claim_channel(tx, outbox, (enum channel)c);
            if (err != OK)
                return err;
            if ((int64_t)outbox->flight_count == before)
                break;
        }
    return OK;
}

void outbox_hand_over(struct outbox *outbox, struct sender_link *link)
{
    for (size_t f = 0; f < outbox->flight_count; f++) {
        struct flight *flight = &outbox->flights[f];
        if (!flight->claimed_now)
            continue;
        link_send(link, flight->frame);
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

/* Outcomes ---------------------------------------------------------------------------------------------------------- */

struct sent_message {
    struct text kind, user_id, contact_method_id, channel, provider, state;
    int64_t incident_number;
};

static enum err load_sent(struct tx *tx, int64_t number, struct sent_message *ret)
{
    struct query *q = db_query(tx->db, "message_load");
    query_bind_int(q, "number", number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct arena *a = tx->arena;
    *ret = (struct sent_message){.kind = text_copy(a, query_text(q, 1)), .user_id = text_copy(a, query_text(q, 2)),
                                 .contact_method_id = text_copy(a, query_text(q, 3)), .incident_number = query_int(q, 4),
                                 .channel = text_copy(a, query_text(q, 5)), .provider = text_copy(a, query_text(q, 10)),
                                 .state = text_copy(a, query_text(q, 13))};
    return OK;
}

static enum err store_outcome(struct tx *tx, const struct attempt_end *end)
{
    struct query *q = db_query(tx->db, "message_outcome");
    query_bind_int(q, "number", end->message_number);
    query_bind_text(q, "state", text_of(outcome_name(end->outcome)));
    query_bind_instant(q, "now", tx->now);
    query_bind_text(q, "provider_ref", end->provider_ref.size ? end->provider_ref : TEXT_NONE);
    query_bind_text(q, "error", end->error.size ? text_utf8_cut(end->error, 500) : TEXT_NONE);
    return query_run(q);
}

/* One entry in the record of each incident the message spoke for. */
static enum err note_in_ledger(struct tx *tx, const struct attempt_end *end, const struct sent_message *message)
{
    if (!text_is(message->kind, "page"))
        return OK;
    struct query *q = db_query(tx->db, "message_incidents");
    query_bind_int(q, "message_number", end->message_number);
    int64_t *incidents;
    size_t count;
    enum err err = rows_take_all(q, tx->arena, &incidents, &count);
    bool reached = end->outcome == OUTCOME_ACCEPTED || end->outcome == OUTCOME_DELIVERED;
    json_t *doc = json_object_in(tx->arena);
    json_put_text(doc, "channel", message->channel);
    json_put_text(doc, "provider", message->provider);
    json_put_string(doc, "outcome", outcome_name(end->outcome));
    json_put_text(doc, "error", end->error.size ? end->error : TEXT_NONE);
    json_put_text(doc, "message", id_public(tx->arena, ID_MESSAGE, end->message_number));
    for (size_t i = 0; i < count && err == OK; i++) {
        int64_t seq;
        err = ledger_append(tx, &(struct ledger_entry){.incident_number = incidents[i], .kind = reached ? LEDGER_NOTIFY : LEDGER_NOTIFY_FAILED,
                                                       .actor = actor_system, .user_id = message->user_id, .doc = doc}, &seq);
    }
    return err;
}

enum err outbox_attempt_ended(struct tx *tx, const struct attempt_end *end)
{
    struct outbox *outbox = engine_outbox(tx->engine);
    struct sent_message message;
    enum err err = load_sent(tx, end->message_number, &message);
    if (err == ERR_NOT_FOUND)
        return OK;
    bool open = text_is(message.state, "sending") || text_is(message.state, "queued");
    /* A receipt may come before the answer to the request: then the answer adds nothing. */
    if (err != OK || !open)
        return err;
    err = store_outcome(tx, end);
    if (err == OK)
        err = note_in_ledger(tx, end, &message);
    if (err != OK || end->outcome == OUTCOME_ACCEPTED || end->outcome == OUTCOME_DELIVERED)
        return err;
    enum channel channel;
    if (!channel_parse(message.channel, &channel))
        return ERR_INTERNAL;
    bool tried[PROVIDERS_MAX] = {false};
    struct attempt_history history;
    err = load_history(tx, outbox, end->message_number, channel, tried, &history);
    if (err != OK)
        return err;
    struct failover then = failover_after(end->outcome, end->address_refused, end->retry_after_s, &history);
    return delivery_continue(tx, end->message_number, message.contact_method_id, message.channel, &then,
                             end->error, text_is(message.kind, "page"));
}

static void count_failure(struct provider *provider, instant now)
{
    provider->failures[provider->failure_next] = now;
    provider->failure_next = (provider->failure_next + 1) % CIRCUIT_FAILURES;
    provider->last_failure = now;
    instant oldest = provider->failures[provider->failure_next];
    if (!provider->open && instant_is_set(oldest) && !instant_before(oldest, instant_add_s(now, -CIRCUIT_WINDOW_S))) {
        provider->open = true;
        log_error("outbox", "provider %s: %d failures within %d s; others are preferred, it is tried again every %d s", provider->name,
                  CIRCUIT_FAILURES, CIRCUIT_WINDOW_S, CIRCUIT_PROBE_S);
    }
}

static void count_success(struct provider *provider, instant now)
{
    provider->last_success = now;
    if (provider->open)
        log_warning("outbox", "provider %s answers again", provider->name);
    provider->open = false;
    for (size_t f = 0; f < CIRCUIT_FAILURES; f++)
        provider->failures[f] = INSTANT_NONE;
}

void outbox_settle(struct outbox *outbox, int64_t message_number, enum outcome outcome, instant now)
{
    pthread_mutex_lock(&outbox->lock);
    for (size_t f = 0; f < outbox->flight_count; f++) {
        if (outbox->flights[f].message_number != message_number)
            continue;
        struct provider *provider = &outbox->providers[outbox->flights[f].provider];
        remove_flight(outbox, f);
        if (outcome == OUTCOME_TEMPORARY || outcome == OUTCOME_UNKNOWN)
            count_failure(provider, now);
        else
            count_success(provider, now); /* a refusal of one address is an answer too */
        break;
    }
    pthread_mutex_unlock(&outbox->lock);
    outbox_expect_all(outbox); /* a place became free */
}

static bool is_in_flight(const struct outbox *outbox, int64_t message_number)
{
    for (size_t f = 0; f < outbox->flight_count; f++)
        if (outbox->flights[f].message_number == message_number)
            return true;
    return false;
}

enum err outbox_recover(struct tx *tx)
{
    struct query *q = db_query(tx->db, "messages_sending");
    query_bind_int(q, "limit", 100000);
    int64_t *messages;
    size_t count;
    enum err err = rows_take_all(q, tx->arena, &messages, &count);
    struct outbox *outbox = engine_outbox(tx->engine);
    for (size_t i = 0; i < count && err == OK; i++)
        if (!is_in_flight(outbox, messages[i]))
            err = outbox_attempt_ended(tx, &(struct attempt_end){.message_number = messages[i], .outcome = OUTCOME_UNKNOWN,
                                                                 .error = TEXT("interrupted while it was being sent")});
    outbox_expect_all(outbox);
    return err;
}

static const struct { const char *state; int rank; } lattice[] = {
    {"queued", 0}, {"sending", 1}, {"temporary", 2}, {"unknown", 2}, {"accepted", 3}, {"permanent", 4}, {"delivered", 5}, {"cancelled", 6},
};

static int rank_of(struct text state)
{
    for (size_t i = 0; i < sizeof lattice / sizeof lattice[0]; i++)
        if (text_is(state, lattice[i].state))
            return lattice[i].rank;
    return -1;
}

enum err outbox_status(struct tx *tx, int64_t message_number, struct text state, struct text error)
{
    struct sent_message message;
    enum err err = load_sent(tx, message_number, &message);
    struct attempt_end end = {.message_number = message_number, .error = error};
    if (err != OK)
        return err;
    if (!outcome_parse(state, &end.outcome))
        return ERR_INVALID;
    if (rank_of(state) <= rank_of(message.state))
        return OK;
    err = store_outcome(tx, &end);
    if (err != OK || end.outcome != OUTCOME_PERMANENT)
        return err;
    /* The provider took it and failed later: the ladder need not wait for its next step. */
    err = note_in_ledger(tx, &end, &message);
    struct failover then = {.next = NEXT_NONE, .pull_forward = true};
    return err == OK ? delivery_continue(tx, message_number, message.contact_method_id, message.channel, &then, error, text_is(message.kind, "page")) : err;
}

size_t engine_provider_health(struct engine *engine, struct provider_health *ret, size_t capacity)
{
    struct outbox *outbox = engine_outbox(engine);
    pthread_mutex_lock(&outbox->lock);
    size_t count = outbox->provider_count < capacity ? outbox->provider_count : capacity;
    for (size_t p = 0; p < count; p++) {
        const struct provider *provider = &outbox->providers[p];
        int64_t failures = 0;
        for (size_t f = 0; f < CIRCUIT_FAILURES; f++)
            failures += instant_is_set(provider->failures[f]);
        ret[p] = (struct provider_health){.name = provider->name, .circuit_open = provider->open, .in_flight = provider->in_flight,
                                          .failures_last_minute = failures, .last_success = provider->last_success,
                                          .last_failure = provider->last_failure};
    }
    pthread_mutex_unlock(&outbox->lock);
    return count;
}
