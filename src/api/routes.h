/* Why: the list of all route tables: the map of the API. */
#ifndef MUSTER_API_ROUTES_H
#define MUSTER_API_ROUTES_H

#include "api/route.h"

/* Ends with NULL. */
extern const struct route_table *const all_routes[];

#endif
