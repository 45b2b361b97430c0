/* Why: every change is one transaction on the one writer thread. This is what a change gets to work with.
 *
 * A work function runs inside an open transaction together with others of its batch. It may be run MORE THAN ONCE (when
 * the batch failed and is retried alone), so it must not keep anything from an earlier run, must not touch the outside
 * and writes its results only through `argument`. Returning an error rolls everything of it back.
 * `now` is read once per batch. `arena` lives until the batch is done; results for the caller go to the caller's arena
 * (engine_execute blocks the caller, so that is safe). */
#ifndef MUSTER_ENGINE_TX_H
#define MUSTER_ENGINE_TX_H

#include "base/env.h"
#include "base/problem.h"
#include "core/actor.h"
#include "store/db.h"

struct engine;
struct integrations;

struct tx {
    struct db *db;
    struct env *env;
    instant now;
    struct arena *arena;
    struct engine *engine;
    struct integrations *integrations; /* read so far (integrations.h) */
    /* A work function that refuses before it wrote anything sets this with its error: then the others of its batch go on undisturbed.
     * Without it an error costs the whole batch a retry one by one. */
    bool refused_clean;
};

typedef enum err engine_work(struct tx *tx, void *argument);

#endif
