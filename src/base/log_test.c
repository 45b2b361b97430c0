/* Why: an error that comes back a hundred times a second must not fill the disk that may be the reason for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/log.h"

static char written[64 * 1024];
static int real_stderr;
static FILE *file;

static void listen_to_stderr(void)
{
    file = tmpfile();
    assert_non_null(file);
    fflush(stderr);
    real_stderr = dup(STDERR_FILENO);
    assert_true(dup2(fileno(file), STDERR_FILENO) >= 0);
}

static const char *what_was_written(void)
{
    fflush(stderr);
    assert_true(dup2(real_stderr, STDERR_FILENO) >= 0);
    close(real_stderr);
    rewind(file);
    written[fread(written, 1, sizeof written - 1, file)] = '\0';
    fclose(file);
    return written;
}

static size_t times(const char *all, const char *part)
{
    size_t count = 0;
    for (const char *at = strstr(all, part); at; at = strstr(at + 1, part))
        count++;
    return count;
}

static void test_the_same_error_is_written_once(void **state)
{
    (void)state;
    listen_to_stderr();
    for (int i = 0; i < 500; i++) {
        log_error("store", "the disk is full");
        log_error("api", "an event was refused");
    }
    const char *all = what_was_written();
    assert_int_equal(times(all, "the disk is full"), 1);
    assert_int_equal(times(all, "an event was refused"), 1);
}

static void test_different_errors_and_lesser_lines_are_all_written(void **state)
{
    (void)state;
    listen_to_stderr();
    for (int i = 0; i < 20; i++) {
        log_error("store", "error %d", i);
        log_info("store", "the same news");
        log_warning("store", "the same warning");
    }
    const char *all = what_was_written();
    assert_int_equal(times(all, "error store: error "), 20);
    assert_int_equal(times(all, "the same news"), 20);
    assert_int_equal(times(all, "the same warning"), 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_same_error_is_written_once),
        cmocka_unit_test(test_different_errors_and_lesser_lines_are_all_written),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
