/* Why: see batch.h. */
#include "inbound/batch.h"

#include "inbound/change_events.h"
#include "inbound/events_v2.h"

static void check_members(const struct reading *reading)
{
    json_node_each(reading->root, member)
    {
        struct text key = json_node_key(reading->arena, member);
        if (!text_is(key, "events") && !text_is(key, "routing_key"))
            reading_mistake(reading, text_cstring(reading->arena, key), "is not a known member (events, routing_key)");
    }
}

static void read_element(const struct reading *wrapper, const struct json_node *element, struct text key,
                         struct batch_element *ret)
{
    struct problem *problem = problem_new(wrapper->arena);
    struct reading reading = {.arena = wrapper->arena,
                              .problem = problem,
                              .raw = json_node_raw(element),
                              .root = element,
                              .prefix = "",
                              .lent_key = key};
    ret->problem = problem;
    if (!json_node_is(element, JSON_OBJECT)) {
        problem_add(problem, NULL, "Event object must be a JSON object");
        return;
    }
    if (reading.raw.size > EVENT_BODY_BYTES_MAX) {
        problem_add(problem, NULL, "Event object is larger than %d bytes", EVENT_BODY_BYTES_MAX);
        return;
    }
    bool is_change = text_is(reading_text(&reading, element, "event_action"), "change");
    enum err err = is_change ? change_events_read(&reading, &ret->event) : events_v2_read(&reading, &ret->event);
    ret->is_valid = err == OK;
}

enum err batch_read(const struct reading *reading, struct batch **ret)
{
    check_members(reading);
    struct text key =
        field_text(reading, reading->root, "routing_key", "routing_key", FIELD_OPTIONAL, EVENT_ROUTING_KEY_CHARS);
    const struct json_node *events = json_node_member(reading->root, "events");
    if (!json_node_is(events, JSON_ARRAY))
        reading_mistake(reading, "events", events ? "must be an array" : "is missing or blank");
    else if (json_node_count(events) == 0)
        reading_mistake(reading, "events", "is empty");
    else if (json_node_count(events) > EVENT_BATCH_MAX)
        reading_mistake(reading, "events", "has too many elements (maximum is %d)", EVENT_BATCH_MAX);
    if (!problem_is_empty(reading->problem))
        return ERR_INVALID;
    struct batch *batch = ARENA_NEW(reading->arena, struct batch);
    json_node_each(events, element)
        read_element(reading, element, key.data ? key : reading->lent_key, &batch->elements[batch->count++]);
    *ret = batch;
    return OK;
}
