/* Why: see twilio.h. SMS and calls are one form POST each to the same account; only the form differs. */
#include "channel/twilio.h"

#include "channel/send.h"
#include "channel/sms.h"

enum {
    SMS_VALIDITY_S = 300, /* an older page is worse than none: the ladder has gone on (the provider's default is hours) */
    RING_S = 30,
    FORM_BYTES_MAX = 32 * 1024,
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

static void post(struct send *send, const char *resource, struct form *form)
{
    const struct provider_config *provider = send->provider;
    struct text base = provider->base_url.size ? provider->base_url : TEXT("https://api.twilio.com");
    while (base.size && base.data[base.size - 1] == '/')
        base.size--;
    struct text account = text_percent_encode(send->arena, provider->account);
    if (form->b.overflowed) {
        send_refuse(send, "the message is too long");
        return;
    }
    send->body = builder_text(&form->b);
    if (!send_prepare(send, text_printf(send->arena, "%.*s/2010-04-01/Accounts/%.*s/%s", TEXT_ARG(base), TEXT_ARG(account), resource), "http,https"))
        return;
    send_prepare_http(send);
    curl_easy_setopt(send->easy, CURLOPT_HTTPAUTH, (long)CURLAUTH_BASIC);
    curl_easy_setopt(send->easy, CURLOPT_USERNAME, text_cstring(send->arena, provider->account));
    curl_easy_setopt(send->easy, CURLOPT_PASSWORD, text_cstring(send->arena, provider->secret));
}

static bool start_form(struct send *send, struct form *form)
{
    struct text to = json_text_at(send->frame, "to"), from = send->provider->from;
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

static void start_sms(struct send *send)
{
    struct form form;
    struct content content;
    struct text callback = json_text_at(send->frame, "callback_url");
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

static void start_call(struct send *send)
{
    static const char *const events[] = {"initiated", "ringing", "answered", "completed"};
    struct form form;
    struct text callback = json_text_at(send->frame, "callback_url"), voice = json_text_at(send->frame, "voice_url");
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
    long status = 0;
    struct outcome outcome;
    curl_easy_getinfo(send->easy, CURLINFO_RESPONSE_CODE, &status);
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

const struct channel_operations channel_sms = {.start = start_sms, .finish = finish};
const struct channel_operations channel_voice = {.start = start_call, .finish = finish};
