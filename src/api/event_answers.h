/* Why: senders decide by status and body whether to retry, so each dialect's answers are exactly its own
 * (pagerduty-api.md section 3). One row per dialect says what differs. */
#ifndef MUSTER_API_EVENT_ANSWERS_H
#define MUSTER_API_EVENT_ANSWERS_H

#include "base/err.h"
#include "base/problem.h"
#include "net/http_server.h"

struct event_dialect {
    int status;               /* of success */
    const char *processed;    /* message of success */
    const char *key_name;     /* member that carries the dedup key in answers; NULL: none */
    const char *unrecognized; /* "status" of a body that is no JSON object */
    int status_when_full;     /* the queue has no room: what makes this sender come again */
};

extern const struct event_dialect events_v2_dialect, events_v1_dialect, change_dialect, alertmanager_dialect,
    json_dialect, batch_dialect;

/* Bodies, as JSON. `code`: the status that a batch gives each of its elements, as a member of its answer; EVENT_NO_CODE elsewhere. */
enum { EVENT_NO_CODE = 0 };

/* {"status","message"[,key]} */
struct text event_success(struct arena *arena, const struct event_dialect *dialect, struct text dedup_key, int code);
/* {"status":"invalid event","message","errors":[...]} */
struct text event_invalid(struct arena *arena, const struct problem *problem, int code);
struct text event_unrecognized(struct arena *arena, const struct event_dialect *dialect, const struct problem *problem);
/* The key is well-formed but no integration has it. */
struct text event_unknown_key(struct arena *arena, int code);
/* An outcome that is not the sender's fault; `*ret_status` gets the HTTP status. */
struct text event_refused(struct arena *arena, const struct event_dialect *dialect, enum err outcome, int *ret_status);

/* The key is over its limit. `code` as above; `*ret_status` gets the HTTP status of a whole request. */
struct text event_throttled(struct arena *arena, const struct event_dialect *dialect, int code, int *ret_status);

/* `body`, a JSON document, as application/json, with Retry-After where a repeat is wanted. */
void event_response(int status, struct text body, struct http_response *ret);
void event_reply(struct http_exchange *exchange, int status, struct text body);

#endif
