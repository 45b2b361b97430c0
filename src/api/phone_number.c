/* Why: see phone_number.h. */
#include "api/phone_number.h"

enum { DIGITS_MIN = 4, DIGITS_MAX = 15 }; /* ITU-T E.164, the country code included */

/* Country codes (ITU-T E.164) are prefix-free: 1 and 7 have one digit, these have two, all others three. */
static size_t country_code_length(struct text digits)
{
    static const char two[] = "20 27 30 31 32 33 34 36 39 40 41 43 44 45 46 47 48 49 51 52 53 54 55 56 57 58 60 61 62 63 64 65 66 81 82 84 86 90 91 92 "
                              "93 94 95 98";
    if (digits.data[0] == '1' || digits.data[0] == '7')
        return 1;
    return text_find(text_of(two), text_slice(digits, 0, 2)) < sizeof two - 1 ? 2 : 3;
}

static bool only_digits(struct arena *arena, struct text written, struct text *ret)
{
    char *digits = arena_alloc(arena, written.size + 1);
    size_t count = 0;
    for (size_t i = 0; i < written.size; i++) {
        char c = written.data[i];
        if (c >= '0' && c <= '9')
            digits[count++] = c;
        else if (!strchr(" -./()", c) || c == '\0')
            return false;
    }
    *ret = (struct text){digits, count};
    return true;
}

bool phone_number_parse(struct arena *arena, struct text written, int64_t *country_code, struct text *ret_digits)
{
    written = text_trim(written);
    size_t prefix = text_starts_with(written, TEXT("+")) ? 1 : text_starts_with(written, TEXT("00")) ? 2 : 0;
    bool international = prefix > 0;
    struct text digits;
    if (!only_digits(arena, text_slice(written, prefix, written.size), &digits))
        return false;
    if (digits.size < DIGITS_MIN || digits.size > DIGITS_MAX)
        return false;
    if (!international) {
        if (*country_code == 0)
            *country_code = 1;
        int64_t all = (int64_t)digits.size;
        for (int64_t code = *country_code; code > 0; code /= 10)
            all++;
        if (all > DIGITS_MAX)
            return false;
        *ret_digits = digits;
        return true;
    }
    size_t length = country_code_length(digits);
    int64_t code;
    if (digits.data[0] == '0' || !text_to_int64(text_slice(digits, 0, length), &code) || (*country_code != 0 && *country_code != code))
        return false;
    *country_code = code;
    *ret_digits = text_slice(digits, length, digits.size);
    return true;
}
