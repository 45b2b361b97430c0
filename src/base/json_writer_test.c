/* Why: what is written here is stored for ever and read back by jansson: both must agree byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/json.h"
#include "base/json_writer.h"

static const int64_t numbers[] = {0, 7, -1, 10, 1234567890123, INT64_MAX, INT64_MIN};
static const char *const strings[] = {"", "Größe ✓", "a \"b\" \\ / c", "line\nbreak\ttab\x01", "{", "[,]", "}"};

static void it_writes_what_a_tree_would_print(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct json_writer w = json_writer_new(arena);
    json_t *tree = json_object_in(arena), *list = json_array_in(arena), *inner = json_object_in(arena);
    json_begin_object(&w, NULL);
    json_begin_array(&w, "list");
    for (size_t i = 0; i < sizeof strings / sizeof *strings; i++) {
        json_add_string(&w, NULL, strings[i]);
        json_append_text(list, text_of(strings[i]));
    }
    json_begin_object(&w, NULL);
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        const char *key = arena_printf(arena, "n%zu", i);
        json_add_int(&w, key, numbers[i]);
        json_put_int(inner, key, numbers[i]);
    }
    json_end_object(&w);
    json_append(list, inner);
    json_end_array(&w);
    json_put(tree, "list", list);
    json_begin_object(&w, "empty");
    json_end_object(&w);
    json_put(tree, "empty", json_object_in(arena));
    json_add_text(&w, "none", TEXT_NONE);
    json_put_text(tree, "none", TEXT_NONE);
    json_add_bool(&w, "yes", true);
    json_put_bool(tree, "yes", true);
    json_add_instant(&w, "at", (instant){INT64_C(1770689525) * SECOND_US});
    json_put_instant(tree, "at", (instant){INT64_C(1770689525) * SECOND_US});
    json_add_instant(&w, "never", INSTANT_NONE);
    json_put_instant(tree, "never", INSTANT_NONE);
    json_add_raw(&w, "raw", TEXT("[1,2]"));
    json_put(tree, "raw", json_read(arena, TEXT("[1,2]"), problem_new(arena)));
    json_end_object(&w);
    struct text written = json_written(&w), printed = json_write(arena, tree);
    assert_string_equal(written.data, printed.data);
    assert_int_equal(written.size, printed.size);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(it_writes_what_a_tree_would_print)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
