/* Why: the page in docs/ must say what the program says, and a number must be written as Prometheus reads it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "api/metrics.h"
#include "api/metrics_samples.h"
#include "base/arena_test.h"

static void test_the_page_is_what_the_table_says(void **state)
{
    (void)state;
    const char *source = getenv("MUSTER_SOURCE");
    assert_non_null(source);
    FILE *file = fopen(arena_printf(arena, "%s/docs/metrics.md", source), "re");
    assert_non_null(file);
    char *page = arena_alloc(arena, 1 << 20);
    size_t size = fread(page, 1, (1 << 20) - 1, file);
    fclose(file);
    page[size] = '\0';
    assert_string_equal(page, metrics_documentation(arena).data); /* muster metrics > docs/metrics.md */
}

static struct histogram observed;

static void put_histogram(struct samples *s)
{
    sample_histogram(s, "cause=\"x\"", &observed, histogram_bounds_us, SECOND_US);
    sample_seconds(s, "", -1500000);
    sample_seconds(s, "", -1);
    sample_seconds(s, "{a=\"b\"}", 1000002);
    sample_number(s, "", 7);
}

static const char *written(void)
{
    static const struct family family = {"muster_x_seconds", "histogram", "Help.", put_histogram};
    struct call call = {.arena = arena};
    struct samples s = {.call = &call, .out = builder_new(arena, 1 << 20)};
    samples_of(&s, &family);
    return builder_text(&s.out).data;
}

static void test_a_histogram_is_cumulative(void **state)
{
    (void)state;
    atomic_store(&observed.buckets[0], 2);
    atomic_store(&observed.buckets[3], 1);
    atomic_store(&observed.buckets[HISTOGRAM_BOUNDS], 1);
    atomic_store(&observed.sum, 400250000);
    const char *out = written();
    static const char *const lines[] = {
        "# HELP muster_x_seconds Help.\n# TYPE muster_x_seconds histogram\n",
        "muster_x_seconds_bucket{cause=\"x\",le=\"0.0005\"} 2\n",
        "muster_x_seconds_bucket{cause=\"x\",le=\"0.0025\"} 2\n",
        "muster_x_seconds_bucket{cause=\"x\",le=\"0.005\"} 3\n",
        "muster_x_seconds_bucket{cause=\"x\",le=\"300\"} 3\n",
        "muster_x_seconds_bucket{cause=\"x\",le=\"+Inf\"} 4\n",
        "muster_x_seconds_sum{cause=\"x\"} 400.25\n",
        "muster_x_seconds_count{cause=\"x\"} 4\n",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++)
        assert_non_null(strstr(out, lines[i]));
}

static void test_numbers_are_decimal(void **state)
{
    (void)state;
    const char *out = written();
    assert_non_null(strstr(out, "\nmuster_x_seconds -1.5\n"));
    assert_non_null(strstr(out, "\nmuster_x_seconds -0.000001\n"));
    assert_non_null(strstr(out, "\nmuster_x_seconds{a=\"b\"} 1.000002\n"));
    assert_non_null(strstr(out, "\nmuster_x_seconds 7\n"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_the_page_is_what_the_table_says, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_a_histogram_is_cumulative, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_numbers_are_decimal, arena_set_up, arena_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
