/* Why: an incident looks the same wherever the API shows it: PagerDuty's shape, with every documented key. */
#ifndef MUSTER_API_INCIDENT_JSON_H
#define MUSTER_API_INCIDENT_JSON_H

#include "api/view.h"

enum { INCIDENTS_AT_ONCE_MAX = 250 }; /* the largest answer: manage incidents */

/* Encodes the incidents with these numbers in this order; unknown numbers are left out. One query per kind of thing, whatever
 * `count` is. Honours include[]. */
enum err incident_json_list(const struct view *view, const int64_t *numbers, size_t count, json_t **ret_items) MUST_CHECK;
/* One incident; ERR_NOT_FOUND. */
enum err incident_json_one(const struct view *view, int64_t number, json_t **ret) MUST_CHECK;
/* The common answer of a change: {"incident": {...}} after call_change. */
enum err incident_json_reply(const struct view *view, int64_t number) MUST_CHECK;
/* A row of incident_view_responders, and the target of a responder request that holds it. */
json_t *incident_json_responder(const struct view *view, struct query *q, json_t *incident_reference);
json_t *incident_json_target(const struct view *view, json_t *responder);

#endif
