/* Why: a stolen password alone must not open the app: a code of the person's device as well (base/totp.h), or one of the recovery codes that were
 * shown when it was set up. */
#ifndef MUSTER_API_SECOND_FACTOR_H
#define MUSTER_API_SECOND_FACTOR_H

#include "api/route.h"

/* Ten codes of 24 characters of 36: 124 bits each, so a plain hash keeps them. */
enum { RECOVERY_CODES = 10, RECOVERY_CODE_CHARS = 24, RECOVERY_CODE_GROUP = 6 };

/* How long a secret that was shown can be proven: whoever finds it later on a screen or in a log must not make it theirs. */
enum { OFFER_LIFE_S = 15 * 60 };

enum code_verdict {
    CODE_NOT_NEEDED, /* the person has no second factor */
    CODE_MISSING,
    CODE_WRONG,      /* or used before */
    CODE_RIGHT,
};

/* Inside the transaction that signs in: what `code` (may be empty) is worth for this person. A right one is used up. */
enum err second_factor_use(struct tx *tx, struct text user_id, struct text code, enum code_verdict *ret) MUST_CHECK;

/* {"enrolled", "required", "needed", "recovery_codes_left"} of the person, for the app; `by_password`: how the session was opened. NULL:
 * call->read_error is set. */
json_t *second_factor_json(struct call *call, struct text user_id, bool by_password);

/* Takes away what a person has, so that the password alone opens the app again. *ret_had: there was something. */
enum err second_factor_remove(struct tx *tx, struct text user_id, bool *ret_had) MUST_CHECK;

#endif
