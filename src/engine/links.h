/* Why: a link in a mail lets the person it was sent to act without signing in. It proves who it was made for, about what, for which
 * action and until when; nothing is stored. Opening it changes nothing, pressing the button behind it does (api/act.c), twice as
 * well as once. */
#ifndef MUSTER_ENGINE_LINKS_H
#define MUSTER_ENGINE_LINKS_H

#include "base/json.h"
#include "engine/tx.h"

enum { LINK_LIFETIME_S = 7 * 86400 };

enum link_action { LINK_ACKNOWLEDGE, LINK_RESOLVE, LINK_ESCALATE };
const char *link_action_name(enum link_action action); /* "acknowledge" "resolve" "escalate" */

struct link {
    enum link_action action;
    int64_t message_number;
    int64_t incident_number; /* 0: everything the message speaks of */
    struct text user_id;
    instant expires_at;      /* whole seconds */
};

enum link_verdict { LINK_VALID, LINK_EXPIRED, LINK_FORGED };

/* "acknowledge-17-42-1770689525-PXXXXXX-<HMAC-SHA256, 32 hex digits>": safe in a path. */
struct text link_token(struct arena *arena, struct text key, const struct link *link);
/* `key`: engine_link_key(). With an empty one every link is a forgery. */
enum link_verdict link_read(struct arena *arena, struct text key, struct text token, instant now, struct link *ret);

#endif
