/* Why: what may happen to an incident, whoever asks (API, phone, mail link, timer): one command, one place.
 * Rules of the life cycle: core/incident.h. */
#ifndef MUSTER_ENGINE_INCIDENTS_H
#define MUSTER_ENGINE_INCIDENTS_H

#include "engine/tx.h"

enum incident_verb {
    INCIDENT_ACKNOWLEDGE,
    INCIDENT_UNACKNOWLEDGE, /* back to triggered; pages again */
    INCIDENT_RESOLVE,
    INCIDENT_SNOOZE,        /* seconds */
    INCIDENT_REASSIGN,      /* users */
    INCIDENT_REASSIGN_POLICY, /* policy_id: starts at its first level */
    INCIDENT_ESCALATE,      /* to `level` (1-based); 0: the next one */
    INCIDENT_MERGE,         /* sources flow into this one and end resolved */
    INCIDENT_NOTE,          /* text */
    INCIDENT_ADD_RESPONDERS,/* users, text = message */
    INCIDENT_SET_PRIORITY,  /* priority_id; empty clears */
    INCIDENT_SET_TITLE,     /* text */
    INCIDENT_SET_URGENCY,   /* text: "high" or "low" */
};

struct incident_command {
    enum incident_verb verb;
    struct actor actor;
    struct text text;
    struct text *user_ids;
    size_t user_count;
    struct text policy_id, priority_id;
    int64_t level;
    int64_t seconds;
    int64_t *sources;
    size_t source_count;
};

struct incident_create {
    struct actor actor;
    struct text service_id, title, urgency /* "" by the service's rule */, priority_id, policy_id, incident_key, body;
    struct text type; /* id or name; absent: the base type */
    struct text *user_ids;
    size_t user_count;
};

/* ERR_NOT_FOUND, ERR_CONFLICT (the state refuses it; `problem` says why), ERR_INVALID (bad reference; `problem`).
 * `*ret_changed` is false when the command was a no-op that is fine (acknowledging twice). */
enum err incident_command(struct tx *tx, int64_t number, const struct incident_command *command, struct problem *problem,
                          bool *ret_changed) MUST_CHECK;
/* ERR_CONFLICT when an open incident with this incident_key exists on the service. */
enum err incident_create(struct tx *tx, const struct incident_create *create, struct problem *problem, int64_t *ret_number) MUST_CHECK;
/* Marks single alerts of an incident resolved (or triggered again); the incident resolves with its last alert. */
enum err incident_resolve_alert(struct tx *tx, int64_t incident, int64_t alert, const struct actor *actor, struct problem *problem) MUST_CHECK;
/* Moves alerts to another incident. */
enum err incident_move_alert(struct tx *tx, int64_t alert, int64_t to_incident, const struct actor *actor, struct problem *problem) MUST_CHECK;

#endif
