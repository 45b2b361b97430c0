/* Why: see canary.h. */
#include "engine/canary.h"

#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "engine/engine_state.h"
#include "engine/intake.h"
#include "engine/rows.h"
#include "engine/timers.h"

static const struct timer_key timer = {.kind = TIMER_CANARY};

static enum err set_timer(struct tx *tx)
{
    return timer_set(tx, &timer, instant_add_s(tx->now, tx->engine->canary_interval_s));
}

enum err canary_start(struct tx *tx)
{
    if (tx->engine->canary_interval_s <= 0)
        return timer_clear(tx, &timer);
    measures_canary_heard(tx->engine, tx->now); /* from here on it is waited for */
    int64_t timers;
    enum err err = rows_take_int(db_query(tx->db, "canary_timers"), &timers);
    return err != OK || timers > 0 ? err : set_timer(tx);
}

bool canary_is(struct text user_id)
{
    return text_is(user_id, CANARY_ID);
}

int64_t canary_incident_number(const struct tx *tx, struct text service_id)
{
    return text_is(service_id, CANARY_ID) ? tx->engine->canary_number : 0;
}

/* Set up -------------------------------------------------------------------------------------------------------------- */

static enum err run(struct tx *tx, const char *name)
{
    struct query *q = db_query(tx->db, name);
    query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

static enum err add_policy_version(struct tx *tx)
{
    static const char document[] =
        "{\"name\":\"Muster canary (built in)\",\"num_loops\":0,\"on_call_handoff_notifications\":\"if_has_services\",\"catch_all\":null,"
        "\"rules\":[{\"id\":\"" CANARY_ID "\",\"delay_s\":86400,\"strategy\":\"everyone\",\"targets\":[{\"type\":\"user\",\"id\":\"" CANARY_ID "\"}]}]}";
    struct query *q = db_query(tx->db, "canary_policy_version");
    query_bind_instant(q, "now", tx->now);
    query_bind_text(q, "doc", text_of(document));
    return query_run(q);
}

static enum err add_integration(struct tx *tx)
{
    struct query *q = db_query(tx->db, "canary_integration");
    query_bind_instant(q, "now", tx->now);
    query_bind_text(q, "key", id_new_key(tx->env, tx->arena, EVENT_ROUTING_KEY_CHARS));
    return query_run(q);
}

/* Each statement adds its row where it is missing and what it hangs on is there. */
static enum err set_up(struct tx *tx)
{
    enum err err = run(tx, "canary_user");
    if (err == OK)
        err = run(tx, "canary_contact_method");
    if (err == OK)
        err = run(tx, "canary_notification_rule");
    if (err == OK)
        err = run(tx, "canary_policy");
    if (err == OK)
        err = add_policy_version(tx);
    if (err == OK)
        err = query_run(db_query(tx->db, "canary_policy_target"));
    if (err == OK)
        err = run(tx, "canary_service");
    return err == OK ? add_integration(tx) : err;
}

/* ERR_NOT_FOUND: it is not set up. */
static enum err load_key(struct tx *tx, struct text *ret)
{
    struct query *q = db_query(tx->db, "canary_key");
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    *ret = text_copy(tx->arena, query_text(q, 0));
    return OK;
}

static enum err key_or_set_up(struct tx *tx, struct text *ret)
{
    enum err err = load_key(tx, ret);
    if (err != ERR_NOT_FOUND)
        return err;
    err = set_up(tx);
    return err == OK ? load_key(tx, ret) : err;
}

static enum err load_number(struct tx *tx)
{
    struct query *q = db_query(tx->db, "installation_get");
    query_bind_text(q, "name", TEXT("canary_incident"));
    if (query_next(q) && !text_to_int64(query_text(q, 0), &tx->engine->canary_number))
        return ERR_INTERNAL;
    return query_failed(q) ? query_err(q) : OK;
}

static enum err keep_number(struct tx *tx, int64_t number)
{
    if (tx->engine->canary_number == number)
        return OK;
    struct query *q = db_query(tx->db, "installation_set");
    query_bind_text(q, "name", TEXT("canary_incident"));
    query_bind_text(q, "value", text_printf(tx->arena, "%lld", (long long)number));
    return query_run(q);
}

/* A round ---------------------------------------------------------------------------------------------------------------- */

static enum err report(struct tx *tx, struct text key, enum event_action action, struct disposition *ret)
{
    struct event event = {.action = action, .routing_key = key, .dedup_key = TEXT("canary"), .severity = SEVERITY_CRITICAL, .summary = TEXT("Muster canary"),
                          .source = TEXT("muster"), .timestamp = INSTANT_NONE, .body = TEXT("{}"), .format = "canary"};
    return intake_apply(tx, &event, ret);
}

/* Nothing of a round stays. The incident must be over: then no clock of it is left either. */
static enum err forget(struct tx *tx)
{
    static const char *const statements[] = {"canary_forget_events", "canary_forget_candidates", "canary_forget_decisions", "canary_forget_messages",
                                             "canary_forget_notifications", "canary_forget_pages", "canary_forget_ledger", "canary_forget_triggers",
                                             "canary_forget_alerts", "canary_forget_incident"};
    enum err err = OK;
    for (size_t i = 0; i < sizeof statements / sizeof *statements && err == OK; i++) {
        struct query *q = db_query(tx->db, statements[i]);
        query_bind_int(q, "number", tx->engine->canary_number);
        err = query_run(q);
    }
    return err;
}

static enum err end_round(struct tx *tx, struct text key)
{
    struct disposition disposition;
    enum err err = report(tx, key, EVENT_RESOLVE, &disposition);
    return err == OK ? forget(tx) : err;
}

/* A round that was not heard of ends here, before the next one begins. */
static enum err end_last_round(struct tx *tx, struct text key)
{
    int64_t left;
    struct query *q = db_query(tx->db, "canary_incidents");
    query_bind_int(q, "number", tx->engine->canary_number);
    enum err err = rows_take_int(q, &left);
    if (err != OK || left == 0)
        return err;
    measures_canary_missed(tx->engine);
    log_warning("canary", "the last round has not come back");
    return end_round(tx, key);
}

enum err canary_due(struct tx *tx)
{
    if (tx->engine->canary_interval_s <= 0)
        return OK;
    struct text key;
    enum err err = key_or_set_up(tx, &key);
    if (err == ERR_NOT_FOUND) {
        log_error("canary", "it cannot be set up: something else has the name \"Muster canary (built in)\"");
        return set_timer(tx);
    }
    if (err == OK)
        err = load_number(tx);
    if (err == OK)
        err = end_last_round(tx, key);
    struct disposition disposition;
    if (err == OK)
        err = report(tx, key, EVENT_TRIGGER, &disposition);
    if (err == OK)
        err = keep_number(tx, disposition.incident_number);
    return err == OK ? set_timer(tx) : err;
}

/* The sender knows the address. */
static enum err ping(struct tx *tx)
{
    struct query *q = db_query(tx->db, "canary_ping");
    query_bind_instant(q, "now", tx->now);
    outbox_expect(tx, text_of(channel_name(CHANNEL_MUSTER)));
    int64_t message;
    return query_insert(q, &message);
}

static enum err ping_ended(struct tx *tx, const struct attempt_end *end)
{
    bool fine = end->outcome == OUTCOME_DELIVERED;
    measures_ping(tx->engine, fine);
    if (!fine && !tx->engine->ping_fails) /* once, not every minute */
        log_warning("canary", "dead_man_url could not be reached: %.*s", TEXT_ARG(end->error));
    tx->engine->ping_fails = !fine;
    struct query *q = db_query(tx->db, "canary_ping_forget");
    query_bind_int(q, "number", end->message_number);
    return query_run(q);
}

enum err canary_message_ended(struct tx *tx, struct text kind, const struct attempt_end *end)
{
    if (!text_is(kind, "page"))
        return ping_ended(tx, end);
    if (end->outcome != OUTCOME_DELIVERED)
        return OK; /* the next round says more */
    struct text key;
    enum err err = load_key(tx, &key);
    if (err == OK)
        err = load_number(tx);
    if (err == OK)
        err = end_round(tx, key);
    if (err == OK)
        measures_canary_heard(tx->engine, tx->now);
    return err == OK && tx->engine->pings_outside ? ping(tx) : err;
}
