/* Why: see twilio.h. A forged callback could silence a page, so the check is here, next to the token, and nowhere else. */
#include "channel/twilio.h"

#include <stdlib.h>

#include "base/hmac.h"

enum { PARAMETERS_MAX = 256, SIGNED_BYTES_MAX = 256 * 1024 };

struct parameter {
    struct text name, value;
};

static int compare(const void *a, const void *b)
{
    const struct parameter *x = a, *y = b;
    int order = text_compare(x->name, y->name);
    return order ? order : text_compare(x->value, y->value);
}

/* False when there are too many or one is not text. */
static bool collect(const json_t *params, struct parameter *ret, size_t *ret_count)
{
    const char *name;
    json_t *value;
    size_t count = 0;
    json_object_foreach((json_t *)params, name, value)
    {
        size_t values = json_is_array(value) ? json_array_size(value) : 1;
        for (size_t i = 0; i < values; i++) {
            json_t *one = json_is_array(value) ? json_array_get(value, i) : value;
            if (count == PARAMETERS_MAX || !json_is_string(one))
                return false;
            ret[count++] = (struct parameter){text_of(name), json_text_value(one)};
        }
    }
    qsort(ret, count, sizeof *ret, compare);
    *ret_count = count;
    return true;
}

static bool signature_fits(struct arena *arena, struct text token, struct text url, struct text parameters, struct text signature)
{
    unsigned char digest[HMAC_SHA1_BYTES];
    struct text message = text_printf(arena, "%.*s%.*s", TEXT_ARG(url), TEXT_ARG(parameters));
    hmac_sha1(token, message, digest);
    return text_equal_secret(text_base64(arena, digest, sizeof digest), signature);
}

/* The URL with the standard port of its scheme where it names none, and without any port where it names one. */
static struct text other_port_spelling(struct arena *arena, struct text url)
{
    size_t scheme = text_find(url, TEXT("://"));
    if (scheme == url.size)
        return url;
    size_t host = scheme + 3;
    size_t path = text_find_byte(url, '/', host);
    struct text authority = text_slice(url, host, path);
    size_t colon = authority.size;
    while (colon > 0 && authority.data[colon - 1] >= '0' && authority.data[colon - 1] <= '9')
        colon--;
    bool has_port = colon > 0 && colon < authority.size && authority.data[colon - 1] == ':';
    struct text rest = text_slice(url, path, url.size);
    if (has_port)
        return text_printf(arena, "%.*s%.*s", (int)(host + colon - 1), url.data, TEXT_ARG(rest));
    const char *port = text_is(text_slice(url, 0, scheme), "https") ? ":443" : ":80";
    return text_printf(arena, "%.*s%s%.*s", (int)path, url.data, port, TEXT_ARG(rest));
}

bool twilio_signature_is_valid(struct arena *arena, struct text token, struct text url, const json_t *params, struct text signature)
{
    struct parameter *parameters = ARENA_ARRAY(arena, struct parameter, PARAMETERS_MAX);
    size_t count;
    if (text_is_empty(token) || text_is_empty(signature) || !collect(params, parameters, &count))
        return false;
    struct builder all = builder_new(arena, SIGNED_BYTES_MAX);
    for (size_t i = 0; i < count; i++) {
        /* A value given twice counts once, as in the provider's own validator. */
        if (i > 0 && compare(&parameters[i], &parameters[i - 1]) == 0)
            continue;
        builder_add(&all, parameters[i].name);
        builder_add(&all, parameters[i].value);
    }
    if (all.overflowed)
        return false;
    struct text rest = builder_text(&all);
    bool fits = signature_fits(arena, token, url, rest, signature);
    return signature_fits(arena, token, other_port_spelling(arena, url), rest, signature) || fits;
}
