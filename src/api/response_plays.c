/* Why: PagerDuty replaced response plays and took them out of its description, but its clients still ask for the list when they start. There
 * are none here, and the list says so; changing one is 405 or 404, as for everything that does not exist. */
#include "api/route.h"

static enum err list(struct call *call)
{
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "response_plays", json_array_in(call->arena));
    return OK;
}

static const struct route routes[] = {
    {"GET", "/response_plays", MAY_READ, list, .summary = "Always empty: there are no response plays",
     .answers = "response_plays[]"},
};
const struct route_table response_play_routes = {routes, sizeof routes / sizeof *routes};
