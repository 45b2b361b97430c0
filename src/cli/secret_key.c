/* Why: see secret_key.h. */
#include "cli/secret_key.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hmac.h"
#include "base/id.h"
#include "base/log.h"
#include "cli/data_directory.h"

static const char NAME[] = "secret-key";

static bool exists(struct arena *arena, struct text folder)
{
    return folder.size > 0 && access(arena_printf(arena, "%.*s/%s", TEXT_ARG(folder), NAME), F_OK) == 0;
}

static bool read_or_make(struct arena *arena, const struct config *config, struct env *env, struct text *ret)
{
    struct text credentials = text_of(getenv("CREDENTIALS_DIRECTORY"));
    struct text folder = exists(arena, credentials) ? credentials : config->data_directory;
    if (!exists(arena, folder)) {
        *ret = id_new_key(env, arena, SECRET_KEY_CHARS_MIN);
        return data_write(arena, folder, NAME, *ret);
    }
    if (data_read(arena, folder, NAME, ret) && ret->size >= SECRET_KEY_CHARS_MIN)
        return true;
    log_error("serve", "%.*s/%s cannot be read or has less than %d characters", TEXT_ARG(folder), NAME, SECRET_KEY_CHARS_MIN);
    return false;
}

bool secret_key_for(struct arena *arena, const struct config *config, struct env *env, const char *purpose, const char **ret)
{
    struct text key;
    unsigned char digest[HMAC_SHA256_BYTES];
    if (!read_or_make(arena, config, env, &key))
        return false;
    hmac_sha256(key, text_of(purpose), digest);
    *ret = text_cstring(arena, text_hex(arena, digest, sizeof digest));
    explicit_bzero((char *)(uintptr_t)key.data, key.size);
    explicit_bzero(digest, sizeof digest);
    return true;
}
