/* Why: text from outside carries its length; nothing here trusts a terminator.
 *
 * A `struct text` is a borrowed slice: it lives as long as what it points into (an arena, a literal, a
 * row until the next step). Functions named text_*_copy and everything made by `builder` allocate from an
 * arena AND put a NUL behind the last byte, so `.data` of those can go to a C library; a slice from
 * elsewhere must pass through text_cstring() first. Absent is {NULL, 0}; empty is {"", 0}. */
#ifndef MUSTER_BASE_TEXT_H
#define MUSTER_BASE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/arena.h"

struct text {
    const char *data;
    size_t size; /* bytes */
};

#define TEXT(literal) ((struct text){"" literal, sizeof(literal) - 1})
#define TEXT_NONE ((struct text){NULL, 0})
/* For "%.*s". */
#define TEXT_ARG(text) (int)(text).size, (text).data ? (text).data : ""

static inline struct text text_of(const char *cstring)
{
    return cstring ? (struct text){cstring, strlen(cstring)} : TEXT_NONE;
}
static inline bool text_is_present(struct text t) { return t.data != NULL; }
static inline bool text_is_empty(struct text t) { return t.size == 0; }

bool text_equal(struct text a, struct text b);
bool text_equal_ignoring_case(struct text a, struct text b); /* ASCII only */
bool text_is(struct text a, const char *cstring);
bool text_starts_with(struct text t, struct text prefix);
bool text_ends_with(struct text t, struct text suffix);
bool text_contains_ignoring_case(struct text t, struct text part); /* ASCII only */
int text_compare(struct text a, struct text b);
uint32_t text_hash(struct text t); /* FNV-1a; for tables in memory, no defence against chosen keys */
/* Both sides have the same length and content; takes the same time wherever they differ. */
bool text_equal_secret(struct text a, struct text b);

struct text text_trim(struct text t); /* ASCII white space on both ends */
/* Bytes [from, to), clamped to the text. */
struct text text_slice(struct text t, size_t from, size_t to);
/* Position of the first `byte` at or after `from`, or t.size. */
size_t text_find_byte(struct text t, char byte, size_t from);
/* Position of the first `part`, or t.size. */
size_t text_find(struct text t, struct text part);
/* Takes the part before the next `separator` off the front of `*rest`. False when nothing is left. */
bool text_next(struct text *rest, char separator, struct text *ret_part);

struct text text_copy(struct arena *arena, struct text t);
const char *text_cstring(struct arena *arena, struct text t);
struct text text_lower(struct arena *arena, struct text t); /* ASCII only */
struct text text_decimal(struct arena *arena, int64_t value);
/* All parts behind one another, as text_printf("%.*s%.*s...") but for a tenth of its price. */
struct text text_join(struct arena *arena, const struct text *parts, size_t count);
#define TEXT_JOIN(arena, ...) \
    text_join((arena), (const struct text[]){__VA_ARGS__}, sizeof((const struct text[]){__VA_ARGS__}) / sizeof(struct text))
struct text text_printf(struct arena *arena, const char *format, ...) PRINTF_LIKE(2, 3);

/* Whole text is an optional minus and decimal digits in range; otherwise false and nothing written. */
bool text_to_int64(struct text t, int64_t *ret_value);
bool text_is_utf8(struct text t); /* well-formed, no surrogates, no U+0000 */
/* Bytes of the character that starts at t.data[position]; 0 when it is not well-formed (RFC 3629) or U+0000. */
size_t text_utf8_step(struct text t, size_t position);
size_t text_utf8_length(struct text t); /* code points; t must be UTF-8 */
/* The longest prefix of at most `bytes_max` bytes that ends between characters. */
struct text text_utf8_cut(struct text t, size_t bytes_max);

struct text text_hex(struct arena *arena, const void *bytes, size_t size); /* lower case */
struct text text_base64(struct arena *arena, const void *bytes, size_t size);
/* TEXT_NONE when it is not base64 with its padding. */
struct text text_base64_decode(struct arena *arena, struct text t);
struct text text_percent_encode(struct arena *arena, struct text t); /* RFC 3986 unreserved pass */
/* plus_is_space: application/x-www-form-urlencoded. A broken escape stays as written. */
struct text text_percent_decode(struct arena *arena, struct text t, bool plus_is_space);
struct text text_html_escape(struct arena *arena, struct text t); /* & < > " ' : for HTML and XML text and attributes */

/* A growing text with a limit. After the limit was hit `overflowed` is set and further bytes are dropped. */
struct builder {
    struct arena *arena;
    char *data;
    size_t size, capacity, size_max;
    bool overflowed;
};
struct builder builder_new(struct arena *arena, size_t size_max);
void builder_add(struct builder *b, struct text t);
static inline void builder_add_byte(struct builder *b, char byte)
{
    if (b->size + 1 < b->capacity && b->size < b->size_max)
        b->data[b->size++] = byte;
    else
        builder_add(b, (struct text){&byte, 1});
}
/* Room for `extra` bytes behind what is there, which the caller writes and adds to `size`; NULL when there is none. */
char *builder_room(struct builder *b, size_t extra);
void builder_add_string(struct builder *b, const char *cstring);
void builder_add_int(struct builder *b, int64_t value); /* decimal */
void builder_printf(struct builder *b, const char *format, ...) PRINTF_LIKE(2, 3);
struct text builder_text(struct builder *b); /* NUL-terminated; the builder may be used further */

#endif
