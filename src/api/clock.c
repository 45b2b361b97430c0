/* Why: scripts and outside tests move the time themselves. Only a server that was started with a test clock answers here. */
#include "api/view.h"

enum { PATIENCE_MS = 10000 };

static enum err reply_now(struct call *call)
{
    call->reply = json_object_in(call->arena);
    json_put_text(call->reply, "now", instant_format_ms(call->arena, env_now(call->env)));
    return OK;
}

static enum err get_clock(struct call *call)
{
    return env_is_test_clock(call->env) ? reply_now(call) : ERR_NOT_FOUND;
}

static enum err put_clock(struct call *call)
{
    if (!env_is_test_clock(call->env))
        return ERR_NOT_FOUND;
    struct text written = json_text_at(call->body, "now");
    instant to;
    if (!instant_parse(written, 0, &to)) {
        problem_add(call->problem, "now", "is not a date and time (ISO 8601)");
        return ERR_INVALID;
    }
    enum err err = engine_advance(call->engine, to, PATIENCE_MS);
    if (err == ERR_INVALID)
        problem_add(call->problem, "now", "is in the past: it is %.*s already", TEXT_ARG(instant_format_ms(call->arena, env_now(call->env))));
    return err != OK ? err : reply_now(call);
}

static const struct route routes[] = {
    {.method = "GET", .path = "/test/clock", .permission = MAY_ANYONE, .handle = get_clock, .summary = "The test clock's time",
     .answers = "now"},
    {.method = "PUT", .path = "/test/clock", .permission = MAY_ANYONE, .handle = put_clock, .summary = "Move the test clock forward", .body_kind = "json",
     .takes = "now", .answers = "now"},
};
const struct route_table clock_routes = {routes, sizeof routes / sizeof *routes};
