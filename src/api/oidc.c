/* Why: people sign in with the account they have at their company (OpenID Connect, authorization code flow with PKCE). The browser is sent to the provider
 * and comes back with a code; the sender exchanges it and verifies who it is (channel/oidc.c), because only it reaches the network and knows the
 * client secret. What must be remembered in between travels in a sealed cookie, so that no number of begun sign-ins fills anything here.
 *
 * A person is known by the provider's issuer and subject. The first time the e-mail address leads to the person, if the provider says that it is verified. */
#include <sodium.h>

#include "api/api_state.h"
#include "api/audit.h"
#include "api/auth.h"
#include "api/resources.h"
#include "api/session.h"
#include "base/id.h"
#include "base/log.h"
#include "base/seal.h"
#include "engine/outbox.h"
#include "engine/webhooks.h"

enum { PENDING_S = 600, ANSWER_WAIT_MS = 20000, CODE_BYTES_MAX = 4096, NAME_BYTES_MAX = 100 };

static const struct text COOKIE_PLACE = {"cookie:sign_in", sizeof "cookie:sign_in" - 1};

/* Why somebody stays outside; the app has a sentence for each (web/src/pages/sign_in.tsx). */
static enum err stay_outside(struct call *call, const char *reason)
{
    const char *cookie = auth_sign_in_cookie(call->api->public_is_https, call->api->path_prefix);
    call->raw = (struct http_response){.status = 303};
    call->raw.headers[call->raw.header_count++] = (struct http_header){"Location", text_printf(call->arena, "%s/app/?refused=%s", call_public_url(call), reason)};
    call->raw.headers[call->raw.header_count++] = session_set_cookie(call, cookie, TEXT(""), 0, "Lax");
    return OK;
}

static const struct provider_config *find_provider(const struct call *call)
{
    const struct config *config = call->api->config;
    for (size_t i = 0; i < config->provider_count; i++)
        if (config->providers[i].type == PROVIDER_OIDC && text_equal(config->providers[i].name, call->path_parameters[0]))
            return &config->providers[i];
    return NULL;
}

static enum err list_providers(struct call *call)
{
    const struct config *config = call->api->config;
    json_t *list = json_array_in(call->arena);
    for (size_t i = 0; i < config->provider_count; i++) {
        if (config->providers[i].type != PROVIDER_OIDC)
            continue;
        json_t *one = json_object_in(call->arena);
        json_put_text(one, "name", config->providers[i].name);
        json_put_text(one, "title", config->providers[i].title);
        json_append(list, one);
    }
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "providers", list);
    return OK;
}

/* Waits on a worker, so few at once: a provider that hangs must not hold those who answer pages. NULL: no answer, or a refusal; logged. */
static const json_t *ask(struct call *call, const struct provider_config *provider, json_t *frame)
{
    json_t *answer = NULL;
    json_put_string(frame, "type", "sign_in");
    json_put_text(frame, "provider", provider->name);
    enum err err = ERR_LIMIT;
    if (++call->api->provider_sign_ins <= PROVIDER_SIGN_INS_MAX)
        err = engine_ask_sender(call->engine, call->arena, frame, ANSWER_WAIT_MS, &answer);
    call->api->provider_sign_ins--;
    const json_t *found = err == OK ? json_at(answer, "found") : NULL;
    if (!json_is_object(found))
        log_warning("auth", "sign-in at %.*s from %.*s failed: %.*s", TEXT_ARG(provider->name), TEXT_ARG(call->request->peer),
                    TEXT_ARG(err == OK ? json_text_at(answer, "error") : text_of(err_name(err))));
    return json_is_object(found) ? found : NULL;
}

static struct text redirect_uri(struct call *call, const struct provider_config *provider)
{
    return text_printf(call->arena, "%s/muster/sign-in/%.*s/callback", call_public_url(call), TEXT_ARG(provider->name));
}

static void redirect_to(struct call *call, struct text endpoint, struct text query)
{
    bool has_query = text_find_byte(endpoint, '?', 0) < endpoint.size;
    call->raw = (struct http_response){.status = 303};
    call->raw.headers[call->raw.header_count++] =
        (struct http_header){"Location", text_printf(call->arena, "%.*s%s%.*s", TEXT_ARG(endpoint), has_query ? "&" : "?", TEXT_ARG(query))};
}

/* Away to the provider ------------------------------------------------------------------------------------------ */

/* base64url(SHA-256(verifier)), RFC 7636 section 4.2. */
static struct text challenge_of(struct arena *arena, struct text verifier)
{
    unsigned char digest[crypto_hash_sha256_BYTES];
    char *encoded = arena_alloc(arena, sodium_base64_ENCODED_LEN(sizeof digest, sodium_base64_VARIANT_URLSAFE_NO_PADDING));
    crypto_hash_sha256(digest, (const unsigned char *)verifier.data, verifier.size);
    sodium_bin2base64(encoded, sodium_base64_ENCODED_LEN(sizeof digest, sodium_base64_VARIANT_URLSAFE_NO_PADDING), digest, sizeof digest,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    return text_of(encoded);
}

struct pending {
    struct text provider, state, nonce, verifier;
    instant until;
};

static struct text seal_pending(struct call *call, const struct pending *pending)
{
    json_t *json = json_object_in(call->arena);
    json_put_text(json, "provider", pending->provider);
    json_put_text(json, "state", pending->state);
    json_put_text(json, "nonce", pending->nonce);
    json_put_text(json, "verifier", pending->verifier);
    json_put_int(json, "until", pending->until.us);
    return seal_close(call->env, call->arena, engine_seal_key(call->engine), COOKIE_PLACE, json_write(call->arena, json));
}

static enum err begin(struct call *call)
{
    const struct provider_config *provider = find_provider(call);
    if (!provider || engine_seal_key(call->engine).size != SEAL_KEY_HEX)
        return ERR_NOT_FOUND;
    json_t *frame = json_object_in(call->arena);
    json_put_string(frame, "ask", "endpoints");
    const json_t *found = ask(call, provider, frame);
    if (!found)
        return stay_outside(call, "provider");
    struct pending pending = {
        .provider = provider->name, .state = id_new_key(call->env, call->arena, 40), .nonce = id_new_key(call->env, call->arena, 40),
        .verifier = id_new_key(call->env, call->arena, 64), .until = instant_add_s(call->now, PENDING_S),
    };
    struct text query = text_printf(call->arena, "response_type=code&scope=openid%%20email%%20profile&client_id=%.*s&redirect_uri=%.*s&state=%.*s&nonce=%.*s"
                                    "&code_challenge=%.*s&code_challenge_method=S256",
                                    TEXT_ARG(text_percent_encode(call->arena, provider->account)), TEXT_ARG(text_percent_encode(call->arena, redirect_uri(call, provider))),
                                    TEXT_ARG(pending.state), TEXT_ARG(pending.nonce), TEXT_ARG(challenge_of(call->arena, pending.verifier)));
    redirect_to(call, json_text_at(found, "authorization_endpoint"), query);
    const char *cookie = auth_sign_in_cookie(call->api->public_is_https, call->api->path_prefix);
    call->raw.headers[call->raw.header_count++] = session_set_cookie(call, cookie, seal_pending(call, &pending), PENDING_S, "Lax");
    return OK;
}

/* Back with a code ---------------------------------------------------------------------------------------------- */

/* The answer belongs to what this browser began, at this provider, not long ago. */
static bool read_pending(struct call *call, const struct provider_config *provider, struct pending *ret)
{
    struct text cookie = http_request_cookie(call->request, auth_sign_in_cookie(call->api->public_is_https, call->api->path_prefix)), plain;
    if (cookie.size == 0 || !seal_open(call->arena, engine_seal_key(call->engine), COOKIE_PLACE, cookie, &plain))
        return false;
    json_t *json = json_read(call->arena, plain, problem_new(call->arena));
    *ret = (struct pending){json_text_at(json, "provider"), json_text_at(json, "state"), json_text_at(json, "nonce"), json_text_at(json, "verifier"),
                            {json_int_at(json, "until", 0)}};
    struct text state = call_query(call, "state"), issuer = call_query(call, "iss");
    bool from_issuer = !text_is_present(issuer) || text_equal(issuer, provider->base_url); /* RFC 9207: no mix-up of providers */
    return text_equal(ret->provider, provider->name) && instant_before(call->now, ret->until) && state.size > 0 && text_equal_secret(ret->state, state) && from_issuer;
}

enum entry { ENTRY_FINE, ENTRY_UNKNOWN, ENTRY_UNVERIFIED, ENTRY_OTHER_ACCOUNT };

struct entering {
    struct call *call;
    const struct provider_config *provider;
    struct text subject, email, name;
    bool is_verified;
    struct session_start session;
    enum entry entry;
};

/* Columns: id, name. */
static enum err take_person(struct entering *entering, struct query *q)
{
    entering->session.user_id = TEXT_NONE;
    if (!query_next(q))
        return query_err(q);
    entering->session.user_id = text_copy(entering->call->arena, query_text(q, 0));
    entering->session.user_name = text_copy(entering->call->arena, query_text(q, 1));
    return OK;
}

static struct actor provider_actor(const struct entering *entering)
{
    return (struct actor){.kind = ACTOR_INTEGRATION, .id = entering->provider->name, .name = entering->provider->title, .channel = "web"};
}

static enum err create_person(struct tx *tx, struct entering *entering)
{
    struct call *call = ARENA_NEW(entering->call->arena, struct call);
    *call = *entering->call;
    call->db = tx->db;
    call->now = tx->now;
    call->problem = problem_new(call->arena);
    call->who = (struct principal){.authenticated = true, .role = TEXT("admin"), .name = entering->provider->title}; /* it vouches for the address */
    json_t *body = json_object_in(call->arena);
    json_put_text(body, "name", entering->name);
    json_put_text(body, "email", entering->email);
    json_put_text(body, "role", entering->provider->new_people);
    struct change outer = {.call = call, .tx = tx, .actor = provider_actor(entering)};
    enum err err = resource_create_in(&outer, &user_resource, TEXT_NONE, body, &entering->session.user_id);
    entering->session.user_name = entering->name;
    return err;
}

static enum err link_account(struct tx *tx, struct entering *entering)
{
    struct query *q = db_query(tx->db, "identity_of_user");
    query_bind_text(q, "user_id", entering->session.user_id);
    query_bind_text(q, "issuer", entering->provider->base_url);
    if (query_next(q)) { /* an address that was given to somebody else must not inherit the person */
        entering->entry = ENTRY_OTHER_ACCOUNT;
        return OK;
    }
    if (query_failed(q))
        return query_err(q);
    q = db_query(tx->db, "identity_insert");
    query_bind_text(q, "issuer", entering->provider->base_url);
    query_bind_text(q, "subject", entering->subject);
    query_bind_text(q, "user_id", entering->session.user_id);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    struct actor actor = provider_actor(entering);
    json_t *after = json_object_in(entering->call->arena);
    json_put_text(after, "issuer", entering->provider->base_url);
    json_put_text(after, "subject", entering->subject);
    struct audit audit = {.actor = &actor, .peer = entering->call->request->peer, .action = "link_identity", .resource_type = "user",
                          .resource_id = entering->session.user_id, .after = after};
    return err == OK ? audit_record(tx, &audit) : err;
}

static enum err enter_anew(struct tx *tx, struct entering *entering)
{
    if (!entering->is_verified || entering->email.size == 0) {
        entering->entry = ENTRY_UNVERIFIED;
        return OK;
    }
    struct query *q = db_query(tx->db, "auth_user_by_email");
    query_bind_text(q, "email", entering->email);
    enum err err = take_person(entering, q);
    bool is_known = text_is_present(entering->session.user_id);
    if (err == OK && !is_known && text_is(entering->provider->new_people, "no")) {
        entering->entry = ENTRY_UNKNOWN;
        return OK;
    }
    if (err == OK && !is_known)
        err = create_person(tx, entering);
    return err == OK ? link_account(tx, entering) : err;
}

static enum err enter_work(struct tx *tx, void *argument)
{
    struct entering *entering = argument;
    entering->entry = ENTRY_FINE;
    struct query *q = db_query(tx->db, "identity");
    query_bind_text(q, "issuer", entering->provider->base_url);
    query_bind_text(q, "subject", entering->subject);
    enum err err = take_person(entering, q);
    if (err == OK && !text_is_present(entering->session.user_id))
        err = enter_anew(tx, entering);
    return err == OK && entering->entry == ENTRY_FINE ? session_store(tx, &entering->session) : err;
}

/* Some providers say it as a text. */
static bool is_true(const json_t *value)
{
    return json_is_true(value) || text_is(json_text_value(value), "true");
}

static struct text name_of(struct arena *arena, const json_t *found, struct text email)
{
    struct text name = text_trim(json_text_at(found, "name"));
    for (size_t i = 0; i < name.size; i++)
        if ((unsigned char)name.data[i] < ' ' || name.data[i] == 127)
            name = TEXT_NONE;
    return text_copy(arena, text_utf8_cut(name.size > 0 ? name : text_slice(email, 0, text_find_byte(email, '@', 0)), NAME_BYTES_MAX));
}

static enum err enter(struct call *call, const struct provider_config *provider, const json_t *found)
{
    struct entering entering = {.call = call, .provider = provider, .subject = json_text_at(found, "sub"), .email = text_trim(json_text_at(found, "email")),
                                .is_verified = is_true(json_at(found, "email_verified"))};
    entering.name = name_of(call->arena, found, entering.email);
    struct text token = session_prepare(call, &entering.session);
    entering.session.proven_by = TEXT("provider");
    enum err err = call_change(call, enter_work, &entering);
    if (err == ERR_INVALID)
        return stay_outside(call, "unknown"); /* what the provider says makes no person */
    if (err != OK)
        return err;
    switch (entering.entry) {
    case ENTRY_FINE: break;
    case ENTRY_UNKNOWN: return stay_outside(call, "unknown");
    case ENTRY_UNVERIFIED: return stay_outside(call, "unverified");
    case ENTRY_OTHER_ACCOUNT: return stay_outside(call, "other");
    }
    (void)stay_outside(call, "");
    call->raw.headers[0].value = text_printf(call->arena, "%s/app/", call_public_url(call));
    call->raw.headers[call->raw.header_count++] = session_set_cookie(call, call->api->session_cookie, token, SESSION_DAYS * INT64_C(86400), "Strict");
    return OK;
}

static enum err come_back(struct call *call)
{
    const struct provider_config *provider = find_provider(call);
    struct pending pending;
    if (!provider)
        return ERR_NOT_FOUND;
    if (!read_pending(call, provider, &pending)) {
        log_warning("auth", "an answer of %.*s from %.*s belongs to no sign-in that was begun there", TEXT_ARG(provider->name), TEXT_ARG(call->request->peer));
        return stay_outside(call, "begun-elsewhere");
    }
    struct text code = call_query(call, "code");
    if (code.size == 0 || code.size > CODE_BYTES_MAX)
        return stay_outside(call, text_is(call_query(call, "error"), "access_denied") ? "cancelled" : "provider");
    json_t *frame = json_object_in(call->arena);
    json_put_string(frame, "ask", "person");
    json_put_text(frame, "code", code);
    json_put_text(frame, "code_verifier", pending.verifier);
    json_put_text(frame, "nonce", pending.nonce);
    json_put_text(frame, "redirect_uri", redirect_uri(call, provider));
    const json_t *found = ask(call, provider, frame);
    return found ? enter(call, provider, found) : stay_outside(call, "provider");
}

/* Leaving ------------------------------------------------------------------------------------------------------- */

/* Muster's session ended before (DELETE /muster/session); this is for a browser that others use too. OpenID Connect RP-Initiated Logout 1.0. */
static enum err leave(struct call *call)
{
    const struct provider_config *provider = find_provider(call);
    if (!provider)
        return ERR_NOT_FOUND;
    json_t *frame = json_object_in(call->arena);
    json_put_string(frame, "ask", "endpoints");
    const json_t *found = ask(call, provider, frame);
    struct text endpoint = json_text_at(found, "end_session_endpoint");
    if (endpoint.size == 0)
        return stay_outside(call, "no-sign-out");
    struct text home = text_printf(call->arena, "%s/app/", call_public_url(call));
    redirect_to(call, endpoint, text_printf(call->arena, "client_id=%.*s&post_logout_redirect_uri=%.*s", TEXT_ARG(text_percent_encode(call->arena, provider->account)),
                                            TEXT_ARG(text_percent_encode(call->arena, home))));
    return OK;
}

struct unlinking {
    struct call *call;
    struct actor actor;
    struct text user_id;
};

static enum err unlink_work(struct tx *tx, void *argument)
{
    struct unlinking *unlinking = argument;
    struct query *q = db_query(tx->db, "identities_of_user_delete");
    query_bind_text(q, "user_id", unlinking->user_id);
    enum err err = query_run(q);
    if (err == OK && query_changes(q) == 0)
        return ERR_NOT_FOUND;
    struct audit audit = {.actor = &unlinking->actor, .peer = unlinking->call->request->peer, .action = "unlink_identity", .resource_type = "user",
                          .resource_id = unlinking->user_id};
    return err == OK ? audit_record(tx, &audit) : err;
}

static enum err unlink_accounts(struct call *call)
{
    struct unlinking unlinking = {.call = call, .user_id = call->path_parameters[0]};
    enum err err = call_actor(call, false, &unlinking.actor);
    return err == OK ? call_change(call, unlink_work, &unlinking) : err;
}

#define AT_PROVIDER "/muster/sign-in/{provider}"
static const struct route routes[] = {
    {"GET", "/muster/sign-in", MAY_ANYONE, list_providers, .summary = "List the providers people can sign in with", .answers = "providers[]"},
    {"GET", AT_PROVIDER, MAY_ANYONE, begin, .summary = "Lead a browser to a provider, to sign in there", .media = ROUTE_ELSEWHERE},
    {"GET", AT_PROVIDER "/callback", MAY_ANYONE, come_back, .summary = "Where the provider leads it back; sets the session cookie",
     .media = ROUTE_ELSEWHERE},
    {"GET", AT_PROVIDER "/sign-out", MAY_ANYONE, leave, .summary = "Lead a browser to a provider, to sign out there too", .media = ROUTE_ELSEWHERE},
    {"DELETE", "/muster/users/{id}/identities", MAY_ADMINISTER, unlink_accounts, .summary = "Forget with which accounts at providers a person signs in"},
};
const struct route_table oidc_routes = {routes, sizeof routes / sizeof *routes};
