/* Why: the few text operations Muster needs, on slices. See text.h for ownership. */
#include "base/text.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static char ascii_lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool text_equal(struct text a, struct text b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.data, b.data, a.size) == 0);
}

bool text_equal_ignoring_case(struct text a, struct text b)
{
    if (a.size != b.size)
        return false;
    for (size_t i = 0; i < a.size; i++)
        if (ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
            return false;
    return true;
}

bool text_is(struct text a, const char *cstring)
{
    return text_equal(a, text_of(cstring));
}

bool text_starts_with(struct text t, struct text prefix)
{
    return t.size >= prefix.size && text_equal((struct text){t.data, prefix.size}, prefix);
}

bool text_ends_with(struct text t, struct text suffix)
{
    return t.size >= suffix.size && text_equal((struct text){t.data + (t.size - suffix.size), suffix.size}, suffix);
}

bool text_contains_ignoring_case(struct text t, struct text part)
{
    if (part.size == 0)
        return true;
    for (size_t i = 0; i + part.size <= t.size; i++)
        if (text_equal_ignoring_case((struct text){t.data + i, part.size}, part))
            return true;
    return false;
}

uint32_t text_hash(struct text t)
{
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i < t.size; i++)
        hash = (hash ^ (unsigned char)t.data[i]) * 16777619u;
    return hash;
}

int text_compare(struct text a, struct text b)
{
    size_t shorter = a.size < b.size ? a.size : b.size;
    int order = shorter ? memcmp(a.data, b.data, shorter) : 0;
    if (order != 0)
        return order;
    return a.size < b.size ? -1 : a.size > b.size;
}

bool text_equal_secret(struct text a, struct text b)
{
    if (a.size != b.size)
        return false;
    unsigned char difference = 0;
    for (size_t i = 0; i < a.size; i++)
        difference |= (unsigned char)(a.data[i] ^ b.data[i]);
    return difference == 0;
}

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f' || c == '\v';
}

struct text text_trim(struct text t)
{
    while (t.size > 0 && is_space(t.data[0])) {
        t.data++;
        t.size--;
    }
    while (t.size > 0 && is_space(t.data[t.size - 1]))
        t.size--;
    return t;
}

struct text text_slice(struct text t, size_t from, size_t to)
{
    if (to > t.size)
        to = t.size;
    if (from > to)
        from = to;
    return (struct text){t.data ? t.data + from : NULL, to - from};
}

size_t text_find_byte(struct text t, char byte, size_t from)
{
    if (from >= t.size)
        return t.size;
    const char *hit = memchr(t.data + from, byte, t.size - from);
    return hit ? (size_t)(hit - t.data) : t.size;
}

size_t text_find(struct text t, struct text part)
{
    for (size_t i = 0; i + part.size <= t.size; i++)
        if (text_equal((struct text){t.data + i, part.size}, part))
            return i;
    return t.size;
}

bool text_next(struct text *rest, char separator, struct text *ret_part)
{
    if (!rest->data)
        return false;
    size_t end = text_find_byte(*rest, separator, 0);
    *ret_part = text_slice(*rest, 0, end);
    *rest = end < rest->size ? text_slice(*rest, end + 1, rest->size) : TEXT_NONE;
    return true;
}

struct text text_copy(struct arena *arena, struct text t)
{
    if (!t.data)
        return t;
    char *copy = arena_space(arena, t.size + 1);
    if (t.size > 0)
        memcpy(copy, t.data, t.size);
    copy[t.size] = '\0';
    return (struct text){copy, t.size};
}

const char *text_cstring(struct arena *arena, struct text t)
{
    return t.data ? text_copy(arena, t).data : NULL;
}

struct text text_lower(struct arena *arena, struct text t)
{
    char *copy = arena_alloc(arena, t.size + 1);
    for (size_t i = 0; i < t.size; i++)
        copy[i] = ascii_lower(t.data[i]);
    return (struct text){copy, t.size};
}

enum { DECIMAL_CHARS_MAX = 20 };

/* Right-aligned. */
static struct text decimal(char digits[static DECIMAL_CHARS_MAX], int64_t value)
{
    size_t at = DECIMAL_CHARS_MAX;
    uint64_t rest = value < 0 ? -(uint64_t)value : (uint64_t)value;
    do
        digits[--at] = (char)('0' + rest % 10);
    while ((rest /= 10) > 0);
    if (value < 0)
        digits[--at] = '-';
    return (struct text){digits + at, DECIMAL_CHARS_MAX - at};
}

struct text text_decimal(struct arena *arena, int64_t value)
{
    char digits[DECIMAL_CHARS_MAX];
    return text_copy(arena, decimal(digits, value));
}

struct text text_join(struct arena *arena, const struct text *parts, size_t count)
{
    size_t size = 0;
    for (size_t i = 0; i < count; i++)
        size += parts[i].size;
    char *data = arena_space(arena, size + 1), *at = data;
    for (size_t i = 0; i < count; i++) {
        if (parts[i].size > 0)
            memcpy(at, parts[i].data, parts[i].size);
        at += parts[i].size;
    }
    *at = '\0';
    return (struct text){data, size};
}

struct text text_printf(struct arena *arena, const char *format, ...)
{
    va_list args;
    struct text text;
    va_start(args, format);
    text.data = arena_vprintf(arena, &text.size, format, args);
    va_end(args);
    return text;
}

bool text_to_int64(struct text t, int64_t *ret_value)
{
    bool negative = t.size > 0 && t.data[0] == '-';
    size_t i = negative ? 1 : 0;
    if (i == t.size)
        return false;
    int64_t value = 0;
    for (; i < t.size; i++) {
        if (t.data[i] < '0' || t.data[i] > '9')
            return false;
        int64_t digit = t.data[i] - '0';
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, negative ? -digit : digit, &value))
            return false;
    }
    *ret_value = value;
    return true;
}

size_t text_utf8_step(struct text t, size_t i)
{
    const unsigned char *s = (const unsigned char *)t.data + i;
    size_t left = t.size - i;
    if (s[0] == 0)
        return 0;
    if (s[0] < 0x80)
        return 1;
    if (s[0] >= 0xC2 && s[0] <= 0xDF)
        return left >= 2 && (s[1] & 0xC0) == 0x80 ? 2 : 0;
    if (s[0] >= 0xE0 && s[0] <= 0xEF) {
        if (left < 3 || (s[1] & 0xC0) != 0x80 || (s[2] & 0xC0) != 0x80)
            return 0;
        if ((s[0] == 0xE0 && s[1] < 0xA0) || (s[0] == 0xED && s[1] > 0x9F))
            return 0;
        return 3;
    }
    if (s[0] >= 0xF0 && s[0] <= 0xF4) {
        if (left < 4 || (s[1] & 0xC0) != 0x80 || (s[2] & 0xC0) != 0x80 || (s[3] & 0xC0) != 0x80)
            return 0;
        if ((s[0] == 0xF0 && s[1] < 0x90) || (s[0] == 0xF4 && s[1] > 0x8F))
            return 0;
        return 4;
    }
    return 0;
}

bool text_is_utf8(struct text t)
{
    for (size_t i = 0; i < t.size;) {
        size_t step = text_utf8_step(t, i);
        if (step == 0)
            return false;
        i += step;
    }
    return true;
}

size_t text_utf8_length(struct text t)
{
    size_t length = 0;
    for (size_t i = 0; i < t.size; i++)
        if (((unsigned char)t.data[i] & 0xC0) != 0x80)
            length++;
    return length;
}

struct text text_utf8_cut(struct text t, size_t bytes_max)
{
    if (t.size <= bytes_max)
        return t;
    while (bytes_max > 0 && ((unsigned char)t.data[bytes_max] & 0xC0) == 0x80)
        bytes_max--;
    return (struct text){t.data, bytes_max};
}

static const char hex_digits[] = "0123456789abcdef";

struct text text_hex(struct arena *arena, const void *bytes, size_t size)
{
    const unsigned char *source = bytes;
    char *data = arena_alloc(arena, size * 2 + 1);
    for (size_t i = 0; i < size; i++) {
        data[2 * i] = hex_digits[source[i] >> 4];
        data[2 * i + 1] = hex_digits[source[i] & 15];
    }
    return (struct text){data, size * 2};
}

struct text text_base64(struct arena *arena, const void *bytes, size_t size)
{
    static const char alphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *s = bytes;
    size_t length = (size + 2) / 3 * 4;
    char *data = arena_alloc(arena, length + 1);
    for (size_t i = 0, o = 0; i < size; i += 3, o += 4) {
        unsigned group = (unsigned)s[i] << 16;
        if (i + 1 < size)
            group |= (unsigned)s[i + 1] << 8;
        if (i + 2 < size)
            group |= s[i + 2];
        data[o] = alphabet[group >> 18];
        data[o + 1] = alphabet[(group >> 12) & 63];
        data[o + 2] = i + 1 < size ? alphabet[(group >> 6) & 63] : '=';
        data[o + 3] = i + 2 < size ? alphabet[group & 63] : '=';
    }
    return (struct text){data, length};
}

static int base64_value(char c)
{
    if (c >= 'A' && c <= 'Z')
        return c - 'A';
    if (c >= 'a' && c <= 'z')
        return c - 'a' + 26;
    if (c >= '0' && c <= '9')
        return c - '0' + 52;
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

struct text text_base64_decode(struct arena *arena, struct text t)
{
    size_t padding = 0, out = 0;
    while (padding < 2 && padding < t.size && t.data[t.size - 1 - padding] == '=')
        padding++;
    if (t.size % 4 != 0)
        return TEXT_NONE;
    char *data = arena_alloc(arena, t.size / 4 * 3 + 1);
    for (size_t i = 0; i < t.size; i += 4) {
        unsigned group = 0;
        for (size_t j = i; j < i + 4; j++) {
            int value = j >= t.size - padding ? 0 : base64_value(t.data[j]);
            if (value < 0)
                return TEXT_NONE;
            group = group << 6 | (unsigned)value;
        }
        data[out++] = (char)(group >> 16);
        data[out++] = (char)(group >> 8);
        data[out++] = (char)group;
    }
    return (struct text){data, out - padding};
}

struct text text_percent_encode(struct arena *arena, struct text t)
{
    struct builder b = builder_new(arena, t.size * 3 + 1);
    for (size_t i = 0; i < t.size; i++) {
        unsigned char c = (unsigned char)t.data[i];
        if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || (c && strchr("-._~", c)))
            builder_add(&b, (struct text){t.data + i, 1});
        else
            builder_printf(&b, "%%%02X", c);
    }
    return builder_text(&b);
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = ascii_lower(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

struct text text_percent_decode(struct arena *arena, struct text t, bool plus_is_space)
{
    char *data = arena_alloc(arena, t.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < t.size; i++) {
        if (t.data[i] == '%' && i + 2 < t.size && hex_value(t.data[i + 1]) >= 0 && hex_value(t.data[i + 2]) >= 0) {
            data[size++] = (char)(hex_value(t.data[i + 1]) * 16 + hex_value(t.data[i + 2]));
            i += 2;
        } else {
            data[size++] = plus_is_space && t.data[i] == '+' ? ' ' : t.data[i];
        }
    }
    return (struct text){data, size};
}

struct text text_html_escape(struct arena *arena, struct text t)
{
    struct builder b = builder_new(arena, t.size * 6 + 1);
    for (size_t i = 0; i < t.size; i++) {
        switch (t.data[i]) {
        case '&': builder_add_string(&b, "&amp;"); break;
        case '<': builder_add_string(&b, "&lt;"); break;
        case '>': builder_add_string(&b, "&gt;"); break;
        case '"': builder_add_string(&b, "&quot;"); break;
        case '\'': builder_add_string(&b, "&#39;"); break;
        default: builder_add(&b, (struct text){t.data + i, 1}); break;
        }
    }
    return builder_text(&b);
}

struct builder builder_new(struct arena *arena, size_t size_max)
{
    return (struct builder){.arena = arena, .size_max = size_max};
}

static void builder_reserve(struct builder *b, size_t extra)
{
    size_t wanted = b->size + extra + 1;
    if (wanted <= b->capacity)
        return;
    size_t capacity = b->capacity ? b->capacity * 2 : 128;
    while (capacity < wanted)
        capacity *= 2;
    char *data = arena_space(b->arena, capacity);
    if (b->size > 0)
        memcpy(data, b->data, b->size);
    b->data = data;
    b->capacity = capacity;
}

char *builder_room(struct builder *b, size_t extra)
{
    if (b->overflowed || extra > b->size_max - b->size)
        return NULL;
    builder_reserve(b, extra);
    return b->data + b->size;
}

void builder_add(struct builder *b, struct text t)
{
    if (b->overflowed || t.size > b->size_max - b->size) {
        b->overflowed = true;
        return;
    }
    builder_reserve(b, t.size);
    if (t.size > 0)
        memcpy(b->data + b->size, t.data, t.size);
    b->size += t.size;
}

void builder_add_string(struct builder *b, const char *cstring)
{
    builder_add(b, text_of(cstring));
}

void builder_add_int(struct builder *b, int64_t value)
{
    char digits[DECIMAL_CHARS_MAX];
    builder_add(b, decimal(digits, value));
}

void builder_printf(struct builder *b, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int length = vsnprintf(NULL, 0, format, args);
    va_end(args);
    assert(length >= 0);
    if (b->overflowed || (size_t)length > b->size_max - b->size) {
        b->overflowed = true;
        return;
    }
    builder_reserve(b, (size_t)length);
    va_start(args, format);
    vsnprintf(b->data + b->size, (size_t)length + 1, format, args);
    va_end(args);
    b->size += (size_t)length;
}

struct text builder_text(struct builder *b)
{
    builder_reserve(b, 0);
    b->data[b->size] = '\0';
    return (struct text){b->data, b->size};
}
