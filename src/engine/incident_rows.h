/* Why: an incident between its row and its struct. */
#ifndef MUSTER_ENGINE_INCIDENT_ROWS_H
#define MUSTER_ENGINE_INCIDENT_ROWS_H

#include "core/incident.h"
#include "engine/tx.h"

/* Texts are on the tx arena. ERR_NOT_FOUND: no such incident. */
enum err incident_load(struct tx *tx, int64_t number, struct incident *ret) MUST_CHECK;
/* Writes what differs between `before` and `after`. */
enum err incident_save(struct tx *tx, const struct incident *before, const struct incident *after) MUST_CHECK;
/* Stores a new one, which has its number, with its people. `first_entry`: the entry of the record that tells of its opening. */
enum err incident_insert(struct tx *tx, const struct incident *incident, struct text body, int64_t first_entry) MUST_CHECK;
/* How many alerts it has, and how many of them are open: counted in the rows. */
enum err incident_count_alerts(struct tx *tx, int64_t number, int64_t *ret_all, int64_t *ret_open) MUST_CHECK;

#endif
