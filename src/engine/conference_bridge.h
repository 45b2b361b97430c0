/* Why: where the people who respond to an incident meet: a number to dial, an address to open. It moves nothing in the life cycle. */
#ifndef MUSTER_ENGINE_CONFERENCE_BRIDGE_H
#define MUSTER_ENGINE_CONFERENCE_BRIDGE_H

#include "engine/tx.h"

enum { CONFERENCE_NUMBER_CHARS_MAX = 255, CONFERENCE_URL_CHARS_MAX = 2000 };

struct conference_bridge {
    struct text number, url; /* absent: none */
};

/* ERR_NOT_FOUND: no such incident. The same bridge again is no change. */
enum err conference_bridge_set(struct tx *tx, int64_t incident, const struct conference_bridge *bridge, const struct actor *actor) MUST_CHECK;

#endif
