/* Why: every event asks whether its alert is open, and most of them are about one of the alerts that the last events were about. What the database said is
 * kept from batch to batch. It counts only while nothing but intake, which says what it does, has changed a table that the question reads: the store knows
 * (db_changes_to), whoever changed it; after a rollback, a commit of somebody else or on a new connection db_memory is another one. So nothing here can be stale, and a job needs to know nothing of it.
 *
 * On PostgreSQL each answer costs a round trip: there, all unknown keys of a batch are asked about in one question before its first job runs. */
#ifndef MUSTER_ENGINE_OPEN_ALERTS_H
#define MUSTER_ENGINE_OPEN_ALERTS_H

#include "engine/integrations.h"
#include "inbound/event.h"

struct job;
struct open_alerts;

enum { OPEN_ALERTS_KNOWN_MAX = 8192 }; /* full: begins anew. Some 200 bytes each */

struct open_alert {
    int64_t number, incident_number; /* number 0: none is open */
};

void open_alerts_free(struct open_alerts *alerts); /* NULL is allowed */

/* Asks for the alerts of all events of `jobs`, when that pays. */
enum err open_alerts_foresee(struct tx *tx, const struct job *jobs) MUST_CHECK;

/* The open alert of this key, from what is known or from the database. */
enum err open_alert_find(struct tx *tx, const struct integration *integration, struct text dedup_key, struct open_alert *ret) MUST_CHECK;

/* Around the one statement by which intake opens or resolves an alert: before it, and with what is open afterwards. */
void open_alert_changes(struct tx *tx);
void open_alert_note(struct tx *tx, const struct integration *integration, struct text dedup_key, struct open_alert now);

#endif
