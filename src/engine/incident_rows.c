/* Why: see incident_rows.h. */
#include "engine/incident_rows.h"

#include "engine/rows.h"

static enum err load_people(struct tx *tx, const char *name, int64_t number, struct text *people, size_t *count)
{
    struct query *q = db_query(tx->db, name);
    query_bind_int(q, "number", number);
    while (*count < ASSIGNEES_MAX && query_next(q))
        people[(*count)++] = text_copy(tx->arena, query_text(q, 0));
    return query_failed(q) ? query_err(q) : OK;
}

enum err incident_load(struct tx *tx, int64_t number, struct incident *ret)
{
    struct query *q = db_query(tx->db, "incident_load");
    query_bind_int(q, "number", number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct arena *a = tx->arena;
    struct incident i = {
        .number = query_int(q, 0), .service_id = text_copy(a, query_text(q, 1)), .title = text_copy(a, query_text(q, 4)),
        .incident_key = text_copy(a, query_text(q, 5)), .policy_id = text_copy(a, query_text(q, 6)),
        .policy_version = query_int(q, 7), .level = query_int(q, 8), .loop = query_int(q, 9), .epoch = query_int(q, 10),
        .exhausted = query_bool(q, 11), .on_policy = query_bool(q, 12), .priority_id = text_copy(a, query_text(q, 13)),
        .held_by_window = text_copy(a, query_text(q, 14)), .snoozed_until = query_instant(q, 15),
        .grouping_type = text_copy(a, query_text(q, 16)), .grouping_until = query_instant(q, 17),
        .alerts_all = query_int(q, 18), .alerts_triggered = query_int(q, 19), .created_at = query_instant(q, 20),
        .updated_at = query_instant(q, 21), .status_changed_at = query_instant(q, 22), .resolved_at = query_instant(q, 23),
        .status_changed_by_id = text_copy(a, query_text(q, 25)), .resolve_reason = text_copy(a, query_text(q, 26)),
        .merged_into = query_int(q, 27),
    };
    if (!incident_status_parse(query_text(q, 2), &i.status) || !urgency_parse(query_text(q, 3), &i.urgency))
        return ERR_INTERNAL;
    struct text by = query_text(q, 24);
    i.status_changed_by = text_is(by, "user") ? ACTOR_USER : text_is(by, "integration") ? ACTOR_INTEGRATION : ACTOR_SYSTEM;
    enum err err = load_people(tx, "incident_assignees", number, i.assignees, &i.assignee_count);
    if (err == OK)
        err = load_people(tx, "incident_acknowledgers", number, i.acknowledgers, &i.acknowledger_count);
    if (err == OK)
        *ret = i;
    return err;
}

static bool is_among(struct text user_id, const struct text *people, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (text_equal(people[i], user_id))
            return true;
    return false;
}

struct people {
    const struct text *list;
    size_t count;
};

static enum err run_for(struct tx *tx, const char *name, int64_t number, struct text user_id, bool adds)
{
    struct query *q = db_query(tx->db, name);
    query_bind_int(q, "number", number);
    query_bind_text(q, "user_id", user_id);
    if (adds)
        query_bind_instant(q, "now", tx->now);
    return query_run_later(q);
}

/* Whoever stays keeps the time since when: only who came or went is written. */
static enum err save_people(struct tx *tx, int64_t number, const char *remove, const char *insert, struct people before, struct people after)
{
    enum err err = OK;
    for (size_t i = 0; i < before.count && err == OK; i++)
        if (!is_among(before.list[i], after.list, after.count))
            err = run_for(tx, remove, number, before.list[i], false);
    for (size_t i = 0; i < after.count && err == OK; i++)
        if (!is_among(after.list[i], before.list, before.count))
            err = run_for(tx, insert, number, after.list[i], true);
    return err;
}

static void bind_state(struct query *q, const struct incident *i)
{
    query_bind_text(q, "status", text_of(incident_status_name(i->status)));
    query_bind_text(q, "urgency", text_of(urgency_name(i->urgency)));
    query_bind_text(q, "title", i->title);
    query_bind_text(q, "policy_id", i->policy_id);
    query_bind_int(q, "policy_version", i->policy_version);
    query_bind_int(q, "level", i->level);
    query_bind_int(q, "loop", i->loop);
    query_bind_int(q, "epoch", i->epoch);
    query_bind_bool(q, "exhausted", i->exhausted);
    query_bind_bool(q, "on_policy", i->on_policy);
    query_bind_text(q, "priority_id", i->priority_id);
    query_bind_text(q, "held_by_window", i->held_by_window);
    query_bind_instant(q, "snoozed_until", i->snoozed_until);
    query_bind_instant(q, "grouping_until", i->grouping_until);
    query_bind_int(q, "alerts_all", i->alerts_all);
    query_bind_int(q, "alerts_triggered", i->alerts_triggered);
    query_bind_instant(q, "updated_at", i->updated_at);
    query_bind_instant(q, "status_changed_at", i->status_changed_at);
    query_bind_text(q, "status_changed_by_type", text_of(actor_kind_name(i->status_changed_by)));
    query_bind_text(q, "status_changed_by_id", i->status_changed_by_id.data ? i->status_changed_by_id : TEXT(""));
    query_bind_instant(q, "resolved_at", i->resolved_at);
    query_bind_text(q, "resolve_reason", i->resolve_reason);
    if (i->merged_into > 0)
        query_bind_int(q, "merged_into", i->merged_into);
    else
        query_bind_null(q, "merged_into");
}

static enum err save_all_people(struct tx *tx, const struct incident *before, const struct incident *after)
{
    enum err err = save_people(tx, after->number, "incident_unassign", "incident_assign", (struct people){before->assignees, before->assignee_count},
                               (struct people){after->assignees, after->assignee_count});
    if (err == OK)
        err = save_people(tx, after->number, "incident_acknowledgement_remove", "incident_acknowledge",
                          (struct people){before->acknowledgers, before->acknowledger_count},
                          (struct people){after->acknowledgers, after->acknowledger_count});
    return err;
}

enum err incident_save(struct tx *tx, const struct incident *before, const struct incident *after)
{
    struct query *q = db_query(tx->db, "incident_save");
    query_bind_int(q, "number", after->number);
    bind_state(q, after);
    enum err err = query_run_later(q);
    return err == OK ? save_all_people(tx, before, after) : err;
}

enum err incident_insert(struct tx *tx, const struct incident *incident, struct text body, int64_t first_entry)
{
    struct query *q = db_query(tx->db, "incident_insert");
    query_bind_int(q, "new_number", incident->number);
    query_bind_text(q, "service_id", incident->service_id);
    query_bind_text(q, "incident_key", incident->incident_key);
    query_bind_text(q, "body", body);
    query_bind_text(q, "grouping_type", incident->grouping_type);
    query_bind_instant(q, "now", tx->now);
    bind_state(q, incident);
    query_bind_int(q, "first_ledger_seq", first_entry);
    enum err err = query_run_later(q);
    static const struct incident nobody;
    return err == OK ? save_all_people(tx, &nobody, incident) : err;
}

enum err incident_count_alerts(struct tx *tx, int64_t incident, int64_t *ret_all, int64_t *ret_open)
{
    struct query *q = db_query(tx->db, "alerts_of_incident_counts");
    query_bind_int(q, "incident_number", incident);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_INTERNAL;
    *ret_all = query_int(q, 0);
    *ret_open = query_int(q, 1);
    while (query_next(q)) {
    }
    return query_failed(q) ? query_err(q) : OK;
}
