/* Why: what SMS and voice share at a provider with Twilio's API: the request, its verdict, and the signature of callbacks.
 * Facts: integrations.md section 2; Twilio's error dictionary. */
#ifndef MUSTER_CHANNEL_TWILIO_H
#define MUSTER_CHANNEL_TWILIO_H

#include "base/json.h"

/* X-Twilio-Signature: base64 of HMAC-SHA1, keyed with the account's token, over the URL as the provider called it followed by name and value of
 * every POST parameter, sorted by name. `params`: {"Name": "value"} or {"Name": ["a", "b"]}. The provider is known to leave out or
 * spell out the standard port, so both spellings are accepted. Constant time; an empty token or signature never fits. */
bool twilio_signature_is_valid(struct arena *arena, struct text token, struct text url, const json_t *params, struct text signature);

#endif
