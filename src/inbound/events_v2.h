/* Why: Events API v2, POST /v2/enqueue (pagerduty-api.md section 3): the dialect that most monitoring speaks.
 *
 * trigger needs payload.summary (1,024 characters), payload.source and payload.severity; acknowledge and resolve need
 * dedup_key (255) and their payload is not judged, because senders repeat it carelessly. Unknown members are ignored:
 * real senders add some. */
#ifndef MUSTER_INBOUND_EVENTS_V2_H
#define MUSTER_INBOUND_EVENTS_V2_H

#include "inbound/field.h"

/* ERR_INVALID: `reading->problem` has every mistake. Texts point into the parsed document and the raw bytes. */
enum err events_v2_read(const struct reading *reading, struct event *ret) MUST_CHECK;

#endif
