/* Why: the browser app, out of the binary. It lives below /app/, because the root belongs to the REST API: GET /incidents
 * is PagerDuty's JSON list and must stay that whatever the Accept header says; /app/incidents is the page about it.
 *
 * Every address below /app/ that is not a file answers the app's one page, and the app's own router takes over. The page
 * names its files relative to itself, so the app works behind any path prefix that a proxy takes off. */
#ifndef MUSTER_API_WEB_H
#define MUSTER_API_WEB_H

#include "api/route.h"
#include "base/embedded.h"

extern const struct route_table web_routes;

struct web_request {
    struct text path;            /* begins with "/app"; or "/" */
    struct text prefix;          /* path of the public URL, when the proxy passed it on; else empty */
    struct text if_none_match;   /* header, may be absent */
    struct text accept_encoding; /* header, may be absent */
};

/* Fills `*ret`: the file, the app's page, a redirect to "/app/", or a page that says the app is missing from this binary.
 * False for a file below /app/assets/ that does not exist: the caller answers as for any unknown path. Pure. */
bool web_answer(struct arena *arena, const struct web_request *request, const struct embedded_file *files, size_t file_count,
                struct http_response *ret);

#endif
