/* Why: see events_v1.h. */
#include "inbound/events_v1.h"

/* Adds the element as it was sent to what becomes an array when it is closed. */
static void add_element(struct builder *array, struct text element)
{
    builder_add_string(array, array->size == 0 ? "[" : ",");
    builder_add(array, element);
}

static struct text close_array(struct builder *array)
{
    if (array->size == 0)
        return TEXT_NONE;
    builder_add_string(array, "]");
    return builder_text(array);
}

static void read_context(const struct reading *reading, const struct json_node *context, const char *path,
                         struct builder *links, struct builder *images)
{
    struct text type = reading_text(reading, context, "type");
    bool is_image = text_is(type, "image");
    if (!json_node_is(context, JSON_OBJECT)) {
        reading_mistake(reading, path, "must be an object");
    } else if (is_image || text_is(type, "link")) {
        field_check_link(reading, context, path, is_image);
        add_element(is_image ? images : links, json_node_raw(context));
    } else {
        reading_mistake(reading, arena_printf(reading->arena, "%s.type", path),
                        "is invalid (must be one of the following: 'link' or 'image')");
    }
}

static void read_contexts(const struct reading *reading, struct event *event)
{
    const struct json_node *contexts = json_node_member(reading->root, "contexts");
    if (!contexts || json_node_is(contexts, JSON_NULL))
        return;
    if (!json_node_is(contexts, JSON_ARRAY)) {
        reading_mistake(reading, "contexts", "must be an array");
        return;
    }
    if (json_node_count(contexts) > FIELD_LIST_MAX)
        reading_mistake(reading, "contexts", "has too many elements (maximum is %d)", FIELD_LIST_MAX);
    struct builder links = builder_new(reading->arena, JSON_BODY_BYTES_MAX),
                   images = builder_new(reading->arena, JSON_BODY_BYTES_MAX);
    size_t i = 0;
    json_node_each(contexts, context)
    {
        if (i == FIELD_LIST_MAX)
            break;
        read_context(reading, context, arena_printf(reading->arena, "contexts[%zu]", i), &links, &images);
        i++;
    }
    event->links = close_array(&links);
    event->images = close_array(&images);
}

enum err events_v1_read(const struct reading *reading, struct event *ret)
{
    struct event event = {
        .severity = SEVERITY_UNKNOWN, .timestamp = INSTANT_NONE, .body = reading->raw, .format = "events-v1"};
    if (field_head(reading, "service_key", "event_type", "incident_key", &event)) {
        event.summary =
            field_text(reading, reading->root, "description", "description", FIELD_REQUIRED, EVENT_SUMMARY_CHARS_MAX);
        event.custom_details = field_object(reading, reading->root, "details", "details");
        event.client = field_text(reading, reading->root, "client", "client", FIELD_OPTIONAL, 0);
        event.client_url = field_text(reading, reading->root, "client_url", "client_url", FIELD_OPTIONAL, 0);
        read_contexts(reading, &event);
    }
    if (!problem_is_empty(reading->problem))
        return ERR_INVALID;
    *ret = event;
    return OK;
}
