/* Why: see content.h. */
#include "channel/content.h"

#include "base/instant.h"

enum content_kind content_kind_of(struct text name)
{
    static const struct {
        const char *name;
        enum content_kind kind;
    } kinds[] = {{"page", CONTENT_PAGE},   {"code", CONTENT_CODE},     {"handoff", CONTENT_HANDOFF},
                 {"alarm", CONTENT_ALARM}, {"notice", CONTENT_NOTICE}, {"webhook", CONTENT_WEBHOOK}};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (text_is(name, kinds[i].name))
            return kinds[i].kind;
    return CONTENT_NOTICE;
}

static struct text line_at(struct arena *arena, const struct json_node *object, const char *key)
{
    struct text t = json_node_text_at(arena, object, key);
    return text_is_present(t) ? content_one_line(arena, t) : TEXT_NONE;
}

static struct text link_at(struct arena *arena, const struct json_node *object, const char *key)
{
    struct text link = line_at(arena, object, key);
    bool is_link = text_starts_with(link, TEXT("http://")) || text_starts_with(link, TEXT("https://"));
    return is_link && text_find_byte(link, ' ', 0) == link.size ? link : TEXT_NONE;
}

static void read_links(struct arena *arena, const struct json_node *from, struct content_links *ret)
{
    const struct json_node *links = json_node_member(from, "links");
    *ret = (struct content_links){
        .acknowledge = link_at(arena, links, "acknowledge"),
        .resolve = link_at(arena, links, "resolve"),
        .escalate = link_at(arena, links, "escalate"),
        .page = link_at(arena, links, "page"),
    };
    if (!ret->page.size)
        ret->page = link_at(arena, from, "url");
}

static void read_incident(struct arena *arena, const struct json_node *from, struct content_incident *ret)
{
    *ret = (struct content_incident){
        .number = json_node_int_at(from, "number", 0),
        .code = json_node_int_at(from, "code", 0),
        .alerts = json_node_int_at(from, "alerts", 0),
        .title = line_at(arena, from, "title"),
        .service = line_at(arena, from, "service"),
        .urgency = line_at(arena, from, "urgency"),
        .severity = line_at(arena, from, "severity"),
        .priority = line_at(arena, from, "priority"),
        .since = line_at(arena, from, "since"),
        .status = line_at(arena, from, "status"),
    };
    read_links(arena, from, &ret->links);
}

/* What is no array holds nothing. */
static const struct json_node *list_of(const struct json_node *value)
{
    return json_node_is(value, JSON_ARRAY) ? value : NULL;
}

void content_read(struct arena *arena, const struct json_node *content, struct content *ret)
{
    const struct json_node *lines = json_node_member(content, "lines"), *incidents = json_node_member(content, "incidents");
    *ret = (struct content){
        .kind = content_kind_of(json_node_text_at(arena, content, "kind")),
        .subject = line_at(arena, content, "subject"),
        .details = json_node_text_at(arena, content, "details"),
        .why = line_at(arena, content, "why"),
        .thread = line_at(arena, content, "thread"),
        .message_id = line_at(arena, content, "message_id"),
        .to_name = line_at(arena, content, "to_name"),
        .from_name = line_at(arena, content, "from_name"),
        .at = json_node_text_at(arena, content, "at"),
        .said_by = line_at(arena, content, "said_by"),
        .html = json_node_text_at(arena, content, "html"),
        .repeat = json_node_true_at(content, "repeat"),
        .code = json_node_int_at(content, "code", 0),
    };
    json_node_each(list_of(lines), item) {
        struct text line = content_one_line(arena, json_node_text(arena, item));
        if (line.size > 0 && ret->line_count < CONTENT_LINES_MAX)
            ret->lines[ret->line_count++] = line;
    }
    read_links(arena, content, &ret->links);
    int64_t total = json_node_int_at(content, "incident_count", 0);
    ret->incident_total = json_node_count(list_of(incidents));
    ret->incident_count = ret->incident_total < CONTENT_INCIDENTS_MAX ? ret->incident_total : CONTENT_INCIDENTS_MAX;
    if (ret->incident_total > 0 && total > (int64_t)ret->incident_total)
        ret->incident_total = (size_t)total;
    ret->incidents = ARENA_ARRAY(arena, struct content_incident, ret->incident_count + 1);
    size_t read = 0;
    json_node_each(list_of(incidents), incident)
        if (read < ret->incident_count)
            read_incident(arena, incident, &ret->incidents[read++]);
    if (!ret->code && ret->incident_count)
        ret->code = ret->incidents[0].code;
}

static const char *loud(struct text urgency)
{
    return text_is(urgency, "high") ? "HIGH " : text_is(urgency, "low") ? "low " : "";
}

struct text content_incident_line(struct arena *arena, const struct content_incident *incident)
{
    struct builder b = builder_new(arena, 4096);
    if (incident->number)
        builder_printf(&b, "#%lld ", (long long)incident->number);
    builder_add_string(&b, loud(incident->urgency));
    if (incident->service.size)
        builder_printf(&b, "%.*s: ", TEXT_ARG(incident->service));
    builder_add(&b, incident->title);
    return builder_text(&b);
}

uint32_t content_character(struct text t, size_t *position)
{
    const unsigned char *bytes = (const unsigned char *)t.data + *position;
    size_t left = t.size - *position;
    size_t more = bytes[0] < 0x80 ? 0 : bytes[0] >= 0xc2 && bytes[0] < 0xe0 ? 1 : (bytes[0] & 0xf0) == 0xe0 ? 2 : bytes[0] >= 0xf0 && bytes[0] < 0xf5 ? 3 : 4;
    if (more == 0 || more >= left || more == 4) {
        (*position)++;
        return more == 0 ? bytes[0] : 0xfffd;
    }
    uint32_t character = bytes[0] & (0x3fu >> more);
    for (size_t i = 1; i <= more; i++) {
        if ((bytes[i] & 0xc0) != 0x80) {
            (*position)++;
            return 0xfffd;
        }
        character = character << 6 | (bytes[i] & 0x3fu);
    }
    *position += more + 1;
    return character;
}

void content_add_character(struct builder *b, uint32_t c)
{
    char bytes[4];
    size_t size = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    static const unsigned char lead[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = size - 1; i > 0; i--, c >>= 6)
        bytes[i] = (char)(0x80 | (c & 0x3f));
    bytes[0] = (char)(lead[size] | c);
    builder_add(b, (struct text){bytes, size});
}

/* Marks that reorder or hide text: a title must not read differently from what it is. */
static bool is_invisible(uint32_t c)
{
    return (c >= 0x200b && c <= 0x200f) || (c >= 0x202a && c <= 0x202e) || (c >= 0x2060 && c <= 0x2069) || c == 0xfeff ||
           c == 0xad || c == 0xfffe || c == 0xffff;
}

struct text content_one_line(struct arena *arena, struct text t)
{
    struct builder b = builder_new(arena, t.size * 3 + 1);
    bool space = true; /* none at the start */
    for (size_t i = 0; i < t.size;) {
        uint32_t c = content_character(t, &i);
        if (is_invisible(c))
            continue;
        if (c <= ' ' || (c >= 0x7f && c < 0xa0) || c == 0x2028 || c == 0x2029) {
            if (!space)
                builder_add_string(&b, " ");
            space = true;
        } else {
            content_add_character(&b, c);
            space = false;
        }
    }
    struct text line = builder_text(&b);
    return line.size && line.data[line.size - 1] == ' ' ? text_copy(arena, text_slice(line, 0, line.size - 1)) : line;
}

/* Phones make a link of "www." as well; brackets and quotes before it do not hide it. */
static size_t link_start(struct text word)
{
    size_t scheme = text_find(word, TEXT("://"));
    if (scheme < word.size) {
        while (scheme > 0 && ((word.data[scheme - 1] | 0x20) >= 'a' && (word.data[scheme - 1] | 0x20) <= 'z'))
            scheme--;
        return scheme;
    }
    for (size_t i = 0; i + 4 <= word.size; i++)
        if (text_equal_ignoring_case(text_slice(word, i, i + 4), TEXT("www.")))
            return i;
    return word.size;
}

struct text content_without_links(struct arena *arena, struct text t)
{
    struct text rest = content_one_line(arena, t), word;
    struct builder b = builder_new(arena, rest.size * 3 + 16);
    bool first = true;
    while (text_next(&rest, ' ', &word)) {
        size_t start = link_start(word);
        if (!first)
            builder_add_string(&b, " ");
        first = false;
        builder_add(&b, text_slice(word, 0, start));
        if (start < word.size) {
            size_t end = start;
            while (end < word.size && !strchr(")>]\"'<,", word.data[end]))
                end++;
            builder_add_string(&b, "(link)");
            struct text after = text_slice(word, end, word.size);
            builder_add(&b, link_start(after) == after.size ? after : TEXT_NONE);
        }
    }
    return builder_text(&b);
}

struct text content_clock(struct arena *arena, struct text since)
{
    instant local;
    bool has_offset;
    int64_t offset;
    if (!instant_parse_local(since, &local, &has_offset, &offset))
        return TEXT_NONE;
    int64_t minutes = local.us / (60 * SECOND_US);
    return text_printf(arena, "%02d:%02d", (int)(minutes / 60 % 24), (int)(minutes % 60));
}

struct text content_date(struct arena *arena, struct text since)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    instant local;
    bool has_offset;
    int64_t offset = 0, year;
    int month, day;
    if (!instant_parse_local(since, &local, &has_offset, &offset))
        return TEXT_NONE;
    int64_t date = local.us / (86400 * SECOND_US);
    civil_from_days(date, &year, &month, &day);
    int64_t east = offset < 0 ? -offset : offset;
    if (offset == 0)
        return text_printf(arena, "%s %d %s %lld %.*s UTC", days[date % 7], day, months[month - 1], (long long)year, TEXT_ARG(content_clock(arena, since)));
    return text_printf(arena, "%s %d %s %lld %.*s (UTC%c%02d:%02d)", days[date % 7], day, months[month - 1], (long long)year,
                       TEXT_ARG(content_clock(arena, since)), offset < 0 ? '-' : '+', (int)(east / 3600), (int)(east / 60 % 60));
}
