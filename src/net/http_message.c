/* Why: what a handler reads from a request and writes into an answer. */
#include "net/http_internal.h"

#include <assert.h>
#include <stdlib.h>

struct http_server *http_request_server(const struct http_request *request)
{
    return request->exchange->server;
}

struct text http_request_header(const struct http_request *request, const char *name)
{
    if (!request->exchange) /* made by hand: in a test */
        return TEXT_NONE;
    const char *value = NULL;
    size_t size = 0;
    if (MHD_lookup_connection_value_n(request->exchange->mhd, MHD_HEADER_KIND, name, strlen(name), &value, &size) !=
        MHD_YES)
        return TEXT_NONE;
    return value ? (struct text){value, size} : TEXT("");
}

struct text http_request_cookie(const struct http_request *request, const char *name)
{
    struct text rest = http_request_header(request, "Cookie"), part;
    while (text_next(&rest, ';', &part)) {
        size_t equals = text_find_byte(part, '=', 0);
        if (equals < part.size && text_is(text_trim(text_slice(part, 0, equals)), name))
            return text_trim(text_slice(part, equals + 1, part.size));
    }
    return TEXT_NONE;
}

/* A line break in a value would let whoever chose it write headers of his own. */
static void add_header(struct MHD_Response *response, struct arena *arena, const char *name, struct text value)
{
    if (value.size == 0)
        return; /* the library takes no empty values, and none of ours means anything */
    for (size_t i = 0; i < value.size; i++)
        assert(value.data[i] != '\r' && value.data[i] != '\n' && value.data[i] != '\0');
    enum MHD_Result added = MHD_add_response_header(response, name, text_cstring(arena, value));
    assert(added == MHD_YES && "the header is not well-formed");
}

struct http_answer http_answer_from(struct arena *arena, const struct http_response *reply)
{
    struct text body = reply->body;
    struct MHD_Response *response = MHD_create_response_from_buffer(
        body.size, body.size ? (void *)(uintptr_t)body.data : NULL, MHD_RESPMEM_MUST_COPY);
    assert(response && "out of memory");
    if (reply->content_type)
        add_header(response, arena, "Content-Type", text_of(reply->content_type));
    for (size_t i = 0; i < reply->header_count; i++)
        add_header(response, arena, reply->headers[i].name, reply->headers[i].value);
    return (struct http_answer){.status = (unsigned int)reply->status, .response = response};
}

void http_reply(struct http_exchange *exchange, const struct http_response *reply)
{
    exchange_answer(exchange, http_answer_from(exchange->arena, reply));
}

void http_reply_made_by(struct http_exchange *exchange, void (*make)(void *context, struct http_response *ret), void *context)
{
    exchange_answer(exchange, (struct http_answer){.make = make, .make_context = context});
}
