/* Why: what is only known when a message leaves is put around its stored content: the account that takes it, links to act with, the person's name, and times as
 * their clock shows them. So links never lie in the outbox. The fields stand in channel/frames.h. */
#ifndef MUSTER_ENGINE_MESSAGE_FRAME_H
#define MUSTER_ENGINE_MESSAGE_FRAME_H

#include "base/config.h"
#include "engine/tx.h"

struct message_frame {
    int64_t number;
    struct text kind, user_id, address, content;
    const struct provider_config *provider;
    enum channel channel;
    bool repeat;               /* some copy before may have arrived */
    struct text doubt_provider; /* the account that may have taken it, so that the sender can ask; absent: none can be asked */
    instant doubt_since;
};

enum err message_frame_write(struct tx *tx, const struct message_frame *frame, struct text *ret) MUST_CHECK;

#endif
