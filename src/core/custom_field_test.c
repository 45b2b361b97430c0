/* Why: a value that does not belong into its field must be named with its place, and everything that belongs must be taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "base/arena_test.h"
#include "core/custom_field.h"

/* The first mistake with its place; "" when the value is taken. */
static const char *judge(const char *data_type, const char *field_type, const char *value)
{
    static const struct text options[] = {{"EU", 2}, {"US", 2}};
    struct problem *problem = problem_new(arena);
    struct custom_field field = {.data_type = text_of(data_type), .field_type = text_of(field_type), .options = options, .option_count = 2};
    json_t *document = json_read(arena, text_printf(arena, "{\"v\":%s}", value), problem);
    assert_non_null(document);
    custom_field_check(&field, json_object_get(document, "v"), "v", arena, problem);
    return problem_is_empty(problem) ? "" : text_cstring(arena, problem_line(problem, 0));
}

#define TAKEN(data_type, field_type, value) assert_string_equal(judge(data_type, field_type, value), "")
#define REFUSED(data_type, field_type, value, why) assert_string_equal(judge(data_type, field_type, value), why)

static void test_single_values(void **state)
{
    (void)state;
    TAKEN("boolean", "single_value", "false");
    REFUSED("boolean", "single_value", "\"false\"", "v must be true or false");
    TAKEN("integer", "single_value", "-7");
    REFUSED("integer", "single_value", "7.5", "v must be a whole number");
    TAKEN("float", "single_value", "7.5");
    TAKEN("float", "single_value", "7");
    REFUSED("float", "single_value", "true", "v must be a number");
    TAKEN("string", "single_value", "\"everything\"");
    REFUSED("string", "single_value", "\"\"", "v cannot be empty; null clears it");
    REFUSED("string", "single_value", "[\"a\"]", "v must be a string");
    TAKEN("datetime", "single_value", "\"2026-02-09T03:00:00+01:00\"");
    REFUSED("datetime", "single_value", "\"tomorrow\"", "v is not a time in ISO 8601 form");
    TAKEN("url", "single_value", "\"https://status.example.org/42\"");
    REFUSED("url", "single_value", "\"javascript:alert(1)\"", "v must be an address that begins with https:// or http://");
    REFUSED("url", "single_value", "\"https://\"", "v must be an address that begins with https:// or http://");
    REFUSED("url", "single_value", "\"https://a b\"", "v must be an address that begins with https:// or http://");
}

static void test_no_value_is_always_right(void **state)
{
    (void)state;
    TAKEN("boolean", "single_value", "null");
    TAKEN("string", "multi_value_fixed", "null");
}

static void test_length_counts_characters(void **state)
{
    (void)state;
    struct builder longest = builder_new(arena, 1024);
    for (int i = 0; i < CUSTOM_FIELD_TEXT_CHARS_MAX; i++)
        builder_add_string(&longest, "\xc3\xa4");
    const char *text = builder_text(&longest).data;
    TAKEN("string", "single_value", arena_printf(arena, "\"%s\"", text));
    REFUSED("string", "single_value", arena_printf(arena, "\"%sx\"", text), "v is too long (maximum is 200 characters)");
}

static void test_fixed_and_several(void **state)
{
    (void)state;
    TAKEN("string", "single_value_fixed", "\"EU\"");
    REFUSED("string", "single_value_fixed", "\"eu\"", "v is not one of the field's options");
    TAKEN("string", "multi_value_fixed", "[\"EU\",\"US\"]");
    TAKEN("string", "multi_value", "[]");
    REFUSED("string", "multi_value_fixed", "[\"EU\",\"UK\"]", "v[1] is not one of the field's options");
    REFUSED("string", "multi_value", "[\"a\",\"b\",\"a\"]", "v[2] is there twice");
    REFUSED("string", "multi_value", "\"a\"", "v must be a list of at most 10 values");
    REFUSED("string", "multi_value", "[\"0\",\"1\",\"2\",\"3\",\"4\",\"5\",\"6\",\"7\",\"8\",\"9\",\"10\"]", "v must be a list of at most 10 values");
}

static void test_definitions(void **state)
{
    (void)state;
    assert_true(custom_field_name_is_valid(TEXT("impact_2")));
    assert_false(custom_field_name_is_valid(TEXT("Impact")));
    assert_false(custom_field_name_is_valid(TEXT("")));
    assert_true(custom_field_types_fit(TEXT("url"), TEXT("single_value")));
    assert_false(custom_field_types_fit(TEXT("url"), TEXT("multi_value")));
    assert_true(custom_field_types_fit(TEXT("string"), TEXT("multi_value_fixed")));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_single_values),     cmocka_unit_test(test_no_value_is_always_right), cmocka_unit_test(test_length_counts_characters),
        cmocka_unit_test(test_fixed_and_several), cmocka_unit_test(test_definitions),
    };
    return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
