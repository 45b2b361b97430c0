/* Why: serves the browser app from the tables that were built into the binary: no folder to install, no version to match. */
#include "api/web.h"

#include "api/api_state.h"

/* Nothing inline, nothing from elsewhere: text that arrives in an alert can never become code in a responder's browser. */
#define CONTENT_SECURITY_POLICY                                                                                        \
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "              \
    "manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

static const char BASE_MARK[] = "{base}"; /* in index.html, before each address of a file */

static const char MISSING_PAGE[] =
    "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Muster</title>"
    "<meta name=\"viewport\" content=\"width=device-width\"></head><body><h1>Muster is running</h1>"
    "<p>This binary was built without the browser app. Events, paging and the API work.</p>"
    "<p>To add the app: run <code>web/build</code>, then build Muster again.</p></body></html>\n";

static void add_header(struct http_response *response, const char *name, struct text value)
{
    response->headers[response->header_count++] = (struct http_header){name, value};
}

static const char *content_type(struct text name)
{
    static const struct {
        const char *suffix, *type;
    } types[] = {
        {".html", "text/html; charset=utf-8"}, {".js", "text/javascript; charset=utf-8"}, {".css", "text/css; charset=utf-8"},
        {".svg", "image/svg+xml"},             {".png", "image/png"},                     {".webmanifest", "application/manifest+json"},
    };
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (text_ends_with(name, text_of(types[i].suffix)))
            return types[i].type;
    return "application/octet-stream";
}

static const struct embedded_file *find_file(const struct embedded_file *files, size_t count, struct text name)
{
    for (size_t i = 0; i < count; i++)
        if (text_is(name, files[i].name))
            return &files[i];
    return NULL;
}

/* FNV-1a: tells two builds of a page apart; nobody gains by forging it. */
static struct text entity_tag(struct arena *arena, struct text body)
{
    uint64_t hash = 0xcbf29ce484222325u;
    for (size_t i = 0; i < body.size; i++)
        hash = (hash ^ (unsigned char)body.data[i]) * 0x100000001b3u;
    return text_printf(arena, "\"%016llx\"", (unsigned long long)hash);
}

/* From the page's own address back up to "/app/", as a relative reference. */
static struct text base_of(struct arena *arena, struct text below_app)
{
    struct builder base = builder_new(arena, 1024);
    builder_add(&base, TEXT("./"));
    for (size_t i = 0; i < below_app.size; i++)
        if (below_app.data[i] == '/')
            builder_add(&base, TEXT("../"));
    return builder_text(&base);
}

static struct text page_with_base(struct arena *arena, struct text page, struct text base)
{
    struct builder out = builder_new(arena, page.size + 64 * base.size);
    while (page.size > 0) {
        size_t mark = text_find(page, text_of(BASE_MARK));
        builder_add(&out, text_slice(page, 0, mark));
        if (mark < page.size)
            builder_add(&out, base);
        page = text_slice(page, mark + sizeof BASE_MARK - 1, page.size);
    }
    return builder_text(&out);
}

static void answer_redirect(struct arena *arena, const struct web_request *request, struct http_response *ret)
{
    *ret = (struct http_response){.status = 302};
    /* Relative, so that a prefix which a proxy took off stays; but "/pd" without its slash has to be named. */
    bool has_prefix = request->prefix.size > 0;
    add_header(ret, "Location", has_prefix ? text_printf(arena, "%.*s/app/", TEXT_ARG(request->prefix)) : TEXT("app/"));
    add_header(ret, "Cache-Control", TEXT("no-store"));
}

static void answer_page(struct arena *arena, const struct web_request *request, struct text body, struct http_response *ret)
{
    struct text tag = entity_tag(arena, body);
    bool unchanged = text_find(request->if_none_match, tag) < request->if_none_match.size;
    *ret = (struct http_response){.status = 200, .content_type = content_type(TEXT(".html")), .body = body};
    if (unchanged)
        *ret = (struct http_response){.status = 304};
    add_header(ret, "ETag", tag);
    add_header(ret, "Cache-Control", TEXT("no-cache"));
    add_header(ret, "Content-Security-Policy", TEXT(CONTENT_SECURITY_POLICY));
    add_header(ret, "X-Content-Type-Options", TEXT("nosniff"));
    add_header(ret, "Referrer-Policy", TEXT("same-origin"));
    add_header(ret, "Cross-Origin-Opener-Policy", TEXT("same-origin"));
    add_header(ret, "Permissions-Policy", TEXT("camera=(), geolocation=(), microphone=()"));
}

/* File names carry a hash of their content, so a browser never needs to ask twice. */
static bool answer_asset(struct arena *arena, const struct web_request *request, struct text name, const struct embedded_file *files,
                         size_t file_count, struct http_response *ret)
{
    const struct embedded_file *file = find_file(files, file_count, name);
    if (file == NULL)
        return false;
    const struct embedded_file *packed = NULL;
    if (text_find(request->accept_encoding, TEXT("gzip")) < request->accept_encoding.size)
        packed = find_file(files, file_count, text_printf(arena, "%.*s.gz", TEXT_ARG(name)));
    const struct embedded_file *sent = packed ? packed : file;
    *ret = (struct http_response){.status = 200, .content_type = content_type(name), .body = {sent->data, sent->size}};
    add_header(ret, "Cache-Control", TEXT("public, max-age=31536000, immutable"));
    add_header(ret, "Vary", TEXT("Accept-Encoding"));
    add_header(ret, "X-Content-Type-Options", TEXT("nosniff"));
    add_header(ret, "Cross-Origin-Resource-Policy", TEXT("same-origin"));
    if (packed)
        add_header(ret, "Content-Encoding", TEXT("gzip"));
    return true;
}

bool web_answer(struct arena *arena, const struct web_request *request, const struct embedded_file *files, size_t file_count,
                struct http_response *ret)
{
    if (text_is(request->path, "/") || text_is(request->path, "/app")) {
        answer_redirect(arena, request, ret);
        return true;
    }
    struct text below_app = text_slice(request->path, sizeof "/app/" - 1, request->path.size);
    if (text_starts_with(below_app, TEXT("assets/")))
        return answer_asset(arena, request, below_app, files, file_count, ret);
    const struct embedded_file *index = find_file(files, file_count, TEXT("index.html"));
    struct text page = index ? (struct text){index->data, index->size} : text_of(MISSING_PAGE);
    answer_page(arena, request, page_with_base(arena, page, base_of(arena, below_app)), ret);
    return true;
}

/* A proxy may pass the public URL's path on or take it off. */
static void read_path(const struct call *call, struct web_request *ret)
{
    struct text path = call->request->path, prefix = call->api->path_prefix;
    struct text below = text_starts_with(path, prefix) ? text_slice(path, prefix.size, path.size) : path;
    bool passed_on = prefix.size > 0 && below.size < path.size && (below.size == 0 || below.data[0] == '/');
    ret->path = passed_on ? below : path;
    ret->prefix = passed_on ? prefix : TEXT("");
    if (ret->path.size == 0)
        ret->path = TEXT("/");
}

static enum err web_get(struct call *call)
{
    struct web_request request = {.if_none_match = http_request_header(call->request, "If-None-Match"),
                                  .accept_encoding = http_request_header(call->request, "Accept-Encoding")};
    read_path(call, &request);
    bool found = web_answer(call->arena, &request, embedded_web, embedded_web_count, &call->raw);
    return found ? OK : ERR_NOT_FOUND;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/", .permission = MAY_ANYONE, .handle = web_get, .summary = "Lead a browser to the app", .fast = true, .media = ROUTE_ELSEWHERE},
    {.method = "GET", .path = "/app", .permission = MAY_ANYONE, .handle = web_get, .summary = "The first page of the browser app", .fast = true, .media = "text/html"},
    {.method = "GET", .path = "/app/{path*}", .permission = MAY_ANYONE, .handle = web_get, .summary = "A page or file of the browser app", .fast = true, .media = "*/*"},
};

const struct route_table web_routes = {routes, sizeof routes / sizeof routes[0]};
