/* Why: see log_entry_json.h. */
#include "api/log_entry_json.h"

#include "core/sentence.h"

const char *log_entry_type(struct text kind, const json_t *doc)
{
    enum ledger_kind known;
    if (!ledger_parse(kind, &known))
        return "annotate_log_entry";
    if (known == LEDGER_MERGE && json_int_at(doc, "merged_into", 0) > 0)
        return "resolve_log_entry";
    return *ledger_pagerduty_type(known) ? ledger_pagerduty_type(known) : "annotate_log_entry";
}

/* What changed the response itself, as opposed to its bookkeeping. */
static bool is_important(enum ledger_kind kind)
{
    return kind == LEDGER_TRIGGER || kind == LEDGER_ACKNOWLEDGE || kind == LEDGER_UNACKNOWLEDGE || kind == LEDGER_RESOLVE ||
           kind == LEDGER_ASSIGN || kind == LEDGER_ESCALATE || kind == LEDGER_EXHAUST || kind == LEDGER_SNOOZE ||
           kind == LEDGER_NOTE || kind == LEDGER_STATUS_UPDATE || kind == LEDGER_URGENCY || kind == LEDGER_PRIORITY || kind == LEDGER_MERGE;
}

struct text log_entry_kinds(struct arena *arena, bool overview)
{
    json_t *kinds = json_array_in(arena);
    for (int kind = 0; kind < LEDGER_KIND_COUNT; kind++) {
        enum ledger_kind k = (enum ledger_kind)kind;
        if (*ledger_pagerduty_type(k) && (!overview || is_important(k)))
            json_append_text(kinds, text_of(ledger_name(k)));
    }
    return json_write(arena, kinds);
}

/* PagerDuty's agent: the person, or the service that the event or the rule belongs to. */
static json_t *agent(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    struct text type = query_text(q, query_column(q, "actor_type"));
    if (text_is(type, "user"))
        return view_user(view, query_text_in(arena, q, "actor_id"), query_text_in(arena, q, "actor_name"));
    struct text service = query_text_in(arena, q, "agent_service_id");
    if (service.size)
        return view_service(view, service, query_text_in(arena, q, "agent_service_name"));
    return view_service(view, query_text_in(arena, q, "service_id"), query_text_in(arena, q, "service_name"));
}

/* The words PagerDuty's clients know; ours where they have none. */
static struct text channel_type(struct text channel, struct text kind)
{
    static const struct {
        const char *ours, *theirs;
    } table[] = {{"web", "website"}, {"events", "api"}, {"phone", "phone"}, {"link", "email"}, {"practice", "website"}, {"cli", "api"}};
    if (text_is(kind, "annotate"))
        return TEXT("note");
    for (size_t i = 0; i < sizeof table / sizeof *table; i++)
        if (text_is(channel, table[i].ours))
            return text_of(table[i].theirs);
    return channel;
}

static json_t *channel(const struct view *view, struct query *q, struct text kind, const json_t *doc, json_t *user)
{
    struct arena *arena = view->call->arena;
    json_t *channel = json_object_in(arena);
    json_put_text(channel, "type", channel_type(query_text_in(arena, q, "channel"), kind));
    struct text details = query_text_in(arena, q, "channel_details");
    if (text_is_present(details))
        json_put_text(channel, "details", details);
    if (text_is(kind, "trigger"))
        json_put_text(channel, "summary", json_text_at(doc, "summary"));
    if (text_is(kind, "annotate"))
        json_put_text(channel, "summary", json_text_at(doc, "note"));
    if (text_is(kind, "status_update"))
        json_put_text(channel, "summary", json_text_at(doc, "message"));
    if (text_is(kind, "snooze"))
        json_put_int(channel, "duration", json_int_at(doc, "seconds", 0));
    if (text_is(kind, "notify")) {
        json_t *notification = json_object_in(arena);
        json_put_string(notification, "type", arena_printf(arena, "%.*s_notification", TEXT_ARG(json_text_at(doc, "channel"))));
        json_put(notification, "address", json_at(doc, "address"));
        json_put_string(notification, "status", "success");
        json_put(channel, "user", user);
        json_put(channel, "notification", notification);
    }
    return channel;
}

static void put_people(const struct view *view, json_t *item, struct text kind, const json_t *doc, json_t *user)
{
    if (text_is(kind, "notify"))
        json_put(item, "user", user);
    if (!text_is(kind, "assign") && !text_is(kind, "escalate"))
        return;
    json_t *assignees = json_array_in(view->call->arena);
    size_t index;
    json_t *person;
    json_array_foreach(json_at(doc, "assignees"), index, person)
        json_append(assignees, view_user(view, json_text_at(person, "id"), json_text_at(person, "name")));
    json_put(item, "assignees", assignees);
}

json_t *log_entry_json(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    int64_t seq = query_int(q, query_column(q, "seq")), incident = query_int(q, query_column(q, "incident_number"));
    struct text document = query_text_in(arena, q, "doc");
    json_t *doc = document.size ? json_read(arena, document, problem_new(arena)) : NULL;
    struct sentence_entry entry = {
        .kind = query_text_in(arena, q, "kind"),
        .actor_type = query_text_in(arena, q, "actor_type"),
        .actor_name = query_text_in(arena, q, "actor_name"),
        .channel = query_text_in(arena, q, "channel"),
        .subject = query_text_in(arena, q, "user_name"),
        .doc = doc,
    };
    const char *type = log_entry_type(entry.kind, doc);
    json_t *item = json_object_in(arena);
    json_t *user = view_user(view, query_text_in(arena, q, "user_id"), entry.subject);
    json_put_all(item, view_log_entry(view, seq, incident, type, sentence_ledger(arena, &entry)));
    json_put_string(item, "type", type);
    view_put_instant(view, item, "created_at", query_instant(q, query_column(q, "at")));
    json_put(item, "agent", agent(view, q));
    json_put(item, "channel", channel(view, q, entry.kind, doc, user));
    json_put(item, "service", view_service(view, query_text_in(arena, q, "service_id"), query_text_in(arena, q, "service_name")));
    json_put(item, "incident", view_incident(view, incident, query_text_in(arena, q, "title")));
    json_put(item, "teams", json_array_in(arena));
    json_put(item, "contexts", json_array_in(arena));
    json_put_text(item, "note", json_text_at(doc, "note"));
    if (text_is(entry.kind, "trigger")) {
        json_t *details = json_object_in(arena);
        json_put_text(details, "description", json_text_at(doc, "summary"));
        json_put(item, "event_details", details);
    }
    put_people(view, item, entry.kind, doc, user);
    return item;
}

static enum err load_teams(const struct view *view, const struct text numbers, const int64_t *order, size_t count, json_t **items)
{
    struct arena *arena = view->call->arena;
    struct query *q = db_query(view->call->db, "log_entry_teams");
    query_bind_text(q, "numbers", numbers);
    while (query_next(q)) {
        for (size_t i = 0; i < count; i++)
            if (order[i] == query_int(q, 0) && items[i])
                json_append(json_at(items[i], "teams"),
                            view_team(view, text_copy(arena, query_text(q, 1)), text_copy(arena, query_text(q, 2))));
    }
    return query_err(q);
}

enum err log_entry_json_list(const struct view *view, const int64_t *numbers, size_t count, json_t **ret_items)
{
    struct arena *arena = view->call->arena;
    struct text list = view_numbers(arena, numbers, count);
    json_t **items = ARENA_ARRAY(arena, json_t *, count + 1);
    struct query *q = db_query(view->call->db, "log_entry_rows");
    query_bind_text(q, "numbers", list);
    while (query_next(q)) {
        for (size_t i = 0; i < count; i++)
            if (numbers[i] == query_int(q, 0))
                items[i] = log_entry_json(view, q);
    }
    enum err err = query_err(q);
    if (err == OK)
        err = load_teams(view, list, numbers, count, items);
    if (err != OK)
        return err;
    json_t *answer = json_array_in(arena);
    for (size_t i = 0; i < count; i++)
        if (items[i])
            json_append(answer, items[i]);
    *ret_items = answer;
    return OK;
}
