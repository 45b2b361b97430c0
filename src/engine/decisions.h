/* Why: whom to call was decided once, from everything that was known at that moment. It is stored with every person who came into question: the answer to "why me?" and "why not her?". */
#ifndef MUSTER_ENGINE_DECISIONS_H
#define MUSTER_ENGINE_DECISIONS_H

#include "core/incident.h"
#include "engine/tx.h"

struct decision {
    int64_t number;
    struct text doc, *candidates; /* on the tx arena; a document for each verdict */
};

enum err decision_store(struct tx *tx, const struct incident *incident, const struct plan *plan, const struct choice *choice, const char *cause,
                        struct decision *ret) MUST_CHECK;

#endif
