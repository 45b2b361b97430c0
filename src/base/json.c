/* Why: see json.h. */
#include "base/json.h"

#include <assert.h>
#include <stdlib.h>

#include "base/json_explain.h"
#include "base/json_node.h"
#include "base/json_scan.h"

enum { MEMBERS_AT_FIRST = 8, MEMBERS_WALKED_MAX = 16 };

/* Nobody changes a value that is no container, so these stand everywhere. */
static json_t null_value = {.type = JSON_NULL}, true_value = {.type = JSON_TRUE}, false_value = {.type = JSON_FALSE};

/* Values --------------------------------------------------------------------------------------------------------------- */

static json_t *container_in(struct arena *arena, json_type type)
{
    json_t *value = ARENA_NEW(arena, json_t);
    value->type = type;
    value->in.arena = arena;
    return value;
}

json_t *json_object_in(struct arena *arena)
{
    return container_in(arena, JSON_OBJECT);
}

json_t *json_array_in(struct arena *arena)
{
    return container_in(arena, JSON_ARRAY);
}

/* The value and its bytes in one piece. */
static json_t *text_in(struct arena *arena, struct text text)
{
    if (!text.data)
        return &null_value;
    json_t *value = arena_space(arena, sizeof *value + text.size + 1);
    char *data = (char *)(value + 1);
    value->type = JSON_STRING;
    memcpy(data, text.data, text.size);
    data[text.size] = '\0';
    value->text = (struct text){data, text.size};
    return value;
}

static json_t *integer_in(struct arena *arena, int64_t integer)
{
    json_t *value = ARENA_NEW(arena, json_t);
    value->type = JSON_INTEGER;
    value->integer = integer;
    return value;
}

static json_t *real_in(struct arena *arena, double real)
{
    json_t *value = ARENA_NEW(arena, json_t);
    value->type = JSON_REAL;
    value->real = real;
    return value;
}

/* Objects -------------------------------------------------------------------------------------------------------------- */

/* Members of a large object are found by an open table of their places (1 is the first, 0 is free) that stands behind them, half full at most. Where an object
 * lies is in the hash, so that nobody outside can choose keys that meet. */
static bool is_indexed(const json_t *object)
{
    return object->capacity > MEMBERS_WALKED_MAX;
}

static uint32_t *places_of(const json_t *object)
{
    return (uint32_t *)(object->in.members + object->capacity);
}

static uint32_t first_place(const json_t *object, struct text key)
{
    uint64_t hash = (uintptr_t)object;
    for (size_t i = 0; i < key.size; i++)
        hash = (hash ^ (unsigned char)key.data[i]) * UINT64_C(0x100000001B3);
    return (uint32_t)(hash >> 32 ^ hash) & (2 * object->capacity - 1);
}

static bool is_key(const struct json_member *member, struct text key)
{
    return member->key.size == key.size && memcmp(member->key.data, key.data, key.size) == 0;
}

/* The place of that key, or the free one where it belongs. */
static uint32_t *place_for(const json_t *object, struct text key)
{
    uint32_t *places = places_of(object), mask = 2 * object->capacity - 1, at = first_place(object, key);
    while (places[at] > 0 && !is_key(&object->in.members[places[at] - 1], key))
        at = (at + 1) & mask;
    return &places[at];
}

static struct json_member *member_of(const json_t *object, struct text key)
{
    struct json_member *members = object->in.members;
    if (is_indexed(object)) {
        const uint32_t *place = place_for(object, key);
        return *place > 0 ? &members[*place - 1] : NULL;
    }
    for (uint32_t i = 0; i < object->count; i++)
        if (is_key(&members[i], key))
            return &members[i];
    return NULL;
}

static void index_all(json_t *object)
{
    memset(places_of(object), 0, 2 * object->capacity * sizeof(uint32_t));
    for (uint32_t i = 0; i < object->count; i++)
        *place_for(object, object->in.members[i].key) = i + 1;
}

/* A capacity is a power of two. */
static void make_room(json_t *container, uint32_t capacity, size_t item_size, size_t index_bytes)
{
    void *items = arena_space(container->in.arena, capacity * (item_size + index_bytes));
    if (container->count > 0)
        memcpy(items, container->in.members, container->count * item_size);
    container->in.members = items;
    container->capacity = capacity;
}

static uint32_t next_capacity(const json_t *container)
{
    assert(container->capacity < UINT32_MAX / 4);
    return container->capacity ? 2 * container->capacity : MEMBERS_AT_FIRST;
}

static void make_room_for_members(json_t *object, uint32_t capacity)
{
    make_room(object, capacity, sizeof *object->in.members, capacity > MEMBERS_WALKED_MAX ? 2 * sizeof(uint32_t) : 0);
    if (is_indexed(object))
        index_all(object);
}

json_t *json_object_for(struct arena *arena, uint32_t members)
{
    json_t *object = container_in(arena, JSON_OBJECT);
    uint32_t capacity = MEMBERS_AT_FIRST;
    assert(members < UINT32_MAX / 4);
    while (capacity < members)
        capacity *= 2;
    make_room_for_members(object, capacity);
    return object;
}

/* `key` is known to be new and there is room. */
static void append_member(json_t *object, struct text key, json_t *value)
{
    char *copy = arena_space(object->in.arena, key.size + 1);
    memcpy(copy, key.data, key.size);
    copy[key.size] = '\0';
    object->in.members[object->count++] = (struct json_member){{copy, key.size}, value};
}

/* `key` is known to be new. */
static void add_member(json_t *object, struct text key, json_t *value)
{
    if (object->count == object->capacity)
        make_room_for_members(object, next_capacity(object));
    append_member(object, key, value);
    if (is_indexed(object))
        *place_for(object, key) = object->count;
}

static void put(json_t *object, struct text key, json_t *value)
{
    if (is_indexed(object) && object->count < object->capacity) { /* hashed once */
        uint32_t *place = place_for(object, key);
        if (*place > 0) {
            object->in.members[*place - 1].value = value;
            return;
        }
        append_member(object, key, value);
        *place = object->count;
        return;
    }
    struct json_member *member = member_of(object, key);
    if (member)
        member->value = value;
    else
        add_member(object, key, value);
}

void json_put_text(json_t *object, const char *key, struct text value)
{
    if (json_is_object(object))
        put(object, text_of(key), text_in(object->in.arena, value));
}

void json_put_kept(json_t *object, const char *key, struct text value)
{
    if (!json_is_object(object))
        return;
    json_t *kept = value.data ? ARENA_NEW(object->in.arena, json_t) : &null_value;
    if (value.data) {
        kept->type = JSON_STRING;
        kept->text = value;
    }
    put(object, text_of(key), kept);
}

void json_put_string(json_t *object, const char *key, const char *value)
{
    json_put_text(object, key, text_of(value));
}

void json_put_int(json_t *object, const char *key, int64_t value)
{
    if (json_is_object(object))
        put(object, text_of(key), integer_in(object->in.arena, value));
}

void json_put_real(json_t *object, const char *key, double value)
{
    if (json_is_object(object))
        put(object, text_of(key), real_in(object->in.arena, value));
}

void json_put_bool(json_t *object, const char *key, bool value)
{
    json_put(object, key, value ? &true_value : &false_value);
}

void json_put_null(json_t *object, const char *key)
{
    json_put(object, key, &null_value);
}

void json_put_instant(json_t *object, const char *key, instant value)
{
    if (json_is_object(object))
        json_put_text(object, key, instant_is_set(value) ? instant_format(object->in.arena, value) : TEXT_NONE);
}

void json_put(json_t *object, const char *key, json_t *value)
{
    if (json_is_object(object))
        put(object, text_of(key), value ? value : &null_value);
}

void json_put_all(json_t *object, const json_t *other)
{
    for (size_t i = 0; json_is_object(object) && i < json_object_size(other); i++)
        put(object, other->in.members[i].key, other->in.members[i].value);
}

void json_remove(json_t *object, const char *key)
{
    struct json_member *member = json_is_object(object) ? member_of(object, text_of(key)) : NULL;
    if (!member)
        return;
    const struct json_member *end = object->in.members + object->count;
    memmove(member, member + 1, (size_t)(end - member - 1) * sizeof *member);
    object->count--;
    if (is_indexed(object))
        index_all(object);
}

/* Arrays --------------------------------------------------------------------------------------------------------------- */

void json_append(json_t *array, json_t *value)
{
    if (!json_is_array(array))
        return;
    if (array->count == array->capacity)
        make_room(array, next_capacity(array), sizeof *array->in.elements, 0);
    array->in.elements[array->count++] = value ? value : &null_value;
}

void json_append_text(json_t *array, struct text value)
{
    if (json_is_array(array))
        json_append(array, text_in(array->in.arena, value));
}

void json_append_int(json_t *array, int64_t value)
{
    if (json_is_array(array))
        json_append(array, integer_in(array->in.arena, value));
}

void json_replace(json_t *array, size_t index, json_t *value)
{
    assert(index < json_array_size(array));
    array->in.elements[index] = value;
}

/* Reading -------------------------------------------------------------------------------------------------------------- */

json_t *json_at(const json_t *object, const char *key)
{
    const struct json_member *member = json_is_object(object) ? member_of(object, text_of(key)) : NULL;
    return member ? member->value : NULL;
}

struct text json_text_at(const json_t *object, const char *key)
{
    return json_text_value(json_at(object, key));
}

int64_t json_int_at(const json_t *object, const char *key, int64_t fallback)
{
    const json_t *value = json_at(object, key);
    return json_is_integer(value) ? value->integer : fallback;
}

bool json_bool_at(const json_t *object, const char *key, bool fallback)
{
    const json_t *value = json_at(object, key);
    return json_is_boolean(value) ? json_is_true(value) : fallback;
}

static bool same_members(const json_t *a, const json_t *b)
{
    for (uint32_t i = 0; i < a->count; i++) {
        const struct json_member *left = &a->in.members[i], *right = i < b->count ? &b->in.members[i] : NULL;
        if (!right || !text_equal(left->key, right->key)) /* usually the same order */
            right = member_of(b, left->key);
        if (!right || !json_same(left->value, right->value))
            return false;
    }
    return true;
}

/* As deep as the shallower one. */
bool json_same(const json_t *a, const json_t *b)
{
    if (!a || !b || a->type != b->type)
        return false;
    switch ((json_type)a->type) {
    case JSON_OBJECT: return a->count == b->count && same_members(a, b);
    case JSON_ARRAY:
        for (uint32_t i = 0; i < a->count && i < b->count; i++)
            if (!json_same(a->in.elements[i], b->in.elements[i]))
                return false;
        return a->count == b->count;
    case JSON_STRING: return text_equal(a->text, b->text);
    case JSON_INTEGER: return a->integer == b->integer;
    case JSON_REAL: return a->real == b->real;
    case JSON_TRUE:
    case JSON_FALSE:
    case JSON_NULL: break;
    }
    return true;
}

/* Parsing -------------------------------------------------------------------------------------------------------------- */

struct building {
    struct arena *arena;
    bool any_integer, refused; /* an integer beyond 64 bits where it is not fine */
};

static json_t *number_of(struct building *building, const struct json_node *node)
{
    int64_t integer;
    bool is_integer = json_node_is(node, JSON_INTEGER);
    if (is_integer && text_to_int64(json_node_raw(node), &integer))
        return integer_in(building->arena, integer);
    building->refused |= is_integer && !building->any_integer;
    return real_in(building->arena, strtod(text_cstring(building->arena, json_node_raw(node)), NULL));
}

static json_t *value_of(struct building *building, const struct json_node *node)
{
    switch ((json_type)node->type) {
    case JSON_OBJECT:
    case JSON_ARRAY: return container_in(building->arena, (json_type)node->type);
    case JSON_STRING: return text_in(building->arena, json_node_text(building->arena, node));
    case JSON_INTEGER:
    case JSON_REAL: return number_of(building, node);
    case JSON_TRUE: return &true_value;
    case JSON_FALSE: return &false_value;
    case JSON_NULL: break;
    }
    return &null_value;
}

/* Nodes stand in the order of the document, so a stack of the containers that are open is enough. */
static json_t *tree_of(struct building *building, const struct json_node *root)
{
    struct {
        json_t *container;
        const struct json_node *end;
    } open[JSON_DEPTH_MAX];
    size_t depth = 0;
    json_t *whole = NULL;
    for (const struct json_node *node = root; node < root + root->after; node++) {
        while (depth > 0 && node == open[depth - 1].end)
            depth--;
        json_t *container = depth > 0 ? open[depth - 1].container : NULL;
        struct text key = TEXT_NONE;
        if (json_is_object(container))
            key = json_node_text(building->arena, node++);
        json_t *value = value_of(building, node);
        if (json_is_object(container))
            add_member(container, key, value);
        else if (container)
            json_append(container, value);
        else
            whole = value;
        if (json_is_object(value) || json_is_array(value)) {
            open[depth].container = value;
            open[depth++].end = node + node->after;
        }
    }
    return whole;
}

static json_t *read_document(struct arena *arena, struct text document, bool any_integer, struct problem *problem)
{
    const struct json_node *root;
    if (json_scan(arena, document, problem, &root) != OK)
        return NULL;
    struct building building = {.arena = arena, .any_integer = any_integer};
    json_t *value = tree_of(&building, root);
    if (building.refused && json_explain(document, false, problem))
        problem_add(problem, NULL, "JSON parse error: the readers do not agree about this document");
    return building.refused ? NULL : value;
}

json_t *json_read(struct arena *arena, struct text document, struct problem *problem)
{
    return read_document(arena, document, false, problem);
}

json_t *json_read_any_integer(struct arena *arena, struct text document, struct problem *problem)
{
    return read_document(arena, document, true, problem);
}
