/* Why: every answer of the API is a tree of values before it is text, and every body that comes in becomes one. These trees live on an arena: a value is a few
 * bytes of it, nothing is counted, hashed or freed, and the whole disappears at the arena's reset.
 *
 * A value may stand in several containers; what is put into a container lives at least as long as the container's arena. Texts and keys are copied. A NULL value is an
 * absent one and allowed wherever something is read. Objects keep the order in which their keys came first. Small ones look a key up by walking,
 * large ones have an index, so an object is also a fine dictionary. */
#ifndef MUSTER_BASE_JSON_H
#define MUSTER_BASE_JSON_H

#include "base/instant.h"
#include "base/problem.h"

enum {
    JSON_DEPTH_MAX = 64,                /* nesting; deeper input is refused (reliability.md 3.2) */
    JSON_BODY_BYTES_MAX = 5 * 1024 * 1024, /* what any parser here reads at most; routes have smaller limits */
    JSON_WRITTEN_BYTES_MAX = 64 * 1024 * 1024,
};

typedef enum { JSON_OBJECT, JSON_ARRAY, JSON_STRING, JSON_INTEGER, JSON_REAL, JSON_TRUE, JSON_FALSE, JSON_NULL } json_type;

/* Read it by the functions below. */
typedef struct json_value json_t;
struct json_member {
    struct text key; /* NUL-terminated */
    json_t *value;
};
struct json_container {
    struct arena *arena;
    union {
        struct json_member *members;
        json_t **elements;
    };
};
struct json_value {
    uint32_t type;            /* json_type */
    uint32_t count, capacity; /* of members or elements */
    union {
        struct json_container in;
        struct text text;     /* NUL-terminated */
        int64_t integer;
        double real;
    };
};

/* Strict: whole input is one document, UTF-8, no duplicate keys, no NUL, depth <= JSON_DEPTH_MAX, integers
 * fit 64 bits. NULL when not, with one mistake added that names line, column and reason. */
json_t *json_read(struct arena *arena, struct text document, struct problem *problem);

/* As json_read, but an integer beyond 64 bits becomes a real: for documents whose bytes are kept as sent, where a sender's large number must
 * not cost the event. */
json_t *json_read_any_integer(struct arena *arena, struct text document, struct problem *problem);

/* Fresh containers on the arena. */
json_t *json_object_in(struct arena *arena);
json_t *json_object_for(struct arena *arena, uint32_t members); /* with room for so many, to spare it growing */
json_t *json_array_in(struct arena *arena);

/* Sets `key`; an absent text becomes null. What is no object (a reference that is null, an item that was not found) stays as it is; so below for
 * what is no array. */
void json_put_text(json_t *object, const char *key, struct text value);
void json_put_kept(json_t *object, const char *key, struct text value); /* not copied: it is NUL-terminated and lives as long as the object */
void json_put_string(json_t *object, const char *key, const char *value);
void json_put_int(json_t *object, const char *key, int64_t value);
void json_put_real(json_t *object, const char *key, double value); /* finite */
void json_put_bool(json_t *object, const char *key, bool value);
void json_put_null(json_t *object, const char *key);
void json_put_instant(json_t *object, const char *key, instant value); /* RFC 3339; null when not set */
void json_put(json_t *object, const char *key, json_t *value);         /* NULL becomes null */
void json_put_all(json_t *object, const json_t *other);                /* every member of `other` */
void json_remove(json_t *object, const char *key);                     /* where it has one */
void json_append_text(json_t *array, struct text value);
void json_append_int(json_t *array, int64_t value);
void json_append(json_t *array, json_t *value);                        /* NULL becomes null */
void json_replace(json_t *array, size_t index, json_t *value);

static inline bool json_is(const json_t *value, json_type type) { return value && value->type == type; }
static inline bool json_is_object(const json_t *value) { return json_is(value, JSON_OBJECT); }
static inline bool json_is_array(const json_t *value) { return json_is(value, JSON_ARRAY); }
static inline bool json_is_string(const json_t *value) { return json_is(value, JSON_STRING); }
static inline bool json_is_integer(const json_t *value) { return json_is(value, JSON_INTEGER); }
static inline bool json_is_real(const json_t *value) { return json_is(value, JSON_REAL); }
static inline bool json_is_number(const json_t *value) { return json_is_integer(value) || json_is_real(value); }
static inline bool json_is_true(const json_t *value) { return json_is(value, JSON_TRUE); }
static inline bool json_is_false(const json_t *value) { return json_is(value, JSON_FALSE); }
static inline bool json_is_boolean(const json_t *value) { return json_is_true(value) || json_is_false(value); }
static inline bool json_is_null(const json_t *value) { return json_is(value, JSON_NULL); }

/* Reading. Absent or of another type: TEXT_NONE, `fallback`, NULL, 0. Texts live as long as the value and are NUL-terminated. */
json_t *json_at(const json_t *object, const char *key);
struct text json_text_at(const json_t *object, const char *key);
int64_t json_int_at(const json_t *object, const char *key, int64_t fallback);
bool json_bool_at(const json_t *object, const char *key, bool fallback);
static inline json_t *json_object_get(const json_t *object, const char *key) { return json_at(object, key); }
static inline size_t json_object_size(const json_t *object) { return json_is_object(object) ? object->count : 0; }
static inline size_t json_array_size(const json_t *array) { return json_is_array(array) ? array->count : 0; }
static inline json_t *json_array_get(const json_t *array, size_t index)
{
    return index < json_array_size(array) ? array->in.elements[index] : NULL;
}
static inline struct text json_text_value(const json_t *value) { return json_is_string(value) ? value->text : TEXT_NONE; }
static inline const char *json_string_value(const json_t *value) { return json_is_string(value) ? value->text.data : NULL; }
static inline int64_t json_integer_value(const json_t *value) { return json_is_integer(value) ? value->integer : 0; }
static inline double json_real_value(const json_t *value) { return json_is_real(value) ? value->real : 0; }

/* `index` is a size_t of the caller's, `key` a const char *. Nothing may be added or removed on the way. */
#define json_array_foreach(array, index, value) \
    for ((index) = 0; (index) < json_array_size(array) && ((value) = json_array_get(array, index), true); (index)++)
#define json_object_foreach(object, name, child)                                                                      \
    for (size_t at_##name = 0; at_##name < json_object_size(object) && ((name) = (object)->in.members[at_##name].key.data, \
                                                                        (child) = (object)->in.members[at_##name].value, true); at_##name++)

/* The same value; the order of members does not count, the type of a number does. */
bool json_same(const json_t *a, const json_t *b);

/* Compact document, NUL-terminated, on the arena. Keeps insertion order. */
struct text json_write(struct arena *arena, const json_t *value);

/* The bytes of the value at `path` (object keys, NULL-terminated list) inside a document that json_read
 * accepted, exactly as received; TEXT_NONE when the path leads nowhere. Keeps the sender's custom_details. */
struct text json_raw_at(struct text document, const char *const *path);

#endif
