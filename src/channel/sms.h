/* Why: what a page looks like on a telephone that knows nothing but text. Pure; sending is in twilio.c. */
#ifndef MUSTER_CHANNEL_SMS_H
#define MUSTER_CHANNEL_SMS_H

#include "channel/content.h"

/* Fits SMS_SEGMENTS_MAX (GSM) or SMS_SEGMENTS_UNICODE_MAX segments. The way to answer and its code are never cut; what is
 * cut is the end of titles and whole lines, least important first. Carries no link at all. */
struct text render_sms(struct arena *arena, const struct content *content);

/* An answer of ours to a message, fitted the same way. */
struct text sms_answer(struct arena *arena, struct text answer);

#endif
