/* Why: the outbox rows: what is to be said to one contact method. What a message says is decided here once, as plain parts
 * (channel/frames.h); how it looks is the channel's affair. */
#ifndef MUSTER_ENGINE_MESSAGES_H
#define MUSTER_ENGINE_MESSAGES_H

#include "base/json.h"
#include "engine/tx.h"

/* What a message says of a page that has just begun; else it is read. */
struct page_words {
    struct text title, urgency, service_name;
    int64_t alerts;
    instant since;
    struct text reason, candidate, decision; /* of the decision that chose the person: code and documents */
};

struct message_page { /* one page a message speaks for */
    int64_t notification_number, incident_number, page_number;
    bool names_message;             /* the notification's row does already */
    const struct page_words *words; /* NULL: not at hand */
};

/* One message about one or several pages of the owner of the contact method. `number`: its own, from db_new_number. `incidents`: how many different ones. */
enum err messages_send_page(struct tx *tx, int64_t number, struct text contact_method_id, bool urgent, const struct message_page *pages, size_t count,
                            size_t incidents) MUST_CHECK;

/* A further attempt of a message: cause "retry", "failover" or "doubt". Notifications follow to the new row. */
enum err messages_send_again(struct tx *tx, int64_t message_number, const char *cause, int64_t delay_s, int64_t *ret_number) MUST_CHECK;

#endif
