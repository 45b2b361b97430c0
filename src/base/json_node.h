/* Why: the values of a document that json_scan accepted, without a tree of copies: a node is a range of the received bytes.
 *
 * The nodes of a document lie in one array, each container before what it holds, each member's key (a string node) before
 * its value. They and the texts taken from them live as long as the document and the arena given to json_scan. A NULL node
 * is an absent value and allowed everywhere. */
#ifndef MUSTER_BASE_JSON_NODE_H
#define MUSTER_BASE_JSON_NODE_H

#include "base/json.h"

struct json_node {
    const char *start;        /* in the document */
    uint32_t size : 28;       /* bytes as received; JSON_BODY_BYTES_MAX is far below */
    uint32_t type : 4;        /* json_type */
    uint32_t after : 31;      /* the node behind this value and all it holds is this many further */
    uint32_t has_escapes : 1; /* of a string */
};

static inline bool json_node_is(const struct json_node *node, json_type type) { return node && node->type == type; }
/* The bytes as received; TEXT_NONE of an absent one. */
static inline struct text json_node_raw(const struct json_node *node)
{
    return node ? (struct text){node->start, node->size} : TEXT_NONE;
}

/* The value of member `key`; NULL when `object` has none or is no object. Looks at every member before it. */
const struct json_node *json_node_member(const struct json_node *object, const char *key);

/* A string without its escapes (on the arena where it has some, else the received bytes); TEXT_NONE of anything else. */
struct text json_node_text(struct arena *arena, const struct json_node *node);
/* Without allocation; `string` is one. has_escapes may be set where there is none. */
bool json_node_text_is(const struct json_node *string, struct text wanted);
struct text json_node_text_at(struct arena *arena, const struct json_node *object, const char *key);
/* False for everything but true. */
static inline bool json_node_true_at(const struct json_node *object, const char *key) { return json_node_is(json_node_member(object, key), JSON_TRUE); }
/* An integer of 64 bits; `fallback` for anything else. */
int64_t json_node_int_at(const struct json_node *object, const char *key, int64_t fallback);

/* The value behind `previous` in an array or object, the first behind NULL; NULL at the end and where nothing is held. */
const struct json_node *json_node_next(const struct json_node *container, const struct json_node *previous);
#define json_node_each(container, child)                                                                               \
    for (const struct json_node *child = json_node_next(container, NULL); child; child = json_node_next(container, child))
/* Values in an array or object; counts them. */
size_t json_node_count(const struct json_node *container);
/* The key of a value that came out of an object. */
struct text json_node_key(struct arena *arena, const struct json_node *member);

#endif
