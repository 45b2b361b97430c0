/* Why: reading incidents. What changes them is in incident_changes.c. */
#include "api/incidents.h"

#include "api/embed.h"
#include "api/incident_json.h"
#include "api/incident_list.h"

static const struct embed_place places[] = {
    {"services", "service", NULL},
    {"escalation_policies", "escalation_policy", NULL},
    {"teams", "teams", NULL},
    {"users", "assignments", "assignee"},
    {"users", "acknowledgements", "acknowledger"},
    {"users", "incidents_responders", "user"},
    {"users", "last_status_change_by", NULL},
    {"assignees", "assignments", "assignee"},
    {"acknowledgers", "acknowledgements", "acknowledger"},
    {"agents", "last_status_change_by", NULL},
    {"first_trigger_log_entries", "first_trigger_log_entry", NULL},
    {0},
};

static enum err list_incidents(struct call *call)
{
    return incident_list(call, places);
}

enum err incident_of_path(struct call *call, int64_t *ret)
{
    int64_t number;
    if (!view_incident_number(call->path_parameters[0], &number))
        return ERR_NOT_FOUND;
    struct query *q = db_query(call->db, "incident_view_exists");
    query_bind_int(q, "number", number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    *ret = number;
    return OK;
}

enum err incident_view_of_path(struct call *call, struct view *ret_view, int64_t *ret_number)
{
    int64_t number;
    enum err err = incident_of_path(call, &number);
    if (err == OK)
        err = view_open(call, ret_view);
    if (err == OK)
        *ret_number = number;
    return err;
}

static enum err get_incident(struct call *call)
{
    struct view view;
    int64_t number;
    json_t *items;
    enum err err = incident_view_of_path(call, &view, &number);
    if (err == OK)
        err = incident_json_list(&view, &number, 1, &items);
    if (err == OK)
        err = embed_all(&view, items, places);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "incident", json_array_get(items, 0));
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/incidents", .permission = MAY_READ, .handle = list_incidents, .summary = "List incidents",
     .query = "since until date_range statuses[] service_ids[] team_ids[] user_ids[] urgencies[] incident_key sort_by include[] time_zone limit offset total", .answers = "incidents[] limit offset more total"},
    {.method = "GET", .path = "/incidents/{id}", .permission = MAY_READ, .handle = get_incident, .summary = "Get an incident by id or number",
     .query = "include[]", .answers = "incident"},
};

const struct route_table incident_routes = {routes, sizeof routes / sizeof *routes};
