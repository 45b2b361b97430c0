/* Why: jansson, with our limits and our ownership.
 *
 * Every json_t made through this header belongs to the arena: it is released at the arena's reset, nobody
 * calls json_decref. Put values into containers with json_object_set / json_array_append (which take their
 * own reference) or with the json_put_* helpers below, never with the stealing *_new variants on an
 * arena-owned value. Plain json_object() etc. given to a *_new function at once are fine. */
#ifndef MUSTER_BASE_JSON_H
#define MUSTER_BASE_JSON_H

#include <jansson.h>

#include "base/instant.h"
#include "base/problem.h"

enum {
    JSON_DEPTH_MAX = 64,                /* nesting; deeper input is refused (reliability.md 3.2) */
    JSON_BODY_BYTES_MAX = 5 * 1024 * 1024, /* what any parser here reads at most; routes have smaller limits */
};

/* Strict: whole input is one document, UTF-8, no duplicate keys, no NUL, depth <= JSON_DEPTH_MAX, integers
 * fit 64 bits. NULL when not, with one mistake added that names line, column and reason. */
json_t *json_read(struct arena *arena, struct text document, struct problem *problem);

/* As json_read, but an integer beyond 64 bits becomes a real (then all of the document's do): for documents whose bytes are kept as sent,
 * where a sender's large number must not cost the event. */
json_t *json_read_any_integer(struct arena *arena, struct text document, struct problem *problem);

/* Fresh containers owned by the arena. */
json_t *json_object_in(struct arena *arena);
json_t *json_array_in(struct arena *arena);

/* Sets `key`; an absent text becomes null. */
void json_put_text(json_t *object, const char *key, struct text value);
void json_put_string(json_t *object, const char *key, const char *value);
void json_put_int(json_t *object, const char *key, int64_t value);
void json_put_bool(json_t *object, const char *key, bool value);
void json_put_null(json_t *object, const char *key);
void json_put_instant(json_t *object, const char *key, instant value); /* RFC 3339; null when not set */
void json_put(json_t *object, const char *key, json_t *value);         /* takes its own reference; NULL becomes null */
void json_append_text(json_t *array, struct text value);
void json_append(json_t *array, json_t *value); /* takes its own reference */

/* Reading. Absent or of another type: TEXT_NONE, `fallback`, NULL. The text lives as long as the value. */
struct text json_text_at(const json_t *object, const char *key);
int64_t json_int_at(const json_t *object, const char *key, int64_t fallback);
bool json_bool_at(const json_t *object, const char *key, bool fallback);
json_t *json_at(const json_t *object, const char *key);
struct text json_text_value(const json_t *value);

/* Compact document, NUL-terminated, on the arena. Keeps insertion order. */
struct text json_write(struct arena *arena, const json_t *value);

/* The bytes of the value at `path` (object keys, NULL-terminated list) inside a document that json_read
 * accepted, exactly as received; TEXT_NONE when the path leads nowhere. Keeps the sender's custom_details. */
struct text json_raw_at(struct text document, const char *const *path);

#endif
