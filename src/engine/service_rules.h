/* Why: a service's urgency and grouping rules between their columns and their structs. */
#ifndef MUSTER_ENGINE_SERVICE_RULES_H
#define MUSTER_ENGINE_SERVICE_RULES_H

#include "core/alert.h"
#include "store/db.h"

/* Reads eight columns from `column` on: urgency_type, urgency, urgency_during, urgency_outside, support_time_zone, support_days, support_start,
 * support_end, and then scheduled_actions. A rule that cannot be read counts as high urgency. */
void service_urgency_rule(struct query *q, int column, struct arena *arena, struct urgency_rule *ret);
/* Reads five columns: grouping_type, grouping_timeout_s, grouping_rolling, grouping_aggregate, grouping_fields. */
void service_grouping_rule(struct query *q, int column, struct arena *arena, struct grouping_rule *ret);

#endif
