/* Why: who reads the database, or a backup of it, must not be able to act by it. What Muster signs it signs with a key that lies beside the
 * database, in DATA/secret-key (made at the first start, mode 0600), or comes from the service manager as the credential `secret-key`.
 * What it must be able to read again (secrets of webhook subscriptions) it seals with it (base/seal.h). Without the file a new key is made: links in mails that were sent
 * before stop working, and webhook subscriptions have to be made anew. */
#ifndef MUSTER_CLI_SECRET_KEY_H
#define MUSTER_CLI_SECRET_KEY_H

#include "base/config.h"
#include "base/env.h"

enum { SECRET_KEY_CHARS_MIN = 32 };

/* *ret: a key for `purpose` only, 64 hexadecimal digits. False: the file is there and unusable; the reason has been logged. */
bool secret_key_for(struct arena *arena, const struct config *config, struct env *env, const char *purpose, const char **ret) MUST_CHECK;

#endif
