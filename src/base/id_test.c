/* Why: public ids are computed: they must come back to the same row, differ between kinds, and refuse what we never made. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "base/id.h"

static struct arena *arena;
static struct env *env;

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(64 << 20);
    env = env_real();
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    env_free(env);
    arena_free(arena);
    return 0;
}

static void test_numbers_come_back(void **state)
{
    (void)state;
    const int64_t numbers[] = {1, 2, 3, 255, 256, 65536, INT64_C(4294967295), INT64_C(4294967296), INT64_MAX - 1, INT64_MAX};
    for (int kind = ID_INCIDENT; kind <= ID_NOTIFICATION; kind++) {
        for (size_t i = 0; i < sizeof numbers / sizeof numbers[0]; i++) {
            struct text id = id_public(arena, (enum id_kind)kind, numbers[i]);
            assert_int_equal(id.size, 14);
            assert_int_equal(id.data[0], 'Q');
            int64_t back = 0;
            assert_true(id_parse((enum id_kind)kind, id, &back));
            assert_true(back == numbers[i]);
        }
    }
}

static void test_neighbours_and_kinds_look_different(void **state)
{
    (void)state;
    for (int64_t number = 1; number < 2000; number++) {
        struct text a = id_public(arena, ID_INCIDENT, number), b = id_public(arena, ID_INCIDENT, number + 1);
        assert_false(text_equal(a, b));
        assert_false(text_equal(a, id_public(arena, ID_ALERT, number)));
    }
}

static void test_what_we_never_made_is_refused(void **state)
{
    (void)state;
    int64_t number = 7;
    struct text good = id_public(arena, ID_INCIDENT, 42);
    const struct text wrong[] = {TEXT_NONE, TEXT(""), TEXT("Q"), TEXT("P123456"), TEXT("Q000000000000"), TEXT("Q00000000000000"), TEXT("Q00000000000a0"),
                                 TEXT("QZZZZZZZZZZZZZ"), TEXT("Q000000\00000000"), TEXT("q0000000000000"), TEXT("Q-000000000001")};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++)
        if (id_parse(ID_INCIDENT, wrong[i], &number))
            fail_msg("wrong %zu was taken", i);
    assert_int_equal(number, 7);
    /* Half of all other numbers are negative for another kind; a hit there is a row number beyond any table. */
    int64_t other = 0;
    if (id_parse(ID_ALERT, good, &other))
        assert_true(other > INT64_C(1) << 32);
}

static void test_ids_do_not_change_between_releases(void **state)
{
    (void)state;
    assert_true(text_is(id_public(arena, ID_INCIDENT, 1), "Q16WN30HPX39NW"));
    assert_true(text_is(id_public(arena, ID_MESSAGE, 123456789), "Q0F8JGY8BV1AWB"));
}

static void test_random_ids_and_keys(void **state)
{
    (void)state;
    unsigned seen[256] = {0};
    for (int i = 0; i < 3000; i++) {
        struct text id = id_new_object(env, arena), key = id_new_key(env, arena, 32);
        assert_int_equal(id.size, 14);
        assert_int_equal(id.data[0], 'P');
        assert_int_equal(key.size, 32);
        for (size_t c = 0; c < key.size; c++) {
            assert_true((key.data[c] >= '0' && key.data[c] <= '9') || (key.data[c] >= 'a' && key.data[c] <= 'z'));
            seen[(unsigned char)key.data[c]]++;
        }
    }
    /* 96,000 draws over 36 characters: 2,667 each; eight standard deviations are 407. */
    for (const char *c = "0123456789abcdefghijklmnopqrstuvwxyz"; *c; c++)
        if (seen[(unsigned char)*c] < 2260 || seen[(unsigned char)*c] > 3074)
            fail_msg("'%c' came %u times", *c, seen[(unsigned char)*c]);
}

static int compare_ids(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

/* Of six characters nine pairs would be expected to be alike. */
static void test_no_two_of_many_objects_are_alike(void **state)
{
    (void)state;
    enum { MANY = 200000 };
    struct arena *memory = arena_new((size_t)64 << 20);
    struct text *ids = ARENA_ARRAY(memory, struct text, MANY);
    for (size_t i = 0; i < MANY; i++)
        ids[i] = id_new_object(env, memory);
    qsort(ids, MANY, sizeof *ids, compare_ids);
    for (size_t i = 1; i < MANY; i++)
        assert_false(text_equal(ids[i - 1], ids[i]));
    arena_free(memory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers_come_back),
        cmocka_unit_test(test_neighbours_and_kinds_look_different),
        cmocka_unit_test(test_what_we_never_made_is_refused),
        cmocka_unit_test(test_ids_do_not_change_between_releases),
        cmocka_unit_test(test_random_ids_and_keys),
        cmocka_unit_test(test_no_two_of_many_objects_are_alike),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
