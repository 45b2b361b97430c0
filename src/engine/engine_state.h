/* Why: what the files of engine/ share about the running engine. Nobody outside the folder includes this. */
#ifndef MUSTER_ENGINE_ENGINE_STATE_H
#define MUSTER_ENGINE_ENGINE_STATE_H

#include "engine/engine.h"

struct outbox;
struct outbox *engine_outbox(struct engine *engine);
const char *engine_catch_all(const struct engine *engine); /* e-mail of the configuration; NULL: none */
const char *engine_public_url(const struct engine *engine);

#endif
