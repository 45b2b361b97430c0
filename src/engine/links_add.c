/* Why: see links.h. Links are made when a message leaves, so they never lie in the outbox. */
#include "base/zone.h"
#include "engine/engine.h"
#include "engine/links.h"

static json_t *links_to(struct tx *tx, struct text key, struct link link)
{
    static const enum link_action actions[] = {LINK_ACKNOWLEDGE, LINK_RESOLVE, LINK_ESCALATE};
    json_t *links = json_object_in(tx->arena);
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        link.action = actions[i];
        json_put_text(links, link_action_name(actions[i]), text_printf(tx->arena, "%s/act/%.*s", engine_public_url(tx->engine),
                                                                       TEXT_ARG(link_token(tx->arena, key, &link))));
    }
    return links;
}

static void add_mail_links(struct tx *tx, json_t *frame, int64_t message_number, struct text user_id)
{
    struct text key = engine_link_key(tx->engine);
    if (key.size == 0) /* the mail still says what is wrong and where to look */
        return;
    json_t *incidents = json_at(frame, "incidents");
    struct link link = {.message_number = message_number, .user_id = user_id, .expires_at = {(tx->now.us / SECOND_US + LINK_LIFETIME_S) * SECOND_US}};
    for (size_t i = 0; i < json_array_size(incidents); i++) {
        json_t *incident = json_array_get(incidents, i);
        link.incident_number = json_int_at(incident, "number", 0);
        json_t *links = links_to(tx, key, link);
        json_put_text(links, "page", json_text_at(incident, "url"));
        json_put(incident, "links", links);
    }
    link.incident_number = 0;
    if (json_array_size(incidents) > 1)
        json_put(frame, "links", links_to(tx, key, link));
}

/* Someone who wakes up compares with the clock beside the bed. */
static void add_reader(struct tx *tx, json_t *frame, struct text user_id)
{
    const struct zone *zone;
    json_t *incidents = json_at(frame, "incidents");
    struct query *q = db_query(tx->db, "reply_reader");
    query_bind_text(q, "id", user_id);
    if (!query_next(q))
        return;
    json_put_text(frame, "to_name", query_text(q, 0));
    if (zone_find(query_text(q, 1), &zone) != OK)
        return;
    for (size_t i = 0; i < json_array_size(incidents); i++) {
        instant since;
        json_t *incident = json_array_get(incidents, i);
        if (instant_parse(json_text_at(incident, "since"), 0, &since))
            json_put_text(incident, "since", zone_format(tx->arena, zone, since));
    }
}

void links_add(struct tx *tx, json_t *frame, int64_t message_number, struct text user_id)
{
    const char *base = engine_public_url(tx->engine);
    struct text channel = json_text_at(frame, "channel");
    if (user_id.size)
        add_reader(tx, frame, user_id);
    if (text_is(channel, "email") && text_is(json_text_at(frame, "kind"), "page"))
        add_mail_links(tx, frame, message_number, user_id);
    if (text_is(channel, "sms") || text_is(channel, "phone"))
        json_put_text(frame, "callback_url", text_printf(tx->arena, "%s/twilio/status/%lld", base, (long long)message_number));
    if (text_is(channel, "phone"))
        json_put_text(frame, "voice_url", text_printf(tx->arena, "%s/twilio/voice/%lld", base, (long long)message_number));
}
