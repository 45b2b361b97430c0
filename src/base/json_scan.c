/* Why: see json_scan.h. Containers that are open stand in an array of fixed size, so there is no recursion. Functions that look for
 * the end of something return what is behind it, or NULL when it is malformed. */
#include "base/json_scan.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/json_escape.h"
#include "base/json_explain.h"

struct open_container {
    uint32_t node;
    uint32_t keys;
    char closer;
};

struct scan {
    struct arena *arena;
    const char *end; /* of the document */
    struct json_node *nodes;
    size_t count, capacity;
    struct open_container open[JSON_DEPTH_MAX];
    size_t depth;
};

static_assert(JSON_BODY_BYTES_MAX < 1 << 28, "a node's size and distance have room for the largest document");

static inline void add_node(struct scan *s, json_type type, const char *start, const char *end, bool has_escapes)
{
    if (s->count == s->capacity)
        s->nodes = arena_grow(s->arena, s->nodes, s->count, &s->capacity, sizeof *s->nodes);
    s->nodes[s->count++] = (struct json_node){
        .start = start, .size = (uint32_t)(end - start) & 0xFFFFFFF, .type = type & 0xF, .after = 1, .has_escapes = has_escapes};
}

static const char *skip_space(const char *at, const char *end)
{
    while (at < end && (unsigned char)*at <= ' ' && (*at == ' ' || *at == '\n' || *at == '\r' || *at == '\t'))
        at++;
    return at;
}

/* Strings -------------------------------------------------------------------------------------------------------------- */

/* Behind one character that json_skip_plain did not skip and that is no quote. */
static const char *character_end(const char *at, const char *end)
{
    char decoded[JSON_ESCAPE_BYTES_MAX];
    size_t size;
    if (*at == '\\')
        return json_escape_read(at, end, decoded, &size);
    size = (unsigned char)*at < 0x20 ? 0 : text_utf8_step((struct text){at, (size_t)(end - at)}, 0);
    return size > 0 ? at + size : NULL;
}

static const char *scan_string(struct scan *s, const char *start)
{
    bool has_escapes = false;
    const char *at = json_skip_plain(start + 1, s->end);
    while (at < s->end && *at != '"') {
        has_escapes |= *at == '\\';
        at = character_end(at, s->end);
        if (!at)
            return NULL;
        at = json_skip_plain(at, s->end);
    }
    if (at == s->end)
        return NULL;
    add_node(s, JSON_STRING, start, at + 1, has_escapes);
    return at + 1;
}

/* Numbers -------------------------------------------------------------------------------------------------------------- */

enum {
    DOUBLE_DIGITS_SAFE = 308,      /* whatever is below 10^308 is a finite double */
    EXPONENT_ENOUGH = 100000000,   /* more than any number of digits can make up for */
    NUMBER_BYTES_USUAL = 64,
};

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

/* As jansson decides it: by strtod. A process that never calls setlocale has the point that JSON has. */
static bool is_beyond_double(struct arena *arena, const char *start, const char *end)
{
    char usual[NUMBER_BYTES_USUAL];
    size_t size = (size_t)(end - start);
    char *copy = size < sizeof usual ? usual : arena_alloc(arena, size + 1);
    memcpy(copy, start, size);
    copy[size] = '\0';
    return isinf(strtod(copy, NULL));
}

/* `at` is behind the e. */
static const char *exponent_end(const char *at, const char *end, int64_t *ret)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    const char *behind = skip_digits(at, end);
    int64_t value = 0;
    for (const char *digit = at; digit < behind && value < EXPONENT_ENOUGH; digit++)
        value = value * 10 + (*digit - '0');
    *ret = negative ? -value : value;
    return behind > at ? behind : NULL;
}

static const char *scan_number(struct scan *s, const char *start)
{
    const char *digits = *start == '-' ? start + 1 : start;
    const char *at = skip_digits(digits, s->end);
    int64_t whole = at - digits, exponent = 0;
    json_type type = JSON_INTEGER;
    if (whole == 0 || (whole > 1 && *digits == '0'))
        return NULL;
    if (at < s->end && *at == '.') {
        const char *fraction = at + 1;
        at = skip_digits(fraction, s->end);
        type = JSON_REAL;
        if (at == fraction)
            return NULL;
    }
    if (at < s->end && (*at == 'e' || *at == 'E')) {
        at = exponent_end(at + 1, s->end, &exponent);
        type = JSON_REAL;
        if (!at)
            return NULL;
    }
    if (whole + exponent > DOUBLE_DIGITS_SAFE && is_beyond_double(s->arena, start, at))
        return NULL;
    add_node(s, type, start, at, false);
    return at;
}

/* Keys ----------------------------------------------------------------------------------------------------------------- */

enum { KEYS_COMPARED_IN_PAIRS = 16 };

static int compare_keys(const void *left, const void *right)
{
    const struct text *a = left, *b = right;
    if (a->size != b->size)
        return a->size < b->size ? -1 : 1;
    return memcmp(a->data, b->data, a->size);
}

/* Sorted and not hashed: no choice of keys makes it slow. */
static bool sorted_keys_differ(struct text *keys, size_t count)
{
    qsort(keys, count, sizeof *keys, compare_keys);
    for (size_t i = 1; i < count; i++)
        if (compare_keys(&keys[i - 1], &keys[i]) == 0)
            return false;
    return true;
}

static bool is_among(struct text key, const struct text *keys, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (keys[i].size == key.size && memcmp(keys[i].data, key.data, key.size) == 0)
            return true;
    return false;
}

static bool keys_differ(struct scan *s, const struct json_node *object, size_t count)
{
    struct text few[KEYS_COMPARED_IN_PAIRS];
    bool in_pairs = count <= KEYS_COMPARED_IN_PAIRS;
    struct text *keys = in_pairs ? few : ARENA_ARRAY(s->arena, struct text, count);
    const struct json_node *key = object + 1;
    for (size_t i = 0; i < count; i++, key += 1 + key[1].after) {
        keys[i] = key->has_escapes ? json_node_text(s->arena, key) : (struct text){key->start + 1, key->size - 2};
        if (in_pairs && is_among(keys[i], keys, i))
            return false;
    }
    return in_pairs || sorted_keys_differ(keys, count);
}

/* Structure ------------------------------------------------------------------------------------------------------------ */

static const char *scan_word(struct scan *s, const char *start)
{
    static const struct {
        struct text word;
        json_type type;
    } words[] = {{{"true", 4}, JSON_TRUE}, {{"false", 5}, JSON_FALSE}, {{"null", 4}, JSON_NULL}};
    struct text rest = {start, (size_t)(s->end - start)};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (text_starts_with(rest, words[i].word)) {
            const char *end = start + words[i].word.size;
            add_node(s, words[i].type, start, end, false);
            return end;
        }
    }
    return NULL;
}

/* A member's key with its colon, after a `{` or a comma. */
static const char *scan_key(struct scan *s, const char *at)
{
    at = skip_space(at, s->end);
    if (at == s->end || *at != '"')
        return NULL;
    s->open[s->depth - 1].keys++;
    at = scan_string(s, at);
    if (at)
        at = skip_space(at, s->end);
    return at && at < s->end && *at == ':' ? at + 1 : NULL;
}

static bool open_container(struct scan *s, const char *at)
{
    if (s->depth == JSON_DEPTH_MAX)
        return false;
    bool is_object = *at == '{';
    s->open[s->depth++] = (struct open_container){.node = (uint32_t)s->count, .closer = is_object ? '}' : ']'};
    add_node(s, is_object ? JSON_OBJECT : JSON_ARRAY, at, at + 1, false);
    return true;
}

/* `end`: behind the closer. */
static bool close_container(struct scan *s, const char *end)
{
    const struct open_container *open = &s->open[--s->depth];
    struct json_node *node = &s->nodes[open->node];
    node->size = (uint32_t)(end - node->start) & 0xFFFFFFF;
    node->after = (uint32_t)(s->count - open->node) & 0x7FFFFFFF;
    return open->keys < 2 || keys_differ(s, node, open->keys);
}

/* Opens containers until a value is complete or a container turns out to be empty. */
static const char *scan_value(struct scan *s, const char *at)
{
    for (;;) {
        at = skip_space(at, s->end);
        if (at == s->end)
            return NULL;
        char c = *at;
        if (c == '"')
            return scan_string(s, at);
        if (c == '-' || (c >= '0' && c <= '9'))
            return scan_number(s, at);
        if (c != '{' && c != '[')
            return scan_word(s, at);
        if (!open_container(s, at))
            return NULL;
        at = skip_space(at + 1, s->end);
        if (at < s->end && *at == s->open[s->depth - 1].closer)
            return at;
        if (c == '{')
            at = scan_key(s, at);
        if (!at)
            return NULL;
    }
}

/* Behind a value: closes what ends here. Returns where the next value begins, or the end of the outermost. */
static const char *scan_closers(struct scan *s, const char *at)
{
    while (s->depth > 0) {
        const struct open_container *open = &s->open[s->depth - 1];
        at = skip_space(at, s->end);
        if (at == s->end)
            return NULL;
        if (*at == ',')
            return open->closer == '}' ? scan_key(s, at + 1) : at + 1;
        if (*at != open->closer || !close_container(s, at + 1))
            return NULL;
        at++;
    }
    return at;
}

static bool scan_document(struct scan *s, const char *at)
{
    do {
        at = scan_value(s, at);
        if (at)
            at = scan_closers(s, at);
    } while (at && s->depth > 0);
    return at && skip_space(at, s->end) == s->end;
}

static enum err explain(struct text document, struct problem *problem)
{
    if (!json_explain(document, true, problem))
        return ERR_INVALID;
    problem_add(problem, NULL, "JSON parse error: the readers do not agree about this document");
    return ERR_INTERNAL;
}

enum err json_scan(struct arena *arena, struct text document, struct problem *problem, const struct json_node **ret)
{
    enum { BYTES_PER_NODE_USUAL = 8, NODES_MIN = 8 };
    if (!document.data || document.size > JSON_BODY_BYTES_MAX)
        return explain(document, problem);
    struct scan *s = ARENA_NEW(arena, struct scan);
    s->arena = arena;
    s->end = document.data + document.size;
    s->capacity = document.size / BYTES_PER_NODE_USUAL + NODES_MIN;
    s->nodes = ARENA_ARRAY(arena, struct json_node, s->capacity);
    if (!scan_document(s, document.data))
        return explain(document, problem);
    *ret = s->nodes;
    return OK;
}
