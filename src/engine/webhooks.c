/* Why: see webhooks.h. The list of subscriptions is kept in memory: it is short, and every change of it passes the writer. */
#include "engine/webhooks.h"

#include <assert.h>

#include "base/id.h"
#include "engine/engine_state.h"
#include "engine/rows.h"
#include "engine/webhook_delivery.h"
#include "engine/webhook_payload.h"

struct text engine_seal_key(const struct engine *engine)
{
    return text_of(engine->seal_key);
}

struct text webhook_secret_place(struct arena *arena, struct text subscription_id)
{
    return text_printf(arena, "webhook_subscription/%.*s/secret", TEXT_ARG(subscription_id));
}

struct text webhook_headers_place(struct arena *arena, struct text subscription_id)
{
    return text_printf(arena, "webhook_subscription/%.*s/headers", TEXT_ARG(subscription_id));
}

/* Who wants it -------------------------------------------------------------------------------------------------------- */

static bool somebody_wants(struct tx *tx, enum webhook_event event, enum err *ret_err)
{
    const struct webhooks *webhooks = tx->engine->webhooks;
    *ret_err = webhooks->loaded ? OK : webhooks_load(tx);
    for (size_t i = 0; i < webhooks->count && *ret_err == OK; i++)
        if (webhooks->list[i].events & UINT64_C(1) << event)
            return true;
    return false;
}

static bool fits(const struct subscriber *subscriber, const struct webhook_subject *subject)
{
    switch (subscriber->filter) {
    case 'a': return true;
    case 's': return text_equal(subscriber->filter_id, subject->service_id);
    case 't':
        for (size_t i = 0; i < subject->team_count; i++)
            if (text_equal(subscriber->filter_id, subject->team_ids[i]))
                return true;
        return false;
    }
    return false;
}

static enum err add_delivery(struct tx *tx, struct text subscription_id, int64_t event_number, struct text resource)
{
    struct query *q = db_query(tx->db, "webhook_delivery_insert");
    query_bind_text(q, "subscription_id", subscription_id);
    query_bind_int(q, "event_number", event_number);
    query_bind_text(q, "resource", resource);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    if (err == OK)
        webhooks_expect(tx->engine, subscription_id);
    return err;
}

static enum err add_event(struct tx *tx, enum webhook_event event, const json_t *data, const struct actor *actor, int64_t *ret_number)
{
    struct query *q = db_query(tx->db, "webhook_event_insert");
    query_bind_instant(q, "at", tx->now);
    query_bind_text(q, "event_type", text_of(webhook_event_name(event)));
    query_bind_text(q, "body", webhook_payload(tx, event, data, actor));
    enum err err = query_insert(q, ret_number);
    return err == OK ? webhooks_keep_watch(tx) : err;
}

static enum err tell(struct tx *tx, enum webhook_event event, const struct webhook_subject *subject, const struct actor *actor)
{
    struct webhooks *webhooks = tx->engine->webhooks;
    int64_t number = 0;
    enum err err = OK;
    for (size_t i = 0; i < webhooks->count && err == OK; i++) {
        const struct subscriber *subscriber = &webhooks->list[i];
        if (!(subscriber->events & UINT64_C(1) << event) || !fits(subscriber, subject))
            continue;
        if (number == 0)
            err = add_event(tx, event, subject->data, actor, &number);
        if (err == OK)
            err = add_delivery(tx, subscriber->id, number, subject->resource);
    }
    return err;
}

/* What happens ---------------------------------------------------------------------------------------------------------- */

enum err webhooks_incident(struct tx *tx, enum webhook_event event, int64_t incident_number, const struct actor *actor)
{
    enum err err;
    if (!somebody_wants(tx, event, &err))
        return err;
    struct webhook_subject subject;
    err = webhook_about_incident(tx, event, incident_number, &subject);
    return err == OK ? tell(tx, event, &subject, actor) : err == ERR_NOT_FOUND ? OK : err;
}

enum err webhooks_note(struct tx *tx, int64_t incident_number, int64_t note_number, struct text content, const struct actor *actor)
{
    enum err err;
    if (!somebody_wants(tx, WEBHOOK_ANNOTATED, &err))
        return err;
    struct webhook_subject subject;
    err = webhook_about_words(tx, WEBHOOK_ANNOTATED, incident_number, id_public(tx->arena, ID_NOTE, note_number), content, &subject);
    return err == OK ? tell(tx, WEBHOOK_ANNOTATED, &subject, actor) : err;
}

enum err webhooks_status_update(struct tx *tx, int64_t incident_number, int64_t seq, struct text message, const struct actor *actor)
{
    enum err err;
    if (!somebody_wants(tx, WEBHOOK_STATUS_UPDATE, &err))
        return err;
    struct webhook_subject subject;
    err = webhook_about_words(tx, WEBHOOK_STATUS_UPDATE, incident_number, id_public(tx->arena, ID_LOG_ENTRY, seq), message, &subject);
    return err == OK ? tell(tx, WEBHOOK_STATUS_UPDATE, &subject, actor) : err;
}

enum err webhooks_field_values(struct tx *tx, int64_t incident_number, const json_t *values, const json_t *changed, const struct actor *actor)
{
    enum err err;
    if (!somebody_wants(tx, WEBHOOK_FIELD_VALUES, &err))
        return err;
    struct webhook_subject subject;
    err = webhook_about_field_values(tx, incident_number, values, changed, &subject);
    return err == OK ? tell(tx, WEBHOOK_FIELD_VALUES, &subject, actor) : err;
}

enum err webhooks_service_field_values(struct tx *tx, struct text service_id, const json_t *values, const json_t *changed, const struct actor *actor)
{
    enum err err;
    if (!somebody_wants(tx, WEBHOOK_SERVICE_FIELDS, &err))
        return err;
    struct webhook_subject subject;
    err = webhook_about_service_field_values(tx, service_id, values, changed, &subject);
    return err == OK ? tell(tx, WEBHOOK_SERVICE_FIELDS, &subject, actor) : err;
}

enum err webhooks_responder(struct tx *tx, enum webhook_event event, int64_t incident_number, struct text user_id, const char *state, const struct actor *actor)
{
    enum err err;
    if (!somebody_wants(tx, event, &err))
        return err;
    struct webhook_subject subject;
    err = webhook_about_responder(tx, incident_number, user_id, state, &subject);
    return err == OK ? tell(tx, event, &subject, actor) : err;
}

enum err webhooks_service(struct tx *tx, enum webhook_event event, struct text service_id, const struct actor *actor)
{
    enum err err;
    if (!somebody_wants(tx, event, &err))
        return err;
    struct webhook_subject subject;
    err = webhook_about_service(tx, service_id, &subject);
    return err == OK ? tell(tx, event, &subject, actor) : err;
}

/* Reassigned, delegated, notes, responders, custom fields and status updates are told where their rows are written. */
enum err webhooks_ledger(struct tx *tx, enum ledger_kind kind, int64_t incident_number, const struct actor *actor)
{
    const struct webhooks *webhooks = tx->engine->webhooks;
    if ((webhooks->loaded && webhooks->count == 0) || incident_number == 0 || incident_number == tx->engine->canary_number)
        return OK;
    switch (kind) {
    case LEDGER_TRIGGER: return webhooks_incident(tx, WEBHOOK_TRIGGERED, incident_number, actor);
    case LEDGER_ACKNOWLEDGE: return webhooks_incident(tx, WEBHOOK_ACKNOWLEDGED, incident_number, actor);
    case LEDGER_UNACKNOWLEDGE: return webhooks_incident(tx, WEBHOOK_UNACKNOWLEDGED, incident_number, actor);
    case LEDGER_RESOLVE: return webhooks_incident(tx, WEBHOOK_RESOLVED, incident_number, actor);
    case LEDGER_ESCALATE: return webhooks_incident(tx, WEBHOOK_ESCALATED, incident_number, actor);
    case LEDGER_PRIORITY: return webhooks_incident(tx, WEBHOOK_PRIORITY, incident_number, actor);
    case LEDGER_TYPE: return webhooks_incident(tx, WEBHOOK_TYPE_CHANGED, incident_number, actor);
    case LEDGER_BRIDGE: return webhooks_incident(tx, WEBHOOK_BRIDGE, incident_number, actor);
    case LEDGER_MERGE: return webhooks_incident(tx, WEBHOOK_RESOLVED, incident_number, actor); /* the one that flowed into another */
    case LEDGER_ALERT:
    case LEDGER_ALERT_RESOLVED:
    case LEDGER_ASSIGN:
    case LEDGER_REPEAT:
    case LEDGER_EXHAUST:
    case LEDGER_SKIP:
    case LEDGER_NOTIFY:
    case LEDGER_NOTIFY_FAILED:
    case LEDGER_SNOOZE:
    case LEDGER_SNOOZE_END:
    case LEDGER_NOTE:
    case LEDGER_STATUS_UPDATE:
    case LEDGER_FIELDS:
    case LEDGER_URGENCY:
    case LEDGER_TITLE:
    case LEDGER_RESPONDER:
    case LEDGER_HOLD:
    case LEDGER_HOLD_END:
    case LEDGER_ALARM:
    case LEDGER_PROVIDER_DOWN:
    case LEDGER_PROVIDER_UP:
    case LEDGER_WEBHOOK_OFF:
    case LEDGER_WEBHOOK_ON:
    case LEDGER_KIND_COUNT: break;
    }
    return OK;
}

enum err webhooks_ping(struct tx *tx, struct text subscription_id)
{
    struct webhooks *webhooks = tx->engine->webhooks;
    enum err err = webhooks_load(tx);
    const struct subscriber *found = NULL;
    for (size_t i = 0; i < webhooks->count && err == OK; i++)
        if (text_equal(webhooks->list[i].id, subscription_id))
            found = &webhooks->list[i];
    if (err != OK || !found)
        return err == OK ? ERR_NOT_FOUND : err;
    if (found->disabled)
        return ERR_CONFLICT;
    struct webhook_subject subject;
    webhook_about_ping(tx, &subject);
    int64_t number;
    err = add_event(tx, WEBHOOK_PING, subject.data, NULL, &number);
    return err == OK ? add_delivery(tx, subscription_id, number, subject.resource) : err;
}
