/* Why: tests ask jansson for its opinion of a document. Its header cannot stand beside base/json.h (both name a json_t), so the three functions are declared here. */
#ifndef MUSTER_BASE_JANSSON_TEST_H
#define MUSTER_BASE_JANSSON_TEST_H

#include <stdlib.h>

#include "base/text.h"

void *json_loadb(const char *buffer, size_t size, size_t flags, void *error);
char *json_dumps(const void *value, size_t flags);
void json_delete(void *value);

/* As jansson writes what it reads there: compact, in the same order. TEXT_NONE: it refuses the document, or one of its integers is beyond 64 bits. */
static inline struct text as_jansson_writes(struct arena *memory, struct text document)
{
    enum { REJECT_DUPLICATES = 0x1, DECODE_ANY = 0x4, COMPACT = 0x20, ENCODE_ANY = 0x200 };
    void *value = json_loadb(document.data, document.size, REJECT_DUPLICATES | DECODE_ANY, NULL);
    if (!value)
        return TEXT_NONE;
    char *written = json_dumps(value, COMPACT | ENCODE_ANY);
    struct text copy = text_copy(memory, text_of(written));
    free(written);
    json_delete(value); /* the document is one value, and nobody else holds it */
    return copy;
}

#endif
