/* Why: each inbound format has a folder of file pairs in tests/inbound: NAME.json is what a sender sent, NAME.expected
 * is what it means, or every mistake in it. With MUSTER_WRITE_EXPECTED=1 the second files are written anew, to be read
 * before they are committed. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include <cmocka.h>

#include "inbound/alertmanager.h"
#include "inbound/batch.h"
#include "inbound/change_events.h"
#include "inbound/events_v1.h"
#include "inbound/events_v2.h"
#include "inbound/json_webhook.h"

enum { EXPECTED_BYTES_MAX = 1024 * 1024 };

static void show_text(struct builder *b, const char *name, struct text value)
{
    if (!value.data)
        return;
    if (value.size > 300)
        builder_printf(b, "%s: %zu characters, %.*s...\n", name, text_utf8_length(value), 12, value.data);
    else
        builder_printf(b, "%s: %.*s\n", name, TEXT_ARG(value));
}

static void show_event(struct arena *arena, struct builder *b, const struct event *event, struct text document)
{
    static const char *const actions[] = {[EVENT_TRIGGER] = "trigger",
                                          [EVENT_ACKNOWLEDGE] = "acknowledge",
                                          [EVENT_RESOLVE] = "resolve",
                                          [EVENT_CHANGE] = "change"};
    builder_printf(b, "%s %s severity=%s\n", event->format, actions[event->action], severity_name(event->severity));
    show_text(b, "routing_key", event->routing_key);
    show_text(b, "dedup_key", event->dedup_key);
    show_text(b, "summary", event->summary);
    show_text(b, "source", event->source);
    show_text(b, "component", event->component);
    show_text(b, "group", event->group);
    show_text(b, "class", event->event_class);
    show_text(b, "client", event->client);
    show_text(b, "client_url", event->client_url);
    if (instant_is_set(event->timestamp))
        show_text(b, "timestamp", instant_format_ms(arena, event->timestamp));
    if (event->custom_details.data && event->custom_details.data == event->body.data)
        builder_add_string(b, "custom_details: the body\n");
    else
        show_text(b, "custom_details", event->custom_details);
    show_text(b, "links", event->links);
    show_text(b, "images", event->images);
    builder_add_string(b, event->body.size == document.size ? "body: the document\n" : "body: an element\n");
}

static void show_mistakes(struct builder *b, const struct problem *problem)
{
    for (size_t i = 0; i < problem->count; i++)
        builder_printf(b, "mistake: %.*s\n", TEXT_ARG(problem_line(problem, i)));
}

static void show_one(const struct reading *r, struct builder *b,
                     enum err (*read)(const struct reading *, struct event *))
{
    struct event event;
    if (read(r, &event) == OK)
        show_event(r->arena, b, &event, r->raw);
}

static void show_events_v2(const struct reading *r, struct builder *b)
{
    show_one(r, b, events_v2_read);
}

static void show_events_v1(const struct reading *r, struct builder *b)
{
    show_one(r, b, events_v1_read);
}

static void show_change(const struct reading *r, struct builder *b)
{
    show_one(r, b, change_events_read);
}

static struct reading with_address(const struct reading *r)
{
    struct reading reading = *r;
    reading.lent_key = TEXT("addresskey");
    return reading;
}

static void show_json(const struct reading *r, struct builder *b)
{
    struct reading reading = with_address(r);
    show_one(&reading, b, json_webhook_read);
}

static void show_alertmanager(const struct reading *r, struct builder *b)
{
    struct reading reading = with_address(r);
    struct event *events;
    size_t count;
    if (alertmanager_read(&reading, &events, &count) != OK)
        return;
    builder_printf(b, "%zu events\n", count);
    for (size_t i = 0; i < count; i++)
        show_event(r->arena, b, &events[i], r->raw);
}

static void show_batch(const struct reading *r, struct builder *b)
{
    struct batch *batch;
    if (batch_read(r, &batch) != OK)
        return;
    for (size_t i = 0; i < batch->count; i++) {
        builder_printf(b, "element %zu\n", i);
        if (batch->elements[i].is_valid)
            show_event(r->arena, b, &batch->elements[i].event, r->raw);
        else
            show_mistakes(b, batch->elements[i].problem);
    }
}

static struct text read_file(struct arena *arena, const char *path)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return TEXT_NONE;
    char *data = arena_alloc(arena, EXPECTED_BYTES_MAX);
    size_t size = fread(data, 1, EXPECTED_BYTES_MAX, file);
    fclose(file);
    return (struct text){data, size};
}

static void check_pair(const char *folder, const char *name, void (*show)(const struct reading *, struct builder *))
{
    struct arena *arena = arena_new(64 * 1024 * 1024);
    struct text raw = read_file(arena, arena_printf(arena, "%s/%s.json", folder, name));
    struct problem *problem = problem_new(arena);
    struct builder b = builder_new(arena, EXPECTED_BYTES_MAX);
    const struct json_node *root;
    assert_int_equal(json_scan(arena, raw, problem, &root), OK);
    struct reading reading = {.arena = arena, .problem = problem, .raw = raw, .root = root, .prefix = ""};
    show(&reading, &b);
    show_mistakes(&b, problem);
    const char *expected_path = arena_printf(arena, "%s/%s.expected", folder, name);
    struct text seen = builder_text(&b);
    if (getenv("MUSTER_WRITE_EXPECTED")) {
        FILE *file = fopen(expected_path, "wb");
        assert_non_null(file);
        fwrite(seen.data, 1, seen.size, file);
        fclose(file);
    }
    struct text expected = read_file(arena, expected_path);
    if (!text_equal(seen, expected))
        fail_msg("%s/%s is read as\n%.*s", folder, name, TEXT_ARG(seen));
    arena_free(arena);
}

static void check_folder(const char *format, void (*show)(const struct reading *, struct builder *))
{
    const char *source = getenv("MUSTER_SOURCE");
    assert_non_null(source);
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/tests/inbound/%s", source, format);
    DIR *directory = opendir(folder);
    assert_non_null(directory);
    int pairs = 0;
    for (const struct dirent *entry; (entry = readdir(directory));) {
        struct text file = text_of(entry->d_name);
        if (!text_ends_with(file, TEXT(".json")))
            continue;
        char name[256];
        snprintf(name, sizeof name, "%.*s", (int)(file.size - 5), file.data);
        check_pair(folder, name, show);
        pairs++;
    }
    closedir(directory);
    assert_true(pairs > 0);
}

static void test_events_v2(void **state)
{
    (void)state;
    check_folder("events-v2", show_events_v2);
}

static void test_events_v1(void **state)
{
    (void)state;
    check_folder("events-v1", show_events_v1);
}

static void test_change_events(void **state)
{
    (void)state;
    check_folder("change-events", show_change);
}

static void test_alertmanager(void **state)
{
    (void)state;
    check_folder("alertmanager", show_alertmanager);
}

static void test_json_webhook(void **state)
{
    (void)state;
    check_folder("json-webhook", show_json);
}

static void test_batch(void **state)
{
    (void)state;
    check_folder("batch", show_batch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_events_v2),
        cmocka_unit_test(test_events_v1),
        cmocka_unit_test(test_change_events),
        cmocka_unit_test(test_alertmanager),
        cmocka_unit_test(test_json_webhook),
        cmocka_unit_test(test_batch),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
