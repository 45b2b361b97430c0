/* Why: what is guessed first is refused, and what people make up for themselves is not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdio.h>

#include "base/arena_test.h"
#include "base/common_password.h"
#include "base/embedded.h"

static const struct text ABOUT[] = {{"Ana Mar\xc3\xadn-Torres", 17}, {"ana.torres@halden.example", 25}};

static bool is_refused(const char *password)
{
    return common_password(arena, text_of(password), ABOUT, sizeof ABOUT / sizeof *ABOUT);
}

static void what_is_guessed_first(void **state)
{
    (void)state;
    static const char *const common[] = {"password", "PASSWORD", "12345678", "qwertyuiop", "iloveyou", "Summer2026!", "!!dragon99", "password1", " password ",
                                         "muster2026", "20260301", "+4915100000", "Torres-2026", "anatorres99!", "halden.2026", "1234567890123456"};
    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        assert_true(is_refused(common[i]) || !printf("%s is accepted\n", common[i]));
}

static void what_people_make_up(void **state)
{
    (void)state;
    static const char *const own[] = {"a long password", "another long password", "correct horse battery staple", "P4ssw0rd-of-Ana-Zz", "kr3nbnbgri5d", "\xe5\xaf\x86\xe7\xa0\x81\xe5\xbe\x88\xe9\x95\xbf",
                                      "chosen by a stranger", "torres climbs every sunday"};
    for (size_t i = 0; i < sizeof own / sizeof *own; i++)
        assert_false(is_refused(own[i]) && printf("%s is refused\n", own[i]));
}

/* The search halves a sorted list: every line must be found. */
static void every_line_is_found(void **state)
{
    (void)state;
    struct text rest = {embedded_lists[0].data, embedded_lists[0].size}, line, before = TEXT("");
    size_t count = 0;
    while (text_next(&rest, '\n', &line)) {
        if (line.size == 0)
            continue;
        assert_true(text_compare(before, line) < 0);
        assert_true(common_password(arena, line, NULL, 0));
        before = line;
        if (++count % 1000 == 0)
            arena_reset(arena);
    }
    assert_in_range(count, 15000, 20000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_guessed_first),
        cmocka_unit_test(what_people_make_up),
        cmocka_unit_test(every_line_is_found),
    };
    return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
