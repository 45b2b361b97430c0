/* Why: what a password guards is asked for again where an open browser is not enough. */
#ifndef MUSTER_API_PASSWORDS_H
#define MUSTER_API_PASSWORDS_H

#include "api/route.h"

/* The asker knows the own password, given as `current_password` in the body; who has none (signed in by other means) need not. ERR_INVALID, or
 * ERR_LIMIT after too many guesses. */
enum err passwords_prove_own(struct call *call) MUST_CHECK;

#endif
