/* Why: slices, UTF-8 and the encodings stand between outside bytes and everything else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena_test.h"
#include "base/text.h"

static void test_absent_and_empty_are_two_things(void **state)
{
    (void)state;
    assert_false(text_is_present(TEXT_NONE));
    assert_true(text_is_empty(TEXT_NONE));
    assert_true(text_is_present(TEXT("")));
    assert_true(text_is_present(text_copy(arena, TEXT(""))));
    assert_false(text_is_present(text_copy(arena, TEXT_NONE)));
    assert_false(text_is_present(text_of(NULL)));
    assert_null(text_cstring(arena, TEXT_NONE));
    assert_string_equal(text_cstring(arena, TEXT("")), "");
}

static void test_comparing(void **state)
{
    (void)state;
    assert_true(text_equal(TEXT("a\0b"), TEXT("a\0b")));
    assert_false(text_equal(TEXT("a\0b"), TEXT("a\0c")));
    assert_false(text_is(TEXT("a\0b"), "a"));
    assert_true(text_equal_ignoring_case(TEXT("AbZ@["), TEXT("aBz@[")));
    assert_false(text_equal_ignoring_case(TEXT("@"), TEXT("`"))); /* neighbours of the letters */
    assert_true(text_compare(TEXT("a"), TEXT("ab")) < 0);
    assert_true(text_compare(TEXT("b"), TEXT("ab")) > 0);
    assert_true(text_compare(TEXT("\xFF"), TEXT("a")) > 0); /* bytes, not signed characters */
    assert_int_equal(text_compare(TEXT(""), TEXT_NONE), 0);
    assert_true(text_equal_secret(TEXT("abc"), TEXT("abc")));
    assert_false(text_equal_secret(TEXT("abc"), TEXT("abd")));
    assert_false(text_equal_secret(TEXT("abc"), TEXT("abcd")));
    assert_true(text_contains_ignoring_case(TEXT("Label printer"), TEXT("L P")));
    assert_true(text_contains_ignoring_case(TEXT("x"), TEXT("")));
    assert_false(text_contains_ignoring_case(TEXT("x"), TEXT("xy")));
    assert_true(text_starts_with(TEXT("ab"), TEXT("ab")));
    assert_false(text_starts_with(TEXT("a"), TEXT("ab")));
    assert_true(text_ends_with(TEXT("ab"), TEXT("")));
}

static void test_cutting(void **state)
{
    (void)state;
    assert_true(text_is(text_slice(TEXT("abc"), 1, 99), "bc"));
    assert_true(text_is_empty(text_slice(TEXT("abc"), 2, 1)));
    assert_true(text_is_empty(text_slice(TEXT("abc"), 9, 12)));
    assert_true(text_is(text_trim(TEXT(" \t\r\n a b \f\v")), "a b"));
    assert_true(text_is_empty(text_trim(TEXT("  "))));
    assert_int_equal(text_find_byte(TEXT("abc"), 'c', 0), 2);
    assert_int_equal(text_find_byte(TEXT("abc"), 'a', 1), 3);
    assert_int_equal(text_find_byte(TEXT_NONE, 'a', 0), 0);
    assert_int_equal(text_find(TEXT("aab"), TEXT("ab")), 1);
    assert_int_equal(text_find(TEXT("aab"), TEXT("abc")), 3);
}

static void test_parts(void **state)
{
    (void)state;
    struct text rest = TEXT("a,,b,"), part;
    const char *const wanted[] = {"a", "", "b", ""};
    for (size_t i = 0; i < 4; i++) {
        assert_true(text_next(&rest, ',', &part));
        assert_true(text_is(part, wanted[i]));
    }
    assert_false(text_next(&rest, ',', &part));
    rest = TEXT("");
    assert_true(text_next(&rest, ',', &part)); /* one empty part */
    assert_false(text_next(&rest, ',', &part));
}

static void test_numbers(void **state)
{
    (void)state;
    int64_t value = 7;
    assert_true(text_to_int64(TEXT("-9223372036854775808"), &value));
    assert_true(value == INT64_MIN);
    assert_true(text_to_int64(TEXT("9223372036854775807"), &value));
    assert_true(value == INT64_MAX);
    assert_true(text_to_int64(TEXT("-0"), &value));
    assert_int_equal(value, 0);
    value = 7;
    const char *const wrong[] = {"", "-", "+1", " 1", "1 ", "0x1", "1.0", "9223372036854775808", "-9223372036854775809", "99999999999999999999"};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (text_to_int64(text_of(wrong[i]), &value))
            fail_msg("'%s' is no number", wrong[i]);
    assert_int_equal(value, 7); /* nothing was written */
}

static void test_utf8(void **state)
{
    (void)state;
    const char *const good[] = {"", "a", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80", "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"};
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        if (!text_is_utf8(text_of(good[i])))
            fail_msg("good %zu", i);
    const char *const bad[] = {"\x80", "\xC0\x80", "\xC1\xBF", "\xC2", "\xC2" "a", "\xE0\x9F\xBF", "\xE2\x82", "\xED\xA0\x80", "\xED\xBF\xBF",
                               "\xF0\x8F\xBF\xBF", "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xFE", "\xFF", "a\xF0\x9F\x98", "\xE2\x28\xA1"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        if (text_is_utf8(text_of(bad[i])))
            fail_msg("bad %zu", i);
    assert_false(text_is_utf8(TEXT("a\0b")));
    assert_int_equal(text_utf8_length(TEXT("a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x98\x80")), 4);
}

static void test_cutting_between_characters(void **state)
{
    (void)state;
    struct text t = TEXT("a\xE2\x82\xAC" "b");
    const size_t wanted[] = {0, 1, 1, 1, 4, 5, 5};
    for (size_t max = 0; max < sizeof wanted / sizeof wanted[0]; max++) {
        struct text cut = text_utf8_cut(t, max);
        assert_int_equal(cut.size, wanted[max]);
        assert_true(text_is_utf8(cut));
    }
}

static void test_hex_and_base64(void **state)
{
    (void)state;
    assert_true(text_is(text_hex(arena, "\x00\x7f\xff", 3), "007fff"));
    const char *const pairs[][2] = {{"", ""}, {"f", "Zg=="}, {"fo", "Zm8="}, {"foo", "Zm9v"}, {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="}, {"foobar", "Zm9vYmFy"}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) /* RFC 4648, section 10 */
        assert_true(text_is(text_base64(arena, pairs[i][0], strlen(pairs[i][0])), pairs[i][1]));
    assert_true(text_is(text_base64(arena, "\xFB\xEF\xBF", 3), "+++/"));
}

static void test_percent(void **state)
{
    (void)state;
    assert_true(text_is(text_percent_encode(arena, TEXT("a b/\xC3\xA4-._~+\0")), "a%20b%2F%C3%A4-._~%2B%00"));
    assert_true(text_is(text_percent_decode(arena, TEXT("a%20b%2f+c"), false), "a b/+c"));
    assert_true(text_is(text_percent_decode(arena, TEXT("a+b%2B"), true), "a b+"));
    assert_true(text_is(text_percent_decode(arena, TEXT("%"), false), "%"));
    assert_true(text_is(text_percent_decode(arena, TEXT("%4"), false), "%4"));
    assert_true(text_is(text_percent_decode(arena, TEXT("%zz%41"), false), "%zzA"));
    assert_true(text_is(text_percent_decode(arena, TEXT("100%41"), false), "100A")); /* an escape at the very end */
    struct text every = text_copy(arena, TEXT("every byte comes back"));
    char bytes[256];
    for (int i = 0; i < 256; i++)
        bytes[i] = (char)i;
    every = (struct text){bytes, 256};
    assert_true(text_equal(text_percent_decode(arena, text_percent_encode(arena, every), false), every));
}

static void test_html(void **state)
{
    (void)state;
    assert_true(text_is(text_html_escape(arena, TEXT("<a href=\"x\">'&'</a>")), "&lt;a href=&quot;x&quot;&gt;&#39;&amp;&#39;&lt;/a&gt;"));
}

static void test_the_builder_stops_at_its_limit(void **state)
{
    (void)state;
    struct builder b = builder_new(arena, 10);
    builder_add_string(&b, "12345");
    builder_printf(&b, "%d", 67890);
    assert_false(b.overflowed);
    assert_string_equal(builder_text(&b).data, "1234567890");
    builder_add_string(&b, "");
    assert_false(b.overflowed);
    builder_add_string(&b, "x");
    assert_true(b.overflowed);
    builder_add_string(&b, "");
    builder_printf(&b, "y");
    assert_true(text_is(builder_text(&b), "1234567890"));
    struct builder empty = builder_new(arena, 0);
    assert_true(text_is_present(builder_text(&empty)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_absent_and_empty_are_two_things),
        cmocka_unit_test(test_comparing),
        cmocka_unit_test(test_cutting),
        cmocka_unit_test(test_parts),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_utf8),
        cmocka_unit_test(test_cutting_between_characters),
        cmocka_unit_test(test_hex_and_base64),
        cmocka_unit_test(test_percent),
        cmocka_unit_test(test_html),
        cmocka_unit_test(test_the_builder_stops_at_its_limit),
    };
    return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
