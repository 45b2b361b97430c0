/* Why: is anything wrong? The browser's header and a person at 3 a.m. ask this. An
 * alarm is what would otherwise be silence: nobody answered, nobody on call, nobody reachable, a provider that fails. */
#include "api/api_state.h"
#include "api/view.h"
#include "api/visibility.h"
#include "engine/outbox.h"
#include "engine/roster.h"

enum { ALARMS_EACH_MAX = 100 };

static void add_alarm(const struct view *view, json_t *alarms, const char *kind, struct text text, json_t *incident)
{
    json_t *alarm = json_object_in(view->call->arena);
    json_put_string(alarm, "kind", kind);
    json_put_text(alarm, "text", text);
    json_put(alarm, "incident", incident);
    json_append(alarms, alarm);
}

static enum err add_exhausted(const struct view *view, json_t *alarms)
{
    struct arena *arena = view->call->arena;
    struct query *q = db_query(view->call->db, "overview_exhausted");
    visibility_bind(view->call, q);
    query_bind_int(q, "limit", ALARMS_EACH_MAX);
    while (query_next(q)) {
        struct text title = text_copy(arena, query_text(q, 1));
        bool called = query_bool(q, 3);
        add_alarm(view, alarms, called ? "exhausted" : "uncalled",
                  text_printf(arena, "%s #%lld %.*s (%.*s)", called ? "Nobody answered" : "Nobody could be called about", (long long)query_int(q, 0), TEXT_ARG(title), TEXT_ARG(query_text(q, 2))),
                  view_incident(view, query_int(q, 0), title));
    }
    return query_err(q);
}

static enum err add_unreachable(const struct view *view, json_t *alarms)
{
    struct query *q = db_query(view->call->db, "overview_unreachable");
    visibility_bind_ids(view->call, q);
    query_bind_int(q, "limit", ALARMS_EACH_MAX);
    while (query_next(q))
        add_alarm(view, alarms, "unreachable",
                  text_printf(view->call->arena, "%.*s is in an escalation policy but has no verified contact method", TEXT_ARG(query_text(q, 1))), NULL);
    return query_err(q);
}

/* Messages of such a channel go nowhere, which nobody would notice before the first one that matters. */
static enum err add_unserved(const struct view *view, json_t *alarms)
{
    struct call *call = view->call;
    json_t *served = json_array_in(call->arena);
    for (int channel = 0; channel < CHANNEL_COUNT; channel++)
        if (engine_channel_is_served(call->engine, (enum channel)channel))
            json_append_text(served, text_of(channel_name((enum channel)channel)));
    struct query *q = db_query(call->db, "overview_channels");
    query_bind_text(q, "served", json_write(call->arena, served));
    while (query_next(q)) {
        enum channel channel;
        long long people = query_int(q, 1);
        if (channel_parse(query_text(q, 0), &channel))
            add_alarm(view, alarms, "channel",
                      text_printf(call->arena, "No provider is configured for %s, and %lld %s reached by it", channel_name(channel), people,
                                  people == 1 ? "person is" : "people are"), NULL);
    }
    return query_err(q);
}

struct schedule_name {
    struct text id, name;
};

static enum err add_gaps(const struct view *view, json_t *alarms)
{
    struct call *call = view->call;
    struct schedule_name *schedules = ARENA_ARRAY(call->arena, struct schedule_name, ALARMS_EACH_MAX);
    size_t count = 0;
    struct query *q = db_query(call->db, "overview_schedules");
    visibility_bind_ids(call, q);
    query_bind_int(q, "limit", ALARMS_EACH_MAX);
    while (query_next(q))
        schedules[count++] = (struct schedule_name){text_copy(call->arena, query_text(q, 0)), text_copy(call->arena, query_text(q, 1))};
    enum err err = query_err(q);
    for (size_t i = 0; i < count && err == OK; i++) {
        struct on_call_list people;
        err = roster_on_call(call->db, call->arena, schedules[i].id, call->now, &people);
        if (err == OK && people.count == 0)
            add_alarm(view, alarms, "gap", text_printf(call->arena, "Nobody is on call now on schedule %.*s", TEXT_ARG(schedules[i].name)), NULL);
        if (err == ERR_NOT_FOUND)
            err = OK;
    }
    return err;
}

static json_t *provider_list(const struct view *view, json_t *alarms)
{
    struct call *call = view->call;
    struct provider_health health[PROVIDERS_MAX];
    size_t count = engine_provider_health(call->engine, health, PROVIDERS_MAX);
    json_t *providers = json_array_in(call->arena);
    for (size_t i = 0; i < count; i++) {
        json_t *provider = json_object_in(call->arena);
        json_put_string(provider, "name", health[i].name);
        json_put_bool(provider, "circuit_open", health[i].circuit_open);
        json_put_int(provider, "in_flight", health[i].in_flight);
        json_put_int(provider, "failures_last_minute", health[i].failures_last_minute);
        view_put_instant(view, provider, "last_success", health[i].last_success);
        view_put_instant(view, provider, "last_failure", health[i].last_failure);
        json_append(providers, provider);
        if (alarms && health[i].circuit_open)
            add_alarm(view, alarms, "provider", text_printf(call->arena, "Provider %s fails; others are used where there are any", health[i].name), NULL);
    }
    return providers;
}

/* Programs that Muster has stopped telling, because it cannot. */
static enum err add_webhooks(const struct view *view, json_t *alarms)
{
    struct query *q = db_query(view->call->db, "webhook_subscriptions_disabled");
    visibility_bind_ids(view->call, q);
    query_bind_int(q, "limit", ALARMS_EACH_MAX);
    while (query_next(q)) {
        struct text description = query_text(q, 1);
        add_alarm(view, alarms, "webhook",
                  text_printf(view->call->arena, "Webhook subscription %.*s (%.*s) is disabled: %.*s", TEXT_ARG(query_text(q, 0)), TEXT_ARG(description),
                              TEXT_ARG(query_text(q, 3))), NULL);
    }
    return query_err(q);
}

static enum err all_alarms(const struct view *view, json_t *alarms)
{
    struct engine_health health;
    engine_health(view->call->engine, &health);
    if (!health.sender_ok)
        add_alarm(view, alarms, "sender", TEXT("The sender process does not run; nothing can be sent"), NULL);
    if (!health.canary_ok)
        add_alarm(view, alarms, "canary",
                  text_printf(view->call->arena, "Muster's own test page has not come back for %lld minutes; pages may not leave",
                              (long long)(health.canary_age_us / (60 * SECOND_US))), NULL);
    enum err err = add_exhausted(view, alarms);
    if (err == OK)
        err = add_gaps(view, alarms);
    if (err == OK)
        err = add_unreachable(view, alarms);
    if (err == OK)
        err = add_unserved(view, alarms);
    if (err == OK)
        err = add_webhooks(view, alarms);
    return err;
}

/* {"triggered","acknowledged","high","low","snoozed","held"} */
static enum err count_incidents(struct call *call, json_t *counts)
{
    static const char *const names[] = {"triggered", "acknowledged", "high", "low", "snoozed", "held"};
    struct query *q = db_query(call->db, "overview_incidents");
    visibility_bind(call, q);
    while (query_next(q))
        for (int i = 0; i < 6; i++)
            json_put_int(counts, names[i], query_int(q, i));
    return query_err(q);
}

static enum err get_summary(struct call *call)
{
    struct view view;
    enum err err = view_open(call, &view);
    json_t *counts = json_object_in(call->arena), *alarms = json_array_in(call->arena);
    if (err == OK)
        err = count_incidents(call, counts);
    if (err == OK)
        err = all_alarms(&view, alarms);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put_text(call->reply, "now", instant_format_ms(call->arena, call->now));
    json_put_bool(call->reply, "test_clock", env_is_test_clock(call->env));
    json_put(call->reply, "incidents", counts);
    json_put(call->reply, "providers", provider_list(&view, alarms));
    json_put(call->reply, "alarms", alarms);
    return OK;
}

static enum err get_alarms(struct call *call)
{
    struct view view;
    json_t *alarms = json_array_in(call->arena);
    enum err err = view_open(call, &view);
    if (err == OK)
        err = all_alarms(&view, alarms);
    if (err != OK)
        return err;
    (void)provider_list(&view, alarms);
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "alarms", alarms);
    return OK;
}

static enum err get_providers(struct call *call)
{
    struct view view;
    enum err err = view_open(call, &view);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "providers", provider_list(&view, NULL));
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/muster/summary", .permission = MAY_READ, .handle = get_summary, .summary = "Counts of open incidents, alarms, providers",
     .answers = "now test_clock incidents providers[] alarms[]"},
    {.method = "GET", .path = "/muster/alarms", .permission = MAY_READ, .handle = get_alarms, .summary = "What is wrong now",
     .answers = "alarms[]"},
    {.method = "GET", .path = "/muster/providers", .permission = MAY_READ, .handle = get_providers, .summary = "How the providers do",
     .answers = "providers[]"},
};
const struct route_table overview_routes = {routes, sizeof routes / sizeof *routes};
