/* Why: what SMS and voice share at a provider with Twilio's API: the request, its verdict, and the signature of callbacks.
 * Facts: integrations.md section 2; Twilio's error dictionary. */
#ifndef MUSTER_CHANNEL_TWILIO_H
#define MUSTER_CHANNEL_TWILIO_H

#include "base/json.h"

/* X-Twilio-Signature: base64 of HMAC-SHA1, keyed with the account's token, over the URL as the provider called it followed by name and value of
 * every POST parameter, sorted by name. `params`: {"Name": "value"} or {"Name": ["a", "b"]}. The provider is known to leave out or
 * spell out the standard port, so both spellings are accepted. Constant time; an empty token or signature never fits. */
bool twilio_signature_is_valid(struct arena *arena, struct text token, struct text url, const json_t *params, struct text signature);

/* What an answer of the provider means. `status`: of HTTP; `body`: as received. Fills the outcome but not retry_after_s. Pure.
 *
 * Permanent only for what is known to be about this number or this text; every other refusal (credit, sender number, country,
 * permissions) is a fault of the account, which another provider may not have: temporary. 500 and 503 are a verdict ("not done");
 * 502 and 504 come from a gateway that got none: unknown, because the message may be queued behind it. */
struct outcome;
void twilio_classify(struct arena *arena, long status, struct text body, struct outcome *ret);

/* States of a message or call, as the provider's status callback names them: what they mean to us. */
enum twilio_progress { TWILIO_UNDER_WAY, TWILIO_DELIVERED, TWILIO_FAILED, TWILIO_NO_ANSWER };
bool twilio_progress_parse(struct text status, enum twilio_progress *ret);
/* The number itself is bad (asked after a message failed; also true of numbers refused at once). */
bool twilio_error_is_about_number(int64_t code);

#endif
