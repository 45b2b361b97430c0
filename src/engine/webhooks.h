/* Why: programs want to hear what happens to incidents (PagerDuty's webhooks, version 3). What is to be told is written in the transaction of
 * the change itself, one row for each subscription that fits, with the payload as things stood at that moment: a crash loses nothing, and what
 * was rolled back is told to nobody. Delivery is in webhook_delivery.h.
 *
 * Where there is no subscription each call here costs one comparison.
 *
 * The secrets of a subscription (what signs, and values of its own headers) are its owner's, not a provider's: they are in the database, sealed with a key
 * that is not (base/seal.h), and go to the sender process with each delivery over the socket pair. The sender cannot hold them as it holds
 * those of providers: it has no database, and they change while it runs. */
#ifndef MUSTER_ENGINE_WEBHOOKS_H
#define MUSTER_ENGINE_WEBHOOKS_H

#include "base/json.h"
#include "core/ledger.h"
#include "core/webhook_event.h"
#include "engine/tx.h"

enum {
    WEBHOOK_SUBSCRIPTIONS_MAX = 200,
    WEBHOOK_SECRET_CHARS = 64,
    WEBHOOK_HEADERS_MAX = 20,
    WEBHOOK_WORDS_BYTES_MAX = 32 * 1024, /* of a note or status update in a payload; the rest is cut and marked */
};

/* Each tells the subscriptions that want it; the rows of what happened must be written already. */
enum err webhooks_incident(struct tx *tx, enum webhook_event event, int64_t incident_number, const struct actor *actor) MUST_CHECK;
enum err webhooks_note(struct tx *tx, int64_t incident_number, int64_t note_number, struct text content, const struct actor *actor) MUST_CHECK;
/* `seq`: its entry in the record. */
enum err webhooks_status_update(struct tx *tx, int64_t incident_number, int64_t seq, struct text message, const struct actor *actor) MUST_CHECK;
/* As custom_fields_of shows them: all, and those that changed. */
enum err webhooks_field_values(struct tx *tx, int64_t incident_number, const json_t *values, const json_t *changed, const struct actor *actor) MUST_CHECK;
enum err webhooks_service_field_values(struct tx *tx, struct text service_id, const json_t *values, const json_t *changed, const struct actor *actor) MUST_CHECK;
/* `state`: "pending", "accepted", "declined" */
enum err webhooks_responder(struct tx *tx, enum webhook_event event, int64_t incident_number, struct text user_id, const char *state, const struct actor *actor) MUST_CHECK;
enum err webhooks_service(struct tx *tx, enum webhook_event event, struct text service_id, const struct actor *actor) MUST_CHECK;
/* What an entry of the record means to subscribers, if anything. */
enum err webhooks_ledger(struct tx *tx, enum ledger_kind kind, int64_t incident_number, const struct actor *actor) MUST_CHECK;

/* One test event to one subscription. ERR_NOT_FOUND; ERR_CONFLICT: it is disabled. */
enum err webhooks_ping(struct tx *tx, struct text subscription_id) MUST_CHECK;
/* A subscription was made, changed or deleted in this transaction. */
void webhooks_changed(struct tx *tx);
/* What waits for a deleted one is dropped. */
enum err webhooks_deleted(struct tx *tx, struct text subscription_id) MUST_CHECK;
/* Delivers again to one that Muster disabled; harmless otherwise. */
enum err webhooks_enable(struct tx *tx, struct text subscription_id) MUST_CHECK;

/* What its secrets are sealed with, and where (base/seal.h). Any thread. */
struct text engine_seal_key(const struct engine *engine);
struct text webhook_secret_place(struct arena *arena, struct text subscription_id);
struct text webhook_headers_place(struct arena *arena, struct text subscription_id);

#endif
