/* Why: see recent_pages.h. */
#include "engine/recent_pages.h"

#include <stdlib.h>

#include "core/bundle.h"
#include "engine/canary.h"
#include "engine/outbox_state.h"
#include "engine/engine_state.h"
#include "engine/rows.h"

enum { BUCKETS = 512, BYTES_MAX = 512 * 1024 /* thousands of contact methods; then all are forgotten */ };
enum { CODE_FIRST = 10, CODES = 90 }; /* two digits; one digit is a keypad command */

struct recent {
    struct recent *next;
    struct text key; /* a contact method, or an address */
    bool pages_known, code_known;
    instant newest[BUNDLE_SINGLE_MAX]; /* pages, the newest first; INSTANT_NONE: there were fewer */
    int64_t code;                      /* 0: none yet */
};

struct recent_pages {
    struct arena *arena;
    int64_t memory;
    struct recent **buckets;
};

struct recent_pages *recent_pages_new(void)
{
    struct recent_pages *recent = calloc(1, sizeof *recent);
    if (!recent)
        abort();
    recent->arena = arena_new(2 * BYTES_MAX);
    return recent;
}

void recent_pages_free(struct recent_pages *recent)
{
    if (!recent)
        return;
    arena_free(recent->arena);
    free(recent);
}

static struct recent *find(struct tx *tx, struct text key)
{
    struct recent_pages *all = engine_outbox(tx->engine)->recent;
    if (!all->buckets || all->memory != db_memory(tx->db) || arena_used(all->arena) > BYTES_MAX) {
        arena_reset(all->arena);
        all->buckets = ARENA_ARRAY(all->arena, struct recent *, BUCKETS);
        all->memory = db_memory(tx->db);
    }
    struct recent **bucket = &all->buckets[text_hash(key) % BUCKETS], *recent = *bucket;
    while (recent && !text_equal(recent->key, key))
        recent = recent->next;
    if (!recent) {
        recent = ARENA_NEW(all->arena, struct recent);
        *recent = (struct recent){.next = *bucket, .key = text_copy(all->arena, key)};
        *bucket = recent;
    }
    return recent;
}

static enum err load_pages(struct tx *tx, struct text user_id, struct recent *recent)
{
    struct query *q = db_query(tx->db, "contact_recent_pages");
    query_bind_text(q, "user_id", user_id);
    query_bind_text(q, "contact_method_id", recent->key);
    query_bind_instant(q, "since", instant_add_s(tx->now, -BUNDLE_WINDOW_S));
    query_bind_int(q, "limit", BUNDLE_SINGLE_MAX);
    for (int i = 0; i < BUNDLE_SINGLE_MAX; i++)
        recent->newest[i] = query_next(q) ? query_instant(q, 0) : INSTANT_NONE;
    while (query_next(q)) {
    }
    recent->pages_known = !query_failed(q);
    return query_err(q);
}

enum err recent_pages_hold_until(struct tx *tx, struct text user_id, struct text contact_method_id, instant *ret)
{
    if (canary_is(user_id)) {
        *ret = INSTANT_NONE;
        return OK;
    }
    struct recent *recent = find(tx, contact_method_id);
    enum err err = recent->pages_known ? OK : load_pages(tx, user_id, recent);
    if (err != OK)
        return err;
    int64_t count = 0;
    while (count < BUNDLE_SINGLE_MAX && instant_before(instant_add_s(tx->now, -BUNDLE_WINDOW_S), recent->newest[count]))
        count++;
    *ret = bundle_hold_until(count, recent->newest[0]);
    return OK;
}

void recent_pages_note(struct tx *tx, struct text contact_method_id)
{
    struct recent *recent = find(tx, contact_method_id);
    if (!recent->pages_known)
        return; /* it will be read */
    for (int i = BUNDLE_SINGLE_MAX - 1; i > 0; i--)
        recent->newest[i] = recent->newest[i - 1];
    recent->newest[0] = tx->now;
}

enum err recent_pages_next_code(struct tx *tx, struct text address, int64_t *ret)
{
    struct recent *recent = find(tx, address);
    if (!recent->code_known) {
        struct query *q = db_query(tx->db, "address_last_code");
        query_bind_text(q, "address", address);
        enum err err = rows_take_int(q, &recent->code);
        if (err != OK && err != ERR_NOT_FOUND)
            return err;
        recent->code_known = true;
    }
    recent->code = recent->code == 0 ? CODE_FIRST : CODE_FIRST + (recent->code - CODE_FIRST + 1) % CODES;
    *ret = recent->code;
    return OK;
}
