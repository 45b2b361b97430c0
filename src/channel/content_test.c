/* Why: every text of a message passes here; broken bytes, hidden characters and wrong types must come out harmless. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/json_scan.h"
#include "channel/content.h"

static void one_line(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    static const char *const cases[][2] = {
        {"", ""}, {" \r\n ", ""}, {"a\r\nb\t c  ", "a b c"}, {"\x1b[31mred", "[31mred"}, {"e\xe2\x80\xaegnp.exe", "egnp.exe"}, {"a\xe2\x80\xa8" "b", "a b"},
        {"\xff\xc3", "\xef\xbf\xbd\xef\xbf\xbd"}, {"\xe2\x82", "\xef\xbf\xbd\xef\xbf\xbd"}, {"Grüße 🔥", "Grüße 🔥"}, {"\xc2\x85x", "x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(content_one_line(arena, text_of(cases[i][0])).data, cases[i][1]);
    arena_free(arena);
}

static void links_are_taken_out(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    static const char *const cases[][2] = {
        {"see http://evil.example/x now", "see (link) now"}, {"(HTTPS://E.X)", "((link))"}, {"a,www.evil.example", "a,(link)"}, {"http://a,http://b", "(link)"},
        {"no links: a/b c:d", "no links: a/b c:d"}, {"x://y", "(link)"}, {"WWW.X", "(link)"}, {"//x", "//x"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(content_without_links(arena, text_of(cases[i][0])).data, cases[i][1]);
    arena_free(arena);
}

static void times_as_the_reader_sees_them(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    assert_string_equal(content_clock(arena, TEXT("2026-02-10T03:12:59+01:00")).data, "03:12");
    assert_string_equal(content_date(arena, TEXT("2026-02-10T03:12:59+01:00")).data, "Tue 10 Feb 2026 03:12 (UTC+01:00)");
    assert_string_equal(content_date(arena, TEXT("2024-02-29T23:59:00-09:30")).data, "Thu 29 Feb 2024 23:59 (UTC-09:30)");
    assert_string_equal(content_date(arena, TEXT("1970-01-01T00:00:00Z")).data, "Thu 1 Jan 1970 00:00 UTC");
    assert_false(text_is_present(content_date(arena, TEXT("yesterday"))));
    assert_false(text_is_present(content_clock(arena, TEXT_NONE)));
    arena_free(arena);
}

static void wrong_types_read_as_absent(void **state)
{
    (void)state;
    struct arena *arena = arena_new(8 << 20);
    static const char *const documents[] = {
        "{}", "{\"lines\":7,\"incidents\":\"x\",\"subject\":[],\"code\":\"9\"}", "{\"incidents\":[7,null,[],{\"links\":[],\"number\":\"x\",\"title\":{}}],\"lines\":[1,null,\"\",\"a\"]}",
        "{\"kind\":\"page\",\"incident_count\":-5,\"incidents\":[{}]}",
    };
    for (size_t i = 0; i < sizeof documents / sizeof *documents; i++) {
        struct content content;
        const struct json_node *document;
        assert_int_equal(json_scan(arena, text_of(documents[i]), problem_new(arena), &document), OK);
        content_read(arena, document, &content);
        assert_int_equal(content.line_count, i == 2 ? 1 : 0);
        assert_int_equal(content.incident_total, i == 2 ? 4 : i == 3 ? 1 : 0);
        assert_int_equal(content.code, 0);
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_line),
        cmocka_unit_test(links_are_taken_out),
        cmocka_unit_test(times_as_the_reader_sees_them),
        cmocka_unit_test(wrong_types_read_as_absent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
