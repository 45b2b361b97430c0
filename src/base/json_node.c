/* Why: see json_node.h. The bytes were checked by json_scan, so nothing here checks them again. */
#include "base/json_node.h"

#include <assert.h>

#include "base/json_escape.h"

static struct text inside_quotes(const struct json_node *string)
{
    return (struct text){string->start + 1, string->size - 2};
}

/* Takes the next decoded piece off the front of a string's inside: one escape, or the bytes up to one. */
static struct text next_piece(struct text *rest, char buffer[static JSON_ESCAPE_BYTES_MAX])
{
    const char *end = rest->data + rest->size;
    struct text piece = {rest->data, text_find_byte(*rest, '\\', 0)};
    const char *behind = piece.data + piece.size;
    if (piece.size == 0) {
        piece.data = buffer;
        behind = json_escape_read(rest->data, end, buffer, &piece.size);
        assert(behind);
    }
    *rest = (struct text){behind, (size_t)(end - behind)};
    return piece;
}

static struct text decode(struct arena *arena, struct text inside)
{
    char *data = arena_alloc(arena, inside.size + 1), buffer[JSON_ESCAPE_BYTES_MAX];
    size_t size = 0;
    while (inside.size > 0) {
        struct text piece = next_piece(&inside, buffer);
        memcpy(data + size, piece.data, piece.size);
        size += piece.size;
    }
    return (struct text){data, size};
}

/* Without allocation, because somebody can send a hundred thousand escaped keys and each look-up meets them all. */
static bool escaped_is(struct text inside, struct text wanted)
{
    char buffer[JSON_ESCAPE_BYTES_MAX];
    while (inside.size > 0) {
        struct text piece = next_piece(&inside, buffer);
        if (!text_starts_with(wanted, piece))
            return false;
        wanted = text_slice(wanted, piece.size, wanted.size);
    }
    return wanted.size == 0;
}

bool json_node_text_is(const struct json_node *string, struct text wanted)
{
    if (string->has_escapes)
        return escaped_is(inside_quotes(string), wanted);
    return string->size == wanted.size + 2u && (wanted.size == 0 || memcmp(string->start + 1, wanted.data, wanted.size) == 0);
}

const struct json_node *json_node_member(const struct json_node *object, const char *key)
{
    if (!json_node_is(object, JSON_OBJECT))
        return NULL;
    struct text wanted = text_of(key);
    const struct json_node *end = object + object->after;
    for (const struct json_node *node = object + 1; node < end; node += 1 + node[1].after)
        if ((node->size == wanted.size + 2u || node->has_escapes) && json_node_text_is(node, wanted)) /* most keys have another length */
            return node + 1;
    return NULL;
}

struct text json_node_text(struct arena *arena, const struct json_node *node)
{
    if (!json_node_is(node, JSON_STRING))
        return TEXT_NONE;
    return node->has_escapes ? decode(arena, inside_quotes(node)) : inside_quotes(node);
}

struct text json_node_text_at(struct arena *arena, const struct json_node *object, const char *key)
{
    return json_node_text(arena, json_node_member(object, key));
}

int64_t json_node_int_at(const struct json_node *object, const char *key, int64_t fallback)
{
    const struct json_node *node = json_node_member(object, key);
    int64_t value;
    return json_node_is(node, JSON_INTEGER) && text_to_int64(json_node_raw(node), &value) ? value : fallback;
}

const struct json_node *json_node_next(const struct json_node *container, const struct json_node *previous)
{
    bool is_object = json_node_is(container, JSON_OBJECT);
    if (!is_object && !json_node_is(container, JSON_ARRAY))
        return NULL;
    const struct json_node *next = previous ? previous + previous->after : container + 1;
    if (next >= container + container->after)
        return NULL;
    return is_object ? next + 1 : next;
}

size_t json_node_count(const struct json_node *container)
{
    size_t count = 0;
    json_node_each(container, child)
        count++;
    return count;
}

struct text json_node_key(struct arena *arena, const struct json_node *member)
{
    return json_node_text(arena, member - 1);
}
