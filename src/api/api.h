/* Why: the HTTP side of a running Muster: server, router, workers. main.c starts it after the engine and stops it before. */
#ifndef MUSTER_API_API_H
#define MUSTER_API_API_H

#include "base/config.h"
#include "engine/engine.h"

struct api;

/* `config` must outlive the api. Opens one read connection per worker; a broken one is reopened before the next request.
 * Logs the reason when it fails. */
enum err api_start(struct api **ret, const struct config *config, struct engine *engine, struct env *env, const char *db_url) MUST_CHECK;
/* Stops accepting, lets requests under way finish, joins the workers. NULL is allowed. */
void api_stop(struct api *api);

#endif
