/* Why: see batch.h. */
#include "inbound/batch.h"

#include "inbound/change_events.h"
#include "inbound/events_v2.h"

static void check_members(const struct reading *reading)
{
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)reading->root, key, value)
    {
        if (strcmp(key, "events") != 0 && strcmp(key, "routing_key") != 0)
            reading_mistake(reading, key, "is not a known member (events, routing_key)");
    }
}

/* The element's parsed copy gets the key, its bytes stay as sent. */
static void lend_key(json_t *element, struct text key)
{
    const json_t *own = json_at(element, "routing_key");
    if (key.data && (!own || json_is_null(own)))
        json_put_text(element, "routing_key", key);
}

static void read_element(const struct reading *wrapper, json_t *element, struct text raw, struct text key,
                         struct batch_element *ret)
{
    struct problem *problem = problem_new(wrapper->arena);
    struct reading reading = {.arena = wrapper->arena, .problem = problem, .raw = raw, .root = element, .prefix = ""};
    ret->problem = problem;
    if (!json_is_object(element)) {
        problem_add(problem, NULL, "Event object must be a JSON object");
        return;
    }
    if (raw.size > EVENT_BODY_BYTES_MAX) {
        problem_add(problem, NULL, "Event object is larger than %d bytes", EVENT_BODY_BYTES_MAX);
        return;
    }
    lend_key(element, key);
    bool is_change = text_is(json_text_at(element, "event_action"), "change");
    enum err err = is_change ? change_events_read(&reading, &ret->event) : events_v2_read(&reading, &ret->event);
    ret->is_valid = err == OK;
}

enum err batch_read(const struct reading *reading, struct text default_key, struct batch **ret)
{
    check_members(reading);
    struct text key =
        field_text(reading, reading->root, "routing_key", "routing_key", FIELD_OPTIONAL, EVENT_ROUTING_KEY_CHARS);
    const json_t *events = json_at(reading->root, "events");
    if (!json_is_array(events))
        reading_mistake(reading, "events", events ? "must be an array" : "is missing or blank");
    else if (json_array_size(events) == 0)
        reading_mistake(reading, "events", "is empty");
    else if (json_array_size(events) > EVENT_BATCH_MAX)
        reading_mistake(reading, "events", "has too many elements (maximum is %d)", EVENT_BATCH_MAX);
    if (!problem_is_empty(reading->problem))
        return ERR_INVALID;
    struct batch *batch = ARENA_NEW(reading->arena, struct batch);
    batch->count = json_array_size(events);
    struct text raw_events = reading_raw(reading, NULL, "events");
    size_t position = 0;
    for (size_t i = 0; i < batch->count; i++)
        read_element(reading, json_array_get(events, i), json_raw_next(raw_events, &position),
                     key.data ? key : default_key, &batch->elements[i]);
    *ret = batch;
    return OK;
}
