/* Why: a code of another time, of another secret or that is none lets nobody in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>
#include <stdlib.h>

#include "base/arena_test.h"
#include "base/totp.h"

/* "12345678901234567890", the secret of RFC 6238, appendix B. */
#define SECRET TEXT("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ")

static instant at(int64_t seconds)
{
    return (instant){seconds * SECOND_US};
}

static void the_published_codes(void **state)
{
    (void)state;
    /* The last six of the published eight digits. */
    static const struct {
        int64_t at_s;
        const char *code;
    } published[] = {{59, "287082"}, {1111111109, "081804"}, {1111111111, "050471"}, {1234567890, "005924"}, {2000000000, "279037"}, {20000000000, "353130"}};
    for (size_t i = 0; i < sizeof published / sizeof *published; i++) {
        int64_t step = 0;
        assert_true(totp_check(arena, SECRET, text_of(published[i].code), at(published[i].at_s), &step));
        assert_int_equal(step, published[i].at_s / TOTP_STEP_S);
    }
}

static void one_step_of_drift(void **state)
{
    (void)state;
    int64_t step = 0, start = 1234567890 / TOTP_STEP_S * TOTP_STEP_S;
    for (int64_t drift = -3 * TOTP_STEP_S; drift <= 3 * TOTP_STEP_S; drift++) {
        bool near = drift >= -TOTP_STEP_S && drift < 2 * TOTP_STEP_S;
        assert_int_equal(totp_check(arena, SECRET, TEXT("005924"), at(start + drift), &step), near);
        assert_int_equal(step, near ? start / TOTP_STEP_S : step);
    }
}

static void what_is_no_code(void **state)
{
    (void)state;
    static const char *const wrong[] = {"", "5924", "005925", "0059240", "00592a", "89005924", " 05924", "-05924"};
    int64_t step;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_false(totp_check(arena, SECRET, text_of(wrong[i]), at(1234567890), &step));
    assert_false(totp_check(arena, TEXT("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJR"), TEXT("005924"), at(1234567890), &step));
    assert_false(totp_check(arena, TEXT("not base32!"), TEXT("005924"), at(1234567890), &step));
}

static void secrets_are_new_and_apps_can_read_them(void **state)
{
    (void)state;
    struct env *env = env_real();
    struct text one = totp_new_secret(env, arena), other = totp_new_secret(env, arena);
    assert_int_equal(one.size, 32);
    assert_false(text_equal(one, other));
    struct text uri = totp_uri(arena, TEXT("ABC"), TEXT("Muster"), TEXT("ana:b@halden.example"));
    assert_string_equal(text_cstring(arena, uri), "otpauth://totp/Muster:ana%3Ab%40halden.example?secret=ABC&issuer=Muster");
    env_free(env);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_codes),
        cmocka_unit_test(one_step_of_drift),
        cmocka_unit_test(what_is_no_code),
        cmocka_unit_test(secrets_are_new_and_apps_can_read_them),
    };
    return cmocka_run_group_tests(tests, arena_set_up, arena_tear_down);
}
