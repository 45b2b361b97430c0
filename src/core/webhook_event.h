/* Why: one row makes an event type that programs can subscribe to: PagerDuty's documented names (developer documentation, "Webhooks v3"). All of them may be
 * asked for, so that a subscription made for PagerDuty can be made here; those that Muster never has a cause to send say so.
 * The stored names are for ever; rows are only added, at most 64. Pure. */
#ifndef MUSTER_CORE_WEBHOOK_EVENT_H
#define MUSTER_CORE_WEBHOOK_EVENT_H

#include "base/text.h"

/*     event                         name                                      type of its data            sent */
#define WEBHOOK_EVENTS(ROW)                                                                                                    \
    ROW(WEBHOOK_ACKNOWLEDGED,        "incident.acknowledged",                  "incident",                 true)                 \
    ROW(WEBHOOK_ACTION_CREATED,      "incident.action_invocation.created",     "incident_action_invocation", false)              \
    ROW(WEBHOOK_ACTION_TERMINATED,   "incident.action_invocation.terminated",  "incident_action_invocation", false)              \
    ROW(WEBHOOK_ACTION_UPDATED,      "incident.action_invocation.updated",     "incident_action_invocation", false)              \
    ROW(WEBHOOK_ANNOTATED,           "incident.annotated",                     "incident_note",            true)                 \
    ROW(WEBHOOK_BRIDGE,              "incident.conference_bridge.updated",     "incident_conference_bridge", true)               \
    ROW(WEBHOOK_FIELD_VALUES,        "incident.custom_field_values.updated",   "incident_field_values",    true)                 \
    ROW(WEBHOOK_DELEGATED,           "incident.delegated",                     "incident",                 true)                 \
    ROW(WEBHOOK_ESCALATED,           "incident.escalated",                     "incident",                 true)                 \
    ROW(WEBHOOK_TYPE_CHANGED,        "incident.incident_type.changed",         "incident",                 true)                 \
    ROW(WEBHOOK_PRIORITY,            "incident.priority_updated",              "incident",                 true)                 \
    ROW(WEBHOOK_REASSIGNED,          "incident.reassigned",                    "incident",                 true)                 \
    ROW(WEBHOOK_REOPENED,            "incident.reopened",                      "incident",                 false)                \
    ROW(WEBHOOK_RESOLVED,            "incident.resolved",                      "incident",                 true)                 \
    ROW(WEBHOOK_RESPONDER_ADDED,     "incident.responder.added",               "incident_responder",       true)                 \
    ROW(WEBHOOK_RESPONDER_REPLIED,   "incident.responder.replied",             "incident_responder",       true)                 \
    ROW(WEBHOOK_ROLE_ASSIGNED,       "incident.role.assigned",                 "incident_role",            false)                \
    ROW(WEBHOOK_SERVICE_CHANGED,     "incident.service_updated",               "incident",                 false)                \
    ROW(WEBHOOK_STATUS_UPDATE,       "incident.status_update_published",       "incident_status_update",   true)                 \
    ROW(WEBHOOK_TASK_COMPLETED,      "incident.task.completed",                "incident_task",            false)                \
    ROW(WEBHOOK_TASK_CREATED,        "incident.task.created",                  "incident_task",            false)                \
    ROW(WEBHOOK_TASK_UPDATED,        "incident.task.updated",                  "incident_task",            false)                \
    ROW(WEBHOOK_TRIGGERED,           "incident.triggered",                     "incident",                 true)                 \
    ROW(WEBHOOK_UNACKNOWLEDGED,      "incident.unacknowledged",                "incident",                 true)                 \
    ROW(WEBHOOK_WORKFLOW_COMPLETED,  "incident.workflow.completed",            "incident_workflow_instance", false)              \
    ROW(WEBHOOK_WORKFLOW_STARTED,    "incident.workflow.started",              "incident_workflow_instance", false)              \
    ROW(WEBHOOK_SERVICE_CREATED,     "service.created",                        "service",                  true)                 \
    ROW(WEBHOOK_SERVICE_FIELDS,      "service.custom_field_values.updated",    "service_field_values",     true)                 \
    ROW(WEBHOOK_SERVICE_DELETED,     "service.deleted",                        "service",                  true)                 \
    ROW(WEBHOOK_SERVICE_UPDATED,     "service.updated",                        "service",                  true)                 \
    ROW(WEBHOOK_PING,                "pagey.ping",                             "ping",                     true) /* when asked for; nobody subscribes to it */

enum webhook_event {
#define ROW(event, name, data, sent) event,
    WEBHOOK_EVENTS(ROW)
#undef ROW
    WEBHOOK_EVENT_COUNT
};

const char *webhook_event_name(enum webhook_event event);
const char *webhook_event_data_type(enum webhook_event event);
bool webhook_event_is_sent(enum webhook_event event);
/* A name one may subscribe to: not the ping. */
bool webhook_event_parse(struct text name, enum webhook_event *ret);
/* "incident" of "incident.triggered". */
struct text webhook_event_resource(enum webhook_event event);

/* Delivery: growing pauses from WEBHOOK_PAUSE_FIRST_S to _LONGEST_S, for WEBHOOK_GIVE_UP_S after the event. */
enum {
    WEBHOOK_PAUSE_FIRST_S = 5,
    WEBHOOK_PAUSE_LONGEST_S = 3600,
    WEBHOOK_GIVE_UP_S = 48 * 3600,
    WEBHOOK_DISABLED_S = 24 * 3600, /* a subscription that refuses is left alone for this long */
    WEBHOOK_REFUSALS_MAX = 3,       /* so many events in a row */
};
/* Before attempt `attempts` + 1; at least 1 attempt has been made. */
int64_t webhook_pause_s(int64_t attempts);

#endif
