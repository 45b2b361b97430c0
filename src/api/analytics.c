/* Why: see analytics.h. */
#include "api/analytics.h"
#include "api/visibility.h"

#include "base/zone.h"

static const char *const lists[][2] = { /* of the body, of the query */
    {"service_ids", "service_ids"},
    {"team_ids", "team_ids"},
    {"escalation_policy_ids", "policy_ids"},
    {"priority_ids", "priority_ids"},
    {"priority_names", "priority_names"},
    {"incident_type_ids", "incident_type_ids"},
};
enum { LIST_MAX = 1000 };

struct text analytics_text(struct arena *arena, struct query *row, const char *column)
{
    int index = query_column(row, column);
    return query_is_null(row, index) ? TEXT_NONE : text_copy(arena, query_text(row, index));
}

bool analytics_is_major(struct query *row)
{
    return !query_is_null(row, query_column(row, "priority_rank")) && query_int(row, query_column(row, "priorities_above")) < 2;
}

static void mistake(const struct analytics *a, const char *key, const char *what)
{
    problem_add(a->view.call->problem, arena_printf(a->view.call->arena, "filters.%s", key), "%s", what);
}

static void read_instant(const struct analytics *a, const char *key, instant *ret)
{
    const json_t *value = json_at(a->filters, key);
    if (value && !json_is_null(value) && (!json_is_string(value) || !view_parse_instant(&a->view, json_text_value(value), ret)))
        mistake(a, key, "is not a date and time (ISO 8601)");
}

static void check_list(const struct analytics *a, const char *key)
{
    const json_t *list = json_at(a->filters, key);
    if (!list || json_is_null(list))
        return;
    bool good = json_is_array(list) && json_array_size(list) <= LIST_MAX;
    for (size_t i = 0; i < json_array_size(list); i++)
        good = good && json_is_string(json_array_get(list, i));
    if (!good)
        mistake(a, key, "must be a list of at most 1000 texts");
}

static void check_range(struct analytics *a)
{
    if (!instant_is_set(a->until))
        a->until = a->view.call->now;
    if (!instant_is_set(a->since))
        a->since = instant_add_s(a->until, -(int64_t)ANALYTICS_DAYS_DEFAULT * 86400);
    if (!instant_before(a->since, a->until))
        mistake(a, "created_at_end", "must be after created_at_start");
    else if (instant_seconds_between(a->since, a->until) > (int64_t)ANALYTICS_DAYS_MAX * 86400)
        mistake(a, "created_at_start", "cannot be more than a year before created_at_end");
}

enum err analytics_read(struct call *call, struct analytics *ret)
{
    struct analytics a = {.view = {.call = call, .zone = zone_utc()}, .since = INSTANT_NONE, .until = INSTANT_NONE, .updated_after = INSTANT_NONE};
    struct text zone = json_text_at(call->body, "time_zone");
    a.filters = json_at(call->body, "filters");
    if (zone.size && zone_find(zone, &a.view.zone) != OK)
        problem_add(call->problem, "time_zone", "is not an IANA time zone");
    if (a.filters && !json_is_null(a.filters) && !json_is_object(a.filters))
        problem_add(call->problem, "filters", "must be an object");
    read_instant(&a, "created_at_start", &a.since);
    read_instant(&a, "created_at_end", &a.until);
    read_instant(&a, "updated_after", &a.updated_after);
    check_range(&a);
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        check_list(&a, lists[i][0]);
    const json_t *urgency = json_at(a.filters, "urgency"), *major = json_at(a.filters, "major");
    if (urgency && !json_is_null(urgency) && !text_is(json_text_value(urgency), "high") && !text_is(json_text_value(urgency), "low"))
        mistake(&a, "urgency", "must be high or low");
    if (major && !json_is_null(major) && !json_is_boolean(major))
        mistake(&a, "major", "must be true or false");
    if (!problem_is_empty(call->problem))
        return ERR_INVALID;
    a.nothing = json_bool_at(a.filters, "pd_advance_used", false); /* there is no assistant that could have been used */
    *ret = a;
    return OK;
}

json_t *analytics_filters_shown(const struct analytics *a)
{
    json_t *shown = json_object_in(a->view.call->arena);
    if (json_is_object(a->filters))
        json_put_all(shown, (json_t *)a->filters);
    view_put_instant(&a->view, shown, "created_at_start", a->since);
    view_put_instant(&a->view, shown, "created_at_end", a->until);
    return shown;
}

static void bind_filters(const struct analytics *a, struct query *q)
{
    query_bind_instant(q, "since", a->since);
    query_bind_instant(q, "until", a->until);
    if (instant_is_set(a->updated_after))
        query_bind_instant(q, "updated_after", a->updated_after);
    struct text urgency = json_text_at(a->filters, "urgency");
    if (urgency.size)
        query_bind_text(q, "urgency", urgency);
    const json_t *major = json_at(a->filters, "major");
    if (json_is_boolean(major))
        query_enable(q, json_is_true(major) ? "major" : "minor");
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        const json_t *list = json_at(a->filters, lists[i][0]);
        if (json_array_size(list) > 0)
            query_bind_text(q, lists[i][1], json_write(a->view.call->arena, list));
    }
}

static enum err measure(struct db *db, struct arena *scratch, instant now, struct query *row, struct response *response)
{
    response_begin(response, query_instant(row, query_column(row, "created_at")), query_instant(row, query_column(row, "resolved_at")));
    struct problem *ignored = problem_new(scratch);
    struct query *q = db_query(db, "analytics_record");
    query_bind_int(q, "number", query_int(row, query_column(row, "number")));
    while (query_next(q)) {
        struct response_entry entry = {.at = query_instant(q, 1), .by_person = text_is(query_text(q, 2), "user"),
                                       .user_id = text_copy(scratch, query_text(q, 3)), .user_name = text_copy(scratch, query_text(q, 4)),
                                       .doc = json_read(scratch, text_copy(scratch, query_text(q, 6)), ignored)};
        if (query_is_null(q, 5) || zone_find(query_text(q, 5), &entry.zone) != OK)
            entry.zone = NULL;
        if (ledger_parse(query_text(q, 0), &entry.kind))
            response_take(response, &entry);
    }
    response_finish(response, now);
    return query_err(q);
}

static enum err walk(const struct analytics *a, struct analytics_border *border, bool down, int64_t limit, struct arena *scratch, analytics_visit *visit,
                     void *context, bool *ret_more)
{
    struct call *call = a->view.call;
    struct query *q = db_query(call->db, "analytics_incidents");
    visibility_bind(call, q);
    bind_filters(a, q);
    query_bind_int(q, "limit", limit + 1);
    if (down)
        query_enable(q, "down");
    if (border->number) {
        query_bind_int(q, down ? "below_number" : "above_number", border->number);
        query_bind_instant(q, "border_at", border->at);
    }
    struct response *response = ARENA_NEW(call->arena, struct response);
    int64_t count = 0;
    *ret_more = false;
    while (query_next(q)) {
        if (count++ == limit) {
            *ret_more = true;
            continue;
        }
        arena_reset(scratch);
        border->number = query_int(q, query_column(q, "number"));
        border->at = query_instant(q, query_column(q, "created_at"));
        enum err err = measure(call->db, scratch, call->now, q, response);
        if (err == OK)
            err = visit(context, q, response);
        if (err != OK)
            return err;
    }
    return query_err(q);
}

enum err analytics_walk(const struct analytics *a, struct analytics_border *border, bool down, int64_t limit, analytics_visit *visit, void *context,
                        bool *ret_more)
{
    *ret_more = false;
    if (a->nothing)
        return OK;
    struct arena *scratch = arena_new(64 << 20);
    enum err err = walk(a, border, down, limit, scratch, visit, context, ret_more);
    arena_free(scratch);
    return err;
}

enum err analytics_one(struct call *call, int64_t number, analytics_visit *visit, void *context)
{
    struct query *q = db_query(call->db, "analytics_incident");
    query_bind_int(q, "number", number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct response *response = ARENA_NEW(call->arena, struct response);
    enum err err = measure(call->db, call->arena, call->now, q, response);
    return err == OK ? visit(context, q, response) : err;
}
