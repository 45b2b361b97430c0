/* Why: see audit.h. */
#include "api/audit.h"

static struct text actor_type(enum actor_kind kind)
{
    switch (kind) {
    case ACTOR_SYSTEM: return TEXT("system");
    case ACTOR_USER: return TEXT("user");
    case ACTOR_INTEGRATION: return TEXT("integration");
    }
    return TEXT("system");
}

static struct text or_empty(struct text t)
{
    return text_is_present(t) ? t : TEXT("");
}

enum err audit_record(struct tx *tx, const struct audit *audit)
{
    struct query *q = db_query(tx->db, "audit_insert");
    query_bind_instant(q, "at", tx->now);
    query_bind_text(q, "actor_type", actor_type(audit->actor->kind));
    query_bind_text(q, "actor_id", or_empty(audit->actor->id));
    query_bind_text(q, "actor_name", or_empty(audit->actor->name));
    query_bind_text(q, "channel", text_of(audit->actor->channel));
    query_bind_text(q, "peer", or_empty(audit->peer));
    query_bind_text(q, "action", text_of(audit->action));
    query_bind_text(q, "resource_type", text_of(audit->resource_type));
    query_bind_text(q, "resource_id", audit->resource_id);
    query_bind_text(q, "root_type", text_of(audit->root_type ? audit->root_type : audit->resource_type));
    query_bind_text(q, "root_id", audit->root_type ? audit->root_id : audit->resource_id);
    query_bind_text(q, "before_doc", audit->before ? json_write(tx->arena, audit->before) : TEXT_NONE);
    query_bind_text(q, "after_doc", audit->after ? json_write(tx->arena, audit->after) : TEXT_NONE);
    return query_run(q);
}
