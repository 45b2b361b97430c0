/* Why: a contact method proves itself by a code before it may be paged: six digits, ten minutes, five tries. */
#include "api/api_state.h"
#include "api/audit.h"
#include "api/auth.h"
#include "api/errors.h"
#include "api/resources.h"
#include "engine/pages.h"
#include "engine/paging.h"

enum { CODE_DIGITS = 6, CODE_VALID_S = 600, CODE_TRIES_MAX = 5, CODE_PAUSE_S = 30 };

struct verification {
    struct call *call;
    struct actor actor;
    struct text user_id, id, code, hash;
    bool right;
};

/* The method of this user as shown; its row is what is changed next. */
static enum err load_method(struct tx *tx, const struct verification *v, json_t **ret)
{
    struct call inner = *v->call;
    inner.db = tx->db;
    inner.query_count = 0;
    return resource_read(&inner, &contact_method_resource, v->user_id, v->id, false, ret);
}

struct code_state {
    struct text hash;
    instant sent_at;
    int64_t tries;
};

static enum err load_code(struct tx *tx, struct arena *arena, struct text id, struct code_state *ret)
{
    struct query *q = db_query(tx->db, "contact_method_code");
    query_bind_text(q, "id", id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    *ret = (struct code_state){text_copy(arena, query_text(q, 0)), query_instant(q, 1), query_int(q, 2)};
    return OK;
}

static json_t *code_message(struct arena *arena, struct text code)
{
    json_t *content = json_object_in(arena), *lines = json_array_in(arena);
    struct text line = text_printf(arena, "Your Muster code is %.*s. It is valid for 10 minutes.", TEXT_ARG(code));
    json_append_text(lines, line);
    json_put_string(content, "subject", "Your Muster verification code");
    json_put(content, "lines", lines);
    json_put_string(content, "details", "");
    return content;
}

static enum err send_work(struct tx *tx, void *argument)
{
    struct verification *v = argument;
    json_t *method;
    struct code_state state;
    v->call->problem->count = 0;
    enum err err = load_method(tx, v, &method);
    if (err == OK)
        err = load_code(tx, v->call->arena, v->id, &state);
    if (err != OK)
        return err;
    if (instant_is_set(state.sent_at) && instant_seconds_between(state.sent_at, tx->now) < CODE_PAUSE_S) {
        problem_add(v->call->problem, NULL, "a code was sent less than %d seconds ago", CODE_PAUSE_S);
        return ERR_LIMIT;
    }
    struct query *q = db_query(tx->db, "contact_method_code_set");
    query_bind_text(q, "id", v->id);
    query_bind_text(q, "code_hash", v->hash);
    query_bind_instant(q, "now", tx->now);
    err = query_run(q);
    int64_t message;
    return err == OK ? paging_send_plain(tx, "code", v->id, true, code_message(v->call->arena, v->code), &message) : err;
}

/* Bound to the method, so that a hash says nothing about another one. */
static struct text code_hash(struct arena *arena, struct text id, struct text code)
{
    return auth_secret_hash(arena, text_printf(arena, "%.*s:%.*s", TEXT_ARG(id), TEXT_ARG(code)));
}

static struct text new_code(struct call *call)
{
    uint32_t number;
    do
        env_random(call->env, &number, sizeof number);
    while (number >= 4294000000u); /* no code is likelier than another */
    return text_printf(call->arena, "%06u", number % 1000000u);
}

static struct verification start(struct call *call)
{
    return (struct verification){.call = call, .user_id = call->path_parameters[0], .id = call->path_parameters[1]};
}

static enum err send_code(struct call *call)
{
    struct verification v = start(call);
    v.code = new_code(call);
    v.hash = code_hash(call->arena, v.id, v.code);
    enum err err = call_change(call, send_work, &v);
    if (err == OK)
        call->status = 202;
    return err;
}

static enum err set_verified(struct tx *tx, struct verification *v, const json_t *before)
{
    struct query *q = db_query(tx->db, "contact_method_verified");
    query_bind_text(q, "id", v->id);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    json_t *after;
    if (err == OK)
        err = pages_ladder_changed(tx, v->user_id);
    if (err == OK)
        err = load_method(tx, v, &after);
    if (err != OK)
        return err;
    struct audit audit = {.actor = &v->actor, .peer = v->call->request->peer, .action = "verify", .resource_type = "contact_method", .resource_id = v->id,
                          .root_type = "user", .root_id = v->user_id, .before = before, .after = after};
    v->right = true;
    engine_note_change(tx, "configuration");
    return audit_record(tx, &audit);
}

/* A wrong try must be counted, so it is a success of the transaction and a failure of the request. */
static enum err verify_work(struct tx *tx, void *argument)
{
    struct verification *v = argument;
    json_t *before;
    struct code_state state;
    v->right = false;
    v->call->problem->count = 0;
    enum err err = load_method(tx, v, &before);
    if (err == OK)
        err = load_code(tx, v->call->arena, v->id, &state);
    if (err != OK)
        return err;
    const char *wrong = NULL;
    if (!text_is_present(state.hash))
        wrong = "was not sent yet; ask for one first";
    else if (state.tries >= CODE_TRIES_MAX)
        wrong = "was tried too often; ask for a new one";
    else if (instant_seconds_between(state.sent_at, tx->now) > CODE_VALID_S)
        wrong = "has expired; ask for a new one";
    else if (!text_equal_secret(state.hash, v->hash))
        wrong = "is wrong";
    if (!wrong)
        return set_verified(tx, v, before);
    problem_add(v->call->problem, "code", "%s", wrong);
    struct query *q = db_query(tx->db, "contact_method_code_failed");
    query_bind_text(q, "id", v->id);
    return query_run(q);
}

static enum err verify(struct call *call)
{
    struct verification v = start(call);
    v.code = text_trim(json_text_at(call->body, "code"));
    if (v.code.size != CODE_DIGITS) {
        problem_add(call->problem, "code", "must be the %d digits of the message", CODE_DIGITS);
        return ERR_INVALID;
    }
    v.hash = code_hash(call->arena, v.id, v.code);
    enum err err = call_actor(call, false, &v.actor);
    if (err == OK)
        err = call_change(call, verify_work, &v);
    if (err != OK)
        return err;
    if (!v.right)
        return ERR_INVALID;
    json_t *method;
    err = resource_read(call, &contact_method_resource, v.user_id, v.id, false, &method);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "contact_method", method);
    return OK;
}

/* The same by the method's id alone, below /muster/ like everything that PagerDuty does not have. */
static enum err of_its_user(struct call *call, route_handler *handle)
{
    struct text id = call->path_parameters[0];
    struct query *q = db_query(call->db, "contact_method_get");
    query_bind_text(q, "id", id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct text user_id = text_copy(call->arena, query_text(q, query_column(q, "parent_id")));
    if (!auth_may(&call->who, MAY_MANAGE) && !text_equal(user_id, call->who.user_id)) {
        problem_add(call->problem, NULL, "this contact method belongs to somebody else");
        return ERR_FORBIDDEN;
    }
    call->path_parameters[0] = user_id;
    call->path_parameters[1] = id;
    return handle(call);
}

static enum err send_code_by_id(struct call *call)
{
    return of_its_user(call, send_code);
}

static enum err verify_by_id(struct call *call)
{
    return of_its_user(call, verify);
}

#define METHOD "/users/{id}/contact_methods/{contact_method_id}"
static const struct route routes[] = {
    {"POST", METHOD "/send_code", MAY_SELF_OR_MANAGE, send_code, .summary = "Muster: send a code that proves the contact method", .body_kind = "json",
     .takes = "", .media = ROUTE_NOTHING},
    {"POST", METHOD "/verify", MAY_SELF_OR_MANAGE, verify, .summary = "Muster: prove the contact method by the {code} it received", .body_kind = "json",
     .takes = "code", .answers = "contact_method"},
    {"POST", "/muster/contact-methods/{id}/send-code", MAY_READ, send_code_by_id, .summary = "Send a code that proves the contact method", .body_kind = "json",
     .takes = "", .media = ROUTE_NOTHING},
    {"POST", "/muster/contact-methods/{id}/verify", MAY_READ, verify_by_id, .summary = "Prove the contact method by the {code} it received",
     .body_kind = "json",
     .takes = "code", .answers = "contact_method"},
};
const struct route_table verification_routes = {routes, sizeof routes / sizeof *routes};
