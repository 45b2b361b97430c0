/* Why: see ledger.h. */
#include "engine/ledger.h"

#include "engine/changes.h"
#include "engine/rows.h"
#include "engine/webhooks.h"

const struct actor actor_system = {.kind = ACTOR_SYSTEM, .id = {"", 0}, .name = {"Muster", 6}, .channel = "auto"};

enum err ledger_append(struct tx *tx, const struct ledger_entry *entry, int64_t *ret_seq)
{
    struct query *q = db_query(tx->db, "ledger_insert");
    if (entry->incident_number > 0)
        query_bind_int(q, "incident_number", entry->incident_number);
    else
        query_bind_null(q, "incident_number");
    query_bind_instant(q, "at", tx->now);
    query_bind_text(q, "kind", text_of(ledger_name(entry->kind)));
    query_bind_text(q, "actor_type", text_of(actor_kind_name(entry->actor.kind)));
    query_bind_text(q, "actor_id", entry->actor.id.data ? entry->actor.id : TEXT(""));
    query_bind_text(q, "actor_name", entry->actor.name.data ? entry->actor.name : TEXT(""));
    query_bind_text(q, "channel", text_of(entry->actor.channel ? entry->actor.channel : "auto"));
    query_bind_text(q, "user_id", entry->user_id.size ? entry->user_id : TEXT_NONE);
    query_bind_text(q, "doc", entry->doc.data ? entry->doc : TEXT("{}"));
    int64_t seq = entry->seq;
    if (seq > 0)
        query_bind_int(q, "new_number", seq);
    enum err err = seq > 0 ? query_run_later(q) : query_insert(q, &seq);
    if (err != OK)
        return err;
    changes_note(tx, seq, entry->incident_number, "incident");
    *ret_seq = seq;
    return webhooks_ledger(tx, entry->kind, entry->incident_number, &entry->actor);
}
