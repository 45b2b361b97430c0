/* Why: signing in and out with e-mail, password and the code of a second factor, for the browser. Scripts use tokens. */
#include "api/api_state.h"
#include "api/audit.h"
#include "api/auth.h"
#include "api/errors.h"
#include "api/second_factor.h"
#include "api/session.h"
#include "base/id.h"
#include "base/log.h"
#include "base/password.h"

struct password_start {
    struct session_start session;
    struct text code;
    enum code_verdict verdict;
};

static bool may_enter(enum code_verdict verdict)
{
    switch (verdict) {
    case CODE_NOT_NEEDED:
    case CODE_RIGHT: return true;
    case CODE_MISSING:
    case CODE_WRONG: return false;
    }
    return false;
}

struct text session_prepare(struct call *call, struct session_start *ret)
{
    struct text token = id_new_key(call->env, call->arena, 40), old = http_request_cookie(call->request, call->api->session_cookie);
    *ret = (struct session_start){.token_hash = auth_secret_hash(call->arena, token), .peer = call->request->peer};
    if (old.size > 0)
        ret->old_hash = auth_secret_hash(call->arena, old);
    return token;
}

enum err session_store(struct tx *tx, const struct session_start *start)
{
    struct query *q = db_query(tx->db, "auth_session_expire");
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    if (err != OK)
        return err;
    if (text_is_present(start->old_hash)) { /* who signs in anew has one session, not two */
        q = db_query(tx->db, "auth_session_delete");
        query_bind_text(q, "token_hash", start->old_hash);
        err = query_run(q);
        if (err != OK)
            return err;
    }
    q = db_query(tx->db, "auth_session_insert");
    query_bind_text(q, "token_hash", start->token_hash);
    query_bind_text(q, "user_id", start->user_id);
    query_bind_text(q, "proven_by", start->proven_by);
    query_bind_instant(q, "created_at", tx->now);
    query_bind_instant(q, "expires_at", instant_add_s(tx->now, SESSION_DAYS * INT64_C(86400)));
    err = query_run(q);
    struct actor actor = {.kind = ACTOR_USER, .id = start->user_id, .name = start->user_name, .channel = "web"};
    struct audit audit = {.actor = &actor, .peer = start->peer, .action = "sign_in", .resource_type = "user", .resource_id = start->user_id};
    return err == OK ? audit_record(tx, &audit) : err;
}

static enum err start_work(struct tx *tx, void *argument)
{
    struct password_start *start = argument;
    enum err err = second_factor_use(tx, start->session.user_id, start->code, &start->verdict);
    if (err != OK || !may_enter(start->verdict))
        return err; /* a refused code is an answer, not a failed transaction */
    start->session.proven_by = start->verdict == CODE_RIGHT ? TEXT("code") : TEXT("password");
    return session_store(tx, &start->session);
}

static enum err end_work(struct tx *tx, void *argument)
{
    struct text *token_hash = argument;
    struct query *q = db_query(tx->db, "auth_session_delete");
    query_bind_text(q, "token_hash", *token_hash);
    return query_run(q);
}

struct http_header session_set_cookie(struct call *call, const char *name, struct text value, int64_t max_age_s, const char *same_site)
{
    struct text path = call->api->path_prefix.size > 0 ? call->api->path_prefix : TEXT("/");
    return (struct http_header){"Set-Cookie", text_printf(call->arena, "%s=%.*s; Path=%.*s; Max-Age=%lld; HttpOnly; SameSite=%s%s", name, TEXT_ARG(value),
                                                          TEXT_ARG(path), (long long)max_age_s, same_site, call->api->public_is_https ? "; Secure" : "")};
}

static void answer_with_cookie(struct call *call, int status, struct text body, struct text value, int64_t max_age_s)
{
    call->raw = (struct http_response){.status = status, .content_type = body.size > 0 ? "application/json" : NULL, .body = body};
    call->raw.headers[call->raw.header_count++] = session_set_cookie(call, call->api->session_cookie, value, max_age_s, "Strict");
}

static json_t *session_json(struct call *call, struct text id, struct text name, struct text email, struct text role, struct text time_zone, bool by_password)
{
    json_t *user = api_reference_to(call, "user", id, name);
    json_t *session = json_object_in(call->arena);
    json_put(session, "user", user);
    json_put_text(session, "name", name);
    json_put_text(session, "email", email);
    json_put_text(session, "role", role);
    json_put_text(session, "time_zone", time_zone);
    json_put(session, "second_factor", second_factor_json(call, id, by_password));
    json_t *body = json_object_in(call->arena);
    json_put(body, "session", session);
    return body;
}

static enum err wait_first(struct call *call, int64_t wait_s)
{
    call->status = 429;
    problem_add(call->problem, NULL, "too many failed sign-ins; try again in %lld seconds", (long long)wait_s);
    return ERR_LIMIT;
}

/* So that an unknown address takes as long as a wrong password. */
static struct text hash_nobody_has(struct call *call)
{
    static const char hash[] = "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    return text_copy(call->arena, text_of(hash));
}

static enum err refuse_sign_in(struct call *call, struct text account_key, struct text peer_key, const char *message)
{
    backoff_failed(call->api->backoff, account_key, BACKOFF_ACCOUNT_TRIES, call->now);
    backoff_failed(call->api->backoff, peer_key, BACKOFF_ADDRESS_TRIES, call->now);
    log_warning("auth", "sign-in refused for an address from %.*s", TEXT_ARG(call->request->peer));
    return auth_refuse(call, message);
}

/* No failure and no success: whoever guesses passwords goes on being slowed down. */
static enum err ask_for_code(struct call *call)
{
    enum err err = auth_refuse(call, "The code of the second factor is needed");
    call->error_code = API_CODE_NEEDED;
    return err;
}

static enum err check_password(struct call *call, struct text password, struct text hash, bool *ret_right)
{
    if (++call->api->sign_ins > SIGN_INS_MAX) {
        call->api->sign_ins--;
        problem_add(call->problem, NULL, "too many people sign in at this moment; try again");
        return ERR_LIMIT;
    }
    *ret_right = password_verify(call->arena, password, text_is_present(hash) ? hash : hash_nobody_has(call)) && text_is_present(hash);
    call->api->sign_ins--;
    return OK;
}

static enum err sign_in(struct call *call)
{
    struct text email = json_text_at(call->body, "email"), password = json_text_at(call->body, "password");
    if (email.size == 0)
        problem_add(call->problem, "email", "cannot be empty");
    if (password.size == 0)
        problem_add(call->problem, "password", "cannot be empty");
    if (!problem_is_empty(call->problem))
        return ERR_INVALID;
    if (!auth_same_origin(call)) {
        problem_add(call->problem, NULL, "the request comes from another site");
        return ERR_FORBIDDEN;
    }
    struct text account_key = text_printf(call->arena, "a:%.*s", TEXT_ARG(text_lower(call->arena, text_trim(email))));
    struct text peer_key = text_printf(call->arena, "p:%.*s", TEXT_ARG(call->request->peer));
    int64_t wait_s = backoff_wait_s(call->api->backoff, account_key, call->now);
    int64_t peer_wait_s = backoff_wait_s(call->api->backoff, peer_key, call->now);
    if (wait_s > 0 || peer_wait_s > 0)
        return wait_first(call, wait_s > peer_wait_s ? wait_s : peer_wait_s);

    struct query *q = db_query(call->db, "auth_user_by_email");
    query_bind_text(q, "email", text_trim(email));
    bool known = query_next(q);
    if (query_failed(q))
        return query_err(q);
    struct text hash = known && !query_is_null(q, 5) ? text_copy(call->arena, query_text(q, 5)) : TEXT_NONE;
    bool right;
    enum err err = check_password(call, password, hash, &right);
    if (err != OK)
        return err;
    if (!right)
        return refuse_sign_in(call, account_key, peer_key, "E-mail or password is wrong");

    struct text id = text_copy(call->arena, query_text(q, 0)), name = text_copy(call->arena, query_text(q, 1));
    struct text own_email = text_copy(call->arena, query_text(q, 2)), role = text_copy(call->arena, query_text(q, 4)), zone = text_copy(call->arena, query_text(q, 3));
    struct password_start start = {.code = json_text_at(call->body, "code")};
    struct text token = session_prepare(call, &start.session);
    start.session.user_id = id;
    start.session.user_name = name;
    err = call_change(call, start_work, &start);
    if (err != OK)
        return err;
    if (start.verdict == CODE_MISSING)
        return ask_for_code(call);
    if (start.verdict == CODE_WRONG)
        return refuse_sign_in(call, account_key, peer_key, "The code is wrong or was used before");
    backoff_succeeded(call->api->backoff, account_key);
    json_t *body = session_json(call, id, name, own_email, role, zone, start.verdict == CODE_NOT_NEEDED);
    answer_with_cookie(call, 201, json_write(call->arena, body), token, SESSION_DAYS * INT64_C(86400));
    return OK;
}

static enum err get_session(struct call *call)
{
    if (call->who.user_id.size == 0) {
        problem_add(call->problem, NULL, "this token belongs to no user");
        return ERR_NOT_FOUND;
    }
    call->reply = session_json(call, call->who.user_id, call->who.name, call->who.email, call->who.role, call->who.time_zone, call->who.must_enrol);
    return OK;
}

static enum err sign_out(struct call *call)
{
    struct text cookie = http_request_cookie(call->request, call->api->session_cookie);
    if (!auth_same_origin(call)) {
        problem_add(call->problem, NULL, "the request comes from another site");
        return ERR_FORBIDDEN;
    }
    if (call->who.is_session) {
        struct text hash = auth_secret_hash(call->arena, cookie);
        enum err err = call_change(call, end_work, &hash);
        if (err != OK)
            return err;
    }
    answer_with_cookie(call, 204, TEXT_NONE, TEXT(""), 0);
    call->raw.headers[call->raw.header_count++] = (struct http_header){"Clear-Site-Data", TEXT("\"cache\", \"storage\"")};
    return OK;
}

static const struct route routes[] = {
    {.method = "POST", .path = "/muster/session", .permission = MAY_ANYONE, .handle = sign_in, .body_kind = "json", .body_bytes_max = 4096,
     .summary = "Sign in with {email, password} and, with a second factor, {code}; sets the session cookie",
     .takes = "email password", .answers = "session"},
    {.method = "GET", .path = "/muster/session", .permission = MAY_READ, .handle = get_session, .summary = "Who is signed in", .before_second_factor = true,
     .answers = "session"},
    {.method = "DELETE", .path = "/muster/session", .permission = MAY_ANYONE, .handle = sign_out, .summary = "Sign out"},
};
const struct route_table session_routes = {routes, sizeof routes / sizeof *routes};
