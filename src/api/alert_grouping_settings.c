/* Why: alerts of several services become one incident by one setting (core/grouping.h). What a service says about grouping by itself is a setting of its
 * own, listed here as well. */
#include "api/grouping_config.h"
#include "api/resources.h"

enum { LIMIT_DEFAULT = 25, LIMIT_MAX = 100 };

static const struct field fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = 255},
    {.name = "description", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = 1024},
    {.name = "type", .kind = FIELD_CUSTOM, .doc = "time or content_based; there is no learned grouping."},
    {.name = "config", .kind = FIELD_CUSTOM,
     .doc = "time: {timeout seconds, 0 until the incident is resolved}; content_based: {aggregate all or any, fields, time_window seconds, 0 recommended}."},
    {.name = "services", .kind = FIELD_REFERENCES, .flags = FIELD_REQUIRED, .reference = "service", .query = "grouping_setting_services",
     .target = &service_resource, .doc = "A service is in one setting at most."},
    {.name = "created_at", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY},
    {.name = "updated_at", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY},
};

static enum err check_services(struct change *change)
{
    struct arena *arena = change->call->arena;
    const struct value *services = change_value(change, "services");
    json_t *ids = json_array_in(arena);
    for (size_t i = 0; i < services->id_count; i++)
        json_append_text(ids, services->ids[i]);
    struct query *q = db_query(change->tx->db, "grouping_setting_taken");
    query_bind_text(q, "service_ids", json_write(arena, ids));
    query_bind_text(q, "id", change->id);
    while (query_next(q))
        for (size_t i = 0; i < services->id_count; i++)
            if (text_equal(services->ids[i], query_text(q, 0)))
                problem_add(change->call->problem, arena_printf(arena, "alert_grouping_setting.services[%zu].id", i),
                            "is in another alert grouping setting already: %.*s%s%.*s", TEXT_ARG(query_text(q, 1)), query_is_null(q, 2) ? "" : " ",
                            TEXT_ARG(query_text(q, 2)));
    return query_err(q);
}

static enum err check(struct change *change)
{
    bool given;
    struct grouping_config *config = ARENA_NEW(change->call->arena, struct grouping_config);
    change->custom = config;
    grouping_config_read(change, "alert_grouping_setting", json_text_value(change_custom(change, "type", &given)), change_custom(change, "config", &given),
                         GROUPING_IN_SECONDS, config);
    return check_services(change);
}

static enum err let_go(struct change *change)
{
    struct query *q = db_query(change->tx->db, "grouping_setting_services_clear");
    query_bind_text(q, "id", change->id);
    change->wrote = true;
    return query_run(q);
}

static enum err write(struct change *change)
{
    switch (change->moment) {
    case MOMENT_CHECK: return change->kind == CHANGE_DELETE ? let_go(change) : check(change);
    case MOMENT_BIND: grouping_config_bind(change->statement, change->custom); return OK;
    case MOMENT_STORED: return OK;
    }
    return OK;
}

static void show(struct call *call, struct query *row, json_t *object)
{
    json_put_text(object, "type", query_text(row, query_column(row, "grouping_type")));
    json_put(object, "config", grouping_config_show(call, row, GROUPING_IN_SECONDS));
    json_t *services = json_at(object, "services");
    for (size_t i = 0; i < json_array_size(services); i++) {
        json_t *service = json_array_get(services, i);
        if (!json_at(service, "name"))
            json_put(service, "name", json_at(service, "summary"));
    }
}

static const struct resource alert_grouping_setting_resource = {
    .name = "alert_grouping_setting", .plural = "alert_grouping_settings", .path = "/alert_grouping_settings", .queries = "grouping_setting", .fields = fields,
    .field_count = FIELD_COUNT(fields), .no_type = true, .untimed_delete = true, .write = write, .show = show,
};

static json_t *reversed(struct arena *arena, const json_t *items)
{
    json_t *list = json_array_in(arena);
    for (size_t i = json_array_size(items); i > 0; i--)
        json_append(list, json_array_get(items, i - 1));
    return list;
}

/* The list is read from a cursor on, which is the id of its last (or first) entry; going back, the rows come the other way round. */
static enum err read_page(struct call *call, int64_t limit, struct text after, struct text before, json_t **ret_items, bool *ret_more, int64_t *ret_total)
{
    struct query *q = db_query(call->db, "grouping_setting_list");
    struct text service_ids = call_query_list(call, "service_ids[]");
    query_bind_int(q, "limit", limit + 1);
    if (after.size > 0)
        query_bind_text(q, "after", after);
    else if (before.size > 0)
        query_bind_text(q, "before", before);
    if (service_ids.size > 0)
        query_bind_text(q, "service_ids", service_ids);
    if (call_wants(call, "total"))
        query_enable(q, "with_total");
    json_t *items = json_array_in(call->arena);
    int64_t count = 0;
    *ret_total = 0;
    while (query_next(q)) {
        *ret_total = query_int(q, query_column(q, "total"));
        if (count++ < limit)
            json_append(items, resource_encode(call, &alert_grouping_setting_resource, q, true));
    }
    *ret_items = after.size == 0 && before.size > 0 ? reversed(call->arena, items) : items;
    *ret_more = count > limit;
    return query_err(q);
}

static void put_cursor(json_t *reply, const char *name, bool there, const json_t *items, size_t index)
{
    json_put_text(reply, name, there && json_array_size(items) > 0 ? json_text_at(json_array_get(items, index), "id") : TEXT_NONE);
}

static enum err list(struct call *call)
{
    struct text after = call_query(call, "after"), before = call_query(call, "before");
    int64_t limit = LIMIT_DEFAULT, total;
    json_t *items;
    bool more;
    if (!call_query_number(call, "limit", 1, LIMIT_MAX, &limit))
        return ERR_INVALID;
    enum err err = read_page(call, limit, after, before, &items, &more, &total);
    if (err != OK)
        return err;
    bool back = after.size == 0 && before.size > 0;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "alert_grouping_settings", items);
    put_cursor(call->reply, "after", back || more, items, json_array_size(items) - 1);
    put_cursor(call->reply, "before", back ? more : after.size > 0, items, 0);
    json_put_int(call->reply, "limit", limit);
    if (call_wants(call, "total"))
        json_put_int(call->reply, "total", total);
    else
        json_put_null(call->reply, "total");
    return OK;
}

static const struct route routes[] = {
    {"GET", "/alert_grouping_settings", MAY_READ, list, .summary = "List alert grouping settings; after=, before= and service_ids[]",
     .resource = &alert_grouping_setting_resource, .acts_as = resource_list, .query = "after before service_ids[] limit total",
     .answers = "alert_grouping_settings[] after:text|null before:text|null limit total"},
    {"POST", "/alert_grouping_settings", MAY_MANAGE, resource_create, .summary = "Create an alert grouping setting", .body_kind = "json",
     .resource = &alert_grouping_setting_resource},
    {"GET", "/alert_grouping_settings/{id}", MAY_READ, resource_get, .summary = "Get an alert grouping setting", .resource = &alert_grouping_setting_resource},
    {"PUT", "/alert_grouping_settings/{id}", MAY_MANAGE, resource_update, .summary = "Update an alert grouping setting", .body_kind = "json",
     .resource = &alert_grouping_setting_resource},
    {"DELETE", "/alert_grouping_settings/{id}", MAY_MANAGE, resource_delete, .summary = "Delete an alert grouping setting; its services group no longer",
     .resource = &alert_grouping_setting_resource},
};
const struct route_table alert_grouping_setting_routes = {routes, sizeof routes / sizeof *routes};
