/* Why: the people. A new one can be reached at once by the e-mail address an administrator gave. */
#include "api/auth.h"
#include "api/errors.h"
#include "api/resources.h"
#include "engine/handoffs.h"

static const struct field fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = 100},
    {.name = "email", .kind = FIELD_EMAIL, .flags = FIELD_REQUIRED, .max = 100, .doc = "Signs in with it; unique, whatever the case of letters."},
    {.name = "time_zone", .kind = FIELD_ZONE, .fallback = "UTC"},
    {.name = "color", .kind = FIELD_TEXT, .max = 30, .fallback = "purple"},
    {.name = "role", .kind = FIELD_CHOICE, .fallback = "user",
     .choices = "owner admin user limited_user observer read_only_user read_only_limited_user restricted_access",
     .doc = "owner and admin administer, user manages, limited_user responds, the others read."},
    {.name = "avatar_url", .kind = FIELD_FIXED, .fixed = "null"},
    {.name = "description", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = 1024},
    {.name = "invitation_sent", .kind = FIELD_FIXED, .fixed = "false"},
    {.name = "job_title", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = 100},
    {.name = "created_via_sso", .kind = FIELD_FIXED, .fixed = "false"},
    {.name = "teams", .kind = FIELD_REFERENCES, .flags = FIELD_READ_ONLY, .reference = "team", .query = "user_teams", .target = &team_resource},
    {.name = "contact_methods", .kind = FIELD_REFERENCES, .flags = FIELD_READ_ONLY, .reference = "contact_method", .query = "user_contact_methods",
     .target = &contact_method_resource},
    {.name = "notification_rules", .kind = FIELD_REFERENCES, .flags = FIELD_READ_ONLY, .reference = "assignment_notification_rule",
     .query = "user_notification_rules", .target = &notification_rule_resource},
    {.name = "http_cal_url", .kind = FIELD_FIXED, .fixed = "null"},
    {.name = "web_cal_url", .kind = FIELD_FIXED, .fixed = "null"},
};

static const struct filter filters[] = {
    {.query = "query", .kind = FILTER_TEXT, .parameter = "query"},
    {.query = "team_ids[]", .kind = FILTER_LIST, .parameter = "team_ids"},
};

static bool administers(struct text role)
{
    return text_is(role, "owner") || text_is(role, "admin");
}

/* Without an administrator nobody could ever make one again. */
static enum err check_an_administrator_stays(struct change *change)
{
    bool was = administers(json_text_at(change->before, "role"));
    bool stays = change->kind == CHANGE_UPDATE && administers(change_value(change, "role")->text);
    if (!was || stays)
        return OK;
    struct query *q = db_query(change->tx->db, "user_other_administrators");
    query_bind_text(q, "id", change->id);
    if (!query_next(q))
        return query_err(q);
    if (query_int(q, 0) == 0)
        problem_add(change->call->problem, change->kind == CHANGE_UPDATE ? "user.role" : NULL, "the last administrator has to stay one");
    return OK;
}

static enum err check_open_work(struct change *change)
{
    struct query *q = db_query(change->tx->db, "user_open_assignments");
    query_bind_text(q, "id", change->id);
    while (query_next(q))
        problem_add(change->call->problem, NULL, "incident #%lld is still assigned to this user", (long long)query_int(q, 0));
    return query_failed(q) ? query_err(q) : OK;
}

/* Managers look after responders, not after those who administer. */
static bool may_change(const struct change *change)
{
    const struct principal *who = &change->call->who;
    return auth_may(who, MAY_ADMINISTER) || text_equal(who->user_id, change->id) || !administers(json_text_at(change->before, "role"));
}

static enum err check(struct change *change)
{
    if (change->kind == CHANGE_CREATE)
        return OK;
    if (!may_change(change)) {
        problem_add(change->call->problem, NULL, "an administrator's account is changed by administrators only");
        return ERR_FORBIDDEN;
    }
    if (change->kind == CHANGE_UPDATE) {
        struct text role = change_value(change, "role")->text;
        if (!text_equal(role, json_text_at(change->before, "role")) && !auth_may(&change->call->who, MAY_ADMINISTER)) {
            problem_add(change->call->problem, "user.role", "can be changed by administrators only");
            return ERR_FORBIDDEN;
        }
        return check_an_administrator_stays(change);
    }
    enum err err = check_open_work(change);
    return err == OK ? check_an_administrator_stays(change) : err;
}

static enum err add_rule(struct change *change, struct text contact_method_id, const char *urgency)
{
    struct arena *arena = change->call->arena;
    json_t *method = json_object_in(arena), *rule = json_object_in(arena);
    json_put_text(method, "id", contact_method_id);
    json_put_string(method, "type", "email_contact_method");
    json_put(rule, "contact_method", method);
    json_put_int(rule, "start_delay_in_minutes", 0);
    json_put_string(rule, "urgency", urgency);
    struct text id;
    return resource_create_in(change, &notification_rule_resource, change->id, rule, &id);
}

/* As PagerDuty does: one e-mail contact method, used at once for both urgencies. It counts as verified because an administrator
 * gave the address as the one to sign in with. */
static enum err make_reachable(struct change *change)
{
    json_t *method = json_object_in(change->call->arena);
    json_put_string(method, "type", "email_contact_method");
    json_put_string(method, "label", "Default");
    json_put_text(method, "address", change_value(change, "email")->text);
    json_put_bool(method, "verified", true);
    struct text id;
    enum err err = resource_create_in(change, &contact_method_resource, change->id, method, &id);
    if (err == OK)
        err = add_rule(change, id, "high");
    return err == OK ? add_rule(change, id, "low") : err;
}

static enum err run_for_user(struct change *change, const char *query, const char *parameter, bool timed)
{
    struct query *q = db_query(change->tx->db, query);
    query_bind_text(q, parameter, change->id);
    if (timed)
        query_bind_instant(q, "now", change->tx->now);
    return query_run(q);
}

static enum err take_away_access(struct change *change)
{
    enum err err = run_for_user(change, "auth_sessions_of_user_delete", "user_id", false);
    if (err == OK)
        err = run_for_user(change, "identities_of_user_delete", "user_id", false);
    if (err == OK)
        err = run_for_user(change, "user_tokens_revoke", "id", true);
    if (err == OK)
        err = run_for_user(change, "user_contact_methods_delete", "id", true);
    if (err == OK)
        err = run_for_user(change, "user_leaves_teams", "id", false);
    return err == OK ? handoffs_reschedule_user(change->tx, change->id) : err; /* whoever takes over hears of it */
}

static enum err stored(struct change *change)
{
    switch (change->kind) {
    case CHANGE_CREATE: return make_reachable(change);
    case CHANGE_UPDATE: return OK;
    case CHANGE_DELETE: return take_away_access(change);
    }
    return OK;
}

static enum err write(struct change *change)
{
    switch (change->moment) {
    case MOMENT_CHECK: return check(change);
    case MOMENT_BIND: return OK;
    case MOMENT_STORED: return stored(change);
    }
    return OK;
}

const struct resource user_resource = {
    .name = "user", .plural = "users", .path = "/users", .html_path = "/app/users", .queries = "user", .fields = fields,
    .field_count = FIELD_COUNT(fields), .unique = "email", .filters = filters, .filter_count = FIELD_COUNT(filters), .paged = true, .write = write,
};

static enum err get_me(struct call *call)
{
    if (call->who.user_id.size == 0) {
        problem_add(call->problem, NULL, "this token belongs to the account, not to a user");
        return ERR_INVALID;
    }
    json_t *user;
    enum err err = resource_read(call, &user_resource, TEXT_NONE, call->who.user_id, true, &user);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "user", user);
    return OK;
}

static const struct route routes[] = {
    {"GET", "/users", MAY_READ, resource_list, .summary = "List users", .resource = &user_resource},
    {"POST", "/users", MAY_ADMINISTER, resource_create, .summary = "Create a user", .body_kind = "json", .resource = &user_resource},
    {"GET", "/users/me", MAY_READ, get_me, .summary = "Get the user this token or session belongs to", .resource = &user_resource},
    {"GET", "/users/{id}", MAY_READ, resource_get, .summary = "Get a user", .resource = &user_resource},
    {"PUT", "/users/{id}", MAY_SELF_OR_MANAGE, resource_update, .summary = "Update a user", .body_kind = "json", .resource = &user_resource},
    {"DELETE", "/users/{id}", MAY_ADMINISTER, resource_delete, .summary = "Delete a user; what they did stays on record", .resource = &user_resource},
};
const struct route_table user_routes = {routes, sizeof routes / sizeof *routes};
