/* Why: a secret comes back whole in its place, and nowhere else. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/seal.h"

#define KEY_A TEXT("000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")
#define KEY_B TEXT("100102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f")

static void opens_only_in_its_place(void **state)
{
    (void)state;
    struct arena *arena = arena_new(1 << 20);
    struct env *env = env_simulated((instant){0}, 7);
    struct text sealed = seal_close(env, arena, KEY_A, TEXT("row 1"), TEXT("hunter2")), plain = TEXT("untouched");
    assert_false(text_contains_ignoring_case(sealed, TEXT("hunter2")));
    assert_false(text_equal(sealed, seal_close(env, arena, KEY_A, TEXT("row 1"), TEXT("hunter2"))));
    assert_false(seal_open(arena, KEY_B, TEXT("row 1"), sealed, &plain));
    assert_false(seal_open(arena, KEY_A, TEXT("row 2"), sealed, &plain));
    assert_false(seal_open(arena, TEXT("short"), TEXT("row 1"), sealed, &plain));
    assert_false(seal_open(arena, KEY_A, TEXT("row 1"), TEXT("hunter2"), &plain));
    assert_false(seal_open(arena, KEY_A, TEXT("row 1"), TEXT("s1."), &plain));
    assert_true(text_is(plain, "untouched"));
    assert_true(seal_open(arena, KEY_A, TEXT("row 1"), sealed, &plain));
    assert_true(text_is(plain, "hunter2"));
    for (size_t i = 3; i < sealed.size; i++) {
        char *bent = (char *)(uintptr_t)text_copy(arena, sealed).data;
        bent[i] = bent[i] == 'A' ? 'B' : 'A';
        assert_false(seal_open(arena, KEY_A, TEXT("row 1"), (struct text){bent, sealed.size}, &plain) && !text_is(plain, "hunter2"));
    }
    assert_true(seal_open(arena, KEY_A, TEXT("row 1"), seal_close(env, arena, KEY_A, TEXT("row 1"), TEXT("")), &plain));
    assert_int_equal(plain.size, 0);
    env_free(env);
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(opens_only_in_its_place)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
