/* Why: the API describes itself from the rows it runs by, so the description cannot disagree with the behaviour. */
#ifndef MUSTER_API_OPENAPI_H
#define MUSTER_API_OPENAPI_H

#include "api/route.h"

/* OpenAPI 3.1 of all routes. */
json_t *openapi_document(struct arena *arena, const char *public_url);

extern const struct route_table openapi_routes;

#endif
