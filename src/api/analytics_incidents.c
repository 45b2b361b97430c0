/* Why: how fast incidents were answered, one by one. Everything is counted from the record; what is not known (yet) is null. */
#include "api/analytics.h"
#include "api/incidents.h"
#include "api/visibility.h"
#include "base/zone.h"

struct raw {
    const struct view *view;
    json_t *items;
    int64_t first, last;
};

/* Seconds since the incident began; null when it has not come to that. */
static void put_seconds(json_t *object, const char *key, const struct response *r, instant at)
{
    if (instant_is_set(at))
        json_put_int(object, key, instant_seconds_between(r->created_at, at));
    else
        json_put_null(object, key);
}

static void put_people(struct arena *arena, json_t *object, const char *prefix, const struct response_people *people)
{
    json_t *ids = json_array_in(arena), *names = json_array_in(arena);
    for (size_t i = 0; i < people->count; i++) {
        json_append_text(ids, people->list[i].id);
        json_append_text(names, people->list[i].name);
    }
    json_put(object, arena_printf(arena, "%s_user_ids", prefix), ids);
    json_put(object, arena_printf(arena, "%s_user_names", prefix), names);
}

static int64_t interruptions(const struct response *r)
{
    return r->business_interruptions + r->off_hour_interruptions + r->sleep_interruptions;
}

static void put_figures(json_t *item, const struct response *r)
{
    instant first = r->engaged.count ? r->engaged.list[0].since : INSTANT_NONE;
    json_put_int(item, "acknowledgement_count", r->acknowledgements);
    json_put_int(item, "active_user_count", (int64_t)r->engaged.count);
    json_put_int(item, "engaged_user_count", (int64_t)r->engaged.count);
    json_put_int(item, "engaged_seconds", r->engaged_s);
    json_put_int(item, "assignment_count", r->assignments);
    json_put_int(item, "reassignment_count", r->reassignments);
    json_put_int(item, "escalation_count", r->manual_escalations + r->timeout_escalations);
    json_put_int(item, "manual_escalation_count", r->manual_escalations);
    json_put_int(item, "timeout_escalation_count", r->timeout_escalations);
    json_put_int(item, "business_hour_interruptions", r->business_interruptions);
    json_put_int(item, "off_hour_interruptions", r->off_hour_interruptions);
    json_put_int(item, "sleep_hour_interruptions", r->sleep_interruptions);
    json_put_int(item, "total_interruptions", interruptions(r));
    json_put_int(item, "total_notifications", r->notifications);
    json_put_int(item, "snoozed_seconds", r->snoozed_s);
    put_seconds(item, "seconds_to_first_ack", r, r->first_ack_at);
    put_seconds(item, "seconds_to_engage", r, first);
    put_seconds(item, "seconds_to_mobilize", r, r->last_joined_at);
    put_seconds(item, "seconds_to_resolve", r, r->resolved_at);
    json_put_null(item, "user_defined_effort_seconds");
}

static void put_column(const struct view *view, json_t *item, struct query *row, const char *key, const char *column)
{
    json_put_text(item, key, analytics_text(view->call->arena, row, column));
}

static void put_who_resolved(const struct view *view, json_t *item, struct query *row, const struct response *r)
{
    bool by_person = instant_is_set(r->resolved_at) && text_is(query_text(row, query_column(row, "status_changed_by_type")), "user");
    json_put_text(item, "resolved_by_user_id", by_person ? analytics_text(view->call->arena, row, "status_changed_by_id") : TEXT_NONE);
    json_put_text(item, "resolved_by_user_name", by_person ? analytics_text(view->call->arena, row, "status_changed_by_name") : TEXT_NONE);
    json_put_bool(item, "auto_resolved", r->auto_resolved);
}

static json_t *raw_item(const struct view *view, struct query *row, const struct response *r)
{
    static const char *const columns[][2] = {
        {"description", "title"}, {"service_id", "service_id"}, {"service_name", "service_name"}, {"escalation_policy_id", "policy_id"}, {"escalation_policy_name", "policy_name"},
        {"team_id", "team_id"}, {"team_name", "team_name"}, {"priority_id", "priority_id"}, {"priority_name", "priority_name"}, {"status", "status"},
        {"urgency", "urgency"}, {"incident_type_id", "incident_type_id"}, {"incident_type_name", "incident_type_name"},
    };
    struct arena *arena = view->call->arena;
    json_t *item = json_object_in(arena);
    int64_t number = query_int(row, query_column(row, "number"));
    json_put_text(item, "id", view_incident_id(view, number));
    json_put_int(item, "incident_number", number);
    view_put_instant(view, item, "created_at", r->created_at);
    view_put_instant(view, item, "updated_at", query_instant(row, query_column(row, "updated_at")));
    view_put_instant(view, item, "resolved_at", r->resolved_at);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        put_column(view, item, row, columns[i][0], columns[i][1]);
    if (!visibility_allows(view->call, json_text_at(item, "team_id"))) {
        json_put_null(item, "team_id");
        json_put_null(item, "team_name");
    }
    if (query_is_null(row, query_column(row, "priority_rank")))
        json_put_null(item, "priority_order");
    else
        json_put_int(item, "priority_order", 1001 - query_int(row, query_column(row, "priority_rank"))); /* the most urgent is the highest */
    json_put_bool(item, "major", analytics_is_major(row));
    put_people(arena, item, "acknowledged", &r->engaged);
    put_people(arena, item, "joined", &r->engaged);
    put_people(arena, item, "assigned", &r->assigned);
    put_who_resolved(view, item, row, r);
    put_figures(item, r);
    return item;
}

static enum err add_raw(void *context, struct query *row, const struct response *response)
{
    struct raw *raw = context;
    json_append(raw->items, raw_item(raw->view, row, response));
    raw->last = query_int(row, query_column(row, "number"));
    if (raw->first == 0)
        raw->first = raw->last;
    return OK;
}

struct paging_request {
    int64_t limit;
    bool down, backwards;
    struct analytics_border border;
};

static enum err read_border(struct call *call, const char *key, struct paging_request *request)
{
    struct text id = json_text_at(call->body, key);
    if (id.size == 0)
        return OK;
    if (!view_incident_number(id, &request->border.number)) {
        problem_add(call->problem, key, "is not the id of an incident");
        return OK;
    }
    struct query *q = db_query(call->db, "analytics_place");
    query_bind_int(q, "number", request->border.number);
    if (query_next(q))
        request->border.at = query_instant(q, 0);
    else if (!query_failed(q))
        problem_add(call->problem, key, "is not the id of an incident");
    return query_err(q);
}

static enum err read_paging(struct call *call, struct paging_request *ret)
{
    struct text order = json_text_at(call->body, "order"), by = json_text_at(call->body, "order_by");
    *ret = (struct paging_request){.limit = json_int_at(call->body, "limit", 100), .down = text_is(order, "desc")};
    if (ret->limit < 1 || ret->limit > ANALYTICS_PAGE_MAX)
        problem_add(call->problem, "limit", "must be between 1 and %d", ANALYTICS_PAGE_MAX);
    if (order.size && !ret->down && !text_is(order, "asc"))
        problem_add(call->problem, "order", "must be asc or desc");
    if (by.size && !text_is(by, "created_at"))
        problem_add(call->problem, "order_by", "must be created_at");
    ret->backwards = json_text_at(call->body, "ending_before").size > 0;
    enum err err = read_border(call, ret->backwards ? "ending_before" : "starting_after", ret);
    return err != OK ? err : problem_is_empty(call->problem) ? OK : ERR_INVALID;
}

static json_t *reversed(struct arena *arena, const json_t *items)
{
    json_t *turned = json_array_in(arena);
    for (size_t i = json_array_size(items); i > 0; i--)
        json_append(turned, json_array_get(items, i - 1));
    return turned;
}

static enum err post_raw(struct call *call)
{
    struct analytics a;
    struct paging_request paging;
    bool more = false;
    enum err err = analytics_read(call, &a);
    if (err == OK)
        err = read_paging(call, &paging);
    if (err != OK)
        return err;
    struct raw raw = {.view = &a.view, .items = json_array_in(call->arena)};
    err = analytics_walk(&a, &paging.border, paging.down != paging.backwards, paging.limit, add_raw, &raw, &more);
    if (err != OK)
        return err;
    int64_t first = paging.backwards ? raw.last : raw.first, last = paging.backwards ? raw.first : raw.last;
    json_t *reply = call->reply = json_object_in(call->arena);
    json_put(reply, "data", paging.backwards ? reversed(call->arena, raw.items) : raw.items);
    json_put(reply, "starting_after", json_at(call->body, "starting_after"));
    json_put(reply, "ending_before", json_at(call->body, "ending_before"));
    json_put_text(reply, "first", first ? view_incident_id(&a.view, first) : TEXT_NONE);
    json_put_text(reply, "last", last ? view_incident_id(&a.view, last) : TEXT_NONE);
    json_put_int(reply, "limit", paging.limit);
    json_put_bool(reply, "more", more);
    json_put_string(reply, "order", paging.down ? "desc" : "asc");
    json_put_string(reply, "order_by", "created_at");
    json_put(reply, "filters", analytics_filters_shown(&a));
    json_put_text(reply, "time_zone", zone_name(a.view.zone));
    return OK;
}

/* The published description shows the incident bare, its example inside "data": here are both. */
static enum err get_raw(struct call *call)
{
    struct view view;
    int64_t number;
    enum err err = incident_view_of_path(call, &view, &number);
    if (err != OK)
        return err;
    struct raw raw = {.view = &view, .items = json_array_in(call->arena)};
    err = analytics_one(call, number, add_raw, &raw);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put_all(call->reply, json_array_get(raw.items, 0));
    json_put(call->reply, "data", json_array_get(raw.items, 0));
    json_put_text(call->reply, "time_zone", zone_name(view.zone));
    return OK;
}

static const struct route routes[] = {
    {"POST", "/analytics/raw/incidents", MAY_READ, post_raw, .summary = "How fast incidents were answered, one by one", .body_kind = "json",
     .takes = "filters? time_zone? limit? order? order_by? starting_after? ending_before?",
     .answers = "data:raw_incident[] starting_after ending_before first:text|null last:text|null limit more order order_by filters:object time_zone"},
    {"GET", "/analytics/raw/incidents/{id}", MAY_READ, get_raw, .summary = "How fast one incident was answered", .answers = "data:raw_incident time_zone"},
};
const struct route_table analytics_routes = {routes, sizeof routes / sizeof *routes};
