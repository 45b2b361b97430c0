/* Why: a service's urgency rule between its columns and its struct. */
#ifndef MUSTER_ENGINE_SERVICE_RULES_H
#define MUSTER_ENGINE_SERVICE_RULES_H

#include "core/alert.h"
#include "store/db.h"

/* Reads eight columns from `column` on: urgency_type, urgency, urgency_during, urgency_outside, support_time_zone, support_days, support_start,
 * support_end, and then scheduled_actions. A rule that cannot be read counts as high urgency. */
void service_urgency_rule(struct query *q, int column, struct arena *arena, struct urgency_rule *ret);

#endif
