/* Why: what sort of incident one is (a security incident, a major one), in the words of the organisation. It decides which custom fields the incident has and
 * moves nothing in the life cycle. */
#ifndef MUSTER_ENGINE_INCIDENT_TYPES_H
#define MUSTER_ENGINE_INCIDENT_TYPES_H

#include "engine/tx.h"

#define INCIDENT_TYPE_BASE "PINCDEF" /* of incidents that nobody gave another; always there, never changed */

/* PagerDuty's. */
enum { INCIDENT_TYPES_MAX = 100, INCIDENT_TYPE_LEVELS_MAX = 3 /* below the base type */ };

/* ERR_NOT_FOUND: no type has this id or name. */
enum err incident_type_id(struct db *db, struct arena *arena, struct text id_or_name, struct text *ret_id) MUST_CHECK;

/* ERR_INVALID with a mistake at "incident.incident_type" when there is no such type, or it is disabled and the incident is not one already; ERR_NOT_FOUND:
 * no such incident. The same type again is no change. */
enum err incident_type_set(struct tx *tx, int64_t incident, struct text id_or_name, const struct actor *actor, struct problem *problem) MUST_CHECK;

/* For a new incident, whose record begins with what it is. First the check, before anything is written; OK for an absent type. */
enum err incident_type_check(struct tx *tx, struct text id_or_name, struct problem *problem) MUST_CHECK;
enum err incident_type_give(struct tx *tx, int64_t incident, struct text id_or_name) MUST_CHECK;

#endif
