/* Why: JSON from strangers: what is taken, what is refused, and that the sender's own bytes come out as they went in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/arena_test.h"
#include "base/jansson_test.h"
#include "base/json.h"

static void assert_refused(struct text document, const char *wanted)
{
    struct problem *problem = problem_new(arena);
    if (json_read(arena, document, problem))
        fail_msg("'%.*s' was taken", TEXT_ARG(document));
    assert_int_equal(problem->count, 1);
    struct text line = problem_line(problem, 0);
    if (text_find(line, text_of(wanted)) == line.size)
        fail_msg("'%.*s' does not say '%s'", TEXT_ARG(line), wanted);
}

static json_t *taken(const char *document)
{
    struct problem *problem = problem_new(arena);
    json_t *value = json_read(arena, text_of(document), problem);
    if (!value)
        fail_msg("'%s': %.*s", document, TEXT_ARG(problem_line(problem, 0)));
    return value;
}

static void test_what_is_refused(void **state)
{
    (void)state;
    assert_refused(TEXT_NONE, "parse error");
    assert_refused(TEXT(""), "parse error");
    assert_refused(TEXT("{"), "line 1 column 1");
    assert_refused(TEXT("{} {}"), "parse error");
    assert_refused(TEXT("{\"a\":1,\"a\":2}"), "duplicate");
    assert_refused(TEXT("{\"a\":\"\xFF\"}"), "unable to decode byte");
    assert_refused(TEXT("{\"a\":\"\\u0000\"}"), "parse error");
    assert_refused(TEXT("{\"a\":9223372036854775808}"), "too big");
    assert_refused(TEXT("{\"a\":1e999}"), "parse error");
    assert_refused(TEXT("[1,]"), "parse error");
    assert_refused(TEXT("{'a':1}"), "parse error");
    assert_refused(TEXT("{\"a\":\"x\0y\"}"), "parse error");
    assert_refused(TEXT("{\"a\":NaN}"), "parse error");
    assert_refused(TEXT("{}\0"), "parse error");
    assert_refused(TEXT("1\0"), "NUL byte at position 1"); /* jansson alone takes these three */
    assert_refused(TEXT("[1.5\0,true]"), "NUL byte at position 4");
    assert_refused(TEXT("[true\0]"), "NUL byte at position 5");
}

static struct text nested(int depth, bool closed)
{
    struct builder b = builder_new(arena, 1 << 20);
    for (int i = 0; i < depth; i++)
        builder_add_string(&b, i % 2 ? "[" : "{\"a\":");
    builder_add_string(&b, "1");
    for (int i = depth - 1; closed && i >= 0; i--)
        builder_add_string(&b, i % 2 ? "]" : "}");
    return builder_text(&b);
}

static void test_depth(void **state)
{
    (void)state;
    struct problem *problem = problem_new(arena);
    assert_non_null(json_read(arena, nested(JSON_DEPTH_MAX, true), problem));
    assert_refused(nested(JSON_DEPTH_MAX + 1, true), "deeper than 64");
    assert_refused(nested(100000, false), "deeper than 64"); /* before anything recurses */
    taken("\"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[\\\"[\""); /* brackets in a text do not count */
}

static void test_size(void **state)
{
    (void)state;
    char *large = arena_alloc(arena, JSON_BODY_BYTES_MAX + 2);
    memset(large, ' ', JSON_BODY_BYTES_MAX + 1);
    large[0] = '1';
    struct problem *problem = problem_new(arena);
    assert_non_null(json_read(arena, (struct text){large, JSON_BODY_BYTES_MAX}, problem));
    assert_refused((struct text){large, JSON_BODY_BYTES_MAX + 1}, "larger than");
}

static void test_reading_values(void **state)
{
    (void)state;
    json_t *value = taken("{\"t\":\"x\\u00e4\",\"e\":\"\",\"n\":-9223372036854775808,\"r\":1.5,\"b\":true,\"z\":null,\"o\":{}}");
    assert_true(text_is(json_text_at(value, "t"), "x\xC3\xA4"));
    assert_true(text_is_present(json_text_at(value, "e")));
    assert_false(text_is_present(json_text_at(value, "z")));
    assert_false(text_is_present(json_text_at(value, "n")));
    assert_false(text_is_present(json_text_at(value, "missing")));
    assert_true(json_int_at(value, "n", 7) == INT64_MIN);
    assert_int_equal(json_int_at(value, "r", 7), 7);
    assert_int_equal(json_int_at(value, "t", 7), 7);
    assert_true(json_bool_at(value, "b", false));
    assert_true(json_bool_at(value, "n", true));
    assert_non_null(json_at(value, "z"));
    assert_null(json_at(value, "missing"));
    assert_null(json_at(json_at(value, "missing"), "deeper"));
    assert_int_equal(json_integer_value(taken(" 5 ")), 5); /* any value is a document */
}

static void test_writing(void **state)
{
    (void)state;
    json_t *object = json_object_in(arena), *array = json_array_in(arena);
    json_put_text(object, "z", TEXT("first stays first"));
    json_put_text(object, "absent", TEXT_NONE);
    json_put_text(object, "empty", TEXT(""));
    json_put_int(object, "n", INT64_MAX);
    json_put_bool(object, "b", false);
    json_put_instant(object, "at", (instant){INT64_C(1770688800) * SECOND_US});
    json_put_instant(object, "never", INSTANT_NONE);
    json_append_text(array, TEXT("\"\n\xC3\xA4"));
    json_put(object, "a", array);
    json_put(object, "none", NULL);
    assert_string_equal(json_write(arena, object).data,
                        "{\"z\":\"first stays first\",\"absent\":null,\"empty\":\"\",\"n\":9223372036854775807,\"b\":false,\"at\":\"2026-02-10T02:00:00Z\",\"never\":"
                        "null,\"a\":[\"\\\"\\n\xC3\xA4\"],\"none\":null}");
}

/* What it reads it writes as jansson does, numbers to the last digit. */
static void test_against_jansson(void **state)
{
    (void)state;
    static const char *const documents[] = {
        "{}", "[]", "[[],{}]", " { \"a\" : [ 1 , -2 , true , false , null ] } ", "\"\\u0001\\n\\\"\\\\/\xC3\xA4\\ud83d\\udcdf\"",
        "[0,-0,9223372036854775807,-9223372036854775808]",
        "[0.0,-0.0,1.5,-1.5,0.1,1e5,1E+5,1e-5,1.25e-3,123456789012345678.0,1e16,1e17,1e22,1e100,1e308,5e-324,2.2250738585072014e-308,0.30000000000000004]",
        "{\"z\":{\"\":1,\"y\":[{\"x\":[]}]},\"a\":\"\",\"m\":{\"n\":null}}",
        "[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16,17,18]", "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9,\"j\":10}",
    };
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++)
        assert_string_equal(json_write(arena, taken(documents[i])).data, as_jansson_writes(arena, text_of(documents[i])).data);
    struct problem *problem = problem_new(arena);
    assert_string_equal(json_write(arena, json_read_any_integer(arena, TEXT("[1,18446744073709551616,2.0]"), problem)).data, "[1,1.8446744073709552e19,2.0]");
}

static void test_changing(void **state)
{
    (void)state;
    json_t *object = taken("{\"a\":1,\"b\":2,\"c\":3}"), *array = taken("[1,2]");
    json_put_string(object, "b", "again"); /* keeps its place */
    json_put(object, "d", array);
    json_append_int(array, 3); /* seen where it was put */
    json_replace(array, 0, json_at(object, "b"));
    json_remove(object, "a");
    json_remove(object, "never there");
    json_put_all(object, taken("{\"c\":4,\"e\":{}}"));
    json_put_real(object, "f", 0.5);
    json_append(array, NULL);
    assert_string_equal(json_write(arena, object).data, "{\"b\":\"again\",\"c\":4,\"d\":[\"again\",2,3,null],\"e\":{},\"f\":0.5}");
    size_t index, count = 0;
    json_t *value;
    const char *key;
    json_array_foreach(array, index, value)
        count += value != NULL;
    json_object_foreach(object, key, value)
        count += strlen(key) == 1 && value;
    assert_int_equal(count, 9);
    json_array_foreach(json_at(object, "nothing"), index, value)
        fail();
}

/* Beyond a few members there is an index: it must agree with the walk whatever was added, replaced and removed. */
static void test_large_objects(void **state)
{
    (void)state;
    enum { MEMBERS = 5000 };
    json_t *object = json_object_in(arena);
    struct builder b = builder_new(arena, 1 << 20);
    for (int i = 0; i < MEMBERS; i++) {
        json_put_int(object, arena_printf(arena, "key %d", i), i);
        if (i < 40 || i % 500 == 0)
            for (int k = 0; k <= i + 1; k++)
                assert_int_equal(json_int_at(object, arena_printf(arena, "key %d", k), -1), k <= i ? k : -1);
    }
    for (int i = 0; i < MEMBERS; i += 1000)
        json_remove(object, arena_printf(arena, "key %d", i));
    for (int i = 0; i < MEMBERS; i += 2)
        json_put_int(object, arena_printf(arena, "key %d", i), -i);
    assert_int_equal(json_object_size(object), MEMBERS);
    for (int i = 0; i < MEMBERS; i++)
        assert_int_equal(json_int_at(object, arena_printf(arena, "key %d", i), 1), i % 2 ? i : -i);
    json_t *again = json_read(arena, json_write(arena, object), problem_new(arena));
    assert_true(json_same(again, object));
    assert_int_equal(json_int_at(again, "key 4998", 0), -4998);
    builder_add_string(&b, "[");
    for (int i = 0; i < MEMBERS; i++)
        builder_printf(&b, "%d,", i);
    builder_add_string(&b, "0]");
    assert_true(text_equal(json_write(arena, taken(builder_text(&b).data)), builder_text(&b)));
}

static void test_sameness(void **state)
{
    (void)state;
    static const char *const values[] = {"1", "1.0", "\"1\"", "true", "false", "null", "{}", "[]", "[1]", "[1,2]", "[2,1]", "{\"a\":1}", "{\"b\":1}", "{\"a\":2}", "{\"a\":1,\"b\":2}",
                                         "{\"a\":[{\"b\":\"c\"}]}", "{\"a\":[{\"b\":\"d\"}]}"};
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        for (size_t k = 0; k < sizeof values / sizeof *values; k++)
            assert_int_equal(json_same(taken(values[i]), taken(values[k])), i == k);
    assert_true(json_same(taken("{\"a\":1,\"b\":[2]}"), taken("{\"b\":[2],\"a\":1}")));
    assert_false(json_same(NULL, NULL));
    assert_false(json_same(taken("1"), NULL));
}

static struct text raw(const char *document, const char *first, const char *second)
{
    taken(document); /* the function is defined for accepted documents only */
    return json_raw_at(text_of(document), (const char *const[]){first, second, NULL});
}

static void test_the_senders_bytes_stay(void **state)
{
    (void)state;
    assert_true(text_is(raw("{\"payload\" : {\"x\":1, \"custom_details\":  { \"b\" : 1.0e2, \"a\":[1 ,2] }  }}", "payload", "custom_details"),
                        "{ \"b\" : 1.0e2, \"a\":[1 ,2] }"));
    assert_true(text_is(raw("{\"a\":\"}{\\\"\",\"p\":{\"d\":\"\\u00e4,]\"}}", "p", "d"), "\"\\u00e4,]\""));
    assert_true(text_is(raw("{\"p\":{\"d\":-1.50}}", "p", "d"), "-1.50"));
    assert_true(text_is(raw("{\"p\":{\"d\":null}}", "p", "d"), "null"));
    assert_true(text_is(raw("{\"\\u0070\":{\"\\u0064\":1}}", "p", "d"), "1")); /* keys written with escapes */
    assert_true(text_is(raw("\n {\"x\":[{\"p\":0}],\"p\":{\"e\":{\"d\":2},\"d\":3}}", "p", "d"), "3")); /* not the deeper one */
    assert_false(text_is_present(raw("{\"p\":{\"e\":1}}", "p", "d")));
    assert_false(text_is_present(raw("{\"p\":[1]}", "p", "d")));
    assert_false(text_is_present(raw("[]", "p", "d")));
    assert_false(text_is_present(raw("{}", "p", "d")));
    assert_false(text_is_present(raw("{\"pp\":{\"d\":1}}", "p", "d")));
    struct text whole = TEXT(" {\"a\":1} ");
    assert_true(text_equal(json_raw_at(whole, (const char *const[]){NULL}), whole));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_what_is_refused), cmocka_unit_test(test_depth),   cmocka_unit_test(test_size),
        cmocka_unit_test(test_reading_values),  cmocka_unit_test(test_writing), cmocka_unit_test(test_the_senders_bytes_stay),
        cmocka_unit_test(test_against_jansson), cmocka_unit_test(test_changing), cmocka_unit_test(test_sameness),
        cmocka_unit_test(test_large_objects),
    };
    return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
