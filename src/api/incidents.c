/* Why: reading incidents. What changes them is in incident_changes.c. */
#include "api/incidents.h"

#include "api/embed.h"
#include "api/incident_json.h"
#include "api/sort_order.h"

enum { DEFAULT_WINDOW_S = 31 * 86400 };

static const struct sort_field sort_fields[] = {
    {"incident_number", "number"}, {"created_at", "created"}, {"resolved_at", "resolved"}, {"urgency", "urgency"}, {0}};

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

/* Among years of resolved incidents the few open ones are found by their own index. */
static bool asks_for_open_only(const struct call *call)
{
    bool asked = false;
    for (size_t i = 0; i < call->query_count; i++) {
        if (!text_starts_with(call->query[i].name, TEXT("statuses[")))
            continue;
        if (text_is(call->query[i].value, "resolved"))
            return false;
        asked = true;
    }
    return asked;
}

/* Without dates PagerDuty shows the last month. Open incidents are shown however old they are: hiding one by default would
 * be the wrong surprise. */
static enum err bind_window(const struct view *view, struct query *q)
{
    struct call *call = view->call;
    if (text_is(call_query(call, "date_range"), "all"))
        return OK;
    instant since = INSTANT_NONE, until = INSTANT_NONE;
    view_query_instant(view, "since", &since);
    view_query_instant(view, "until", &until);
    if (!problem_is_empty(call->problem))
        return ERR_INVALID;
    if (!instant_is_set(since) && !instant_is_set(until)) {
        if (asks_for_open_only(call))
            return OK;
        /* The few incidents of one key are looked at one by one; without a key the recent ones are found by their index. */
        bool few = text_is_present(call_query(call, "incident_key"));
        query_bind_instant(q, few ? "recent_of_key" : "recent", instant_add_s(call->now, -DEFAULT_WINDOW_S));
        return OK;
    }
    if (instant_is_set(since))
        query_bind_instant(q, "since", since);
    if (instant_is_set(until))
        query_bind_instant(q, "until", until);
    return OK;
}

static void check_words(struct call *call, const char *name, const char *const *words)
{
    for (size_t i = 0; i < call->query_count; i++) {
        if (!text_is(call->query[i].name, name))
            continue;
        bool known = false;
        for (const char *const *word = words; *word; word++)
            known = known || text_is(call->query[i].value, *word);
        if (!known)
            problem_add(call->problem, name, "cannot be \"%.*s\"", TEXT_ARG(text_utf8_cut(call->query[i].value, 64)));
    }
}

static enum err bind_filters(const struct view *view, struct query *q)
{
    static const char *const lists[][2] = {{"statuses[]", "statuses"}, {"urgencies[]", "urgencies"},   {"service_ids[]", "service_ids"},
                                           {"team_ids[]", "team_ids"}, {"user_ids[]", "user_ids"}};
    static const char *const statuses[] = {"triggered", "acknowledged", "resolved", NULL};
    static const char *const urgencies[] = {"high", "low", NULL};
    struct call *call = view->call;
    check_words(call, "statuses[]", statuses);
    check_words(call, "urgencies[]", urgencies);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        struct text values = call_query_list(call, lists[i][0]);
        if (text_is_present(values))
            query_bind_text(q, lists[i][1], values);
    }
    if (asks_for_open_only(call))
        query_enable(q, "only_open");
    struct text key = call_query(call, "incident_key");
    if (text_is_present(key))
        query_bind_text(q, "incident_key", key);
    return bind_window(view, q);
}

static enum err count_all(const struct view *view, int64_t *ret)
{
    struct query *q = db_query(view->call->db, "incident_view_count");
    enum err err = bind_filters(view, q);
    if (err != OK)
        return err;
    if (query_next(q))
        *ret = query_int(q, 0);
    return query_err(q);
}

static enum err list_incidents(struct call *call)
{
    struct view view;
    struct paging paging;
    enum err err = view_open(call, &view);
    if (err == OK)
        err = call_paging(call, &paging);
    if (err != OK)
        return err;
    struct query *q = db_query(call->db, "incident_view_list");
    err = bind_filters(&view, q);
    enum err order = sort_order_bind(call, q, sort_fields); /* both, so that every mistake is named */
    if (err != OK || order != OK)
        return err != OK ? err : order;
    query_bind_int(q, "limit", paging.limit + 1);
    query_bind_int(q, "offset", paging.offset);
    int64_t *numbers = ARENA_ARRAY(call->arena, int64_t, (size_t)paging.limit + 1);
    size_t count = 0;
    while (query_next(q))
        numbers[count++] = query_int(q, 0);
    err = query_err(q);
    bool more = (int64_t)count > paging.limit;
    int64_t total = 0;
    json_t *items = NULL;
    if (err == OK)
        err = incident_json_list(&view, numbers, more ? count - 1 : count, &items);
    if (err == OK)
        err = embed_all(&view, items, places);
    if (err == OK && paging.want_total)
        err = count_all(&view, &total);
    if (err != OK)
        return err;
    call_reply_page(call, "incidents", items, &paging, more, total);
    return OK;
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

static enum err get_incident(struct call *call)
{
    struct view view;
    int64_t number;
    json_t *items;
    enum err err = incident_of_path(call, &number);
    if (err == OK)
        err = view_open(call, &view);
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
    {.method = "GET", .path = "/incidents", .permission = MAY_READ, .handle = list_incidents, .summary = "List incidents"},
    {.method = "GET", .path = "/incidents/{id}", .permission = MAY_READ, .handle = get_incident, .summary = "Get an incident by id or number"},
};

const struct route_table incident_routes = {routes, sizeof routes / sizeof *routes};
