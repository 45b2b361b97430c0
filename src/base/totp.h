/* Why: a second factor that every authenticator app can make: RFC 6238 with the parameters all of them know (HMAC-SHA-1, 30 seconds, six
 * digits), computed by liboath. SHA-1 only as a MAC, where it still holds. */
#ifndef MUSTER_BASE_TOTP_H
#define MUSTER_BASE_TOTP_H

#include "base/env.h"

enum { TOTP_SECRET_BYTES = 20, TOTP_DIGITS = 6, TOTP_STEP_S = 30, TOTP_DRIFT_STEPS = 1 };

/* 160 random bits (RFC 4226 section 4, R6) in base32. */
struct text totp_new_secret(struct env *env, struct arena *arena);
/* otpauth://totp/... as the apps read it, from the link or its QR code; what is not said is what all of them
 * take for granted. */
struct text totp_uri(struct arena *arena, struct text secret, struct text issuer, struct text account);
/* Whether `code` is that of now, or of TOTP_DRIFT_STEPS before or after it. *ret_step counts steps since 1970: a code is taken once when the
 * caller keeps it and takes only later ones (RFC 6238 section 5.2). */
bool totp_check(struct arena *arena, struct text secret, struct text code, instant now, int64_t *ret_step) MUST_CHECK;

#endif
