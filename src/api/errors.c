/* Why: see errors.h. */
#include "api/errors.h"

#include <assert.h>

#include "base/log.h"

static json_t *envelope(struct arena *arena, int code, const char *message, json_t *lines)
{
    json_t *error = json_object_in(arena);
    json_put_string(error, "message", message);
    json_put_int(error, "code", code);
    json_put(error, "errors", lines);
    json_t *body = json_object_in(arena);
    json_put(body, "error", error);
    return body;
}

static json_t *lines_of(struct arena *arena, const struct problem *problem, const char *fallback)
{
    json_t *lines = json_array_in(arena);
    for (size_t i = 0; i < problem->count; i++)
        json_append_text(lines, problem_line(problem, i));
    if (problem->dropped > 0)
        json_append_text(lines, text_printf(arena, "and %zu more", problem->dropped));
    if (problem->count == 0)
        json_append_text(lines, text_of(fallback));
    return lines;
}

struct outcome_answer {
    int status, code;
    const char *message;
};

static struct outcome_answer answer_for(enum err outcome)
{
    switch (outcome) {
    case OK: break;
    case ERR_INVALID: return (struct outcome_answer){400, API_INVALID, "Invalid Input Provided"};
    case ERR_NOT_FOUND: return (struct outcome_answer){404, API_NOT_FOUND, "Not Found"};
    case ERR_CONFLICT: return (struct outcome_answer){400, API_INVALID, "Invalid Input Provided"};
    case ERR_FORBIDDEN: return (struct outcome_answer){403, API_ACCESS_DENIED, "Access Denied"};
    case ERR_LIMIT: return (struct outcome_answer){429, API_RATE_LIMITED, "Rate Limit Exceeded"};
    case ERR_UNAVAILABLE:
    case ERR_AMBIGUOUS: return (struct outcome_answer){503, API_INTERNAL, "Service Unavailable"};
    case ERR_TOO_NEW:
    case ERR_INTERNAL: return (struct outcome_answer){500, API_INTERNAL, "Internal Server Error"};
    }
    assert(false);
    return (struct outcome_answer){500, API_INTERNAL, "Internal Server Error"};
}

void error_from_outcome(struct call *call, enum err outcome)
{
    assert(outcome != OK);
    struct outcome_answer answer = answer_for(outcome);
    if (call->status < 400)
        call->status = answer.status;
    int code = call->error_code ? call->error_code : answer.code;
    const char *message = call->error_message ? call->error_message : answer.message;
    call->reply = envelope(call->arena, code, message, lines_of(call->arena, call->problem, message));
    call->raw.status = 0;
    if (call->status >= 500)
        log_error("api", "%.*s %.*s answered %d: %s %s", TEXT_ARG(call->request->method), TEXT_ARG(call->request->path), call->status,
                  err_name(outcome), call->db ? db_last_message(call->db) : "no database");
}

struct http_response error_response(struct arena *arena, int status, int code, const char *message, const char *line)
{
    json_t *lines = json_array_in(arena);
    json_append_text(lines, text_of(line ? line : message));
    return (struct http_response){
        .status = status,
        .content_type = "application/json",
        .body = json_write(arena, envelope(arena, code, message, lines)),
    };
}
