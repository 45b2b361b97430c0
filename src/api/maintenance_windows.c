/* Why: announced work: alerts are recorded, nobody is paged before the window ends. */
#include "api/errors.h"
#include "api/resources.h"
#include "engine/maintenance.h"

static const struct field fields[] = {
    {.name = "sequence_number", .kind = FIELD_INTEGER, .flags = FIELD_READ_ONLY},
    {.name = "start_time", .kind = FIELD_INSTANT, .flags = FIELD_REQUIRED, .column = "start_at", .doc = "Earlier than now counts as now."},
    {.name = "end_time", .kind = FIELD_INSTANT, .flags = FIELD_REQUIRED, .column = "end_at"},
    {.name = "description", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = 1024},
    {.name = "services", .kind = FIELD_REFERENCES, .flags = FIELD_REQUIRED, .reference = "service", .query = "maintenance_window_services",
     .target = &service_resource},
    {.name = "teams", .kind = FIELD_REFERENCES, .flags = FIELD_READ_ONLY, .reference = "team", .query = "maintenance_window_teams",
     .target = &team_resource},
    {.name = "created_by", .kind = FIELD_REFERENCE, .flags = FIELD_READ_ONLY, .column = "created_by", .reference = "user", .target = &user_resource,
     .include = "users"},
};

static const struct filter filters[] = {
    {.query = "query", .kind = FILTER_TEXT, .parameter = "query"},
    {.query = "team_ids[]", .kind = FILTER_LIST, .parameter = "team_ids"},
    {.query = "service_ids[]", .kind = FILTER_LIST, .parameter = "service_ids"},
    {.query = "filter", .kind = FILTER_BLOCK, .parameter = "filter_", .choices = "past future ongoing open all"},
};

static bool instant_of(const json_t *before, const char *name, instant *ret)
{
    return before && instant_parse(json_text_at(before, name), 0, ret);
}

static enum err refuse_past(struct change *change)
{
    change->call->status = change->kind == CHANGE_DELETE ? 405 : 400;
    change->call->error_code = API_PAST_MAINTENANCE_WINDOW;
    change->call->error_message = "Maintenance Window Has Ended";
    problem_add(change->call->problem, NULL, "the maintenance window has already ended");
    return ERR_CONFLICT;
}

static enum err check(struct change *change)
{
    instant now = change->tx->now, old_start, old_end;
    if (instant_of(change->before, "end_time", &old_end) && !instant_before(now, old_end))
        return refuse_past(change);
    if (change->kind == CHANGE_DELETE)
        return OK;
    struct value *start = change_value(change, "start_time"), *end = change_value(change, "end_time");
    bool runs = instant_of(change->before, "start_time", &old_start) && !instant_before(now, old_start);
    if (runs)
        start->number = old_start.us; /* what has begun has begun */
    else if (start->number < now.us && start->number != 0)
        start->number = now.us - now.us % SECOND_US;
    if (start->number == 0 || end->number == 0)
        return OK; /* already a mistake */
    if (end->number <= start->number)
        problem_add(change->call->problem, "maintenance_window.end_time", "must be after the start and in the future");
    return OK;
}

static enum err write(struct change *change)
{
    switch (change->moment) {
    case MOMENT_CHECK: return check(change);
    case MOMENT_BIND:
        if (change->kind == CHANGE_CREATE)
            query_bind_text(change->statement, "created_by", change->actor.kind == ACTOR_USER ? change->actor.id : TEXT_NONE);
        return OK;
    case MOMENT_STORED: return maintenance_changed(change->tx, change->id);
    }
    return OK;
}

const struct resource maintenance_window_resource = {
    .name = "maintenance_window", .plural = "maintenance_windows", .path = "/maintenance_windows", .html_path = "/app/maintenance_windows",
    .queries = "maintenance_window", .fields = fields, .field_count = FIELD_COUNT(fields), .summary = "description", .filters = filters,
    .filter_count = FIELD_COUNT(filters), .paged = true, .list_needs_now = true, .untimed_update = true, .write = write,
};

static const struct route routes[] = {
    {"GET", "/maintenance_windows", MAY_READ, resource_list, .summary = "List maintenance windows", .resource = &maintenance_window_resource},
    {"POST", "/maintenance_windows", MAY_RESPOND, resource_create, .summary = "Create a maintenance window", .body_kind = "json",
     .resource = &maintenance_window_resource},
    {"GET", "/maintenance_windows/{id}", MAY_READ, resource_get, .summary = "Get a maintenance window", .resource = &maintenance_window_resource},
    {"PUT", "/maintenance_windows/{id}", MAY_RESPOND, resource_update, .summary = "Update a maintenance window", .body_kind = "json",
     .resource = &maintenance_window_resource},
    {"DELETE", "/maintenance_windows/{id}", MAY_RESPOND, resource_delete, .summary = "Delete a future maintenance window or end a running one now",
     .resource = &maintenance_window_resource},
};
const struct route_table maintenance_window_routes = {routes, sizeof routes / sizeof *routes};
