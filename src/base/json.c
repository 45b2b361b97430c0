/* Why: see json.h. */
#include "base/json.h"

#include <assert.h>
#include <stdlib.h>

static void release(void *value)
{
    json_decref(value);
}

static json_t *own(struct arena *arena, json_t *value)
{
    assert(value);
    arena_on_reset(arena, release, value);
    return value;
}

/* jansson limits its own depth at 2,048 by recursion; ours is checked before it sees a byte. */
static bool depth_is_fine(struct text document)
{
    int depth = 0;
    bool in_string = false;
    for (size_t i = 0; i < document.size; i++) {
        char c = document.data[i];
        if (in_string) {
            if (c == '\\')
                i++;
            else if (c == '"')
                in_string = false;
        } else if (c == '"') {
            in_string = true;
        } else if (c == '{' || c == '[') {
            if (++depth > JSON_DEPTH_MAX)
                return false;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return true;
}

static bool size_and_depth_are_fine(struct text document, struct problem *problem)
{
    if (document.size > JSON_BODY_BYTES_MAX) {
        problem_add(problem, NULL, "JSON document is larger than %d bytes", JSON_BODY_BYTES_MAX);
        return false;
    }
    if (!depth_is_fine(document)) {
        problem_add(problem, NULL, "JSON document is nested deeper than %d levels", JSON_DEPTH_MAX);
        return false;
    }
    return true;
}

static json_t *load(struct text document, size_t flags, json_error_t *ret_error)
{
    return json_loadb(document.data ? document.data : "", document.size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | flags,
                      ret_error);
}

/* jansson 2.14 steps over a NUL byte behind a number or a word. */
static json_t *without_nul(json_t *value, struct text document, struct problem *problem)
{
    const char *nul = value ? memchr(document.data, '\0', document.size) : NULL;
    if (!nul)
        return value;
    problem_add(problem, NULL, "JSON parse error: NUL byte at position %zu", (size_t)(nul - document.data));
    json_decref(value);
    return NULL;
}

static json_t *own_or_explain(struct arena *arena, json_t *value, struct text document, const json_error_t *error,
                              struct problem *problem)
{
    if (value) {
        value = without_nul(value, document, problem);
        return value ? own(arena, value) : NULL;
    }
    problem_add(problem, NULL, "JSON parse error at line %d column %d: %s", error->line, error->column, error->text);
    return NULL;
}

json_t *json_read(struct arena *arena, struct text document, struct problem *problem)
{
    if (!size_and_depth_are_fine(document, problem))
        return NULL;
    json_error_t error;
    json_t *value = load(document, 0, &error);
    return own_or_explain(arena, value, document, &error, problem);
}

json_t *json_read_any_integer(struct arena *arena, struct text document, struct problem *problem)
{
    if (!size_and_depth_are_fine(document, problem))
        return NULL;
    json_error_t error;
    json_t *value = load(document, 0, &error);
    if (!value && json_error_code(&error) == json_error_numeric_overflow)
        value = load(document, JSON_DECODE_INT_AS_REAL, &error);
    return own_or_explain(arena, value, document, &error, problem);
}

json_t *json_object_in(struct arena *arena)
{
    return own(arena, json_object());
}

json_t *json_array_in(struct arena *arena)
{
    return own(arena, json_array());
}

static json_t *from_text(struct text value)
{
    json_t *string = value.data ? json_stringn(value.data, value.size) : json_null();
    return string ? string : json_null(); /* not UTF-8: cannot happen, texts are checked where they come in */
}

void json_put_text(json_t *object, const char *key, struct text value)
{
    json_object_set_new(object, key, from_text(value));
}

void json_put_string(json_t *object, const char *key, const char *value)
{
    json_put_text(object, key, text_of(value));
}

void json_put_int(json_t *object, const char *key, int64_t value)
{
    json_object_set_new(object, key, json_integer(value));
}

void json_put_bool(json_t *object, const char *key, bool value)
{
    json_object_set_new(object, key, json_boolean(value));
}

void json_put_null(json_t *object, const char *key)
{
    json_object_set_new(object, key, json_null());
}

void json_put_instant(json_t *object, const char *key, instant value)
{
    if (!instant_is_set(value)) {
        json_put_null(object, key);
        return;
    }
    struct arena *scratch = arena_new(64 * 1024);
    json_put_text(object, key, instant_format(scratch, value));
    arena_free(scratch);
}

void json_put(json_t *object, const char *key, json_t *value)
{
    if (value)
        json_object_set(object, key, value);
    else
        json_put_null(object, key);
}

void json_append_text(json_t *array, struct text value)
{
    json_array_append_new(array, from_text(value));
}

void json_append(json_t *array, json_t *value)
{
    json_array_append(array, value);
}

struct text json_text_value(const json_t *value)
{
    return json_is_string(value) ? (struct text){json_string_value(value), json_string_length(value)} : TEXT_NONE;
}

json_t *json_at(const json_t *object, const char *key)
{
    return json_object_get(object, key);
}

struct text json_text_at(const json_t *object, const char *key)
{
    return json_text_value(json_object_get(object, key));
}

int64_t json_int_at(const json_t *object, const char *key, int64_t fallback)
{
    const json_t *value = json_object_get(object, key);
    return json_is_integer(value) ? json_integer_value(value) : fallback;
}

bool json_bool_at(const json_t *object, const char *key, bool fallback)
{
    const json_t *value = json_object_get(object, key);
    return json_is_boolean(value) ? json_boolean_value(value) : fallback;
}

/* jansson says how long a document is only by writing it: most fit here at the first try. */
enum { WRITTEN_BYTES_USUAL = 4096 };

struct text json_write(struct arena *arena, const json_t *value)
{
    char usual[WRITTEN_BYTES_USUAL];
    size_t flags = JSON_COMPACT | JSON_ENCODE_ANY;
    size_t size = json_dumpb(value, usual, sizeof usual, flags);
    char *data = arena_alloc(arena, size + 1);
    if (size <= sizeof usual) {
        memcpy(data, usual, size);
    } else {
        size_t written = json_dumpb(value, data, size, flags);
        assert(written == size);
    }
    return (struct text){data, size};
}

/* The scanner below walks a document that jansson accepted, so it checks nothing but bounds. */
static size_t skip_space(struct text d, size_t i)
{
    while (i < d.size && (d.data[i] == ' ' || d.data[i] == '\t' || d.data[i] == '\n' || d.data[i] == '\r'))
        i++;
    return i;
}

static size_t skip_string(struct text d, size_t i)
{
    for (i++; i < d.size && d.data[i] != '"'; i++)
        if (d.data[i] == '\\')
            i++;
    return i < d.size ? i + 1 : d.size;
}

static size_t skip_value(struct text d, size_t i)
{
    int depth = 0;
    while (i < d.size) {
        char c = d.data[i];
        if (c == '"') {
            i = skip_string(d, i);
        } else if (c == '{' || c == '[') {
            depth++;
            i++;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return i;
            depth--;
            i++;
        } else if (depth == 0 && (c == ',' || c == ' ' || c == '\t' || c == '\n' || c == '\r')) {
            return i;
        } else {
            i++;
            continue;
        }
        if (depth == 0)
            return i;
    }
    return i;
}

/* A key may be written with escapes ("\u0061"), so it is compared decoded. */
static bool key_is(struct text raw, const char *key)
{
    if (memchr(raw.data, '\\', raw.size) == NULL)
        return raw.size == strlen(key) + 2 && memcmp(raw.data + 1, key, raw.size - 2) == 0;
    json_t *decoded = json_loadb(raw.data, raw.size, JSON_DECODE_ANY, NULL);
    bool same = json_is_string(decoded) && strcmp(json_string_value(decoded), key) == 0;
    json_decref(decoded);
    return same;
}

static struct text member_of(struct text d, const char *key)
{
    size_t i = skip_space(d, 0);
    if (i >= d.size || d.data[i] != '{')
        return TEXT_NONE;
    i = skip_space(d, i + 1);
    while (i < d.size && d.data[i] == '"') {
        size_t key_start = i;
        i = skip_string(d, i);
        struct text raw_key = text_slice(d, key_start, i);
        i = skip_space(d, i);
        i = skip_space(d, i + 1); /* the colon */
        size_t value_start = i;
        i = skip_value(d, i);
        if (key_is(raw_key, key))
            return text_slice(d, value_start, i);
        i = skip_space(d, i);
        if (i < d.size && d.data[i] == ',')
            i = skip_space(d, i + 1);
    }
    return TEXT_NONE;
}

struct text json_raw_at(struct text document, const char *const *path)
{
    struct text value = document;
    for (; *path && value.data; path++)
        value = member_of(value, *path);
    return value;
}
