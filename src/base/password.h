/* Why: passwords are stored so that a stolen database does not give them away: argon2id (libsodium, interactive limits: 64 MiB,
 * about 0.1 s). One at a time per process, so that a flood of sign-ins cannot take all memory. Thread-safe. */
#ifndef MUSTER_BASE_PASSWORD_H
#define MUSTER_BASE_PASSWORD_H

#include "base/text.h"

enum { PASSWORD_BYTES_MIN = 8, PASSWORD_BYTES_MAX = 512 };

/* ERR_INVALID: too short or too long. */
enum err password_hash(struct arena *arena, struct text password, struct text *ret_hash) MUST_CHECK;
bool password_verify(struct arena *arena, struct text password, struct text hash);

#endif
