/* Why: two questions of whoever was just woken: was this there before (and how long did it take), and what else is broken now. Both are answered from the record, by
 * rules that can be said in a sentence: the same key or the same title on the same service; open at the same time on a service that this one rests on, or that rests on it. */
#include "api/incident_json.h"
#include "api/incidents.h"

enum {
    PAST_DEFAULT = 5,
    PAST_MAX = 999,
    PAST_DAYS = 183,
    LOOKED_AT_MAX = 1000, /* alerts of the key; incidents of the service */
    RELATED_MAX = 20,
    RELATED_HOURS = 24, /* how long before it the other may have begun */
};

static json_t *told(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    json_t *incident = view_incident(view, query_int(q, query_column(q, "number")), query_text_in(arena, q, "title"));
    json_put_text(incident, "title", query_text_in(arena, q, "title"));
    view_put_instant(view, incident, "created_at", query_instant(q, query_column(q, "created_at")));
    view_put_instant(view, incident, "resolved_at", query_instant(q, query_column(q, "resolved_at")));
    return incident;
}

static enum err read_limit(struct call *call, int64_t *ret)
{
    struct text written = call_query(call, "limit");
    *ret = PAST_DEFAULT;
    if (written.size == 0 || (text_to_int64(written, ret) && *ret >= 1 && *ret <= PAST_MAX))
        return OK;
    problem_add(call->problem, "limit", "must be from 1 to %d", PAST_MAX);
    return ERR_INVALID;
}

static enum err list_past(struct call *call)
{
    struct view view;
    int64_t incident, limit, count = 0;
    enum err err = incident_view_of_path(call, &view, &incident);
    if (err == OK)
        err = read_limit(call, &limit);
    if (err != OK)
        return err;
    bool counted = call_wants(call, "total");
    json_t *items = json_array_in(call->arena);
    struct query *q = db_query(call->db, "past_incident_list");
    query_bind_int(q, "incident", incident);
    query_bind_int(q, "looked_at", LOOKED_AT_MAX);
    query_bind_int(q, "back_us", PAST_DAYS * 86400 * SECOND_US);
    query_bind_int(q, "limit", counted ? PAST_MAX : limit);
    while (query_next(q)) {
        if (count++ >= limit)
            continue;
        json_t *item = json_object_in(call->arena);
        json_put(item, "incident", told(&view, q));
        json_put_int(item, "score", query_int(q, query_column(q, "score")));
        json_append(items, item);
    }
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "past_incidents", items);
    if (counted)
        json_put_int(call->reply, "total", count);
    else
        json_put_null(call->reply, "total");
    json_put_int(call->reply, "limit", limit);
    return query_err(q);
}

/* Of the two services, the one below is the supporting one. */
static json_t *relationships(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    json_t *list = json_array_in(arena), *relationship = json_object_in(arena), *metadata = json_object_in(arena);
    json_t *other = view_service(view, query_text_in(arena, q, "service_id"), query_text_in(arena, q, "service_name"));
    json_t *own = view_service(view, query_text_in(arena, q, "own_service_id"), query_text_in(arena, q, "own_service_name"));
    bool below = query_bool(q, query_column(q, "is_below"));
    json_put(metadata, "dependent_services", below ? own : other);
    json_put(metadata, "supporting_services", below ? other : own);
    json_put_string(relationship, "type", "service_dependency");
    json_put(relationship, "metadata", metadata);
    json_append(list, relationship);
    return list;
}

/* additional_details[]=incident: all that can be said of them. */
static enum err make_whole(const struct view *view, json_t *items, const int64_t *numbers, size_t count)
{
    json_t *whole;
    enum err err = incident_json_list(view, numbers, count, &whole);
    for (size_t i = 0; err == OK && i < json_array_size(whole) && i < count; i++)
        json_put(json_array_get(items, i), "incident", json_array_get(whole, i));
    return err;
}

static enum err list_related(struct call *call)
{
    struct view view;
    int64_t incident, numbers[RELATED_MAX];
    size_t count = 0;
    enum err err = incident_view_of_path(call, &view, &incident);
    if (err != OK)
        return err;
    json_t *items = json_array_in(call->arena);
    struct query *q = db_query(call->db, "related_incident_list");
    query_bind_int(q, "incident", incident);
    query_bind_int(q, "before_us", RELATED_HOURS * 3600 * SECOND_US);
    query_bind_int(q, "limit", RELATED_MAX);
    while (query_next(q) && count < RELATED_MAX) {
        json_t *item = json_object_in(call->arena);
        json_put(item, "incident", told(&view, q));
        json_put(item, "relationships", relationships(&view, q));
        json_append(items, item);
        numbers[count++] = query_int(q, query_column(q, "number"));
    }
    if (query_failed(q))
        return query_err(q);
    if (text_is_present(call_query_list(call, "additional_details[]")))
        err = make_whole(&view, items, numbers, count);
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "related_incidents", items);
    return err;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/incidents/{id}/past_incidents", .permission = MAY_READ, .handle = list_past,
     .summary = "List earlier incidents of its service in half a year: 100 with the key of its first alert, 50 with the same title", .query = "limit total time_zone",
     .answers = "past_incidents[] total limit"},
    {.method = "GET", .path = "/incidents/{id}/related_incidents", .permission = MAY_READ, .handle = list_related,
     .summary = "List what is open at the same time on services that its service rests on, or that rest on it", .query = "additional_details[] time_zone",
     .answers = "related_incidents[]"},
};
const struct route_table related_incident_routes = {routes, sizeof routes / sizeof *routes};
