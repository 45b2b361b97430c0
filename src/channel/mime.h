/* Why: one mail as bytes. Everything that goes into a header passes through here, and nothing here can emit a line break
 * inside a value: header injection is not possible, whatever a title contains. Pure. */
#ifndef MUSTER_CHANNEL_MIME_H
#define MUSTER_CHANNEL_MIME_H

#include "base/instant.h"
#include "base/mail_address.h"
#include "base/text.h"

enum {
    MIME_BYTES_MAX = 1024 * 1024,
    MIME_SUBJECT_BYTES_MAX = 200,
};

struct mail {
    struct text from_name, from, to_name, to;
    struct text subject;
    instant date;
    struct text message_id, thread; /* without brackets; a host is added where they have none */
    bool high_importance;
    struct text plain, html; /* UTF-8, "\n" between lines */
};

/* The message with CRLF line ends: multipart/alternative, quoted-printable. `from` and `to` must be valid. */
struct text mail_write(struct arena *arena, const struct mail *mail);

#endif
