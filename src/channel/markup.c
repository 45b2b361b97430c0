/* Why: see markup.h. No byte of a tag that came in is ever copied: the tags that go out are those of the table. */
#include "channel/markup.h"

#include "channel/content.h"

enum { NAME_BYTES_MAX = 16, REFERENCE_BYTES_MAX = 10 };

static const char *const kept[] = {"p", "br", "hr", "b", "strong", "i", "em", "u", "s", "ul", "ol", "li", "blockquote", "pre", "code", "h1", "h2", "h3", "a"};
static const char *const empty[] = {"br", "hr"};
static const char *const blocks[] = {"p", "hr", "ul", "ol", "blockquote", "pre", "h1", "h2", "h3"};
static const char *const borders[] = {"ul", "ol", "blockquote"}; /* what is open outside of these stays open */
/* What is between their tags is not meant to be read. */
static const char *const unread[] = {"script", "style", "title", "head", "template", "textarea", "select", "iframe", "noscript", "noembed", "noframes",
                                     "object", "svg", "math", "xmp", "plaintext"};

struct markup {
    struct arena *arena;
    struct builder b;
    const char *open[MARKUP_DEPTH_MAX]; /* outermost first */
    size_t depth;
    bool has_words, is_full;
};

struct tag {
    char name[NAME_BYTES_MAX]; /* lowercase; empty when it is longer than any that is known */
    bool closes;
    struct text attributes;
};

static const char *find_name(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return names[i];
    return NULL;
}
#define FIND(names, name) find_name(names, sizeof(names) / sizeof *(names), name)

static bool is_space(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Room for what must still be closed is always kept. */
static bool has_room(struct markup *m, size_t size)
{
    size_t closing = (m->depth + 1) * (NAME_BYTES_MAX + 3);
    m->is_full = m->is_full || m->b.size + size + closing > MARKUP_BYTES_MAX;
    return !m->is_full;
}

/* Words --------------------------------------------------------------------------------------------------------------------- */

static uint32_t number_of(struct text digits, bool hexadecimal)
{
    uint32_t value = 0;
    for (size_t i = 0; i < digits.size; i++) {
        char c = digits.data[i];
        uint32_t digit = c >= '0' && c <= '9' ? (uint32_t)(c - '0') : hexadecimal && is_letter(c) && (c | 0x20) <= 'f' ? (uint32_t)((c | 0x20) - 'a' + 10) : 99;
        if (digit == 99 || value > 0x10ffff)
            return 0;
        value = value * (hexadecimal ? 16 : 10) + digit;
    }
    return value > 0x10ffff || (value >= 0xd800 && value < 0xe000) ? 0 : value;
}

/* The character that "&name;" at `*position` stands for, which then moves behind it; 0: none that is known. */
static uint32_t reference_at(struct text t, size_t *position)
{
    static const struct {
        const char *name;
        uint32_t character;
    } names[] = {{"amp", '&'}, {"lt", '<'}, {"gt", '>'}, {"quot", '"'}, {"apos", '\''}, {"nbsp", 0xa0}, {"ndash", 0x2013}, {"mdash", 0x2014}, {"hellip", 0x2026}, {"euro", 0x20ac}};
    struct text name = text_slice(t, *position + 1, *position + 1 + REFERENCE_BYTES_MAX < t.size ? *position + 1 + REFERENCE_BYTES_MAX : t.size);
    size_t end = text_find_byte(name, ';', 0);
    if (end == name.size)
        return 0;
    name = text_slice(name, 0, end);
    uint32_t found = 0;
    if (name.size > 1 && name.data[0] == '#') {
        bool hexadecimal = (name.data[1] | 0x20) == 'x';
        found = number_of(text_slice(name, hexadecimal ? 2 : 1, name.size), hexadecimal);
    }
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (text_is(name, names[i].name))
            found = names[i].character;
    if (found)
        *position += end + 2;
    return found;
}

/* What is written, with references replaced: what a reader would see. */
static struct text decoded(struct arena *arena, struct text t)
{
    struct builder b = builder_new(arena, t.size * 3 + 1);
    for (size_t i = 0; i < t.size;) {
        uint32_t c = t.data[i] == '&' ? reference_at(t, &i) : 0;
        content_add_character(&b, c ? c : content_character(t, &i));
    }
    return builder_text(&b);
}

static bool is_open(const struct markup *m, const char *name)
{
    for (size_t i = 0; i < m->depth; i++)
        if (strcmp(m->open[i], name) == 0)
            return true;
    return false;
}

/* One space between words and before them; in pre the whole indent of a line. */
static void add_space(struct markup *m, size_t count)
{
    char before = m->b.size > 0 ? m->b.data[m->b.size - 1] : '>';
    bool indents = is_open(m, "pre") && (before == '\n' || before == '>');
    if (before == ' ' || (before == '\n' && !indents))
        return;
    for (size_t i = 0; i < (indents ? count : count > 0); i++)
        builder_add_string(&m->b, " ");
}

static void add_words(struct markup *m, struct text written)
{
    struct text all = decoded(m->arena, written), rest = all, line;
    while (rest.size > 0 && text_next(&rest, '\n', &line)) {
        struct text words = content_one_line(m->arena, line), shown = text_html_escape(m->arena, words);
        bool breaks = line.data + line.size < all.data + all.size;
        size_t indent = 0;
        while (indent < line.size && is_space(line.data[indent]))
            indent++;
        if (!has_room(m, indent + shown.size + 2))
            return;
        add_space(m, indent);
        builder_add(&m->b, shown);
        if (words.size > 0 && is_space(line.data[line.size - 1]))
            builder_add_string(&m->b, " ");
        if (breaks)
            builder_add_string(&m->b, "\n");
        m->has_words = m->has_words || words.size > 0;
    }
}

/* Tags ---------------------------------------------------------------------------------------------------------------------- */

/* Moves behind the ">" that ends the tag before *position; quoted ones do not. False where there is none: then the text ends. */
static bool end_tag(struct text html, size_t *position)
{
    char quote = 0;
    while (*position < html.size) {
        char c = html.data[(*position)++];
        if (quote)
            quote = c == quote ? 0 : quote;
        else if ((c == '"' || c == '\'') && html.data[*position - 2] == '=')
            quote = c;
        else if (c == '>')
            return true;
    }
    return false;
}

/* "<" that begins no tag is a word. */
static bool begins_tag(struct text html, size_t at)
{
    char next = at + 1 < html.size ? html.data[at + 1] : ' ';
    char after = at + 2 < html.size ? html.data[at + 2] : ' ';
    return is_letter(next) || next == '!' || next == '?' || (next == '/' && is_letter(after));
}

/* Reads the tag at *position, which moves behind it. Comments and what does not end are tags without a name. */
static void read_tag(struct text html, size_t *position, struct tag *ret)
{
    size_t start = *position;
    *ret = (struct tag){.closes = html.data[start + 1] == '/'};
    if (text_starts_with(text_slice(html, start, html.size), TEXT("<!--"))) {
        struct text rest = text_slice(html, start + 4, html.size);
        size_t end = text_find(rest, TEXT("-->"));
        *position = end < rest.size ? start + 4 + end + 3 : html.size;
        return;
    }
    *position = start + 1;
    if (!end_tag(html, position))
        return;
    size_t name = start + (ret->closes ? 2 : 1), end = name;
    while (end < *position && !is_space(html.data[end]) && html.data[end] != '>' && html.data[end] != '/')
        end++;
    ret->attributes = text_slice(html, end, *position);
    if (end - name < NAME_BYTES_MAX)
        for (size_t i = name; i < end; i++)
            ret->name[i - name] = (char)(is_letter(html.data[i]) ? html.data[i] | 0x20 : html.data[i]);
}

static size_t skip_space(struct text t, size_t at)
{
    while (at < t.size && is_space(t.data[at]))
        at++;
    return at;
}

/* One attribute from the front of *rest; false at their end. */
static bool next_attribute(struct text *rest, struct text *ret_name, struct text *ret_value)
{
    size_t i = 0;
    while (i < rest->size && (is_space(rest->data[i]) || rest->data[i] == '/'))
        i++;
    size_t name = i;
    while (i < rest->size && !is_space(rest->data[i]) && rest->data[i] != '=' && rest->data[i] != '>' && rest->data[i] != '/')
        i++;
    *ret_name = text_slice(*rest, name, i);
    *ret_value = TEXT_NONE;
    size_t equals = skip_space(*rest, i);
    if (equals < rest->size && rest->data[equals] == '=') {
        i = skip_space(*rest, equals + 1);
        char quote = i < rest->size ? rest->data[i] : 0;
        bool quoted = quote == '"' || quote == '\'';
        size_t value = quoted ? ++i : i;
        while (i < rest->size && (quoted ? rest->data[i] != quote : !is_space(rest->data[i]) && rest->data[i] != '>'))
            i++;
        *ret_value = text_slice(*rest, value, i);
        i += quoted && i < rest->size;
    }
    *rest = text_slice(*rest, i, rest->size);
    return i > name;
}

/* Nothing that a mail program could run or read in another way than people do. */
static bool is_safe_address(struct text address)
{
    bool web = text_starts_with(address, TEXT("https://")) || text_starts_with(address, TEXT("http://"));
    for (size_t i = 0; i < address.size; i++)
        web = web && (unsigned char)address.data[i] > ' ' && (unsigned char)address.data[i] < 127;
    return web && address.size <= MARKUP_ADDRESS_BYTES_MAX;
}

static struct text address_of(struct arena *arena, struct text attributes)
{
    struct text name, value;
    while (next_attribute(&attributes, &name, &value)) {
        if (!text_equal_ignoring_case(name, TEXT("href")))
            continue;
        struct text address = text_trim(decoded(arena, value));
        return is_safe_address(address) ? address : TEXT_NONE;
    }
    return TEXT_NONE;
}

static void close_down_to(struct markup *m, size_t depth)
{
    while (m->depth > depth)
        builder_printf(&m->b, "</%s>", m->open[--m->depth]);
}

/* Closes the innermost one, with what was opened in it. `within`: only one in the same list or quotation. */
static void close_innermost(struct markup *m, const char *name, bool within)
{
    for (size_t i = m->depth; i > 0; i--) {
        if (strcmp(m->open[i - 1], name) == 0) {
            close_down_to(m, i - 1);
            return;
        }
        if (within && FIND(borders, m->open[i - 1]))
            return;
    }
}

/* Paragraphs and entries of lists end where the next begins; a link is in no other. */
static void close_before(struct markup *m, const char *name)
{
    if (FIND(blocks, name))
        close_innermost(m, "p", true);
    if (strcmp(name, "li") == 0 || strcmp(name, "a") == 0)
        close_innermost(m, name, name[0] == 'l');
}

static void add_tag(struct markup *m, const struct tag *tag)
{
    const char *name = FIND(kept, tag->name);
    if (!name)
        return;
    if (tag->closes) {
        close_innermost(m, name, false);
        return;
    }
    close_before(m, name);
    if (FIND(empty, name)) {
        if (has_room(m, NAME_BYTES_MAX))
            builder_printf(&m->b, "<%s>", name);
        return;
    }
    bool is_link = strcmp(name, "a") == 0;
    struct text address = is_link ? text_html_escape(m->arena, address_of(m->arena, tag->attributes)) : TEXT_NONE;
    if (m->depth == MARKUP_DEPTH_MAX || (is_link && address.size == 0) || !has_room(m, address.size + 2 * NAME_BYTES_MAX + 64))
        return;
    if (is_link)
        builder_printf(&m->b, "<a href=\"%.*s\" rel=\"noopener noreferrer\">", TEXT_ARG(address));
    else
        builder_printf(&m->b, "<%s%s>", name, strcmp(name, "pre") == 0 ? " style=\"white-space:pre-wrap\"" : ""); /* a phone is narrow */
    m->open[m->depth++] = name;
}

/* Behind the end tag of that name; the end of the text when there is none. */
static size_t skip_unread(struct text html, size_t position, const char *name)
{
    size_t length = strlen(name);
    bool found = false;
    while (!found && position < html.size) {
        position = text_find_byte(html, '<', position);
        struct text rest = text_slice(html, position, html.size);
        found = rest.size > length + 1 && rest.data[1] == '/' && text_equal_ignoring_case(text_slice(rest, 2, 2 + length), text_of(name));
        position += !found && rest.size > 0;
    }
    return found && !end_tag(html, &position) ? html.size : position;
}

struct text markup_safe(struct arena *arena, struct text html)
{
    struct markup m = {.arena = arena, .b = builder_new(arena, MARKUP_BYTES_MAX)};
    for (size_t at = 0; at < html.size && !m.is_full;) {
        size_t tag_at = text_find_byte(html, '<', at);
        while (tag_at < html.size && !begins_tag(html, tag_at))
            tag_at = text_find_byte(html, '<', tag_at + 1);
        add_words(&m, text_slice(html, at, tag_at));
        at = tag_at;
        if (at == html.size)
            break;
        struct tag tag;
        read_tag(html, &at, &tag);
        const char *name = tag.closes ? NULL : FIND(unread, tag.name);
        if (name)
            at = skip_unread(html, at, name);
        else
            add_tag(&m, &tag);
    }
    close_down_to(&m, 0);
    return m.has_words ? builder_text(&m.b) : TEXT("");
}
