/* Why: on PostgreSQL each answer costs a round trip, and every event asks whether its alert is open. So all keys of a batch are asked about in one question before
 * its first job runs. An event may open the alert of the next, therefore intake keeps what is known here true as it opens and resolves; a job that does
 * anything but apply events makes everything forgotten (batch.c). SQLite answers a question faster than this could: there nothing is foreseen. */
#ifndef MUSTER_ENGINE_OPEN_ALERTS_H
#define MUSTER_ENGINE_OPEN_ALERTS_H

#include "engine/integrations.h"
#include "inbound/event.h"

struct job;

struct open_alert {
    int64_t number, incident_number; /* number 0: none is open */
};

/* Asks for the alerts of all events of `jobs`, when that pays. */
enum err open_alerts_foresee(struct tx *tx, const struct job *jobs) MUST_CHECK;
void open_alerts_forget(struct tx *tx);

/* The open alert of this key, from what is known or from the database. */
enum err open_alert_find(struct tx *tx, const struct integration *integration, struct text dedup_key, struct open_alert *ret) MUST_CHECK;
/* What it is from now on. Needed for each alert that intake opens, and each that it resolves. */
void open_alert_note(struct tx *tx, const struct integration *integration, struct text dedup_key, struct open_alert now);

#endif
