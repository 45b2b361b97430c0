/* Why: see event_answers.h. */
#include "api/event_answers.h"

/* Alertmanager repeats after 5xx only. v1's documented sign of "too many" is 403. */
const struct event_dialect events_v2_dialect = {202, "Event processed", "dedup_key", "Unrecognized object", 429};
const struct event_dialect events_v1_dialect = {200, "Event processed", "incident_key", "unrecognized object", 403};
const struct event_dialect change_dialect = {202, "Change event processed", NULL, "Unrecognized object", 429};
const struct event_dialect alertmanager_dialect = {202, "Event processed", NULL, "Unrecognized object", 503};
const struct event_dialect json_dialect = {202, "Event processed", "dedup_key", "Unrecognized object", 429};
const struct event_dialect batch_dialect = {202, "Event processed", "dedup_key", "Unrecognized object", 429};

static json_t *answer(struct arena *arena, const char *status, const char *message)
{
    json_t *body = json_object_in(arena);
    json_put_string(body, "status", status);
    json_put_string(body, "message", message);
    return body;
}

json_t *event_success(struct arena *arena, const struct event_dialect *dialect, struct text dedup_key)
{
    json_t *body = answer(arena, "success", dialect->processed);
    if (dialect->key_name && dedup_key.data)
        json_put_text(body, dialect->key_name, dedup_key);
    return body;
}

static void add_mistakes(struct arena *arena, json_t *body, const char *first, const struct problem *problem)
{
    json_t *errors = json_array_in(arena);
    if (first)
        json_append_text(errors, text_of(first));
    for (size_t i = 0; problem && i < problem->count; i++)
        json_append_text(errors, problem_line(problem, i));
    if (problem && problem->dropped > 0)
        json_append_text(errors, text_printf(arena, "and %zu more", problem->dropped));
    json_put(body, "errors", errors);
}

json_t *event_invalid(struct arena *arena, const struct problem *problem)
{
    json_t *body = answer(arena, "invalid event", "Event object is invalid");
    add_mistakes(arena, body, NULL, problem);
    return body;
}

json_t *event_unrecognized(struct arena *arena, const struct event_dialect *dialect, const struct problem *problem)
{
    json_t *body = answer(arena, dialect->unrecognized, "Event object format is unrecognized");
    add_mistakes(arena, body, "JSON parse error", problem);
    return body;
}

json_t *event_unknown_key(struct arena *arena)
{
    json_t *body = answer(arena, "invalid event", "Event object is invalid");
    add_mistakes(arena, body, "No integration has this key", NULL);
    return body;
}

json_t *event_refused(struct arena *arena, const struct event_dialect *dialect, enum err outcome, int *ret_status)
{
    if (outcome == ERR_LIMIT) {
        *ret_status = dialect->status_when_full;
        return answer(arena, "throttled", "Too many events are waiting, try again later");
    }
    if (outcome == ERR_UNAVAILABLE || outcome == ERR_AMBIGUOUS) {
        *ret_status = 503;
        return answer(arena, "unavailable", "The event could not be stored, try again later");
    }
    *ret_status = 500;
    return answer(arena, "internal error", "The event could not be processed");
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
