/* Why: include[]=services and the like put the whole object where a reference stood. Each object is read once for an answer,
 * however often it appears. */
#ifndef MUSTER_API_EMBED_H
#define MUSTER_API_EMBED_H

#include "api/view.h"

/* One place of an item where a reference may stand. */
struct embed_place {
    const char *include; /* what include[] must name */
    const char *key;     /* of the item */
    const char *inner;   /* NULL: the value of `key` is the reference, or a list of references; else the key inside its elements */
};

/* `places` ends with a zero row. References to what is gone stay references. */
enum err embed_all(const struct view *view, json_t *items, const struct embed_place *places) MUST_CHECK;

#endif
