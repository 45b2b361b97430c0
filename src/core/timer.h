/* Why: one durable primitive for everything that must happen later. A timer is a row (due, kind, incident, page, ref); a restart
 * reads rows. The stored names are for ever. */
#ifndef MUSTER_CORE_TIMER_H
#define MUSTER_CORE_TIMER_H

#include "base/text.h"

/*     kind                  stored name      belongs to */
#define TIMER_KINDS(ROW)                                                        \
    ROW(TIMER_ESCALATE,      "escalate")      /* incident: the level's delay is over */          \
    ROW(TIMER_ACK_TIMEOUT,   "ack_timeout")   /* incident */                                     \
    ROW(TIMER_SNOOZE_END,    "snooze_end")    /* incident */                                     \
    ROW(TIMER_AUTO_RESOLVE,  "auto_resolve")  /* incident */                                     \
    ROW(TIMER_SUPPORT_HOURS, "support_hours") /* incident: its urgency rises when they begin */  \
    ROW(TIMER_LADDER,        "ladder")        /* page: the person's next notification rule */    \
    ROW(TIMER_BUNDLE,        "bundle")        /* ref: contact method with held notifications */  \
    ROW(TIMER_WINDOW_START,  "window_start")  /* ref: maintenance window */                      \
    ROW(TIMER_WINDOW_END,    "window_end")    /* ref: maintenance window */                      \
    ROW(TIMER_HANDOFF,       "handoff")       /* ref: see engine/handoffs.h */              \
    ROW(TIMER_HEARTBEAT,     "heartbeat")     /* ref: heartbeat whose beat is missing */ \
    ROW(TIMER_CANARY,        "canary")        /* see engine/canary.h */                          \
    ROW(TIMER_WEBHOOKS,      "webhooks")      /* ref: webhook subscription; none: what is old is forgotten (engine/webhook_delivery.h) */

enum timer_kind {
#define ROW(kind, name) kind,
    TIMER_KINDS(ROW)
#undef ROW
    TIMER_KIND_COUNT
};

const char *timer_name(enum timer_kind kind);
bool timer_parse(struct text name, enum timer_kind *ret);

#endif
