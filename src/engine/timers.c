/* Why: see timers.h. */
#include "engine/timers.h"

static struct query *bind_key(struct tx *tx, const char *name, const struct timer_key *key)
{
    struct query *q = db_query(tx->db, name);
    query_bind_text(q, "kind", text_of(timer_name(key->kind)));
    query_bind_int(q, "incident_number", key->incident_number);
    query_bind_int(q, "page_number", key->page_number);
    query_bind_text(q, "ref", key->ref.data ? key->ref : TEXT(""));
    return q;
}

enum err timer_set(struct tx *tx, const struct timer_key *key, instant due)
{
    struct query *q = bind_key(tx, "timer_set", key);
    query_bind_instant(q, "due_at", due);
    return query_run_later(q);
}

enum err timer_clear(struct tx *tx, const struct timer_key *key)
{
    return query_run_later(bind_key(tx, "timer_clear", key));
}

enum err timer_take(struct tx *tx, const struct timer_key *key, instant due, bool *ret_taken)
{
    struct query *q = bind_key(tx, "timer_take", key);
    query_bind_instant(q, "due_at", due);
    enum err err = query_run(q);
    if (err == OK)
        *ret_taken = query_changes(q) > 0;
    return err;
}
