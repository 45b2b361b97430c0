/* Why: GET /metrics for Prometheus (text format 0.0.4), and the documentation of what it says, from one table. */
#ifndef MUSTER_API_METRICS_H
#define MUSTER_API_METRICS_H

#include "api/route.h"

/* docs/metrics.md, from the table. */
struct text metrics_documentation(struct arena *arena);

extern const struct route_table metrics_routes;

#endif
