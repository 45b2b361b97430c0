/* Why: a signature we accept wrongly lets a stranger silence a page. Vectors computed with an independent validator stand in
 * tests/channel; here every altered byte must be refused. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "channel/twilio.h"

static const char *url = "https://mycompany.com/myapp.php?foo=1&bar=2";

static json_t *parameters(struct arena *arena)
{
    json_t *params = json_object_in(arena);
    json_put_string(params, "To", "+18005551212");
    json_put_string(params, "Digits", "1234");
    json_put_string(params, "From", "+14158675309");
    json_put_string(params, "CallSid", "CA1234567890ABCDE");
    json_put_string(params, "Caller", "+14158675309");
    return params;
}

/* The example of the provider's own security page. */
static const char *signature = "RSOYDt4T1cUTdK1PDd93/VVr8B8=";

static void the_published_example_fits(void **state)
{
    (void)state;
    struct arena *arena = arena_new(8 << 20);
    json_t *params = parameters(arena);
    assert_true(twilio_signature_is_valid(arena, TEXT("12345"), text_of(url), params, text_of(signature)));
    assert_true(twilio_signature_is_valid(arena, TEXT("12345"), TEXT("https://mycompany.com:443/myapp.php?foo=1&bar=2"), params, text_of(signature)));
    assert_false(twilio_signature_is_valid(arena, TEXT("12346"), text_of(url), params, text_of(signature)));
    assert_false(twilio_signature_is_valid(arena, TEXT(""), text_of(url), params, text_of(signature)));
    assert_false(twilio_signature_is_valid(arena, TEXT("12345"), text_of(url), params, TEXT_NONE));
    assert_false(twilio_signature_is_valid(arena, TEXT("12345"), TEXT("not a url"), params, text_of(signature)));
    arena_free(arena);
}

static void every_altered_byte_is_refused(void **state)
{
    (void)state;
    struct arena *arena = arena_new(64 << 20);
    json_t *params = parameters(arena);
    for (size_t i = 0; i < strlen(signature); i++) {
        char *altered = arena_string(arena, signature);
        altered[i] ^= 1;
        assert_false(twilio_signature_is_valid(arena, TEXT("12345"), text_of(url), params, text_of(altered)));
    }
    for (size_t i = 0; i < strlen(url); i++) {
        char *altered = arena_string(arena, url);
        altered[i] ^= 1;
        assert_false(twilio_signature_is_valid(arena, TEXT("12345"), text_of(altered), params, text_of(signature)));
    }
    json_put_string(params, "Digits", "1235");
    assert_false(twilio_signature_is_valid(arena, TEXT("12345"), text_of(url), params, text_of(signature)));
    json_put_string(params, "Digits", "1234");
    json_put_string(params, "More", "");
    assert_false(twilio_signature_is_valid(arena, TEXT("12345"), text_of(url), params, text_of(signature)));
    json_put_int(params, "More", 7);
    assert_false(twilio_signature_is_valid(arena, TEXT("12345"), text_of(url), params, text_of(signature)));
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_published_example_fits),
        cmocka_unit_test(every_altered_byte_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
