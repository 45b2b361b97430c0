/* Why: some secrets must be read again to be used (what signs a subscriber's webhooks), so they cannot be stored hashed. They are stored sealed with a
 * key that lies outside the database (cli/secret_key.h): who reads the database or a backup of it gets nothing.
 *
 * XChaCha20-Poly1305 with a random nonce (libsodium); `place` (which row, which column) is authenticated, so a sealed value moved elsewhere
 * does not open there. */
#ifndef MUSTER_BASE_SEAL_H
#define MUSTER_BASE_SEAL_H

#include "base/env.h"

enum { SEAL_KEY_HEX = 64, SEAL_PLAIN_BYTES_MAX = 64 * 1024 };

/* `key`: SEAL_KEY_HEX hexadecimal digits. The result is text for a column. */
struct text seal_close(struct env *env, struct arena *arena, struct text key, struct text place, struct text plain);
/* False: another key, another place, or not a sealed value. */
bool seal_open(struct arena *arena, struct text key, struct text place, struct text sealed, struct text *ret) MUST_CHECK;

#endif
