/* Why: one question to a provider of OpenID Connect on behalf of the core, which neither reaches the network nor knows the client secret. What
 * "endpoints" asks for is read from the discovery document; "person" exchanges the code for tokens, checks the ID token (id_token.h) and asks the
 * provider for the address when the token lacks it. Nothing is kept between two questions: keys that were changed are the new ones at once.
 *
 * OpenID Connect Discovery 1.0, Core 1.0 sections 3.1.3 and 5.3; RFC 6749 section 2.3.1; RFC 7636. */
#include "base/log.h"
#include "channel/id_token.h"
#include "channel/send.h"

enum { URL_BYTES_MAX = 2048 };

enum step { STEP_DISCOVERY, STEP_TOKENS, STEP_KEYS, STEP_PERSON };

static struct text frame_text(const struct send *send, const char *name)
{
    return json_node_text_at(send->arena, send->frame, name);
}

/* Temporary: the provider does not do its part now. Permanent: it, or we, refuse this sign-in. */
static void give_up(struct send *send, enum outcome_kind kind, const char *reason)
{
    send_settle(send, kind, TEXT_NONE, text_of(reason));
}

static bool begin(struct send *send, enum step step, struct text url, struct text body)
{
    send_end_transfer(send);
    send->stage = (int)step;
    send->is_lookup = true;
    send->body = body;
    if (!send_prepare(send, url, "http,https"))
        return false;
    send_prepare_http(send);
    send_guard_address(send);
    if (send->only_public)
        curl_easy_setopt(send->easy, CURLOPT_FORBID_REUSE, 1L);
    if (!text_is_present(body))
        curl_easy_setopt(send->easy, CURLOPT_HTTPGET, 1L);
    return send_add_header(send, "Accept", TEXT("application/json"));
}

static void start(struct send *send)
{
    (void)begin(send, STEP_DISCOVERY, text_printf(send->arena, "%.*s/.well-known/openid-configuration", TEXT_ARG(send->provider->base_url)), TEXT_NONE);
}

/* An address that the provider names must be as safe as the one that was configured. */
static struct text endpoint(const struct send *send, const char *name)
{
    struct text url = json_text_at(send->discovery, name);
    bool is_secure = text_starts_with(url, TEXT("https://"));
    bool may_be_plain = text_starts_with(send->provider->base_url, TEXT("http://")) && text_starts_with(url, TEXT("http://"));
    bool fine = url.size <= URL_BYTES_MAX && (is_secure || may_be_plain);
    for (size_t i = 0; i < url.size; i++)
        fine = fine && url.data[i] > ' ' && url.data[i] < 127;
    return fine ? url : TEXT_NONE;
}

static bool names(const json_t *list, const char *wanted)
{
    size_t i;
    json_t *one;
    json_array_foreach(list, i, one)
        if (text_is(json_text_value(one), wanted))
            return true;
    return false;
}

/* The way every provider has to know, unless it says that it only knows the other. */
static bool add_client(struct send *send, struct builder *body)
{
    struct text id = text_percent_encode(send->arena, send->provider->account), secret = text_percent_encode(send->arena, send->provider->secret);
    const json_t *methods = json_at(send->discovery, "token_endpoint_auth_methods_supported");
    bool only_post = methods && !names(methods, "client_secret_basic") && names(methods, "client_secret_post");
    if (secret.size == 0 || only_post)
        builder_printf(body, "&client_id=%.*s", TEXT_ARG(id));
    if (secret.size > 0 && only_post)
        builder_printf(body, "&client_secret=%.*s", TEXT_ARG(secret));
    if (secret.size == 0 || only_post)
        return true;
    struct text pair = text_printf(send->arena, "%.*s:%.*s", TEXT_ARG(id), TEXT_ARG(secret));
    return send_add_header(send, "Authorization", text_printf(send->arena, "Basic %.*s", TEXT_ARG(text_base64(send->arena, pair.data, pair.size))));
}

static void ask_for_tokens(struct send *send)
{
    struct text url = endpoint(send, "token_endpoint");
    if (!text_is_present(url) || !text_is_present(endpoint(send, "jwks_uri"))) {
        give_up(send, OUTCOME_PERMANENT, "the provider names no usable token_endpoint or jwks_uri");
        return;
    }
    struct builder body = builder_new(send->arena, 16 * 1024);
    builder_printf(&body, "grant_type=authorization_code&code=%.*s&redirect_uri=%.*s&code_verifier=%.*s",
                   TEXT_ARG(text_percent_encode(send->arena, frame_text(send, "code"))), TEXT_ARG(text_percent_encode(send->arena, frame_text(send, "redirect_uri"))),
                   TEXT_ARG(text_percent_encode(send->arena, frame_text(send, "code_verifier"))));
    if (!begin(send, STEP_TOKENS, url, TEXT("")) || !add_client(send, &body) || !send_add_header(send, "Content-Type", TEXT("application/x-www-form-urlencoded")))
        return;
    send->body = builder_text(&body);
    curl_easy_setopt(send->easy, CURLOPT_POSTFIELDS, send->body.data);
    curl_easy_setopt(send->easy, CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)send->body.size);
}

static void take_discovery(struct send *send, json_t *document)
{
    send->discovery = document;
    if (!text_equal(json_text_at(document, "issuer"), send->provider->base_url)) {
        give_up(send, OUTCOME_PERMANENT, "the provider calls itself by another name than base_url");
        return;
    }
    if (!text_is(frame_text(send, "ask"), "endpoints")) {
        ask_for_tokens(send);
        return;
    }
    if (!text_is_present(endpoint(send, "authorization_endpoint"))) {
        give_up(send, OUTCOME_PERMANENT, "the provider names no usable authorization_endpoint");
        return;
    }
    send->found = json_object_in(send->arena);
    json_put_text(send->found, "authorization_endpoint", endpoint(send, "authorization_endpoint"));
    json_put_text(send->found, "end_session_endpoint", endpoint(send, "end_session_endpoint"));
    send_settle(send, OUTCOME_DELIVERED, TEXT_NONE, TEXT_NONE);
}

static void take_tokens(struct send *send, json_t *document)
{
    send->id_token = json_text_at(document, "id_token");
    send->access_token = json_text_at(document, "access_token");
    if (send->id_token.size == 0)
        give_up(send, OUTCOME_PERMANENT, "the provider gave no ID token");
    else
        (void)begin(send, STEP_KEYS, endpoint(send, "jwks_uri"), TEXT_NONE);
}

static void take_person(struct send *send, const json_t *claims)
{
    static const char *const kept[] = {"sub", "email", "email_verified", "name"};
    if (!send->found)
        send->found = json_object_in(send->arena);
    for (size_t i = 0; i < sizeof kept / sizeof *kept; i++)
        if (json_at(claims, kept[i]))
            json_put(send->found, kept[i], json_at(claims, kept[i]));
}

static void take_keys(struct send *send, const json_t *keys)
{
    struct id_token_wanted wanted = {.issuer = send->provider->base_url, .audience = send->provider->account, .nonce = frame_text(send, "nonce"), .now = send->now};
    json_t *claims;
    const char *reason;
    if (id_token_verify(send->arena, send->id_token, keys, &wanted, &claims, &reason) != OK) {
        send_settle(send, OUTCOME_PERMANENT, TEXT_NONE, text_printf(send->arena, "the ID token is refused: %s", reason));
        return;
    }
    take_person(send, claims);
    struct text more = endpoint(send, "userinfo_endpoint");
    if (json_at(claims, "email") || !text_is_present(more) || send->access_token.size == 0)
        send_settle(send, OUTCOME_DELIVERED, TEXT_NONE, TEXT_NONE);
    else if (begin(send, STEP_PERSON, more, TEXT_NONE))
        (void)send_add_header(send, "Authorization", text_printf(send->arena, "Bearer %.*s", TEXT_ARG(send->access_token)));
}

/* Core 5.3.2: what it says counts only for the person of the ID token. */
static void take_user_info(struct send *send, const json_t *document)
{
    if (!text_equal(json_text_at(document, "sub"), json_text_at(send->found, "sub"))) {
        give_up(send, OUTCOME_PERMANENT, "the provider speaks of somebody else");
        return;
    }
    take_person(send, document);
    send_settle(send, OUTCOME_DELIVERED, TEXT_NONE, TEXT_NONE);
}

static const char *const step_names[] = {[STEP_DISCOVERY] = "discovery", [STEP_TOKENS] = "token", [STEP_KEYS] = "key", [STEP_PERSON] = "user info"};

static json_t *read_answer(struct send *send, CURLcode code)
{
    long status = send_status(send);
    const char *step = step_names[send->stage];
    if (code != CURLE_OK) {
        struct text what = send->address_is_private ? TEXT("it has a private address") : text_of(curl_easy_strerror(code));
        send_settle(send, OUTCOME_TEMPORARY, TEXT_NONE, text_printf(send->arena, "no %s answer: %.*s", step, TEXT_ARG(what)));
        return NULL;
    }
    if (status != 200) { /* redirects too: they lead past the guard */
        bool refuses = send->stage == STEP_TOKENS && status >= 400 && status < 500;
        send_settle(send, refuses ? OUTCOME_PERMANENT : OUTCOME_TEMPORARY, TEXT_NONE, text_printf(send->arena, "%s answer HTTP %ld", step, status));
        return NULL;
    }
    json_t *document = send->answer.overflowed ? NULL : json_read(send->arena, builder_text(&send->answer), problem_new(send->arena));
    if (json_is_object(document))
        return document;
    send_settle(send, OUTCOME_TEMPORARY, TEXT_NONE, text_printf(send->arena, "the %s answer is not a JSON object, or too long", step));
    return NULL;
}

static void finish(struct send *send, CURLcode code)
{
    json_t *document = read_answer(send, code);
    if (!document)
        return;
    switch ((enum step)send->stage) {
    case STEP_DISCOVERY: take_discovery(send, document); return;
    case STEP_TOKENS: take_tokens(send, document); return;
    case STEP_KEYS: take_keys(send, document); return;
    case STEP_PERSON: take_user_info(send, document); return;
    }
}

const struct channel_operations channel_oidc = {.start = start, .finish = finish};
