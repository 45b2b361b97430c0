/* Why: an operator's mistake must be named with its place, all at once, and never be taken for something else. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/config.h"

static struct arena *arena;
static struct problem *problem;
static char path[64];

static int set_up(void **state)
{
    (void)state;
    arena = arena_new(8 * 1024 * 1024);
    problem = problem_new(arena);
    snprintf(path, sizeof path, "/tmp/muster-config-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    unlink(path);
    arena_free(arena);
    return 0;
}

static void write_file(const char *content)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(content, file);
    fclose(file);
}

static enum err load(const char *content, struct config *config, int count, char *const *flags)
{
    problem = problem_new(arena);
    if (content)
        write_file(content);
    return config_load(arena, content ? path : NULL, count, flags, config, problem);
}

static void assert_mistake(const char *content, const char *wanted)
{
    struct config config;
    assert_int_equal(load(content, &config, 0, NULL), ERR_INVALID);
    for (size_t i = 0; i < problem->count; i++) {
        struct text line = problem_line(problem, i);
        if (text_find(line, text_of(wanted)) < line.size)
            return;
    }
    fail_msg("'%s' is not among the mistakes; the first is '%.*s'", wanted, TEXT_ARG(problem_line(problem, 0)));
}

static void test_defaults(void **state)
{
    (void)state;
    struct config config;
    assert_int_equal(load(NULL, &config, 0, NULL), OK);
    assert_true(text_is(config.listen_host, "127.0.0.1"));
    assert_int_equal(config.listen_port, 8080);
    assert_true(text_is(config.database, "sqlite:data/muster.db"));
    assert_true(text_is(config.unknown_key_answer, "400"));
    assert_int_equal(config.provider_count, 0);
    assert_false(config.practice);
}

static void test_a_whole_file(void **state)
{
    (void)state;
    struct config config;
    assert_int_equal(load("# comment\r\n\n  listen = [::1]:9000   # behind a proxy\npublic_url = https://m.example.org/pd/\n"
                          "[provider mail-1]\ntype=smtp\nbase_url = smtp://127.0.0.1:2525\nfrom = m@example.org\naccount = \"muster # 1\"\nstart_tls_required = yes\n"
                          "[provider sms]\ntype = twilio\naccount = AC1\nsecret = s\xC3\xA4 cret\nfrom = +4930123\nchannels = sms, phone\nrate_per_minute = 60\n",
                          &config, 0, NULL), OK);
    assert_true(text_is(config.listen_host, "::1"));
    assert_int_equal(config.listen_port, 9000);
    assert_true(text_is(config.public_url, "https://m.example.org/pd"));
    assert_int_equal(config.provider_count, 2);
    const struct provider_config *mail = &config.providers[0], *sms = &config.providers[1];
    assert_true(text_is(mail->from, "m@example.org"));
    assert_true(text_is(mail->account, "muster # 1"));
    assert_true(mail->start_tls_required);
    assert_int_equal(mail->channels, 1u << CHANNEL_EMAIL);
    assert_int_equal(sms->channels, 1u << CHANNEL_SMS | 1u << CHANNEL_PHONE);
    assert_true(text_is(sms->secret, "s\xC3\xA4 cret"));
    assert_true(text_is(sms->base_url, "https://api.twilio.com"));
    assert_int_equal(sms->in_flight_max, 100);
    config_forget_secrets(&config);
    assert_true(text_is_empty(config.providers[1].secret));
}

static void test_flags_win_over_environment_and_file(void **state)
{
    (void)state;
    struct config config;
    char *const flags[] = {"--worker-threads", "7", "--sample", "--listen=0.0.0.0:0"};
    setenv("MUSTER_WORKER_THREADS", "6", 1);
    setenv("MUSTER_NETWORK_THREADS", "5", 1);
    enum err err = load("worker_threads = 3\nnetwork_threads = 3\nlog_level = debug\n", &config, 4, flags);
    unsetenv("MUSTER_WORKER_THREADS");
    unsetenv("MUSTER_NETWORK_THREADS");
    assert_int_equal(err, OK);
    assert_int_equal(config.worker_threads, 7);
    assert_int_equal(config.network_threads, 5);
    assert_true(text_is(config.log_level, "debug"));
    assert_true(config.sample);
    char *const twice[] = {"--sample", "--no-sample", "--data", "a", "--data", "b"};
    assert_int_equal(load(NULL, &config, 6, twice), OK);
    assert_false(config.sample);
    assert_true(text_is(config.data_directory, "b"));
}

static void test_the_practice_phone_serves_what_is_left(void **state)
{
    (void)state;
    struct config config;
    char *const flags[] = {"--sample"};
    assert_int_equal(load("[provider m]\ntype = smtp\nbase_url = smtp://h\nfrom = a@b\n", &config, 1, flags), OK);
    assert_int_equal(config.provider_count, 2);
    assert_true(text_is(config.providers[1].name, "practice"));
    assert_int_equal(config.providers[1].channels, 1u << CHANNEL_SMS | 1u << CHANNEL_PHONE | 1u << CHANNEL_PUSH);
}

static void test_every_mistake_has_its_place(void **state)
{
    (void)state;
    struct config config;
    assert_int_equal(load("lissen = x\nworker_threads = 999\nthis is nothing\n[provider a]\ntype = twilio\nchanels = sms\n[server]\nanything = 1\n", &config, 0, NULL),
                     ERR_INVALID);
    const char *wanted[] = {":1 unknown setting 'lissen'; did you mean 'listen'?", ":2 worker_threads must be a number from 1 to 64, not '999'",
                            ":3 is neither", ":6 unknown provider setting 'chanels'; did you mean 'channels'?", ":7 unknown section [server]",
                            ":4 provider a needs account", ":4 provider a needs secret", ":4 provider a needs from"};
    for (size_t i = 0; i < sizeof wanted / sizeof wanted[0]; i++) {
        bool found = false;
        for (size_t m = 0; m < problem->count; m++) {
            struct text line = problem_line(problem, m);
            found = found || text_find(line, text_of(wanted[i])) < line.size;
        }
        if (!found)
            fail_msg("missing: %s", wanted[i]);
    }
    assert_int_equal(problem->count, 8); /* and nothing that is none: the lines of an unknown section are not judged */
}

static void test_single_mistakes(void **state)
{
    (void)state;
    assert_mistake("listen = 8080\n", ":1 listen must be HOST:PORT");
    assert_mistake("listen = host:70000\n", "HOST:PORT");
    assert_mistake("listen = ::1:80\n", "HOST:PORT");
    assert_mistake("sample = perhaps\n", "yes or no");
    assert_mistake("log_level = loud\n", "one of: error warning info debug");
    assert_mistake("public_url = muster.example.org\n", "must be a URL");
    assert_mistake("public_url = smtp://x\n", "http:// or https://");
    assert_mistake("data = a\ndata = b\n", ":2 data was set before at /tmp/muster-config");
    assert_mistake("tls_key = k.pem\n", "only work together");
    assert_mistake("test_clock = yes\n", "explicit data directory");
    assert_mistake("catch_all = \"open\n", ":1 has a quoted value");
    assert_mistake("worker_threads = 99999999999999999999\n", "worker_threads must be");
    assert_mistake("[provider A]\ntype = practice\n", "a-z, 0-9");
    assert_mistake("[provider a]\ntype = practice\n[provider a]\ntype = practice\n", ":3 provider a was defined before at");
    assert_mistake("[provider a]\nfrom = x\n", "needs a type");
    assert_mistake("[provider a]\ntype = smtp\nbase_url = smtp://h\nfrom = muster\n", "from must be a plain mail address");
    assert_mistake("[provider a]\ntype = smtp\nbase_url = smtp://h\nfrom = Muster <m@example.org>\n", "from must be a plain mail address");
    assert_mistake("[provider a]\ntype = pigeon\n", "type must be one of");
    assert_mistake("[provider a]\ntype = practice\nsecret = s\n", "secret does not apply to type practice");
    assert_mistake("[provider a]\ntype = practice\nchannels = sms pager\n", "channels are some of");
    assert_mistake("[provider a]\ntype = webhook\nchannels = sms\n", "cannot serve");
    assert_mistake("[provider a]\ntype = webhook\nbase_url = smtp://h\n", "does not fit");
    assert_mistake("[provider a]\ntype = webhook\nsecret = s\nsecret_file = /dev/null\n", "exclude each other");
    assert_mistake("[provider a]\ntype = webhook\nsecret_file = /nonexistent/file\n", ":3 secret_file /nonexistent/file cannot be read");
    assert_mistake("[provider a\ntype = webhook\n", "a section is");
    assert_mistake("data = \xFF\xFE\n", "is not UTF-8");
}

static void test_bad_flags_and_environment(void **state)
{
    (void)state;
    struct config config;
    char *const flags[] = {"--lisen", "a:1", "--worker-threads", "0", "stray", "--no-listen", "--data"};
    assert_int_equal(load(NULL, &config, 7, flags), ERR_INVALID);
    assert_int_equal(problem->count, 5);
    assert_true(text_is(problem_line(problem, 0), "--lisen unknown flag 'lisen'; did you mean 'listen'?"));
    assert_true(text_is(problem_line(problem, 4), "--data needs a value"));
    setenv("MUSTER_LISTEM", "a:1", 1);
    enum err err = load(NULL, &config, 0, NULL);
    unsetenv("MUSTER_LISTEM");
    assert_int_equal(err, ERR_INVALID);
    assert_true(text_is(problem_line(problem, 0), "MUSTER_LISTEM unknown setting 'listem'; did you mean 'listen'?"));
    assert_int_equal(config_load(arena, "/nonexistent/muster.conf", 0, NULL, &config, problem), ERR_INVALID);
}

static void test_a_secret_from_a_file(void **state)
{
    (void)state;
    struct config config;
    char secret_path[64] = "/tmp/muster-secret-XXXXXX";
    int fd = mkstemp(secret_path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, "hidden\nsecond line\n", 19), 19);
    close(fd);
    enum err err = load(arena_printf(arena, "[provider a]\ntype = webhook\nsecret_file = %s\n", secret_path), &config, 0, NULL);
    unlink(secret_path);
    assert_int_equal(err, OK);
    assert_true(text_is(config.providers[0].secret, "hidden"));
}

static void test_the_documentation_names_every_setting(void **state)
{
    (void)state;
    struct text text = config_documentation(arena);
    const char *const names[] = {"`listen`", "`public_url`", "`unknown_key_answer`", "`rate_per_minute`", "`secret_file`", "From 1 to 64."};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        assert_true(text_find(text, text_of(names[i])) < text.size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_defaults, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_whole_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_flags_win_over_environment_and_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_practice_phone_serves_what_is_left, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_every_mistake_has_its_place, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_single_mistakes, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_bad_flags_and_environment, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_a_secret_from_a_file, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_documentation_names_every_setting, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
