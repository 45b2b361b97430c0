/* Why: how much an incident matters, in the words of the organisation. */
#include "api/resources.h"

static const struct field fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = 50},
    {.name = "description", .kind = FIELD_TEXT, .max = 1024, .fallback = ""},
    {.name = "color", .kind = FIELD_TEXT, .max = 30, .fallback = "a8171c", .doc = "Six hexadecimal digits."},
    {.name = "rank", .kind = FIELD_CUSTOM, .doc = "Muster: 1 is the most urgent; default: after the last."},
};

static enum err read_rank(struct change *change)
{
    bool given;
    int64_t *rank = ARENA_NEW(change->call->arena, int64_t);
    change->custom = rank;
    const json_t *value = change_custom(change, "rank", &given);
    if (json_is_integer(value) && json_integer_value(value) >= 1 && json_integer_value(value) <= 1000) {
        *rank = json_integer_value(value);
        return OK;
    }
    if (value && !json_is_null(value)) {
        problem_add(change->call->problem, "priority.rank", "must be between 1 and 1000");
        return OK;
    }
    struct query *q = db_query(change->tx->db, "priority_next_rank");
    if (!query_next(q))
        return query_err(q);
    *rank = query_int(q, 0);
    return OK;
}

static enum err check_unused(struct change *change)
{
    struct query *q = db_query(change->tx->db, "priority_uses");
    query_bind_text(q, "id", change->id);
    if (!query_next(q))
        return query_err(q);
    if (query_int(q, 0) > 0)
        problem_add(change->call->problem, NULL, "%lld incidents have this priority", (long long)query_int(q, 0));
    return OK;
}

static enum err write(struct change *change)
{
    switch (change->moment) {
    case MOMENT_CHECK: return change->kind == CHANGE_DELETE ? check_unused(change) : read_rank(change);
    case MOMENT_BIND: query_bind_int(change->statement, "rank", *(int64_t *)change->custom); return OK;
    case MOMENT_STORED: return OK;
    }
    return OK;
}

static void show(struct call *call, struct query *row, json_t *object)
{
    (void)call;
    json_put_int(object, "rank", query_int(row, query_column(row, "rank")));
}

const struct resource priority_resource = {
    .name = "priority", .plural = "priorities", .path = "/priorities", .queries = "priority", .fields = fields, .field_count = FIELD_COUNT(fields),
    .paged = true, .untimed_insert = true, .untimed_update = true, .untimed_delete = true, .write = write, .show = show,
};

static const struct route routes[] = {
    {"GET", "/priorities", MAY_READ, resource_list, .summary = "List priorities, most urgent first", .resource = &priority_resource},
    {"POST", "/priorities", MAY_ADMINISTER, resource_create, .summary = "Muster: create a priority", .body_kind = "json", .resource = &priority_resource},
    {"GET", "/priorities/{id}", MAY_READ, resource_get, .summary = "Muster: get a priority", .resource = &priority_resource},
    {"PUT", "/priorities/{id}", MAY_ADMINISTER, resource_update, .summary = "Muster: update a priority", .body_kind = "json",
     .resource = &priority_resource},
    {"DELETE", "/priorities/{id}", MAY_ADMINISTER, resource_delete, .summary = "Muster: delete a priority that no incident has",
     .resource = &priority_resource},
};
const struct route_table priority_routes = {routes, sizeof routes / sizeof *routes};
