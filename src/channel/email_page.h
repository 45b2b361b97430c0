/* Why: what a page looks like as a mail, for someone woken by it: what, how bad, since when, why you, and buttons large enough
 * for a thumb. Pure; bytes are made by mime.h, sending is email.c. */
#ifndef MUSTER_CHANNEL_EMAIL_PAGE_H
#define MUSTER_CHANNEL_EMAIL_PAGE_H

#include "channel/content.h"

struct text email_subject(struct arena *arena, const struct content *content);
struct text email_plain(struct arena *arena, const struct content *content);
/* No image, no script, nothing loaded from anywhere; every text escaped, but for what a status update says in HTML (channel/markup.h). */
struct text email_html(struct arena *arena, const struct content *content);

#endif
