/* Why: see incident_json.h. One query brings the page's rows, then one query for each thing an incident has several of; the
 * rows are handed to the incidents of the page by number. */
#include "api/incident_json.h"

#include "api/log_entry_json.h"
#include "core/sentence.h"
#include "engine/custom_fields.h"

enum { MEMBERS_MAX = 64 };

struct page {
    const struct view *view;
    const int64_t *numbers;
    size_t count;
    struct text numbers_text;
    json_t *items[INCIDENTS_AT_ONCE_MAX]; /* NULL: no such incident */
    int64_t open[INCIDENTS_AT_ONCE_MAX], acknowledged[INCIDENTS_AT_ONCE_MAX]; /* their numbers */
    size_t open_count, acknowledged_count;
};

static json_t *item_of(struct page *page, int64_t number)
{
    for (size_t i = 0; i < page->count; i++)
        if (page->numbers[i] == number)
            return page->items[i];
    return NULL;
}

/* The array `key` of the incident with that number, or NULL. */
static json_t *array_of(struct page *page, int64_t number, const char *key)
{
    return json_at(item_of(page, number), key);
}

static json_t *copied(struct arena *arena, struct query *q, const char *column)
{
    struct text document = query_text(q, query_column(q, column));
    if (document.size == 0)
        return NULL;
    return json_read(arena, text_copy(arena, document), problem_new(arena));
}

static int64_t int_in(struct query *q, const char *column)
{
    return query_int(q, query_column(q, column));
}

static instant instant_in(struct query *q, const char *column)
{
    return query_instant(q, query_column(q, column));
}

static json_t *priority(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    struct text id = query_text_in(arena, q, "priority_id");
    if (id.size == 0)
        return NULL;
    struct text name = query_text_in(arena, q, "priority_name");
    bool whole = call_includes(view->call, "priorities");
    json_t *priority = api_reference_to(view->call, "priority", id, name);
    if (whole)
        json_put_string(priority, "type", "priority");
    json_put_text(priority, "name", name);
    json_put_text(priority, "description", query_text_in(arena, q, "priority_description"));
    json_put_text(priority, "color", query_text_in(arena, q, "priority_color"));
    json_put_int(priority, "order", int_in(q, "priority_rank"));
    return priority;
}

/* PagerDuty knows three names; ours are by time and by content. */
static json_t *alert_grouping(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    struct text type = query_text(q, query_column(q, "grouping_type"));
    if (type.size == 0)
        return NULL;
    instant until = instant_in(q, "grouping_until");
    bool open = !text_is(query_text(q, query_column(q, "status")), "resolved");
    bool active = open && (!instant_is_set(until) || instant_before(view->call->now, until));
    json_t *grouping = json_object_in(arena);
    json_put_string(grouping, "grouping_type", text_is(type, "time") ? "basic" : "rules");
    view_put_instant(view, grouping, "started_at", instant_in(q, "created_at"));
    view_put_instant(view, grouping, "ended_at", active ? INSTANT_NONE : instant_is_set(until) ? until : instant_in(q, "resolved_at"));
    json_put_bool(grouping, "alert_grouping_active", active);
    return grouping;
}

static json_t *alert_counts(struct arena *arena, struct query *q)
{
    int64_t all = int_in(q, "alerts_all"), triggered = int_in(q, "alerts_triggered");
    json_t *counts = json_object_in(arena);
    json_put_int(counts, "all", all);
    json_put_int(counts, "triggered", triggered);
    json_put_int(counts, "resolved", all - triggered);
    return counts;
}

/* The agent is the person, or the service whose integration or rule did it. */
static json_t *changed_by(const struct view *view, struct query *q, json_t *service)
{
    struct arena *arena = view->call->arena;
    if (text_is(query_text(q, query_column(q, "status_changed_by_type")), "user"))
        return view_user(view, query_text_in(arena, q, "status_changed_by_id"), query_text_in(arena, q, "changed_by_name"));
    return service;
}

static json_t *resolve_reason(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    int64_t into = int_in(q, "merged_into");
    if (into == 0)
        return NULL;
    json_t *reason = json_object_in(arena);
    json_put_string(reason, "type", "merge_resolve_reason");
    json_put(reason, "incident", view_incident(view, into, query_text_in(arena, q, "merged_title")));
    return reason;
}

static json_t *body(struct arena *arena, struct query *q)
{
    struct text written = query_text_in(arena, q, "body");
    if (!text_is_present(written))
        return NULL;
    json_t *body = json_object_in(arena);
    json_put_string(body, "type", "incident_body");
    json_put_text(body, "details", written);
    return body;
}

static json_t *conference_bridge(struct arena *arena, struct query *q)
{
    struct text number = query_text_in(arena, q, "conference_number"), url = query_text_in(arena, q, "conference_url");
    if (!text_is_present(number) && !text_is_present(url))
        return NULL;
    json_t *bridge = json_object_in(arena);
    json_put_text(bridge, "conference_number", number);
    json_put_text(bridge, "conference_url", url);
    return bridge;
}

static json_t *first_log_entry(const struct view *view, struct query *q, int64_t number)
{
    struct arena *arena = view->call->arena;
    int64_t seq = int_in(q, "first_ledger_seq");
    if (seq == 0)
        return NULL;
    json_t *doc = copied(arena, q, "first_doc");
    struct sentence_entry entry = {
        .kind = query_text_in(arena, q, "first_kind"),
        .actor_type = query_text_in(arena, q, "first_actor_type"),
        .actor_name = query_text_in(arena, q, "first_actor_name"),
        .channel = query_text_in(arena, q, "first_channel"),
        .doc = doc,
    };
    return view_log_entry(view, seq, number, log_entry_type(entry.kind, doc), sentence_ledger(arena, &entry));
}

static void put_identity(const struct view *view, json_t *item, int64_t number, struct text title)
{
    json_t *reference = view_incident(view, number, title);
    json_put_all(item, reference);
    json_put_string(item, "type", "incident");
    json_put_int(item, "incident_number", number);
    json_put_text(item, "title", title);
    json_put_text(item, "description", title);
}

static void put_state(const struct view *view, json_t *item, struct query *q)
{
    struct arena *arena = view->call->arena;
    struct text status = query_text_in(arena, q, "status");
    /* PagerDuty: while triggered, the last change of any kind counts. */
    instant changed_at = instant_in(q, text_is(status, "triggered") ? "updated_at" : "status_changed_at");
    json_put_text(item, "status", status);
    json_put_text(item, "urgency", query_text_in(arena, q, "urgency"));
    json_put_text(item, "incident_key", query_text_in(arena, q, "incident_key"));
    view_put_instant(view, item, "created_at", instant_in(q, "created_at"));
    view_put_instant(view, item, "updated_at", instant_in(q, "updated_at"));
    view_put_instant(view, item, "last_status_change_at", changed_at);
    view_put_instant(view, item, "resolved_at", instant_in(q, "resolved_at"));
    json_put_string(item, "assigned_via", int_in(q, "on_policy") ? "escalation_policy" : "direct_assignment");
    json_put_bool(item, "is_mergeable", int_in(q, "merged_into") == 0);
}

/* What PagerDuty has no word for, under one key so that no future key of theirs collides. */
static json_t *muster(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    json_t *ours = json_object_in(arena);
    json_put_int(ours, "escalation_level", int_in(q, "level"));
    json_put_int(ours, "escalation_policy_version", int_in(q, "policy_version"));
    json_put_bool(ours, "exhausted", int_in(q, "exhausted") != 0);
    json_put_text(ours, "held_by_maintenance_window", query_text_in(arena, q, "held_by_window"));
    view_put_instant(view, ours, "snoozed_until", instant_in(q, "snoozed_until"));
    return ours;
}

static json_t *incident(const struct view *view, struct query *q)
{
    static const char *const arrays[] = {"assignments", "acknowledgements", "teams", "pending_actions", "incidents_responders",
                                         "responder_requests", "custom_fields"};
    struct arena *arena = view->call->arena;
    int64_t number = int_in(q, "number");
    json_t *item = json_object_for(arena, MEMBERS_MAX);
    json_t *service = view_service(view, query_text_in(arena, q, "service_id"), query_text_in(arena, q, "service_name"));
    put_identity(view, item, number, query_text_in(arena, q, "title"));
    put_state(view, item, q);
    json_put(item, "service", service);
    json_put(item, "escalation_policy", view_policy(view, query_text_in(arena, q, "policy_id"), query_text_in(arena, q, "policy_name")));
    json_put(item, "priority", priority(view, q));
    json_put(item, "alert_counts", alert_counts(arena, q));
    json_put(item, "alert_grouping", alert_grouping(view, q));
    json_put(item, "last_status_change_by", changed_by(view, q, service));
    json_put(item, "first_trigger_log_entry", first_log_entry(view, q, number));
    json_put(item, "resolve_reason", resolve_reason(view, q));
    json_put(item, "body", body(arena, q));
    json_put(item, "conference_bridge", conference_bridge(arena, q));
    json_t *type = json_object_in(arena);
    json_put_text(type, "name", query_text_in(arena, q, "incident_type"));
    json_put(item, "incident_type", type);
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        json_put(item, arrays[i], json_array_in(arena));
    json_put(item, "muster", muster(view, q));
    return item;
}

static struct query *run(struct page *page, const char *name)
{
    struct query *q = db_query(page->view->call->db, name);
    query_bind_text(q, "numbers", page->numbers_text);
    return q;
}

static enum err load_rows(struct page *page)
{
    struct query *q = run(page, "incident_view_rows");
    while (query_next(q)) {
        int64_t number = int_in(q, "number");
        for (size_t i = 0; i < page->count; i++)
            if (page->numbers[i] == number)
                page->items[i] = incident(page->view, q);
        struct text status = query_text(q, query_column(q, "status"));
        if (!text_is(status, "resolved"))
            page->open[page->open_count++] = number;
        if (text_is(status, "acknowledged"))
            page->acknowledged[page->acknowledged_count++] = number;
    }
    return query_err(q);
}

/* Rows of (incident, user, name, at) of `numbers` become {"at", `role`: user} in `key`. */
static enum err load_people(struct page *page, const char *query, const int64_t *numbers, size_t count, const char *key, const char *role)
{
    struct arena *arena = page->view->call->arena;
    if (count == 0)
        return OK;
    struct query *q = db_query(page->view->call->db, query);
    query_bind_text(q, "numbers", view_numbers(arena, numbers, count));
    while (query_next(q)) {
        int64_t number = query_int(q, 0);
        json_t *entry = json_object_in(arena);
        view_put_instant(page->view, entry, "at", query_instant(q, 3));
        json_put(entry, role, view_user(page->view, text_copy(arena, query_text(q, 1)), text_copy(arena, query_text(q, 2))));
        json_append(array_of(page, number, key), entry);
    }
    return query_err(q);
}

static enum err load_teams(struct page *page)
{
    struct arena *arena = page->view->call->arena;
    struct query *q = run(page, "incident_view_teams");
    while (query_next(q))
        json_append(array_of(page, query_int(q, 0), "teams"),
                    view_team(page->view, text_copy(arena, query_text(q, 1)), text_copy(arena, query_text(q, 2))));
    return query_err(q);
}

/* Our timers that PagerDuty shows as pending actions. */
static const struct {
    const char *timer, *action;
} pending[] = {
    {"escalate", "escalate"},
    {"ack_timeout", "unacknowledge"},
    {"snooze_end", "unacknowledge"},
    {"auto_resolve", "resolve"},
    {"support_hours", "urgency_change"},
};

static struct text pending_kinds(struct arena *arena)
{
    json_t *kinds = json_array_in(arena);
    for (size_t i = 0; i < sizeof pending / sizeof *pending; i++)
        json_append_text(kinds, text_of(pending[i].timer));
    return json_write(arena, kinds);
}

static enum err load_pending(struct page *page)
{
    struct arena *arena = page->view->call->arena;
    if (page->open_count == 0)
        return OK;
    struct query *q = db_query(page->view->call->db, "incident_view_timers");
    query_bind_text(q, "numbers", view_numbers(arena, page->open, page->open_count));
    query_bind_text(q, "kinds", pending_kinds(arena));
    while (query_next(q)) {
        for (size_t i = 0; i < sizeof pending / sizeof *pending; i++) {
            if (!text_is(query_text(q, 1), pending[i].timer))
                continue;
            json_t *action = json_object_in(arena);
            json_put_string(action, "type", pending[i].action);
            view_put_instant(page->view, action, "at", query_instant(q, 2));
            if (strcmp(pending[i].action, "urgency_change") == 0)
                json_put_string(action, "to", "high");
            json_append(array_of(page, query_int(q, 0), "pending_actions"), action);
        }
    }
    return query_err(q);
}

/* One request may name several people: rows of one requester, time and message are one request. */
static json_t *request_for(const struct view *view, json_t *requests, json_t *responder)
{
    size_t index;
    json_t *request;
    json_array_foreach(requests, index, request)
    {
        if (json_same(json_at(request, "requester"), json_at(responder, "requester")) &&
            json_same(json_at(request, "requested_at"), json_at(responder, "requested_at")) &&
            json_same(json_at(request, "message"), json_at(responder, "message")))
            return request;
    }
    request = json_object_in(view->call->arena);
    json_put(request, "incident", json_at(responder, "incident"));
    json_put(request, "requester", json_at(responder, "requester"));
    json_put(request, "requested_at", json_at(responder, "requested_at"));
    json_put(request, "message", json_at(responder, "message"));
    json_put(request, "responder_request_targets", json_array_in(view->call->arena));
    json_append(requests, request);
    return request;
}

json_t *incident_json_responder(const struct view *view, struct query *q, json_t *incident_reference)
{
    struct arena *arena = view->call->arena;
    json_t *responder = json_object_in(arena);
    json_t *user = view_user(view, query_text_in(arena, q, "user_id"), query_text_in(arena, q, "name"));
    json_t *requester = view_user(view, query_text_in(arena, q, "requested_by"), query_text_in(arena, q, "requester_name"));
    json_put_null(user, "avatar_url"); /* shown here and nowhere else */
    json_put_null(requester, "avatar_url");
    json_put_text(responder, "state", query_text_in(arena, q, "state"));
    json_put(responder, "user", user);
    json_put(responder, "incident", incident_reference);
    view_put_instant(view, responder, "updated_at", instant_in(q, "requested_at"));
    json_put_text(responder, "message", query_text_in(arena, q, "message"));
    json_put(responder, "requester", requester);
    view_put_instant(view, responder, "requested_at", instant_in(q, "requested_at"));
    json_put(responder, "escalation_policy_requests", json_array_in(arena));
    return responder;
}

/* {"responder_request_target": {"type","id","summary","incidents_responders":[...]}} */
json_t *incident_json_target(const struct view *view, json_t *responder)
{
    struct arena *arena = view->call->arena;
    json_t *target = json_object_in(arena), *wrapper = json_object_in(arena), *responders = json_array_in(arena);
    json_append(responders, responder);
    json_put_string(target, "type", "user");
    json_put(target, "id", json_at(json_at(responder, "user"), "id"));
    json_put(target, "summary", json_at(json_at(responder, "user"), "summary"));
    json_put(target, "incidents_responders", responders);
    json_put(wrapper, "responder_request_target", target);
    return wrapper;
}

static enum err load_responders(struct page *page)
{
    const struct view *view = page->view;
    struct query *q = run(page, "incident_view_responders");
    while (query_next(q)) {
        int64_t number = int_in(q, "incident_number");
        json_t *item = item_of(page, number);
        if (!item)
            continue;
        json_t *responder = incident_json_responder(view, q, view_incident(view, number, json_text_at(item, "title")));
        json_append(json_at(item, "incidents_responders"), responder);
        json_t *request = request_for(view, json_at(item, "responder_requests"), responder);
        json_append(json_at(request, "responder_request_targets"), incident_json_target(view, responder));
    }
    return query_err(q);
}

/* Only for those who ask: most lists are read without. */
static enum err load_custom_fields(struct page *page)
{
    if (!call_includes(page->view->call, "custom_fields"))
        return OK;
    struct query *q = run(page, "custom_field_values");
    while (query_next(q))
        json_append(array_of(page, query_int(q, 0), "custom_fields"), custom_field_value_json(page->view->call->arena, q));
    return query_err(q);
}

enum err incident_json_list(const struct view *view, const int64_t *numbers, size_t count, json_t **ret_items)
{
    struct arena *arena = view->call->arena;
    struct page *page = ARENA_NEW(arena, struct page);
    *page = (struct page){.view = view, .numbers = numbers, .count = count};
    page->numbers_text = view_numbers(arena, numbers, count);
    enum err err = load_rows(page);
    if (err == OK)
        err = load_people(page, "incident_view_assignments", page->open, page->open_count, "assignments", "assignee");
    if (err == OK)
        err = load_people(page, "incident_view_acknowledgements", page->acknowledged, page->acknowledged_count, "acknowledgements", "acknowledger");
    if (err == OK)
        err = load_teams(page);
    if (err == OK)
        err = load_pending(page);
    if (err == OK)
        err = load_responders(page);
    if (err == OK)
        err = load_custom_fields(page);
    if (err != OK)
        return err;
    json_t *items = json_array_in(arena);
    for (size_t i = 0; i < count; i++)
        if (page->items[i])
            json_append(items, page->items[i]);
    *ret_items = items;
    return OK;
}

enum err incident_json_one(const struct view *view, int64_t number, json_t **ret)
{
    json_t *items;
    enum err err = incident_json_list(view, &number, 1, &items);
    if (err != OK)
        return err;
    if (json_array_size(items) == 0)
        return ERR_NOT_FOUND;
    *ret = json_array_get(items, 0);
    return OK;
}

enum err incident_json_reply(const struct view *view, int64_t number)
{
    json_t *item;
    enum err err = incident_json_one(view, number, &item);
    if (err != OK)
        return err;
    view->call->reply = json_object_in(view->call->arena);
    json_put(view->call->reply, "incident", item);
    return OK;
}
