/* Why: from "this person is to be called about this incident" to rows in the outbox: pages, the steps of a person's ladder,
 * bundles, and plain messages that are no pages (verification codes, handoff notices). Sending is engine/outbox.h. */
#ifndef MUSTER_ENGINE_PAGING_H
#define MUSTER_ENGINE_PAGING_H

#include "base/json.h"
#include "engine/tx.h"

/* Queues one message to one contact method, verified or not (a verification code goes to an unverified one).
 * kind: "code", "handoff", "alarm" or "notice". content: {"subject":line,"lines":[...],"details":text}; see channel/frames.h.
 * Not urgent messages wait behind pages. ERR_NOT_FOUND: no such contact method. */
enum err paging_send_plain(struct tx *tx, const char *kind, struct text contact_method_id, bool urgent, const json_t *content,
                           int64_t *ret_message) MUST_CHECK;

#endif
