/* Why: Muster's own batch, POST /muster/events/batch: {"events":[...]}, each element an Events v2 body, or a change
 * event marked with "event_action":"change" (marked, because a forgotten event_action must not turn a page into a
 * note). `routing_key` beside "events" serves the elements that have none. Being ours, the wrapper is strict: an
 * unknown member is a mistake. Each element succeeds or fails by itself. */
#ifndef MUSTER_INBOUND_BATCH_H
#define MUSTER_INBOUND_BATCH_H

#include "inbound/field.h"

enum { BATCH_BODY_BYTES_MAX = 5 * 1024 * 1024 };

struct batch_element {
    bool is_valid;
    struct event event;      /* when valid */
    struct problem *problem; /* when not; paths are relative to the element */
};

struct batch {
    struct batch_element elements[EVENT_BATCH_MAX];
    size_t count;
};

/* The lent key is used where neither element nor wrapper has one. ERR_INVALID: the wrapper itself is wrong; nothing of it counts. */
enum err batch_read(const struct reading *reading, struct batch **ret) MUST_CHECK;

#endif
