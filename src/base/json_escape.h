/* Why: one place that knows how a string is written inside JSON (RFC 8259 section 7), in both directions. */
#ifndef MUSTER_BASE_JSON_ESCAPE_H
#define MUSTER_BASE_JSON_ESCAPE_H

#include "base/text.h"

enum { JSON_ESCAPE_BYTES_MAX = 4 }; /* what one escape stands for, in UTF-8 */

/* The escape that begins at `at` (a backslash) and ends before `end`: writes the bytes it stands for, returns what is behind
 * it. NULL when it is not one: unknown letter, not four hex digits, half a surrogate pair, or U+0000. */
const char *json_escape_read(const char *at, const char *end, char ret[static JSON_ESCAPE_BYTES_MAX], size_t *ret_size);

/* Eight bytes at a time over characters that stand for themselves, from `at`; stops at another (no ASCII is one) or in the last seven bytes. */
const char *json_skip_plain(const char *at, const char *end);

/* Adds `value` as a JSON string with its quotes; an absent one as null. Escapes what must be escaped and no more, byte for byte as
 * json_write does; a byte that is not UTF-8 becomes U+FFFD, so what is written is always JSON. */
void json_escape_write(struct builder *b, struct text value);

#endif
