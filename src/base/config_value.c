/* Why: see config_value.h. */
#include "base/config_value.h"

#include <stdlib.h>
#include <string.h>

#include "base/config_file.h"

static bool is_choice(struct text value, const char *choices)
{
    struct text rest = text_of(choices), choice;
    while (text_next(&rest, ' ', &choice))
        if (text_equal(choice, value))
            return true;
    return false;
}

static bool read_yes_no(struct text value, bool *ret)
{
    if (text_is(value, "yes") || text_is(value, "true") || text_is(value, "on") || text_is(value, "1"))
        *ret = true;
    else if (text_is(value, "no") || text_is(value, "false") || text_is(value, "off") || text_is(value, "0"))
        *ret = false;
    else
        return false;
    return true;
}

/* "host:port", "[::1]:port". */
static bool read_listen(struct arena *arena, struct text value, struct config *config)
{
    size_t colon = value.size;
    while (colon > 0 && value.data[colon - 1] != ':')
        colon--;
    int64_t port;
    if (colon == 0 || !text_to_int64(text_slice(value, colon, value.size), &port) || port < 0 || port > 65535)
        return false;
    struct text host = text_slice(value, 0, colon - 1);
    if (host.size > 2 && host.data[0] == '[' && host.data[host.size - 1] == ']')
        host = text_slice(host, 1, host.size - 1);
    else if (host.size == 0 || text_find_byte(host, ':', 0) < host.size)
        return false;
    config->listen_host = text_copy(arena, host);
    config->listen_port = port;
    return true;
}

static bool is_url(struct text value)
{
    static const char *const schemes[] = {"http://", "https://", "smtp://", "smtps://"};
    if (value.size == 0)
        return true;
    for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++)
        if (text_starts_with(value, text_of(schemes[i])) && value.size > strlen(schemes[i]))
            return true;
    return false;
}

static bool read_channels(struct text value, unsigned *ret)
{
    struct text rest = value, part;
    unsigned channels = 0;
    while (text_next(&rest, ' ', &part)) {
        enum channel channel;
        part = text_trim(part);
        if (part.size > 0 && part.data[part.size - 1] == ',')
            part = text_slice(part, 0, part.size - 1);
        if (part.size == 0)
            continue;
        if (!channel_parse(part, &channel))
            return false;
        channels |= 1u << channel;
    }
    *ret = channels;
    return channels != 0;
}

/* A bare name is one of the credentials that systemd gives the service (LoadCredential=). */
static struct text path_of_secret(struct arena *arena, struct text path)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    bool is_bare = text_find_byte(path, '/', 0) == path.size;
    return is_bare && folder && *folder ? text_printf(arena, "%s/%.*s", folder, TEXT_ARG(path)) : path;
}

static void read_secret_file(struct arena *arena, const char *place, struct text path, struct text *ret, struct problem *problem)
{
    struct text bytes;
    path = path_of_secret(arena, path);
    if (config_file_read(arena, text_cstring(arena, path), arena_printf(arena, "%s secret_file %.*s", place, TEXT_ARG(path)), &bytes, problem) != OK)
        return;
    *ret = text_copy(arena, text_trim(text_slice(bytes, 0, text_find_byte(bytes, '\n', 0))));
    explicit_bzero((char *)bytes.data, bytes.size);
}

void config_value_set(struct arena *arena, const struct setting *setting, void *target, const char *place, struct text value, struct problem *problem)
{
    char *field = (char *)target + setting->offset;
    switch (setting->kind) {
    case KIND_TEXT: *(struct text *)(void *)field = text_copy(arena, value); break;
    case KIND_NUMBER: {
        int64_t number;
        if (!text_to_int64(value, &number) || number < setting->min || number > setting->max)
            problem_add(problem, place, "%s must be a number from %lld to %lld, not '%.*s'", setting->name, (long long)setting->min,
                        (long long)setting->max, TEXT_ARG(value));
        else
            *(int64_t *)(void *)field = number;
        break;
    }
    case KIND_YES_NO:
        if (!read_yes_no(value, (bool *)field))
            problem_add(problem, place, "%s must be yes or no, not '%.*s'", setting->name, TEXT_ARG(value));
        break;
    case KIND_CHOICE:
        if (!is_choice(value, setting->choices))
            problem_add(problem, place, "%s must be one of: %s; not '%.*s'", setting->name, setting->choices, TEXT_ARG(value));
        else
            *(struct text *)(void *)field = text_copy(arena, value);
        break;
    case KIND_LISTEN:
        if (!read_listen(arena, value, target))
            problem_add(problem, place, "%s must be HOST:PORT, not '%.*s'", setting->name, TEXT_ARG(value));
        break;
    case KIND_URL:
        if (!is_url(value))
            problem_add(problem, place, "%s must be a URL, not '%.*s'", setting->name, TEXT_ARG(value));
        while (value.size > 0 && value.data[value.size - 1] == '/')
            value.size--;
        *(struct text *)(void *)field = text_copy(arena, value);
        break;
    case KIND_TYPE:
        for (size_t i = 0; i < PROVIDER_TYPES; i++)
            if (text_is(value, provider_type_names[i]))
                *(enum provider_type *)(void *)field = (enum provider_type)i;
        if (!is_choice(value, setting->choices))
            problem_add(problem, place, "type must be one of: %s; not '%.*s'", setting->choices, TEXT_ARG(value));
        break;
    case KIND_CHANNELS:
        if (!read_channels(value, (unsigned *)(void *)field))
            problem_add(problem, place, "channels are some of: %s; not '%.*s'", setting->choices, TEXT_ARG(value));
        break;
    case KIND_SECRET_FILE: read_secret_file(arena, place, value, (struct text *)(void *)field, problem); break;
    }
}
