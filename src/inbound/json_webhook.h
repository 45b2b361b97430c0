/* Why: whatever can POST a JSON object can page, without a mapping language. The keys are fixed; the first one present
 * wins.
 *
 *   what       keys, in this order                                               else
 *   summary    summary title message subject text name description               a mistake (trigger only); cut to 1,024
 *   action     event_action action event_type status state alert_status          trigger; words: words.h
 *   severity   severity level priority urgency                                   unknown; words: words.h
 *   dedup key  dedup_key dedupKey incident_key fingerprint alias alert_id id key the summary, cut to 255
 *   source     source host hostname instance node server                         none
 *   component, group, class                                                      none
 *   client     client client_url; address also url link                          none
 *   timestamp  timestamp time created_at startsAt (ISO 8601, or seconds or milliseconds since 1970)  none
 *   details    custom_details details (objects)                                  the whole body
 *
 * Texts may also be numbers or booleans (an id of 42), taken as they were written. A dedup key over 255 characters is a mistake, because two cut
 * ones could meet. Everything else is kept in the body and ignored. */
#ifndef MUSTER_INBOUND_JSON_WEBHOOK_H
#define MUSTER_INBOUND_JSON_WEBHOOK_H

#include "inbound/field.h"

/* The routing key is the lent one. ERR_INVALID: `reading->problem` has every mistake. */
enum err json_webhook_read(const struct reading *reading, struct event *ret) MUST_CHECK;

#endif
