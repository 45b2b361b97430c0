/* Why: see delivery.h. */
#include "engine/delivery.h"

#include "engine/incident_flow.h"
#include "engine/ledger.h"
#include "engine/messages.h"
#include "engine/pages.h"
#include "engine/rows.h"

static enum err block_contact(struct tx *tx, struct text contact_method_id, struct text error)
{
    struct query *q = db_query(tx->db, "contact_block");
    query_bind_text(q, "id", contact_method_id);
    query_bind_text(q, "reason", error.size ? error : TEXT("refused by the provider"));
    return query_run(q);
}

/* An incident none of whose called people can be reached any more climbs at once (invariant N1). */
static enum err climb_where_nobody_is_left(struct tx *tx, int64_t message_number)
{
    struct query *q = db_query(tx->db, "incidents_without_reach");
    query_bind_int(q, "message_number", message_number);
    int64_t *incidents;
    size_t count;
    enum err err = rows_take_all(q, tx->arena, &incidents, &count);
    for (size_t i = 0; i < count && err == OK; i++) {
        struct input input = {.kind = INPUT_TIMER_ESCALATE, .actor = actor_system, .text = TEXT("unreachable")};
        input.actor.channel = "timeout";
        bool changed;
        err = incident_input(tx, incidents[i], &input, TEXT_NONE, problem_new(tx->arena), &changed);
    }
    return err;
}

enum err delivery_continue(struct tx *tx, int64_t message_number, struct text contact_method_id, struct text channel, const struct failover *then,
                           struct text error, bool is_page)
{
    enum err err = then->block_address ? block_contact(tx, contact_method_id, error) : OK;
    int64_t carrier = message_number;
    bool wanted = true;
    if (is_page && err == OK) {
        struct query *q = db_query(tx->db, "pages_of_message");
        query_bind_int(q, "message_number", message_number);
        int64_t *pages;
        size_t count;
        err = rows_take_all(q, tx->arena, &pages, &count);
        wanted = count > 0; /* acknowledged meanwhile: nothing more to do */
    }
    if (err != OK || !wanted)
        return err;
    switch (then->next) {
    case NEXT_NONE: {
        struct query *q = db_query(tx->db, "notifications_failed");
        query_bind_int(q, "message_number", message_number);
        err = query_run(q);
        break;
    }
    case NEXT_FAILOVER: err = messages_send_again(tx, message_number, "failover", 0, &carrier); break;
    case NEXT_RETRY: err = messages_send_again(tx, message_number, "retry", then->delay_s, &carrier); break;
    case NEXT_REPEAT: err = messages_send_again(tx, message_number, "doubt", 0, &carrier); break;
    }
    if (err == OK && is_page && then->pull_forward)
        err = pages_pull_forward(tx, carrier, channel);
    if (err == OK && is_page && then->block_address)
        err = climb_where_nobody_is_left(tx, message_number);
    return err;
}
