/* Why: mail, SMS and voice lay out the same facts, so the content of a message (frames.h) is read once, into this. Pure.
 * Everything in it came from outside at some time: each layout escapes for its own medium. */
#ifndef MUSTER_CHANNEL_CONTENT_H
#define MUSTER_CHANNEL_CONTENT_H

#include "base/json_node.h"

enum {
    CONTENT_INCIDENTS_MAX = 100, /* a bundle names more only by its total */
    CONTENT_LINES_MAX = 50,
};

enum content_kind { CONTENT_PAGE, CONTENT_CODE, CONTENT_HANDOFF, CONTENT_ALARM, CONTENT_NOTICE, CONTENT_WEBHOOK };

struct content_links {
    struct text acknowledge, resolve, escalate, page; /* empty: none. Only http and https pass */
};

struct content_incident {
    int64_t number, code, alerts; /* 0: not told */
    struct text title, service, urgency, severity, priority, since, status;
    struct content_links links;
};

struct content {
    enum content_kind kind;
    struct text subject, details, why, thread, message_id, to_name, from_name, at;
    struct text said_by; /* of a notice: who tells how its incident stands, in `details` */
    struct text html;    /* the same as they wrote it for mails: raw, for markup_safe (channel/markup.h) */
    struct text lines[CONTENT_LINES_MAX];
    size_t line_count;
    struct content_incident *incidents;
    size_t incident_count;      /* kept */
    size_t incident_total;      /* of the bundle */
    struct content_links links; /* on all of a bundle */
    int64_t code;               /* what to answer with; 0: none */
    bool repeat;
};

/* `content`: what a frame or a stored message holds; what is of another type counts as absent. */
void content_read(struct arena *arena, const struct json_node *content, struct content *ret);
enum content_kind content_kind_of(struct text name);

/* "#42 HIGH checkout: Payment errors": for subjects and lists. */
struct text content_incident_line(struct arena *arena, const struct content_incident *incident);
/* One line without control characters (they become spaces, runs of space become one), direction marks and zero-width characters removed. */
struct text content_one_line(struct arena *arena, struct text t);
/* As above, and links in it become "(link)": for media where a link from outside is an attack (SMS, speech). */
struct text content_without_links(struct arena *arena, struct text t);
/* "03:12" of an RFC 3339 instant with offset; TEXT_NONE when it is none. */
struct text content_clock(struct arena *arena, struct text since);
/* "Tue 10 Feb 2026 03:12 (UTC+01:00)"; TEXT_NONE when it is none. */
struct text content_date(struct arena *arena, struct text since);

/* Steps through UTF-8: the character at *position, which moves behind it. Broken bytes count as U+FFFD. */
uint32_t content_character(struct text t, size_t *position);
void content_add_character(struct builder *b, uint32_t character);

#endif
