/* Why: reading incidents. What changes them is in incident_changes.c. */
#include "api/incidents.h"

#include "api/incident_json.h"

enum { DEFAULT_WINDOW_S = 31 * 86400, SORT_FIELDS_MAX = 2 };

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
        query_bind_instant(q, "recent", instant_add_s(call->now, -DEFAULT_WINDOW_S));
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
    struct text key = call_query(call, "incident_key");
    if (text_is_present(key))
        query_bind_text(q, "incident_key", key);
    return bind_window(view, q);
}

/* "created_at:desc,urgency": at most two fields, each an `-- if:` block of the query. */
static enum err bind_order(struct call *call, struct query *q)
{
    static const struct {
        const char *field, *block;
    } fields[] = {{"incident_number", "number"}, {"created_at", "created"}, {"resolved_at", "resolved"}, {"urgency", "urgency"}};
    static const char *const places[SORT_FIELDS_MAX] = {"first", "second"};
    size_t used = 0;
    for (size_t p = 0; p < call->query_count; p++) {
        if (!text_is(call->query[p].name, "sort_by") && !text_is(call->query[p].name, "sort_by[]"))
            continue;
        struct text rest = call->query[p].value, part;
        while (text_next(&rest, ',', &part)) {
            size_t colon = text_find_byte(part, ':', 0);
            struct text field = text_slice(part, 0, colon), way = text_slice(part, colon + 1, part.size);
            const char *block = NULL;
            for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
                if (text_is(field, fields[i].field))
                    block = fields[i].block;
            bool down = text_is(way, "desc");
            if (!block || (way.size && !down && !text_is(way, "asc")))
                problem_add(call->problem, "sort_by", "cannot be \"%.*s\"", TEXT_ARG(text_utf8_cut(part, 64)));
            else if (used == SORT_FIELDS_MAX)
                problem_add(call->problem, "sort_by", "cannot have more than %d fields", SORT_FIELDS_MAX);
            else
                query_enable(q, arena_printf(call->arena, "%s_%s_%s", places[used++], block, down ? "down" : "up"));
        }
    }
    return problem_is_empty(call->problem) ? OK : ERR_INVALID;
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
    enum err order = bind_order(call, q); /* both, so that every mistake is named */
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
    if (err == OK && paging.want_total)
        err = count_all(&view, &total);
    if (err != OK)
        return err;
    call_reply_page(call, "incidents", items, &paging, more, total);
    return OK;
}

enum err incident_of_path(struct call *call, int64_t *ret)
{
    return view_incident_number(call->path_parameters[0], ret) ? OK : ERR_NOT_FOUND;
}

static enum err get_incident(struct call *call)
{
    struct view view;
    int64_t number;
    json_t *item;
    enum err err = incident_of_path(call, &number);
    if (err == OK)
        err = view_open(call, &view);
    if (err == OK)
        err = incident_json_one(&view, number, &item);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "incident", item);
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/incidents", .permission = MAY_READ, .handle = list_incidents, .summary = "List incidents"},
    {.method = "GET", .path = "/incidents/{id}", .permission = MAY_READ, .handle = get_incident, .summary = "Get an incident by id or number"},
};

const struct route_table incident_routes = {routes, sizeof routes / sizeof *routes};
