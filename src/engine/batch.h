/* Why: one turn of the writer as a plain function: the jobs it is given and whatever is due by now, each batch in one transaction.
 * It knows no thread and sleeps never, so the running engine (engine.c) and a simulator (stepped.h) run the very same code. */
#ifndef MUSTER_ENGINE_BATCH_H
#define MUSTER_ENGINE_BATCH_H

#include "engine/engine.h"

enum { BATCH_JOBS_MAX = 512 };

/* Runs at most BATCH_JOBS_MAX `jobs` (NULL: none), linked by next, and answers each; then timers, recovery and sending, when they are due. Sets
 * engine->next_due. True: there may be more to do at once. */
bool batch_turn(struct engine *engine, struct job *jobs);
/* Opens it when it is closed. False: not now. */
bool batch_open_database(struct engine *engine);

#endif
