/* Why: see email.h. How far the dialogue came decides what its end means:
 * - 4xx at any time is temporary;
 * - 5xx once the recipient was named is permanent, and the address is blocked when the server says the mailbox does not exist;
 * - 5xx before that (greeting, login, sender) is the server's or our account's fault: temporary, another provider may do it;
 * - no answer before the final dot: nothing was accepted, temporary; after it: unknown. */
#include "channel/email.h"

#include "channel/email_page.h"
#include "channel/mime.h"
#include "channel/send.h"

enum stage { STAGE_OPENING, STAGE_RECIPIENT, STAGE_DATA };

struct text render_email(struct arena *arena, const struct content *content, const struct provider_config *provider, struct text to, instant now)
{
    struct mail mail = {
        .from_name = content->from_name.size ? content->from_name : TEXT("Muster"),
        .from = provider->from,
        .to_name = content->to_name,
        .to = to,
        .subject = email_subject(arena, content),
        .date = now,
        .message_id = content->message_id,
        .thread = content->thread,
        .plain = email_plain(arena, content),
        .html = email_html(arena, content),
    };
    (void)instant_parse(content->at, 0, &mail.date);
    for (size_t i = 0; i < content->incident_count; i++)
        mail.high_importance |= text_is(content->incidents[i].urgency, "high");
    return mail_write(arena, &mail);
}

static size_t read_message(char *buffer, size_t size, size_t count, void *context)
{
    struct send *send = context;
    struct text rest = text_slice(send->body, send->body_read, send->body_read + size * count);
    memcpy(buffer, rest.data, rest.size);
    send->body_read += rest.size;
    if (send->body_read == send->body.size)
        send->may_have_left = true; /* the final dot comes next, and libcurl does not ask again before it */
    return rest.size;
}

/* A kept connection was opened by an earlier send. */
static int note_socket(void *context, char *address, char *local, int port, int local_port)
{
    (void)local;
    struct send *send = context;
    if (send->socket == CURL_SOCKET_BAD)
        send->socket = sockets_find(send->sockets, address, port, local_port);
    return CURL_PREREQFUNC_OK;
}

/* The answer to QUIT is no verdict, and libcurl must not wait for it (sockets.h). */
static void say_no_more(struct send *send)
{
    send->is_over = true;
    if (send->socket != CURL_SOCKET_BAD)
        shutdown(send->socket, SHUT_RD);
}

/* libcurl shows the dialogue only to its debug function. Nothing we say is kept: it may be a password. */
static int follow_dialogue(CURL *easy, curl_infotype type, char *data, size_t size, void *context)
{
    (void)easy;
    struct send *send = context;
    struct text line = {data, size};
    if (send->is_over)
        return 0;
    if (type == CURLINFO_HEADER_OUT && text_starts_with(line, TEXT("QUIT")))
        say_no_more(send);
    else if (type == CURLINFO_HEADER_OUT && text_starts_with(line, TEXT("RCPT TO")))
        send->stage = STAGE_RECIPIENT;
    else if (type == CURLINFO_HEADER_OUT && text_starts_with(line, TEXT("DATA")))
        send->stage = STAGE_DATA;
    else if (type == CURLINFO_HEADER_IN)
        send->last_line = content_one_line(send->arena, text_slice(line, 0, 200));
    return 0;
}

static void secure(struct send *send)
{
    const struct provider_config *provider = send->provider;
    bool must = provider->start_tls_required;
    curl_easy_setopt(send->easy, CURLOPT_USE_SSL, (long)(must ? CURLUSESSL_ALL : CURLUSESSL_TRY));
    /* Encryption taken only when offered protects from no active attacker, so a home-made certificate is better than none at all.
     * With a password at stake it must be a good one. */
    bool opportunistic = !must && !provider->account.size && !text_starts_with(provider->base_url, TEXT("smtps:"));
    curl_easy_setopt(send->easy, CURLOPT_SSL_VERIFYPEER, opportunistic ? 0L : 1L);
    curl_easy_setopt(send->easy, CURLOPT_SSL_VERIFYHOST, opportunistic ? 0L : 2L);
    if (provider->account.size) {
        curl_easy_setopt(send->easy, CURLOPT_USERNAME, text_cstring(send->arena, provider->account));
        curl_easy_setopt(send->easy, CURLOPT_PASSWORD, text_cstring(send->arena, provider->secret));
    }
}

static void start(struct send *send)
{
    const struct provider_config *provider = send->provider;
    struct text to = json_node_text_at(send->arena, send->frame, "to");
    struct content content;
    if (!mail_address_is_valid(to)) {
        send_refuse(send, "not a mail address");
        send->outcome.address_refused = true;
        return;
    }
    if (!mail_address_is_valid(provider->from)) {
        send_settle(send, OUTCOME_TEMPORARY, TEXT_NONE, TEXT("the provider's sender address is not valid"));
        return;
    }
    content_read(send->arena, send->frame, &content);
    send->body = render_email(send->arena, &content, provider, to, send->now);
    if (!send_prepare(send, provider->base_url, "smtp,smtps"))
        return;
    CURL *easy = send->easy;
    secure(send);
    send->recipients = curl_slist_append(NULL, text_cstring(send->arena, to));
    curl_easy_setopt(easy, CURLOPT_MAIL_FROM, text_cstring(send->arena, provider->from));
    curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, send->recipients);
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)send->body.size);
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, read_message);
    curl_easy_setopt(easy, CURLOPT_READDATA, send);
    curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, note_socket);
    curl_easy_setopt(easy, CURLOPT_PREREQDATA, send);
    curl_easy_setopt(easy, CURLOPT_VERBOSE, 1L);
    curl_easy_setopt(easy, CURLOPT_DEBUGFUNCTION, follow_dialogue);
    curl_easy_setopt(easy, CURLOPT_DEBUGDATA, send);
}

/* "550 5.1.1 ..." and plain 550 or 553 speak of the mailbox; 5.2 (full), 5.4 (routing) and 5.7 (policy) do not. */
static bool mailbox_is_unknown(const struct send *send, int64_t code)
{
    struct text rest = text_slice(send->last_line, 4, send->last_line.size);
    bool has_status = rest.size > 2 && rest.data[0] == '5' && rest.data[1] == '.';
    if (send->stage != STAGE_RECIPIENT)
        return false;
    return has_status ? text_starts_with(rest, TEXT("5.1.")) : code == 550 || code == 551 || code == 553;
}

static void finish(struct send *send, CURLcode code)
{
    int64_t reply = 0;
    if (code == CURLE_OK) {
        send_settle(send, OUTCOME_ACCEPTED, send->last_line.size > 4 ? text_slice(send->last_line, 4, send->last_line.size) : TEXT_NONE, TEXT_NONE);
        return;
    }
    (void)text_to_int64(text_slice(send->last_line, 0, 3), &reply);
    if (reply >= 500 && send->stage >= STAGE_RECIPIENT) {
        send_settle(send, OUTCOME_PERMANENT, TEXT_NONE, send->last_line);
        send->outcome.address_refused = mailbox_is_unknown(send, reply);
    } else if (reply >= 400) {
        send_settle(send, OUTCOME_TEMPORARY, TEXT_NONE, send->last_line);
    } else {
        send_settle_failure(send, code);
    }
}

const struct channel_operations channel_email = {.start = start, .finish = finish};
