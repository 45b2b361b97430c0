/* Why: Change Events, POST /v2/change/enqueue: deployments and configuration changes, shown beside incidents. They
 * never page. Only routing_key and payload.summary (1,024 characters) are needed. Unknown members are ignored. */
#ifndef MUSTER_INBOUND_CHANGE_EVENTS_H
#define MUSTER_INBOUND_CHANGE_EVENTS_H

#include "inbound/field.h"

/* ERR_INVALID: `reading->problem` has every mistake. */
enum err change_events_read(const struct reading *reading, struct event *ret) MUST_CHECK;

#endif
