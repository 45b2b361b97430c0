/* Why: reads the Authorization header; see auth.h. */
#include "api/auth.h"

enum auth_header auth_parse_header(struct text header, struct text *ret_token)
{
    if (!text_is_present(header))
        return AUTH_ABSENT;
    header = text_trim(header);
    size_t space = text_find_byte(header, ' ', 0);
    struct text scheme = text_slice(header, 0, space);
    struct text value = text_trim(text_slice(header, space, header.size));
    if (text_equal_ignoring_case(scheme, TEXT("Token"))) {
        if (!text_starts_with(value, TEXT("token=")))
            return AUTH_MALFORMED;
        value = text_slice(value, 6, value.size);
        if (value.size >= 2 && value.data[0] == '"' && value.data[value.size - 1] == '"')
            value = text_slice(value, 1, value.size - 1);
    } else if (!text_equal_ignoring_case(scheme, TEXT("Bearer"))) {
        return AUTH_MALFORMED;
    }
    if (value.size == 0 || value.size > 256)
        return AUTH_MALFORMED;
    for (size_t i = 0; i < value.size; i++)
        if (value.data[i] <= ' ' || value.data[i] > '~' || value.data[i] == '"')
            return AUTH_MALFORMED;
    *ret_token = value;
    return AUTH_TOKEN;
}
