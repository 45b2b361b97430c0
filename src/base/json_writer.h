/* Why: every new incident stores a dozen small documents (entries of its record, the decision, its candidates, the message). Building a tree to
 * print it once costs five times the printing; these are written as they are told.
 *
 *   struct json_writer w = json_writer_new(arena);
 *   json_begin_object(&w, NULL);
 *   json_add_text(&w, "name", name);
 *   json_end_object(&w);
 *   struct text document = json_written(&w);
 *
 * `key` is NULL for the outermost value and inside arrays; keys are ours and need no escapes. The caller closes what it opens, in order. Compact, in
 * the order of the calls, byte for byte what json_write makes of the same values. */
#ifndef MUSTER_BASE_JSON_WRITER_H
#define MUSTER_BASE_JSON_WRITER_H

#include "base/instant.h"
#include "base/text.h"

struct json_writer {
    struct builder b;
    int depth;
};

struct json_writer json_writer_new(struct arena *arena);
void json_begin_object(struct json_writer *w, const char *key);
void json_end_object(struct json_writer *w);
void json_begin_array(struct json_writer *w, const char *key);
void json_end_array(struct json_writer *w);
void json_add_text(struct json_writer *w, const char *key, struct text value); /* absent: null */
void json_add_string(struct json_writer *w, const char *key, const char *value);
void json_add_int(struct json_writer *w, const char *key, int64_t value);
void json_add_bool(struct json_writer *w, const char *key, bool value);
void json_add_instant(struct json_writer *w, const char *key, instant value); /* RFC 3339; null when not set */
void json_add_raw(struct json_writer *w, const char *key, struct text document); /* a value that is JSON already; absent: null */
/* The document, NUL-terminated, on the arena. Everything must be closed. */
struct text json_written(struct json_writer *w);

#endif
