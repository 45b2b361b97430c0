/* Why: a number that is read wrongly rings somebody else's phone, or nobody's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "api/phone_number.h"

static void assert_number(const char *written, int64_t known_code, int64_t code, const char *digits)
{
    struct arena *arena = arena_new(1 << 16);
    struct text parsed;
    assert_true(phone_number_parse(arena, text_of(written), &known_code, &parsed));
    assert_int_equal(known_code, code);
    assert_true(text_is(parsed, digits));
    arena_free(arena);
}

static void assert_refused(const char *written, int64_t known_code)
{
    struct arena *arena = arena_new(1 << 16);
    struct text parsed;
    assert_false(phone_number_parse(arena, text_of(written), &known_code, &parsed));
    arena_free(arena);
}

static void national_and_international_forms(void **state)
{
    (void)state;
    assert_number("555-123-4567", 0, 1, "5551234567");
    assert_number("555-123-4567", 44, 44, "5551234567");
    assert_number("+1 (555) 123-4567", 0, 1, "5551234567");
    assert_number(" +49 151 234.567 ", 0, 49, "151234567");
    assert_number("0049 151 234567", 0, 49, "151234567");
    assert_number("+353 1 234567", 353, 353, "1234567");
    assert_number("+7 912 345 67 89", 0, 7, "9123456789");
}

static void everything_else_is_refused(void **state)
{
    (void)state;
    assert_refused("", 0);
    assert_refused("123", 1);
    assert_refused("+49 151 234567", 1); /* contradicts the country code */
    assert_refused("+0151 234567", 0); /* no country code begins with 0 */
    assert_refused("00001 234567", 0);
    assert_refused("call me", 1);
    assert_refused("12345678901234567", 1);
    assert_refused("123456789012345", 49); /* E.164: 15 digits with the country code */
    assert_refused("555+1234567", 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(national_and_international_forms),
        cmocka_unit_test(everything_else_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
