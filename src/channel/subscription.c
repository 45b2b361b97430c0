/* Why: one delivery to a webhook subscription. Everything about it comes with the frame: address, the secrets that sign (two while one is being replaced),
 * the subscriber's own headers and the bytes to post, so that a repeat carries the same ones (engine/webhooks.h).
 *
 * PagerDuty's rules, with two kinder ones: a certificate that does not fit and 408, 425 are tried again, not dropped. 2xx delivered, whatever the body says; 410
 * permanent and the subscription refused; 429 and 5xx, time-outs and every broken transfer temporary; the rest permanent, redirects too, because
 * they would lead past the address guard. */
#include "base/hmac.h"
#include "channel/send.h"

enum { SECRETS_MAX = 2 };

static bool sign(struct send *send)
{
    struct builder b = builder_new(send->arena, 256);
    size_t count = 0;
    json_node_each(json_node_member(send->frame, "secrets"), secret) {
        unsigned char digest[HMAC_SHA256_BYTES];
        if (count == SECRETS_MAX)
            break;
        hmac_sha256(json_node_text(send->arena, secret), send->body, digest);
        builder_printf(&b, "%sv1=%.*s", count++ ? "," : "", TEXT_ARG(text_hex(send->arena, digest, sizeof digest)));
    }
    return send_add_header(send, "X-PagerDuty-Signature", builder_text(&b));
}

static bool add_own_headers(struct send *send)
{
    json_node_each(json_node_member(send->frame, "headers"), header) {
        const char *name = text_cstring(send->arena, json_node_text_at(send->arena, header, "name"));
        if (!send_add_header(send, name, json_node_text_at(send->arena, header, "value")))
            return false;
    }
    return true;
}

static void start(struct send *send)
{
    send->body = json_node_text_at(send->arena, send->frame, "body");
    if (!send_prepare(send, json_node_text_at(send->arena, send->frame, "url"), "http,https"))
        return;
    send_prepare_http(send);
    send_guard_address(send);
    if (send->only_public)
        curl_easy_setopt(send->easy, CURLOPT_FORBID_REUSE, 1L);
    if (send_add_header(send, "Content-Type", TEXT("application/json")) &&
        send_add_header(send, "X-Webhook-Id", json_node_text_at(send->arena, send->frame, "webhook_id")) && add_own_headers(send))
        (void)sign(send);
}

static enum outcome_kind kind_of_status(long status)
{
    if (status >= 200 && status < 300)
        return OUTCOME_DELIVERED;
    if (status == 408 || status == 425 || status == 429 || status >= 500 || status < 200)
        return OUTCOME_TEMPORARY;
    return OUTCOME_PERMANENT;
}

static void finish(struct send *send, CURLcode code)
{
    send_finish_post(send, code, kind_of_status);
    long status = send_status(send);
    send->outcome.status = status;
    if (code == CURLE_OK && status >= 300 && status < 400)
        send->outcome.error = text_printf(send->arena, "HTTP %ld: redirects are not followed", status);
}

const struct channel_operations channel_subscription = {.start = start, .finish = finish};
