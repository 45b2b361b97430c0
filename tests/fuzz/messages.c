/* Why: what goes between our processes and to the providers: frames, the content of a message and its layouts, forms and answers of providers, the
 * signed links in mails. What is built from outside text is checked for what that text must not be able to do: end a header, forge a mark-up. */
#include <assert.h>
#include <sys/socket.h>
#include <unistd.h>

#include "api/twilio_form.h"
#include "base/json_scan.h"
#include "channel/email.h"
#include "channel/email_page.h"
#include "channel/frames.h"
#include "channel/markup.h"
#include "channel/mime.h"
#include "channel/send.h"
#include "channel/sms.h"
#include "channel/sms_text.h"
#include "channel/twilio.h"
#include "channel/twiml.h"
#include "engine/links.h"
#include "target.h"

/* Through a real socket pair, in pieces of the size that the first byte says. */
bool fuzz_frames(struct arena *arena, struct text input)
{
    enum { STREAM_BYTES_MAX = 60000 };
    int ends[2];
    if (input.size == 0 || input.size > STREAM_BYTES_MAX || socketpair(AF_UNIX, SOCK_STREAM, 0, ends) != 0)
        return false;
    size_t piece = 1 + (unsigned char)input.data[0], taken = 0;
    struct text stream = text_slice(input, 1, input.size);
    struct frame_buffer buffer = {0};
    size_t frames = 0;
    enum err err = OK;
    while (taken < stream.size && err == OK) {
        struct text part = text_slice(stream, taken, taken + piece);
        assert(write(ends[1], part.data, part.size) == (ssize_t)part.size);
        taken += part.size;
        err = frame_buffer_fill(&buffer, ends[0]);
        assert(err == OK);
        const struct json_node *frame = NULL;
        do {
            frame = NULL;
            err = frame_buffer_next(&buffer, arena, &frame);
            assert(err == OK || err == ERR_INVALID);
            assert(err == OK || !frame);
            if (frame) {
                assert(json_node_is(frame, JSON_OBJECT));
                frames++;
                assert(json_node_raw(frame).size >= 2);
            }
        } while (frame);
    }
    frame_buffer_free(&buffer);
    close(ends[1]);
    close(ends[0]);
    return frames > 0;
}

static void check_mail(struct text mail)
{
    /* Lines end with CRLF and no line break or NUL stands alone; a header line is a name and a colon, or a continuation. */
    bool in_header = true;
    size_t from = 0, recipients = 0, subjects = 0;
    assert(text_find_byte(mail, '\0', 0) == mail.size);
    while (from < mail.size) {
        size_t end = text_find(text_slice(mail, from, mail.size), TEXT("\r\n")) + from;
        assert(end < mail.size);
        struct text line = text_slice(mail, from, end);
        assert(text_find_byte(line, '\n', 0) == line.size && text_find_byte(line, '\r', 0) == line.size);
        assert(line.size <= 998);
        if (line.size == 0)
            in_header = false;
        if (in_header && line.data[0] != ' ' && line.data[0] != '\t') {
            size_t colon = text_find_byte(line, ':', 0);
            assert(colon > 0 && colon < line.size);
            for (size_t i = 0; i < colon; i++)
                assert(line.data[i] == '-' || (line.data[i] >= '0' && line.data[i] <= '9') || (line.data[i] >= 'A' && line.data[i] <= 'Z') ||
                       (line.data[i] >= 'a' && line.data[i] <= 'z'));
            struct text name = text_slice(line, 0, colon);
            recipients += text_equal_ignoring_case(name, TEXT("To"));
            subjects += text_equal_ignoring_case(name, TEXT("Subject"));
            assert(!text_equal_ignoring_case(name, TEXT("Bcc")) && !text_equal_ignoring_case(name, TEXT("Cc")));
        }
        from = end + 2;
    }
    assert(recipients == 1 && subjects == 1);
}

bool fuzz_mime(struct arena *arena, struct text input)
{
    /* "\x1f" separates: a line break is what we want to smuggle in. */
    struct text rest = input, parts[8] = {TEXT(""), TEXT(""), TEXT(""), TEXT(""), TEXT(""), TEXT(""), TEXT(""), TEXT("")};
    for (size_t i = 0; i < 8 && text_next(&rest, '\x1f', &parts[i]); i++) {
    }
    bool valid = mail_address_is_valid(parts[0]);
    struct text to = valid ? parts[0] : TEXT("ana@example.org");
    for (size_t i = 0; i < to.size; i++)
        assert((unsigned char)to.data[i] > ' ' && (unsigned char)to.data[i] < 0x7f);
    struct mail mail = {.from_name = parts[1], .from = TEXT("muster@example.org"), .to_name = parts[2], .to = to, .subject = parts[3],
                        .date = {INT64_C(1770689525) * SECOND_US}, .message_id = parts[4], .thread = parts[5], .high_importance = true,
                        .plain = parts[6], .html = parts[7]};
    for (size_t i = 1; i < 8; i++)
        if (!text_is_utf8(parts[i]))
            return false; /* what comes here was checked at the door */
    check_mail(mail_write(arena, &mail));
    return valid;
}

/* Every "<" of an XML answer must be one of ours. */
static void check_twiml(struct text xml)
{
    static const char *const tags[] = {"<?xml ", "<Response", "</Response>", "<Say", "</Say>", "<Gather ", "</Gather>", "<Pause", "<Hangup", "<Message", "</Message>",
                                       "<Redirect", "</Redirect>"};
    fuzz_expect_utf8(xml);
    for (size_t at = text_find_byte(xml, '<', 0); at < xml.size; at = text_find_byte(xml, '<', at + 1)) {
        bool known = false;
        for (size_t t = 0; t < sizeof tags / sizeof *tags; t++)
            known = known || text_starts_with(text_slice(xml, at, xml.size), text_of(tags[t]));
        assert(known);
    }
}

/* Only our tags, each closed in its order; written anew it stays as it is. */
bool fuzz_markup(struct arena *arena, struct text input)
{
    static const char *const tags[] = {"p", "b", "strong", "i", "em", "u", "s", "ul", "ol", "li", "blockquote", "pre style=\"white-space:pre-wrap\"", "code", "h1", "h2", "h3"};
    static const char link[] = "<a href=\"http", link_end[] = "\" rel=\"noopener noreferrer\">";
    const char *open[MARKUP_DEPTH_MAX];
    size_t depth = 0;
    if (!text_is_utf8(input))
        return false;
    struct text kept = markup_safe(arena, input);
    fuzz_expect_utf8(kept);
    assert(kept.size <= MARKUP_BYTES_MAX && (kept.size > MARKUP_BYTES_MAX / 2 || text_equal(markup_safe(arena, kept), kept)));
    for (size_t at = text_find_byte(kept, '<', 0); at < kept.size; at = text_find_byte(kept, '<', at + 1)) {
        size_t end = text_find_byte(kept, '>', at);
        struct text tag = text_slice(kept, at, end + 1);
        const char *name = text_starts_with(tag, text_of(link)) && text_ends_with(tag, text_of(link_end)) ? "a" : NULL;
        for (size_t t = 0; t < sizeof tags / sizeof *tags && !name; t++)
            name = text_equal(tag, text_printf(arena, "<%s>", tags[t])) ? tags[t] : NULL;
        if (name) {
            assert(depth < MARKUP_DEPTH_MAX);
            open[depth++] = name;
        }
        if (!name && !text_is(tag, "<br>") && !text_is(tag, "<hr>"))
            assert(depth > 0 && text_equal(tag, text_printf(arena, "</%.*s>", (int)strcspn(open[depth - 1], " "), open[depth - 1])) && depth-- > 0);
    }
    assert(depth == 0);
    return kept.size > 0;
}

bool fuzz_content(struct arena *arena, struct text input)
{
    const struct json_node *document;
    if (json_scan(arena, input, problem_new(arena), &document) != OK || !json_node_is(document, JSON_OBJECT))
        return false;
    struct content content;
    content_read(arena, document, &content);
    assert(content.line_count <= CONTENT_LINES_MAX && content.incident_count <= CONTENT_INCIDENTS_MAX);
    assert(content.incident_count <= content.incident_total);
    struct text sms = render_sms(arena, &content);
    fuzz_expect_utf8(sms);
    struct provider_config provider = {.name = TEXT("mail"), .from = TEXT("muster@example.org")};
    check_mail(render_email(arena, &content, &provider, TEXT("ana@example.org"), (instant){INT64_C(1770689525) * SECOND_US}));
    struct text html = email_html(arena, &content);
    fuzz_expect_utf8(html);
    assert(text_find(html, TEXT("<script")) == html.size && text_find(html, TEXT("<img")) == html.size);
    struct text subject = email_subject(arena, &content);
    assert(text_find_byte(subject, '\n', 0) == subject.size);
    check_twiml(twiml_page(arena, &content, TEXT("https://example.org/key")));
    check_twiml(twiml_page_again(arena, &content, TEXT("https://example.org/key")));
    check_twiml(twiml_voicemail(arena, &content));
    fuzz_expect_utf8(twiml_words(arena, &content));
    return content.incident_count > 0 || content.subject.size > 0;
}

bool fuzz_form(struct arena *arena, struct text input)
{
    struct text rest = input, signature = fuzz_line(&rest);
    json_t *form = twilio_form_read(arena, rest);
    if (!form)
        return false;
    assert(json_object_size(form) <= TWILIO_FORM_FIELDS_MAX);
    (void)twilio_signature_is_valid(arena, TEXT("token"), TEXT("https://example.org/muster/sms?x=1"), form, signature);
    assert(!twilio_signature_is_valid(arena, TEXT(""), TEXT("https://example.org/muster/sms"), form, signature));
    struct text body = json_text_at(form, "Body");
    if (body.size > 0 && body.size < 2000)
        check_twiml(twiml_message(arena, body));
    check_twiml(twiml_say(arena, body));
    enum twilio_progress progress;
    (void)twilio_progress_parse(json_text_at(form, "MessageStatus"), &progress);
    return json_object_size(form) > 0;
}

bool fuzz_provider_answer(struct arena *arena, struct text input)
{
    struct text rest = input, line = fuzz_line(&rest);
    int64_t status = 0;
    if (!text_to_int64(line, &status) || status < 100 || status > 599)
        return false;
    struct outcome outcome = {0};
    twilio_classify(arena, (long)status, rest, &outcome);
    assert(outcome.kind != OUTCOME_NONE);
    assert(!outcome.address_refused || outcome.kind == OUTCOME_PERMANENT);
    fuzz_expect_utf8(outcome.ref);
    fuzz_expect_utf8(outcome.error);
    return outcome.kind == OUTCOME_ACCEPTED;
}

bool fuzz_link(struct arena *arena, struct text input)
{
    const struct text key = TEXT("0123456789abcdef");
    struct link link = {.expires_at = INSTANT_NONE};
    instant now = {INT64_C(1770689525) * SECOND_US};
    /* What only the key's holder can write must not be found; so a link is also signed here and read back. */
    enum link_verdict verdict = link_read(arena, key, input, now, &link);
    if (verdict != LINK_FORGED) {
        struct text again = link_token(arena, key, &link);
        assert(text_equal(again, input));
    }
    struct text rest = input, user = fuzz_line(&rest);
    for (size_t i = 0; i < user.size; i++)
        if (!((user.data[i] >= 'A' && user.data[i] <= 'Z') || (user.data[i] >= '0' && user.data[i] <= '9')))
            return false;
    struct link made = {.action = (enum link_action)(rest.size % 3), .message_number = 1 + (int64_t)rest.size, .incident_number = (int64_t)user.size,
                        .user_id = user, .expires_at = instant_add_s(now, 60)};
    if (user.size == 0 || user.size > 20)
        return false;
    struct text token = link_token(arena, key, &made);
    assert(link_read(arena, key, token, now, &link) == LINK_VALID);
    assert(link.action == made.action && link.message_number == made.message_number && text_equal(link.user_id, user));
    assert(link_read(arena, TEXT("another"), token, now, &link) == LINK_FORGED);
    assert(link_read(arena, key, token, instant_add_s(now, 61), &link) == LINK_EXPIRED);
    /* One character changed at the place the input says is a forgery. */
    char *forged = arena_copy(arena, token.data, token.size);
    size_t place = rest.size > 0 ? (unsigned char)rest.data[0] % token.size : 0;
    forged[place] = forged[place] == '0' ? '1' : '0';
    assert(link_read(arena, key, (struct text){forged, token.size}, now, &link) == LINK_FORGED);
    return true;
}
