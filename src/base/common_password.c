/* Why: see common_password.h. */
#include "base/common_password.h"

#include <assert.h>

#include "base/embedded.h"

enum { WORD_CHARS_MIN = 4 };

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (unsigned char)c >= 0x80;
}

static struct text list(void)
{
    assert(embedded_lists_count == 1);
    return (struct text){embedded_lists[0].data, embedded_lists[0].size};
}

/* The lines are sorted: halves the part in which the word would stand. */
static bool is_listed(struct text word)
{
    struct text lines = list();
    size_t low = 0, high = lines.size;
    while (low < high) {
        size_t start = low + (high - low) / 2;
        while (start > low && lines.data[start - 1] != '\n')
            start--;
        size_t end = text_find_byte(lines, '\n', start);
        int order = text_compare(text_slice(lines, start, end), word);
        if (order == 0)
            return true;
        if (order < 0)
            low = end + 1;
        else
            high = start;
    }
    return false;
}

static struct text without_decoration(struct text password)
{
    size_t start = 0, end = password.size;
    while (start < end && !is_letter(password.data[start]))
        start++;
    while (end > start && !is_letter(password.data[end - 1]))
        end--;
    return text_slice(password, start, end);
}

/* Each word of it, and all of them without what stands between. */
static bool is_words_of(struct arena *arena, struct text core, struct text about)
{
    struct builder joined = builder_new(arena, about.size + 1);
    for (size_t at = 0; at < about.size; at++) {
        size_t start = at;
        while (at < about.size && is_letter(about.data[at]))
            at++;
        struct text word = text_slice(about, start, at);
        if (word.size >= WORD_CHARS_MIN && text_equal_ignoring_case(word, core))
            return true;
        builder_add(&joined, word);
    }
    return joined.size >= WORD_CHARS_MIN && text_equal_ignoring_case(builder_text(&joined), core);
}

/* The two sides of an address are two texts. */
static bool is_about(struct arena *arena, struct text core, struct text about)
{
    struct text side;
    while (text_next(&about, '@', &side))
        if (is_words_of(arena, core, side))
            return true;
    return false;
}

bool common_password(struct arena *arena, struct text password, const struct text *about, size_t about_count)
{
    struct text whole = text_lower(arena, text_trim(password)), core = without_decoration(whole);
    if (is_listed(whole) || (core.size >= WORD_CHARS_MIN && is_listed(core)) || text_is(core, "muster"))
        return true;
    for (size_t i = 0; i < about_count; i++)
        if (is_about(arena, core, about[i]))
            return true;
    return core.size == 0; /* digits and signs only: a date, a number of a telephone */
}
