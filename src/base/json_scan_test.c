/* Why: the scanner stands in for jansson where strangers' bytes come in, so every case is also given to jansson, and both must say the same.
 * tests/fuzz/run json_scan asks the same of inputs that nobody thought of. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena_test.h"
#include "base/jansson_test.h"
#include "base/json_escape.h"
#include "base/json_explain.h"
#include "base/json_scan.h"

/* What the scanner makes of it; fails where jansson disagrees, or words a refusal otherwise. */
static const struct json_node *scan(struct text document)
{
    struct problem *ours = problem_new(arena), *theirs = problem_new(arena);
    const struct json_node *node = NULL;
    enum err err = json_scan(arena, document, ours, &node);
    bool is_fine = json_explain(document, true, theirs);
    if (err != (is_fine ? OK : ERR_INVALID))
        fail_msg("'%.*s' is %s, for jansson it is %s", TEXT_ARG(text_slice(document, 0, 300)), err_name(err), is_fine ? "fine" : "wrong");
    assert_int_equal(ours->count, theirs->count);
    if (ours->count > 0)
        assert_true(text_equal(problem_line(ours, 0), problem_line(theirs, 0)));
    return node;
}

static const struct json_node *taken(struct text document)
{
    const struct json_node *node = scan(document);
    if (!node)
        fail_msg("'%.*s' is refused", TEXT_ARG(text_slice(document, 0, 300)));
    return node;
}

static void assert_refused(struct text document)
{
    if (scan(document))
        fail_msg("'%.*s' is taken", TEXT_ARG(text_slice(document, 0, 300)));
}

static void assert_string(struct text document, const char *wanted)
{
    struct text text = json_node_text(arena, taken(document));
    if (!text_is(text, wanted))
        fail_msg("'%.*s' is read as '%.*s'", TEXT_ARG(document), TEXT_ARG(text));
}

static void test_structure(void **state)
{
    (void)state;
    static const char *const fine[] = {
        "{}", "[]", " [ ] ", "\t{\r\n}\n", "null", "true", "false", "0", "\"\"", "[[],{},[[]]]", "{\"a\":{}}", "{\"a\" : [ 1 , 2 ] , \"b\":null}",
        "[true,false,null]", "[\"a\",\"b\"]", "{\"\":\"\"}", "[{\"a\":1},{\"a\":1}]",
    };
    static const char *const wrong[] = {
        "", " ", "{", "}", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[,]", "[1 2]", "[1,,2]", "[1}", "{]", "[]]", "{}}", "{} {}", "[] []", "1 2", "1,", ":", ",",
        "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{,}", "{,\"a\":1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{\"a\"::1}", "{\"a\":1,2}", "{1:1}", "{a:1}", "{'a':1}", "{null:1}",
        "{[]:1}", "{\"a\":1", "{\"a\":1]", "{\"a\"", "{\"a", "[\"a\":1]", "tru", "nul", "fals", "truefalse", "nullx", "True", "NULL", "undefined", "[true1]", "[true\"\"]",
        "[1]x", "[1]//", "/**/[1]", "#", "[\f1]", "[\v1]", "\xC2\xA0[1]", "\xEF\xBB\xBF[1]", "\xE2\x80\xA8[1]", "'a'", "`a`", "(1)", "<a>", "\"a\"\"b\"", "\"a\" \"b\"",
        "[1;2]", "&", "\\u005b]", "[\"a\"b]", "{\"a\":1}[", "[[]", "[{]}", "[{}", "{\"a\":[}",
    };
    for (size_t i = 0; i < sizeof fine / sizeof *fine; i++)
        taken(text_of(fine[i]));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_refused(text_of(wrong[i]));
    assert_refused(TEXT_NONE);
    assert_refused(TEXT("1\0"));
    assert_refused(TEXT("[1\0,true\0]"));
    assert_refused(TEXT("\0[1]"));
    assert_refused(TEXT("[\0]"));
    assert_refused(TEXT("{\"a\"\0:1}"));
}

static void test_numbers(void **state)
{
    (void)state;
    static const char *const integers[] = {"0", "-0", "7", "-7", "10", "9223372036854775807", "-9223372036854775808", "18446744073709551616", "-99999999999999999999999"};
    static const char *const reals[] = {"0.0",   "-0.0",   "1.5",   "0e0",    "0E+00", "1e5",   "1E5",    "1e+5", "1e-5", "1.25e-3", "1e308", "-1e308",
                                        "0.1e309", "1e-999", "1e-99999999999999999999", "0e99999999999999999999", "1.7976931348623157e308",
                                        "1.7976931348623158e308", "0.00000000000000000000000000000001e330"};
    static const char *const wrong[] = {"-",    "+1",   "--1",   "01",   "-01",   "00",    "1.",    "-.5",  ".5",    "1.e5",  "1e",     "1e+",    "1e-",  "1e5.5", "1ee5", "0x10",
                                        "1_0",  "1a",   "NaN",   "-NaN", "Infinity", "-Infinity", "inf", "1e309", "-1e309", "1.7976931348623159e308", "1e99999999999999999999",
                                        "\xEF\xBC\x91", "1,5", "- 1", "1 .5", "1e 5", "0.1.2", "1.5f", "10e308"};
    for (size_t i = 0; i < sizeof integers / sizeof *integers; i++) {
        assert_true(json_node_is(taken(text_of(integers[i])), JSON_INTEGER));
        assert_true(json_node_is(json_node_next(taken(text_printf(arena, "[%s ]", integers[i])), NULL), JSON_INTEGER));
    }
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        assert_true(json_node_is(taken(text_of(reals[i])), JSON_REAL));
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_refused(text_of(wrong[i]));
        assert_refused(text_printf(arena, "{\"a\":%s}", wrong[i]));
    }
}

/* Half way between the largest double and the next power of two rounds up to infinity; one less does not. */
static void test_the_largest_integer_that_is_a_double(void **state)
{
    (void)state;
    static const char largest[] = "17976931348623158079372897140530341507993413271003782693617377898044496829276475094664901797758720709633028641669288791094655554785194040263"
                                  "06574886715058206819089020007083836762738548458177115317644757302700698555713669596228429148198608349364752927190741684443655107043427115596"
                                  "99508093042880177904174497791";
    struct text fine = text_of(largest), beyond = text_copy(arena, fine);
    ((char *)(uintptr_t)beyond.data)[beyond.size - 1] = '2';
    assert_int_equal(fine.size, 309);
    taken(fine);
    taken(text_printf(arena, "-%s", largest));
    taken(text_printf(arena, "%s.999", "1"));
    assert_refused(beyond);
    struct text zeros = text_printf(arena, "1%0*de-%d", 4000, 0, 3700); /* 10^300 */
    taken(zeros);
    assert_refused(text_printf(arena, "1%0*de-%d", 4000, 0, 3600));
    taken(text_printf(arena, "0.%0*d1e4000", 4000, 0));
}

static void test_strings(void **state)
{
    (void)state;
    assert_string(TEXT("\"\""), "");
    assert_string(TEXT("\"plain\""), "plain");
    assert_string(TEXT("\"a\x7F\""), "a\x7F");
    assert_string(TEXT("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\""), "\"\\/\b\f\n\r\t");
    assert_string(TEXT("\"x\\u0041\\u00e4\\u20AC\\uD83D\\uDE9Ay\""), "xA\xC3\xA4\xE2\x82\xAC\xF0\x9F\x9A\x9Ay");
    assert_string(TEXT("\"\\u0001\\u007f\\u0080\\u07ff\\u0800\\uffff\""), "\x01\x7F\xC2\x80\xDF\xBF\xE0\xA0\x80\xEF\xBF\xBF");
    assert_string(TEXT("\"\\ud800\\udc00\\udbff\\udfff\""), "\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
    assert_string(TEXT("\"\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF\""),
                  "\xC2\x80\xDF\xBF\xE0\xA0\x80\xED\x9F\xBF\xEE\x80\x80\xEF\xBF\xBF\xF0\x90\x80\x80\xF4\x8F\xBF\xBF");
    static const char *const wrong[] = {
        "\"", "\"a", "\"a\\\"", "\"\\", "\"\\u", "\"\\u00", "\"\\u004", "\"\\u0041", "\"\\x41\"", "\"\\U0041\"", "\"\\u004g\"", "\"\\u 041\"", "\"\\u+041\"", "\"\\'\"", "\"\\a\"",
        "\"\\0\"", "\"\\u0000\"", "\"a\\u0000b\"", "\"\\ud800\"", "\"\\ud800x\"", "\"\\ud800\\n\"", "\"\\ud800\\u0041\"", "\"\\ud800\\ud800\"", "\"\\udc00\"",
        "\"\\udfff\\ud800\"", "\"\\ud800\\u\"", "\"\\ud800\\udc0\"", "\"\n\"", "\"\t\"", "\"\x01\"", "\"\x1F\"", "\"\\\n\"", "\"\x80\"", "\"\xBF\"", "\"\xC0\x80\"", "\"\xC1\xBF\"",
        "\"\xC3\"", "\"\xC3(\"", "\"\xE0\x9F\xBF\"", "\"\xE2\x82\"", "\"\xED\xA0\x80\"", "\"\xED\xBF\xBF\"", "\"\xF0\x8F\xBF\xBF\"", "\"\xF0\x9F\x9A\"", "\"\xF4\x90\x80\x80\"",
        "\"\xF5\x80\x80\x80\"", "\"\xF8\x88\x80\x80\x80\"", "\"\xFE\"", "\"\xFF\"", "\"\xC3", "\"\xE2\x82", "\"\xF0\x9F\x9A", "\xC3\xA4",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_refused(text_of(wrong[i]));
        assert_refused(text_printf(arena, "[%s]", wrong[i]));
        assert_refused(text_printf(arena, "{%s:1}", wrong[i]));
    }
    assert_refused(TEXT("\"a\0b\""));
}

/* Strings are looked at eight bytes at a time: what is special must be seen at each place of the eight and in the rest. */
static void test_every_byte_at_every_place(void **state)
{
    (void)state;
    for (size_t before = 0; before <= 17; before++)
        for (unsigned byte = 0; byte < 256; byte++)
            for (size_t behind = 0; behind <= 9; behind += 9) {
                char document[32] = "[\"aaaaaaaaaaaaaaaaa";
                document[2 + before] = (char)byte;
                memset(document + 3 + before, 'b', behind);
                memcpy(document + 3 + before + behind, "\"]", 2);
                struct text text = {document, 5 + before + behind};
                bool fine = byte >= 0x20 && byte < 0x80 && byte != '"' && (byte != '\\' || behind > 0);
                assert_int_equal(scan(text) != NULL, fine);
            }
}

/* Whatever is done to one byte of it. */
static void test_a_changed_document(void **state)
{
    (void)state;
    static const char document[] = " {\"a\":[1,-2.5e+1,0,\"\\u00e4\\n\xC3\xA4\"],\"\\u0062\":{\"c\":true,\"d\":null},\"a b\":[{}, []] } ";
    static const char bytes[] = "\0\x01 \n\"\\/{}[]:,-+.eE0129abdfnrtul\x7F\x80\xC3\xA4\xE2\xED\xF0\xFF";
    size_t size = sizeof document - 1, fine = 0, wrong = 0;
    taken(text_of(document));
    for (size_t i = 0; i <= size; i++) {
        arena_reset(arena);
        struct text cut = {document, i};
        assert_int_equal(scan(cut) != NULL, i >= size - 1);
        for (size_t k = 0; k < sizeof bytes - 1; k++) {
            struct text changed = text_copy(arena, text_of(document)), longer = text_printf(arena, "%.*s_%s", (int)i, document, document + i);
            ((char *)(uintptr_t)changed.data)[i < size ? i : 0] = bytes[k];
            ((char *)(uintptr_t)longer.data)[i] = bytes[k];
            *(scan(changed) ? &fine : &wrong) += 1;
            *(scan(longer) ? &fine : &wrong) += 1;
        }
    }
    assert_true(fine > 300);
    assert_true(wrong > 3000);
}

static struct text nested(size_t depth)
{
    struct builder b = builder_new(arena, 1 << 20);
    for (size_t i = 0; i < depth; i++)
        builder_add_string(&b, i % 2 ? "[" : "{\"a\":");
    builder_add_string(&b, "1");
    for (size_t i = depth; i > 0; i--)
        builder_add_string(&b, i % 2 ? "}" : "]");
    return builder_text(&b);
}

static void test_bounds(void **state)
{
    (void)state;
    taken(nested(JSON_DEPTH_MAX));
    assert_refused(nested(JSON_DEPTH_MAX + 1));
    assert_refused(nested(100000));
    char *large = arena_alloc(arena, JSON_BODY_BYTES_MAX + 1);
    memset(large, ' ', JSON_BODY_BYTES_MAX + 1);
    large[0] = '1';
    taken((struct text){large, JSON_BODY_BYTES_MAX});
    assert_refused((struct text){large, JSON_BODY_BYTES_MAX + 1});
    for (size_t i = 0; i < JSON_BODY_BYTES_MAX; i++)
        large[i] = i % 2 ? '1' : ',';
    large[0] = '[';
    large[JSON_BODY_BYTES_MAX - 2] = ']';
    large[JSON_BODY_BYTES_MAX - 1] = ' ';
    struct text many = {large, JSON_BODY_BYTES_MAX};
    size_t used = arena_used(arena);
    const struct json_node *node = NULL;
    assert_int_equal(json_scan(arena, many, problem_new(arena), &node), OK);
    assert_int_equal(json_node_count(node), JSON_BODY_BYTES_MAX / 2 - 1);
    assert_true(arena_used(arena) - used < 20 * (size_t)JSON_BODY_BYTES_MAX);
}

static struct text with_keys(size_t count, const char *last)
{
    struct builder b = builder_new(arena, 1 << 20);
    builder_add_string(&b, "{");
    for (size_t i = 0; i < count; i++)
        builder_printf(&b, "\"k%zu\":%zu,", i * 7919 % count, i);
    builder_printf(&b, "\"%s\":null}", last);
    return builder_text(&b);
}

static void test_no_key_twice(void **state)
{
    (void)state;
    assert_refused(TEXT("{\"a\":1,\"a\":1}"));
    assert_refused(TEXT("{\"\":1,\"\":1}"));
    assert_refused(TEXT("{\"a\":1,\"\\u0061\":1}"));
    assert_refused(TEXT("{\"\\n\":1,\"\\u000A\":1}"));
    assert_refused(TEXT("[{\"x\":{\"a\":1,\"b\":2,\"a\":1}}]"));
    assert_refused(TEXT("{\"\\u0000\":1}"));
    taken(TEXT("{\"a\":{\"a\":{\"a\":1}},\"A\":1,\"aa\":1,\"\":1}"));
    taken(TEXT("{\"\xC3\xA4\":1,\"a\xCC\x88\":1}")); /* the same letter, not the same bytes */
    static const size_t counts[] = {1, 14, 15, 16, 17, 18, 100, 20000}; /* 7919 is prime to each: every key once */
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        size_t count = counts[i];
        const struct json_node *object = taken(with_keys(count, "last"));
        assert_int_equal(json_node_count(object), count + 1);
        assert_true(json_node_is(json_node_member(object, "last"), JSON_NULL));
        assert_refused(with_keys(count, "k0"));
        assert_refused(with_keys(count, text_printf(arena, "\\u006b%zu", count - 1).data));
        assert_refused(with_keys(count, text_printf(arena, "k%zu", count / 2).data));
    }
}

static void test_values(void **state)
{
    (void)state;
    const struct json_node *root = taken(TEXT(" {\"t\":\"x\\u00e4\",\"p\":\"plain\",\"n\":-9223372036854775808,\"big\":9223372036854775808,\"r\":1.5e0,\"b\":true,"
                                              "\"z\":null, \"o\" : { \"a\":[1 ,2] } ,\"\\u006fo\":[],\"\":3} "));
    assert_true(text_is(json_node_text_at(arena, root, "t"), "x\xC3\xA4"));
    assert_true(text_is(json_node_text_at(arena, root, "p"), "plain"));
    assert_false(text_is_present(json_node_text_at(arena, root, "n")));
    assert_false(text_is_present(json_node_text_at(arena, root, "missing")));
    assert_true(json_node_int_at(root, "n", 7) == INT64_MIN);
    assert_int_equal(json_node_int_at(root, "", 7), 3);
    assert_int_equal(json_node_int_at(root, "big", 7), 7);
    assert_int_equal(json_node_int_at(root, "r", 7), 7);
    assert_int_equal(json_node_int_at(root, "t", 7), 7);
    assert_int_equal(json_node_int_at(root, "missing", 7), 7);
    assert_true(text_is(json_node_raw(json_node_member(root, "o")), "{ \"a\":[1 ,2] }"));
    assert_true(text_is(json_node_raw(json_node_member(root, "t")), "\"x\\u00e4\""));
    assert_true(text_is(json_node_raw(json_node_member(root, "r")), "1.5e0"));
    assert_true(json_node_is(json_node_member(root, "b"), JSON_TRUE));
    assert_true(json_node_is(json_node_member(root, "z"), JSON_NULL));
    assert_true(json_node_is(json_node_member(root, "oo"), JSON_ARRAY)); /* its key is written with an escape */
    assert_null(json_node_member(root, "ooo"));
    assert_null(json_node_member(root, "u006fo"));
    assert_null(json_node_member(root, "a")); /* not the deeper one */
    assert_null(json_node_member(json_node_member(root, "oo"), "a"));
    assert_null(json_node_member(NULL, "a"));
    assert_false(text_is_present(json_node_raw(NULL)));
    assert_false(json_node_is(NULL, JSON_NULL));
}

static void test_what_is_held(void **state)
{
    (void)state;
    const struct json_node *array = taken(TEXT(" [ {\"a\":\"]},\\\"\"} ,1, \"x,y\" ,[ [] , {} ]\n,null]"));
    static const char *const elements[] = {"{\"a\":\"]},\\\"\"}", "1", "\"x,y\"", "[ [] , {} ]", "null"};
    size_t i = 0;
    json_node_each(array, element)
        assert_true(text_is(json_node_raw(element), elements[i++]));
    assert_int_equal(i, 5);
    assert_int_equal(json_node_count(array), 5);
    const struct json_node *object = taken(TEXT("{\"a\":[1,2],\"\\u0062\":{\"x\":1},\"c\":3}"));
    static const char *const keys[] = {"a", "b", "c"};
    i = 0;
    json_node_each(object, member)
        assert_true(text_is(json_node_key(arena, member), keys[i++]));
    assert_int_equal(i, 3);
    assert_int_equal(json_node_count(taken(TEXT("[ ]"))), 0);
    assert_int_equal(json_node_count(taken(TEXT("{ }"))), 0);
    assert_int_equal(json_node_count(taken(TEXT("\"ab\""))), 0);
    assert_int_equal(json_node_count(NULL), 0);
}

/* Every byte a text can hold, and what jansson would have written. */
static void test_writing_a_string(void **state)
{
    (void)state;
    char all[127 + 4];
    for (int i = 1; i < 128; i++)
        all[i - 1] = (char)i;
    memcpy(all + 127, "\xF0\x9F\x9A\x9A", 4);
    static const char *const short_ones[] = {"", "plain", "\"", "\\\\", "a\nb", "ends\x1F", "\xC3\xA4"};
    for (size_t i = 0; i <= sizeof short_ones / sizeof *short_ones; i++) {
        struct text value = i < sizeof short_ones / sizeof *short_ones ? text_of(short_ones[i]) : (struct text){all, sizeof all};
        struct builder b = builder_new(arena, 4096);
        json_escape_write(&b, value);
        assert_true(text_equal(builder_text(&b), as_jansson_writes(arena, builder_text(&b))));
        assert_true(text_equal(json_node_text(arena, taken(builder_text(&b))), value));
    }
    struct builder none = builder_new(arena, 4096), broken = builder_new(arena, 4096);
    json_escape_write(&none, TEXT_NONE);
    assert_true(text_is(builder_text(&none), "null"));
    json_escape_write(&broken, TEXT("a\xC3(\xC3\xA4\xFF\xE2\x82"));
    assert_string(builder_text(&broken), "a\xEF\xBF\xBD(\xC3\xA4\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_structure, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_numbers, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_the_largest_integer_that_is_a_double, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_strings, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_every_byte_at_every_place, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_a_changed_document, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_bounds, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_no_key_twice, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_values, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_what_is_held, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_writing_a_string, arena_set_up, arena_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
