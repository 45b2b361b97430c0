/* Why: the app's page must find its files from every address, and nothing but the app may answer for it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "api/web.h"
#include "base/arena_test.h"

static const struct embedded_file FILES[] = {
    {"assets/app-1.js", "let a", 5},
    {"assets/app-1.js.gz", "packed", 6},
    {"assets/icon-1.svg", "<svg/>", 6},
    {"index.html", "<script src=\"{base}assets/app-1.js\">{base}", 43},
};
enum { FILE_COUNT = sizeof FILES / sizeof FILES[0] };

static struct text header(const struct http_response *response, const char *name)
{
    for (size_t i = 0; i < response->header_count; i++)
        if (text_equal_ignoring_case(text_of(response->headers[i].name), text_of(name)))
            return response->headers[i].value;
    return TEXT_NONE;
}

static struct http_response get(const char *path, const char *etag, const char *encoding, size_t file_count)
{
    struct web_request request = {.path = text_of(path), .if_none_match = text_of(etag), .accept_encoding = text_of(encoding)};
    struct http_response response = {0};
    assert_true(web_answer(arena, &request, FILES, file_count, &response));
    return response;
}

static void test_page_names_its_files_from_every_depth(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {"/app/", "<script src=\"./assets/app-1.js\">./"},
        {"/app/incidents", "<script src=\"./assets/app-1.js\">./"},
        {"/app/incidents/Q1", "<script src=\"./../assets/app-1.js\">./../"},
        {"/app/a/b/c", "<script src=\"./../../assets/app-1.js\">./../../"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct http_response response = get(cases[i][0], NULL, "gzip", FILE_COUNT);
        assert_int_equal(response.status, 200);
        assert_string_equal(text_cstring(arena, response.body), cases[i][1]);
        struct text policy = header(&response, "Content-Security-Policy");
        assert_true(text_find(policy, TEXT("script-src 'self';")) < policy.size);
        assert_true(text_find(policy, TEXT("unsafe")) == policy.size);
    }
}

static void test_unchanged_page_is_not_sent_again(void **state)
{
    (void)state;
    struct http_response first = get("/app/incidents", NULL, NULL, FILE_COUNT);
    const char *tag = text_cstring(arena, header(&first, "ETag"));
    struct http_response again = get("/app/incidents", tag, NULL, FILE_COUNT);
    assert_int_equal(again.status, 304);
    assert_int_equal(again.body.size, 0);
    struct http_response deeper = get("/app/incidents/Q1", tag, NULL, FILE_COUNT);
    assert_int_equal(deeper.status, 200);
}

static void test_files_are_packed_where_the_browser_can_unpack(void **state)
{
    (void)state;
    struct http_response packed = get("/app/assets/app-1.js", NULL, "br, gzip", FILE_COUNT);
    assert_true(text_is(header(&packed, "Content-Encoding"), "gzip"));
    assert_true(text_is(packed.body, "packed"));
    assert_string_equal(packed.content_type, "text/javascript; charset=utf-8");
    struct http_response plain = get("/app/assets/app-1.js", NULL, NULL, FILE_COUNT);
    assert_false(text_is_present(header(&plain, "Content-Encoding")));
    assert_true(text_is(plain.body, "let a"));
    struct http_response small = get("/app/assets/icon-1.svg", NULL, "gzip", FILE_COUNT);
    assert_false(text_is_present(header(&small, "Content-Encoding")));
    assert_string_equal(small.content_type, "image/svg+xml");
}

static void test_unknown_file_is_not_found(void **state)
{
    (void)state;
    struct web_request request = {.path = TEXT("/app/assets/app-2.js")};
    struct http_response response = {0};
    assert_false(web_answer(arena, &request, FILES, FILE_COUNT, &response));
}

static void test_root_leads_to_the_app(void **state)
{
    (void)state;
    static const char *const roots[] = {"/", "/app"};
    for (size_t i = 0; i < 2; i++) {
        struct http_response response = get(roots[i], NULL, NULL, FILE_COUNT);
        assert_int_equal(response.status, 302);
        assert_true(text_is(header(&response, "Location"), "app/"));
    }
    struct web_request below_prefix = {.path = TEXT("/"), .prefix = TEXT("/pd")};
    struct http_response response = {0};
    assert_true(web_answer(arena, &below_prefix, FILES, FILE_COUNT, &response));
    assert_true(text_is(header(&response, "Location"), "/pd/app/"));
}

static void test_a_binary_without_the_app_says_so(void **state)
{
    (void)state;
    struct http_response response = get("/app/", NULL, NULL, 0);
    assert_int_equal(response.status, 200);
    assert_true(text_find(response.body, TEXT("web/build")) < response.body.size);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_page_names_its_files_from_every_depth, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_unchanged_page_is_not_sent_again, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_files_are_packed_where_the_browser_can_unpack, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_unknown_file_is_not_found, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_root_leads_to_the_app, arena_set_up, arena_tear_down),
        cmocka_unit_test_setup_teardown(test_a_binary_without_the_app_says_so, arena_set_up, arena_tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
