/* Why: see json_escape.h. */
#include "base/json_escape.h"

#include <endian.h>

enum { UNICODE_ESCAPE_BYTES = 6 }; /* \u0000 */

/* The code unit of a \uXXXX, or -1. */
static int32_t code_unit(const char *at, const char *end)
{
    if (end - at < UNICODE_ESCAPE_BYTES || at[0] != '\\' || at[1] != 'u')
        return -1;
    int32_t value = 0;
    for (int i = 2; i < UNICODE_ESCAPE_BYTES; i++) {
        char c = at[i];
        if (c >= '0' && c <= '9')
            value = value << 4 | (c - '0');
        else if ((c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'))
            value = value << 4 | ((c | 0x20) - 'a' + 10);
        else
            return -1;
    }
    return value;
}

static size_t utf8_write(int32_t code_point, char *out)
{
    if (code_point < 0x80) {
        out[0] = (char)code_point;
        return 1;
    }
    size_t size = code_point < 0x800 ? 2 : code_point < 0x10000 ? 3 : 4;
    static const unsigned char leads[] = {[2] = 0xC0, [3] = 0xE0, [4] = 0xF0};
    for (size_t i = size - 1; i > 0; i--, code_point >>= 6)
        out[i] = (char)(0x80 | (code_point & 0x3F));
    out[0] = (char)(leads[size] | code_point);
    return size;
}

static const char *read_unicode(const char *at, const char *end, char *ret, size_t *ret_size)
{
    int32_t unit = code_unit(at, end);
    at += UNICODE_ESCAPE_BYTES;
    if (unit <= 0 || (unit >= 0xDC00 && unit <= 0xDFFF))
        return NULL;
    if (unit >= 0xD800 && unit <= 0xDBFF) {
        int32_t second = code_unit(at, end);
        if (second < 0xDC00 || second > 0xDFFF)
            return NULL;
        at += UNICODE_ESCAPE_BYTES;
        unit = 0x10000 + ((unit - 0xD800) << 10) + (second - 0xDC00);
    }
    *ret_size = utf8_write(unit, ret);
    return at;
}

const char *json_escape_read(const char *at, const char *end, char ret[static JSON_ESCAPE_BYTES_MAX], size_t *ret_size)
{
    if (end - at < 2)
        return NULL;
    switch (at[1]) {
    case '"':
    case '\\':
    case '/': ret[0] = at[1]; break;
    case 'b': ret[0] = '\b'; break;
    case 'f': ret[0] = '\f'; break;
    case 'n': ret[0] = '\n'; break;
    case 'r': ret[0] = '\r'; break;
    case 't': ret[0] = '\t'; break;
    case 'u': return read_unicode(at, end, ret, ret_size);
    default: return NULL;
    }
    *ret_size = 1;
    return at + 2;
}

#define EVERY_BYTE(value) (UINT64_MAX / 0xFF * (value))

/* The highest bit of the lowest byte that is a quote, a backslash, a control character or no ASCII; bytes above it may be marked too,
 * bytes below never: a subtraction that borrows reaches upwards only. ASCII bytes have the highest bit only after one that did. */
static uint64_t mark_special(uint64_t word)
{
    uint64_t control = word - EVERY_BYTE(0x20u);
    uint64_t quote = (word ^ EVERY_BYTE((unsigned)'"')) - EVERY_BYTE(1u);
    uint64_t backslash = (word ^ EVERY_BYTE((unsigned)'\\')) - EVERY_BYTE(1u);
    return (control | quote | backslash | word) & EVERY_BYTE(0x80u);
}

const char *json_skip_plain(const char *at, const char *end)
{
    for (; end - at >= 8; at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        uint64_t special = mark_special(le64toh(word));
        if (special)
            return at + __builtin_ctzll(special) / 8;
    }
    return at;
}

/* What stands for itself at `at`: a character's bytes, or 0. */
static size_t plain_step(struct text value, size_t at)
{
    unsigned char c = (unsigned char)value.data[at];
    if (c >= 0x80)
        return text_utf8_step(value, at);
    return c >= 0x20 && c != '"' && c != '\\';
}

static void write_escape(struct builder *b, char c)
{
    if ((unsigned char)c >= 0x80) {
        builder_add_string(b, "\xEF\xBF\xBD");
        return;
    }
    switch (c) {
    case '"': builder_add_string(b, "\\\""); break;
    case '\\': builder_add_string(b, "\\\\"); break;
    case '\b': builder_add_string(b, "\\b"); break;
    case '\f': builder_add_string(b, "\\f"); break;
    case '\n': builder_add_string(b, "\\n"); break;
    case '\r': builder_add_string(b, "\\r"); break;
    case '\t': builder_add_string(b, "\\t"); break;
    default: builder_printf(b, "\\u%04X", (unsigned)c); break;
    }
}

/* Whether all of it stands for itself. The last eight bytes are looked at as a word once more instead of one by one. */
static bool is_plain(struct text value)
{
    const char *end = value.data + value.size, *at = value.data;
    if (value.size < 8) {
        for (; at < end; at++)
            if ((unsigned char)*at < 0x20 || (unsigned char)*at >= 0x80 || *at == '"' || *at == '\\')
                return false;
        return true;
    }
    return end - json_skip_plain(at, end) < 8 && json_skip_plain(end - 8, end) == end;
}

static bool write_plain(struct builder *b, struct text value)
{
    char *room = is_plain(value) ? builder_room(b, value.size + 2) : NULL;
    if (!room)
        return false;
    room[0] = '"';
    memcpy(room + 1, value.data, value.size);
    room[value.size + 1] = '"';
    b->size += value.size + 2;
    return true;
}

void json_escape_write(struct builder *b, struct text value)
{
    if (!value.data) {
        builder_add_string(b, "null");
        return;
    }
    if (write_plain(b, value))
        return;
    builder_add_byte(b, '"');
    size_t written = 0;
    const char *end = value.data + value.size;
    for (size_t i = (size_t)(json_skip_plain(value.data, end) - value.data); i < value.size;) {
        size_t step = plain_step(value, i);
        if (step == 0) {
            builder_add(b, text_slice(value, written, i));
            write_escape(b, value.data[i]);
            step = 1;
            written = i + 1;
        }
        i = (size_t)(json_skip_plain(value.data + i + step, end) - value.data);
    }
    builder_add(b, (struct text){value.data + written, value.size - written});
    builder_add_byte(b, '"');
}
