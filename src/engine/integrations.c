/* Why: see integrations.h. */
#include "engine/integrations.h"


enum { BUCKETS = 128 }; /* a batch has up to 1,024 events; installations have tens to thousands of keys */

struct known {
    struct known *next;
    struct text key;
    struct integration integration;
};

struct integrations {
    struct known *buckets[BUCKETS];
};

void integrations_forget(struct tx *tx)
{
    tx->integrations = NULL;
}

static struct known **bucket_of(struct tx *tx, struct text key)
{
    if (!tx->integrations)
        tx->integrations = ARENA_NEW(tx->arena, struct integrations);
    return &tx->integrations->buckets[text_hash(key) % BUCKETS];
}

static enum err load(struct tx *tx, struct text key, struct integration *ret)
{
    struct query *q = db_query(tx->db, "integration_by_key");
    query_bind_text(q, "key", key);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct arena *a = tx->arena;
    *ret = (struct integration){.id = text_copy(a, query_text(q, 0)), .service_id = text_copy(a, query_text(q, 1)),
                                .name = text_copy(a, query_text(q, 2)), .active = !text_is(query_text(q, 3), "disabled")};
    return OK;
}

enum err integration_by_key(struct tx *tx, struct text key, const struct integration **ret)
{
    struct known **bucket = bucket_of(tx, key);
    for (const struct known *known = *bucket; known; known = known->next)
        if (text_equal(known->key, key)) {
            *ret = &known->integration;
            return OK;
        }
    struct integration integration;
    enum err err = load(tx, key, &integration);
    if (err != OK)
        return err;
    struct known *known = ARENA_NEW(tx->arena, struct known);
    *known = (struct known){.next = *bucket, .key = text_copy(tx->arena, key), .integration = integration};
    *bucket = known;
    *ret = &known->integration;
    return OK;
}
