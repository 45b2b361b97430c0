/* Why: see events_v1.h. */
#include "inbound/events_v1.h"

static void read_context(const struct reading *reading, const json_t *context, const char *path, json_t *links,
                         json_t *images)
{
    struct text type = json_text_at(context, "type");
    bool is_image = text_is(type, "image");
    if (!json_is_object(context)) {
        reading_mistake(reading, path, "must be an object");
    } else if (is_image || text_is(type, "link")) {
        field_check_link(reading, context, path, is_image);
        json_array_append(is_image ? images : links, (json_t *)(uintptr_t)context);
    } else {
        reading_mistake(reading, arena_printf(reading->arena, "%s.type", path),
                        "is invalid (must be one of the following: 'link' or 'image')");
    }
}

static void read_contexts(const struct reading *reading, struct event *event)
{
    const json_t *contexts = json_at(reading->root, "contexts");
    if (!contexts || json_is_null(contexts))
        return;
    if (!json_is_array(contexts)) {
        reading_mistake(reading, "contexts", "must be an array");
        return;
    }
    if (json_array_size(contexts) > FIELD_LIST_MAX)
        reading_mistake(reading, "contexts", "has too many elements (maximum is %d)", FIELD_LIST_MAX);
    json_t *links = json_array_in(reading->arena), *images = json_array_in(reading->arena);
    for (size_t i = 0; i < json_array_size(contexts) && i < FIELD_LIST_MAX; i++)
        read_context(reading, json_array_get(contexts, i), arena_printf(reading->arena, "contexts[%zu]", i), links,
                     images);
    if (json_array_size(links) > 0)
        event->links = json_write(reading->arena, links);
    if (json_array_size(images) > 0)
        event->images = json_write(reading->arena, images);
}

enum err events_v1_read(const struct reading *reading, struct event *ret)
{
    struct event event = {
        .severity = SEVERITY_UNKNOWN, .timestamp = INSTANT_NONE, .body = reading->raw, .format = "events-v1"};
    event.routing_key = field_key(reading, "service_key");
    bool has_action = field_action(reading, "event_type", &event.action);
    bool needs_key = has_action && event.action != EVENT_TRIGGER;
    event.dedup_key = field_text(reading, reading->root, "incident_key", "incident_key",
                                 needs_key ? FIELD_REQUIRED : FIELD_OPTIONAL, EVENT_DEDUP_KEY_CHARS_MAX);
    if (!needs_key) {
        event.summary =
            field_text(reading, reading->root, "description", "description", FIELD_REQUIRED, EVENT_SUMMARY_CHARS_MAX);
        event.custom_details = field_object(reading, NULL, "details", "details");
        event.client = field_text(reading, reading->root, "client", "client", FIELD_OPTIONAL, 0);
        event.client_url = field_text(reading, reading->root, "client_url", "client_url", FIELD_OPTIONAL, 0);
        read_contexts(reading, &event);
    }
    if (!problem_is_empty(reading->problem))
        return ERR_INVALID;
    *ret = event;
    return OK;
}
