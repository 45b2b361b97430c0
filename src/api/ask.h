/* Why: when the server is down somebody must still be able to ask who is on call. This answers a GET from the database alone,
 * through the same routes and handlers, so that the answer is the same. */
#ifndef MUSTER_API_ASK_H
#define MUSTER_API_ASK_H

#include "base/config.h"
#include "base/env.h"
#include "base/json.h"
#include "store/db.h"

/* `db` is inside a snapshot. The caller has read access to the database's file, so nobody's permission is asked.
 * ERR_NOT_FOUND: no such thing or no such path; ERR_INVALID: `problem` says what is wrong with the question. */
enum err api_ask(struct arena *arena, const struct config *config, struct env *env, struct db *db, struct text path_and_query,
                 struct problem *problem, json_t **ret) MUST_CHECK;

#endif
