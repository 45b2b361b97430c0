/* Why: see passwords.h; and where a password is set. */
#include "api/passwords.h"

#include "api/api_state.h"
#include "api/audit.h"
#include "api/auth.h"
#include "base/common_password.h"
#include "base/password.h"

enum err passwords_prove_own(struct call *call)
{
    struct query *q = db_query(call->db, "auth_user_by_email");
    query_bind_text(q, "email", call->who.email);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct text hash = text_copy(call->arena, query_text(q, 5));
    struct text key = text_printf(call->arena, "c:%.*s", TEXT_ARG(call->who.user_id)); /* guesses here keep nobody from signing in */
    if (backoff_wait_s(call->api->backoff, key, call->now) > 0) {
        call->status = 429;
        problem_add(call->problem, "current_password", "was wrong too often; try again later");
        return ERR_LIMIT;
    }
    if (text_is_present(hash) && !password_verify(call->arena, json_text_at(call->body, "current_password"), hash)) {
        backoff_failed(call->api->backoff, key, BACKOFF_ACCOUNT_TRIES, call->now);
        problem_add(call->problem, "current_password", "is wrong");
        return ERR_INVALID;
    }
    return OK;
}

struct password_change {
    struct call *call;
    struct actor actor;
    struct text user_id, hash;
};

static enum err password_work(struct tx *tx, void *argument)
{
    struct password_change *change = argument;
    struct query *q = db_query(tx->db, "auth_password_set");
    query_bind_text(q, "id", change->user_id);
    query_bind_text(q, "password_hash", change->hash);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    if (err == OK && query_changes(q) == 0)
        return ERR_NOT_FOUND;
    if (err != OK)
        return err;
    q = db_query(tx->db, "auth_sessions_of_user_delete");
    query_bind_text(q, "user_id", change->user_id);
    err = query_run(q);
    struct audit audit = {.actor = &change->actor, .peer = change->call->request->peer, .action = "set_password", .resource_type = "user",
                          .resource_id = change->user_id};
    return err == OK ? audit_record(tx, &audit) : err;
}

static enum err refuse_common(struct call *call, struct text user_id)
{
    struct query *q = db_query(call->db, "user_get");
    query_bind_text(q, "id", user_id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct text about[] = {text_copy(call->arena, query_text(q, query_column(q, "name"))), text_copy(call->arena, query_text(q, query_column(q, "email")))};
    struct text password = json_text_at(call->body, "password");
    if (password.size < PASSWORD_BYTES_MIN || !common_password(call->arena, password, about, sizeof about / sizeof *about))
        return OK;
    problem_add(call->problem, "password", "is one of those that are guessed first (a common password, a name, a number); choose another");
    return ERR_INVALID;
}

/* People prove that they know the old one; administrators may set anybody's. */
static enum err set_password(struct call *call)
{
    struct password_change change = {.call = call, .user_id = call->path_parameters[0]};
    bool administers = auth_may(&call->who, MAY_ADMINISTER), own = text_equal(change.user_id, call->who.user_id);
    if (!administers && !own)
        return ERR_FORBIDDEN;
    enum err err = OK;
    if (!administers || (own && call->who.is_session)) /* a browser that was left open is not its owner */
        err = passwords_prove_own(call);
    if (err != OK)
        return err;
    err = refuse_common(call, change.user_id);
    if (err == OK)
        err = password_hash(call->arena, json_text_at(call->body, "password"), &change.hash);
    if (err == ERR_INVALID && problem_is_empty(call->problem))
        problem_add(call->problem, "password", "must have %d to %d bytes", PASSWORD_BYTES_MIN, PASSWORD_BYTES_MAX);
    if (err == OK)
        err = call_actor(call, false, &change.actor);
    return err == OK ? call_change(call, password_work, &change) : err;
}

static const struct route routes[] = {
    {"PUT", "/muster/users/{id}/password", MAY_READ, set_password, .summary = "Set {password}; one's own needs {current_password}",
     .body_kind = "json", .body_bytes_max = 4096,
     .takes = "password current_password?", .media = ROUTE_NOTHING},
};
const struct route_table password_routes = {routes, sizeof routes / sizeof *routes};
