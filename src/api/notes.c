/* Why: notes on an incident. Writing one is a command of the engine, so it has its ledger entry; a correction or withdrawal keeps
 * that entry, because the ledger says what was said at the time. */
#include "api/incident_changes.h"
#include "api/incidents.h"
#include "core/sentence.h"

static json_t *note(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    json_t *note = json_object_in(arena), *channel = json_object_in(arena);
    const char *how = sentence_channel(query_text(q, 3));
    json_put_string(channel, "summary", *how ? how : "Muster");
    json_put_text(note, "id", id_public(arena, ID_NOTE, query_int(q, 0)));
    json_put(note, "user", view_user(view, text_copy(arena, query_text(q, 1)), text_copy(arena, query_text(q, 2))));
    json_put(note, "channel", channel);
    json_put_text(note, "content", query_text(q, 4));
    view_put_instant(view, note, "created_at", query_instant(q, 5));
    view_put_instant(view, note, "updated_at", query_instant(q, 6));
    return note;
}

static enum err list_notes(struct call *call)
{
    struct view view;
    int64_t incident;
    enum err err = incident_view_of_path(call, &view, &incident);
    if (err != OK)
        return err;
    json_t *notes = json_array_in(call->arena);
    struct query *q = db_query(call->db, "note_list");
    query_bind_int(q, "incident", incident);
    while (query_next(q))
        json_append(notes, note(&view, q));
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "notes", notes);
    return query_err(q);
}

static enum err reply_note(const struct view *view, int64_t incident, int64_t number)
{
    struct call *call = view->call;
    struct query *q = db_query(call->db, "note_get");
    query_bind_int(q, "incident", incident);
    query_bind_int(q, "number", number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "note", note(view, q));
    return OK;
}

struct note_work {
    int64_t incident, number;
    struct text content;
    struct actor actor;
    struct problem *problem;
};

static enum err create_work(struct tx *tx, void *argument)
{
    struct note_work *work = argument;
    struct incident_command command = {.verb = INCIDENT_NOTE, .actor = work->actor, .text = work->content};
    bool changed;
    work->problem->count = work->problem->dropped = 0;
    enum err err = incident_command(tx, work->incident, &command, work->problem, &changed);
    if (err != OK)
        return err;
    struct query *q = db_query(tx->db, "note_newest");
    query_bind_int(q, "incident", work->incident);
    if (query_next(q))
        work->number = query_int(q, 0);
    return query_err(q);
}

static enum err update_work(struct tx *tx, void *argument)
{
    const struct note_work *work = argument;
    struct query *q = db_query(tx->db, "note_update");
    query_bind_int(q, "incident", work->incident);
    query_bind_int(q, "number", work->number);
    query_bind_text(q, "content", work->content);
    query_bind_instant(q, "at", tx->now);
    enum err err = query_run(q);
    return err != OK ? err : query_changes(q) > 0 ? OK : ERR_NOT_FOUND;
}

static enum err delete_work(struct tx *tx, void *argument)
{
    const struct note_work *work = argument;
    struct query *q = db_query(tx->db, "note_delete");
    query_bind_int(q, "incident", work->incident);
    query_bind_int(q, "number", work->number);
    query_bind_instant(q, "at", tx->now);
    enum err err = query_run(q);
    return err != OK ? err : query_changes(q) > 0 ? OK : ERR_NOT_FOUND;
}

static enum err begin(struct call *call, bool has_note, bool has_content, struct incident_call *ret, struct note_work *work)
{
    enum err err = incident_call_begin(call, true, ret);
    if (err != OK)
        return err;
    *work = (struct note_work){.incident = ret->number, .actor = ret->actor, .problem = call->problem};
    if (has_note && !id_parse(ID_NOTE, call->path_parameters[1], &work->number))
        return ERR_NOT_FOUND;
    if (has_content)
        work->content = incident_text_parse(call->arena, json_at(call->body, "note"), "note", "content", NOTE_CHARS_MAX, call->problem);
    return problem_is_empty(call->problem) ? OK : ERR_INVALID;
}

static enum err post_note(struct call *call)
{
    struct incident_call c;
    struct note_work work;
    enum err err = begin(call, false, true, &c, &work);
    if (err == OK)
        err = incident_refusal(call, call_change(call, create_work, &work));
    return err != OK ? err : reply_note(&c.view, work.incident, work.number);
}

static enum err put_note(struct call *call)
{
    struct incident_call c;
    struct note_work work;
    enum err err = begin(call, true, true, &c, &work);
    if (err == OK)
        err = call_change(call, update_work, &work);
    return err != OK ? err : reply_note(&c.view, work.incident, work.number);
}

static enum err delete_note(struct call *call)
{
    struct incident_call c;
    struct note_work work;
    enum err err = begin(call, true, false, &c, &work);
    return err != OK ? err : call_change(call, delete_work, &work);
}

static const struct route routes[] = {
    {.method = "GET", .path = "/incidents/{id}/notes", .permission = MAY_READ, .handle = list_notes, .summary = "List the notes of an incident",
     .answers = "notes[]"},
    {.method = "POST", .path = "/incidents/{id}/notes", .permission = MAY_RESPOND, .handle = post_note, .team_of = TEAM_OF_INCIDENT, .summary = "Write a note", .body_kind = "json",
     .takes = "note", .answers = "note"},
    {.method = "PUT", .path = "/incidents/{id}/notes/{note_id}", .permission = MAY_RESPOND, .handle = put_note, .team_of = TEAM_OF_INCIDENT, .summary = "Correct a note", .body_kind = "json",
     .takes = "note", .answers = "note"},
    {.method = "DELETE", .path = "/incidents/{id}/notes/{note_id}", .permission = MAY_RESPOND, .handle = delete_note, .team_of = TEAM_OF_INCIDENT, .summary = "Withdraw a note"},
};
const struct route_table note_routes = {routes, sizeof routes / sizeof *routes};
