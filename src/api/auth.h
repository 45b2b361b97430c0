/* Why: who is asking, and may they. API tokens as PagerDuty's clients send them, sessions for the browser.
 *
 * Tokens and session cookies are random; only their SHA-256 is stored. A session counts for a changing request only when the
 * browser says the request comes from our own pages (Sec-Fetch-Site or Origin), on top of SameSite=Strict. */
#ifndef MUSTER_API_AUTH_H
#define MUSTER_API_AUTH_H

#include "api/route.h"

enum { SESSION_DAYS = 14 };
/* Name of the session's cookie: the prefixes make a browser refuse one that an unencrypted page or another host has planted (RFC 6265bis 4.1.3). */
const char *auth_session_cookie(bool public_is_https, struct text path_prefix);
const char *auth_sign_in_cookie(bool public_is_https, struct text path_prefix); /* of a sign-in at a provider that is under way */

enum auth_header { AUTH_ABSENT, AUTH_TOKEN, AUTH_MALFORMED };
/* `Token token=KEY` (also quoted) and `Bearer KEY`; scheme ignoring case. */
enum auth_header auth_parse_header(struct text header, struct text *ret_token);

/* SHA-256 in hex, as stored. */
struct text auth_secret_hash(struct arena *arena, struct text secret);

/* Fills call->who from the Authorization header or the cookie. OK with who.authenticated == false when there is neither.
 * ERR_FORBIDDEN: credentials were given and are wrong: 401 (call->status is set), or a session's change came from another site (403). */
enum err auth_identify(struct call *call) MUST_CHECK;

/* Whether call->who may use call->route. ERR_FORBIDDEN with 401 or 403 in call->status. */
enum err auth_permit(struct call *call) MUST_CHECK;

bool auth_may(const struct principal *who, enum permission permission);
/* A changing request with cookies came from our own pages, as far as the browser tells. */
bool auth_same_origin(const struct call *call);

/* 401 with code 2006. */
enum err auth_refuse(struct call *call, const char *message);

extern const struct route_table session_routes;

#endif
