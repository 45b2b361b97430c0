/* Why: what an event means for the alerts and incidents of its service. Pure.
 *
 * One open alert per integration and dedup key; a repeat only counts. A trigger after the resolve is a new alert. Which incident a new
 * alert joins: core/grouping.h. */
#ifndef MUSTER_CORE_ALERT_H
#define MUSTER_CORE_ALERT_H

#include "core/hours.h"
#include "core/incident.h"

/* Urgency of a service (PagerDuty's incident_urgency_rule). */
struct urgency_rule {
    bool by_support_hours;
    struct text constant;              /* "high", "low" or "severity_based" */
    struct text during, outside;       /* the same, with support hours */
    bool rises_with_support_hours;     /* scheduled action: low becomes high when they begin */
    struct hours hours;                /* by_support_hours or rises: valid */
};

/* severity: "critical" "error" "warning" "info"; anything else counts as critical: rather one page too many. `ret_reason`: a phrase. */
enum urgency alert_urgency(const struct urgency_rule *rule, struct text severity, instant now, const char **ret_reason, instant *ret_rises_at);

#endif
