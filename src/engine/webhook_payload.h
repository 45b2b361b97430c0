/* Why: what a subscriber reads: PagerDuty's shapes (developer documentation, "Webhooks v3", "Event data types"), made from the rows as they are now. An incident
 * has `number` and `assignees` here, not the names of the REST API. */
#ifndef MUSTER_ENGINE_WEBHOOK_PAYLOAD_H
#define MUSTER_ENGINE_WEBHOOK_PAYLOAD_H

#include "base/json.h"
#include "core/webhook_event.h"
#include "engine/tx.h"

enum { WEBHOOK_TEAMS_MAX = 100 };

/* What it is about, and who may want it. */
struct webhook_subject {
    json_t *data;
    struct text resource; /* "incident:42" */
    struct text service_id;
    struct text team_ids[WEBHOOK_TEAMS_MAX];
    size_t team_count;
};

/* ERR_NOT_FOUND: no such row, or (merged incidents) nothing to tell. */
enum err webhook_about_incident(struct tx *tx, enum webhook_event event, int64_t number, struct webhook_subject *ret) MUST_CHECK;
/* A note or a status update, by its public id. */
enum err webhook_about_words(struct tx *tx, enum webhook_event event, int64_t incident_number, struct text id, struct text words, struct webhook_subject *ret) MUST_CHECK;
enum err webhook_about_field_values(struct tx *tx, int64_t incident_number, const json_t *values, const json_t *changed, struct webhook_subject *ret) MUST_CHECK;
enum err webhook_about_responder(struct tx *tx, int64_t incident_number, struct text user_id, const char *state, struct webhook_subject *ret) MUST_CHECK;
enum err webhook_about_service(struct tx *tx, struct text service_id, struct webhook_subject *ret) MUST_CHECK;
enum err webhook_about_service_field_values(struct tx *tx, struct text service_id, const json_t *values, const json_t *changed, struct webhook_subject *ret) MUST_CHECK;
void webhook_about_ping(struct tx *tx, struct webhook_subject *ret);

/* {"event":{...}} as it is posted. `actor` NULL: nobody. */
struct text webhook_payload(struct tx *tx, enum webhook_event event, const json_t *data, const struct actor *actor);

#endif
