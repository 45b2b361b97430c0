/* Why: see status_updates.h. */
#include "engine/status_updates.h"

#include "base/id.h"
#include "engine/engine.h"
#include "engine/ledger.h"
#include "engine/paging.h"
#include "engine/webhooks.h"

struct audience {
    struct text *contacts;
    size_t count, capacity;
    int64_t without_mail;
};

static enum err load_audience(struct tx *tx, int64_t incident, struct audience *audience)
{
    struct query *q = db_query(tx->db, "subscriber_people");
    query_bind_int(q, "incident", incident);
    query_bind_int(q, "limit", STATUS_UPDATE_PEOPLE_MAX);
    while (query_next(q)) {
        if (query_is_null(q, 1)) {
            audience->without_mail++;
            continue;
        }
        audience->contacts = arena_grow(tx->arena, audience->contacts, audience->count, &audience->capacity, sizeof *audience->contacts);
        audience->contacts[audience->count++] = text_copy(tx->arena, query_text(q, 1));
    }
    return query_err(q);
}

/* "lines" are for a medium that knows no incidents; mails lay out the rest (channel/email_page.h). */
static enum err write_content(struct tx *tx, int64_t number, const struct status_update *update, json_t **ret)
{
    struct query *q = db_query(tx->db, "status_update_incident");
    query_bind_int(q, "incident", number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct text title = query_text(q, 0), id = id_public(tx->arena, ID_INCIDENT, number);
    const char *base = engine_public_url(tx->engine);
    json_t *content = json_object_in(tx->arena), *lines = json_array_in(tx->arena), *incidents = json_array_in(tx->arena), *incident = json_object_in(tx->arena);
    json_put_int(incident, "number", number);
    json_put_text(incident, "id", id);
    json_put_text(incident, "title", title);
    json_put_text(incident, "status", query_text(q, 1));
    json_put_text(incident, "service", query_text(q, 2));
    json_put_instant(incident, "since", query_instant(q, 3));
    if (base)
        json_put_text(incident, "url", text_printf(tx->arena, "%s/app/incidents/%.*s", base, TEXT_ARG(id)));
    json_append(incidents, incident);
    json_put(content, "incidents", incidents);
    json_put_text(content, "subject", update->subject.size ? update->subject
                  : text_printf(tx->arena, "Update on #%lld: %.*s", (long long)number, TEXT_ARG(title)));
    json_append_text(lines, text_printf(tx->arena, "%.*s tells how it stands with #%lld %.*s", TEXT_ARG(update->actor.name), (long long)number, TEXT_ARG(title)));
    json_put(content, "lines", lines);
    json_put_text(content, "said_by", update->actor.name);
    json_put_text(content, "details", update->message);
    if (update->html.size)
        json_put_text(content, "html", update->html);
    json_put_string(content, "why", "You or a team of yours follow this incident, or a business service that rests on its service.");
    json_put_text(content, "thread", id);
    *ret = content;
    return OK;
}

static enum err record(struct tx *tx, int64_t incident, const struct status_update *update, const struct audience *audience, int64_t *ret_seq)
{
    json_t *doc = json_object_in(tx->arena);
    json_put_text(doc, "message", update->message);
    if (update->subject.size)
        json_put_text(doc, "subject", update->subject);
    if (update->html.size)
        json_put_text(doc, "html", update->html);
    json_put_int(doc, "told", (int64_t)audience->count);
    json_put_int(doc, "without_mail", audience->without_mail);
    struct ledger_entry entry = {.incident_number = incident, .kind = LEDGER_STATUS_UPDATE, .actor = update->actor, .doc = json_write(tx->arena, doc)};
    return ledger_append(tx, &entry, ret_seq);
}

enum err status_update_publish(struct tx *tx, int64_t incident, const struct status_update *update, int64_t *ret_seq)
{
    struct audience audience = {0};
    json_t *content;
    int64_t seq, message;
    enum err err = write_content(tx, incident, update, &content);
    if (err == OK)
        err = load_audience(tx, incident, &audience);
    if (err == OK)
        err = record(tx, incident, update, &audience, &seq);
    if (err == OK)
        err = webhooks_status_update(tx, incident, seq, update->message, &update->actor);
    for (size_t i = 0; i < audience.count && err == OK; i++)
        err = paging_send_plain(tx, "notice", audience.contacts[i], false, content, &message);
    if (err == OK)
        *ret_seq = seq;
    return err;
}

enum err status_updates_move(struct tx *tx, int64_t source, int64_t target)
{
    struct query *q = db_query(tx->db, "subscribers_move");
    query_bind_text(q, "source", text_printf(tx->arena, "%lld", (long long)source));
    query_bind_text(q, "target", text_printf(tx->arena, "%lld", (long long)target));
    return query_run(q);
}
