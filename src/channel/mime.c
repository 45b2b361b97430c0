/* Why: see mime.h. RFC 5322, 2045-2047, 3834. */
#include "channel/mime.h"

#include <assert.h>

#include "channel/content.h"

static bool is_plain_ascii(struct text t)
{
    for (size_t i = 0; i < t.size; i++)
        if (t.data[i] < ' ' || t.data[i] > '~')
            return false;
    return text_find(t, TEXT("=?")) == t.size;
}

/* RFC 2047 words of at most 75 characters, each of whole characters, folded. */
static struct text encoded_words(struct arena *arena, struct text t)
{
    enum { BYTES_PER_WORD = 39 };
    struct builder b = builder_new(arena, t.size * 4 + 256);
    while (t.size) {
        struct text part = text_utf8_cut(t, BYTES_PER_WORD);
        assert(part.size > 0);
        if (b.size)
            builder_add_string(&b, "\r\n ");
        builder_printf(&b, "=?UTF-8?B?%.*s?=", TEXT_ARG(text_base64(arena, part.data, part.size)));
        t = text_slice(t, part.size, t.size);
    }
    return builder_text(&b);
}

static struct text unstructured(struct arena *arena, struct text t)
{
    struct text line = content_one_line(arena, t);
    struct text kept = text_utf8_cut(line, MIME_SUBJECT_BYTES_MAX);
    if (kept.size < line.size)
        kept = text_printf(arena, "%.*s...", TEXT_ARG(text_utf8_cut(line, MIME_SUBJECT_BYTES_MAX - 3)));
    return is_plain_ascii(kept) ? kept : encoded_words(arena, kept);
}

/* "Name" <address>, the name as a quoted string or as encoded words. */
static struct text mailbox(struct arena *arena, struct text name, struct text address)
{
    assert(mail_address_is_valid(address));
    struct text line = text_utf8_cut(content_one_line(arena, text_is_present(name) ? name : TEXT("")), 100);
    if (!line.size)
        return address;
    if (!is_plain_ascii(line))
        return text_printf(arena, "%.*s <%.*s>", TEXT_ARG(encoded_words(arena, line)), TEXT_ARG(address));
    struct builder b = builder_new(arena, 1024);
    for (size_t i = 0; i < line.size; i++) {
        if (line.data[i] == '"' || line.data[i] == '\\')
            builder_add_string(&b, "\\");
        builder_add(&b, text_slice(line, i, i + 1));
    }
    return text_printf(arena, "\"%.*s\" <%.*s>", TEXT_ARG(builder_text(&b)), TEXT_ARG(address));
}

/* <left@right> of characters that need no quoting; others become "-". */
static struct text identifier(struct arena *arena, struct text id, struct text from)
{
    struct builder b = builder_new(arena, 512);
    bool has_at = false;
    for (size_t i = 0; i < id.size && i < 200; i++) {
        char c = id.data[i];
        bool first_at = c == '@' && !has_at && i > 0 && i + 1 < id.size;
        bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_' || c == '+' || c == '=';
        has_at |= first_at;
        builder_add(&b, safe || first_at ? text_slice(id, i, i + 1) : TEXT("-"));
    }
    struct text host = text_slice(from, text_find_byte(from, '@', 0) + 1, from.size);
    return has_at ? text_printf(arena, "<%.*s>", TEXT_ARG(builder_text(&b)))
                  : text_printf(arena, "<%.*s@%.*s>", TEXT_ARG(builder_text(&b)), TEXT_ARG(host));
}

static struct text rfc5322_date(struct arena *arena, instant t)
{
    static const char *const days[] = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    int64_t seconds = t.us / SECOND_US, date = seconds / 86400, year;
    int month, day, of_day = (int)(seconds % 86400);
    civil_from_days(date, &year, &month, &day);
    return text_printf(arena, "%s, %d %s %lld %02d:%02d:%02d +0000", days[date % 7], day, months[month - 1], (long long)year,
                       of_day / 3600, of_day / 60 % 60, of_day % 60);
}

static void add_quoted_printable(struct builder *b, struct text body)
{
    enum { LINE_MAX_CHARS = 76 };
    static const char hex[] = "0123456789ABCDEF";
    size_t column = 0;
    for (size_t i = 0; i < body.size; i++) {
        unsigned char c = (unsigned char)body.data[i];
        if (c == '\n') {
            builder_add_string(b, "\r\n");
            column = 0;
            continue;
        }
        bool ends_line = i + 1 == body.size || body.data[i + 1] == '\n';
        bool plain = (c > ' ' && c <= '~' && c != '=') || (c == ' ' && !ends_line);
        /* A dot or "From " at the start of a line is touched by some servers. */
        if (column == 0 && (c == '.' || c == 'F'))
            plain = false;
        size_t width = plain ? 1 : 3;
        if (column + width > LINE_MAX_CHARS - 1) {
            builder_add_string(b, "=\r\n");
            column = 0;
            if (c == '.' || c == 'F') {
                plain = false;
                width = 3;
            }
        }
        char escaped[3] = {'=', hex[c >> 4], hex[c & 15]};
        builder_add(b, plain ? text_slice(body, i, i + 1) : (struct text){escaped, 3});
        column += width;
    }
    builder_add_string(b, "\r\n");
}

static void add_part(struct builder *b, const char *boundary, const char *type, struct text body)
{
    builder_printf(b, "--%s\r\nContent-Type: %s; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n", boundary, type);
    add_quoted_printable(b, body);
}

struct text mail_write(struct arena *arena, const struct mail *mail)
{
    /* "=_" never appears in quoted-printable, so no body can contain it. */
    static const char boundary[] = "=_muster_alternative";
    struct builder b = builder_new(arena, MIME_BYTES_MAX);
    struct text id = identifier(arena, mail->message_id, mail->from);
    builder_printf(&b, "Date: %.*s\r\n", TEXT_ARG(rfc5322_date(arena, mail->date)));
    builder_printf(&b, "From: %.*s\r\n", TEXT_ARG(mailbox(arena, mail->from_name, mail->from)));
    builder_printf(&b, "To: %.*s\r\n", TEXT_ARG(mailbox(arena, mail->to_name, mail->to)));
    builder_printf(&b, "Subject: %.*s\r\n", TEXT_ARG(unstructured(arena, mail->subject)));
    builder_printf(&b, "Message-ID: %.*s\r\n", TEXT_ARG(id));
    if (mail->thread.size) {
        struct text thread = identifier(arena, mail->thread, mail->from);
        if (!text_equal(thread, id))
            builder_printf(&b, "In-Reply-To: %.*s\r\nReferences: %.*s\r\n", TEXT_ARG(thread), TEXT_ARG(thread));
    }
    builder_add_string(&b, "Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n");
    if (mail->high_importance)
        builder_add_string(&b, "Importance: high\r\nX-Priority: 1\r\n");
    builder_printf(&b, "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=\"%s\"\r\n\r\n", boundary);
    add_part(&b, boundary, "text/plain", mail->plain);
    add_part(&b, boundary, "text/html", mail->html);
    builder_printf(&b, "--%s--\r\n", boundary);
    assert(!b.overflowed);
    return builder_text(&b);
}
