/* Why: see message_frame.h. The stored content is copied member by member as it stands: only the incidents of it are opened. */
#include "engine/message_frame.h"

#include "base/id.h"
#include "base/json_scan.h"
#include "base/json_writer.h"
#include "base/zone.h"
#include "engine/engine.h"
#include "engine/links.h"

struct writing {
    struct json_writer w;
    struct tx *tx;
    const struct message_frame *frame;
    struct text name;        /* of who reads it; absent: nobody in particular */
    const struct zone *zone; /* NULL: as stored */
    struct text link_key;    /* empty: no links; the mail still says what is wrong and where to look */
};

static enum err load_reader(struct writing *f)
{
    if (f->frame->user_id.size == 0)
        return OK;
    struct query *q = db_query(f->tx->db, "reply_reader");
    query_bind_text(q, "id", f->frame->user_id);
    if (!query_next(q))
        return query_err(q);
    f->name = text_copy(f->tx->arena, query_text(q, 0));
    if (zone_find(query_text(q, 1), &f->zone) != OK)
        f->zone = NULL;
    return OK;
}

/* Of one incident, or of all that the message names. */
static void add_actions(struct writing *f, int64_t incident_number)
{
    static const enum link_action actions[] = {LINK_ACKNOWLEDGE, LINK_RESOLVE, LINK_ESCALATE};
    struct tx *tx = f->tx;
    struct link link = {.message_number = f->frame->number, .incident_number = incident_number, .user_id = f->frame->user_id,
                        .expires_at = {(tx->now.us / SECOND_US + LINK_LIFETIME_S) * SECOND_US}};
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        link.action = actions[i];
        struct text token = link_token(tx->arena, f->link_key, &link);
        json_add_text(&f->w, link_action_name(actions[i]), text_printf(tx->arena, "%s/act/%.*s", engine_public_url(tx->engine), TEXT_ARG(token)));
    }
}

static void add_since(struct writing *f, const struct json_node *member)
{
    instant since;
    if (f->zone && instant_parse(json_node_text(f->tx->arena, member), 0, &since))
        json_add_text(&f->w, "since", zone_format(f->tx->arena, f->zone, since));
    else
        json_add_raw(&f->w, "since", json_node_raw(member));
}

static void add_incident(struct writing *f, const struct json_node *incident)
{
    json_begin_object(&f->w, NULL);
    json_node_each(incident, member) {
        const char *key = text_cstring(f->tx->arena, json_node_key(f->tx->arena, member));
        if (strcmp(key, "since") == 0)
            add_since(f, member);
        else
            json_add_raw(&f->w, key, json_node_raw(member));
    }
    if (f->link_key.size > 0) {
        json_begin_object(&f->w, "links");
        add_actions(f, json_node_int_at(incident, "number", 0));
        json_add_raw(&f->w, "page", json_node_raw(json_node_member(incident, "url")));
        json_end_object(&f->w);
    }
    json_end_object(&f->w);
}

static void add_incidents(struct writing *f, const struct json_node *incidents)
{
    json_begin_array(&f->w, "incidents");
    json_node_each(incidents, incident)
        add_incident(f, incident);
    json_end_array(&f->w);
    if (f->link_key.size > 0 && json_node_count(incidents) > 1) {
        json_begin_object(&f->w, "links");
        add_actions(f, 0);
        json_end_object(&f->w);
    }
}

static void add_content(struct writing *f, const struct json_node *content)
{
    json_node_each(content, member) {
        const char *key = text_cstring(f->tx->arena, json_node_key(f->tx->arena, member));
        if (strcmp(key, "incidents") == 0)
            add_incidents(f, member);
        else
            json_add_raw(&f->w, key, json_node_raw(member));
    }
    if (!json_node_member(content, "at"))
        json_add_instant(&f->w, "at", f->tx->now);
}

static void add_way(struct writing *f)
{
    const struct message_frame *frame = f->frame;
    const char *base = engine_public_url(f->tx->engine);
    json_add_string(&f->w, "type", "send");
    json_add_int(&f->w, "id", frame->number);
    json_add_text(&f->w, "provider", frame->provider->name);
    json_add_string(&f->w, "channel", channel_name(frame->channel));
    json_add_text(&f->w, "to", frame->address);
    json_add_int(&f->w, "timeout_s", frame->provider->timeout_s);
    json_add_text(&f->w, "kind", frame->kind);
    json_add_text(&f->w, "message_id", id_public(f->tx->arena, ID_MESSAGE, frame->number));
    json_add_bool(&f->w, "repeat", frame->repeat);
    if (frame->doubt_provider.size > 0) {
        json_begin_object(&f->w, "doubt");
        json_add_text(&f->w, "provider", frame->doubt_provider);
        json_add_int(&f->w, "since", frame->doubt_since.us / SECOND_US);
        json_end_object(&f->w);
    }
    if (text_is_present(f->name))
        json_add_text(&f->w, "to_name", f->name);
    if (frame->channel == CHANNEL_SMS || frame->channel == CHANNEL_PHONE)
        json_add_text(&f->w, "callback_url", text_printf(f->tx->arena, "%s/twilio/status/%lld", base, (long long)frame->number));
    if (frame->channel == CHANNEL_PHONE)
        json_add_text(&f->w, "voice_url", text_printf(f->tx->arena, "%s/twilio/voice/%lld", base, (long long)frame->number));
}

enum err message_frame_write(struct tx *tx, const struct message_frame *frame, struct text *ret)
{
    struct writing f = {.w = json_writer_new(tx->arena), .tx = tx, .frame = frame};
    const struct json_node *content = NULL; /* only our own code writes it; a page without words is better than none */
    enum err err = load_reader(&f);
    if (err == OK && json_scan(tx->arena, frame->content, problem_new(tx->arena), &content) != OK)
        content = NULL;
    if (err != OK)
        return err;
    if (frame->channel == CHANNEL_EMAIL && text_is(frame->kind, "page"))
        f.link_key = engine_link_key(tx->engine);
    json_begin_object(&f.w, NULL);
    add_way(&f);
    add_content(&f, content);
    json_end_object(&f.w);
    *ret = json_written(&f.w);
    return OK;
}
