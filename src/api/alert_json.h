/* Why: an alert as PagerDuty shows it, with the sender's details as they were sent. */
#ifndef MUSTER_API_ALERT_JSON_H
#define MUSTER_API_ALERT_JSON_H

#include "api/view.h"

/* The current row of a query with alert_view_columns. */
json_t *alert_json(const struct view *view, struct query *q);

#endif
