/* Why: whoever can make or bend a link can silence a page. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "engine/links.h"

static const struct link example = {.action = LINK_RESOLVE, .message_number = 17, .incident_number = 42, .user_id = {"PANA001", 7},
                                    .expires_at = {1770689525 * SECOND_US}};

static void a_link_says_what_it_was_made_for(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct text token = link_token(arena, TEXT("key"), &example);
    struct link got;
    assert_true(text_starts_with(token, TEXT("resolve-17-42-1770689525-PANA001-")));
    assert_int_equal(link_read(arena, TEXT("key"), token, example.expires_at, &got), LINK_VALID);
    assert_int_equal(got.action, LINK_RESOLVE);
    assert_int_equal(got.message_number, 17);
    assert_int_equal(got.incident_number, 42);
    assert_true(text_is(got.user_id, "PANA001"));
    assert_int_equal(link_read(arena, TEXT("key"), token, instant_add_s(example.expires_at, 1), &got), LINK_EXPIRED);
    arena_free(arena);
}

static void every_altered_byte_is_a_forgery(void **state)
{
    (void)state;
    struct arena *arena = arena_new(8 << 20);
    struct text token = link_token(arena, TEXT("key"), &example);
    struct link got;
    for (size_t i = 0; i < token.size; i++)
        for (int bit = 0; bit < 7; bit++) {
            char *bent = arena_string(arena, token.data);
            bent[i] = (char)(bent[i] ^ (1 << bit));
            assert_int_equal(link_read(arena, TEXT("key"), text_of(bent), example.expires_at, &got), LINK_FORGED);
        }
    for (size_t size = 0; size < token.size; size++)
        assert_int_equal(link_read(arena, TEXT("key"), text_slice(token, 0, size), example.expires_at, &got), LINK_FORGED);
    assert_int_equal(link_read(arena, TEXT("other"), token, example.expires_at, &got), LINK_FORGED);
    assert_int_equal(link_read(arena, TEXT_NONE, token, example.expires_at, &got), LINK_FORGED);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_link_says_what_it_was_made_for),
        cmocka_unit_test(every_altered_byte_is_a_forgery),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
