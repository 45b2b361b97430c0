/* Why: the ledger through PagerDuty's log entry operations. The ledger itself is never changed: words added to a trigger
 * (PUT .../channel) are kept beside it. */
#include "api/incident_changes.h"
#include "api/incidents.h"
#include "api/log_entry_json.h"
#include "api/page.h"
#include "api/seek.h"
#include "api/visibility.h"

enum { DETAILS_CHARS_MAX = 25000 };

/* include[]=channels needs nothing: they are always whole. */
static const struct embed_place places[] = {{"incidents", "incident", NULL}, {"services", "service", NULL}, {"teams", "teams", NULL}, {0}};

static enum err bind_filters(const struct view *view, struct query *q, int64_t incident)
{
    struct call *call = view->call;
    instant since = INSTANT_NONE, until = INSTANT_NONE;
    view_query_instant(view, "since", &since);
    view_query_instant(view, "until", &until);
    if (!problem_is_empty(call->problem))
        return ERR_INVALID;
    query_bind_text(q, "kinds", log_entry_kinds(call->arena, call_wants(call, "is_overview")));
    visibility_bind(call, q);
    if (incident)
        query_bind_int(q, "incident", incident);
    if (instant_is_set(since))
        query_bind_instant(q, "since", since);
    if (instant_is_set(until))
        query_bind_instant(q, "until", until);
    int64_t seq;
    enum err err = OK;
    if (instant_is_set(since) && !incident) {
        err = seek_from(call->db, "log_entry", since, &seq);
        query_bind_int(q, "seq_from", err == OK ? seq : 0);
    }
    if (instant_is_set(until) && !incident && err == OK) {
        err = seek_before(call->db, "log_entry", until, &seq);
        query_bind_int(q, "seq_before", err == OK ? seq : 0);
    }
    if (err != OK)
        return err;
    struct text teams = call_query_list(call, "team_ids[]");
    if (text_is_present(teams))
        query_bind_text(q, "team_ids", teams);
    return OK;
}

static enum err list_of(struct call *call, int64_t incident)
{
    struct page page;
    int64_t *numbers;
    size_t count;
    json_t *items;
    enum err err = page_open(call, &page);
    if (err != OK)
        return err;
    struct query *q = db_query(call->db, "log_entry_list");
    err = bind_filters(&page.view, q, incident);
    if (err == OK)
        err = page_numbers(&page, q, &numbers, &count);
    if (err == OK)
        err = log_entry_json_list(&page.view, numbers, count, &items);
    if (err == OK && page.paging.want_total) {
        q = db_query(call->db, "log_entry_count");
        err = bind_filters(&page.view, q, incident);
        if (err == OK)
            err = page_count(&page, q);
    }
    return err != OK ? err : page_reply(&page, "log_entries", items, places);
}

static enum err list_log_entries(struct call *call)
{
    return list_of(call, 0);
}

static enum err list_of_incident(struct call *call)
{
    int64_t incident;
    enum err err = incident_of_path(call, &incident);
    return err != OK ? err : list_of(call, incident);
}

static enum err get_log_entry(struct call *call)
{
    struct view view;
    int64_t seq;
    json_t *items;
    if (!id_parse(ID_LOG_ENTRY, call->path_parameters[0], &seq))
        return ERR_NOT_FOUND;
    enum err err = view_open(call, &view);
    if (err == OK)
        err = log_entry_json_list(&view, &seq, 1, &items);
    if (err == OK)
        err = embed_all(&view, items, places);
    if (err != OK)
        return err;
    if (json_array_size(items) == 0)
        return ERR_NOT_FOUND;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "log_entry", json_array_get(items, 0));
    return OK;
}

struct details_work {
    int64_t seq;
    struct text details, by;
};

static enum err set_details(struct tx *tx, void *argument)
{
    const struct details_work *work = argument;
    struct query *q = db_query(tx->db, "log_entry_set_channel_details");
    query_bind_int(q, "seq", work->seq);
    query_bind_text(q, "details", work->details);
    query_bind_text(q, "by", work->by);
    query_bind_instant(q, "at", tx->now);
    return query_run(q);
}

static enum err put_channel(struct call *call)
{
    struct incident_call c;
    int64_t seq;
    enum err err = incident_call_begin(call, false, &c);
    if (err != OK)
        return err;
    if (!id_parse(ID_LOG_ENTRY, call->path_parameters[0], &seq))
        return ERR_NOT_FOUND;
    struct query *q = db_query(call->db, "log_entry_get");
    query_bind_int(q, "seq", seq);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    if (!text_is(query_text(q, query_column(q, "kind")), "trigger"))
        problem_add(call->problem, NULL, "only the channel of a trigger can be changed");
    const json_t *channel = json_at(call->body, "channel");
    struct details_work work = {
        .seq = seq,
        .by = c.actor.id,
        .details = incident_text_parse(call->arena, channel, "channel", "details", DETAILS_CHARS_MAX, call->problem),
    };
    (void)incident_text_parse(call->arena, channel, "channel", "type", 64, call->problem);
    if (!problem_is_empty(call->problem))
        return ERR_INVALID;
    err = call_change(call, set_details, &work);
    call->status = 202;
    return err;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/log_entries", .permission = MAY_READ, .handle = list_log_entries, .summary = "List log entries",
     .query = "since until team_ids[] is_overview include[] time_zone limit offset total", .answers = "log_entries[] limit offset more total"},
    {.method = "GET", .path = "/log_entries/{id}", .permission = MAY_READ, .handle = get_log_entry, .summary = "Get a log entry",
     .query = "include[] time_zone", .answers = "log_entry"},
    {.method = "PUT", .path = "/log_entries/{id}/channel", .permission = MAY_RESPOND, .handle = put_channel, .summary = "Add details to a trigger", .body_kind = "json",
     .takes = "channel", .media = ROUTE_NOTHING},
    {.method = "GET", .path = "/incidents/{id}/log_entries", .permission = MAY_READ, .handle = list_of_incident, .summary = "List the log entries of an incident",
     .query = "since until is_overview include[] time_zone limit offset total", .answers = "log_entries[] limit offset more total"},
};
const struct route_table log_entry_routes = {routes, sizeof routes / sizeof *routes};
