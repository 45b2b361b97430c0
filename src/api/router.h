/* Why: finds the one route of a request. The route tables are gathered once at start into one list, sorted so that the first row
 * that fits is the right one: literal segments before parameters, parameters before a rest. */
#ifndef MUSTER_API_ROUTER_H
#define MUSTER_API_ROUTER_H

#include "api/route.h"

struct router;

enum { PATH_SEGMENTS_MAX = 16, PATH_BYTES_MAX = 2048, ROUTER_ALLOW_MAX = 8 };

enum route_outcome { ROUTE_FOUND, ROUTE_NO_PATH, ROUTE_NO_METHOD };

struct route_match {
    const struct route *route;
    struct text parameters[PATH_PARAMETERS_MAX]; /* decoded on the arena */
    struct text allow;                           /* ROUTE_NO_METHOD: "GET, PUT" */
};

/* Aborts when two rows are the same: that is a programming error the unit test of the tables finds. */
struct router *router_new(struct arena *arena, const struct route_table *const *tables, size_t table_count);

/* `path` as received, without prefix and query; one slash at its end does not matter. HEAD finds GET. With a NULL arena only
 * ret->route is written (no decoding): enough to ask for limits. A parameter that decodes to something that is not UTF-8 fits no route. */
enum route_outcome router_find(const struct router *router, struct arena *arena, struct text method, struct text path,
                               struct route_match *ret);

size_t router_count(const struct router *router);
const struct route *router_at(const struct router *router, size_t index); /* in the sorted order */

#endif
