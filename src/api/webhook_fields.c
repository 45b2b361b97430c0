/* Why: see webhook_fields.h. */
#include "api/webhook_fields.h"

#include "api/visibility.h"
#include "engine/webhooks.h"

enum { URL_BYTES_MAX = 2048, HEADER_NAME_BYTES_MAX = 100, HEADER_VALUE_BYTES_MAX = 2000 };

/* http or https, a host, nothing that could end a line. What the host leads to is judged when it is called (channel/address_guard.h). */
static bool is_address(struct text url)
{
    size_t scheme = text_starts_with(url, TEXT("https://")) ? 8 : text_starts_with(url, TEXT("http://")) ? 7 : 0;
    if (scheme == 0 || url.size == scheme || url.size > URL_BYTES_MAX || url.data[scheme] == '/' || url.data[scheme] == '?' || url.data[scheme] == '#')
        return false;
    for (size_t i = 0; i < url.size; i++)
        if (url.data[i] <= ' ' || url.data[i] == 0x7f || url.data[i] == '"' || url.data[i] == '<' || url.data[i] == '>' || url.data[i] == '\\')
            return false;
    return true;
}

/* RFC 9110 section 5.6.2, except what Muster or the transport writes. */
static bool is_header_name(struct text name)
{
    static const char *const ours[] = {"Host", "Content-Length", "Content-Type", "Transfer-Encoding", "Connection", "Expect", "TE", "Upgrade", "Trailer", "Keep-Alive",
                                       "X-Webhook-Id", "X-PagerDuty-Signature"};
    if (name.size == 0 || name.size > HEADER_NAME_BYTES_MAX)
        return false;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        if (!alphanumeric && (c == '\0' || !strchr("!#$%&'*+-.^_`|~", c)))
            return false;
    }
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (text_equal_ignoring_case(name, text_of(ours[i])))
            return false;
    return true;
}

static bool is_header_value(struct text value)
{
    if (value.size == 0 || value.size > HEADER_VALUE_BYTES_MAX)
        return false;
    for (size_t i = 0; i < value.size; i++)
        if ((unsigned char)value.data[i] < ' ' || value.data[i] == 0x7f)
            return false;
    return true;
}

static bool is_taken(const json_t *headers, size_t before, struct text name)
{
    for (size_t i = 0; i < before; i++)
        if (text_equal_ignoring_case(json_text_at(json_array_get(headers, i), "name"), name))
            return true;
    return false;
}

static void read_headers(struct change *change, const json_t *headers, struct webhook_fields *fields)
{
    struct arena *arena = change->call->arena;
    struct problem *problem = change->call->problem;
    if (!headers || json_is_null(headers))
        return;
    size_t count = json_array_size(headers);
    if (!json_is_array(headers) || count > WEBHOOK_HEADERS_MAX) {
        problem_add(problem, change_path(change, "delivery_method"), "custom_headers must be a list of at most %d headers", WEBHOOK_HEADERS_MAX);
        return;
    }
    json_t *kept = json_array_in(arena);
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(arena, "%s.delivery_method.custom_headers[%zu]", change->resource->name, i);
        const json_t *header = json_array_get(headers, i);
        struct text name = json_text_at(header, "name"), value = json_text_at(header, "value");
        if (!is_header_name(name))
            problem_add(problem, arena_printf(arena, "%s.name", path), "must be the name of a header that Muster does not write itself");
        else if (is_taken(headers, i, name))
            problem_add(problem, arena_printf(arena, "%s.name", path), "is there twice");
        if (!is_header_value(value))
            problem_add(problem, arena_printf(arena, "%s.value", path), "must be one line of 1 to %d bytes", HEADER_VALUE_BYTES_MAX);
        json_t *pair = json_object_in(arena);
        json_put_text(pair, "name", name);
        json_put_text(pair, "value", value);
        json_append(kept, pair);
    }
    if (count > 0)
        fields->headers = json_write(arena, kept);
}

static void read_method(struct change *change, struct webhook_fields *fields)
{
    struct problem *problem = change->call->problem;
    const json_t *method = json_at(change->body, "delivery_method");
    const char *path = change_path(change, "delivery_method");
    if (!json_is_object(method)) {
        problem_add(problem, path, "cannot be empty");
        return;
    }
    struct text type = json_text_at(method, "type");
    if (type.size > 0 && !text_is(type, "http_delivery_method"))
        problem_add(problem, arena_printf(change->call->arena, "%s.type", path), "must be http_delivery_method");
    fields->url = json_text_at(method, "url");
    if (!is_address(fields->url))
        problem_add(problem, arena_printf(change->call->arena, "%s.url", path), "must be an http or https address of at most %d bytes", URL_BYTES_MAX);
    read_headers(change, json_at(method, "custom_headers"), fields);
}

static void read_events(struct change *change, struct webhook_fields *fields)
{
    struct problem *problem = change->call->problem;
    bool given, seen[WEBHOOK_EVENT_COUNT] = {false};
    const json_t *events = change_custom(change, "events", &given);
    const char *path = change_path(change, "events");
    size_t count = json_array_size(events);
    if (!json_is_array(events) || count == 0) {
        problem_add(problem, path, "must be a list of at least one event type");
        return;
    }
    for (size_t i = 0; i < count; i++) {
        enum webhook_event event;
        struct text name = json_text_value(json_array_get(events, i));
        if (!webhook_event_parse(name, &event))
            problem_add(problem, arena_printf(change->call->arena, "%s[%zu]", path, i), "is not an event type");
        else if (seen[event])
            problem_add(problem, arena_printf(change->call->arena, "%s[%zu]", path, i), "is there twice");
        else
            seen[event] = true;
    }
    fields->events = json_write(change->call->arena, events);
}

static enum err read_filter(struct change *change, struct webhook_fields *fields)
{
    static const char *const types[] = {"account", "service", "team"};
    struct problem *problem = change->call->problem;
    bool given;
    const json_t *filter = change_custom(change, "filter", &given);
    struct text type = json_text_at(filter, "type"), id = json_text_at(filter, "id");
    const char *path = change_path(change, "filter");
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        if (text_is(type, arena_printf(change->call->arena, "%s_reference", types[i])) || text_is(type, types[i]))
            fields->filter_type = types[i];
    if (!fields->filter_type) {
        problem_add(problem, arena_printf(change->call->arena, "%s.type", path), "must be one of account_reference, service_reference, team_reference");
        return OK;
    }
    if (text_is(text_of(fields->filter_type), "account"))
        return OK;
    fields->filter_id = id;
    path = arena_printf(change->call->arena, "%s.id", path);
    if (id.size == 0) {
        problem_add(problem, path, "cannot be empty");
        return OK;
    }
    struct text name;
    enum err err = given ? visibility_resolve(change->call, change->tx->db, json_at(change->before, "filter"), fields->filter_type, id, &name) : OK;
    if (err != ERR_NOT_FOUND)
        return err;
    problem_add(problem, path, "does not exist");
    return OK;
}

enum err webhook_fields_read(struct change *change, struct webhook_fields *ret)
{
    *ret = (struct webhook_fields){0};
    if (change->kind == CHANGE_CREATE)
        read_method(change, ret);
    read_events(change, ret);
    return read_filter(change, ret);
}
