/* Why: see hmac.h. */
#include "base/hmac.h"

#include <assert.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

static void digest(const EVP_MD *hash, struct text key, struct text message, unsigned char *ret_digest, unsigned expected)
{
    assert(key.size <= INT_MAX);
    unsigned size = 0;
    /* An empty key must not be NULL: OpenSSL would take the key of the call before. */
    const unsigned char *result = HMAC(hash, key.data ? key.data : "", (int)key.size,
                                       (const unsigned char *)(message.data ? message.data : ""), message.size, ret_digest, &size);
    assert(result && size == expected);
}

void hmac_sha1(struct text key, struct text message, unsigned char ret_digest[HMAC_SHA1_BYTES])
{
    digest(EVP_sha1(), key, message, ret_digest, HMAC_SHA1_BYTES);
}

void hmac_sha256(struct text key, struct text message, unsigned char ret_digest[HMAC_SHA256_BYTES])
{
    digest(EVP_sha256(), key, message, ret_digest, HMAC_SHA256_BYTES);
}
