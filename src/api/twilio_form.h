/* Why: callbacks of telephone providers are HTML forms; the signature covers every field, so every field is kept. */
#ifndef MUSTER_API_TWILIO_FORM_H
#define MUSTER_API_TWILIO_FORM_H

#include "base/json.h"

enum { TWILIO_FORM_BYTES_MAX = 64 * 1024, TWILIO_FORM_FIELDS_MAX = 200 };

/* {"Name": "value"}; a name given twice becomes a list. NULL: too many fields or not UTF-8. */
json_t *twilio_form_read(struct arena *arena, struct text body);

#endif
