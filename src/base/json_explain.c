/* Why: see json_explain.h. The only file that includes jansson's header: its json_t is not ours. */
#include "base/json_explain.h"

#include <jansson.h>

enum { DEPTH_MAX = 64, BYTES_MAX = 5 * 1024 * 1024 }; /* JSON_DEPTH_MAX and JSON_BODY_BYTES_MAX of base/json.h, as its test checks */

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
            if (++depth > DEPTH_MAX)
                return false;
        } else if (c == '}' || c == ']') {
            depth--;
        }
    }
    return true;
}

static bool size_and_depth_are_fine(struct text document, struct problem *problem)
{
    if (document.size > BYTES_MAX) {
        problem_add(problem, NULL, "JSON document is larger than %d bytes", BYTES_MAX);
        return false;
    }
    if (!depth_is_fine(document)) {
        problem_add(problem, NULL, "JSON document is nested deeper than %d levels", DEPTH_MAX);
        return false;
    }
    return true;
}

static json_t *load(struct text document, size_t flags, json_error_t *ret_error)
{
    return json_loadb(document.data ? document.data : "", document.size, JSON_REJECT_DUPLICATES | JSON_DECODE_ANY | flags, ret_error);
}

bool json_explain(struct text document, bool any_integer, struct problem *problem)
{
    if (!size_and_depth_are_fine(document, problem))
        return false;
    json_error_t error;
    json_t *value = load(document, 0, &error);
    if (!value && any_integer && json_error_code(&error) == json_error_numeric_overflow)
        value = load(document, JSON_DECODE_INT_AS_REAL, &error);
    /* jansson 2.14 steps over a NUL byte behind a number or a word. */
    const char *nul = value ? memchr(document.data, '\0', document.size) : NULL;
    if (nul)
        problem_add(problem, NULL, "JSON parse error: NUL byte at position %zu", (size_t)(nul - document.data));
    if (!value)
        problem_add(problem, NULL, "JSON parse error at line %d column %d: %s", error.line, error.column, error.text);
    bool taken = value && !nul;
    json_decref(value);
    return taken;
}
