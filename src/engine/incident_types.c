/* Why: see incident_types.h. */
#include "engine/incident_types.h"

#include "engine/ledger.h"

struct found_type {
    struct text id, display_name;
    bool enabled;
};

static enum err find(struct db *db, struct arena *arena, struct text id_or_name, struct found_type *ret)
{
    struct query *q = db_query(db, "incident_type_find");
    query_bind_text(q, "id_or_name", id_or_name);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    *ret = (struct found_type){.id = text_copy(arena, query_text(q, 0)), .display_name = text_copy(arena, query_text(q, 1)), .enabled = query_bool(q, 2)};
    return OK;
}

enum err incident_type_id(struct db *db, struct arena *arena, struct text id_or_name, struct text *ret_id)
{
    struct found_type type;
    enum err err = find(db, arena, id_or_name, &type);
    if (err == OK)
        *ret_id = type.id;
    return err;
}

/* `had`: what the incident is already; absent for a new one. */
static enum err find_allowed(struct tx *tx, struct text id_or_name, struct text had, struct problem *problem, struct found_type *ret)
{
    struct found_type type;
    enum err err = find(tx->db, tx->arena, id_or_name, &type);
    if (err != OK && err != ERR_NOT_FOUND)
        return err;
    bool allowed = err == OK && (type.enabled || text_equal(type.id, had));
    if (!allowed) {
        problem_add(problem, "incident.incident_type", err == OK ? "is disabled" : "is not the name of an incident type");
        return ERR_INVALID;
    }
    *ret = type;
    return OK;
}

static enum err store(struct tx *tx, int64_t incident, struct text type_id)
{
    struct query *q = db_query(tx->db, "incident_type_set");
    query_bind_int(q, "number", incident);
    query_bind_text(q, "type_id", type_id);
    query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

enum err incident_type_set(struct tx *tx, int64_t incident, struct text id_or_name, const struct actor *actor, struct problem *problem)
{
    struct found_type type;
    struct query *q = db_query(tx->db, "incident_type_of");
    query_bind_int(q, "number", incident);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct text had = text_copy(tx->arena, query_text(q, 0)), before = text_copy(tx->arena, query_text(q, 1));
    enum err err = find_allowed(tx, id_or_name, had, problem, &type);
    if (err != OK || text_equal(type.id, had))
        return err;
    err = store(tx, incident, type.id);
    if (err != OK)
        return err;
    json_t *doc = json_object_in(tx->arena);
    json_put_text(doc, "before", before);
    json_put_text(doc, "after", type.display_name);
    int64_t seq;
    return ledger_append(tx, &(struct ledger_entry){.incident_number = incident, .kind = LEDGER_TYPE, .actor = *actor, .doc = json_write(tx->arena, doc)}, &seq);
}

enum err incident_type_check(struct tx *tx, struct text id_or_name, struct problem *problem)
{
    struct found_type type;
    return id_or_name.size > 0 ? find_allowed(tx, id_or_name, TEXT_NONE, problem, &type) : OK;
}

enum err incident_type_give(struct tx *tx, int64_t incident, struct text id_or_name)
{
    struct found_type type;
    enum err err = find(tx->db, tx->arena, id_or_name, &type);
    return err == OK ? store(tx, incident, type.id) : err;
}
