/* Why: see auth.h. */
#include "api/auth.h"

#include <sodium.h>
#include <stdlib.h>

#include "api/api_state.h"
#include "api/errors.h"
#include "api/view.h"
#include "base/log.h"

struct text auth_secret_hash(struct arena *arena, struct text secret)
{
    unsigned char hash[crypto_hash_sha256_BYTES];
    crypto_hash_sha256(hash, (const unsigned char *)secret.data, secret.size);
    return text_hex(arena, hash, sizeof hash);
}

enum err auth_refuse(struct call *call, const char *message)
{
    call->status = 401;
    call->error_code = API_AUTHENTICATION_FAILED;
    call->error_message = message;
    return ERR_FORBIDDEN;
}

struct touch {
    struct job job;
    char token_id[16];
    size_t token_id_size;
    instant now;
};

static enum err touch_work(struct tx *tx, void *argument)
{
    struct touch *touch = argument;
    struct query *q = db_query(tx->db, "auth_token_touch");
    query_bind_text(q, "id", (struct text){touch->token_id, touch->token_id_size});
    query_bind_instant(q, "now", touch->now);
    return query_run(q);
}

/* The record of last use is a courtesy: nothing waits for it and its loss does not matter. */
static void touch_done(struct job *job, enum err outcome)
{
    (void)outcome;
    free(job->argument);
}

static void note_use(struct call *call, struct text token_id, instant last_used_at)
{
    if (instant_is_set(last_used_at) && instant_seconds_between(last_used_at, call->now) < 3600)
        return;
    struct touch *touch = calloc(1, sizeof *touch);
    if (!touch || token_id.size > sizeof touch->token_id) {
        free(touch);
        return;
    }
    memcpy(touch->token_id, token_id.data, token_id.size);
    touch->token_id_size = token_id.size;
    touch->now = call->now;
    touch->job = (struct job){.work = touch_work, .argument = touch, .done = touch_done};
    engine_submit(call->engine, &touch->job);
}

/* Columns: id, name, email, time_zone, role of a user, from `first` on. */
static void read_person(struct call *call, struct query *q, int first)
{
    call->who.user_id = text_copy(call->arena, query_text(q, first));
    call->who.name = text_copy(call->arena, query_text(q, first + 1));
    call->who.email = text_copy(call->arena, query_text(q, first + 2));
    call->who.time_zone = text_copy(call->arena, query_text(q, first + 3));
    call->who.role = text_copy(call->arena, query_text(q, first + 4));
}

static enum err identify_by_token(struct call *call, struct text token)
{
    struct query *q = db_query(call->db, "auth_token");
    query_bind_text(q, "token_hash", auth_secret_hash(call->arena, token));
    query_bind_instant(q, "now", call->now);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : auth_refuse(call, "Account authentication failed");
    call->who.token_id = text_copy(call->arena, query_text(q, 0));
    instant last_used_at = query_instant(q, 3);
    if (query_is_null(q, 4)) {
        call->who.name = text_copy(call->arena, query_text(q, 1));
        call->who.role = query_is_null(q, 2) ? TEXT("admin") : text_copy(call->arena, query_text(q, 2));
        call->who.time_zone = TEXT("Etc/UTC");
    } else {
        read_person(call, q, 4);
    }
    call->who.authenticated = true;
    note_use(call, call->who.token_id, last_used_at);
    return OK;
}

static enum err identify_by_session(struct call *call, struct text cookie)
{
    struct query *q = db_query(call->db, "auth_session");
    query_bind_text(q, "token_hash", auth_secret_hash(call->arena, cookie));
    query_bind_instant(q, "now", call->now);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : OK; /* an old cookie is no attack: as if there were none */
    read_person(call, q, 0);
    call->who.is_session = true;
    call->who.must_enrol = text_is(call->api->config->second_factor, "required") && text_is(query_text(q, 5), "password");
    call->who.authenticated = true;
    return OK;
}

bool auth_same_origin(const struct call *call)
{
    struct text method = call->request->method;
    if (text_is(method, "GET") || text_is(method, "HEAD"))
        return true;
    struct text site = http_request_header(call->request, "Sec-Fetch-Site");
    if (text_is_present(site))
        return text_is(site, "same-origin") || text_is(site, "none");
    struct text origin = http_request_header(call->request, "Origin");
    if (!text_is_present(origin))
        return true; /* every browser sends one of the two with a change */
    if (text_equal_ignoring_case(origin, call->api->public_origin))
        return true;
    struct text host = http_request_header(call->request, "Host");
    size_t scheme_end = text_find(origin, TEXT("://"));
    return host.size > 0 && scheme_end < origin.size && text_equal_ignoring_case(text_slice(origin, scheme_end + 3, origin.size), host);
}

const char *auth_session_cookie(bool public_is_https, struct text path_prefix)
{
    if (!public_is_https)
        return "muster_session";
    return path_prefix.size == 0 ? "__Host-muster_session" : "__Secure-muster_session"; /* __Host- is for the path / only */
}

const char *auth_sign_in_cookie(bool public_is_https, struct text path_prefix)
{
    if (!public_is_https)
        return "muster_sign_in";
    return path_prefix.size == 0 ? "__Host-muster_sign_in" : "__Secure-muster_sign_in";
}

enum err auth_identify(struct call *call)
{
    struct text token = TEXT_NONE;
    switch (auth_parse_header(http_request_header(call->request, "Authorization"), &token)) {
    case AUTH_TOKEN: return identify_by_token(call, token);
    case AUTH_MALFORMED: return auth_refuse(call, "Account authentication failed: malformed Authorization header");
    case AUTH_ABSENT: break;
    }
    struct text cookie = http_request_cookie(call->request, call->api->session_cookie);
    if (cookie.size == 0 || cookie.size > 256)
        return OK;
    enum err err = identify_by_session(call, cookie);
    if (err == OK && call->who.authenticated && !auth_same_origin(call)) {
        problem_add(call->problem, NULL, "the request comes from another site");
        return ERR_FORBIDDEN;
    }
    return err;
}

bool auth_may(const struct principal *who, enum permission permission)
{
    bool administers = text_is(who->role, "owner") || text_is(who->role, "admin");
    bool manages = administers || text_is(who->role, "user");
    switch (permission) {
    case MAY_ANYONE: return true;
    case MAY_READ: return who->authenticated;
    case MAY_RESPOND: return who->authenticated && (manages || text_is(who->role, "limited_user"));
    case MAY_SELF_OR_MANAGE: /* decided by the caller, who knows the path */
    case MAY_MANAGE: return who->authenticated && manages;
    case MAY_ADMINISTER: return who->authenticated && administers;
    }
    return false;
}

/* What reaches an administrator, and what they are called by, answers in their name: somebody who only manages must not turn it to themselves. */
static enum err protect_administrators(struct call *call)
{
    struct text id = call->path_parameters[0];
    if (call->route->permission != MAY_SELF_OR_MANAGE || auth_may(&call->who, MAY_ADMINISTER) || text_equal(call->who.user_id, id))
        return OK;
    struct query *q = db_query(call->db, "auth_role");
    query_bind_text(q, "id", id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : OK; /* the handler says that there is no such user */
    struct principal target = {.authenticated = true, .role = text_copy(call->arena, query_text(q, 0))};
    if (!auth_may(&target, MAY_ADMINISTER))
        return OK;
    problem_add(call->problem, NULL, "an administrator's account is changed by administrators only");
    return ERR_FORBIDDEN;
}

static const char *const team_queries[] = {
    [TEAM_OF_TEAM] = "auth_team_role_team",         [TEAM_OF_POLICY] = "auth_team_role_policy",
    [TEAM_OF_SERVICE] = "auth_team_role_service",   [TEAM_OF_SCHEDULE] = "auth_team_role_schedule",
    [TEAM_OF_INCIDENT] = "auth_team_role_incident",
};

/* Stakeholders (read_only_*) stay what they are, and so does a token without a user. */
static bool can_be_raised(const struct principal *who)
{
    return who->user_id.size > 0 && (text_is(who->role, "limited_user") || text_is(who->role, "observer") || text_is(who->role, "restricted_access"));
}

/* Whether one of the object's teams gives the asker what the account does not. */
static enum err raised_by_team(struct call *call, bool *ret)
{
    const struct route *route = call->route;
    int64_t number = 0;
    *ret = false;
    if (route->team_of == TEAM_OF_NOTHING || !can_be_raised(&call->who))
        return OK;
    bool by_number = route->team_of == TEAM_OF_INCIDENT;
    if (by_number && !view_incident_number(call->path_parameters[0], &number))
        return OK;
    struct query *q = db_query(call->db, team_queries[route->team_of]);
    query_bind_text(q, "user_id", call->who.user_id);
    if (by_number)
        query_bind_int(q, "number", number);
    else
        query_bind_text(q, "id", call->path_parameters[0]);
    bool raised = false;
    while (query_next(q)) {
        bool manages = text_is(query_text(q, 0), "manager"), responds = manages || text_is(query_text(q, 0), "responder");
        raised = raised || (route->permission == MAY_MANAGE && manages) || (route->permission == MAY_RESPOND && responds);
    }
    *ret = raised;
    return query_err(q);
}

enum err auth_permit(struct call *call)
{
    if (call->who.must_enrol && call->route->permission != MAY_ANYONE && !call->route->before_second_factor) {
        problem_add(call->problem, NULL, "set up a second factor first");
        return ERR_FORBIDDEN;
    }
    if (auth_may(&call->who, call->route->permission))
        return protect_administrators(call);
    if (!call->who.authenticated)
        return auth_refuse(call, "Account authentication failed");
    if (call->route->permission == MAY_SELF_OR_MANAGE && call->who.user_id.size > 0 &&
        text_equal(call->who.user_id, call->path_parameters[0]))
        return OK;
    bool raised;
    enum err err = raised_by_team(call, &raised);
    if (err != OK || raised)
        return err;
    log_warning("auth", "refused: %s %s by %.*s, role %.*s, from %.*s", call->route->method, call->route->path, TEXT_ARG(call->who.name),
                TEXT_ARG(call->who.role), TEXT_ARG(call->request->peer));
    problem_add(call->problem, NULL, "role %.*s may not do this", TEXT_ARG(call->who.role));
    return ERR_FORBIDDEN;
}
