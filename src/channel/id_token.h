/* Why: an ID token says who signs in, so it is believed only as OpenID Connect Core 3.1.3.7 and RFC 8725 say: signed with RS256 or ES256 by a key
 * of the provider, made by it, for us, for this sign-in, now. Signatures are checked by cjose; which algorithm and which key may be meant is decided
 * here, never by the token. Pure. */
#ifndef MUSTER_CHANNEL_ID_TOKEN_H
#define MUSTER_CHANNEL_ID_TOKEN_H

#include "base/json.h"

enum { ID_TOKEN_BYTES_MAX = 16 * 1024, ID_TOKEN_KEYS_MAX = 64, ID_TOKEN_LEEWAY_S = 60, SUBJECT_BYTES_MAX = 255 };

struct id_token_wanted {
    struct text issuer, audience, nonce;
    instant now;
};

/* `keys`: the provider's JWK set. *ret_claims on success; otherwise *ret_reason, one line for the log that quotes nothing of the token. */
enum err id_token_verify(struct arena *arena, struct text token, const json_t *keys, const struct id_token_wanted *wanted, json_t **ret_claims,
                         const char **ret_reason) MUST_CHECK;

#endif
