/* Why: Events API v1, POST /generic/2010-04-15/create_event.json: old senders that nobody will touch again.
 *
 * trigger needs description (1,024 characters), the others incident_key (255). `contexts` become links and images.
 * There is no severity and no source. Unknown members are ignored. */
#ifndef MUSTER_INBOUND_EVENTS_V1_H
#define MUSTER_INBOUND_EVENTS_V1_H

#include "inbound/field.h"

/* ERR_INVALID: `reading->problem` has every mistake. */
enum err events_v1_read(const struct reading *reading, struct event *ret) MUST_CHECK;

#endif
