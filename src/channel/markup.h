/* Why: what somebody wrote as HTML goes into mails that Muster sends, so it is written anew instead of passed on: of what came in, only words, the elements
 * below and addresses of links remain. Pure.
 *
 * Kept, without any attribute that was written: p br hr b strong i em u s ul ol li blockquote pre code h1 h2 h3; kept with an address that begins with http:// or https://: a.
 * Of script, style and the like (markup.c) nothing is kept; of everything else its words. What was opened is closed, nothing else can be. */
#ifndef MUSTER_CHANNEL_MARKUP_H
#define MUSTER_CHANNEL_MARKUP_H

#include "base/text.h"

enum {
    MARKUP_DEPTH_MAX = 16,           /* an element below that is left out, its words stay */
    MARKUP_BYTES_MAX = 64 * 1024,    /* of the result; what is behind is left out */
    MARKUP_ADDRESS_BYTES_MAX = 2048, /* a link that is longer is left out, its words stay */
};

/* Well-formed HTML that stands inside a block; empty when nothing of it can be seen. */
struct text markup_safe(struct arena *arena, struct text html);

#endif
