/* Why: who did something and how, for the ledger and the audit record. */
#ifndef MUSTER_CORE_ACTOR_H
#define MUSTER_CORE_ACTOR_H

#include "base/text.h"

enum actor_kind { ACTOR_SYSTEM, ACTOR_USER, ACTOR_INTEGRATION };

struct actor {
    enum actor_kind kind;
    struct text id;      /* user or integration; empty for the system */
    struct text name;    /* as known at that moment */
    const char *channel; /* "api", "web", "sms", "phone", "email", "events", "timeout", "auto", "practice", ... */
    struct text detail;  /* e.g. token id, phone number's last digits; may be empty */
};

static inline const char *actor_kind_name(enum actor_kind kind)
{
    switch (kind) {
    case ACTOR_SYSTEM: return "system";
    case ACTOR_USER: return "user";
    case ACTOR_INTEGRATION: return "integration";
    }
    return "system";
}

#endif
