/* Why: a message understood wrongly silences a page or closes an incident that burns. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "core/reply_grammar.h"

static void commands(void **state)
{
    (void)state;
    static const struct {
        const char *message;
        enum reply_verb verb;
        int64_t code;
    } cases[] = {
        {"4", REPLY_ACKNOWLEDGE, 0},          {"6", REPLY_RESOLVE, 0},           {"8", REPLY_ESCALATE, 0},
        {"57", REPLY_ACKNOWLEDGE, 57},        {"#57", REPLY_ACKNOWLEDGE, 57},    {"4 57", REPLY_ACKNOWLEDGE, 57},
        {"57 4", REPLY_ACKNOWLEDGE, 57},      {"6 57", REPLY_RESOLVE, 57},       {"8 57", REPLY_ESCALATE, 57},
        {"ack 57", REPLY_ACKNOWLEDGE, 57},    {"Ack57", REPLY_ACKNOWLEDGE, 57},  {"a 57", REPLY_ACKNOWLEDGE, 57},
        {"a57", REPLY_ACKNOWLEDGE, 57},       {"ACK", REPLY_ACKNOWLEDGE, 0},     {" ack\n57 \r\n", REPLY_ACKNOWLEDGE, 57},
        {"resolve 57", REPLY_RESOLVE, 57},    {"Resolved.", REPLY_RESOLVE, 0},   {"escalate 57", REPLY_ESCALATE, 57},
        {"4 57 ack", REPLY_ACKNOWLEDGE, 57},  {"ack 4", REPLY_ACKNOWLEDGE, 0},   {"Reply 6 57 resolve all", REPLY_RESOLVE, 57},
        {"ack #57, please!", REPLY_ACKNOWLEDGE, 57}, {"ack 457", REPLY_ACKNOWLEDGE, 457}, {"057", REPLY_ACKNOWLEDGE, 57},
        {"4-57", REPLY_ACKNOWLEDGE, 57},      {"4.", REPLY_ACKNOWLEDGE, 0},      {"44", REPLY_ACKNOWLEDGE, 44},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reply_words words = {REPLY_ESCALATE, -1};
        if (reply_read(text_of(cases[i].message), &words) != REPLY_COMMAND || words.verb != cases[i].verb || words.code != cases[i].code)
            fail_msg("\"%s\" was read as verb %d code %lld", cases[i].message, (int)words.verb, (long long)words.code);
    }
}

static void what_is_not_understood_does_nothing(void **state)
{
    (void)state;
    static const char *const cases[] = {"",        "don't ack 57", "dont ack 57", "not ack 57", "do not resolve", "ack 57 58", "ack 6",      "4 6",
                                        "resolve ack", "4 57 8",   "hello",       "???",        "0",              "ack 0",     "1000000",    "99999999999999999999",
                                        "ack zurück",  "57%57%57", "wait ack",    "unack 57",   "acknot",         "a a a a a a a a a", "4 4 4", "\xff\xfe 57"};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct reply_words words = {REPLY_ESCALATE, -1};
        if (reply_read(text_of(cases[i]), &words) != REPLY_NOT_UNDERSTOOD || words.code != -1)
            fail_msg("\"%s\" was understood", cases[i]);
    }
}

static void machines_and_providers_get_no_answer(void **state)
{
    (void)state;
    struct reply_words words;
    assert_int_equal(reply_read(TEXT("STOP"), &words), REPLY_TO_PROVIDER);
    assert_int_equal(reply_read(TEXT(" Help. "), &words), REPLY_TO_PROVIDER);
    assert_int_equal(reply_read(TEXT("stop 57"), &words), REPLY_NOT_UNDERSTOOD);
    assert_int_equal(reply_read(TEXT("I'm driving with Do Not Disturb turned on. I'll see your message when I get where I'm going."), &words), REPLY_CHATTER);
    /* A command with a novel behind it is no command. */
    assert_int_equal(reply_read(TEXT("ack 57 ack ack ack ack ack ack ack ack ack ack ack ack ack ack ack"), &words), REPLY_CHATTER);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(commands),
        cmocka_unit_test(what_is_not_understood_does_nothing),
        cmocka_unit_test(machines_and_providers_get_no_answer),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
