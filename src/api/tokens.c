/* Why: API tokens. The secret is shown once, when the token is made; only its hash is kept. */
#include "api/audit.h"
#include "api/auth.h"
#include "api/resource.h"
#include "base/id.h"

enum { TOKEN_LENGTH = 32 };

static json_t *encode(struct call *call, struct query *row)
{
    json_t *token = json_object_in(call->arena);
    json_put_text(token, "id", query_text(row, 0));
    json_put_string(token, "type", "token");
    json_put_text(token, "name", query_text(row, 1));
    json_put(token, "user", api_reference_to(call, "user", query_text(row, 2), query_text(row, 3)));
    json_put_text(token, "role", query_text(row, 4));
    json_put_instant(token, "created_at", query_instant(row, 5));
    json_put_instant(token, "last_used_at", query_instant(row, 6));
    json_put_instant(token, "expires_at", query_instant(row, 7));
    return token;
}

/* Administrators see all tokens, others their own. */
static enum err list(struct call *call)
{
    struct paging paging;
    enum err err = call_paging(call, &paging);
    if (err != OK)
        return err;
    struct query *q = db_query(call->db, "token_list");
    if (!auth_may(&call->who, MAY_ADMINISTER))
        query_bind_text(q, "user_id", text_is_present(call->who.user_id) ? call->who.user_id : TEXT(""));
    query_bind_int(q, "limit", paging.limit + 1);
    query_bind_int(q, "offset", paging.offset);
    if (paging.want_total)
        query_enable(q, "with_total");
    json_t *tokens = json_array_in(call->arena);
    int64_t count = 0, total = 0;
    while (query_next(q)) {
        total = query_int(q, query_column(q, "total"));
        if (count++ < paging.limit)
            json_append(tokens, encode(call, q));
    }
    if (query_failed(q))
        return query_err(q);
    call_reply_page(call, "tokens", tokens, &paging, count > paging.limit, total);
    return OK;
}

struct token_change {
    struct call *call;
    struct actor actor;
    struct text id, hash, name, user_id, role;
    instant expires_at;
    json_t *shown;
};

static enum err record(struct tx *tx, const struct token_change *change, const char *action)
{
    struct audit audit = {.actor = &change->actor, .peer = change->call->request->peer, .action = action, .resource_type = "token",
                          .resource_id = change->id, .after = change->shown};
    return audit_record(tx, &audit);
}

static enum err create_work(struct tx *tx, void *argument)
{
    struct token_change *change = argument;
    struct query *q = db_query(tx->db, "token_insert");
    query_bind_text(q, "id", change->id);
    query_bind_text(q, "token_hash", change->hash);
    query_bind_text(q, "name", change->name);
    query_bind_text(q, "user_id", change->user_id);
    query_bind_text(q, "role", change->role);
    query_bind_instant(q, "now", tx->now);
    query_bind_instant(q, "expires_at", change->expires_at);
    enum err err = query_run(q);
    if (err != OK)
        return err;
    q = db_query(tx->db, "token_get");
    query_bind_text(q, "id", change->id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_INTERNAL;
    change->shown = encode(change->call, q);
    return record(tx, change, "create");
}

static enum err revoke_work(struct tx *tx, void *argument)
{
    struct token_change *change = argument;
    struct query *q = db_query(tx->db, "token_revoke");
    query_bind_text(q, "id", change->id);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    return err == OK ? record(tx, change, "revoke") : err;
}

static bool is_role(struct text role)
{
    static const char *const roles[] = {"owner", "admin", "user", "limited_user", "observer", "read_only_user", "read_only_limited_user", "restricted_access"};
    for (size_t i = 0; i < FIELD_COUNT(roles); i++)
        if (text_is(role, roles[i]))
            return true;
    return false;
}

/* A token of a user can do what the user can; one of the account has a role of its own and only administrators make those. */
static enum err read_owner(struct call *call, const json_t *body, struct token_change *change)
{
    struct text user_id = json_text_at(json_object_get(body, "user"), "id"), role = json_text_at(body, "role"), name;
    bool administers = auth_may(&call->who, MAY_ADMINISTER);
    if (role.size > 0) {
        if (!administers)
            return ERR_FORBIDDEN;
        if (!is_role(role))
            problem_add(call->problem, "token.role", "is not a role");
        if (user_id.size > 0)
            problem_add(call->problem, "token.role", "belongs to tokens without a user");
        change->role = role;
        return OK;
    }
    change->user_id = user_id.size > 0 ? user_id : call->who.user_id;
    if (change->user_id.size == 0) {
        problem_add(call->problem, "token", "needs a user or a role");
        return OK;
    }
    if (!text_equal(change->user_id, call->who.user_id) && !administers)
        return ERR_FORBIDDEN;
    enum err err = reference_summary(call->db, call->arena, "user", change->user_id, &name);
    if (err == ERR_NOT_FOUND)
        problem_add(call->problem, "token.user.id", "does not exist");
    return err == ERR_NOT_FOUND ? OK : err;
}

static enum err create(struct call *call)
{
    const json_t *body = json_at(call->body, "token");
    struct token_change change = {.call = call, .expires_at = INSTANT_NONE, .name = json_text_at(body, "name")};
    if (change.name.size == 0 || text_utf8_length(change.name) > 100)
        problem_add(call->problem, "token.name", change.name.size == 0 ? "cannot be empty" : "is too long (maximum is 100 characters)");
    struct text expires_at = json_text_at(body, "expires_at");
    if (expires_at.size > 0 && (!instant_parse(expires_at, 0, &change.expires_at) || !instant_before(call->now, change.expires_at)))
        problem_add(call->problem, "token.expires_at", "must be a time in the future");
    enum err err = read_owner(call, body, &change);
    if (err != OK)
        return err;
    if (!problem_is_empty(call->problem))
        return ERR_INVALID;
    err = call_actor(call, false, &change.actor);
    if (err != OK)
        return err;
    struct text secret = id_new_key(call->env, call->arena, TOKEN_LENGTH);
    change.id = id_new_object(call->env, call->arena);
    change.hash = auth_secret_hash(call->arena, secret);
    err = call_change(call, create_work, &change);
    if (err != OK)
        return err;
    json_put_text(change.shown, "token", secret);
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "token", change.shown);
    call->status = 201;
    return OK;
}

static enum err revoke(struct call *call)
{
    struct token_change change = {.call = call, .id = call->path_parameters[0]};
    struct query *q = db_query(call->db, "token_get");
    query_bind_text(q, "id", change.id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    bool own = query_text(q, 2).size > 0 && text_equal(query_text(q, 2), call->who.user_id);
    if (!own && !auth_may(&call->who, MAY_ADMINISTER))
        return ERR_FORBIDDEN;
    enum err err = call_actor(call, false, &change.actor);
    return err == OK ? call_change(call, revoke_work, &change) : err;
}

static const struct route routes[] = {
    {"GET", "/muster/tokens", MAY_READ, list, .summary = "List API tokens: all for administrators, else one's own",
     .query = "limit offset total", .answers = "tokens[] limit offset more total"},
    {"POST", "/muster/tokens", MAY_READ, create, .summary = "Create an API token; the answer is the only place that shows its secret", .body_kind = "json",
     .takes = "token", .answers = "token"},
    {"DELETE", "/muster/tokens/{id}", MAY_READ, revoke, .summary = "Revoke an API token"},
};
const struct route_table token_routes = {routes, sizeof routes / sizeof *routes};
