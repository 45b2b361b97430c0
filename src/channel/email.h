/* Why: a mail for a send, and what the answer of a mail server means. Pure; the dialogue itself is libcurl's. */
#ifndef MUSTER_CHANNEL_EMAIL_H
#define MUSTER_CHANNEL_EMAIL_H

#include "base/config.h"
#include "base/instant.h"
#include "channel/content.h"

/* The whole message as bytes. `to` must be a valid mail address (mime.h). `now` dates it when the content names no time. */
struct text render_email(struct arena *arena, const struct content *content, const struct provider_config *provider, struct text to, instant now);

#endif
