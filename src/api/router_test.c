/* Why: which row answers which path is decided once for every operation. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "api/router.h"

static const struct route rows[] = {
    {.method = "GET", .path = "/{app*}"},
    {.method = "GET", .path = "/users/{id}"},
    {.method = "PUT", .path = "/users/{id}"},
    {.method = "GET", .path = "/users/me"},
    {.method = "GET", .path = "/users/{id}/contact_methods/{contact_method_id}"},
    {.method = "GET", .path = "/users"},
    {.method = "POST", .path = "/users"},
    {.method = "POST", .path = "/v2/enqueue"},
    {.method = "GET", .path = "/"},
};
static const struct route_table table = {rows, sizeof rows / sizeof *rows};
static const struct route_table *const tables[] = {&table};

struct fixture {
    struct arena *arena;
    struct router *router;
};

static int set_up(void **state)
{
    static struct fixture fixture;
    fixture.arena = arena_new(1 << 20);
    fixture.router = router_new(fixture.arena, tables, 1);
    *state = &fixture;
    return 0;
}

static int tear_down(void **state)
{
    arena_free(((struct fixture *)*state)->arena);
    return 0;
}

static enum route_outcome find(void **state, const char *method, const char *path, struct route_match *ret)
{
    struct fixture *fixture = *state;
    *ret = (struct route_match){0};
    return router_find(fixture->router, fixture->arena, text_of(method), text_of(path), ret);
}

static void literal_wins_over_parameter(void **state)
{
    struct route_match match;
    assert_int_equal(find(state, "GET", "/users/me", &match), ROUTE_FOUND);
    assert_string_equal(match.route->path, "/users/me");
    assert_int_equal(find(state, "GET", "/users/men", &match), ROUTE_FOUND);
    assert_string_equal(match.route->path, "/users/{id}");
    assert_true(text_is(match.parameters[0], "men"));
    assert_int_equal(find(state, "PUT", "/users/me", &match), ROUTE_FOUND);
    assert_string_equal(match.route->path, "/users/{id}");
}

static void parameters_are_decoded_in_order(void **state)
{
    struct route_match match;
    assert_int_equal(find(state, "GET", "/users/P1%2F2/contact_methods/a+b/", &match), ROUTE_FOUND);
    assert_true(text_is(match.parameters[0], "P1/2"));
    assert_true(text_is(match.parameters[1], "a+b"));
    assert_int_equal(find(state, "PUT", "/users/%ff", &match), ROUTE_NO_PATH);
}

static void rest_takes_everything_else(void **state)
{
    struct route_match match;
    assert_int_equal(find(state, "GET", "/incidents/Q1/timeline", &match), ROUTE_FOUND);
    assert_string_equal(match.route->path, "/{app*}");
    assert_true(text_is(match.parameters[0], "incidents/Q1/timeline"));
    assert_int_equal(find(state, "GET", "/", &match), ROUTE_FOUND);
    assert_string_equal(match.route->path, "/");
}

static void wrong_method_names_the_right_ones(void **state)
{
    struct route_match match;
    assert_int_equal(find(state, "DELETE", "/users", &match), ROUTE_NO_METHOD);
    assert_true(text_is(match.allow, "GET, POST"));
    assert_int_equal(find(state, "GET", "/v2/enqueue", &match), ROUTE_NO_METHOD); /* not the browser app */
    assert_true(text_is(match.allow, "POST"));
    assert_int_equal(find(state, "POST", "/nothing", &match), ROUTE_NO_PATH);
    assert_int_equal(find(state, "HEAD", "/users", &match), ROUTE_FOUND);
}

static void odd_paths_find_nothing(void **state)
{
    struct route_match match;
    assert_int_equal(find(state, "POST", "", &match), ROUTE_NO_PATH);
    assert_int_equal(find(state, "POST", "users", &match), ROUTE_NO_PATH);
    assert_int_equal(find(state, "POST", "//users", &match), ROUTE_NO_PATH);
    assert_int_equal(find(state, "PUT", "/users//", &match), ROUTE_NO_PATH);
    assert_int_equal(find(state, "PUT", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", &match), ROUTE_NO_PATH);
}

static void limits_need_no_arena(void **state)
{
    struct fixture *fixture = *state;
    struct route_match match = {0};
    assert_int_equal(router_find(fixture->router, NULL, TEXT("PUT"), TEXT("/users/P1"), &match), ROUTE_FOUND);
    assert_string_equal(match.route->path, "/users/{id}");
    assert_int_equal(router_find(fixture->router, NULL, TEXT("PATCH"), TEXT("/users/P1"), &match), ROUTE_NO_METHOD);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(literal_wins_over_parameter, set_up, tear_down),
        cmocka_unit_test_setup_teardown(parameters_are_decoded_in_order, set_up, tear_down),
        cmocka_unit_test_setup_teardown(rest_takes_everything_else, set_up, tear_down),
        cmocka_unit_test_setup_teardown(wrong_method_names_the_right_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(odd_paths_find_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(limits_need_no_arena, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
