/* Why: people read these sentences at night; a wrong word sends them the wrong way. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "base/arena_test.h"
#include "core/sentence.h"

static void check(struct text sentence, const char *expected)
{
    assert_string_equal(text_cstring(arena, sentence), expected);
}

static struct text ledger(const char *kind, const char *actor_type, const char *actor, const char *channel, const char *subject,
                          const char *doc)
{
    struct problem *problem = problem_new(arena);
    struct sentence_entry entry = {
        .kind = text_of(kind),
        .actor_type = text_of(actor_type),
        .actor_name = text_of(actor),
        .channel = text_of(channel),
        .subject = text_of(subject),
        .doc = doc ? json_read(arena, text_of(doc), problem) : NULL,
    };
    assert_true(problem_is_empty(problem));
    return sentence_ledger(arena, &entry);
}

static void ledger_entries_read_as_lines(void **state)
{
    (void)state;
    check(ledger("trigger", "integration", "Prometheus", "events", NULL, NULL), "Triggered by Prometheus");
    check(ledger("trigger", "user", "Ana", "api", NULL, NULL), "Triggered by Ana through the API");
    check(ledger("acknowledge", "user", "Ana", "sms", NULL, NULL), "Acknowledged by Ana by SMS");
    check(ledger("assign", "system", "", "auto", NULL, "{\"level\":1,\"cause\":\"trigger\",\"assignees\":[{\"name\":\"Ana\"},{\"name\":\"Ben\"}]}"),
          "Assigned to Ana and Ben, level 1");
    check(ledger("status_update", "user", "Ana", "web", NULL, "{\"message\":\"It is better\",\"told\":2}"),
          "Status update by Ana in the browser: \"It is better\", sent to people: 2");
    check(ledger("escalate", "system", "", "timeout", NULL, "{\"level\":2,\"cause\":\"timeout\",\"assignees\":[\"Ben\"]}"),
          "Escalated to level 2, to Ben: no answer in time");
    check(ledger("escalate", "user", "Ana", "phone", NULL, "{\"level\":2,\"cause\":\"escalate\",\"assignees\":[\"Ben\"]}"),
          "Escalated to level 2, to Ben by Ana by phone");
    check(ledger("escalate", "system", "", "timeout", NULL, "{\"level\":0,\"cause\":\"timeout\",\"assignees\":[{\"name\":\"Nia\"}]}"),
          "Escalated to Nia: no answer in time");
    check(ledger("snooze", "user", "Ana", "web", NULL, "{\"seconds\":5400}"), "Snoozed for 1 hour 30 minutes by Ana in the browser");
    check(ledger("resolve", "user", "Ana", "api", NULL, "{\"note\":\"disk freed\"}"),
          "Resolved by Ana through the API: \"disk freed\"");
    check(ledger("notify", "system", "", "sms", "Ana", NULL), "Notified Ana by SMS");
    check(ledger("conference_bridge", "user", "Ana", "web", NULL, "{\"number\":\"+49 30 1\",\"url\":\"https://meet.example.org/1\"}"),
          "Conference bridge set to https://meet.example.org/1 by Ana in the browser");
    check(ledger("type_change", "user", "Ana", "web", NULL, "{\"before\":\"Base Incident\",\"after\":\"Security\"}"),
          "Incident type changed from Base Incident to Security by Ana in the browser");
    check(ledger("skip", "user", "Ana", "api", NULL, "{\"reason\":\"service_disabled\"}"), "Nobody is called: the service is disabled");
    check(ledger("skip", "system", "", "auto", NULL, "{\"name\":\"Dan\",\"level\":1,\"reason\":\"no_usable_contact\"}"),
          "Skipped Dan on level 1: no verified contact method");
    check(ledger("merge", "user", "Ana", "api", NULL, "{\"merged_into\":7}"), "Merged into #7 by Ana through the API");
    check(ledger("priority_change", "user", "Ana", "api", NULL, "{\"priority\":\"\"}"), "Priority cleared by Ana through the API");
}

static void unknown_kinds_show_themselves(void **state)
{
    (void)state;
    check(ledger("from_the_future", "user", "Ana", "web", NULL, NULL), "from_the_future by Ana in the browser");
}

static void long_notes_are_cut_between_characters(void **state)
{
    (void)state;
    struct builder doc = builder_new(arena, 4096);
    builder_add_string(&doc, "{\"note\":\"x");
    for (int i = 0; i < 200; i++)
        builder_add_string(&doc, "ä");
    builder_add_string(&doc, "\"}");
    struct text line = ledger("annotate", "user", "Ana", "web", NULL, builder_text(&doc).data);
    assert_true(text_is_utf8(line));
    assert_true(text_ends_with(line, TEXT("...\"")));
}

static void durations_name_their_two_largest_units(void **state)
{
    (void)state;
    check(sentence_duration(arena, 0), "0 seconds");
    check(sentence_duration(arena, 1), "1 second");
    check(sentence_duration(arena, 300), "5 minutes");
    check(sentence_duration(arena, 90061), "1 day 1 hour");
    check(sentence_duration(arena, -5), "0 seconds");
}

static json_t *document(const char *text)
{
    struct problem *problem = problem_new(arena);
    json_t *value = json_read(arena, text_of(text), problem);
    assert_true(problem_is_empty(problem));
    return value;
}

static void facts_are_read_from_the_stored_documents(void **state)
{
    (void)state;
    json_t *decision = document("{\"service\":{\"name\":\"checkout\"},\"policy\":{\"name\":\"Payments\",\"version\":3},\"urgency\":\"high\"}");
    json_t *candidate = document("{\"level\":2,\"target_type\":\"schedule\",\"target_name\":\"backup\",\"layer_name\":\"weekly\",\"after_s\":300}");
    struct sentence_candidate c = sentence_candidate_read(TEXT("Ben"), TEXT("later_level"), decision, candidate);
    check(sentence_not_paged(arena, &c, false), "Ben was not paged: level 2 is reached only after 5 minutes without an acknowledgement.");
    c = sentence_candidate_read(TEXT("Ben"), TEXT("on_call"), decision, candidate);
    check(sentence_paged(arena, &c, false), "Ben was paged because service checkout uses escalation policy Payments (version 3), whose level 2 "
                                            "calls schedule backup, where layer weekly has Ben on call.");
    check(sentence_decision(arena, TEXT("timeout"), 2, decision), "Nobody answered in time: level 2 was called.");
    check(sentence_decision(arena, TEXT("unreachable"), 2, decision), "Nobody who was called could be reached any more: level 2 was called.");
    decision = document("{\"repeated\":true}");
    check(sentence_decision(arena, TEXT("timeout"), 1, decision), "Nobody answered in time: the policy started over, level 1 was called.");
    decision = document("{\"urgency\":\"low\",\"maintenance\":{\"name\":\"swap\"}}");
    assert_true(text_is(sentence_candidate_read(TEXT("Ben"), TEXT("later_level"), decision, candidate).reason, "low_urgency"));
    check(sentence_decision(arena, TEXT("trigger"), 1, decision), "The incident began: nobody was called because of maintenance.");
}

static struct sentence_candidate ana_on_level_1(void)
{
    return (struct sentence_candidate){
        .name = TEXT("Ana"),
        .reason = TEXT("on_call"),
        .level = 1,
        .policy_name = TEXT("Payments"),
        .policy_version = 3,
        .service_name = TEXT("checkout"),
        .schedule_name = TEXT("Payments primary"),
        .layer_name = TEXT("weekly"),
    };
}

static void paged_names_the_whole_chain(void **state)
{
    (void)state;
    struct sentence_candidate c = ana_on_level_1();
    check(sentence_paged(arena, &c, false),
          "Ana was paged because service checkout uses escalation policy Payments (version 3), whose level 1 calls schedule Payments "
          "primary, where layer weekly has Ana on call.");
    c.rule_channel = TEXT("sms");
    c.rule_delay_s = 60;
    c.is_override = true;
    check(sentence_paged(arena, &c, true),
          "Ana would be paged because service checkout uses escalation policy Payments (version 3), whose level 1 calls schedule "
          "Payments primary, where an override puts Ana on call; the notification rules of Ana send it by SMS after 1 minute.");
    c = ana_on_level_1();
    c.duty = TEXT("rotation");
    c.layer_name = TEXT("Nights");
    check(sentence_paged(arena, &c, false), "Ana was paged because service checkout uses escalation policy Payments (version 3), whose level 1 calls schedule Payments "
                                            "primary, where Ana has a shift of Nights.");
    c.duty = TEXT("custom_shift");
    check(sentence_paged(arena, &c, false), "Ana was paged because service checkout uses escalation policy Payments (version 3), whose level 1 calls schedule Payments "
                                            "primary, where a custom shift puts Ana on call.");
    c = ana_on_level_1();
    c.rule_channel = TEXT("sms");
    c.rule_failed = true;
    check(sentence_paged(arena, &c, false),
          "Ana was paged because service checkout uses escalation policy Payments (version 3), whose level 1 calls schedule Payments primary, "
          "where layer weekly has Ana on call; the notification rules of Ana asked for it by SMS at once, but it could not be sent.");
    struct sentence_candidate last = {.name = TEXT("Nia"), .reason = TEXT("catch_all"), .policy_name = TEXT("Payments"), .service_name = TEXT("checkout")};
    check(sentence_paged(arena, &last, false),
          "Nia was paged because service checkout uses escalation policy Payments, nobody answered on any of its levels, and its catch-all is Nia.");
    struct sentence_candidate hand = {.name = TEXT("Cleo"), .reason = TEXT("assigned_by_hand"), .detail = TEXT("Ana")};
    check(sentence_paged(arena, &hand, false), "Cleo was paged because Ana assigned the incident to Cleo.");
}

static void not_paged_names_the_deciding_fact(void **state)
{
    (void)state;
    struct sentence_candidate c = ana_on_level_1();
    c.name = TEXT("Ben");
    c.level = 2;
    c.reason = TEXT("later_level");
    c.after_s = 300;
    check(sentence_not_paged(arena, &c, false), "Ben was not paged: level 2 is reached only after 5 minutes without an acknowledgement.");
    c.reason = TEXT("no_usable_contact");
    check(sentence_not_paged(arena, &c, false), "Ben was not paged: Ben has no verified contact method.");
    c.reason = TEXT("earlier_level");
    check(sentence_not_paged(arena, &c, false), "Ben was not paged: level 2 had been called before.");
    c.reason = TEXT("low_urgency");
    check(sentence_not_paged(arena, &c, false), "Ben was not paged: an incident of low urgency did not climb to level 2.");
    c.reason = TEXT("maintenance");
    c.detail = TEXT("router swap");
    check(sentence_not_paged(arena, &c, true), "Ben would not be paged: the service is in a maintenance window (router swap).");
    c.reason = TEXT("nobody_on_call");
    c.name = TEXT_NONE;
    check(sentence_not_paged(arena, &c, false),
          "Nobody was paged on level 2 through schedule Payments primary: nobody was on call there.");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(ledger_entries_read_as_lines, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(unknown_kinds_show_themselves, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(long_notes_are_cut_between_characters, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(durations_name_their_two_largest_units, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(facts_are_read_from_the_stored_documents, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(paged_names_the_whole_chain, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(not_paged_names_the_deciding_fact, arena_set_up, arena_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
