/* Why: see totp.h. */
#include "base/totp.h"

#include <liboath/oath.h>
#include <stdlib.h>

struct text totp_new_secret(struct env *env, struct arena *arena)
{
    char bytes[TOTP_SECRET_BYTES], *encoded = NULL;
    size_t size = 0;
    env_random(env, bytes, sizeof bytes);
    if (oath_base32_encode(bytes, sizeof bytes, &encoded, &size) != OATH_OK)
        abort(); /* out of memory is all it can say */
    struct text secret = text_copy(arena, (struct text){encoded, size});
    explicit_bzero(encoded, size);
    explicit_bzero(bytes, sizeof bytes);
    free(encoded);
    return secret;
}

struct text totp_uri(struct arena *arena, struct text secret, struct text issuer, struct text account)
{
    struct text name = text_percent_encode(arena, issuer);
    return text_printf(arena, "otpauth://totp/%.*s:%.*s?secret=%.*s&issuer=%.*s", TEXT_ARG(name), TEXT_ARG(text_percent_encode(arena, account)), TEXT_ARG(secret),
                       TEXT_ARG(name));
}

static bool is_code(struct text code)
{
    for (size_t i = 0; i < code.size; i++)
        if (code.data[i] < '0' || code.data[i] > '9')
            return false;
    return code.size == TOTP_DIGITS;
}

bool totp_check(struct arena *arena, struct text secret, struct text code, instant now, int64_t *ret_step)
{
    char *key = NULL;
    size_t size = 0;
    uint64_t step = 0;
    if (!is_code(code) || oath_base32_decode(secret.data, secret.size, &key, &size) != OATH_OK)
        return false;
    int position;
    int found = oath_totp_validate3(key, size, (time_t)(now.us / SECOND_US), TOTP_STEP_S, OATH_TOTP_DEFAULT_START_TIME, TOTP_DRIFT_STEPS, &position, &step,
                                    text_cstring(arena, code));
    explicit_bzero(key, size);
    free(key);
    if (found < 0)
        return false;
    *ret_step = (int64_t)step;
    return true;
}
