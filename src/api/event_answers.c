/* Why: see event_answers.h. */
#include "api/event_answers.h"

#include <assert.h>

#include "base/json_escape.h"

/* Alertmanager repeats after 5xx only. v1's documented sign of "too many" is 403. */
const struct event_dialect events_v2_dialect = {202, "Event processed", "dedup_key", "Unrecognized object", 429};
const struct event_dialect events_v1_dialect = {200, "Event processed", "incident_key", "unrecognized object", 403};
const struct event_dialect change_dialect = {202, "Change event processed", NULL, "Unrecognized object", 429};
const struct event_dialect alertmanager_dialect = {202, "Event processed", NULL, "Unrecognized object", 503};
const struct event_dialect json_dialect = {202, "Event processed", "dedup_key", "Unrecognized object", 429};
const struct event_dialect batch_dialect = {202, "Event processed", "dedup_key", "Unrecognized object", 429};

/* Fifty mistakes of a 5 MiB body, whose paths repeat its keys. */
enum { ANSWER_BYTES_MAX = 64 * 1024 * 1024 };

static struct builder begin(struct arena *arena, const char *status, const char *message)
{
    struct builder b = builder_new(arena, ANSWER_BYTES_MAX);
    builder_add_string(&b, "{\"status\":");
    json_escape_write(&b, text_of(status));
    builder_add_string(&b, ",\"message\":");
    json_escape_write(&b, text_of(message));
    return b;
}

static struct text finish(struct builder *b, int code)
{
    if (code != EVENT_NO_CODE)
        builder_printf(b, ",\"code\":%d", code);
    builder_add_string(b, "}");
    assert(!b->overflowed);
    return builder_text(b);
}

struct text event_success(struct arena *arena, const struct event_dialect *dialect, struct text dedup_key, int code)
{
    struct builder b = begin(arena, "success", dialect->processed);
    if (dialect->key_name && dedup_key.data) {
        builder_add_string(&b, ",");
        json_escape_write(&b, text_of(dialect->key_name));
        builder_add_string(&b, ":");
        json_escape_write(&b, dedup_key);
    }
    return finish(&b, code);
}

/* `first` may be absent. */
static void add_mistakes(struct builder *b, struct text first, const struct problem *problem)
{
    const char *separator = "";
    builder_add_string(b, ",\"errors\":[");
    if (first.data) {
        json_escape_write(b, first);
        separator = ",";
    }
    for (size_t i = 0; problem && i < problem->count; i++, separator = ",") {
        builder_add_string(b, separator);
        json_escape_write(b, problem_line(problem, i));
    }
    if (problem && problem->dropped > 0)
        builder_printf(b, "%s\"and %zu more\"", separator, problem->dropped);
    builder_add_string(b, "]");
}

struct text event_invalid(struct arena *arena, const struct problem *problem, int code)
{
    struct builder b = begin(arena, "invalid event", "Event object is invalid");
    add_mistakes(&b, TEXT_NONE, problem);
    return finish(&b, code);
}

struct text event_unrecognized(struct arena *arena, const struct event_dialect *dialect, const struct problem *problem)
{
    struct builder b = begin(arena, dialect->unrecognized, "Event object format is unrecognized");
    add_mistakes(&b, TEXT("JSON parse error"), problem);
    return finish(&b, EVENT_NO_CODE);
}

struct text event_unknown_key(struct arena *arena, int code)
{
    struct builder b = begin(arena, "invalid event", "Event object is invalid");
    add_mistakes(&b, TEXT("No integration has this key"), NULL);
    return finish(&b, code);
}

static struct text plain(struct arena *arena, const char *status, const char *message)
{
    struct builder b = begin(arena, status, message);
    return finish(&b, EVENT_NO_CODE);
}

struct text event_refused(struct arena *arena, const struct event_dialect *dialect, enum err outcome, int *ret_status)
{
    if (outcome == ERR_LIMIT) {
        *ret_status = dialect->status_when_full;
        return plain(arena, "throttled", "Too many events are waiting, try again later");
    }
    if (outcome == ERR_UNAVAILABLE || outcome == ERR_AMBIGUOUS) {
        *ret_status = 503;
        return plain(arena, "unavailable", "The event could not be stored, try again later");
    }
    *ret_status = 500;
    return plain(arena, "internal error", "The event could not be processed");
}

struct text event_throttled(struct arena *arena, const struct event_dialect *dialect, int code, int *ret_status)
{
    *ret_status = dialect->status_when_full;
    struct builder b = begin(arena, "throttled", "Too many events of this integration key in this minute, try again later");
    return finish(&b, code);
}

void event_response(int status, struct text body, struct http_response *ret)
{
    *ret = (struct http_response){
        .status = status,
        .content_type = "application/json",
        .body = body,
        .headers = {{"X-Content-Type-Options", TEXT("nosniff")}, {"Cache-Control", TEXT("no-store")}},
        .header_count = 2,
    };
    if (status == 429 || status == 503 || status == 403)
        ret->headers[ret->header_count++] = (struct http_header){"Retry-After", TEXT("5")};
}

void event_reply(struct http_exchange *exchange, int status, struct text body)
{
    struct http_response response;
    event_response(status, body, &response);
    http_reply(exchange, &response);
}
