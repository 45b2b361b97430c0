/* Why: see change_events.h. */
#include "inbound/change_events.h"

enum err change_events_read(const struct reading *reading, struct event *ret)
{
    struct event event = {.action = EVENT_CHANGE,
                          .severity = SEVERITY_UNKNOWN,
                          .timestamp = INSTANT_NONE,
                          .body = reading->raw,
                          .format = "change"};
    event.routing_key = field_key(reading, "routing_key");
    const struct json_node *payload = json_node_member(reading->root, "payload");
    if (!payload || json_node_is(payload, JSON_NULL)) {
        reading_mistake(reading, "payload", "is missing or blank");
    } else if (!json_node_is(payload, JSON_OBJECT)) {
        reading_mistake(reading, "payload", "must be an object");
    } else {
        event.summary =
            field_text(reading, payload, "summary", "payload.summary", FIELD_REQUIRED, EVENT_SUMMARY_CHARS_MAX);
        event.source = field_text(reading, payload, "source", "payload.source", FIELD_OPTIONAL, 0);
        event.timestamp = field_timestamp(reading, payload, "timestamp", "payload.timestamp");
        event.custom_details = field_object(reading, payload, "custom_details", "payload.custom_details");
    }
    event.links = field_links(reading, "links", false);
    event.images = field_links(reading, "images", true);
    if (!problem_is_empty(reading->problem))
        return ERR_INVALID;
    *ret = event;
    return OK;
}
