/* Why: a keyed hash proves who wrote something: callbacks of providers, links in our mails, webhooks we send. */
#ifndef MUSTER_BASE_HMAC_H
#define MUSTER_BASE_HMAC_H

#include "base/text.h"

enum { HMAC_SHA1_BYTES = 20, HMAC_SHA256_BYTES = 32 };

/* SHA-1 only because Twilio's signature is made of it; as a MAC it still holds. */
void hmac_sha1(struct text key, struct text message, unsigned char ret_digest[HMAC_SHA1_BYTES]);
void hmac_sha256(struct text key, struct text message, unsigned char ret_digest[HMAC_SHA256_BYTES]);

#endif
