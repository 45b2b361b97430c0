/* Why: the two messages that Muster sends about itself. The canary is answered at once: it has been everywhere but at a stranger. The ping is a GET to the
 * address of the setting dead_man_url, whose silence tells somebody else that Muster is gone. */
#include "channel/send.h"

static void start(struct send *send)
{
    if (!text_is(json_node_text_at(send->arena, send->frame, "to"), "ping")) {
        send_settle(send, OUTCOME_DELIVERED, TEXT_NONE, TEXT_NONE);
        return;
    }
    if (!send->provider->base_url.size) {
        send_refuse(send, "dead_man_url is not set");
        return;
    }
    if (!send_prepare(send, send->provider->base_url, "http,https"))
        return;
    send_prepare_http(send);
    send_guard_address(send);
    curl_easy_setopt(send->easy, CURLOPT_HTTPGET, 1L);
}

static void finish(struct send *send, CURLcode code)
{
    long status = send_status(send);
    if (code != CURLE_OK)
        send_settle_failure(send, code);
    else if (status >= 200 && status < 300)
        send_settle(send, OUTCOME_DELIVERED, TEXT_NONE, TEXT_NONE);
    else
        send_settle(send, OUTCOME_TEMPORARY, TEXT_NONE, text_printf(send->arena, "HTTP %ld", status));
}

const struct channel_operations channel_built_in = {.start = start, .finish = finish};
