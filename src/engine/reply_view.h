/* Why: what only answering itself reads (see replies.h). */
#ifndef MUSTER_ENGINE_REPLY_VIEW_H
#define MUSTER_ENGINE_REPLY_VIEW_H

#include "engine/replies.h"

/* Pages that went to this number since then, newest first; `ret` holds REPLY_MESSAGES_MAX. */
enum err replies_messages_to(struct db *db, struct arena *arena, struct text address, instant since, struct reply_message *ret,
                             size_t *ret_count) MUST_CHECK;

#endif
