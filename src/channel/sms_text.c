/* Why: see sms_text.h. */
#include "channel/sms_text.h"

#include <assert.h>

#include "channel/content.h"

/* GSM 03.38 basic characters outside ASCII. */
static const uint32_t gsm_beyond_ascii[] = {
    0xa1, 0xa3, 0xa4, 0xa5, 0xa7, 0xbf, 0xc4, 0xc5, 0xc6, 0xc7, 0xc9, 0xd1, 0xd6, 0xd8, 0xdc, 0xdf, 0xe0,
    0xe4, 0xe5, 0xe6, 0xe8, 0xe9, 0xec, 0xf1, 0xf2, 0xf6, 0xf8, 0xf9, 0xfc, 0x393, 0x394, 0x398, 0x39b, 0x39e,
    0x3a0, 0x3a3, 0x3a6, 0x3a8, 0x3a9};

/* Septets of one character; 0: the alphabet does not have it. */
static size_t gsm_cost(uint32_t c)
{
    if (c == '\n' || c == '\r')
        return 1;
    if (c < ' ' || c == 0x7f || c == '`')
        return 0;
    if (c == '^' || c == '{' || c == '}' || c == '\\' || c == '[' || c == '~' || c == ']' || c == '|' || c == 0x20ac)
        return 2;
    if (c < 0x7f)
        return 1;
    for (size_t i = 0; i < sizeof gsm_beyond_ascii / sizeof *gsm_beyond_ascii; i++)
        if (gsm_beyond_ascii[i] == c)
            return 1;
    return 0;
}

static size_t unicode_cost(uint32_t c)
{
    return c >= 0x10000 ? 2 : 1;
}

/* The letters of Latin-1 and Latin Extended-A without their marks. */
static const char latin_1[] = "AAAAAAACEEEEIIIIDNOOOOOxOUUUUYTsaaaaaaaceeeeiiiidnooooo/ouuuuyty";
static const char latin_a[] = "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOoRrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";

static const struct {
    uint32_t from, to;
    const char *text;
} replacements[] = {
    {'`', '`', "'"},          {0xa0, 0xa0, " "},        {0xa6, 0xa6, "|"},          {0xa9, 0xa9, "(C)"},
    {0xab, 0xab, "\""},       {0xae, 0xae, "(R)"},      {0xb0, 0xb0, "deg"},        {0xb1, 0xb1, "+-"},
    {0xb2, 0xb2, "2"},        {0xb3, 0xb3, "3"},        {0xb4, 0xb4, "'"},          {0xb5, 0xb5, "u"},
    {0xb7, 0xb7, "*"},        {0xbb, 0xbb, "\""},       {0x300, 0x36f, ""},         {0x3bc, 0x3bc, "u"},
    {0x2000, 0x200a, " "},    {0x2010, 0x2015, "-"},    {0x2018, 0x201b, "'"},      {0x201c, 0x201f, "\""},
    {0x2022, 0x2023, "*"},    {0x2026, 0x2026, "..."},  {0x202f, 0x202f, " "},      {0x2032, 0x2032, "'"},
    {0x2033, 0x2033, "\""},   {0x2039, 0x203a, "'"},    {0x205f, 0x205f, " "},      {0x2122, 0x2122, "(TM)"},
    {0x2190, 0x2190, "<-"},   {0x2192, 0x2192, "->"},   {0x21d2, 0x21d2, "=>"},     {0x2212, 0x2212, "-"},
    {0x2248, 0x2248, "~"},    {0x2260, 0x2260, "!="},   {0x2264, 0x2264, "<="},     {0x2265, 0x2265, ">="},
    {0x2190, 0x23ff, ""},     {0x2500, 0x2bff, ""},     {0x3000, 0x3000, " "},      {0xfe00, 0xfe0f, ""},
    {0xfffd, 0xfffd, "?"},    {0x1f000, 0x1faff, ""},   {0xe0000, 0xe01ef, ""},
};

static void add_simple(struct builder *b, uint32_t c)
{
    static_assert(sizeof latin_1 == 65 && sizeof latin_a == 129, "one letter for each code point");
    if (gsm_cost(c)) {
        content_add_character(b, c);
        return;
    }
    if (c >= 0xc0 && c < 0x100) {
        builder_add(b, (struct text){&latin_1[c - 0xc0], 1});
        return;
    }
    if (c >= 0x100 && c < 0x180) {
        builder_add(b, (struct text){&latin_a[c - 0x100], 1});
        return;
    }
    for (size_t i = 0; i < sizeof replacements / sizeof *replacements; i++)
        if (c >= replacements[i].from && c <= replacements[i].to) {
            builder_add_string(b, replacements[i].text);
            return;
        }
    content_add_character(b, c);
}

struct text sms_simplify(struct arena *arena, struct text line)
{
    struct builder b = builder_new(arena, line.size * 3 + 1);
    for (size_t i = 0; i < line.size;)
        add_simple(&b, content_character(line, &i));
    return builder_text(&b);
}

enum sms_alphabet sms_alphabet_of(struct text t)
{
    for (size_t i = 0; i < t.size;)
        if (!gsm_cost(content_character(t, &i)))
            return SMS_UNICODE;
    return SMS_GSM;
}

static size_t cost(uint32_t c, enum sms_alphabet alphabet)
{
    switch (alphabet) {
    case SMS_GSM: return gsm_cost(c);
    case SMS_UNICODE: return unicode_cost(c);
    }
    return 0;
}

size_t sms_units(struct text t, enum sms_alphabet alphabet)
{
    size_t units = 0;
    for (size_t i = 0; i < t.size;)
        units += cost(content_character(t, &i), alphabet);
    return units;
}

struct text sms_cut(struct arena *arena, struct text t, enum sms_alphabet alphabet, size_t units)
{
    enum { ELLIPSIS = 3 };
    if (sms_units(t, alphabet) <= units)
        return t;
    if (units < ELLIPSIS)
        return TEXT("");
    size_t used = 0, end = 0;
    for (size_t i = 0; i < t.size;) {
        used += cost(content_character(t, &i), alphabet);
        if (used > units - ELLIPSIS)
            break;
        end = i;
    }
    return text_printf(arena, "%.*s...", TEXT_ARG(text_trim(text_slice(t, 0, end))));
}

size_t sms_room(enum sms_alphabet alphabet, size_t segments)
{
    /* A joined segment gives 7 septets or 3 units to its header. */
    switch (alphabet) {
    case SMS_GSM: return segments == 1 ? 160 : 153 * segments;
    case SMS_UNICODE: return segments == 1 ? 70 : 67 * segments;
    }
    return 0;
}

size_t sms_segments(struct text t)
{
    enum sms_alphabet alphabet = sms_alphabet_of(t);
    size_t units = sms_units(t, alphabet), segments = 1;
    while (sms_room(alphabet, segments) < units)
        segments++;
    return segments;
}
