/* Why: teams, their members and their escalation policies. */
#include "api/audit.h"
#include "api/resources.h"

static const struct field fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = 100, .doc = "Unique, whatever the case of letters."},
    {.name = "description", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = 1024},
    {.name = "default_role", .kind = FIELD_CHOICE, .choices = "manager none", .fallback = "manager",
     .doc = "none: the team is private. What belongs to it is there for its members and administrators only."},
    {.name = "parent", .kind = FIELD_FIXED, .fixed = "null", .doc = "Teams have no parents here."},
};

static const struct filter filters[] = {
    {.query = "query", .kind = FILTER_TEXT, .parameter = "query"},
};

static enum err check_unused(struct change *change)
{
    struct query *q = db_query(change->tx->db, "team_uses");
    query_bind_text(q, "id", change->id);
    while (query_next(q))
        problem_add(change->call->problem, NULL, "%.*s %.*s still belongs to this team", TEXT_ARG(query_text(q, 0)), TEXT_ARG(query_text(q, 1)));
    return query_failed(q) ? query_err(q) : OK;
}

static enum err remove_members(struct change *change)
{
    struct query *q = db_query(change->tx->db, "team_members_clear");
    query_bind_text(q, "id", change->id);
    return query_run(q);
}

static enum err write(struct change *change)
{
    if (change->kind != CHANGE_DELETE)
        return OK;
    switch (change->moment) {
    case MOMENT_CHECK: return check_unused(change);
    case MOMENT_BIND: return OK;
    case MOMENT_STORED: return remove_members(change);
    }
    return OK;
}

const struct resource team_resource = {
    .name = "team", .plural = "teams", .path = "/teams", .html_path = "/app/teams", .queries = "team", .fields = fields,
    .field_count = FIELD_COUNT(fields), .unique = "name", .filters = filters, .filter_count = FIELD_COUNT(filters), .has_sight = true, .paged = true,
    .untimed_update = true, .write = write,
};

static enum err list_members(struct call *call)
{
    struct paging paging;
    struct text name;
    enum err err = call_paging(call, &paging);
    if (err == OK)
        err = reference_summary(call->db, call->arena, "team", call->path_parameters[0], &name);
    if (err != OK)
        return err;
    struct query *q = db_query(call->db, "team_member_list");
    query_bind_text(q, "id", call->path_parameters[0]);
    query_bind_int(q, "limit", paging.limit + 1);
    query_bind_int(q, "offset", paging.offset);
    if (paging.want_total)
        query_enable(q, "with_total");
    json_t *members = json_array_in(call->arena);
    int64_t count = 0, total = 0;
    while (query_next(q)) {
        total = query_int(q, 3);
        if (count++ >= paging.limit)
            continue;
        json_t *member = json_object_in(call->arena), *user = NULL;
        struct text user_id = text_copy(call->arena, query_text(q, 0));
        if (!call_includes(call, "users") || resource_read(call, &user_resource, TEXT_NONE, user_id, false, &user) != OK)
            user = api_reference_to(call, "user", user_id, query_text(q, 1));
        json_put(member, "user", user);
        json_put_text(member, "role", query_text(q, 2));
        json_append(members, member);
    }
    if (query_failed(q))
        return query_err(q);
    call_reply_page(call, "members", members, &paging, count > paging.limit, total);
    return OK;
}

/* A change of what belongs to a team: a member or a policy. */
struct link {
    struct call *call;
    struct actor actor;
    const char *other_type, *action;
    struct text team_id, other_id, role; /* role: of a member */
    bool remove;
};

static enum err link_exists(struct tx *tx, const struct link *link)
{
    struct text name;
    enum err err = reference_summary(tx->db, link->call->arena, "team", link->team_id, &name);
    return err == OK ? reference_summary(tx->db, link->call->arena, link->other_type, link->other_id, &name) : err;
}

static enum err link_work(struct tx *tx, void *argument)
{
    struct link *link = argument;
    enum err err = link_exists(tx, link);
    if (err != OK) {
        tx->refused_clean = true;
        return err;
    }
    bool is_member = strcmp(link->other_type, "user") == 0;
    const char *query = is_member ? (link->remove ? "team_member_delete" : "team_member_set") : (link->remove ? "team_policy_delete" : "team_policy_add");
    struct query *q = db_query(tx->db, query);
    query_bind_text(q, "team_id", link->team_id);
    query_bind_text(q, is_member ? "user_id" : "policy_id", link->other_id);
    if (is_member && !link->remove)
        query_bind_text(q, "role", link->role);
    err = query_run(q);
    if (err != OK)
        return err;
    if (link->remove && query_changes(q) == 0)
        return ERR_NOT_FOUND;
    json_t *after = json_object_in(tx->arena);
    json_put_text(after, link->other_type, link->other_id);
    if (is_member && !link->remove)
        json_put_text(after, "role", link->role);
    struct audit audit = {.actor = &link->actor, .peer = link->call->request->peer, .action = link->remove ? "remove" : "add", .resource_type = "team",
                          .resource_id = link->team_id, .before = link->remove ? after : NULL, .after = link->remove ? NULL : after};
    err = audit_record(tx, &audit);
    if (err == OK)
        engine_note_change(tx, "configuration");
    return err;
}

static enum err change_link(struct call *call, const char *other_type, bool remove, struct text role)
{
    struct link link = {.call = call, .other_type = other_type, .team_id = call->path_parameters[0], .other_id = call->path_parameters[1],
                        .role = role, .remove = remove};
    enum err err = call_actor(call, false, &link.actor);
    return err == OK ? call_change(call, link_work, &link) : err;
}

static enum err set_member(struct call *call)
{
    struct text role = json_text_at(call->body, "role");
    if (call->body && json_at(call->body, "role") && !text_is(role, "manager") && !text_is(role, "responder") && !text_is(role, "observer")) {
        problem_add(call->problem, "role", "must be one of manager, responder, observer");
        return ERR_INVALID;
    }
    return change_link(call, "user", false, role.size > 0 ? role : TEXT("manager"));
}

static enum err remove_member(struct call *call)
{
    return change_link(call, "user", true, TEXT_NONE);
}

static enum err add_policy(struct call *call)
{
    return change_link(call, "escalation_policy", false, TEXT_NONE);
}

static enum err remove_policy(struct call *call)
{
    return change_link(call, "escalation_policy", true, TEXT_NONE);
}

static const struct route routes[] = {
    {"GET", "/teams", MAY_READ, resource_list, .summary = "List teams", .resource = &team_resource},
    {"POST", "/teams", MAY_MANAGE, resource_create, .summary = "Create a team", .body_kind = "json", .resource = &team_resource},
    {"GET", "/teams/{id}", MAY_READ, resource_get, .summary = "Get a team", .resource = &team_resource},
    {"PUT", "/teams/{id}", MAY_MANAGE, resource_update, .team_of = TEAM_OF_TEAM, .summary = "Update a team", .body_kind = "json", .resource = &team_resource},
    {"DELETE", "/teams/{id}", MAY_MANAGE, resource_delete, .summary = "Delete a team", .resource = &team_resource},
    {"GET", "/teams/{id}/members", MAY_READ, list_members, .summary = "List the members of a team",
     .query = "include[] limit offset total", .answers = "members[] limit offset more total"},
    {"PUT", "/teams/{id}/users/{user_id}", MAY_MANAGE, set_member, .team_of = TEAM_OF_TEAM, .summary = "Add a user to a team or change the role there", .body_kind = "json",
     .takes = "role?", .media = ROUTE_NOTHING},
    {"DELETE", "/teams/{id}/users/{user_id}", MAY_MANAGE, remove_member, .team_of = TEAM_OF_TEAM, .summary = "Take a user out of a team"},
    {"PUT", "/teams/{id}/escalation_policies/{escalation_policy_id}", MAY_MANAGE, add_policy, .summary = "Give an escalation policy to a team",
     .body_kind = "json", .takes = "", .media = ROUTE_NOTHING},
    {"DELETE", "/teams/{id}/escalation_policies/{escalation_policy_id}", MAY_MANAGE, remove_policy,
     .summary = "Take an escalation policy from a team"},
};
const struct route_table team_routes = {routes, sizeof routes / sizeof *routes};
