/* Why: GET /incidents with all its filters and orders, at the cost of one page. */
#ifndef MUSTER_API_INCIDENT_LIST_H
#define MUSTER_API_INCIDENT_LIST_H

#include "api/embed.h"

/* Answers the call. `places`: where include[] may put whole objects. */
enum err incident_list(struct call *call, const struct embed_place *places) MUST_CHECK;

#endif
