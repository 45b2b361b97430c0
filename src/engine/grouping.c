/* Why: see grouping.h. */
#include "engine/grouping.h"

#include "base/json.h"

enum { CANDIDATES_MAX = 100 /* the newest */ };

enum err grouping_load(struct tx *tx, struct text setting_id, struct grouping_rule *ret)
{
    struct query *q = db_query(tx->db, "grouping_rule");
    query_bind_text(q, "id", setting_id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_INTERNAL;
    *ret = (struct grouping_rule){.setting_id = setting_id, .type = text_copy(tx->arena, query_text(q, 0)), .timeout_s = query_int(q, 1),
                                  .rolling = query_bool(q, 2), .any = text_is(query_text(q, 3), "any")};
    const json_t *fields = json_read(tx->arena, text_copy(tx->arena, query_text(q, 4)), problem_new(tx->arena));
    for (size_t i = 0; i < json_array_size(fields) && i < GROUPING_FIELDS_MAX; i++)
        ret->fields[ret->field_count++] = json_text_value(json_array_get(fields, i));
    return OK;
}

static struct text list_of(struct arena *arena, const struct grouping_keys *keys)
{
    json_t *list = json_array_in(arena);
    for (size_t k = 0; k < keys->count; k++)
        json_append_text(list, keys->list[k]);
    return json_write(arena, list);
}

enum err grouping_find(struct tx *tx, const struct grouping_rule *rule, const struct grouping_keys *keys, struct text service_id,
                       const struct grouping_candidate **ret)
{
    struct grouping_candidate *candidates = ARENA_ARRAY(tx->arena, struct grouping_candidate, CANDIDATES_MAX);
    size_t count = 0;
    *ret = NULL;
    if (keys->count == 0)
        return OK;
    struct query *q = db_query(tx->db, "grouping_candidates");
    query_bind_text(q, "keys", list_of(tx->arena, keys));
    query_bind_text(q, "setting_id", rule->setting_id);
    query_bind_int(q, "limit", CANDIDATES_MAX);
    while (query_next(q))
        candidates[count++] = (struct grouping_candidate){
            .number = query_int(q, 0), .service_id = text_copy(tx->arena, query_text(q, 1)), .key = text_copy(tx->arena, query_text(q, 2)),
            .quiet = query_bool(q, 3), .opened_at = query_instant(q, 4), .until = query_instant(q, 5)};
    if (query_failed(q))
        return query_err(q);
    *ret = grouping_choose(candidates, count, service_id, tx->now);
    return OK;
}

enum err grouping_remember(struct tx *tx, const struct grouping_keys *keys, int64_t incident)
{
    enum err err = OK;
    for (size_t k = 0; k < keys->count && err == OK; k++) {
        struct query *q = db_query(tx->db, "grouping_remember");
        query_bind_text(q, "key", keys->list[k]);
        query_bind_int(q, "incident", incident);
        err = query_run_later(q);
    }
    return err;
}
