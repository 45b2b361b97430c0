/* Why: clients repair what they sent by what the answer says: every mistake, each with its path. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "api/resource.h"

static const struct field fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = 5},
    {.name = "description", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE},
    {.name = "email", .kind = FIELD_EMAIL},
    {.name = "time_zone", .kind = FIELD_ZONE},
    {.name = "role", .kind = FIELD_CHOICE, .choices = "admin user"},
    {.name = "timeout", .kind = FIELD_INTEGER, .min = 1, .max = 10},
    {.name = "delay", .kind = FIELD_MINUTES, .min = 0, .max = 60},
    {.name = "enabled", .kind = FIELD_BOOLEAN},
    {.name = "start", .kind = FIELD_INSTANT},
    {.name = "policy", .kind = FIELD_REFERENCE, .reference = "escalation_policy"},
    {.name = "teams", .kind = FIELD_REFERENCES, .reference = "team"},
    {.name = "created_at", .kind = FIELD_INSTANT, .flags = FIELD_READ_ONLY},
};
static const struct resource thing = {.name = "thing", .fields = fields, .field_count = FIELD_COUNT(fields)};

struct fixture {
    struct arena *arena;
    struct problem *problem;
    struct value values[RESOURCE_FIELDS_MAX];
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture.arena = arena_new(4 << 20);
    fixture.problem = problem_new(fixture.arena);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    arena_free(((struct fixture *)*state)->arena);
    return 0;
}

static void decode(struct fixture *fixture, const char *body, bool creating)
{
    json_t *json = json_read(fixture->arena, text_of(body), fixture->problem);
    assert_non_null(json);
    resource_decode(&thing, fixture->arena, json, creating, fixture->problem, fixture->values);
}

static void assert_mistakes(const struct fixture *fixture, const char *const *lines, size_t count)
{
    for (size_t i = 0; i < count && i < fixture->problem->count; i++)
        assert_string_equal(problem_line(fixture->problem, i).data, lines[i]);
    assert_int_equal(fixture->problem->count, count);
}

static struct value *value_of(struct fixture *fixture, const char *name)
{
    return &fixture->values[resource_field(&thing, name)];
}

static void good_body_gives_values(void **state)
{
    struct fixture *f = *state;
    decode(f, "{\"name\":\"Ana\",\"description\":null,\"email\":\" ana@example.org \",\"time_zone\":\"Europe/Berlin\",\"role\":\"admin\",\"timeout\":10,"
              "\"delay\":5,\"enabled\":true,\"start\":\"2026-02-10T03:00:00.9+01:00\",\"policy\":{\"id\":\"P1\",\"type\":\"x\"},"
              "\"teams\":[{\"id\":\"A\"},{\"id\":\"B\"},{\"id\":\"A\"}],\"surprise\":1}",
           true);
    assert_mistakes(f, NULL, 0);
    assert_true(text_is(value_of(f, "name")->text, "Ana"));
    assert_true(value_of(f, "description")->present && value_of(f, "description")->null);
    assert_true(text_is(value_of(f, "email")->text, "ana@example.org"));
    assert_int_equal(value_of(f, "delay")->number, 300);
    assert_int_equal(value_of(f, "enabled")->number, 1);
    assert_int_equal(value_of(f, "start")->number, INT64_C(1770688800) * SECOND_US);
    assert_true(text_is(value_of(f, "policy")->text, "P1"));
    assert_int_equal(value_of(f, "teams")->id_count, 2);
}

static void every_mistake_has_its_path(void **state)
{
    struct fixture *f = *state;
    decode(f, "{\"name\":\"  \",\"description\":7,\"email\":\"a@b@c\",\"time_zone\":\"+01:00\",\"role\":\"king\",\"timeout\":11,\"delay\":1.5,"
              "\"enabled\":\"yes\",\"start\":\"soon\",\"policy\":{\"id\":\"\"},\"teams\":[{\"id\":\"A\"},{},3]}",
           true);
    static const char *const lines[] = {
        "thing.name cannot be empty", "thing.description must be a string", "thing.email is not an e-mail address",
        "thing.time_zone is not a time zone of the IANA database", "thing.role must be one of admin, user", "thing.timeout must be between 1 and 10",
        "thing.delay must be a whole number", "thing.enabled must be true or false", "thing.start is not a time in ISO 8601 form",
        "thing.policy.id cannot be empty", "thing.teams[1].id cannot be empty", "thing.teams[2] must be an object with an id",
    };
    assert_mistakes(f, lines, sizeof lines / sizeof *lines);
    for (size_t i = 0; i < thing.field_count; i++)
        assert_false(f->values[i].present);
}

static void numbers_may_be_quoted(void **state)
{
    struct fixture *f = *state;
    decode(f, "{\"name\":\"x\",\"timeout\":\"10\",\"delay\":\"5\"}", true);
    assert_mistakes(f, NULL, 0);
    assert_int_equal(value_of(f, "timeout")->number, 10);
    assert_int_equal(value_of(f, "delay")->number, 300);
    decode(f, "{\"name\":\"x\",\"timeout\":\"11\",\"delay\":\"5 minutes\"}", true);
    static const char *const lines[] = {"thing.timeout must be between 1 and 10", "thing.delay must be a whole number"};
    assert_mistakes(f, lines, 2);
}

static void lengths_count_characters(void **state)
{
    struct fixture *f = *state;
    decode(f, "{\"name\":\"\xc3\xa4\xc3\xb6\xc3\xbc\xc3\x9f\xc3\xa9\"}", true);
    assert_mistakes(f, NULL, 0);
    decode(f, "{\"name\":\"123456\"}", true);
    static const char *const lines[] = {"thing.name is too long (maximum is 5 characters)"};
    assert_mistakes(f, lines, 1);
}

static void names_are_one_visible_line(void **state)
{
    struct fixture *f = *state;
    decode(f, "{\"name\":\" a \",\"description\":\"two\\nlines\"}", true);
    assert_mistakes(f, NULL, 0);
    assert_true(text_is(value_of(f, "name")->text, "a"));
    decode(f, "{\"name\":\"a\\nb\",\"description\":\"\\u001b[2J\"}", true);
    static const char *const lines[] = {"thing.name cannot contain control characters", "thing.description cannot contain control characters"};
    assert_mistakes(f, lines, 2);
}

static void required_on_create_only(void **state)
{
    struct fixture *f = *state;
    decode(f, "{}", false);
    assert_mistakes(f, NULL, 0);
    decode(f, "{}", true);
    decode(f, "{\"name\":null}", false);
    decode(f, "{\"enabled\":null}", false);
    static const char *const lines[] = {"thing.name cannot be empty", "thing.name cannot be empty", "thing.enabled cannot be null"};
    assert_mistakes(f, lines, 3);
}

static void read_only_is_ignored(void **state)
{
    struct fixture *f = *state;
    decode(f, "{\"name\":\"x\",\"created_at\":\"nonsense\"}", true);
    assert_mistakes(f, NULL, 0);
    assert_false(value_of(f, "created_at")->present);
}

static void without_a_problem_wrong_counts_as_absent(void **state)
{
    struct fixture *f = *state;
    json_t *json = json_read(f->arena, TEXT("{\"name\":\"x\",\"role\":\"king\"}"), f->problem);
    resource_decode(&thing, f->arena, json, false, NULL, f->values);
    assert_true(value_of(f, "name")->present);
    assert_false(value_of(f, "role")->present);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(good_body_gives_values, set_up, tear_down),
        cmocka_unit_test_setup_teardown(every_mistake_has_its_path, set_up, tear_down),
        cmocka_unit_test_setup_teardown(numbers_may_be_quoted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(lengths_count_characters, set_up, tear_down),
        cmocka_unit_test_setup_teardown(names_are_one_visible_line, set_up, tear_down),
        cmocka_unit_test_setup_teardown(required_on_create_only, set_up, tear_down),
        cmocka_unit_test_setup_teardown(read_only_is_ignored, set_up, tear_down),
        cmocka_unit_test_setup_teardown(without_a_problem_wrong_counts_as_absent, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
