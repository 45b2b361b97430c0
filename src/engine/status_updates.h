/* Why: those who are not called still want to know how it goes. What somebody says about an incident is an entry of its record and,
 * in the same transaction, a mail to everybody who subscribed: by name or as a member of a team, to the incident or to a business service that
 * rests on its service, told once all the same. Mails wait behind pages. */
#ifndef MUSTER_ENGINE_STATUS_UPDATES_H
#define MUSTER_ENGINE_STATUS_UPDATES_H

#include "engine/tx.h"

enum {
    SUBSCRIBERS_MAX = 200,           /* of one incident or business service, people and teams */
    STATUS_UPDATE_PEOPLE_MAX = 1000, /* told of one update; the record says how many */
};

struct status_update {
    struct actor actor;
    struct text message;
    struct text subject; /* absent: by the incident's title */
    struct text html;    /* kept and shown as it was written; mails lay out the plain message */
};

/* Tells everybody who has a verified mail address. ERR_NOT_FOUND: no such incident. */
enum err status_update_publish(struct tx *tx, int64_t incident, const struct status_update *update, int64_t *ret_seq) MUST_CHECK;
/* Whoever follows an incident that is merged into another follows that one too. */
enum err status_updates_move(struct tx *tx, int64_t source, int64_t target) MUST_CHECK;

#endif
