/* Why: the alerts of an incident: reading them, resolving single ones, moving them to another incident. */
#include "api/alert_json.h"
#include "api/incident_changes.h"
#include "api/incidents.h"
#include "api/page.h"
#include "api/sort_order.h"

static const struct sort_field sort_fields[] = {{"created_at", "created"}, {"resolved_at", "resolved"}, {0}};

static const struct embed_place places[] = {
    {"services", "service", NULL}, {"incidents", "incident", NULL}, {"first_trigger_log_entries", "first_trigger_log_entry", NULL}, {0}};

static void bind_filters(struct call *call, struct query *q, int64_t incident)
{
    struct text statuses = call_query_list(call, "statuses[]"), key = call_query(call, "alert_key");
    query_bind_int(q, "incident", incident);
    if (text_is_present(statuses))
        query_bind_text(q, "statuses", statuses);
    if (text_is_present(key))
        query_bind_text(q, "alert_key", key);
}

static enum err list_alerts(struct call *call)
{
    struct page page;
    struct sort_order order;
    int64_t incident;
    json_t *items;
    enum err err = incident_of_path(call, &incident);
    if (err == OK)
        err = page_open(call, &page);
    if (err == OK)
        err = sort_order_read(call, sort_fields, &order);
    if (err != OK)
        return err;
    struct query *q = db_query(call->db, "alert_view_list");
    bind_filters(call, q, incident);
    sort_order_enable(call, q, &order);
    err = page_items(&page, q, alert_json, &items);
    if (err == OK && page.paging.want_total) {
        q = db_query(call->db, "alert_view_count");
        bind_filters(call, q, incident);
        err = page_count(&page, q);
    }
    return err != OK ? err : page_reply(&page, "alerts", items, places);
}

static enum err alert_of_path(struct call *call, int64_t *ret)
{
    return id_parse(ID_ALERT, call->path_parameters[1], ret) || text_to_int64(call->path_parameters[1], ret) ? OK : ERR_NOT_FOUND;
}

static enum err get_alert(struct call *call)
{
    struct view view;
    int64_t incident, number;
    enum err err = incident_of_path(call, &incident);
    if (err == OK)
        err = alert_of_path(call, &number);
    if (err == OK)
        err = view_open(call, &view);
    if (err != OK)
        return err;
    struct query *q = db_query(call->db, "alert_view_get");
    query_bind_int(q, "incident", incident);
    query_bind_int(q, "number", number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "alert", alert_json(&view, q));
    return OK;
}

/* Changes ------------------------------------------------------------------------------------------------------- */

struct alert_change {
    int64_t alert;
    bool resolve;
    int64_t to_incident; /* 0: stays */
    const char *path;
};

struct alert_work {
    int64_t incident;
    struct alert_change *changes;
    size_t count;
    struct actor actor;
    struct problem *problem;
};

static void parse_change(struct call *call, const json_t *object, const char *path, struct references *references, struct alert_change *change)
{
    struct arena *arena = call->arena;
    struct text status = json_text_at(object, "status");
    const json_t *incident = json_at(object, "incident");
    change->path = path;
    if (!json_is_object(object)) {
        problem_add(call->problem, path, object ? "must be an object" : "cannot be empty");
        return;
    }
    if (text_is(status, "resolved"))
        change->resolve = true;
    else if (json_at(object, "status"))
        problem_add(call->problem, arena_printf(arena, "%s.status", path), "must be resolved: a resolved alert opens again only by a new event");
    /* A Go client cannot leave out a struct: {} says nothing. */
    if (!incident || json_is_null(incident) || (json_is_object(incident) && json_object_size(incident) == 0))
        return;
    const char *at = arena_printf(arena, "%s.incident.id", path);
    if (!view_incident_number(json_text_at(incident, "id"), &change->to_incident))
        problem_add(call->problem, at, "is not an incident");
    else
        reference_add(arena, references, "incident", text_printf(arena, "%lld", (long long)change->to_incident), at);
}

static enum err change_work(struct tx *tx, void *argument)
{
    struct alert_work *work = argument;
    enum err outcome = OK;
    work->problem->count = work->problem->dropped = 0;
    for (size_t i = 0; i < work->count; i++) {
        struct alert_change *change = &work->changes[i];
        struct problem *found = problem_new(tx->arena);
        enum err err = OK;
        if (change->resolve)
            err = incident_resolve_alert(tx, work->incident, change->alert, &work->actor, found);
        if (err == OK && change->to_incident && change->to_incident != work->incident)
            err = incident_move_alert(tx, change->alert, change->to_incident, &work->actor, found);
        if (err == OK)
            continue;
        if (err != ERR_INVALID && err != ERR_CONFLICT)
            return err;
        incident_add_mistakes(work->problem, change->path, found);
        outcome = err;
    }
    return outcome;
}

static enum err check_belonging(struct call *call, const struct alert_work *work)
{
    int64_t *numbers = ARENA_ARRAY(call->arena, int64_t, work->count + 1);
    bool *found = ARENA_ARRAY(call->arena, bool, work->count + 1);
    for (size_t i = 0; i < work->count; i++)
        numbers[i] = work->changes[i].alert;
    struct text list = view_numbers(call->arena, numbers, work->count);
    struct query *q = db_query(call->db, "alert_view_of_incident");
    query_bind_int(q, "incident", work->incident);
    query_bind_text(q, "numbers", list);
    while (query_next(q))
        for (size_t i = 0; i < work->count; i++)
            found[i] = found[i] || numbers[i] == query_int(q, 0);
    for (size_t i = 0; i < work->count; i++)
        if (!found[i])
            problem_add(call->problem, arena_printf(call->arena, "%s.id", work->changes[i].path), "is not an alert of this incident");
    return query_err(q);
}

static enum err apply(struct call *call, struct alert_work *work, const struct references *references)
{
    enum err err = check_belonging(call, work);
    if (err == OK)
        err = incident_references_check(call, references);
    return err != OK ? err : incident_refusal(call, call_change(call, change_work, work));
}

/* The alerts by number, wherever they are now: some may have moved. */
static enum err load_changed(const struct view *view, const struct alert_work *work, json_t *ret_items)
{
    struct call *call = view->call;
    int64_t *numbers = ARENA_ARRAY(call->arena, int64_t, work->count + 1);
    for (size_t i = 0; i < work->count; i++)
        numbers[i] = work->changes[i].alert;
    struct text list = view_numbers(call->arena, numbers, work->count);
    struct query *q = db_query(call->db, "alert_view_some");
    query_bind_text(q, "numbers", list);
    while (query_next(q))
        json_append(ret_items, alert_json(view, q));
    return query_err(q);
}

static enum err put_alerts(struct call *call)
{
    struct incident_call c;
    struct references references = {0};
    enum err err = incident_call_begin(call, true, &c);
    if (err != OK)
        return err;
    const json_t *list = json_at(call->body, "alerts");
    size_t count = json_array_size(list);
    if (!json_is_array(list) || count == 0 || count > MANAGE_MAX) {
        call->status = count > MANAGE_MAX ? 413 : 0;
        problem_add(call->problem, "alerts", "must be a list of 1 to %d alerts", MANAGE_MAX);
        return ERR_INVALID;
    }
    struct alert_work work = {.incident = c.number, .count = count, .actor = c.actor, .problem = call->problem};
    work.changes = ARENA_ARRAY(call->arena, struct alert_change, count);
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(call->arena, "alerts[%zu]", i);
        struct text id = json_text_at(json_array_get(list, i), "id");
        parse_change(call, json_array_get(list, i), path, &references, &work.changes[i]);
        if (!id_parse(ID_ALERT, id, &work.changes[i].alert))
            (void)text_to_int64(id, &work.changes[i].alert);
    }
    json_t *items = json_array_in(call->arena);
    err = apply(call, &work, &references);
    if (err == OK)
        err = load_changed(&c.view, &work, items);
    if (err != OK)
        return err;
    struct paging all = {.limit = (int64_t)count};
    call_reply_page(call, "alerts", items, &all, false, 0);
    return OK;
}

static enum err put_alert(struct call *call)
{
    struct incident_call c;
    struct references references = {0};
    struct alert_change change = {0};
    enum err err = incident_call_begin(call, true, &c);
    if (err == OK)
        err = alert_of_path(call, &change.alert);
    if (err != OK)
        return err;
    parse_change(call, json_at(call->body, "alert"), "alert", &references, &change);
    struct alert_work work = {.incident = c.number, .changes = &change, .count = 1, .actor = c.actor, .problem = call->problem};
    json_t *items = json_array_in(call->arena);
    struct query *q = db_query(call->db, "alert_view_get");
    query_bind_int(q, "incident", c.number);
    query_bind_int(q, "number", change.alert);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    err = apply(call, &work, &references);
    if (err == OK)
        err = load_changed(&c.view, &work, items);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "alert", json_array_get(items, 0));
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/incidents/{id}/alerts", .permission = MAY_READ, .handle = list_alerts, .summary = "List the alerts of an incident",
     .query = "alert_key statuses[] sort_by include[] limit offset total", .answers = "alerts[] limit offset more total"},
    {.method = "PUT", .path = "/incidents/{id}/alerts", .permission = MAY_RESPOND, .handle = put_alerts, .summary = "Resolve or move up to 250 alerts, all or none", .body_kind = "json",
     .takes = "alerts[]", .answers = "alerts[] limit offset more total"},
    {.method = "GET", .path = "/incidents/{id}/alerts/{alert_id}", .permission = MAY_READ, .handle = get_alert, .summary = "Get an alert",
     .answers = "alert"},
    {.method = "PUT", .path = "/incidents/{id}/alerts/{alert_id}", .permission = MAY_RESPOND, .handle = put_alert, .summary = "Resolve or move an alert", .body_kind = "json",
     .takes = "alert", .answers = "alert"},
};
const struct route_table alert_routes = {routes, sizeof routes / sizeof *routes};
