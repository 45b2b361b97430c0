/* Why: one list of everything the server answers. A new noun adds its table here and nowhere else. */
#include "api/routes.h"

#include "api/openapi.h"

/* Each api/NOUN.c ends in a table; declared here because this list is its only reader. */
extern const struct route_table session_routes;
extern const struct route_table web_routes;
extern const struct route_table incident_routes;

const struct route_table *const all_routes[] = {
    &session_routes,
    &web_routes,
    &openapi_routes,
    &incident_routes,
    NULL,
};
