/* Why: which calls went out in a span of time, as PagerDuty lists them. */
#include "api/page.h"
#include "api/seek.h"

static const char *const kinds[][2] = {
    {"sms_notification", "sms"}, {"email_notification", "email"}, {"phone_notification", "phone"}, {"push_notification", "push"}};

static const struct embed_place places[] = {{"users", "user", NULL}, {0}};

static void required_instant(const struct view *view, const char *name, instant *ret)
{
    if (call_query(view->call, name).size == 0)
        problem_add(view->call->problem, name, "cannot be empty");
    else
        view_query_instant(view, name, ret);
}

static enum err bind_filters(const struct view *view, struct query *q)
{
    struct call *call = view->call;
    instant since = INSTANT_NONE, until = INSTANT_NONE;
    struct text filter = call_query(call, "filter");
    required_instant(view, "since", &since);
    required_instant(view, "until", &until);
    bool known = filter.size == 0;
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (!text_is(filter, kinds[i][0]))
            continue;
        known = true;
        query_bind_text(q, "channel", text_of(kinds[i][1]));
    }
    if (!known)
        problem_add(call->problem, "filter", "must be sms_notification, email_notification, phone_notification or push_notification");
    if (!problem_is_empty(call->problem))
        return ERR_INVALID;
    int64_t from = 0, before = 0;
    enum err err = seek_from(call->db, "notification", since, &from);
    if (err == OK)
        err = seek_before(call->db, "notification", until, &before);
    query_bind_int(q, "number_from", from);
    query_bind_int(q, "number_before", before);
    query_bind_instant(q, "since", since);
    query_bind_instant(q, "until", until);
    return err;
}

/* A call without verdict counts as under way, not as a success. */
static const char *status_of(struct text state)
{
    if (text_is(state, "accepted") || text_is(state, "delivered"))
        return "success";
    if (text_is(state, "permanent") || text_is(state, "temporary") || text_is(state, "cancelled"))
        return "failure";
    return text_is(state, "unknown") ? "unknown" : "in_progress";
}

static json_t *notification(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    json_t *item = json_object_in(arena);
    instant sent_at = query_instant(q, 7);
    struct text channel = query_text(q, 1);
    json_put_text(item, "id", id_public(arena, ID_NOTIFICATION, query_int(q, 0)));
    json_put_text(item, "type", text_printf(arena, "%.*s_notification", TEXT_ARG(channel)));
    view_put_instant(view, item, "started_at", instant_is_set(sent_at) ? sent_at : query_instant(q, 2));
    json_put_text(item, "address", text_is(channel, "push") ? TEXT_NONE : query_text(q, 5));
    json_put(item, "user", view_user(view, text_copy(arena, query_text(q, 3)), text_copy(arena, query_text(q, 4))));
    json_put_null(item, "conferenceAddress");
    json_put_string(item, "status", status_of(query_text(q, 6)));
    return item;
}

static enum err list_notifications(struct call *call)
{
    struct page page;
    json_t *items;
    enum err err = page_open(call, &page);
    if (err != OK)
        return err;
    struct query *q = db_query(call->db, "notification_view_list");
    err = bind_filters(&page.view, q);
    if (err == OK)
        err = page_items(&page, q, notification, &items);
    if (err == OK && page.paging.want_total) {
        q = db_query(call->db, "notification_view_count");
        err = bind_filters(&page.view, q);
        if (err == OK)
            err = page_count(&page, q);
    }
    return err != OK ? err : page_reply(&page, "notifications", items, places);
}

static const struct route routes[] = {
    {.method = "GET", .path = "/notifications", .permission = MAY_READ, .handle = list_notifications, .summary = "List the calls that went out",
     .query = "since! until! filter include[] time_zone limit offset total", .answers = "notifications[] limit offset more total"},
};
const struct route_table notification_routes = {routes, sizeof routes / sizeof *routes};
