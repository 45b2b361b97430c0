/* Why: the published vectors (RFC 2202 section 3, RFC 4231 section 4). */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/hmac.h"

static void published_vectors(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    unsigned char digest[HMAC_SHA256_BYTES];
    hmac_sha1(TEXT("Jefe"), TEXT("what do ya want for nothing?"), digest);
    assert_string_equal(text_hex(arena, digest, HMAC_SHA1_BYTES).data, "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79");
    hmac_sha256(TEXT("Jefe"), TEXT("what do ya want for nothing?"), digest);
    assert_string_equal(text_hex(arena, digest, HMAC_SHA256_BYTES).data,
                        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    arena_free(arena);
}

static void an_empty_key_is_not_the_last_key(void **state)
{
    (void)state;
    unsigned char before[HMAC_SHA256_BYTES], after[HMAC_SHA256_BYTES];
    hmac_sha256(TEXT("secret"), TEXT("message"), before);
    hmac_sha256(TEXT_NONE, TEXT("message"), after);
    assert_memory_not_equal(before, after, HMAC_SHA256_BYTES);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_vectors),
        cmocka_unit_test(an_empty_key_is_not_the_last_key),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
