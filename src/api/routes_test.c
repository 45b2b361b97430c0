/* Why: the tables are written by hand in many files; what no compiler sees is checked here. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "api/openapi.h"
#include "api/resource.h"
#include "api/router.h"
#include "api/routes.h"

static size_t table_count(void)
{
    size_t count = 0;
    while (all_routes[count])
        count++;
    return count;
}

static void every_row_is_complete_and_unique(void **state)
{
    (void)state;
    struct arena *arena = arena_new(16 << 20);
    struct router *router = router_new(arena, all_routes, table_count()); /* aborts on two equal rows */
    assert_true(router_count(router) > 80);
    for (size_t i = 0; i < router_count(router); i++) {
        const struct route *route = router_at(router, i);
        assert_non_null(route->handle);
        assert_non_null(route->summary);
        assert_true(route->summary[0] != '\0');
    }
    arena_free(arena);
}

static void the_description_names_every_route(void **state)
{
    (void)state;
    struct arena *arena = arena_new(16 << 20);
    struct router *router = router_new(arena, all_routes, table_count());
    json_t *paths = json_at(openapi_document(arena, "http://localhost"), "paths");
    for (size_t i = 0; i < router_count(router); i++) {
        const struct route *route = router_at(router, i);
        char path[256];
        size_t length = 0;
        for (const char *c = route->path; *c; c++)
            if (!(c[0] == '*' && c[1] == '}'))
                path[length++] = *c;
        path[length] = '\0';
        const char *method = text_lower(arena, text_of(route->method)).data;
        assert_non_null(json_at(json_at(paths, path), method));
    }
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_complete_and_unique),
        cmocka_unit_test(the_description_names_every_route),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
