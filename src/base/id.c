/* Why: see id.h. A four-round Feistel network over 64 bits is a permutation whatever its round function is. */
#include "base/id.h"

#include <string.h>

static const char base36[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
enum { PUBLIC_DIGITS = 13 }; /* 36^13 > 2^64 */

static struct text random_digits(struct env *env, struct arena *arena, const char *prefix, size_t length, const char *alphabet)
{
    size_t prefix_length = strlen(prefix);
    char *data = arena_alloc(arena, prefix_length + length + 1);
    memcpy(data, prefix, prefix_length);
    for (size_t i = 0; i < length;) {
        unsigned char byte;
        env_random(env, &byte, 1);
        if (byte < 252) /* 7 * 36: no digit is likelier than another */
            data[prefix_length + i++] = alphabet[byte % 36];
    }
    return (struct text){data, prefix_length + length};
}

struct text id_new_object(struct env *env, struct arena *arena)
{
    return random_digits(env, arena, "P", PUBLIC_DIGITS, base36);
}

struct text id_new_key(struct env *env, struct arena *arena, size_t length)
{
    return random_digits(env, arena, "", length, "0123456789abcdefghijklmnopqrstuvwxyz");
}

static uint32_t round_of(uint32_t half, uint32_t round, enum id_kind kind)
{
    uint32_t x = half ^ (0x9E3779B9u * (round + 1)) ^ ((uint32_t)kind * 0x85EBCA6Bu);
    x ^= x >> 16;
    x *= 0x7FEB352Du;
    x ^= x >> 15;
    x *= 0x846CA68Bu;
    return x ^ (x >> 16);
}

static uint64_t permute(uint64_t value, enum id_kind kind, bool backwards)
{
    uint32_t left = (uint32_t)(value >> 32), right = (uint32_t)value;
    for (uint32_t i = 0; i < 4; i++) {
        if (backwards) {
            uint32_t previous = right ^ round_of(left, 3 - i, kind);
            right = left;
            left = previous;
        } else {
            uint32_t next = left ^ round_of(right, i, kind);
            left = right;
            right = next;
        }
    }
    return (uint64_t)left << 32 | right;
}

struct text id_public(struct arena *arena, enum id_kind kind, int64_t number)
{
    uint64_t value = permute((uint64_t)number, kind, false);
    char *data = arena_alloc(arena, 1 + PUBLIC_DIGITS + 1);
    data[0] = 'Q';
    for (int i = PUBLIC_DIGITS; i >= 1; i--, value /= 36)
        data[i] = base36[value % 36];
    return (struct text){data, 1 + PUBLIC_DIGITS};
}

bool id_parse(enum id_kind kind, struct text id, int64_t *ret_number)
{
    if (id.size != 1 + PUBLIC_DIGITS || id.data[0] != 'Q')
        return false;
    uint64_t value = 0;
    for (size_t i = 1; i < id.size; i++) {
        const char *digit = id.data[i] ? strchr(base36, id.data[i]) : NULL;
        if (!digit || __builtin_mul_overflow(value, 36u, &value) ||
            __builtin_add_overflow(value, (uint64_t)(digit - base36), &value))
            return false;
    }
    int64_t number = (int64_t)permute(value, kind, true);
    if (number <= 0)
        return false; /* rows count from one: most invented ids end here */
    *ret_number = number;
    return true;
}
