/* Why: see events_v2.h. */
#include "inbound/events_v2.h"

static void read_severity(const struct reading *reading, const struct json_node *payload, struct event *event)
{
    const char *path = "payload.severity";
    struct text name = field_text(reading, payload, "severity", path, FIELD_REQUIRED, SIZE_MAX);
    if (name.data && !severity_parse(name, &event->severity))
        reading_mistake(reading, path,
                        "is invalid (must be one of the following: 'critical', 'warning', 'error' or 'info')");
}

static void read_payload(const struct reading *reading, struct event *event)
{
    const struct json_node *payload = json_node_member(reading->root, "payload");
    if (!payload || json_node_is(payload, JSON_NULL)) {
        reading_mistake(reading, "payload", "is missing or blank");
        return;
    }
    if (!json_node_is(payload, JSON_OBJECT)) {
        reading_mistake(reading, "payload", "must be an object");
        return;
    }
    event->summary =
        field_text(reading, payload, "summary", "payload.summary", FIELD_REQUIRED, EVENT_SUMMARY_CHARS_MAX);
    event->source = field_text(reading, payload, "source", "payload.source", FIELD_REQUIRED, 0);
    read_severity(reading, payload, event);
    event->timestamp = field_timestamp(reading, payload, "timestamp", "payload.timestamp");
    event->component = field_text(reading, payload, "component", "payload.component", FIELD_OPTIONAL, 0);
    event->group = field_text(reading, payload, "group", "payload.group", FIELD_OPTIONAL, 0);
    event->event_class = field_text(reading, payload, "class", "payload.class", FIELD_OPTIONAL, 0);
    event->custom_details = field_object(reading, payload, "custom_details", "payload.custom_details");
}

static void read_rest(const struct reading *reading, struct event *event)
{
    event->client = field_text(reading, reading->root, "client", "client", FIELD_OPTIONAL, 0);
    event->client_url = field_text(reading, reading->root, "client_url", "client_url", FIELD_OPTIONAL, 0);
    event->links = field_links(reading, "links", false);
    event->images = field_links(reading, "images", true);
}

enum err events_v2_read(const struct reading *reading, struct event *ret)
{
    struct event event = {
        .severity = SEVERITY_UNKNOWN, .timestamp = INSTANT_NONE, .body = reading->raw, .format = "events-v2"};
    if (field_head(reading, "routing_key", "event_action", "dedup_key", &event)) {
        read_payload(reading, &event);
        read_rest(reading, &event);
    }
    if (!problem_is_empty(reading->problem))
        return ERR_INVALID;
    *ret = event;
    return OK;
}
