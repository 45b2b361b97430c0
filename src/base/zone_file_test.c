/* Why: footers by hand (all zones of the system are compared with another reader in tests/oracle), and damaged files. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdio.h>

#include "base/instant.h"
#include "base/zone_file.h"

static char file[4096];
static struct zone_change changes[ZONE_CHANGES_MAX];
static size_t count;

static int64_t at(const char *text)
{
    instant t;
    assert_true(instant_parse(text_of(text), 0, &t));
    return t.us / SECOND_US;
}

/* No listed changes, one type with offset 0, and the footer. */
static struct text file_with(const char *footer)
{
    static const char header[44] = "TZif2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0\4";
    static const char body[10] = "\0\0\0\0\0\0UTC";
    size_t size = 0;
    for (int part = 0; part < 2; part++) {
        memcpy(file + size, header, sizeof header);
        memcpy(file + size + sizeof header, body, sizeof body);
        size += sizeof header + sizeof body;
    }
    size += (size_t)snprintf(file + size, sizeof file - size, "\n%s\n", footer);
    return (struct text){file, size};
}

static bool read_footer(const char *footer)
{
    return zone_file_read(file_with(footer), at("2040-01-01T00:00Z"), at("2042-01-01T00:00Z"), changes, &count);
}

static int64_t offset_at(const char *t)
{
    size_t i = 0;
    while (i + 1 < count && changes[i + 1].at_s <= at(t))
        i++;
    return changes[i].offset_s;
}

static void footers(void **state)
{
    (void)state;
    assert_true(read_footer("CET-1CEST,M3.5.0,M10.5.0/3"));
    assert_int_equal(count, 5);
    assert_int_equal(changes[1].at_s, at("2040-03-25T01:00Z"));
    assert_int_equal(changes[2].at_s, at("2040-10-28T01:00Z"));
    assert_int_equal(offset_at("2041-07-01T00:00Z"), 7200);
    assert_true(read_footer("IST-1GMT0,M10.5.0,M3.5.0/1")); /* summer time is the standard */
    assert_int_equal(changes[1].at_s, at("2040-03-25T01:00Z"));
    assert_int_equal(offset_at("2040-02-01T00:00Z"), 0);
    assert_int_equal(offset_at("2040-07-01T00:00Z"), 3600);
    assert_true(read_footer("<-02>2<-01>,M3.5.0/-1,M10.5.0/0"));
    assert_int_equal(changes[1].at_s, at("2040-03-25T01:00Z"));
    assert_int_equal(offset_at("2040-07-01T00:00Z"), -3600);
    assert_true(read_footer("EET-2EEST,M3.4.4/50,M10.4.4/50"));
    assert_int_equal(changes[1].at_s, at("2040-03-24T00:00Z"));
    assert_true(read_footer("<+1030>-10:30<+11>-11,M10.1.0,M4.1.0"));
    assert_int_equal(offset_at("2040-01-01T00:00Z"), 39600);
    assert_int_equal(offset_at("2040-07-01T00:00Z"), 37800);
    assert_true(read_footer("<+0545>-5:45"));
    assert_int_equal(count, 1);
    assert_int_equal(changes[0].offset_s, 20700);
    assert_true(read_footer(""));
    assert_int_equal(changes[0].offset_s, 0);
}

static void damaged_files_are_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {"X", "CET", "CET-1CEST", "CET-1CEST,M3.5.0", "CET-1CEST,M13.5.0,M10.5.0", "CET-1CEST,M3.0.0,M10.5.0",
                                      "CET-1CEST,M3.5.7,M10.5.0", "CET-1CEST,M3.5.0,M10.5.0x", "<CET-1", "CET-99", "CET-1CEST,J60,J300"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_false(read_footer(bad[i]));
    struct text whole = file_with("CET-1CEST,M3.5.0,M10.5.0/3");
    for (size_t size = 0; size < whole.size - 2; size++)
        assert_false(zone_file_read(text_slice(whole, 0, size), 0, 1, changes, &count) && size < 109);
    file[36] = 127; /* a number of types that the file does not hold */
    assert_false(zone_file_read(whole, 0, 1, changes, &count));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(footers),
        cmocka_unit_test(damaged_files_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
