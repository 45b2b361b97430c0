/* Why: a tree becomes text in one pass, for a few instructions a byte. See json.h. */
#include <assert.h>
#include <stdio.h>

#include "base/json.h"
#include "base/json_escape.h"

enum { NUMBER_CHARS_MAX = 32, REAL_DIGITS = 17, WRITTEN_DEPTH_MAX = 4 * JSON_DEPTH_MAX };

/* As many digits as are needed to read the same double again; always with a point or an exponent, so that it stays a real. The exponent has no plus sign
 * and no zeros in front. */
static void write_real(struct builder *b, double value)
{
    char digits[NUMBER_CHARS_MAX];
    int size = snprintf(digits, sizeof digits, "%.*g", REAL_DIGITS, value);
    assert(size > 0 && (size_t)size < sizeof digits);
    struct text whole = {digits, (size_t)size};
    size_t e = text_find_byte(whole, 'e', 0);
    builder_add(b, text_slice(whole, 0, e));
    if (text_find_byte(whole, '.', 0) == whole.size && e == whole.size)
        builder_add(b, TEXT(".0"));
    if (e == whole.size)
        return;
    builder_add_byte(b, 'e');
    size_t at = e + 1;
    if (digits[at] == '-')
        builder_add_byte(b, '-');
    for (at++; at + 1 < whole.size && digits[at] == '0';)
        at++;
    builder_add(b, text_slice(whole, at, whole.size));
}

static void write_scalar(struct builder *b, const json_t *value)
{
    switch ((json_type)value->type) {
    case JSON_STRING: json_escape_write(b, value->text); break;
    case JSON_INTEGER: builder_add_int(b, value->integer); break;
    case JSON_REAL: write_real(b, value->real); break;
    case JSON_TRUE: builder_add(b, TEXT("true")); break;
    case JSON_FALSE: builder_add(b, TEXT("false")); break;
    case JSON_NULL: builder_add(b, TEXT("null")); break;
    case JSON_OBJECT:
    case JSON_ARRAY: assert(false);
    }
}

struct open_container {
    const json_t *container;
    uint32_t next;
};

/* The next value of the innermost container that has one, behind its comma and key; NULL at the end of all. */
static const json_t *next_value(struct builder *b, struct open_container *open, size_t *depth)
{
    while (*depth > 0) {
        struct open_container *innermost = &open[*depth - 1];
        const json_t *container = innermost->container;
        bool is_object = json_is_object(container);
        if (innermost->next == container->count) {
            builder_add_byte(b, is_object ? '}' : ']');
            (*depth)--;
            continue;
        }
        uint32_t index = innermost->next++;
        if (index > 0)
            builder_add_byte(b, ',');
        if (!is_object)
            return container->in.elements[index];
        json_escape_write(b, container->in.members[index].key);
        builder_add_byte(b, ':');
        return container->in.members[index].value;
    }
    return NULL;
}

struct text json_write(struct arena *arena, const json_t *value)
{
    struct builder b = builder_new(arena, JSON_WRITTEN_BYTES_MAX);
    struct open_container open[WRITTEN_DEPTH_MAX];
    size_t depth = 0;
    while (value) {
        if (json_is_object(value) || json_is_array(value)) {
            assert(depth < WRITTEN_DEPTH_MAX);
            builder_add_byte(&b, json_is_object(value) ? '{' : '[');
            open[depth++] = (struct open_container){.container = value};
        } else {
            write_scalar(&b, value);
        }
        value = next_value(&b, open, &depth);
    }
    assert(!b.overflowed);
    return builder_text(&b);
}
