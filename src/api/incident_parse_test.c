/* Why: what clients send is never right by default; every mistake must be found, and named where it is. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include "api/incident_parse.h"
#include "base/id.h"

static struct arena *arena;
static struct problem *problem;
static struct references references;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(1 << 22);
    problem = problem_new(arena);
    references = (struct references){0};
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    arena_free(arena);
    return 0;
}

static struct incident_change change(const char *document, bool with_id)
{
    struct incident_change parsed = {0};
    json_t *object = json_read(arena, text_of(document), problem);
    incident_change_parse(arena, object, "incidents[0]", with_id, &references, problem, &parsed);
    return parsed;
}

static void assert_mistakes(const char *const *lines, size_t count)
{
    assert_int_equal(problem->count, count);
    for (size_t i = 0; i < count; i++)
        assert_string_equal(text_cstring(arena, problem_line(problem, i)), lines[i]);
}

static void a_change_carries_what_was_asked(void **state)
{
    (void)state;
    struct text id = id_public(arena, ID_INCIDENT, 42);
    struct incident_change parsed = change(
        arena_printf(arena,
                     "{\"id\":\"%s\",\"type\":\"incident_reference\",\"status\":\"resolved\",\"resolution\":\"fixed\",\"urgency\":\"low\","
                     "\"title\":\"Disk\",\"priority\":{\"id\":\"P53ZZH5\",\"type\":\"priority_reference\"},\"escalation_level\":2,"
                     "\"assignments\":[{\"assignee\":{\"id\":\"PANA001\",\"type\":\"user_reference\"}}]}",
                     id.data),
        true);
    assert_true(problem_is_empty(problem));
    assert_int_equal(parsed.number, 42);
    assert_true(parsed.has_status);
    assert_int_equal(parsed.status, INCIDENT_RESOLVED);
    assert_true(text_is(parsed.resolution, "fixed"));
    assert_true(text_is(parsed.urgency, "low"));
    assert_true(text_is(parsed.priority_id, "P53ZZH5"));
    assert_int_equal(parsed.level, 2);
    assert_int_equal(parsed.user_count, 1);
    assert_true(text_is(parsed.user_ids[0], "PANA001"));
    assert_int_equal(references.count, 3); /* incident, priority, user */
    assert_string_equal(references.list[2].path, "incidents[0].assignments[0].assignee.id");
}

static void incident_numbers_name_incidents_too(void **state)
{
    (void)state;
    assert_int_equal(change("{\"id\":\"17\",\"type\":\"incident\"}", true).number, 17);
    assert_true(problem_is_empty(problem));
}

static void every_mistake_is_named(void **state)
{
    (void)state;
    (void)change("{\"id\":\"P???\",\"type\":\"service\",\"status\":\"open\",\"title\":\"\",\"urgency\":\"huge\",\"escalation_level\":0,"
                 "\"assignments\":[{\"assignee\":{\"type\":\"team_reference\"}}],\"escalation_policy\":7,\"priority\":true}",
                 true);
    static const char *const lines[] = {
        "incidents[0].type must be incident or incident_reference",
        "incidents[0].id is not an incident",
        "incidents[0].status must be triggered, acknowledged or resolved",
        "incidents[0].title cannot be empty",
        "incidents[0].urgency must be high or low",
        "incidents[0].escalation_policy must be a reference: an object with id and type",
        "incidents[0].priority must be a reference or the name of a priority",
        "incidents[0].escalation_level must be from 1 to 20",
        "incidents[0].assignments[0].assignee.type must be user_reference",
        "incidents[0].assignments[0].assignee.id cannot be empty",
    };
    assert_mistakes(lines, sizeof lines / sizeof *lines);
}

static void a_type_is_named_by_id_or_name_and_null_keeps_it(void **state)
{
    (void)state;
    assert_true(text_is(change("{\"type\":\"incident\",\"incident_type\":{\"id\":\"PTYPE01\",\"type\":\"incident_type_reference\"}}", false).type, "PTYPE01"));
    assert_true(text_is(change("{\"type\":\"incident\",\"incident_type\":{\"name\":\"fraud\"}}", false).type, "fraud"));
    assert_true(text_is(change("{\"type\":\"incident\",\"incident_type\":\"fraud\"}", false).type, "fraud"));
    assert_int_equal(change("{\"type\":\"incident\",\"incident_type\":null}", false).type.size, 0);
}

static void null_clears_the_priority_and_absence_does_not(void **state)
{
    (void)state;
    struct incident_change cleared = change("{\"type\":\"incident\",\"priority\":null}", false);
    assert_true(cleared.has_priority);
    assert_false(text_is_present(cleared.priority_id));
    assert_false(change("{\"type\":\"incident\"}", false).has_priority);
    assert_true(text_is(change("{\"type\":\"incident\",\"priority\":\"P1\"}", false).priority_name, "P1"));
}

static void a_bridge_is_a_number_and_a_page(void **state)
{
    (void)state;
    struct incident_change set = change(
        "{\"type\":\"incident\",\"conference_bridge\":{\"conference_number\":\"+49 30 1,,2#\",\"conference_url\":\"https://meet.example.org\"}}", false);
    assert_true(set.has_bridge);
    assert_true(text_is(set.bridge.number, "+49 30 1,,2#"));
    struct incident_change cleared = change("{\"type\":\"incident\",\"conference_bridge\":null}", false);
    assert_true(cleared.has_bridge && !text_is_present(cleared.bridge.url));
    assert_true(problem_is_empty(problem));
    (void)change("{\"type\":\"incident\",\"conference_bridge\":{\"conference_url\":\"javascript:alert(1)\"}}", false);
    static const char *const lines[] = {"incidents[0].conference_bridge.conference_url must begin with https:// or http://"};
    assert_mistakes(lines, 1);
}

static void a_new_incident_needs_title_and_service(void **state)
{
    (void)state;
    struct incident_new parsed = {0};
    incident_new_parse(arena, json_read(arena, TEXT("{\"type\":\"incident\"}"), problem), "incident", &references, problem, &parsed);
    static const char *const lines[] = {"incident.title cannot be empty", "incident.service cannot be empty"};
    assert_mistakes(lines, 2);
}

static void the_body_keeps_text_and_documents(void **state)
{
    (void)state;
    struct incident_new parsed = {0};
    struct text document = TEXT("{\"type\":\"incident\",\"title\":\"t\",\"service\":{\"id\":\"PSERV01\",\"type\":\"service_reference\"},"
                                "\"body\":{\"type\":\"incident_body\",\"details\":{\"disk\":\"full\"}}}");
    incident_new_parse(arena, json_read(arena, document, problem), "incident", &references, problem, &parsed);
    assert_true(problem_is_empty(problem));
    assert_true(text_is(parsed.body, "{\"disk\":\"full\"}"));
}

static void a_list_that_is_too_long_is_refused(void **state)
{
    (void)state;
    int64_t *numbers = NULL;
    size_t count = 0;
    incident_list_parse(arena, json_read(arena, TEXT("[{\"id\":\"1\"},{\"id\":\"2\"},{\"id\":\"3\"}]"), problem), "source_incidents", 2, problem,
                        &numbers, &count);
    static const char *const lines[] = {"source_incidents must be a list of 1 to 2 incidents"};
    assert_mistakes(lines, 1);
    assert_int_equal(count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_change_carries_what_was_asked, setup, teardown),
        cmocka_unit_test_setup_teardown(incident_numbers_name_incidents_too, setup, teardown),
        cmocka_unit_test_setup_teardown(every_mistake_is_named, setup, teardown),
        cmocka_unit_test_setup_teardown(a_type_is_named_by_id_or_name_and_null_keeps_it, setup, teardown),
        cmocka_unit_test_setup_teardown(null_clears_the_priority_and_absence_does_not, setup, teardown),
        cmocka_unit_test_setup_teardown(a_bridge_is_a_number_and_a_page, setup, teardown),
        cmocka_unit_test_setup_teardown(a_new_incident_needs_title_and_service, setup, teardown),
        cmocka_unit_test_setup_teardown(the_body_keeps_text_and_documents, setup, teardown),
        cmocka_unit_test_setup_teardown(a_list_that_is_too_long_is_refused, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
