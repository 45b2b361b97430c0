/* Why: an attempt to reach somebody has ended: its state, its line in the record, and what follows. */
#include "base/id.h"
#include "base/json_writer.h"
#include "engine/canary.h"
#include "engine/delivery.h"
#include "engine/engine_state.h"
#include "engine/ledger.h"
#include "engine/outbox_state.h"
#include "engine/rows.h"

static size_t provider_index(const struct outbox *outbox, struct text name)
{
    for (size_t p = 0; p < outbox->provider_count; p++)
        if (text_equal(name, outbox->providers[p].config->name))
            return p;
    return outbox->provider_count;
}

/* What the attempts before (and including) `message_number` have tried. */
enum err outbox_history(struct tx *tx, struct outbox *outbox, int64_t message_number, enum channel channel, bool *tried,
                             struct attempt_history *ret)
{
    struct attempt_history history = {.rounds = 1};
    struct query *q = db_query(tx->db, "message_chain");
    query_bind_int(q, "number", message_number);
    query_bind_int(q, "history_max", ATTEMPT_HISTORY_MAX);
    bool in_this_round = true;
    while (query_next(q)) {
        size_t p = provider_index(outbox, query_text(q, 1));
        if (history.attempts == 0) { /* the newest; a long chain is not followed to its beginning */
            history.attempts = query_int(q, 4);
            history.is_page = text_is(query_text(q, 5), "page");
        }
        if (in_this_round && p < outbox->provider_count)
            tried[p] = true;
        if (text_is(query_text(q, 3), "retry")) {
            in_this_round = false;
            history.rounds++;
        }
        if (text_is(query_text(q, 3), "doubt"))
            history.doubts++;
    }
    if (query_failed(q))
        return query_err(q);
    for (size_t p = 0; p < outbox->provider_count; p++)
        if (provider_serves(&outbox->providers[p], channel) && !tried[p])
            history.untried_providers++;
    *ret = history;
    return OK;
}

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

static enum err incidents_of(struct tx *tx, int64_t message_number, const struct sent_message *message, int64_t **ret, size_t *ret_count)
{
    if (message->incident_number > 0) {
        *ret = arena_copy(tx->arena, &message->incident_number, sizeof **ret);
        *ret_count = 1;
        return OK;
    }
    struct query *q = db_query(tx->db, "message_incidents");
    query_bind_int(q, "message_number", message_number);
    return rows_take_all(q, tx->arena, ret, ret_count);
}

/* One entry in the record of each incident the message spoke for. */
static enum err note_in_ledger(struct tx *tx, const struct attempt_end *end, const struct sent_message *message)
{
    if (!text_is(message->kind, "page"))
        return OK;
    int64_t *incidents = NULL;
    size_t count = 0;
    enum err err = incidents_of(tx, end->message_number, message, &incidents, &count);
    bool reached = end->outcome == OUTCOME_ACCEPTED || end->outcome == OUTCOME_DELIVERED;
    struct json_writer doc = json_writer_new(tx->arena);
    json_begin_object(&doc, NULL);
    json_add_text(&doc, "channel", message->channel);
    json_add_text(&doc, "provider", message->provider);
    json_add_string(&doc, "outcome", outcome_name(end->outcome));
    json_add_text(&doc, "error", end->error.size ? end->error : TEXT_NONE);
    json_add_text(&doc, "message", id_public(tx->arena, ID_MESSAGE, end->message_number));
    json_end_object(&doc);
    struct text document = json_written(&doc);
    for (size_t i = 0; i < count && err == OK; i++) {
        int64_t seq;
        err = ledger_append(tx, &(struct ledger_entry){.incident_number = incidents[i], .kind = reached ? LEDGER_NOTIFY : LEDGER_NOTIFY_FAILED,
                                                       .actor = actor_system, .user_id = message->user_id, .doc = document}, &seq);
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
    if (err == OK && canary_is(message.user_id))
        return canary_message_ended(tx, message.kind, end);
    if (err != OK || end->outcome == OUTCOME_ACCEPTED || end->outcome == OUTCOME_DELIVERED)
        return err;
    enum channel channel;
    if (!channel_parse(message.channel, &channel))
        return ERR_INTERNAL;
    bool tried[PROVIDERS_MAX] = {false};
    struct attempt_history history;
    err = outbox_history(tx, outbox, end->message_number, channel, tried, &history);
    if (err != OK)
        return err;
    struct failover then = failover_after(&(struct attempt_verdict){.outcome = end->outcome, .address_refused = end->address_refused, .interrupted = end->interrupted,
                                                                    .retry_after_s = end->retry_after_s},
                                          &history);
    return delivery_continue(tx, end->message_number, message.contact_method_id, message.channel, &then,
                             end->error, text_is(message.kind, "page"));
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
            err = outbox_attempt_ended(tx, &(struct attempt_end){.message_number = messages[i], .outcome = OUTCOME_UNKNOWN, .interrupted = true,
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
