/* Why: load -> step -> save, for every input of an incident, whoever it came from. The public commands are in incidents.h; timers,
 * events and maintenance come in here directly. */
#ifndef MUSTER_ENGINE_INCIDENT_FLOW_H
#define MUSTER_ENGINE_INCIDENT_FLOW_H

#include "core/incident.h"
#include "engine/tx.h"

/* Runs one input against the stored incident and saves all its effects. `policy_id`: for INPUT_REASSIGN_POLICY, else absent. */
enum err incident_input(struct tx *tx, int64_t number, const struct input *input, struct text policy_id, struct problem *problem,
                        bool *ret_changed) MUST_CHECK;

struct incident_opening {
    struct actor actor;
    struct text service_id, title, incident_key, body;
    struct text policy_id;      /* absent: the service's */
    struct text priority_id;
    enum urgency urgency;
    struct text urgency_reason;
    instant support_hours_at;
    struct text grouping_type;  /* absent: takes no further alerts in */
    instant grouping_until;     /* INSTANT_NONE: until resolved */
    struct candidate *people;   /* assigned by hand; 0: by the policy */
    size_t people_count;
    const struct input *first_alert; /* INPUT_ALERT_ADDED of the alert that opens it; NULL: opened by hand */
    /* Stores what belongs to the incident before anybody is called, so that a message can speak of it. NULL: nothing. */
    enum err (*attach)(void *context, int64_t incident_number);
    void *attach_context;
};
enum err incident_open(struct tx *tx, const struct incident_opening *opening, struct problem *problem, int64_t *ret_number) MUST_CHECK;

#endif
