/* Why: people write numbers in many ways; providers take one. */
#ifndef MUSTER_API_PHONE_NUMBER_H
#define MUSTER_API_PHONE_NUMBER_H

#include "base/text.h"

/* Takes "+49 151 2345-678", "0049 151 2345678" or a national number, as people write them. `*country_code` is what the caller knows (0: nothing); an international
 * number decides it. `*ret_digits`: the national number without separators. False when it is not a phone number, or when the
 * country code contradicts the number. National numbers without any country code count as +1. */
bool phone_number_parse(struct arena *arena, struct text written, int64_t *country_code, struct text *ret_digits);

#endif
