/* Why: one libFuzzer target for each parser of outside bytes; TARGET chooses. Beyond crashes it checks what must hold for any
 * input: a refusal names a mistake, an accepted event is within its limits, and raw bytes agree with the parsed value. */
#include <assert.h>
#include <stdlib.h>

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

/* With every number as a real: a document with one integer beyond 64 bits is read so, the bytes of one of its members need not be. */
static json_t *reread(struct text bytes)
{
    return json_loadb(bytes.data, bytes.size, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL);
}

static void check_same(struct text raw, const json_t *value)
{
    json_t *again = reread(raw);
    assert(again && json_equal(again, value));
    json_decref(again);
}

/* Every member's bytes, read again, are that member. */
static void check_raw(struct text document)
{
    json_t *root = reread(document);
    const char *key;
    json_t *value;
    json_object_foreach(root, key, value)
    {
        const char *const path[] = {key, NULL};
        struct text raw = json_raw_at(document, path);
        assert(raw.data);
        check_same(raw, value);
        size_t position = 0;
        for (size_t i = 0; json_is_array(value) && i < json_array_size(value); i++)
            check_same(json_raw_next(raw, &position), json_array_get(value, i));
        assert(!json_is_array(value) || !json_raw_next(raw, &position).data);
    }
    json_decref(root);
}

static void read_it(const struct reading *reading)
{
    struct event event;
    struct event *events = &event;
    size_t count = 1;
    enum err err = OK;
#if CHOSEN(TARGET) == TARGET_json_raw
    check_raw(reading->raw);
    count = 0;
#elif CHOSEN(TARGET) == TARGET_events_v2
    err = events_v2_read(reading, &event);
#elif CHOSEN(TARGET) == TARGET_events_v1
    err = events_v1_read(reading, &event);
#elif CHOSEN(TARGET) == TARGET_change_events
    err = change_events_read(reading, &event);
#elif CHOSEN(TARGET) == TARGET_json_webhook
    err = json_webhook_read(reading, TEXT("k"), &event);
#elif CHOSEN(TARGET) == TARGET_alertmanager
    err = alertmanager_read(reading, TEXT("k"), &events, &count);
#elif CHOSEN(TARGET) == TARGET_batch
    struct batch *batch = NULL;
    err = batch_read(reading, TEXT_NONE, &batch);
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

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena *arena = arena_new((size_t)256 * 1024 * 1024);
    struct text document = {(const char *)data, size};
    struct problem *problem = problem_new(arena);
    const json_t *root = json_read_any_integer(arena, document, problem);
    assert((root == NULL) == !problem_is_empty(problem));
    struct reading reading = {.arena = arena, .problem = problem, .raw = document, .root = root, .prefix = ""};
    if (json_is_object(root))
        read_it(&reading);
    arena_free(arena);
    return 0;
}
