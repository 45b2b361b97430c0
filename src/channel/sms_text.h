/* Why: a phone message is paid and cut by segments of an odd alphabet (GSM 03.38), and one curly quote would halve the room.
 * This says what a text costs and makes it cheap without making it wrong. Pure. */
#ifndef MUSTER_CHANNEL_SMS_TEXT_H
#define MUSTER_CHANNEL_SMS_TEXT_H

#include "base/text.h"

enum {
    SMS_SEGMENTS_MAX = 2,         /* GSM: 306 characters */
    SMS_SEGMENTS_UNICODE_MAX = 3, /* UCS-2: 201 units; other scripts get one more */
};

enum sms_alphabet { SMS_GSM, SMS_UNICODE };

/* Quotes, dashes, arrows and accents become what the GSM alphabet has; pictures go. Other scripts stay. */
struct text sms_simplify(struct arena *arena, struct text line);
enum sms_alphabet sms_alphabet_of(struct text t);
/* Septets (GSM) or UTF-16 units. */
size_t sms_units(struct text t, enum sms_alphabet alphabet);
/* The longest prefix of whole characters within `units`, ending in "..." when something was cut. */
struct text sms_cut(struct arena *arena, struct text t, enum sms_alphabet alphabet, size_t units);
/* All units that `segments` joined segments hold. */
size_t sms_room(enum sms_alphabet alphabet, size_t segments);
size_t sms_segments(struct text t);

#endif
