/* Why: what must report regularly and falls silent is an event, too: a backup job, a batch, a monitoring system. A heartbeat is awaited on a service;
 * a beat that does not come within interval and grace opens an incident by way of the heartbeat's own integration, the next beat resolves it.
 * One row and one timer each; a beat moves both and stores nothing else. Waits for its first beat without an alarm.
 *
 * Whoever was not listening cannot say that nobody spoke: after a restart, or trouble with the database, that covered the moment a beat was expected, the
 * heartbeat gets one whole interval and grace from then on. */
#ifndef MUSTER_ENGINE_HEARTBEATS_H
#define MUSTER_ENGINE_HEARTBEATS_H

#include "engine/tx.h"

enum { HEARTBEAT_INTERVAL_S_MIN = 10, HEARTBEAT_S_MAX = 31 * 86400 };

/* ERR_NOT_FOUND: no heartbeat has this key (of its integration). */
enum err heartbeat_beat(struct tx *tx, struct text key) MUST_CHECK;
/* Its timer is due. */
enum err heartbeat_due(struct tx *tx, struct text id) MUST_CHECK;
/* In the transaction that changed or deleted the row: the timer follows; one that is gone takes its incident and integration along. */
enum err heartbeat_changed(struct tx *tx, struct text id) MUST_CHECK;

#endif
