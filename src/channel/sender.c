/* Why: see sender.h. The event loop: frames in, transfers, outcomes out. What a message looks like and what an answer of a
 * provider means is in the channels; what a broken transfer means is in send.c. */
#include "channel/sender.h"

#include <assert.h>
#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/json_writer.h"
#include "base/log.h"
#include "channel/frames.h"
#include "channel/send.h"
#include "channel/transfers.h"
#include "channel/twilio.h"

enum {
    SEND_ARENA_BYTES_MAX = 16 * 1024 * 1024, /* one frame, its rendering and the answer */
    ANSWERS_WAITING_MAX = 1024 * 1024,       /* the core reads slower than we answer: stop taking work */
    IN_FLIGHT_DEFAULT = 100,
    SEND_BUCKETS = 256, /* a power of two; about as many as are usually in flight */
};

struct sender {
    int fd;
    const struct config *config;
    struct env *env;
    struct transfers transfers;
    struct frame_buffer in;
    char *out; /* answers the core has not taken yet */
    size_t out_size, out_capacity;
    struct arena *scratch; /* of one answer */
    struct send *sends[SEND_BUCKETS]; /* in flight, by id */
    struct spare spare;
    struct provider_config subscriptions; /* how deliveries to subscriptions are made; the last place of in_flight */
    int64_t in_flight[PROVIDERS_MAX + 1];
};

static struct json_writer begin_answer(struct sender *sender, const char *type)
{
    struct json_writer frame = json_writer_new(sender->scratch);
    json_begin_object(&frame, NULL);
    json_add_string(&frame, "type", type);
    return frame;
}

static bool put_answer(struct sender *sender, struct json_writer *frame)
{
    json_end_object(frame);
    struct text document = json_written(frame);
    size_t needed = sender->out_size + document.size + FRAME_HEADER_BYTES;
    if (needed > sender->out_capacity) {
        size_t capacity = needed * 2;
        char *out = realloc(sender->out, capacity);
        if (!out)
            return false;
        sender->out = out;
        sender->out_capacity = capacity;
    }
    assert(sender->out);
    frame_header((unsigned char *)sender->out + sender->out_size, document.size);
    memcpy(sender->out + sender->out_size + FRAME_HEADER_BYTES, document.data, document.size);
    sender->out_size = needed;
    arena_reset(sender->scratch);
    return true;
}

static bool flush_answers(struct sender *sender)
{
    size_t done = 0;
    while (done < sender->out_size) {
        ssize_t n = send(sender->fd, sender->out + done, sender->out_size - done, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            break;
        if (n <= 0)
            return false;
        done += (size_t)n;
    }
    memmove(sender->out, sender->out + done, sender->out_size - done);
    sender->out_size -= done;
    return true;
}

static bool answer_outcome(struct sender *sender, int64_t id, enum errand errand, const struct outcome *outcome)
{
    struct json_writer frame = begin_answer(sender, "outcome");
    json_add_int(&frame, "id", id);
    json_add_string(&frame, "outcome", outcome_name(outcome->kind));
    if (text_is_present(outcome->ref))
        json_add_text(&frame, "ref", outcome->ref);
    if (text_is_present(outcome->error))
        json_add_text(&frame, "error", outcome->error);
    if (outcome->retry_after_s > 0)
        json_add_int(&frame, "retry_after_s", outcome->retry_after_s);
    if (outcome->address_refused)
        json_add_bool(&frame, "address_refused", true);
    if (errand == ERRAND_POST) {
        json_add_bool(&frame, "posted", true);
        json_add_int(&frame, "status", outcome->status);
    }
    return put_answer(sender, &frame);
}

static bool answer_sign_in(struct sender *sender, const struct send *send)
{
    struct json_writer frame = begin_answer(sender, "signed_in");
    json_add_int(&frame, "id", send->id);
    if (send->outcome.kind == OUTCOME_DELIVERED)
        json_add_raw(&frame, "found", json_write(sender->scratch, send->found));
    else
        json_add_text(&frame, "error", send->outcome.error);
    json_add_bool(&frame, "refused", send->outcome.kind == OUTCOME_PERMANENT);
    return put_answer(sender, &frame);
}

/* Sends ------------------------------------------------------------------------------------------------------ */

static const struct provider_config *find_provider(const struct sender *sender, struct text name, size_t *ret_index)
{
    for (size_t i = 0; i < sender->config->provider_count; i++) {
        if (!text_equal(sender->config->providers[i].name, name))
            continue;
        *ret_index = i;
        return &sender->config->providers[i];
    }
    return NULL;
}

static const struct channel_operations *operations_for(const struct provider_config *provider, enum channel channel)
{
    switch (provider->type) {
    case PROVIDER_PRACTICE: return &channel_practice;
    case PROVIDER_BUILT_IN: return &channel_built_in;
    case PROVIDER_SMTP: return channel == CHANNEL_EMAIL ? &channel_email : NULL;
    case PROVIDER_TWILIO:
        return channel == CHANNEL_SMS ? &channel_sms : channel == CHANNEL_PHONE ? &channel_voice : NULL;
    case PROVIDER_WEBHOOK: return channel == CHANNEL_WEBHOOK ? &channel_webhook : NULL;
    case PROVIDER_OIDC: return NULL;
    }
    return NULL;
}

static void send_free(struct send *send)
{
    send_end_transfer(send);
    spare_give_arena(send->spare, send->arena);
}

static struct send **bucket_of(struct sender *sender, int64_t id)
{
    return &sender->sends[id % SEND_BUCKETS]; /* ids are counted */
}

static void join_flight(struct sender *sender, struct send *send)
{
    struct send **bucket = bucket_of(sender, send->id);
    send->next = *bucket;
    *bucket = send;
    sender->in_flight[send->provider_index]++;
}

/* The one way out of every send. */
static bool conclude(struct sender *sender, struct send *send)
{
    assert(send->outcome.kind != OUTCOME_NONE);
    bool fine = send->errand == ERRAND_SIGN_IN ? answer_sign_in(sender, send) : answer_outcome(sender, send->id, send->errand, &send->outcome);
    send_free(send);
    return fine;
}

static void leave_flight(struct sender *sender, struct send *send)
{
    struct send **place = bucket_of(sender, send->id);
    while (*place != send) {
        assert(*place && "a send in flight is in the list");
        place = &(*place)->next;
    }
    *place = send->next;
    sender->in_flight[send->provider_index]--;
    assert(sender->in_flight[send->provider_index] >= 0);
    transfers_stop(&sender->transfers, send->easy);
}

static struct send *find_send(struct sender *sender, int64_t id, enum errand errand)
{
    for (struct send *send = *bucket_of(sender, id); send; send = send->next)
        if (send->id == id && send->errand == errand)
            return send;
    return NULL;
}

static void run_transfer(struct sender *sender, struct send *send)
{
    if (!transfers_start(&sender->transfers, send->easy))
        send_settle(send, OUTCOME_TEMPORARY, TEXT_NONE, TEXT("out of memory"));
}

static void start_post(struct sender *sender, struct send *send)
{
    send->provider = &sender->subscriptions;
    send->provider_index = PROVIDERS_MAX;
    send->operations = &channel_subscription;
    if (sender->in_flight[PROVIDERS_MAX] >= POSTS_IN_FLIGHT_MAX)
        send_settle(send, OUTCOME_TEMPORARY, TEXT_NONE, TEXT("busy"));
    else
        send->operations->start(send);
}

static void start_sign_in(struct sender *sender, struct send *send)
{
    send->provider = find_provider(sender, json_node_text_at(send->arena, send->frame, "provider"), &send->provider_index);
    send->operations = &channel_oidc;
    if (!send->provider || send->provider->type != PROVIDER_OIDC)
        send_settle(send, OUTCOME_PERMANENT, TEXT_NONE, TEXT("no such provider"));
    else if (sender->in_flight[send->provider_index] >= send->provider->in_flight_max)
        send_settle(send, OUTCOME_TEMPORARY, TEXT_NONE, TEXT("busy"));
    else
        send->operations->start(send);
}

/* Settles what cannot be tried; otherwise leaves the send ready to run or settled by its channel. */
static void start_send(struct sender *sender, struct send *send)
{
    const struct provider_config *provider = find_provider(sender, json_node_text_at(send->arena, send->frame, "provider"), &send->provider_index);
    enum channel channel;
    if (!provider) {
        send_settle(send, OUTCOME_TEMPORARY, TEXT_NONE, TEXT("no such provider"));
        return;
    }
    send->provider = provider;
    size_t doubted;
    send->doubted = find_provider(sender, json_node_text_at(send->arena, json_node_member(send->frame, "doubt"), "provider"), &doubted);
    if (!channel_parse(json_node_text_at(send->arena, send->frame, "channel"), &channel) || !(provider->channels & 1u << channel) ||
        !(send->operations = operations_for(provider, channel))) {
        send_settle(send, OUTCOME_TEMPORARY, TEXT_NONE, TEXT("the provider does not serve this channel"));
        return;
    }
    int64_t limit = provider->in_flight_max > 0 ? provider->in_flight_max : IN_FLIGHT_DEFAULT;
    if (sender->in_flight[send->provider_index] >= limit) {
        send_settle(send, OUTCOME_TEMPORARY, TEXT_NONE, TEXT("busy"));
        return;
    }
    send->operations->start(send);
}

/* Takes over `arena`, where the frame lives. */
static bool take_send(struct sender *sender, struct arena *arena, const struct json_node *frame, int64_t id, enum errand errand)
{
    struct send *send = ARENA_NEW(arena, struct send);
    *send = (struct send){.id = id, .errand = errand, .frame = frame, .arena = arena, .now = env_now(sender->env),
                           .sockets = &sender->transfers.sockets, .spare = &sender->spare, .socket = CURL_SOCKET_BAD};
    switch (errand) {
    case ERRAND_MESSAGE: start_send(sender, send); break;
    case ERRAND_POST: start_post(sender, send); break;
    case ERRAND_SIGN_IN: start_sign_in(sender, send); break;
    }
    if (send->outcome.kind == OUTCOME_NONE)
        run_transfer(sender, send);
    if (send->outcome.kind != OUTCOME_NONE)
        return conclude(sender, send);
    join_flight(sender, send);
    return true;
}

static bool take_cancel(struct sender *sender, int64_t id)
{
    struct send *send = find_send(sender, id, ERRAND_MESSAGE);
    if (!send)
        return true; /* its outcome is already on the way */
    leave_flight(sender, send);
    send_settle(send, send->may_have_left ? OUTCOME_UNKNOWN : OUTCOME_TEMPORARY, TEXT_NONE, TEXT("cancelled"));
    return conclude(sender, send);
}

static bool take_verify(struct sender *sender, const struct json_node *frame, int64_t id)
{
    size_t index;
    const struct provider_config *provider = find_provider(sender, json_node_text_at(sender->scratch, frame, "provider"), &index);
    bool valid = provider && provider->type == PROVIDER_TWILIO &&
                 twilio_signature_is_valid(sender->scratch, provider->secret, json_node_text_at(sender->scratch, frame, "url"),
                                           json_read(sender->scratch, json_node_raw(json_node_member(frame, "params")), problem_new(sender->scratch)), json_node_text_at(sender->scratch, frame, "signature"));
    struct json_writer answer = begin_answer(sender, "verdict");
    json_add_int(&answer, "id", id);
    json_add_bool(&answer, "valid", valid);
    return put_answer(sender, &answer);
}

/* False: the contract is broken (or memory is). `arena` is used up when *ret_taken. */
static bool take_frame(struct sender *sender, struct arena *arena, const struct json_node *frame, bool *ret_taken)
{
    struct text type = json_node_text_at(arena, frame, "type");
    int64_t id = json_node_int_at(frame, "id", 0);
    *ret_taken = false;
    if (id <= 0)
        return false;
    enum errand errand = text_is(type, "post") ? ERRAND_POST : text_is(type, "sign_in") ? ERRAND_SIGN_IN : ERRAND_MESSAGE;
    if (errand != ERRAND_MESSAGE || text_is(type, "send")) {
        *ret_taken = true;
        if (!find_send(sender, id, errand))
            return take_send(sender, arena, frame, id, errand);
        arena_free(arena);
        return false;
    }
    if (text_is(type, "cancel"))
        return take_cancel(sender, id);
    if (text_is(type, "verify"))
        return take_verify(sender, frame, id);
    return false;
}

static bool take_frames(struct sender *sender)
{
    for (;;) {
        struct arena *arena = spare_take_arena(&sender->spare, SEND_ARENA_BYTES_MAX);
        const struct json_node *frame;
        bool taken = false;
        bool fine = frame_buffer_next(&sender->in, arena, &frame) == OK;
        bool more = fine && frame;
        if (more)
            fine = take_frame(sender, arena, frame, &taken);
        if (!taken)
            spare_give_arena(&sender->spare, arena);
        if (!fine || !more)
            return fine;
    }
}

/* The loop --------------------------------------------------------------------------------------------------- */

static bool finish_transfers(struct sender *sender)
{
    CURL *easy;
    CURLcode code;
    while ((easy = transfers_next_ended(&sender->transfers, &code))) {
        struct send *send = NULL;
        curl_easy_getinfo(easy, CURLINFO_PRIVATE, &send);
        assert(send);
        leave_flight(sender, send);
        send->operations->finish(send, code);
        if (send->outcome.kind == OUTCOME_NONE)
            run_transfer(sender, send); /* it was a lookup; now the message itself */
        if (send->outcome.kind == OUTCOME_NONE)
            join_flight(sender, send);
        else if (!conclude(sender, send))
            return false;
    }
    return true;
}

/* 0: the other end closed. 1: it broke the contract. */
static int serve(struct sender *sender)
{
    struct json_writer ready = begin_answer(sender, "ready");
    if (!put_answer(sender, &ready))
        return 1;
    for (;;) {
        if (!flush_answers(sender))
            return 0;
        transfers_await_own(&sender->transfers, sender->out_size < ANSWERS_WAITING_MAX, sender->out_size > 0);
        bool has_frames = transfers_wait(&sender->transfers) && sender->out_size < ANSWERS_WAITING_MAX;
        if (has_frames && frame_buffer_fill(&sender->in, sender->fd) != OK)
            return 0;
        if (has_frames && !take_frames(sender)) {
            log_error("sender", "malformed frame from the core");
            return 1;
        }
        transfers_run(&sender->transfers);
        if (!finish_transfers(sender))
            return 1;
    }
}

/* The core decides when to stop; its end of the socket closing is the signal. */
static void ignore_signals(void)
{
    signal(SIGPIPE, SIG_IGN);
    signal(SIGINT, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    signal(SIGHUP, SIG_IGN);
}

int sender_main(int fd, const struct config *config, struct env *env)
{
    ignore_signals();
    struct sender sender = {.fd = fd, .config = config, .env = env,
                            .subscriptions = {.name = TEXT("subscriptions"), .timeout_s = config->webhook_timeout_s, .allow_private_addresses = config->webhook_private}};
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK || !transfers_init(&sender.transfers, env, fd)) {
        log_error("sender", "libcurl does not start");
        return 1;
    }
    sender.scratch = arena_new(SEND_ARENA_BYTES_MAX);
    int status = serve(&sender);
    sockets_shut_down(&sender.transfers.sockets);
    for (size_t i = 0; i < SEND_BUCKETS; i++)
        for (struct send *send = sender.sends[i], *next; send; send = next) {
            next = send->next;
            transfers_stop(&sender.transfers, send->easy);
            send_free(send);
        }
    spare_free(&sender.spare);
    transfers_free(&sender.transfers);
    curl_global_cleanup();
    frame_buffer_free(&sender.in);
    free(sender.out);
    arena_free(sender.scratch);
    return status;
}
