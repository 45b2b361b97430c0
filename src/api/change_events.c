/* Why: what was deployed or configured, as it was reported (POST /v2/change/enqueue), and which of it may have to do with an incident: the changes of its service
 * and of whatever that rests on, from a day before the incident opened until it is resolved. "What changed?" is the first question of most responses. */
#include "api/audit.h"
#include "api/incident_parse.h"
#include "api/incidents.h"
#include "api/page.h"
#include "api/resource.h"
#include "api/visibility.h"
#include "inbound/event.h"

enum { HOURS_BEFORE = 24, DETAILS_BYTES_MAX = 64 * 1024 };

static const struct embed_place places[] = {{"services", "services", NULL}, {0}};

static json_t *document_of(struct arena *arena, struct query *q, const char *column)
{
    struct text document = query_text_in(arena, q, column);
    return document.size ? json_read_any_integer(arena, document, problem_new(arena)) : NULL;
}

static void put_list(struct arena *arena, json_t *object, const char *name, struct query *q)
{
    json_t *list = document_of(arena, q, name);
    json_put(object, name, list ? list : json_array_in(arena));
}

static json_t *change_event(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    json_t *object = json_object_in(arena), *services = json_array_in(arena);
    struct text id = id_public(arena, ID_CHANGE_EVENT, query_int(q, query_column(q, "number")));
    json_put_text(object, "id", id);
    json_put_string(object, "type", "change_event");
    json_put_text(object, "summary", query_text_in(arena, q, "summary"));
    json_put_text(object, "self", text_printf(arena, "%s/change_events/%.*s", call_public_url(view->call), TEXT_ARG(id)));
    json_put_null(object, "html_url");
    view_put_instant(view, object, "timestamp", query_instant(q, query_column(q, "occurred_at")));
    json_put_text(object, "source", query_text_in(arena, q, "source"));
    json_append(services, view_service(view, query_text_in(arena, q, "service_id"), query_text_in(arena, q, "service_name")));
    json_put(object, "services", services);
    json_put(object, "integration", view_integration(view, q));
    put_list(arena, object, "links", q);
    put_list(arena, object, "images", q);
    json_put(object, "custom_details", document_of(arena, q, "custom_details"));
    return object;
}

/* Lists ----------------------------------------------------------------------------------------------------------- */

struct filters {
    struct text service_id; /* absent: of all */
    instant since, until;
};

static void bind_filters(struct call *call, struct query *q, const struct filters *filters)
{
    query_bind_text(q, "service_id", filters->service_id);
    query_bind_text(q, "integration_ids", call_query_list(call, "integration_ids[]"));
    query_bind_text(q, "team_ids", call_query_list(call, "team_ids[]"));
    query_bind_instant(q, "since", filters->since);
    query_bind_instant(q, "until", filters->until);
    visibility_bind_ids(call, q);
}

static enum err list(struct call *call, struct text service_id)
{
    struct page page;
    struct filters filters = {.service_id = service_id, .since = {0}, .until = {INT64_MAX}};
    json_t *items;
    enum err err = view_window(call, &filters.since, &filters.until);
    if (err == OK)
        err = page_open(call, &page);
    if (err != OK)
        return err;
    struct query *q = db_query(call->db, "change_event_list");
    bind_filters(call, q, &filters);
    err = page_items(&page, q, change_event, &items);
    if (err == OK && page.paging.want_total) {
        q = db_query(call->db, "change_event_count");
        bind_filters(call, q, &filters);
        err = page_count(&page, q);
    }
    return err != OK ? err : page_reply(&page, "change_events", items, places);
}

static enum err list_all(struct call *call)
{
    return list(call, TEXT_NONE);
}

static enum err list_of_service(struct call *call)
{
    struct text name;
    enum err err = reference_summary(call->db, call->arena, "service", call->path_parameters[0], &name);
    return err != OK ? err : list(call, call->path_parameters[0]);
}

/* Whoever may see the incident may see what changed in its service, also somebody who sees it only because they were called: so each names the incident
 * (visibility_filter). */
static json_t *related_change(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    json_t *object = change_event(view, q), *reason = json_object_in(arena);
    bool own = query_bool(q, query_column(q, "of_its_service"));
    json_put_string(reason, "reason", own ? "most_recent" : "related_service");
    json_put(object, "correlation_reason", reason);
    json_put(object, "incident", view_incident(view, query_int(q, query_column(q, "incident_number")), query_text_in(arena, q, "incident_title")));
    return object;
}

static enum err list_related(struct call *call)
{
    struct page page;
    int64_t incident;
    json_t *items;
    enum err err = incident_of_path(call, &incident);
    if (err == OK)
        err = page_open(call, &page);
    if (err != OK)
        return err;
    struct query *q = db_query(call->db, "change_event_related");
    query_bind_int(q, "incident", incident);
    query_bind_int(q, "before_us", HOURS_BEFORE * 3600 * SECOND_US);
    visibility_bind_ids(call, q);
    err = page_items(&page, q, related_change, &items);
    return err != OK ? err : page_reply(&page, "change_events", items, places);
}

/* One --------------------------------------------------------------------------------------------------------------- */

static enum err find(const struct view *view, struct db *db, int64_t number, json_t **ret)
{
    struct query *q = db_query(db, "change_event_get");
    query_bind_int(q, "number", number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    *ret = change_event(view, q);
    return visibility_allows(view->call, query_text(q, query_column(q, "service_id"))) ? OK : ERR_NOT_FOUND;
}

static enum err find_of_path(struct call *call, struct view *ret_view, int64_t *ret_number, json_t **ret)
{
    enum err err = view_open(call, ret_view);
    if (err != OK)
        return err;
    return id_parse(ID_CHANGE_EVENT, call->path_parameters[0], ret_number) ? find(ret_view, call->db, *ret_number, ret) : ERR_NOT_FOUND;
}

static enum err reply(struct call *call)
{
    struct view view;
    int64_t number;
    json_t *object;
    enum err err = find_of_path(call, &view, &number, &object);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "change_event", object);
    return OK;
}

struct correction {
    const struct view *view;
    int64_t number;
    struct text summary, details; /* absent: stay */
    struct actor actor;
};

/* What was sent stays in the events; this is what people are shown. */
static enum err correct(struct tx *tx, void *argument)
{
    const struct correction *wish = argument;
    struct call *call = wish->view->call;
    json_t *before, *after;
    enum err err = find(wish->view, tx->db, wish->number, &before);
    if (err != OK)
        return err;
    struct query *q = db_query(tx->db, "change_event_update");
    query_bind_int(q, "number", wish->number);
    query_bind_text(q, "summary", wish->summary);
    query_bind_text(q, "custom_details", wish->details);
    err = query_run(q);
    if (err == OK)
        err = find(wish->view, tx->db, wish->number, &after);
    if (err != OK)
        return err;
    struct audit audit = {.actor = &wish->actor, .peer = call->request->peer, .action = "update", .resource_type = "change_event",
                          .resource_id = call->path_parameters[0], .before = before, .after = after};
    engine_note_change(tx, "change_event");
    return audit_record(tx, &audit);
}

static void read_correction(struct call *call, struct correction *wish)
{
    const json_t *body = json_at(call->body, "change_event"), *details = json_at(body, "custom_details");
    if (!json_is_object(body)) {
        problem_add(call->problem, "change_event", "must be an object");
        return;
    }
    if (json_at(body, "summary"))
        wish->summary = incident_text_parse(call->arena, body, "change_event", "summary", EVENT_SUMMARY_CHARS_MAX, call->problem);
    if (!details || json_is_null(details))
        return;
    wish->details = json_write(call->arena, details);
    if (!json_is_object(details))
        problem_add(call->problem, "change_event.custom_details", "must be an object");
    else if (wish->details.size > DETAILS_BYTES_MAX)
        problem_add(call->problem, "change_event.custom_details", "cannot be longer than %d bytes", DETAILS_BYTES_MAX);
}

static enum err put(struct call *call)
{
    struct view view;
    struct correction wish = {.view = &view};
    json_t *known;
    enum err err = find_of_path(call, &view, &wish.number, &known);
    if (err == OK)
        err = call_actor(call, false, &wish.actor);
    if (err != OK)
        return err;
    read_correction(call, &wish);
    if (!problem_is_empty(call->problem))
        return ERR_INVALID;
    err = call_change(call, correct, &wish);
    return err != OK ? err : reply(call);
}

#define LISTED "change_events[] limit offset more total"

static const struct route routes[] = {
    {.method = "GET", .path = "/change_events", .permission = MAY_READ, .handle = list_all, .summary = "List changes, newest first",
     .query = "since until team_ids[] integration_ids[] include[] time_zone limit offset total", .answers = LISTED},
    {.method = "GET", .path = "/change_events/{id}", .permission = MAY_READ, .handle = reply, .summary = "Get a change", .query = "time_zone", .answers = "change_event"},
    {.method = "PUT", .path = "/change_events/{id}", .permission = MAY_RESPOND, .handle = put, .summary = "Correct the summary or the details of a change",
     .body_kind = "json", .takes = "change_event", .answers = "change_event"},
    {.method = "GET", .path = "/services/{id}/change_events", .permission = MAY_READ, .handle = list_of_service, .summary = "List the changes of a service, newest first",
     .query = "since until team_ids[] integration_ids[] include[] time_zone limit offset total", .answers = LISTED},
    {.method = "GET", .path = "/incidents/{id}/related_change_events", .permission = MAY_READ, .handle = list_related,
     .summary = "List what changed in the incident's service, and in what it rests on, from a day before it opened until it was resolved",
     .query = "include[] time_zone limit", .answers = LISTED},
};
const struct route_table change_event_routes = {routes, sizeof routes / sizeof *routes};
