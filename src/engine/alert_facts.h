/* Why: who is woken by a mail wants to see where it hurts before opening anything: the facts of the alert, as its sender told them. */
#ifndef MUSTER_ENGINE_ALERT_FACTS_H
#define MUSTER_ENGINE_ALERT_FACTS_H

#include "engine/tx.h"

/* Of the incident's oldest alert that is still open, else of its oldest. */
struct alert_facts {
    struct text severity; /* empty: not known */
    struct text details;  /* lines "Source: db-1", at most 4 KB; empty: an incident without alerts */
};

MUST_CHECK enum err alert_facts_of(struct tx *tx, int64_t incident_number, struct alert_facts *ret);

#endif
