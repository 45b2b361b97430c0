/* Why: one libFuzzer target for each parser of outside bytes; TARGET chooses. Beyond crashes it checks what must hold for any
 * input: a refusal names a mistake, an accepted event is within its limits, raw bytes agree with the parsed value, and the scanner
 * takes what jansson takes and sees in it what jansson sees. */
#include <assert.h>
#include <stdlib.h>

#include "base/jansson_test.h"
#include "base/json_explain.h"
#include "inbound/alertmanager.h"
#include "inbound/batch.h"
#include "inbound/change_events.h"
#include "inbound/events_v1.h"
#include "inbound/events_v2.h"
#include "inbound/json_webhook.h"
#include "target.h"

#define TARGET_json_raw 1
#define TARGET_events_v2 2
#define TARGET_events_v1 3
#define TARGET_change_events 4
#define TARGET_alertmanager 5
#define TARGET_json_webhook 6
#define TARGET_batch 7
#define TARGET_json_scan 8
#define JOIN(a, b) a##b
#define CHOSEN(target) JOIN(TARGET_, target)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_json_text(struct arena *arena, struct text json)
{
    if (json.data)
        assert(json_read_any_integer(arena, json, problem_new(arena)));
}

static void check_event(struct arena *arena, const struct event *event)
{
    assert(text_utf8_length(event->summary) <= EVENT_SUMMARY_CHARS_MAX);
    assert(text_utf8_length(event->dedup_key) <= EVENT_DEDUP_KEY_CHARS_MAX);
    assert(!event->summary.data || text_is_utf8(event->summary));
    assert(event->action != EVENT_TRIGGER || event->summary.size > 0);
    assert((event->action != EVENT_ACKNOWLEDGE && event->action != EVENT_RESOLVE) || event->dedup_key.size > 0);
    assert(event->body.size > 0);
    check_json_text(arena, event->custom_details);
    check_json_text(arena, event->links);
    check_json_text(arena, event->images);
    check_json_text(arena, event->body);
}

/* Every member's bytes, read again, are that member. */
static void check_raw(struct arena *arena, struct text document)
{
    const json_t *root = json_read_any_integer(arena, document, problem_new(arena));
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value)
    {
        const char *const path[] = {key, NULL};
        struct text raw = json_raw_at(document, path);
        assert(raw.data);
        assert(json_same(json_read_any_integer(arena, raw, problem_new(arena)), value));
    }
}

/* The tree is written as jansson writes its own. */
static void check_written(struct arena *arena, struct text document, const json_t *value)
{
    struct text theirs = as_jansson_writes(arena, document);
    assert(!theirs.data || text_equal(json_write(arena, value), theirs));
}

static void check_number(struct arena *arena, const struct json_node *node, const json_t *value)
{
    char *end;
    const char *digits = text_cstring(arena, json_node_raw(node));
    double number = strtod(digits, &end);
    assert(end == digits + node->size);
    if (json_is_real(value))
        assert(number == json_real_value(value));
    else
        assert(json_node_is(node, JSON_INTEGER) && strtoll(digits, NULL, 10) == json_integer_value(value));
    assert(json_node_is(node, JSON_INTEGER) || json_is_real(value)); /* an integer beyond 64 bits is a real */
}

static void check_object(struct arena *arena, const struct json_node *node, const json_t *value);

static void check_node(struct arena *arena, const struct json_node *node, const json_t *value)
{
    size_t i = 0;
    struct text raw = json_node_raw(node);
    switch ((json_type)node->type) {
    case JSON_OBJECT: check_object(arena, node, value); break;
    case JSON_ARRAY:
        assert(json_is_array(value) && json_node_count(node) == json_array_size(value));
        assert(raw.size >= 2 && raw.data[0] == '[' && raw.data[raw.size - 1] == ']');
        json_node_each(node, element)
            check_node(arena, element, json_array_get(value, i++));
        break;
    case JSON_STRING: assert(text_equal(json_node_text(arena, node), json_text_value(value)) && json_is_string(value)); break;
    case JSON_INTEGER:
    case JSON_REAL: check_number(arena, node, value); break;
    case JSON_TRUE: assert(json_is_true(value) && text_is(raw, "true")); break;
    case JSON_FALSE: assert(json_is_false(value) && text_is(raw, "false")); break;
    case JSON_NULL: assert(json_is_null(value) && text_is(raw, "null")); break;
    }
}

/* As deep as JSON_DEPTH_MAX lets it be. */
static void check_object(struct arena *arena, const struct json_node *node, const json_t *value)
{
    struct text raw = json_node_raw(node);
    assert(json_is_object(value) && json_node_count(node) == json_object_size(value));
    assert(raw.size >= 2 && raw.data[0] == '{' && raw.data[raw.size - 1] == '}');
    json_node_each(node, member)
    {
        struct text key = json_node_key(arena, member);
        assert(json_node_member(node, text_cstring(arena, key)) == member);
        check_node(arena, member, json_at(value, text_cstring(arena, key)));
    }
    assert(!json_node_member(node, "a key that nobody sends"));
}

/* The scanner and jansson take the same documents, and mean the same by them. */
static void check_scan(struct arena *arena, struct text document)
{
    const struct json_node *node = NULL;
    struct problem *by_scan = problem_new(arena), *by_jansson = problem_new(arena);
    enum err err = json_scan(arena, document, by_scan, &node);
    assert(err == (json_explain(document, true, by_jansson) ? OK : ERR_INVALID));
    assert(by_scan->count == by_jansson->count);
    for (size_t i = 0; i < by_scan->count; i++)
        assert(text_equal(problem_line(by_scan, i), problem_line(by_jansson, i)));
    const json_t *value = json_read_any_integer(arena, document, problem_new(arena));
    assert((value != NULL) == (err == OK));
    if (!value)
        return;
#if CHOSEN(TARGET) == TARGET_json_scan
    fuzz_accept();
#endif
    check_written(arena, document, value);
    check_node(arena, node, value);
    json_node_each(node, child)
    {
        json_t *again = json_read_any_integer(arena, json_node_raw(child), problem_new(arena));
        assert(again);
        check_node(arena, child, again);
    }
}

#if CHOSEN(TARGET) != TARGET_json_scan
static void read_it(const struct reading *reading)
{
    struct event event;
    struct event *events = &event;
    size_t count = 1;
    enum err err = OK;
#if CHOSEN(TARGET) == TARGET_json_raw
    check_raw(reading->arena, reading->raw);
    count = 0;
#elif CHOSEN(TARGET) == TARGET_events_v2
    err = events_v2_read(reading, &event);
#elif CHOSEN(TARGET) == TARGET_events_v1
    err = events_v1_read(reading, &event);
#elif CHOSEN(TARGET) == TARGET_change_events
    err = change_events_read(reading, &event);
#elif CHOSEN(TARGET) == TARGET_json_webhook
    err = json_webhook_read(reading, &event);
#elif CHOSEN(TARGET) == TARGET_alertmanager
    err = alertmanager_read(reading, &events, &count);
#elif CHOSEN(TARGET) == TARGET_batch
    struct batch *batch = NULL;
    err = batch_read(reading, &batch);
    count = 0;
    for (size_t i = 0; err == OK && i < batch->count; i++) {
        assert(batch->elements[i].is_valid == problem_is_empty(batch->elements[i].problem));
        if (batch->elements[i].is_valid)
            check_event(reading->arena, &batch->elements[i].event);
    }
#else
#error "no such target"
#endif
    assert((err == OK) == problem_is_empty(reading->problem));
    if (err == OK)
        fuzz_accept();
    for (size_t i = 0; err == OK && i < count; i++)
        check_event(reading->arena, &events[i]);
}
#endif

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new((size_t)256 * 1024 * 1024);
    struct text document = {(const char *)data, size};
    check_scan(arena, document);
#if CHOSEN(TARGET) != TARGET_json_scan
    struct reading reading = {.arena = arena, .problem = problem_new(arena), .raw = document, .prefix = ""};
    if (CHOSEN(TARGET) == TARGET_json_webhook || CHOSEN(TARGET) == TARGET_alertmanager)
        reading.lent_key = TEXT("k"); /* of the address */
    enum err err = json_scan(arena, document, reading.problem, &reading.root);
    assert((err == OK) == problem_is_empty(reading.problem));
    if (err == OK && json_node_is(reading.root, JSON_OBJECT))
        read_it(&reading);
#endif
    arena_free(arena);
    return 0;
}
