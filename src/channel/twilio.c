/* Why: see twilio.h. SMS and calls are one form POST each to the same account; only the form differs. */
#include "channel/twilio.h"

#include "channel/send.h"
#include "channel/sms.h"

enum {
    SMS_VALIDITY_S = 300, /* an older page is worse than none: the ladder has gone on (the provider's default is hours) */
    RING_S = 30,
    FORM_BYTES_MAX = 32 * 1024,
    LOOKUP_TIMEOUT_S = 3,   /* a page waits for it */
    LOOKUP_LISTED = 50,     /* of the latest messages to the number, newest first */
    LOOKUP_SLACK_S = 120,   /* the provider's clock is not ours */
};

/* The provider's numbered errors that are about the person's number or about this text. integrations.md section 2. */
static const struct {
    int64_t code;
    bool about_number;
} refusals[] = {
    {13223, true}, {13224, true}, {13225, true}, {13226, true}, /* calls: not a phone number, not one that can be called */
    {21211, true}, {21214, true}, {21217, true}, {21401, true}, {21421, true}, /* no valid number */
    {21407, true}, {21614, true}, {21635, true},                /* cannot receive SMS, landline */
    {21610, true},                                              /* answered STOP */
    {30005, true}, {30006, true},                               /* unknown at the carrier, landline; from the status callback */
    {21602, false}, {21617, false}, {21619, false},             /* no text, too long */
    {30003, false}, {30004, false}, {30007, false},             /* switched off, blocked, filtered */
};

static bool find_refusal(int64_t code, bool *ret_about_number)
{
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++)
        if (refusals[i].code == code) {
            *ret_about_number = refusals[i].about_number;
            return true;
        }
    return false;
}

bool twilio_error_is_about_number(int64_t code)
{
    bool about_number = false;
    return find_refusal(code, &about_number) && about_number;
}

bool twilio_progress_parse(struct text status, enum twilio_progress *ret)
{
    static const struct {
        const char *name;
        enum twilio_progress progress;
    } states[] = {
        {"accepted", TWILIO_UNDER_WAY},  {"scheduled", TWILIO_UNDER_WAY}, {"queued", TWILIO_UNDER_WAY},    {"sending", TWILIO_UNDER_WAY},
        {"sent", TWILIO_UNDER_WAY},      {"delivered", TWILIO_DELIVERED}, {"read", TWILIO_DELIVERED},      {"undelivered", TWILIO_FAILED},
        {"failed", TWILIO_FAILED},       {"canceled", TWILIO_FAILED},     {"initiated", TWILIO_UNDER_WAY}, {"ringing", TWILIO_UNDER_WAY},
        {"in-progress", TWILIO_UNDER_WAY}, {"answered", TWILIO_UNDER_WAY}, {"completed", TWILIO_UNDER_WAY}, {"busy", TWILIO_NO_ANSWER},
        {"no-answer", TWILIO_NO_ANSWER},
    };
    for (size_t i = 0; i < sizeof states / sizeof *states; i++)
        if (text_is(status, states[i].name)) {
            *ret = states[i].progress;
            return true;
        }
    return false;
}

static enum outcome_kind kind_of_status(long status)
{
    if (status >= 200 && status < 300)
        return OUTCOME_ACCEPTED;
    if (status == 502 || status == 504)
        return OUTCOME_UNKNOWN;
    return OUTCOME_TEMPORARY;
}

void twilio_classify(struct arena *arena, long status, struct text body, struct outcome *ret)
{
    json_t *answer = json_read(arena, body, problem_new(arena));
    struct text message = json_text_at(answer, "message");
    int64_t code = json_int_at(answer, "code", 0);
    bool about_number;
    *ret = (struct outcome){.kind = kind_of_status(status)};
    if (ret->kind == OUTCOME_ACCEPTED) {
        ret->ref = json_text_at(answer, "sid");
        return;
    }
    if (status >= 400 && status < 500 && find_refusal(code, &about_number)) {
        ret->kind = OUTCOME_PERMANENT;
        ret->address_refused = about_number;
    }
    struct text shown = content_one_line(arena, text_utf8_cut(text_is_present(message) ? message : TEXT(""), 200));
    ret->error = code ? text_printf(arena, "%ld, %lld: %.*s", status, (long long)code, TEXT_ARG(shown))
                      : text_printf(arena, "HTTP %ld %.*s", status, TEXT_ARG(shown));
}

/* The requests --------------------------------------------------------------------------------------------- */

struct form {
    struct arena *arena;
    struct builder b;
};

static void field(struct form *form, const char *name, struct text value)
{
    if (form->b.size)
        builder_add_string(&form->b, "&");
    builder_printf(&form->b, "%s=%.*s", name, TEXT_ARG(text_percent_encode(form->arena, value)));
}

/* A transfer to a resource of the account; false: settled. */
static bool prepare(struct send *send, const struct provider_config *provider, const char *resource)
{
    struct text base = provider->base_url.size ? provider->base_url : TEXT("https://api.twilio.com");
    while (base.size && base.data[base.size - 1] == '/')
        base.size--;
    struct text account = text_percent_encode(send->arena, provider->account);
    if (!send_prepare(send, text_printf(send->arena, "%.*s/2010-04-01/Accounts/%.*s/%s", TEXT_ARG(base), TEXT_ARG(account), resource), "http,https"))
        return false;
    send_prepare_http(send);
    curl_easy_setopt(send->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    curl_easy_setopt(send->easy, CURLOPT_USERNAME, text_cstring(send->arena, provider->account));
    curl_easy_setopt(send->easy, CURLOPT_PASSWORD, text_cstring(send->arena, provider->secret));
    return true;
}

static void post(struct send *send, const char *resource, struct form *form)
{
    if (form->b.overflowed) {
        send_refuse(send, "the message is too long");
        return;
    }
    send->body = builder_text(&form->b);
    (void)prepare(send, send->provider, resource);
}

static bool start_form(struct send *send, struct form *form)
{
    struct text to = json_node_text_at(send->arena, send->frame, "to"), from = send->provider->from;
    *form = (struct form){.arena = send->arena, .b = builder_new(send->arena, FORM_BYTES_MAX)};
    if (!to.size) {
        send_refuse(send, "no number to send to");
        return false;
    }
    field(form, "To", to);
    bool is_service = text_starts_with(from, TEXT("MG"));
    field(form, is_service ? "MessagingServiceSid" : "From", from);
    return true;
}

static void send_sms(struct send *send)
{
    struct form form;
    struct content content;
    struct text callback = json_node_text_at(send->arena, send->frame, "callback_url");
    if (!start_form(send, &form))
        return;
    content_read(send->arena, send->frame, &content);
    struct text body = render_sms(send->arena, &content);
    if (!body.size) {
        send_refuse(send, "the message is empty");
        return;
    }
    field(&form, "Body", body);
    field(&form, "ValidityPeriod", text_printf(send->arena, "%d", SMS_VALIDITY_S));
    if (callback.size)
        field(&form, "StatusCallback", callback);
    post(send, "Messages.json", &form);
}

/* Doubt ----------------------------------------------------------------------------------------------------- */

/* Only texts can be told apart: a list of calls does not say what was spoken, so a call in doubt is repeated, with its label. */
static void ask_for_earlier_copy(struct send *send)
{
    struct text to = text_percent_encode(send->arena, json_node_text_at(send->arena, send->frame, "to"));
    send->is_lookup = true;
    if (!prepare(send, send->doubted, text_printf(send->arena, "Messages.json?To=%.*s&PageSize=%d", TEXT_ARG(to), LOOKUP_LISTED).data))
        return;
    curl_easy_setopt(send->easy, CURLOPT_HTTPGET, 1L);
    curl_easy_setopt(send->easy, CURLOPT_TIMEOUT, (long)LOOKUP_TIMEOUT_S);
}

/* The reply code in it makes a text to one number unique for a long time; the date guards against the next one with that code. */
static bool is_earlier_copy(struct send *send, const json_t *message, const struct text bodies[2])
{
    enum twilio_progress progress;
    struct text body = json_text_at(message, "body"), created = json_text_at(message, "date_created");
    int64_t since = json_node_int_at(json_node_member(send->frame, "doubt"), "since", INT64_MAX);
    if (!text_equal(body, bodies[0]) && !text_equal(body, bodies[1]))
        return false;
    if (!twilio_progress_parse(json_text_at(message, "status"), &progress) || progress == TWILIO_FAILED)
        return false;
    time_t at = created.size ? curl_getdate(text_cstring(send->arena, created), NULL) : -1;
    return at >= 0 && at >= since - LOOKUP_SLACK_S && text_is_present(json_text_at(message, "sid"));
}

static struct text find_earlier_copy(struct send *send)
{
    struct content content;
    content_read(send->arena, send->frame, &content);
    struct text bodies[2];
    for (int labelled = 0; labelled < 2; labelled++) {
        content.repeat = labelled;
        bodies[labelled] = render_sms(send->arena, &content);
    }
    const json_t *messages = json_at(json_read(send->arena, builder_text(&send->answer), problem_new(send->arena)), "messages");
    for (size_t i = 0; i < json_array_size(messages); i++)
        if (is_earlier_copy(send, json_array_get(messages, i), bodies))
            return json_text_at(json_array_get(messages, i), "sid");
    return TEXT_NONE;
}

static void start_sms(struct send *send)
{
    if (send->doubted && send->doubted->type == PROVIDER_TWILIO && json_node_text_at(send->arena, send->frame, "to").size)
        ask_for_earlier_copy(send);
    else
        send_sms(send);
}

static void start_call(struct send *send)
{
    static const char *const events[] = {"initiated", "ringing", "answered", "completed"};
    struct form form;
    struct text callback = json_node_text_at(send->arena, send->frame, "callback_url"), voice = json_node_text_at(send->arena, send->frame, "voice_url");
    if (!start_form(send, &form))
        return;
    if (!voice.size) {
        send_refuse(send, "no voice_url: nothing to say");
        return;
    }
    field(&form, "Url", voice);
    field(&form, "Method", TEXT("POST"));
    field(&form, "Timeout", text_printf(send->arena, "%d", RING_S));
    /* Waits for the end of a voicemail greeting, so that our words are recorded; a human is told apart at once. */
    field(&form, "MachineDetection", TEXT("DetectMessageEnd"));
    if (callback.size) {
        field(&form, "StatusCallback", callback);
        field(&form, "StatusCallbackMethod", TEXT("POST"));
        for (size_t i = 0; i < sizeof events / sizeof *events; i++)
            field(&form, "StatusCallbackEvent", text_of(events[i]));
    }
    post(send, "Calls.json", &form);
}

static void finish(struct send *send, CURLcode code)
{
    long status = send_status(send);
    struct outcome outcome;
    if (code != CURLE_OK && (status < 200 || status >= 300)) {
        send_settle_failure(send, code);
        return;
    }
    /* Also when the answer broke off after "201": the verdict is in the first line. */
    twilio_classify(send->arena, status, builder_text(&send->answer), &outcome);
    send_settle(send, outcome.kind, outcome.ref, outcome.error);
    send->outcome.address_refused = outcome.address_refused;
    if (outcome.kind == OUTCOME_TEMPORARY)
        send->outcome.retry_after_s = send->retry_after_s;
}

/* Whatever goes wrong with the question: without a copy that is certainly there, the message is sent. */
static void finish_sms(struct send *send, CURLcode code)
{
    if (!send->is_lookup) {
        finish(send, code);
        return;
    }
    struct text sid = code == CURLE_OK && send_status(send) == 200 ? find_earlier_copy(send) : TEXT_NONE;
    if (text_is_present(sid)) {
        send_settle(send, OUTCOME_ACCEPTED, sid, text_printf(send->arena, "%.*s has the copy before; it was not sent again", TEXT_ARG(send->doubted->name)));
        return;
    }
    send_end_transfer(send);
    send->is_lookup = false;
    send_sms(send);
}

const struct channel_operations channel_sms = {.start = start_sms, .finish = finish_sms};
const struct channel_operations channel_voice = {.start = start_call, .finish = finish};
