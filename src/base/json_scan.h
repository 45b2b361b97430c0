/* Why: what a stranger sends is looked at once, byte by byte, and that pass should cost little more than reading it. jansson
 * builds a tree for it, five allocations a member; this makes one array of ranges.
 *
 * Takes exactly what json_read_any_integer takes (tests/fuzz compares the two on every input): the whole input is one
 * document (RFC 8259), UTF-8, no key twice in an object, no U+0000, no number beyond the range of a double, nesting up to
 * JSON_DEPTH_MAX, size up to JSON_BODY_BYTES_MAX. Time is at most n log n in the bytes, whatever they are; the arena gives at
 * most 20 times the document. */
#ifndef MUSTER_BASE_JSON_SCAN_H
#define MUSTER_BASE_JSON_SCAN_H

#include "base/json.h"
#include "base/json_node.h"

/* `*ret` is the document's value. ERR_INVALID: one mistake is added, in jansson's words with line and column.
 * ERR_INTERNAL: this scanner refuses what jansson takes, one of them is wrong; a mistake is added, the caller logs it. */
enum err json_scan(struct arena *arena, struct text document, struct problem *problem, const struct json_node **ret) MUST_CHECK;

#endif
