/* Why: guessing begins with what others have chosen before (ASVS 6.2.4) and with what is known about the person and the place (6.2.11). Such a password
 * is refused where it is set. The list is compiled in (lists/README.md). Pure. */
#ifndef MUSTER_BASE_COMMON_PASSWORD_H
#define MUSTER_BASE_COMMON_PASSWORD_H

#include "base/text.h"

/* `password` is on the list, or is a word of `about` (names, addresses; NULL-free texts), whatever the case of letters and whatever digits and signs stand
 * around it: "Summer2026!" is "summer". */
bool common_password(struct arena *arena, struct text password, const struct text *about, size_t about_count);

#endif
