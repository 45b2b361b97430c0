/* Why: see conference_bridge.h. */
#include "engine/conference_bridge.h"

#include "engine/ledger.h"

static bool same(struct text a, struct text b)
{
    return text_is_present(a) == text_is_present(b) && text_equal(a, b);
}

enum err conference_bridge_set(struct tx *tx, int64_t incident, const struct conference_bridge *bridge, const struct actor *actor)
{
    struct query *q = db_query(tx->db, "incident_bridge_get");
    query_bind_int(q, "number", incident);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    if (same(query_text(q, 0), bridge->number) && same(query_text(q, 1), bridge->url))
        return OK;
    q = db_query(tx->db, "incident_bridge_set");
    query_bind_int(q, "number", incident);
    query_bind_text(q, "conference_number", bridge->number);
    query_bind_text(q, "conference_url", bridge->url);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    if (err != OK)
        return err;
    json_t *doc = json_object_in(tx->arena);
    json_put_text(doc, "number", bridge->number);
    json_put_text(doc, "url", bridge->url);
    int64_t seq;
    return ledger_append(tx, &(struct ledger_entry){.incident_number = incident, .kind = LEDGER_BRIDGE, .actor = *actor, .doc = json_write(tx->arena, doc)}, &seq);
}
