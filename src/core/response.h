/* Why: how well an incident was answered, counted from its record alone: entries go in as they happened, figures come out. Pure.
 * What a figure means is PagerDuty's: https://support.pagerduty.com/main/docs/insights#metrics
 *
 * Somebody is engaged from the first acknowledgement of theirs until the incident is resolved. An interruption is a call or text (no mail),
 * told apart by the clock where its receiver lives: Monday to Friday from 8 to 18 is business, 22 to 8 is sleep, the rest is off hours. */
#ifndef MUSTER_CORE_RESPONSE_H
#define MUSTER_CORE_RESPONSE_H

#include "base/json.h"
#include "base/zone.h"
#include "core/ledger.h"

enum { RESPONSE_PEOPLE_MAX = 100 };

struct response_entry {
    enum ledger_kind kind;
    instant at;
    bool by_person;            /* not by an integration or Muster itself */
    struct text user_id, user_name; /* the person it is about */
    const struct zone *zone;   /* where that person lives; NULL: unknown, counted as UTC */
    const json_t *doc;         /* may be NULL */
};

struct response_people {
    struct { struct text id, name; instant since; } list[RESPONSE_PEOPLE_MAX];
    size_t count;
};

struct response {
    instant created_at, resolved_at; /* given; resolved_at may be unset */
    instant first_ack_at, last_joined_at;
    struct response_people engaged, assigned;
    int64_t acknowledgements, assignments, reassignments, timeout_escalations, manual_escalations, notifications;
    int64_t business_interruptions, sleep_interruptions, off_hour_interruptions;
    int64_t snoozed_s, engaged_s;
    bool auto_resolved;
    instant snoozed_at, snoozed_until; /* of the snooze under way */
};

void response_begin(struct response *response, instant created_at, instant resolved_at);
/* In the order of the record. The texts of the entry must live as long as the response. */
void response_take(struct response *response, const struct response_entry *entry);
/* `now`: until when an open incident is counted. */
void response_finish(struct response *response, instant now);

#endif
