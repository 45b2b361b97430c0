/* Why: see messages.h and paging.h. */
#include "engine/messages.h"

#include "base/id.h"
#include "base/zone.h"
#include "core/bundle.h"
#include "core/sentence.h"
#include "engine/alert_facts.h"
#include "engine/changes.h"
#include "engine/engine_state.h"
#include "engine/outbox_queue.h"
#include "engine/paging.h"
#include "engine/recent_pages.h"

struct contact {
    struct text id, user_id, channel, address;
    const struct zone *zone; /* of the person: a message speaks of their clock */
};

struct message {
    const char *kind;
    int64_t incident_number; /* 0: several or none */
    bool urgent;
    struct text content;
    int64_t reply_code;      /* 0: none */
    int64_t previous, attempt;
    const char *cause;
    instant not_before;
};

static enum err load_contact(struct tx *tx, struct text id, struct contact *ret)
{
    struct query *q = db_query(tx->db, "contact_load");
    query_bind_text(q, "id", id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    *ret = (struct contact){.id = id, .user_id = text_copy(tx->arena, query_text(q, 0)), .channel = text_copy(tx->arena, query_text(q, 1)),
                            .address = text_copy(tx->arena, query_text(q, 2)), .zone = zone_utc()};
    if (zone_find(query_text(q, 6), &ret->zone) != OK)
        ret->zone = zone_utc(); /* the page matters more than its clock */
    return OK;
}

static void bind_number_or_null(struct query *q, const char *parameter, int64_t number)
{
    if (number > 0)
        query_bind_int(q, parameter, number);
    else
        query_bind_null(q, parameter);
}

static enum err insert(struct tx *tx, int64_t number, const struct contact *to, const struct message *message)
{
    struct query *q = db_query(tx->db, "message_insert");
    query_bind_int(q, "new_number", number);
    query_bind_text(q, "kind", text_of(message->kind));
    query_bind_text(q, "user_id", to->user_id);
    query_bind_text(q, "contact_method_id", to->id);
    bind_number_or_null(q, "incident_number", message->incident_number);
    query_bind_text(q, "channel", to->channel);
    query_bind_text(q, "address", to->address);
    query_bind_bool(q, "urgent", message->urgent);
    query_bind_text(q, "content", message->content);
    bind_number_or_null(q, "reply_code", message->reply_code);
    bind_number_or_null(q, "previous_number", message->previous);
    query_bind_int(q, "attempt", message->attempt);
    query_bind_text(q, "cause", text_of(message->cause));
    query_bind_instant(q, "not_before", message->not_before);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run_later(q);
    if (err == OK) {
        outbox_expect(tx, to->channel);
        changes_note(tx, 0, message->incident_number, "message");
    }
    return err;
}

static enum err insert_next(struct tx *tx, const struct contact *to, const struct message *message, int64_t *ret_number)
{
    int64_t number;
    enum err err = db_new_number(tx->db, "messages", &number);
    if (err == OK)
        err = insert(tx, number, to, message);
    if (err == OK)
        *ret_number = number;
    return err;
}

/* Content --------------------------------------------------------------------------------------------------------- */

struct brief {
    struct text title, service;
    json_t *json;
};

static enum err load_incident_words(struct tx *tx, int64_t number, struct page_words *ret)
{
    struct query *q = db_query(tx->db, "incident_brief");
    query_bind_int(q, "number", number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct arena *a = tx->arena;
    *ret = (struct page_words){.title = text_copy(a, query_text(q, 0)), .urgency = text_copy(a, query_text(q, 1)), .service_name = text_copy(a, query_text(q, 2)),
                               .alerts = query_int(q, 3), .since = query_instant(q, 4)};
    return OK;
}

static enum err incident_brief(struct tx *tx, const struct zone *zone, const struct message_page *page, int64_t code, struct brief *ret)
{
    struct page_words read;
    const struct page_words *words = page->words ? page->words : &read;
    enum err err = page->words ? OK : load_incident_words(tx, page->incident_number, &read);
    if (err != OK)
        return err;
    struct arena *a = tx->arena;
    struct text id = id_public(a, ID_INCIDENT, page->incident_number);
    json_t *json = json_object_in(a);
    *ret = (struct brief){.title = words->title, .service = words->service_name, .json = json};
    json_put_int(json, "number", page->incident_number);
    json_put_text(json, "id", id);
    json_put_text(json, "title", ret->title);
    json_put_text(json, "urgency", words->urgency);
    json_put_text(json, "service", ret->service);
    json_put_int(json, "alerts", words->alerts);
    json_put_text(json, "since", zone_format(a, zone, words->since));
    json_put_text(json, "url", text_printf(a, "%s/app/incidents/%.*s", engine_public_url(tx->engine), TEXT_ARG(id)));
    json_put_int(json, "code", code);
    return OK;
}

static struct text why_of(struct tx *tx, struct text reason, struct text candidate, struct text decision)
{
    return sentence_why_you(tx->arena, reason, json_read(tx->arena, candidate, problem_new(tx->arena)), json_read(tx->arena, decision, problem_new(tx->arena)));
}

/* One sentence that says why this person is called, from the decision that chose them. */
static enum err page_why(struct tx *tx, const struct message_page *page, struct text *ret)
{
    if (page->words) {
        *ret = why_of(tx, page->words->reason, page->words->candidate, page->words->decision);
        return OK;
    }
    struct query *q = db_query(tx->db, "page_why");
    query_bind_int(q, "number", page->page_number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct text asked = text_copy(tx->arena, query_text(q, 3));
    *ret = why_of(tx, text_copy(tx->arena, query_text(q, 0)), text_copy(tx->arena, query_text(q, 1)), text_copy(tx->arena, query_text(q, 2)));
    if (asked.size > 0) /* a colleague asked for this person, in these words */
        *ret = text_printf(tx->arena, "%.*s: %.*s", TEXT_ARG(*ret), TEXT_ARG(asked));
    return OK;
}

/* Only a mail has room for them. */
static enum err add_facts(struct tx *tx, const struct contact *to, int64_t incident_number, json_t *incident, json_t *content)
{
    if (!text_is(to->channel, "email"))
        return OK;
    struct alert_facts facts;
    enum err err = alert_facts_of(tx, incident_number, &facts);
    if (err != OK)
        return err;
    json_put_text(incident, "severity", facts.severity);
    json_put_text(content, "details", facts.details);
    return OK;
}

static enum err page_content(struct tx *tx, const struct contact *to, const struct message_page *pages, size_t count, size_t incidents, int64_t code, struct text *ret)
{
    struct arena *a = tx->arena;
    json_t *content = json_object_in(a), *list = json_array_in(a), *lines = json_array_in(a);
    struct brief first = {0};
    int64_t previous = 0;
    for (size_t i = 0; i < count && json_array_size(list) < BUNDLE_LISTED_MAX; i++) {
        if (pages[i].incident_number == previous)
            continue;
        previous = pages[i].incident_number;
        struct brief brief;
        enum err err = incident_brief(tx, to->zone, &pages[i], code, &brief);
        if (err != OK)
            return err;
        if (!first.json)
            first = brief;
        json_append(list, brief.json);
    }
    struct text why;
    enum err err = page_why(tx, &pages[0], &why);
    if (err != OK)
        return err;
    json_put(content, "incidents", list);
    json_put_int(content, "incident_count", (int64_t)incidents);
    json_put_text(content, "subject", incidents > 1 ? text_printf(a, "%zu incidents need you: %.*s and more", incidents, TEXT_ARG(first.title))
                                                    : text_printf(a, "%.*s: %.*s", TEXT_ARG(first.service), TEXT_ARG(first.title)));
    json_append_text(lines, incidents > 1 ? text_printf(a, "%zu incidents, first: %.*s: %.*s", incidents, TEXT_ARG(first.service), TEXT_ARG(first.title))
                                          : text_printf(a, "%.*s: %.*s", TEXT_ARG(first.service), TEXT_ARG(first.title)));
    json_put(content, "lines", lines);
    json_put_text(content, "why", why);
    json_put_int(content, "code", code);
    json_put_text(content, "at", zone_format(a, to->zone, tx->now));
    if (incidents == 1) {
        json_put_text(content, "thread", json_text_at(first.json, "id"));
        err = add_facts(tx, to, pages[0].incident_number, first.json, content);
    }
    *ret = json_write(a, content);
    return err;
}

enum err messages_send_page(struct tx *tx, int64_t number, struct text contact_method_id, bool urgent, const struct message_page *pages, size_t count,
                            size_t incidents)
{
    struct contact to;
    struct message message = {.kind = "page", .incident_number = incidents == 1 ? pages[0].incident_number : 0, .urgent = urgent, .attempt = 1,
                              .cause = "first", .not_before = tx->now};
    enum err err = load_contact(tx, contact_method_id, &to);
    if (err == OK)
        err = recent_pages_next_code(tx, to.address, &message.reply_code);
    if (err == OK)
        err = page_content(tx, &to, pages, count, incidents, message.reply_code, &message.content);
    if (err == OK)
        err = insert(tx, number, &to, &message);
    for (size_t i = 0; i < count && err == OK; i++) {
        if (pages[i].names_message)
            continue;
        struct query *q = db_query(tx->db, "notification_sent");
        query_bind_int(q, "number", pages[i].notification_number);
        query_bind_int(q, "message_number", number);
        err = query_run_later(q);
    }
    if (err == OK)
        recent_pages_note(tx, contact_method_id);
    return err;
}

enum err messages_send_again(struct tx *tx, int64_t message_number, const char *cause, int64_t delay_s, int64_t *ret_number)
{
    struct query *q = db_query(tx->db, "message_load");
    query_bind_int(q, "number", message_number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct arena *a = tx->arena;
    struct contact to = {.user_id = text_copy(a, query_text(q, 2)), .id = text_copy(a, query_text(q, 3)), .channel = text_copy(a, query_text(q, 5)),
                         .address = text_copy(a, query_text(q, 6))};
    struct message message = {.kind = text_cstring(a, query_text(q, 1)), .incident_number = query_int(q, 4), .urgent = query_bool(q, 7),
                              .content = text_copy(a, query_text(q, 8)), .reply_code = query_int(q, 9), .previous = message_number,
                              .attempt = query_int(q, 11) + 1, .cause = cause, .not_before = instant_add_s(tx->now, delay_s)};
    int64_t number;
    enum err err = insert_next(tx, &to, &message, &number);
    if (err == OK) {
        q = db_query(tx->db, "notifications_follow");
        query_bind_int(q, "message_number", number);
        query_bind_int(q, "previous_number", message_number);
        err = query_run_later(q);
    }
    if (err == OK)
        *ret_number = number;
    return err;
}

enum err paging_send_plain(struct tx *tx, const char *kind, struct text contact_method_id, bool urgent, const json_t *content, int64_t *ret_message)
{
    struct contact to;
    enum err err = load_contact(tx, contact_method_id, &to);
    if (err != OK)
        return err;
    struct message message = {.kind = kind, .urgent = urgent, .content = json_write(tx->arena, content), .attempt = 1, .cause = "first",
                              .not_before = tx->now};
    return insert_next(tx, &to, &message, ret_message);
}
