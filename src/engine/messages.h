/* Why: the outbox rows: what is to be said to one contact method. What a message says is decided here once, as plain parts
 * (channel/frames.h); how it looks is the channel's affair. */
#ifndef MUSTER_ENGINE_MESSAGES_H
#define MUSTER_ENGINE_MESSAGES_H

#include "base/json.h"
#include "engine/tx.h"

struct message_page { /* one page a message speaks for */
    int64_t notification_number, incident_number, page_number;
};

/* One message about one or several pages of the owner of the contact method. `incidents`: how many different ones. */
enum err messages_send_page(struct tx *tx, struct text contact_method_id, bool urgent, const struct message_page *pages, size_t count,
                            size_t incidents) MUST_CHECK;

/* A further attempt of a message: cause "retry", "failover" or "doubt". Notifications follow to the new row. */
enum err messages_send_again(struct tx *tx, int64_t message_number, const char *cause, int64_t delay_s, int64_t *ret_number) MUST_CHECK;

#endif
