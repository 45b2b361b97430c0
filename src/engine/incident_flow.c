/* Why: see incident_flow.h. One transaction stores the new state with everything that must now happen. */
#include "engine/incident_flow.h"

#include "base/json_writer.h"
#include "engine/canary.h"
#include "engine/engine_state.h"
#include "engine/incident_rows.h"
#include "engine/ledger.h"
#include "engine/pages.h"
#include "engine/plan.h"
#include "engine/timers.h"

static void add_assigned_people(struct json_writer *doc, const struct choice *choice)
{
    json_begin_array(doc, "assignees");
    for (size_t v = 0; v < choice->verdict_count; v++)
        if (choice->verdicts[v].chosen) {
            json_begin_object(doc, NULL);
            json_add_text(doc, "id", choice->verdicts[v].candidate->user_id);
            json_add_text(doc, "name", choice->verdicts[v].candidate->user_name);
            json_end_object(doc);
        }
    json_end_array(doc);
}

/* The entry that an incident opens with has its number already. */
static enum err write_ledger(struct tx *tx, int64_t number, const struct effect *effect, int64_t first_entry)
{
    struct json_writer doc = json_writer_new(tx->arena);
    json_begin_object(&doc, NULL);
    for (size_t f = 0; f < effect->fact_count; f++) {
        const struct fact *fact = &effect->facts[f];
        if (fact->is_number)
            json_add_int(&doc, fact->key, fact->number);
        else
            json_add_text(&doc, fact->key, fact->text);
    }
    if (effect->actor.detail.size > 0)
        json_add_text(&doc, "actor_detail", effect->actor.detail);
    if (effect->assigned)
        add_assigned_people(&doc, effect->assigned);
    json_end_object(&doc);
    int64_t seq;
    return ledger_append(tx, &(struct ledger_entry){.seq = effect->ledger == LEDGER_TRIGGER ? first_entry : 0, .incident_number = number,
                                                    .kind = effect->ledger, .actor = effect->actor, .user_id = effect->user_id,
                                                    .doc = json_written(&doc)}, &seq);
}

struct saving {
    const struct incident *incident;
    const struct plan *plan;
    int64_t first_entry; /* of an incident that opens; 0: it is open */
    bool is_called;      /* somebody may have been called about it */
};

static enum err start_pages(struct tx *tx, struct saving *saving, const struct effect *effect)
{
    bool is_first = saving->first_entry > 0 && !saving->is_called;
    saving->is_called = true;
    return pages_start(tx, saving->incident, saving->plan, effect->choice, effect->cause, effect->role, is_first);
}

static enum err save_effect(struct tx *tx, struct saving *saving, const struct effect *effect)
{
    const struct incident *incident = saving->incident;
    switch (effect->kind) {
    case EFFECT_LEDGER: return write_ledger(tx, incident->number, effect, saving->first_entry);
    case EFFECT_SET_TIMER:
        return timer_set(tx, &(struct timer_key){.kind = effect->timer, .incident_number = incident->number}, effect->due);
    case EFFECT_CLEAR_TIMER: return timer_clear(tx, &(struct timer_key){.kind = effect->timer, .incident_number = incident->number});
    case EFFECT_STOP_PAGES: return pages_stop(tx, incident->number, effect->stop_responders, effect->stop_user_id, effect->stop_reason);
    case EFFECT_START_PAGES: return start_pages(tx, saving, effect);
    }
    return ERR_INTERNAL;
}

/* In the order the core gave them; pages and entries refer to the incident's row, which is stored before. */
static enum err save_effects(struct tx *tx, const struct incident *incident, const struct plan *plan, const struct effects *effects, int64_t first_entry)
{
    struct saving saving = {.incident = incident, .plan = plan, .first_entry = first_entry};
    enum err err = OK;
    for (size_t e = 0; e < effects->count && err == OK; e++)
        err = save_effect(tx, &saving, &effects->list[e]);
    return err;
}

/* An incident that somebody or time resolved takes its alerts along: their next trigger is a new episode (invariant I3). */
static enum err resolve_alerts(struct tx *tx, const struct input *input, const struct incident *before, const struct incident *after)
{
    bool by_hand_or_time = input->kind == INPUT_RESOLVE || input->kind == INPUT_TIMER_AUTO_RESOLVE;
    if (!by_hand_or_time || before->status == INCIDENT_RESOLVED || after->status != INCIDENT_RESOLVED)
        return OK;
    struct query *q = db_query(tx->db, "alerts_resolve_of_incident");
    query_bind_int(q, "incident_number", after->number);
    query_bind_instant(q, "now", tx->now);
    return query_run_later(q);
}

/* A resolved incident takes nothing in. */
static enum err end_grouping(struct tx *tx, const struct incident *before, const struct incident *after)
{
    if (before->status == INCIDENT_RESOLVED || after->status != INCIDENT_RESOLVED || after->grouping_type.size == 0)
        return OK;
    struct query *q = db_query(tx->db, "grouping_forget");
    query_bind_int(q, "incident", after->number);
    return query_run_later(q);
}

enum err incident_input(struct tx *tx, int64_t number, const struct input *given, struct text policy_id, struct problem *problem,
                        bool *ret_changed)
{
    struct incident incident;
    enum err err = incident_load(tx, number, &incident);
    if (err != OK)
        return err;
    struct input input = *given;
    bool people = input_needs_people(&incident, &input);
    struct plan_request request = {
        .service_id = incident.service_id, .policy_id = policy_id.size ? policy_id : incident.policy_id,
        .policy_version = policy_id.size ? 0 : incident.policy_version, .at = tx->now, .now = tx->now, .with_people = people,
        .catch_all_email = engine_catch_all(tx->engine),
    };
    struct plan plan;
    err = plan_load(tx->db, tx->arena, &request, &plan);
    if (err != OK)
        return err;
    /* Called again after a pause, an incident assigned by hand calls the same people. */
    if (people && input.people_count == 0 && !incident.on_policy) {
        input.people_count = incident.assignee_count;
        err = plan_people(tx->db, tx->arena, incident.assignees, incident.assignee_count, &input.people);
        if (err != OK)
            return err;
    }
    struct incident before = incident;
    struct effects effects = {.arena = tx->arena};
    err = incident_step(&incident, &plan, &input, tx->now, &effects, problem);
    if (err == OK && effects.changed)
        err = incident_save(tx, &before, &incident);
    if (err == OK)
        err = save_effects(tx, &incident, &plan, &effects, 0);
    if (err == OK)
        err = resolve_alerts(tx, &input, &before, &incident);
    if (err == OK)
        err = end_grouping(tx, &before, &incident);
    if (err == OK)
        *ret_changed = effects.changed;
    return err;
}

static struct incident fresh_incident(const struct tx *tx, const struct incident_opening *opening, const struct plan *plan)
{
    return (struct incident){
        .service_id = opening->service_id, .status = INCIDENT_TRIGGERED, .urgency = opening->urgency, .title = opening->title,
        .incident_key = opening->incident_key, .policy_id = plan->policy_id, .policy_version = plan->policy_version, .on_policy = true,
        .priority_id = opening->priority_id, .snoozed_until = INSTANT_NONE, .grouping_type = opening->grouping_type,
        .grouping_until = opening->grouping_until, .created_at = tx->now, .updated_at = tx->now, .status_changed_at = tx->now,
        .status_changed_by = opening->actor.kind, .status_changed_by_id = opening->actor.id, .resolved_at = INSTANT_NONE,
    };
}

/* The incident, and the entry it begins with, which names it and is named by it. */
static enum err take_numbers(struct tx *tx, struct incident *incident, int64_t *ret_first_entry)
{
    incident->number = canary_incident_number(tx, incident->service_id);
    enum err err = incident->number > 0 ? OK : db_new_number(tx->db, "incidents", &incident->number);
    return err == OK ? db_new_number(tx->db, "ledger", ret_first_entry) : err;
}

/* The steps are taken, and the numbers are known, before the first row is written, so that each row is written once, as it ends. */
enum err incident_open(struct tx *tx, const struct incident_opening *opening, struct problem *problem, int64_t *ret_number)
{
    struct plan_request request = {.service_id = opening->service_id, .policy_id = opening->policy_id, .at = tx->now, .now = tx->now,
                                   .with_people = true, .catch_all_email = engine_catch_all(tx->engine)};
    struct plan plan;
    enum err err = plan_load(tx->db, tx->arena, &request, &plan);
    if (err != OK)
        return err;
    struct incident incident = fresh_incident(tx, opening, &plan);
    struct input trigger = {.kind = INPUT_TRIGGER, .actor = opening->actor, .text2 = opening->urgency_reason, .people = opening->people,
                            .people_count = opening->people_count, .at = opening->support_hours_at};
    struct effects effects = {.arena = tx->arena};
    err = incident_step(&incident, &plan, &trigger, tx->now, &effects, problem);
    if (err == OK && opening->first_alert)
        err = incident_step(&incident, &plan, opening->first_alert, tx->now, &effects, problem);
    int64_t first_entry = 0;
    if (err == OK)
        err = take_numbers(tx, &incident, &first_entry);
    if (err == OK)
        err = incident_insert(tx, &incident, opening->body, first_entry);
    if (err == OK && opening->attach)
        err = opening->attach(opening->attach_context, incident.number);
    if (err == OK)
        err = save_effects(tx, &incident, &plan, &effects, first_entry);
    if (err == OK)
        *ret_number = incident.number;
    return err;
}
