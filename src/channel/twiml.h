/* Why: what a call says. The provider fetches it from us when the person has picked up (api/twilio.c), so it is rendered by the
 * core from the content of the message; the sender only places the call. Pure.
 *
 * Keys, the same everywhere: 4 acknowledge, 6 resolve, 8 escalate. */
#ifndef MUSTER_CHANNEL_TWIML_H
#define MUSTER_CHANNEL_TWIML_H

#include "channel/content.h"

/* Says it three times, each time waiting for one key, which goes to `action_url` (POST, "Digits"). Content without
 * incidents (a verification code, a notice) is said twice and no key is asked for. */
struct text twiml_page(struct arena *arena, const struct content *content, struct text action_url);
/* The words of such a call without markup: what the practice phone shows. */
struct text twiml_words(struct arena *arena, const struct content *content);
/* After another key than the three: says so, then as above. */
struct text twiml_page_again(struct arena *arena, const struct content *content, struct text action_url);
/* For a machine: short, names no key, and says that it does not count as an answer. */
struct text twiml_voicemail(struct arena *arena, const struct content *content);
/* Says one sentence and hangs up: the answer to a key. */
struct text twiml_say(struct arena *arena, struct text sentence);
/* The answer to an incoming text message; empty: none is sent. */
struct text twiml_message(struct arena *arena, struct text answer);

#endif
