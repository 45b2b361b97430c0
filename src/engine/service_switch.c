/* Why: see service_switch.h. */
#include "engine/service_switch.h"

#include "engine/incident_flow.h"
#include "engine/ledger.h"
#include "engine/rows.h"

enum err service_switched(struct tx *tx, struct text service_id)
{
    struct query *q = db_query(tx->db, "incidents_triggered_of_service");
    query_bind_text(q, "service_id", service_id);
    int64_t *incidents;
    size_t count;
    enum err err = rows_take_all(q, tx->arena, &incidents, &count);
    for (size_t i = 0; i < count && err == OK; i++) {
        struct input input = {.kind = INPUT_SERVICE_SWITCHED, .actor = actor_system};
        bool changed;
        err = incident_input(tx, incidents[i], &input, TEXT_NONE, problem_new(tx->arena), &changed);
    }
    return err;
}
