/* Why: does Muster itself work? Load balancers, service managers and uptime checks ask this, without a token: it tells yes or no and a
 * few counts, nothing that a stranger could use. Answered on the network thread, so also when every worker hangs. */
#include "api/route.h"

enum {
    LATE_TIMER_S = 5,   /* a timer that is due acts within milliseconds */
    SLOW_TURN_S = 5,    /* a batch of the greatest size takes well below a second, also on a slow disk */
    STUCK_TURN_S = 60,  /* nothing but a restart helps */
};

static void put_check(struct call *call, json_t *reasons, const char *name, bool fine, const char *reason)
{
    json_put_bool(call->reply, name, fine);
    if (!fine)
        json_append_text(reasons, text_of(reason));
}

/* Ready for traffic: what is accepted now is stored, and pages leave. */
static enum err get_health(struct call *call)
{
    struct engine_health health;
    engine_health(call->engine, &health);
    json_t *reasons = json_array_in(call->arena);
    call->reply = json_object_in(call->arena);
    put_check(call, reasons, "database", health.database_ok, "the database cannot be written");
    put_check(call, reasons, "writer", health.turn_age_us < SLOW_TURN_S * SECOND_US, "the writer has been busy with one batch for too long");
    put_check(call, reasons, "sender", health.sender_ok, "the sender process is not connected: nothing can be sent");
    put_check(call, reasons, "timers", health.oldest_due_timer_age_us < LATE_TIMER_S * SECOND_US, "a timer is due and does not act");
    put_check(call, reasons, "canary", health.canary_ok, "the canary has not come back: pages may not leave");
    bool fine = json_array_size(reasons) == 0;
    call->status = fine ? 200 : 503;
    json_put_string(call->reply, "status", fine ? "ok" : "failing");
    json_put(call->reply, "reasons", reasons);
    json_put_int(call->reply, "queue_length", health.queue_length);
    json_put_int(call->reply, "messages_in_flight", health.messages_in_flight);
    return OK;
}

/* Alive: a restart would not help. Trouble with the database or a sender that is starting are not a reason to be killed. */
static enum err get_live(struct call *call)
{
    struct engine_health health;
    engine_health(call->engine, &health);
    bool alive = health.turn_age_us < STUCK_TURN_S * SECOND_US;
    call->status = alive ? 200 : 503;
    call->reply = json_object_in(call->arena);
    json_put_string(call->reply, "status", alive ? "ok" : "stuck");
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/health", .permission = MAY_ANYONE, .handle = get_health, .summary = "200 when Muster works, 503 with the reasons when it does not", .fast = true,
     .answers = "database:boolean writer:boolean sender:boolean timers:boolean canary:boolean status reasons[] queue_length:integer messages_in_flight:integer"},
    {.method = "GET", .path = "/health/live", .permission = MAY_ANYONE, .handle = get_live, .summary = "503 when only a restart helps", .fast = true, .answers = "status"},
};
const struct route_table health_routes = {routes, sizeof routes / sizeof *routes};
