/* Why: a text that is counted wrongly is cut by the provider, and what is cut is the end: the way to answer. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/sms_text.h"

static void what_a_character_costs(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum sms_alphabet alphabet;
        size_t units;
    } cases[] = {
        {"", SMS_GSM, 0},     {"abc", SMS_GSM, 3},   {"[]", SMS_GSM, 4},     {"€", SMS_GSM, 2},      {"äÄöÖüÜßñ", SMS_GSM, 8}, {"a\nb", SMS_GSM, 3},
        {"`", SMS_UNICODE, 1}, {"ç", SMS_UNICODE, 1}, {"я", SMS_UNICODE, 1}, {"🔥", SMS_UNICODE, 2}, {"\t", SMS_UNICODE, 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(sms_alphabet_of(text_of(cases[i].text)), cases[i].alphabet);
        assert_int_equal(sms_units(text_of(cases[i].text), cases[i].alphabet), cases[i].units);
    }
}

static void segments_at_their_edges(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    static const struct {
        const char *one;
        size_t count, segments;
    } cases[] = {{"x", 160, 1}, {"x", 161, 2}, {"x", 306, 2}, {"x", 307, 3}, {"я", 70, 1}, {"я", 71, 2}, {"я", 134, 2}, {"я", 135, 3}, {"[", 80, 1}, {"[", 81, 2}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct builder b = builder_new(arena, 4096);
        for (size_t n = 0; n < cases[i].count; n++)
            builder_add_string(&b, cases[i].one);
        assert_int_equal(sms_segments(builder_text(&b)), cases[i].segments);
    }
    arena_free(arena);
}

static void what_becomes_simple(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    static const char *const cases[][2] = {
        {"“a” – ‘b’…", "\"a\" - 'b'..."}, {"≤5 → ≥6", "<=5 -> >=6"}, {"Příliš žluťoučký kůň", "Prilis zlutoucky kun"}, {"çÇáÁñÑ", "cÇaAñÑ"},
        {"Łódź İstanbul ſ", "Lodz Istanbul s"}, {"fire 🔥🔥!", "fire !"},  {"Сбой", "Сбой"},                                     {"決済", "決済"},
        {"a\xff", "a?"},                 {"x²", "x2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(sms_simplify(arena, text_of(cases[i][0])).data, cases[i][1]);
    arena_free(arena);
}

static void a_cut_is_marked_and_fits(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    assert_string_equal(sms_cut(arena, TEXT("short"), SMS_GSM, 5).data, "short");
    assert_string_equal(sms_cut(arena, TEXT("longer one"), SMS_GSM, 8).data, "longe...");
    assert_string_equal(sms_cut(arena, TEXT("longer one"), SMS_GSM, 10).data, "longer one");
    assert_string_equal(sms_cut(arena, TEXT("🔥🔥🔥"), SMS_UNICODE, 5).data, "🔥...");
    assert_string_equal(sms_cut(arena, TEXT("🔥🔥🔥"), SMS_UNICODE, 4).data, "...");
    assert_string_equal(sms_cut(arena, TEXT("abc"), SMS_GSM, 2).data, "");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_a_character_costs),
        cmocka_unit_test(segments_at_their_edges),
        cmocka_unit_test(what_becomes_simple),
        cmocka_unit_test(a_cut_is_marked_and_fits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
