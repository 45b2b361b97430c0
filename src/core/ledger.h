/* Why: one row makes a kind of ledger entry, its stored name and the PagerDuty log entry type it is shown as.
 * The stored names are for ever; rows are only added. */
#ifndef MUSTER_CORE_LEDGER_H
#define MUSTER_CORE_LEDGER_H

#include "base/text.h"

/*     kind                    stored name          PagerDuty type ("": shown only by Muster) */
#define LEDGER_KINDS(ROW)                                                              \
    ROW(LEDGER_TRIGGER,        "trigger",            "trigger_log_entry")              \
    ROW(LEDGER_ALERT,          "alert",              "")                               \
    ROW(LEDGER_ALERT_RESOLVED, "alert_resolved",     "")                               \
    ROW(LEDGER_ACKNOWLEDGE,    "acknowledge",        "acknowledge_log_entry")          \
    ROW(LEDGER_UNACKNOWLEDGE,  "unacknowledge",      "unacknowledge_log_entry")        \
    ROW(LEDGER_RESOLVE,        "resolve",            "resolve_log_entry")              \
    ROW(LEDGER_ASSIGN,         "assign",             "assign_log_entry")               \
    ROW(LEDGER_ESCALATE,       "escalate",           "escalate_log_entry")             \
    ROW(LEDGER_REPEAT,         "repeat_escalation",  "repeat_escalation_path_log_entry") \
    ROW(LEDGER_EXHAUST,        "exhaust_escalation", "exhaust_escalation_path_log_entry") \
    ROW(LEDGER_SKIP,           "skip",               "")                               \
    ROW(LEDGER_NOTIFY,         "notify",             "notify_log_entry")               \
    ROW(LEDGER_NOTIFY_FAILED,  "notify_failed",      "")                               \
    ROW(LEDGER_SNOOZE,         "snooze",             "snooze_log_entry")               \
    ROW(LEDGER_SNOOZE_END,     "snooze_end",         "")                               \
    ROW(LEDGER_NOTE,           "annotate",           "annotate_log_entry")             \
    ROW(LEDGER_URGENCY,        "urgency_change",     "urgency_change_log_entry")       \
    ROW(LEDGER_PRIORITY,       "priority_change",    "field_value_change_log_entry")   \
    ROW(LEDGER_TITLE,          "title_change",       "field_value_change_log_entry")   \
    ROW(LEDGER_MERGE,          "merge",              "annotate_log_entry")             \
    ROW(LEDGER_RESPONDER,      "responder_request",  "annotate_log_entry")             \
    ROW(LEDGER_BRIDGE,         "conference_bridge",  "field_value_change_log_entry")   \
    ROW(LEDGER_HOLD,           "maintenance_hold",   "")                               \
    ROW(LEDGER_HOLD_END,       "maintenance_end",    "")                               \
    ROW(LEDGER_ALARM,          "alarm",              "")                               \
    ROW(LEDGER_PROVIDER_DOWN,  "provider_down",      "")                               \
    ROW(LEDGER_PROVIDER_UP,    "provider_up",        "")                               \
    ROW(LEDGER_WEBHOOK_OFF,    "webhook_disabled",   "")                               \
    ROW(LEDGER_WEBHOOK_ON,     "webhook_enabled",    "") \
    ROW(LEDGER_STATUS_UPDATE,  "status_update",      "annotate_log_entry")             \
    ROW(LEDGER_FIELDS,         "custom_fields",      "field_value_change_log_entry") \
    ROW(LEDGER_TYPE,           "type_change",        "field_value_change_log_entry")

enum ledger_kind {
#define ROW(kind, name, pagerduty) kind,
    LEDGER_KINDS(ROW)
#undef ROW
    LEDGER_KIND_COUNT
};

const char *ledger_name(enum ledger_kind kind);
const char *ledger_pagerduty_type(enum ledger_kind kind); /* "" when PagerDuty has none */
bool ledger_parse(struct text name, enum ledger_kind *ret);

#endif
