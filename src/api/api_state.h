/* Why: what the files of api/ share about the running instance; nobody else sees it. */
#ifndef MUSTER_API_API_STATE_H
#define MUSTER_API_API_STATE_H

#include <pthread.h>

#include "api/allowance.h"
#include "api/api.h"
#include "api/backoff.h"
#include "api/oncall_memory.h"
#include "api/router.h"
#include "api/schedule_gaps.h"

enum { WORKERS_MAX = 64, WAITING_REQUESTS_MAX = 1024, SIGN_INS_MAX = 2, PROVIDER_SIGN_INS_MAX = 2 };

struct worker {
    struct api *api;
    pthread_t thread;
    struct db *db; /* NULL while it cannot be opened */
};

struct api {
    struct arena *arena; /* lives as long as the api; written only at start */
    const struct config *config;
    struct engine *engine;
    struct env *env;
    const char *db_url;
    struct router *router;
    struct http_server *server; /* of the thread that starts and stops; a handler asks http_request_server */
    struct text path_prefix; /* of the public URL: "" or "/pd" */
    const char *public_url;
    struct text public_origin; /* "https://muster.example.org" */
    bool public_is_https;
    const char *session_cookie; /* its name */
    struct backoff *backoff;
    struct oncall_memory *oncalls; /* NULL: nothing is remembered */
    struct gap_memory *gaps;       /* likewise */
    struct allowance *requests, *events; /* by token, by integration key */
    _Atomic int provider_sign_ins; /* workers that wait for a provider's answer; likewise */
    _Atomic int sign_ins; /* passwords being checked now; bounded, so that they never hold all workers */

    struct worker workers[WORKERS_MAX];
    size_t worker_count;
    pthread_mutex_t lock; /* guards everything below */
    pthread_cond_t ready;
    struct http_request waiting[WAITING_REQUESTS_MAX];
    size_t first, count;
    bool stopping;
};

/* Splits "https://host:1/pd" into origin and path; the path has no trailing slash. */
void api_split_url(struct text url, struct text *ret_origin, struct text *ret_path);

#endif
