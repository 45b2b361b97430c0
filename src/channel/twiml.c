/* Why: see twiml.h. Text goes in escaped and nothing in it is markup: a title cannot make the call do anything. */
#include "channel/twiml.h"

enum { TWIML_BYTES_MAX = 64 * 1024, TITLE_BYTES_MAX = 240, SAID_TIMES = 3, KEY_WAIT_S = 6, BUNDLE_NAMED_MAX = 3, CODE_DIGITS_MIN = 4 };

static void open_response(struct builder *b)
{
    builder_add_string(b, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Response>");
}

static void say(struct arena *arena, struct builder *b, struct text words)
{
    builder_printf(b, "<Say language=\"en-US\">%.*s</Say>", TEXT_ARG(text_html_escape(arena, words)));
}

/* Signs a voice reads badly or not at all become pauses; comparisons become words. */
static struct text speakable(struct arena *arena, struct text t)
{
    struct text line = content_without_links(arena, t);
    struct text cut = text_utf8_cut(line, TITLE_BYTES_MAX);
    struct builder b = builder_new(arena, cut.size * 8 + 1);
    for (size_t i = 0; i < cut.size; i++) {
        char c = cut.data[i];
        bool alone = i > 0 && i + 1 < cut.size && cut.data[i - 1] == ' ' && cut.data[i + 1] == ' ';
        bool counts = c == '#' && i + 1 < cut.size && cut.data[i + 1] >= '0' && cut.data[i + 1] <= '9';
        if (counts)
            builder_add_string(&b, "number ");
        else if (alone && (c == '>' || c == '<'))
            builder_add_string(&b, c == '>' ? "above" : "below");
        else if (c && strchr("_|<>{}[]()*^~\\`\"", c))
            builder_add_string(&b, " ");
        else
            builder_add(&b, text_slice(cut, i, i + 1));
    }
    return content_one_line(arena, builder_text(&b));
}

static size_t digits_at(struct text t, size_t at)
{
    size_t count = 0;
    while (at + count < t.size && t.data[at + count] >= '0' && t.data[at + count] <= '9')
        count++;
    return count;
}

/* "482913" is one number to a voice and six digits to a person; "10 minutes" stays a number. */
static struct text digits_apart(struct arena *arena, struct text t)
{
    struct builder b = builder_new(arena, t.size * 3 + 1);
    for (size_t i = 0; i < t.size;) {
        size_t count = digits_at(t, i);
        for (size_t digit = 0; digit < count; digit++)
            builder_printf(&b, count >= CODE_DIGITS_MIN && digit > 0 ? ", %c" : "%c", t.data[i + digit]);
        i += count;
        if (count == 0) {
            builder_add(&b, text_slice(t, i, i + 1));
            i++;
        }
    }
    return builder_text(&b);
}

static void add_incident(struct arena *arena, struct builder *b, const struct content_incident *incident)
{
    builder_printf(b, "%.*s. %.*s. ", TEXT_ARG(speakable(arena, incident->service)), TEXT_ARG(speakable(arena, incident->title)));
}

static bool asks_for_key(const struct content *content)
{
    return content->kind == CONTENT_PAGE && content->incident_total > 0;
}

static struct text words_of_page(struct arena *arena, const struct content *content)
{
    struct builder b = builder_new(arena, TWIML_BYTES_MAX / 8);
    builder_add_string(&b, content->repeat ? "This is Muster, possibly again. " : "This is Muster. ");
    if (content->incident_total > 1) {
        size_t named = content->incident_count < BUNDLE_NAMED_MAX ? content->incident_count : BUNDLE_NAMED_MAX;
        builder_printf(&b, "%zu incidents need you. ", content->incident_total);
        for (size_t i = 0; i < named; i++)
            add_incident(arena, &b, &content->incidents[i]);
        if (content->incident_total > named)
            builder_printf(&b, "And %zu more. ", content->incident_total - named);
        builder_add_string(&b, "For all of them: press 4 to acknowledge, 6 to resolve, 8 to escalate.");
    } else {
        const struct content_incident *incident = &content->incidents[0];
        const char *urgency = text_is(incident->urgency, "high") ? "High urgency incident" : "Incident";
        builder_printf(&b, "%s %lld on ", urgency, (long long)incident->number);
        add_incident(arena, &b, incident);
        builder_add_string(&b, "Press 4 to acknowledge, 6 to resolve, 8 to escalate.");
    }
    return builder_text(&b);
}

static struct text words_of_lines(struct arena *arena, const struct content *content)
{
    struct builder b = builder_new(arena, TWIML_BYTES_MAX / 8);
    if (content->line_count == 0)
        builder_printf(&b, "%.*s. ", TEXT_ARG(speakable(arena, content->subject)));
    for (size_t i = 0; i < content->line_count; i++) {
        struct text line = speakable(arena, content->lines[i]);
        bool ends = line.size > 0 && strchr(".!?", line.data[line.size - 1]);
        builder_printf(&b, ends ? "%.*s " : "%.*s. ", TEXT_ARG(content->kind == CONTENT_CODE ? digits_apart(arena, line) : line));
    }
    return builder_text(&b);
}

static struct text page(struct arena *arena, const struct content *content, struct text action_url, const char *first)
{
    struct builder b = builder_new(arena, TWIML_BYTES_MAX);
    open_response(&b);
    if (first)
        say(arena, &b, text_of(first));
    if (!asks_for_key(content)) {
        struct text words = words_of_lines(arena, content);
        say(arena, &b, words);
        builder_add_string(&b, "<Pause length=\"1\"/>");
        say(arena, &b, words);
        builder_add_string(&b, "<Hangup/></Response>");
        return builder_text(&b);
    }
    for (int i = 0; i < SAID_TIMES; i++) {
        builder_printf(&b, "<Gather input=\"dtmf\" numDigits=\"1\" timeout=\"%d\" method=\"POST\" action=\"%.*s\">", KEY_WAIT_S,
                       TEXT_ARG(text_html_escape(arena, action_url)));
        say(arena, &b, words_of_page(arena, content));
        builder_add_string(&b, "</Gather>");
    }
    say(arena, &b, TEXT("No key was pressed. This call does not count as an answer. Goodbye."));
    builder_add_string(&b, "<Hangup/></Response>");
    return builder_text(&b);
}

struct text twiml_words(struct arena *arena, const struct content *content)
{
    return asks_for_key(content) ? words_of_page(arena, content) : words_of_lines(arena, content);
}

struct text twiml_page(struct arena *arena, const struct content *content, struct text action_url)
{
    return page(arena, content, action_url, NULL);
}

struct text twiml_page_again(struct arena *arena, const struct content *content, struct text action_url)
{
    return page(arena, content, action_url, "That key has no meaning here.");
}

struct text twiml_voicemail(struct arena *arena, const struct content *content)
{
    struct builder words = builder_new(arena, TWIML_BYTES_MAX / 8), b = builder_new(arena, TWIML_BYTES_MAX);
    /* A verification code read to a machine would verify whoever listens to it later. */
    if (content->kind == CONTENT_CODE) {
        builder_add_string(&words, "This is Muster. A verification code is given only to a person. Please ask for a new one.");
    } else if (asks_for_key(content)) {
        builder_printf(&words, "This is Muster. %zu open incident%s. ", content->incident_total, content->incident_total > 1 ? "s" : "");
        add_incident(arena, &words, &content->incidents[0]);
        builder_add_string(&words, "This message does not count as an answer; others are being called.");
    } else {
        builder_add(&words, words_of_lines(arena, content));
    }
    open_response(&b);
    say(arena, &b, builder_text(&words));
    builder_add_string(&b, "<Hangup/></Response>");
    return builder_text(&b);
}

struct text twiml_say(struct arena *arena, struct text sentence)
{
    struct builder b = builder_new(arena, TWIML_BYTES_MAX);
    open_response(&b);
    say(arena, &b, speakable(arena, sentence));
    builder_add_string(&b, "<Hangup/></Response>");
    return builder_text(&b);
}

struct text twiml_message(struct arena *arena, struct text answer)
{
    struct builder b = builder_new(arena, TWIML_BYTES_MAX);
    open_response(&b);
    if (answer.size)
        builder_printf(&b, "<Message>%.*s</Message>", TEXT_ARG(text_html_escape(arena, content_without_links(arena, answer))));
    builder_add_string(&b, "</Response>");
    return builder_text(&b);
}
