/* Why: see seal.h. Text form: "s1." and the base64 of nonce and ciphertext. */
#include "base/seal.h"

#include <assert.h>
#include <sodium.h>
#include <stdlib.h>

enum {
    NONCE = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES,
    TAG = crypto_aead_xchacha20poly1305_ietf_ABYTES,
    KEY = crypto_aead_xchacha20poly1305_ietf_KEYBYTES,
};

static const char PREFIX[] = "s1.";

static bool read_key(struct text key, unsigned char ret[KEY])
{
    size_t size;
    if (sodium_init() < 0)
        abort();
    return key.size == SEAL_KEY_HEX && sodium_hex2bin(ret, KEY, key.data, key.size, NULL, &size, NULL) == 0 && size == KEY;
}

struct text seal_close(struct env *env, struct arena *arena, struct text key, struct text place, struct text plain)
{
    unsigned char bytes[KEY];
    bool usable = read_key(key, bytes);
    assert(usable);
    assert(plain.size <= SEAL_PLAIN_BYTES_MAX);
    unsigned char *sealed = arena_alloc(arena, NONCE + plain.size + TAG);
    env_random(env, sealed, NONCE);
    unsigned long long size;
    crypto_aead_xchacha20poly1305_ietf_encrypt(sealed + NONCE, &size, (const unsigned char *)plain.data, plain.size, (const unsigned char *)place.data, place.size,
                                               NULL, sealed, bytes);
    explicit_bzero(bytes, sizeof bytes);
    return text_printf(arena, "%s%.*s", PREFIX, TEXT_ARG(text_base64(arena, sealed, NONCE + (size_t)size)));
}

bool seal_open(struct arena *arena, struct text key, struct text place, struct text sealed, struct text *ret)
{
    unsigned char bytes[KEY];
    size_t skip = sizeof PREFIX - 1;
    if (!text_starts_with(sealed, text_of(PREFIX)) || !read_key(key, bytes))
        return false;
    struct text raw = text_base64_decode(arena, text_slice(sealed, skip, sealed.size));
    if (raw.size < NONCE + TAG || raw.size > NONCE + SEAL_PLAIN_BYTES_MAX + TAG)
        return false;
    char *plain = arena_alloc(arena, raw.size);
    unsigned long long size;
    const unsigned char *nonce = (const unsigned char *)raw.data;
    int failed = crypto_aead_xchacha20poly1305_ietf_decrypt((unsigned char *)plain, &size, NULL, nonce + NONCE, raw.size - NONCE, (const unsigned char *)place.data,
                                                            place.size, nonce, bytes);
    explicit_bzero(bytes, sizeof bytes);
    if (failed)
        return false;
    *ret = (struct text){plain, (size_t)size};
    return true;
}
