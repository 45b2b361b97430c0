/* Why: what a provider with Twilio's API calls back: a text message came in, a call was taken, a key was pressed, a message arrived
 * or did not. Each request proves itself by the account's signature, which only the sender process can judge; anything else is a
 * 403 and changes nothing. Repeats and disorder are harmless. */
#include "api/api_state.h"
#include "api/twilio_form.h"
#include "base/json_scan.h"
#include "channel/sms.h"
#include "channel/twiml.h"
#include "engine/outbox.h"
#include "engine/replies.h"

static enum err forbid(struct call *call)
{
    problem_add(call->problem, NULL, "the request does not carry a valid signature of this account");
    return ERR_FORBIDDEN;
}

/* The address as the provider called it: what a proxy put in front of us is in the public URL, not in the request. */
static struct text url_as_called(const struct call *call)
{
    struct text path = call->request->path, prefix = call->api->path_prefix;
    if (prefix.size > 0 && text_starts_with(path, text_printf(call->arena, "%.*s/", TEXT_ARG(prefix))))
        path = text_slice(path, prefix.size, path.size);
    return text_printf(call->arena, "%s%.*s%s%.*s", call_public_url(call), TEXT_ARG(path), call->request->query.size ? "?" : "",
                       TEXT_ARG(call->request->query));
}

static enum err read_verified(struct call *call, struct text provider, json_t **ret_form)
{
    json_t *form = twilio_form_read(call->arena, call->request->body);
    struct text signature = http_request_header(call->request, "X-Twilio-Signature");
    bool valid = false;
    if (!form || !provider.size || !signature.size)
        return forbid(call);
    enum err err = engine_verify(call->engine, provider, url_as_called(call), form, signature, &valid);
    if (err != OK)
        return err;
    if (!valid)
        return forbid(call);
    *ret_form = form;
    return OK;
}

/* Unknown messages answer like bad signatures: numbers are not for guessing. */
static enum err read_about_message(struct call *call, struct reply_message *ret_message, json_t **ret_form)
{
    int64_t number;
    if (!text_to_int64(call->path_parameters[0], &number))
        return forbid(call);
    enum err err = replies_message(call->db, call->arena, number, ret_message);
    if (err == ERR_NOT_FOUND)
        return forbid(call);
    return err == OK ? read_verified(call, ret_message->provider, ret_form) : err;
}

static enum err answer_twiml(struct call *call, struct text twiml)
{
    call->raw = (struct http_response){.status = 200, .content_type = "text/xml; charset=utf-8", .body = twiml};
    return OK;
}

static bool is_machine(const json_t *form)
{
    struct text by = json_text_at(form, "AnsweredBy");
    return text_starts_with(by, TEXT("machine")) || text_is(by, "fax");
}

static enum err read_content(struct call *call, const struct reply_message *message, struct content *ret)
{
    const struct json_node *document;
    if (json_scan(call->arena, message->content, call->problem, &document) != OK)
        return ERR_INTERNAL;
    content_read(call->arena, document, ret);
    ret->kind = content_kind_of(message->kind);
    ret->repeat = message->possible_repeat;
    return OK;
}

/* Text messages ----------------------------------------------------------------------------------------------- */

static enum err receive_sms(struct call *call)
{
    json_t *form;
    enum err err = read_verified(call, call->path_parameters[0], &form);
    if (err != OK)
        return err;
    struct reply_work work = {.arena = call->arena,
                              .reply = {.source = REPLY_BY_SMS, .provider = call->path_parameters[0], .address = json_text_at(form, "From"),
                                        .words = json_text_at(form, "Body")}};
    err = call_change(call, replies_work, &work);
    return err == OK ? answer_twiml(call, twiml_message(call->arena, sms_answer(call->arena, work.result.answer))) : err;
}

/* Calls --------------------------------------------------------------------------------------------------------- */

static struct message_report report_of(const struct reply_message *message, const json_t *form)
{
    struct message_report report = {.message_number = message->number, .provider = message->provider, .address = json_text_at(form, "To")};
    struct text call_sid = json_text_at(form, "CallSid"), error = json_text_at(form, "ErrorCode");
    report.ref = call_sid.size ? call_sid : json_text_at(form, "MessageSid");
    report.status = call_sid.size ? json_text_at(form, "CallStatus") : json_text_at(form, "MessageStatus");
    report.answered_by_machine = is_machine(form);
    (void)text_to_int64(error, &report.error_code);
    return report;
}

static enum err report_work(struct tx *tx, void *argument)
{
    return message_status(tx, argument);
}

/* Nobody needs to be asked about what is settled: a call that comes late says so. */
static enum err settled_state(struct call *call, const struct reply_message *message, struct text *ret)
{
    struct reply_incident *incidents;
    size_t count;
    enum err err = replies_incidents(call->db, call->arena, message->number, &incidents, &count);
    if (err != OK)
        return err;
    for (size_t i = 0; i < count; i++)
        if (!text_is(incidents[i].status, "acknowledged") && !text_is(incidents[i].status, "resolved"))
            return OK;
    if (count > 0)
        *ret = text_printf(call->arena, "This is Muster. No action is needed: incident %lld is already %.*s. Goodbye.", (long long)incidents[0].number,
                           TEXT_ARG(replies_state(call->db, call->arena, &incidents[0], call->now)));
    return OK;
}

static struct text digits_url(const struct call *call, const struct reply_message *message)
{
    return text_printf(call->arena, "%s/twilio/voice/%lld/digits", call_public_url(call), (long long)message->number);
}

static enum err speak(struct call *call)
{
    struct reply_message message;
    struct content content;
    json_t *form;
    struct text settled = TEXT_NONE;
    enum err err = read_about_message(call, &message, &form);
    if (err != OK)
        return err;
    struct message_report report = report_of(&message, form);
    report.picked_up = true;
    err = call_change(call, report_work, &report);
    if (err != OK)
        return err == ERR_NOT_FOUND ? forbid(call) : err;
    err = read_content(call, &message, &content);
    if (err == OK && text_is(message.kind, "page"))
        err = settled_state(call, &message, &settled);
    if (err != OK)
        return err;
    if (settled.size)
        return answer_twiml(call, twiml_say(call->arena, settled));
    return answer_twiml(call, is_machine(form) ? twiml_voicemail(call->arena, &content) : twiml_page(call->arena, &content, digits_url(call, &message)));
}

static enum err take_digits(struct call *call)
{
    struct reply_message message;
    struct content content;
    json_t *form;
    enum err err = read_about_message(call, &message, &form);
    if (err == OK)
        err = read_content(call, &message, &content);
    if (err != OK)
        return err;
    if (is_machine(form)) /* tones of a voicemail are nobody's answer */
        return answer_twiml(call, twiml_voicemail(call->arena, &content));
    struct reply_work work = {.arena = call->arena,
                              .reply = {.source = REPLY_BY_KEY, .provider = message.provider, .address = json_text_at(form, "To"),
                                        .words = json_text_at(form, "Digits"), .message_number = message.number}};
    err = call_change(call, replies_work, &work);
    if (err != OK)
        return err;
    if (work.result.outcome == REPLY_UNCLEAR)
        return answer_twiml(call, twiml_page_again(call->arena, &content, digits_url(call, &message)));
    return answer_twiml(call, twiml_say(call->arena, work.result.answer));
}

/* Reports ------------------------------------------------------------------------------------------------------- */

static enum err take_status(struct call *call)
{
    struct reply_message message;
    json_t *form;
    enum err err = read_about_message(call, &message, &form);
    if (err != OK)
        return err;
    struct message_report report = report_of(&message, form);
    err = call_change(call, report_work, &report);
    call->status = 204;
    return err == ERR_NOT_FOUND || err == ERR_FORBIDDEN ? forbid(call) : err;
}

static const struct route routes[] = {
    {.method = "POST", .path = "/twilio/{provider}/sms", .permission = MAY_ANYONE, .handle = receive_sms, .body_kind = "raw",
     .body_bytes_max = TWILIO_FORM_BYTES_MAX, .summary = "Provider callback: a text message came in", .media = "text/xml"},
    {.method = "POST", .path = "/twilio/voice/{message}", .permission = MAY_ANYONE, .handle = speak, .body_kind = "raw",
     .body_bytes_max = TWILIO_FORM_BYTES_MAX, .summary = "Provider callback: what a call says", .media = "text/xml"},
    {.method = "POST", .path = "/twilio/voice/{message}/digits", .permission = MAY_ANYONE, .handle = take_digits, .body_kind = "raw",
     .body_bytes_max = TWILIO_FORM_BYTES_MAX, .summary = "Provider callback: a key was pressed", .media = "text/xml"},
    {.method = "POST", .path = "/twilio/status/{message}", .permission = MAY_ANYONE, .handle = take_status, .body_kind = "raw",
     .body_bytes_max = TWILIO_FORM_BYTES_MAX, .summary = "Provider callback: what became of a message or call",
     .media = ROUTE_NOTHING},
};
const struct route_table twilio_routes = {routes, sizeof routes / sizeof *routes};
