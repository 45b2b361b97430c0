/* Why: the way out for programs: a signed POST. Signed twice: as Standard Webhooks has it (webhook-id, -timestamp, -signature) and as
 * receivers made for PagerDuty expect it (X-PagerDuty-Signature: v1=hex). The id stays the same when a message is tried again.
 *
 * 2xx delivered; 410 permanent and the address refused (the receiver wants no more); 408, 425, 429 and 5xx temporary; other 4xx
 * permanent; 3xx permanent, because a redirect would lead past the address guard. 502 and 504 are temporary here, not unknown:
 * the receiver tells repeats by their id. */
#include "base/hmac.h"
#include "base/json_escape.h"
#include "channel/frames.h"
#include "channel/send.h"

static bool is_envelope(struct text key)
{
    static const char *const names[] = {"type", "id", "provider", "channel", "to", "timeout_s"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_is(key, names[i]))
            return true;
    return false;
}

/* The content as it came, without what only the sender needs. */
static struct text payload(struct send *send)
{
    const struct json_node *given = json_node_member(send->frame, "payload");
    if (given)
        return json_node_raw(given);
    struct builder b = builder_new(send->arena, FRAME_BYTES_MAX);
    builder_add_string(&b, "{");
    json_node_each(send->frame, member) {
        struct text key = json_node_key(send->arena, member);
        if (is_envelope(key))
            continue;
        builder_add_string(&b, b.size > 1 ? "," : "");
        json_escape_write(&b, key);
        builder_add_string(&b, ":");
        builder_add(&b, json_node_raw(member));
    }
    builder_add_string(&b, "}");
    return builder_text(&b);
}

static bool sign(struct send *send)
{
    unsigned char digest[HMAC_SHA256_BYTES];
    struct text secret = send->provider->secret, id = json_node_text_at(send->arena, send->frame, "message_id");
    if (!id.size)
        id = text_printf(send->arena, "msg_%lld", (long long)send->id);
    struct text seconds = text_printf(send->arena, "%lld", (long long)(send->now.us / SECOND_US));
    if (!send_add_header(send, "webhook-id", id) || !send_add_header(send, "webhook-timestamp", seconds))
        return false;
    if (!secret.size)
        return true;
    struct text key = secret;
    if (text_starts_with(secret, TEXT("whsec_"))) {
        key = text_base64_decode(send->arena, text_slice(secret, 6, secret.size));
        if (!key.size) {
            send_settle(send, OUTCOME_TEMPORARY, TEXT_NONE, TEXT("the signing secret is not base64 after whsec_"));
            return false;
        }
    }
    struct text message = text_printf(send->arena, "%.*s.%.*s.%.*s", TEXT_ARG(id), TEXT_ARG(seconds), TEXT_ARG(send->body));
    hmac_sha256(key, message, digest);
    struct text standard = text_printf(send->arena, "v1,%.*s", TEXT_ARG(text_base64(send->arena, digest, sizeof digest)));
    hmac_sha256(secret, send->body, digest);
    struct text pagerduty = text_printf(send->arena, "v1=%.*s", TEXT_ARG(text_hex(send->arena, digest, sizeof digest)));
    return send_add_header(send, "webhook-signature", standard) && send_add_header(send, "X-PagerDuty-Signature", pagerduty);
}

static void start(struct send *send)
{
    struct text to = json_node_text_at(send->arena, send->frame, "to");
    struct text url = to.size ? to : send->provider->base_url;
    if (!url.size) {
        send_refuse(send, "no address to post to");
        return;
    }
    send->body = payload(send);
    if (!send_prepare(send, url, "http,https"))
        return;
    send_prepare_http(send);
    send_guard_address(send);
    if (send_add_header(send, "Content-Type", TEXT("application/json")))
        (void)sign(send);
}

static enum outcome_kind kind_of_status(long status)
{
    if (status >= 200 && status < 300)
        return OUTCOME_DELIVERED;
    if (status == 408 || status == 425 || status == 429 || status >= 500)
        return OUTCOME_TEMPORARY;
    return OUTCOME_PERMANENT;
}

static void finish(struct send *send, CURLcode code)
{
    send_finish_post(send, code, kind_of_status);
}

const struct channel_operations channel_webhook = {.start = start, .finish = finish};
