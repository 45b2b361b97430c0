/* Why: see second_factor.h. Secrets lie in the database sealed, recovery codes hashed. */
#include "api/second_factor.h"

#include "api/api_state.h"
#include "api/audit.h"
#include "api/auth.h"
#include "api/passwords.h"
#include "base/id.h"
#include "base/seal.h"
#include "base/totp.h"
#include "engine/webhooks.h"

struct state {
    struct text secret, offered; /* sealed; absent: none */
    instant offered_at;
    int64_t last_step, recovery_codes_left;
};

static struct text place_of(struct arena *arena, struct text user_id)
{
    return text_printf(arena, "second_factors:%.*s", TEXT_ARG(user_id));
}

/* A person without a row has nothing of it. */
static enum err load(struct db *db, struct arena *arena, struct text user_id, struct state *ret)
{
    struct query *q = db_query(db, "second_factor");
    query_bind_text(q, "user_id", user_id);
    *ret = (struct state){0};
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : OK;
    *ret = (struct state){.secret = text_copy(arena, query_text(q, 0)), .offered = text_copy(arena, query_text(q, 2)), .last_step = query_int(q, 3),
                          .offered_at = query_instant(q, 4), .recovery_codes_left = query_int(q, 5)};
    return OK;
}

/* Signing in ---------------------------------------------------------------------------------------------------- */

/* As it was shown, with or without its dashes. */
static struct text recovery_hash(struct arena *arena, struct text user_id, struct text code)
{
    struct builder b = builder_new(arena, RECOVERY_CODE_CHARS + 1);
    for (size_t i = 0; i < code.size; i++)
        if (code.data[i] != '-' && code.data[i] != ' ')
            builder_add(&b, text_lower(arena, text_slice(code, i, i + 1)));
    return auth_secret_hash(arena, text_printf(arena, "%.*s:%.*s", TEXT_ARG(user_id), TEXT_ARG(builder_text(&b))));
}

static enum err use_recovery_code(struct tx *tx, struct text user_id, struct text code, enum code_verdict *ret)
{
    struct query *q = db_query(tx->db, "recovery_code_use");
    query_bind_text(q, "user_id", user_id);
    query_bind_text(q, "code_hash", recovery_hash(tx->arena, user_id, code));
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    if (err == OK)
        *ret = query_changes(q) == 1 ? CODE_RIGHT : CODE_WRONG;
    return err;
}

static bool is_right(struct tx *tx, struct text user_id, struct text sealed, struct text code, int64_t after_step, int64_t *ret_step)
{
    struct text secret;
    return seal_open(tx->arena, engine_seal_key(tx->engine), place_of(tx->arena, user_id), sealed, &secret) &&
           totp_check(tx->arena, secret, code, tx->now, ret_step) && *ret_step > after_step;
}

enum err second_factor_use(struct tx *tx, struct text user_id, struct text code, enum code_verdict *ret)
{
    struct state state;
    int64_t step;
    enum err err = load(tx->db, tx->arena, user_id, &state);
    if (err != OK)
        return err;
    *ret = CODE_NOT_NEEDED;
    if (!text_is_present(state.secret))
        return OK;
    code = text_trim(code);
    *ret = code.size == 0 ? CODE_MISSING : CODE_WRONG;
    if (code.size == 0)
        return OK;
    if (code.size != TOTP_DIGITS)
        return use_recovery_code(tx, user_id, code, ret);
    if (!is_right(tx, user_id, state.secret, code, state.last_step, &step))
        return OK;
    struct query *q = db_query(tx->db, "second_factor_used");
    query_bind_text(q, "user_id", user_id);
    query_bind_int(q, "step", step);
    *ret = CODE_RIGHT;
    return query_run(q);
}

json_t *second_factor_json(struct call *call, struct text user_id, bool by_password)
{
    struct state state;
    call->read_error = load(call->db, call->arena, user_id, &state);
    json_t *json = json_object_in(call->arena);
    bool enrolled = text_is_present(state.secret), required = text_is(call->api->config->second_factor, "required");
    json_put_bool(json, "enrolled", enrolled);
    json_put_bool(json, "required", required);
    json_put_bool(json, "needed", required && by_password && !enrolled);
    json_put_int(json, "recovery_codes_left", state.recovery_codes_left);
    return call->read_error == OK ? json : NULL;
}

/* Setting it up ------------------------------------------------------------------------------------------------- */

struct deed {
    struct call *call;
    struct actor actor;
    struct text user_id, code, sealed;
    const char *action;
    json_t *recovery_codes;
    bool had;
};

static enum err record(struct tx *tx, const struct deed *deed)
{
    struct audit audit = {.actor = &deed->actor, .peer = deed->call->request->peer, .action = deed->action, .resource_type = "user", .resource_id = deed->user_id};
    return audit_record(tx, &audit);
}

/* Only the person at the browser: a token that was stolen must not take the door with it. */
static enum err begin(struct call *call, struct deed *ret)
{
    *ret = (struct deed){.call = call, .user_id = call->who.user_id};
    if (!call->who.is_session) {
        problem_add(call->problem, NULL, "this is for somebody who is signed in to the app, not for a token");
        return ERR_INVALID;
    }
    return call_actor(call, false, &ret->actor);
}

static enum err offer_work(struct tx *tx, void *argument)
{
    struct deed *deed = argument;
    struct query *q = db_query(tx->db, "second_factor_offer");
    query_bind_text(q, "user_id", deed->user_id);
    query_bind_text(q, "secret", deed->sealed);
    query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

/* What is in force stays in force until the new one is proven. */
static enum err offer(struct call *call)
{
    struct deed deed;
    struct text key = engine_seal_key(call->engine);
    enum err err = begin(call, &deed);
    if (err == OK)
        err = passwords_prove_own(call);
    if (err != OK)
        return err;
    if (key.size != SEAL_KEY_HEX) {
        problem_add(call->problem, NULL, "this installation has no key to keep secrets with");
        return ERR_UNAVAILABLE;
    }
    struct text secret = totp_new_secret(call->env, call->arena);
    deed.sealed = seal_close(call->env, call->arena, key, place_of(call->arena, deed.user_id), secret);
    err = call_change(call, offer_work, &deed);
    if (err != OK)
        return err;
    json_t *shown = json_object_in(call->arena);
    json_put_text(shown, "secret", secret);
    json_put_text(shown, "uri", totp_uri(call->arena, secret, TEXT("Muster"), call->who.email));
    call->status = 201;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "second_factor", shown);
    return OK;
}

static enum err new_recovery_codes(struct tx *tx, struct deed *deed)
{
    struct query *q = db_query(tx->db, "recovery_codes_delete");
    query_bind_text(q, "user_id", deed->user_id);
    enum err err = query_run(q);
    deed->recovery_codes = json_array_in(deed->call->arena);
    for (int i = 0; i < RECOVERY_CODES && err == OK; i++) {
        struct text code = id_new_key(tx->env, deed->call->arena, RECOVERY_CODE_CHARS);
        struct builder shown = builder_new(deed->call->arena, 2 * RECOVERY_CODE_CHARS);
        for (size_t at = 0; at < code.size; at += RECOVERY_CODE_GROUP)
            builder_printf(&shown, "%s%.*s", at > 0 ? "-" : "", TEXT_ARG(text_slice(code, at, at + RECOVERY_CODE_GROUP)));
        json_append_text(deed->recovery_codes, builder_text(&shown));
        q = db_query(tx->db, "recovery_code_insert");
        query_bind_text(q, "user_id", deed->user_id);
        query_bind_text(q, "code_hash", recovery_hash(tx->arena, deed->user_id, code));
        err = query_run(q);
    }
    return err;
}

/* This session has now shown what a sign-in would; the others have not. */
static enum err raise_this_session(struct tx *tx, const struct deed *deed)
{
    struct text cookie = http_request_cookie(deed->call->request, deed->call->api->session_cookie);
    struct text hash = auth_secret_hash(tx->arena, cookie);
    struct query *q = db_query(tx->db, "auth_other_sessions_delete");
    query_bind_text(q, "user_id", deed->user_id);
    query_bind_text(q, "token_hash", hash);
    enum err err = query_run(q);
    if (err != OK)
        return err;
    q = db_query(tx->db, "auth_session_proven");
    query_bind_text(q, "token_hash", hash);
    query_bind_text(q, "proven_by", TEXT("code"));
    return query_run(q);
}

static enum err confirm_work(struct tx *tx, void *argument)
{
    struct deed *deed = argument;
    struct state state;
    int64_t step;
    deed->call->problem->count = 0;
    enum err err = load(tx->db, tx->arena, deed->user_id, &state);
    if (err != OK)
        return err;
    if (!text_is_present(state.offered)) {
        problem_add(deed->call->problem, NULL, "no secret was shown yet; ask for one first");
        return ERR_INVALID;
    }
    if (instant_seconds_between(state.offered_at, tx->now) > OFFER_LIFE_S) {
        problem_add(deed->call->problem, NULL, "the secret was shown more than %d minutes ago; ask for a new one", OFFER_LIFE_S / 60);
        return ERR_INVALID;
    }
    if (!is_right(tx, deed->user_id, state.offered, deed->code, 0, &step)) {
        problem_add(deed->call->problem, "code", "is wrong; is the clock of the device right?");
        return ERR_INVALID;
    }
    struct query *q = db_query(tx->db, "second_factor_confirm");
    query_bind_text(q, "user_id", deed->user_id);
    query_bind_int(q, "step", step);
    query_bind_instant(q, "now", tx->now);
    err = query_run(q);
    if (err == OK)
        err = new_recovery_codes(tx, deed);
    if (err == OK)
        err = raise_this_session(tx, deed);
    return err == OK ? record(tx, deed) : err;
}

static enum err confirm(struct call *call)
{
    struct deed deed;
    enum err err = begin(call, &deed);
    if (err != OK)
        return err;
    deed.code = text_trim(json_text_at(call->body, "code"));
    deed.action = "set_second_factor";
    err = call_change(call, confirm_work, &deed);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "recovery_codes", deed.recovery_codes);
    return OK;
}

/* Taking it away ------------------------------------------------------------------------------------------------ */

enum err second_factor_remove(struct tx *tx, struct text user_id, bool *ret_had)
{
    struct query *q = db_query(tx->db, "recovery_codes_delete");
    query_bind_text(q, "user_id", user_id);
    enum err err = query_run(q);
    if (err != OK)
        return err;
    q = db_query(tx->db, "second_factor_delete");
    query_bind_text(q, "user_id", user_id);
    err = query_run(q);
    if (err == OK)
        *ret_had = query_changes(q) > 0;
    return err;
}

static enum err remove_work(struct tx *tx, void *argument)
{
    struct deed *deed = argument;
    enum err err = second_factor_remove(tx, deed->user_id, &deed->had);
    return err == OK && deed->had ? record(tx, deed) : err;
}

static enum err remove_own(struct call *call)
{
    struct deed deed;
    enum err err = begin(call, &deed);
    if (err == OK)
        err = passwords_prove_own(call);
    if (err != OK)
        return err;
    if (text_is(call->api->config->second_factor, "required")) {
        problem_add(call->problem, NULL, "a second factor is required here; set up another one instead");
        return ERR_INVALID;
    }
    deed.action = "remove_second_factor";
    return call_change(call, remove_work, &deed);
}

/* For whoever lost device and recovery codes. Whoever sits at an open session of theirs is signed out. */
static enum err reset_work(struct tx *tx, void *argument)
{
    struct deed *deed = argument;
    struct query *q = db_query(tx->db, "auth_role");
    query_bind_text(q, "id", deed->user_id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    enum err err = remove_work(tx, deed);
    if (err != OK)
        return err;
    q = db_query(tx->db, "auth_sessions_of_user_delete");
    query_bind_text(q, "user_id", deed->user_id);
    return query_run(q);
}

static enum err reset(struct call *call)
{
    struct deed deed = {.call = call, .user_id = call->path_parameters[0], .action = "reset_second_factor"};
    enum err err = call_actor(call, false, &deed.actor);
    return err == OK ? call_change(call, reset_work, &deed) : err;
}

#define OWN "/muster/session/second_factor"
static const struct route routes[] = {
    {"POST", OWN, MAY_READ, offer, .summary = "A new secret for an authenticator app, shown once; needs {current_password}", .body_kind = "json",
     .body_bytes_max = 4096, .before_second_factor = true,
     .takes = "current_password", .answers = "second_factor"},
    {"PUT", OWN, MAY_READ, confirm, .summary = "Prove it by a {code}; the answer is the only place that shows the recovery codes", .body_kind = "json",
     .body_bytes_max = 4096, .before_second_factor = true,
     .takes = "code", .answers = "recovery_codes[]"},
    {"DELETE", OWN, MAY_READ, remove_own, .summary = "Sign in without a second factor again; needs {current_password}", .body_kind = "json", .body_bytes_max = 4096,
     .takes = "current_password"},
    {"DELETE", "/muster/users/{id}/second_factor", MAY_ADMINISTER, reset, .summary = "For somebody who lost theirs; ends their sessions"},
};
const struct route_table second_factor_routes = {routes, sizeof routes / sizeof *routes};
