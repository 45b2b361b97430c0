/* Why: the one shape every inbound format ends in. Limits and names: Events API v2 (pagerduty-api.md section 3).
 * inbound/ is pure: bytes in, events and mistakes out. */
#ifndef MUSTER_INBOUND_EVENT_H
#define MUSTER_INBOUND_EVENT_H

#include "base/instant.h"
#include "base/problem.h"

enum {
    EVENT_BODY_BYTES_MAX = 524288,  /* 512 KB, Events API v2 */
    EVENT_SUMMARY_CHARS_MAX = 1024,
    EVENT_DEDUP_KEY_CHARS_MAX = 255,
    EVENT_ROUTING_KEY_CHARS = 32,
    EVENT_BATCH_MAX = 1000,         /* events in one request to our batch endpoint */
};

enum event_action { EVENT_TRIGGER, EVENT_ACKNOWLEDGE, EVENT_RESOLVE, EVENT_CHANGE };
enum severity { SEVERITY_CRITICAL, SEVERITY_ERROR, SEVERITY_WARNING, SEVERITY_INFO, SEVERITY_UNKNOWN };

struct event {
    enum event_action action;
    struct text routing_key;
    struct text dedup_key;      /* absent: the engine makes one (trigger only) */
    enum severity severity;     /* SEVERITY_UNKNOWN where the format has none */
    struct text summary, source, component, group, event_class, client, client_url;
    instant timestamp;          /* the sender's; INSTANT_NONE when absent. Never used for decisions */
    struct text custom_details; /* raw JSON bytes as sent; absent: none */
    struct text links, images;  /* raw JSON arrays as sent; absent: none */
    struct text body;           /* the whole event as received (for batches and lists: this element's bytes) */
    const char *format;         /* "events-v2", "events-v1", "change", "alertmanager", "json" */
};

const char *severity_name(enum severity severity); /* "critical" ... "info"; "unknown" */
bool severity_parse(struct text name, enum severity *ret);

#endif
