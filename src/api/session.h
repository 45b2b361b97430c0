/* Why: there are two ways to a session (password, provider) and one kind of session. */
#ifndef MUSTER_API_SESSION_H
#define MUSTER_API_SESSION_H

#include "api/route.h"

struct session_start {
    struct text old_hash;   /* of the one this browser had; absent: none */
    struct text token_hash, user_id, user_name, peer;
    struct text proven_by;  /* as in sessions.proven_by */
};

/* A new random token, whose hash is put into *ret. Whom it is for comes later. */
struct text session_prepare(struct call *call, struct session_start *ret);
/* Inside the transaction: the session and its record. */
enum err session_store(struct tx *tx, const struct session_start *start) MUST_CHECK;

/* "Set-Cookie"; an empty value takes it away. `same_site`: "Strict" or "Lax". */
struct http_header session_set_cookie(struct call *call, const char *name, struct text value, int64_t max_age_s, const char *same_site);

#endif
