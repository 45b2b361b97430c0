/* Why: see maintenance.h. */
#include "engine/maintenance.h"

#include "engine/incident_flow.h"
#include "engine/ledger.h"
#include "engine/maintenance_timers.h"
#include "engine/rows.h"
#include "engine/timers.h"

static enum err tell_incidents(struct tx *tx, const char *query_name, struct text window_id, enum input_kind kind)
{
    struct query *q = db_query(tx->db, query_name);
    query_bind_text(q, "window_id", window_id);
    int64_t *incidents;
    size_t count;
    enum err err = rows_take_all(q, tx->arena, &incidents, &count);
    for (size_t i = 0; i < count && err == OK; i++) {
        struct input input = {.kind = kind, .actor = actor_system};
        bool changed;
        err = incident_input(tx, incidents[i], &input, TEXT_NONE, problem_new(tx->arena), &changed);
    }
    return err;
}

enum err maintenance_starts(struct tx *tx, struct text window_id)
{
    return tell_incidents(tx, "incidents_open_of_window_services", window_id, INPUT_WINDOW_START);
}

enum err maintenance_ends(struct tx *tx, struct text window_id)
{
    return tell_incidents(tx, "incidents_held_by_window", window_id, INPUT_WINDOW_END);
}

enum err maintenance_changed(struct tx *tx, struct text window_id)
{
    struct query *q = db_query(tx->db, "window_load");
    query_bind_text(q, "window_id", window_id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    instant start = query_instant(q, 0), end = query_instant(q, 1);
    bool deleted = !query_is_null(q, 2);
    struct timer_key starts = {.kind = TIMER_WINDOW_START, .ref = window_id}, ends = {.kind = TIMER_WINDOW_END, .ref = window_id};
    bool over = deleted || !instant_before(tx->now, end), running = !over && !instant_before(tx->now, start);
    enum err err = over || running ? timer_clear(tx, &starts) : timer_set(tx, &starts, start);
    if (err == OK)
        err = over ? timer_clear(tx, &ends) : timer_set(tx, &ends, end);
    /* What it held and covers no longer goes on; then what it covers now is held. */
    if (err == OK)
        err = maintenance_ends(tx, window_id);
    if (err == OK && running)
        err = maintenance_starts(tx, window_id);
    return err;
}
