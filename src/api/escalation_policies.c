/* Why: who is called next when nobody answers. One function here writes a policy's row, its new version and the index of its targets. */
#include "api/policy_doc.h"
#include "api/resources.h"

static const struct field fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = 255, .doc = "Unique, whatever the case of letters."},
    {.name = "escalation_rules", .kind = FIELD_CUSTOM, .doc = "Levels in order; escalation_delay_in_seconds is Muster's and exact."},
    {.name = "services", .kind = FIELD_REFERENCES, .flags = FIELD_READ_ONLY, .reference = "service", .query = "policy_services", .target = &service_resource},
    {.name = "num_loops", .kind = FIELD_CUSTOM, .doc = "How often the whole policy is repeated, 0 to 9."},
    {.name = "teams", .kind = FIELD_REFERENCES, .reference = "team", .query = "policy_teams", .target = &team_resource},
    {.name = "description", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = 1024},
    {.name = "on_call_handoff_notifications", .kind = FIELD_CUSTOM, .doc = "if_has_services or always."},
    {.name = "version", .kind = FIELD_INTEGER, .flags = FIELD_READ_ONLY, .doc = "Muster: grows with each change of what is done; incidents keep theirs."},
    {.name = "catch_all", .kind = FIELD_CUSTOM, .doc = "Muster: the user or schedule that is paged when everybody else has been."},
};

static const struct filter filters[] = {
    {.query = "query", .kind = FILTER_TEXT, .parameter = "query"},
    {.query = "user_ids[]", .kind = FILTER_LIST, .parameter = "user_ids"},
    {.query = "team_ids[]", .kind = FILTER_LIST, .parameter = "team_ids"},
};

struct custom {
    int64_t version;
    bool is_new;
    json_t *doc;
};

static enum err check_unused(struct change *change)
{
    struct query *q = db_query(change->tx->db, "policy_services");
    query_bind_text(q, "id", change->id);
    while (query_next(q))
        problem_add(change->call->problem, NULL, "Escalation policy is still used by service %.*s (%.*s)", TEXT_ARG(query_text(q, 1)),
                    TEXT_ARG(query_text(q, 0)));
    return query_failed(q) ? query_err(q) : OK;
}

static enum err check(struct change *change)
{
    if (change->kind == CHANGE_DELETE)
        return check_unused(change);
    struct custom *custom = ARENA_NEW(change->call->arena, struct custom);
    change->custom = custom;
    const json_t *before = NULL;
    if (change->kind == CHANGE_UPDATE) {
        struct query *q = db_query(change->tx->db, "escalation_policy_current");
        query_bind_text(q, "id", change->id);
        if (!query_next(q))
            return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
        custom->version = query_int(q, 0);
        before = json_read(change->call->arena, query_text(q, 1), change->call->problem);
    }
    enum err err = policy_doc_read(change, before, &custom->doc);
    if (err != OK)
        return err;
    custom->is_new = !before || !json_same(before, custom->doc);
    custom->version += custom->is_new ? 1 : 0;
    return OK;
}

static enum err add_target(struct change *change, const json_t *target, int64_t level)
{
    struct query *q = db_query(change->tx->db, "policy_target_add");
    query_bind_text(q, "id", change->id);
    query_bind_int(q, "level", level);
    query_bind_text(q, "target_type", json_text_at(target, "type"));
    query_bind_text(q, "target_id", json_text_at(target, "id"));
    return query_run(q);
}

static enum err index_targets(struct change *change, const json_t *doc)
{
    struct query *q = db_query(change->tx->db, "policy_targets_clear");
    query_bind_text(q, "id", change->id);
    enum err err = query_run(q);
    const json_t *rules = json_object_get(doc, "rules"), *catch_all = json_object_get(doc, "catch_all");
    for (size_t r = 0; err == OK && r < json_array_size(rules); r++) {
        const json_t *targets = json_object_get(json_array_get(rules, r), "targets");
        for (size_t t = 0; err == OK && t < json_array_size(targets); t++)
            err = add_target(change, json_array_get(targets, t), (int64_t)r + 1);
    }
    if (err == OK && json_is_object(catch_all))
        err = add_target(change, catch_all, 0);
    return err;
}

static enum err stored(struct change *change)
{
    const struct custom *custom = change->custom;
    if (change->kind == CHANGE_DELETE || !custom->is_new)
        return OK;
    struct query *q = db_query(change->tx->db, "policy_version_insert");
    query_bind_text(q, "policy_id", change->id);
    query_bind_int(q, "version", custom->version);
    query_bind_instant(q, "now", change->tx->now);
    query_bind_text(q, "doc", json_write(change->call->arena, custom->doc));
    enum err err = query_run(q);
    return err == OK ? index_targets(change, custom->doc) : err;
}

static enum err write(struct change *change)
{
    switch (change->moment) {
    case MOMENT_CHECK: return check(change);
    case MOMENT_BIND: query_bind_int(change->statement, "version", ((struct custom *)change->custom)->version); return OK;
    case MOMENT_STORED: return stored(change);
    }
    return OK;
}

static void show(struct call *call, struct query *row, json_t *object)
{
    const json_t *doc = json_read(call->arena, query_text(row, query_column(row, "doc")), call->problem);
    policy_doc_show(call, doc, object);
}

const struct resource escalation_policy_resource = {
    .name = "escalation_policy", .plural = "escalation_policies", .path = "/escalation_policies", .html_path = "/app/escalation_policies",
    .queries = "escalation_policy", .fields = fields, .field_count = FIELD_COUNT(fields), .unique = "name", .filters = filters,
    .filter_count = FIELD_COUNT(filters), .sorts = "name:asc name:desc", .has_sight = true, .paged = true, .write = write, .show = show,
};

static const struct route routes[] = {
    {"GET", "/escalation_policies", MAY_READ, resource_list, .summary = "List escalation policies", .resource = &escalation_policy_resource},
    {"POST", "/escalation_policies", MAY_MANAGE, resource_create, .summary = "Create an escalation policy", .body_kind = "json",
     .resource = &escalation_policy_resource},
    {"GET", "/escalation_policies/{id}", MAY_READ, resource_get, .summary = "Get an escalation policy", .resource = &escalation_policy_resource},
    {"PUT", "/escalation_policies/{id}", MAY_MANAGE, resource_update, .team_of = TEAM_OF_POLICY, .summary = "Update an escalation policy; open incidents keep the version they climb",
     .body_kind = "json", .resource = &escalation_policy_resource},
    {"DELETE", "/escalation_policies/{id}", MAY_MANAGE, resource_delete, .team_of = TEAM_OF_POLICY, .summary = "Delete an escalation policy that no service uses",
     .resource = &escalation_policy_resource},
};
const struct route_table escalation_policy_routes = {routes, sizeof routes / sizeof *routes};
