/* Why: see password.h. */
#include "base/password.h"

#include <pthread.h>
#include <sodium.h>
#include <stdlib.h>

static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;

enum err password_hash(struct arena *arena, struct text password, struct text *ret_hash)
{
    if (password.size < PASSWORD_BYTES_MIN || password.size > PASSWORD_BYTES_MAX)
        return ERR_INVALID;
    if (sodium_init() < 0)
        abort();
    char hash[crypto_pwhash_STRBYTES];
    pthread_mutex_lock(&one_at_a_time);
    int failed = crypto_pwhash_str_alg(hash, password.data, password.size, crypto_pwhash_OPSLIMIT_INTERACTIVE,
                                       crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13);
    pthread_mutex_unlock(&one_at_a_time);
    if (failed)
        return ERR_UNAVAILABLE;
    *ret_hash = text_copy(arena, text_of(hash));
    return OK;
}

bool password_verify(struct arena *arena, struct text password, struct text hash)
{
    if (password.size > PASSWORD_BYTES_MAX || hash.size >= crypto_pwhash_STRBYTES)
        return false;
    if (sodium_init() < 0)
        abort();
    const char *stored = text_cstring(arena, hash);
    pthread_mutex_lock(&one_at_a_time);
    int differs = crypto_pwhash_str_verify(stored, password.data, password.size);
    pthread_mutex_unlock(&one_at_a_time);
    return differs == 0;
}
