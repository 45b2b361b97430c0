/* Why: the entry of every event, whatever its format was. inbound/ makes `struct event` out of bytes; this applies it. */
#ifndef MUSTER_ENGINE_INTAKE_H
#define MUSTER_ENGINE_INTAKE_H

#include "engine/tx.h"
#include "inbound/event.h"

/* What became of an event; stored with it, findable by its id for ever (invariant E1). */
struct disposition {
    const char *kind;  /* "opened", "merged" (into an open alert), "acknowledged", "resolved", "no_op" (nothing open), "suppressed", "change" */
    int64_t event_number, alert_number, incident_number; /* 0: none */
    struct text dedup_key; /* the one in force: the sender's or ours; on the tx arena */
};

/* ERR_NOT_FOUND: no integration has this key. Never ERR_INVALID: the event was checked by inbound/. */
enum err intake_apply(struct tx *tx, const struct event *event, struct disposition *ret) MUST_CHECK;

#endif
