/* Why: the bytes of one value as the sender wrote them; see json.h. This walks a document that json_read accepted, so it checks nothing but bounds. */
#include "base/json.h"
#include "base/json_node.h"

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

static struct text member_of(struct text d, const char *key)
{
    size_t i = skip_space(d, 0);
    if (i >= d.size || d.data[i] != '{')
        return TEXT_NONE;
    i = skip_space(d, i + 1);
    while (i < d.size && d.data[i] == '"') {
        size_t key_start = i;
        i = skip_string(d, i);
        struct json_node written_key = {.start = d.data + key_start, .size = (uint32_t)(i - key_start) & 0xFFFFFFF, .type = JSON_STRING, .has_escapes = true};
        i = skip_space(d, i);
        i = skip_space(d, i + 1); /* the colon */
        size_t value_start = i;
        i = skip_value(d, i);
        if (json_node_text_is(&written_key, text_of(key)))
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
