/* Why: a credential that is read wrongly either locks clients out or lets strangers in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "api/auth.h"

static enum auth_header parse(const char *header, struct text *ret_token)
{
    *ret_token = TEXT_NONE;
    return auth_parse_header(text_of(header), ret_token);
}

static void known_forms_give_the_token(void **state)
{
    (void)state;
    static const char *const forms[] = {"Token token=abc123", "token token=abc123", "Token token=\"abc123\"", "Bearer abc123", "bearer   abc123 "};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct text token;
        assert_int_equal(parse(forms[i], &token), AUTH_TOKEN);
        assert_true(text_is(token, "abc123"));
    }
}

static void anything_else_is_malformed(void **state)
{
    (void)state;
    static const char *const forms[] = {"",          "Token", "Token abc", "Token token=", "Token token=\"\"", "Basic dXNlcjpw", "Bearer", "Bearer a b",
                                        "abc123", "Token token=a\tb"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct text token;
        assert_int_equal(parse(forms[i], &token), AUTH_MALFORMED);
        assert_false(text_is_present(token));
    }
}

static void absent_and_oversized(void **state)
{
    (void)state;
    struct text token;
    assert_int_equal(parse(NULL, &token), AUTH_ABSENT);
    char header[400] = "Bearer ";
    memset(header + 7, 'a', 300);
    assert_int_equal(parse(header, &token), AUTH_MALFORMED);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_forms_give_the_token),
        cmocka_unit_test(anything_else_is_malformed),
        cmocka_unit_test(absent_and_oversized),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
