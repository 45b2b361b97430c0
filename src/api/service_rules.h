/* Why: the nested documents of a service (urgency rule, support hours) as rows keep them: checked on the way in,
 * written out again on the way out. */
#ifndef MUSTER_API_SERVICE_RULES_H
#define MUSTER_API_SERVICE_RULES_H

#include "api/resource.h"

struct service_rules {
    struct text urgency_type, urgency, urgency_during, urgency_outside;
    struct text support_time_zone, support_days, support_start, support_end; /* absent: no support hours */
    struct text scheduled_actions;                                           /* JSON array */
};

/* Reads the custom fields of a service change; mistakes go to its problem. */
void service_rules_read(struct change *change, struct service_rules *ret);
void service_rules_bind(struct query *q, const struct service_rules *rules);
void service_rules_show(struct call *call, struct query *row, json_t *object);

#endif
