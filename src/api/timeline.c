/* Why: the story of one incident for a person: every entry of the ledger as a line, and every attempt to reach somebody with its
 * fate. The log entries of PagerDuty's shape leave out what PagerDuty has no word for; this does not. */
#include "api/incidents.h"
#include "api/view.h"
#include "core/sentence.h"

enum { TIMELINE_MAX = 1000 };

/* A note stands below its line, so the line itself does not quote it. */
static json_t *entry(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    struct text document = query_text_in(arena, q, "doc");
    json_t *doc = document.size ? json_read(arena, document, problem_new(arena)) : NULL, *line = json_object_in(arena), *actor = json_object_in(arena);
    struct text note = json_text_at(doc, "note");
    json_t *without_note = NULL;
    if (text_is_present(note)) {
        without_note = json_object_in(arena);
        json_put_all(without_note, doc);
        json_remove(without_note, "note");
    }
    struct sentence_entry said = {
        .kind = query_text_in(arena, q, "kind"),
        .actor_type = query_text_in(arena, q, "actor_type"),
        .actor_name = query_text_in(arena, q, "actor_name"),
        .channel = query_text_in(arena, q, "channel"),
        .subject = query_text_in(arena, q, "user_name"),
        .doc = without_note ? without_note : doc,
    };
    json_put_text(line, "id", id_public(arena, ID_LOG_ENTRY, query_int(q, query_column(q, "seq"))));
    view_put_instant(view, line, "at", query_instant(q, query_column(q, "at")));
    json_put_text(line, "kind", said.kind);
    json_put_text(line, "text", sentence_ledger(arena, &said));
    json_put_text(line, "note", note);
    json_put_text(actor, "type", said.actor_type);
    json_put_text(actor, "id", query_text_in(arena, q, "actor_id"));
    json_put_text(actor, "name", said.actor_name);
    json_put(line, "actor", actor);
    json_put_text(line, "channel", said.channel);
    json_put(line, "user", view_user(view, query_text_in(arena, q, "user_id"), said.subject));
    json_put(line, "details", doc);
    return line;
}

/* The newest TIMELINE_MAX lines (or those before `before`), oldest first. */
static enum err get_timeline(struct call *call)
{
    struct view view;
    int64_t incident, before = INT64_MAX;
    enum err err = incident_view_of_path(call, &view, &incident);
    if (err != OK)
        return err;
    struct text from = call_query(call, "before");
    if (from.size && !id_parse(ID_LOG_ENTRY, from, &before)) {
        problem_add(call->problem, "before", "is not the id of a log entry");
        return ERR_INVALID;
    }
    json_t *newest_first[TIMELINE_MAX], *lines = json_array_in(call->arena);
    size_t count = 0;
    bool more = false;
    struct query *q = db_query(call->db, "log_entry_timeline");
    query_bind_int(q, "incident", incident);
    query_bind_int(q, "before", before);
    query_bind_int(q, "limit", TIMELINE_MAX + 1);
    while (query_next(q)) {
        if (count < TIMELINE_MAX)
            newest_first[count++] = entry(&view, q);
        else
            more = true;
    }
    while (count > 0)
        json_append(lines, newest_first[--count]);
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "timeline", lines);
    json_put_bool(call->reply, "more", more);
    return query_err(q);
}

static json_t *attempt(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    json_t *attempt = json_object_in(arena);
    static const char *const texts[] = {"channel", "provider", "state", "cause", "rule_id", "error", "answer"};
    static const char *const instants[] = {"created_at", "sent_at", "finished_at", "answered_at"};
    static const char *const numbers[] = {"attempt", "rule_delay_s"};
    int64_t previous = query_int(q, query_column(q, "previous_number"));
    json_put_text(attempt, "id", id_public(arena, ID_MESSAGE, query_int(q, 0)));
    json_put_text(attempt, "notification", id_public(arena, ID_NOTIFICATION, query_int(q, 1)));
    json_put_text(attempt, "page", id_public(arena, ID_PAGE, query_int(q, 2)));
    json_put_text(attempt, "previous", previous ? id_public(arena, ID_MESSAGE, previous) : TEXT_NONE);
    json_put(attempt, "user", view_user(view, query_text_in(arena, q, "user_id"), query_text_in(arena, q, "user_name")));
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
        json_put_text(attempt, texts[i], query_text_in(arena, q, texts[i]));
    for (size_t i = 0; i < sizeof instants / sizeof *instants; i++)
        view_put_instant(view, attempt, instants[i], query_instant(q, query_column(q, instants[i])));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        json_put_int(attempt, numbers[i], query_int(q, query_column(q, numbers[i])));
    json_put_bool(attempt, "advanced", query_bool(q, query_column(q, "advanced")));
    return attempt;
}

static enum err get_attempts(struct call *call)
{
    struct view view;
    int64_t incident;
    enum err err = incident_view_of_path(call, &view, &incident);
    if (err != OK)
        return err;
    json_t *attempts = json_array_in(call->arena);
    struct query *q = db_query(call->db, "why_attempts");
    query_bind_int(q, "incident", incident);
    while (query_next(q))
        json_append(attempts, attempt(&view, q));
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "notifications", attempts);
    return query_err(q);
}

static const struct route routes[] = {
    {.method = "GET", .path = "/muster/incidents/{id}/timeline", .permission = MAY_READ, .handle = get_timeline, .summary = "Everything that happened to an incident, as lines to read",
     .query = "before limit time_zone",
     .answers = "timeline[] more"},
    {.method = "GET", .path = "/muster/incidents/{id}/notifications", .permission = MAY_READ, .handle = get_attempts, .summary = "Every attempt to reach somebody about an incident, and its fate",
     .query = "time_zone",
     .answers = "notifications:list"},
};
const struct route_table timeline_routes = {routes, sizeof routes / sizeof *routes};
