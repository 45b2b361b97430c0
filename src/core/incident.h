/* Why: the life of an incident as a pure function: step(incident, plan, input, now) -> effects. No clock, no store.
 *
 * Life cycle (PagerDuty's, invariant I2): triggered <-> acknowledged -> resolved; resolved is final.
 *  - An acknowledgement stops every page of the assignees; it times out back to triggered when the service says so.
 *  - Snoozed is acknowledged with an end; then it pages whoever is on call at its level by then.
 *  - An incident climbs the policy version it began with. Low urgency pages its level once and does not climb.
 *  - In a maintenance window it is held: recorded and shown, nobody called, until the window ends.
 *  - Assigned to people by hand it leaves the policy; after HAND_ASSIGNED_ALARM_S without an answer the catch-all is called.
 *  - An exhausted policy calls the catch-all and stays marked until somebody answers: never silence. */
#ifndef MUSTER_CORE_INCIDENT_H
#define MUSTER_CORE_INCIDENT_H

#include "base/problem.h"
#include "core/actor.h"
#include "core/escalation.h"
#include "core/ledger.h"
#include "core/timer.h"

enum {
    HAND_ASSIGNED_ALARM_S = 1800,
    SNOOZE_MIN_S = 1,        /* PagerDuty's, too */
    SNOOZE_MAX_S = 604800, /* a week (PagerDuty's limit) */
    ASSIGNEES_MAX = 100,
};

enum incident_status { INCIDENT_TRIGGERED, INCIDENT_ACKNOWLEDGED, INCIDENT_RESOLVED };
enum urgency { URGENCY_HIGH, URGENCY_LOW };

const char *incident_status_name(enum incident_status status);
bool incident_status_parse(struct text name, enum incident_status *ret);
const char *urgency_name(enum urgency urgency);
bool urgency_parse(struct text name, enum urgency *ret);

struct incident {
    int64_t number;
    struct text service_id;
    enum incident_status status;
    enum urgency urgency;
    struct text title, incident_key;
    struct text policy_id;
    int64_t policy_version;
    int64_t level, loop, epoch; /* see sql/migrations/0001_foundation/19_incidents.sql */
    bool exhausted, on_policy;
    struct text priority_id;
    struct text held_by_window; /* absent: not held */
    instant snoozed_until;
    struct text grouping_type; /* absent: takes no further alerts in; core/grouping.h */
    instant grouping_until;
    int64_t alerts_all, alerts_triggered;
    instant created_at, updated_at, status_changed_at, resolved_at;
    enum actor_kind status_changed_by;
    struct text status_changed_by_id;
    struct text resolve_reason; /* JSON or absent */
    int64_t merged_into;
    struct text assignees[ASSIGNEES_MAX];
    size_t assignee_count;
    struct text acknowledgers[ASSIGNEES_MAX];
    size_t acknowledger_count;
};

enum input_kind {
    INPUT_TRIGGER,
    INPUT_ACKNOWLEDGE,
    INPUT_UNACKNOWLEDGE,
    INPUT_RESOLVE,
    INPUT_SNOOZE,          /* seconds */
    INPUT_REASSIGN,        /* people */
    INPUT_REASSIGN_POLICY, /* the plan is the new policy's */
    INPUT_ESCALATE,        /* level; 0: the next */
    INPUT_ADD_RESPONDERS,  /* people, text */
    INPUT_SET_PRIORITY,    /* text: id or absent; text2: name */
    INPUT_SET_TITLE,       /* text */
    INPUT_SET_URGENCY,     /* urgency */
    INPUT_NOTE,            /* text */
    INPUT_ALERT_ADDED,     /* text: alert's summary, text2: why it joined, absent for the first; urgency: what its severity asks for, at: see below */
    INPUT_ALERT_RESOLVED,  /* text: alert's summary */
    INPUT_ALERTS_MOVED,    /* number: how many open ones came (or left, negative); number2: how many in all */
    INPUT_MERGE_INTO,      /* number: the incident this one flows into */
    INPUT_MERGED_FROM,     /* number: the incident that flowed in */
    INPUT_WINDOW_START,
    INPUT_WINDOW_END,
    INPUT_SERVICE_SWITCHED, /* the service was disabled, deleted or enabled: the plan says which */
    INPUT_TIMER_ESCALATE,  /* text present: not time, but nobody who is called can be reached any more */
    INPUT_TIMER_ACK_TIMEOUT,
    INPUT_TIMER_SNOOZE_END,
    INPUT_TIMER_AUTO_RESOLVE,
    INPUT_TIMER_SUPPORT_HOURS,
};

struct input {
    enum input_kind kind;
    struct actor actor;
    struct text text, text2;
    int64_t seconds, level, number, number2;
    enum urgency urgency;
    struct candidate *people;
    size_t people_count;
    instant at; /* TRIGGER of low urgency: when support hours raise it; ALERT_ADDED: until when its group stays open now. INSTANT_NONE: n.a. */
};

/* Inputs that may call people need the plan with its levels resolved for `now`; the others get a plan with the service only. */
bool input_needs_people(const struct incident *incident, const struct input *input);

struct fact { /* one detail of a ledger entry */
    const char *key;
    struct text text;
    int64_t number;
    bool is_number;
};
enum { FACTS_MAX = 6 };

enum effect_kind { EFFECT_LEDGER, EFFECT_SET_TIMER, EFFECT_CLEAR_TIMER, EFFECT_STOP_PAGES, EFFECT_START_PAGES };

struct effect {
    enum effect_kind kind;
    /* LEDGER */
    enum ledger_kind ledger;
    struct actor actor;
    struct text user_id; /* the person it is about; absent: none */
    struct fact facts[FACTS_MAX];
    size_t fact_count;
    const struct choice *assigned; /* adds the chosen people to the entry */
    /* SET_TIMER, CLEAR_TIMER */
    enum timer_kind timer;
    instant due;
    /* STOP_PAGES: of assignees only (responders were asked for by name), or of everybody, or of one user */
    bool stop_responders;
    struct text stop_user_id;
    struct text stop_reason;
    /* START_PAGES */
    const struct choice *choice;
    const char *cause;
    const char *role; /* assignee | responder | catch_all */
};

struct effects {
    struct arena *arena;
    struct effect *list;
    size_t count, capacity;
    bool changed; /* false: the input was a no-op */
};

/* Changes *incident and appends to *effects. ERR_CONFLICT: the state refuses it, ERR_INVALID: bad value; `problem` says why and nothing changed. */
enum err incident_step(struct incident *incident, const struct plan *plan, const struct input *input, instant now, struct effects *effects,
                       struct problem *problem) MUST_CHECK;

#endif
