/* Why: each page asks two things about where it goes: how many pages that contact method got in the last minute (core/bundle.h), and which number was given last to
 * answer with. Only the writer adds pages, so it asks the database once and then remembers, as long as db_memory stays the same. None is taken out again but the
 * canary's, and those are never held. Writer thread only. */
#ifndef MUSTER_ENGINE_RECENT_PAGES_H
#define MUSTER_ENGINE_RECENT_PAGES_H

#include "engine/tx.h"

struct recent_pages; /* the outbox has it */

struct recent_pages *recent_pages_new(void);
void recent_pages_free(struct recent_pages *recent); /* NULL is allowed */

/* INSTANT_NONE: one more page may go to it now; else it is to wait until then. */
enum err recent_pages_hold_until(struct tx *tx, struct text user_id, struct text contact_method_id, instant *ret) MUST_CHECK;
/* A page goes to it now. */
void recent_pages_note(struct tx *tx, struct text contact_method_id);
/* The next short number for this address: they go round, so that the recent ones differ. */
enum err recent_pages_next_code(struct tx *tx, struct text address, int64_t *ret) MUST_CHECK;

#endif
