/* Why: an address that Muster sends from or to is checked by one rule: the configuration says at once what the sender would refuse later. */
#ifndef MUSTER_BASE_MAIL_ADDRESS_H
#define MUSTER_BASE_MAIL_ADDRESS_H

#include "base/text.h"

/* "local@host" of printable ASCII, at most 254 characters, without what needs quoting (RFC 5321 allows more; nobody has it). No name, no brackets. */
bool mail_address_is_valid(struct text address);

#endif
