/* Why: see decisions.h. */
#include "engine/decisions.h"

#include "base/id.h"
#include "base/json_writer.h"

static void begin_named(struct json_writer *doc, const char *key, struct text id, struct text name)
{
    json_begin_object(doc, key);
    json_add_text(doc, "id", id);
    json_add_text(doc, "name", name);
}

static struct text decision_doc(struct tx *tx, const struct incident *incident, const struct plan *plan, const struct choice *choice)
{
    struct json_writer doc = json_writer_new(tx->arena);
    json_begin_object(&doc, NULL);
    begin_named(&doc, "service", plan->service_id, plan->service_name);
    json_end_object(&doc);
    begin_named(&doc, "policy", plan->policy_id, plan->policy_name);
    json_add_int(&doc, "version", plan->policy_version);
    json_end_object(&doc);
    json_add_text(&doc, "rule_id", choice->rule_id.size ? choice->rule_id : TEXT_NONE);
    json_add_int(&doc, "loop", choice->loop);
    json_add_bool(&doc, "repeated", choice->repeated);
    json_add_bool(&doc, "exhausted", choice->exhausted);
    json_add_string(&doc, "urgency", urgency_name(incident->urgency));
    if (plan->window_id.size > 0) {
        begin_named(&doc, "maintenance", plan->window_id, plan->window_description);
        json_add_instant(&doc, "end", plan->window_end);
        json_end_object(&doc);
    }
    json_end_object(&doc);
    return json_written(&doc);
}

static struct text candidate_doc(struct tx *tx, const struct verdict *verdict)
{
    const struct candidate *c = verdict->candidate;
    struct json_writer doc = json_writer_new(tx->arena);
    json_begin_object(&doc, NULL);
    json_add_int(&doc, "level", verdict->level);
    json_add_text(&doc, "user_name", c->user_name);
    json_add_string(&doc, "target_type", c->target_kind == TARGET_SCHEDULE ? "schedule" : "user");
    json_add_text(&doc, "target_id", c->target_id);
    json_add_text(&doc, "target_name", c->target_name);
    if (c->target_kind == TARGET_SCHEDULE) {
        if (c->duty != DUTY_LAYER)
            json_add_string(&doc, "duty", duty_code(c->duty));
        json_add_text(&doc, "layer_id", c->layer_id);
        json_add_text(&doc, "layer_name", c->layer_name);
        if (c->override_number > 0)
            json_add_text(&doc, "override_id", id_public(tx->arena, ID_OVERRIDE, c->override_number));
        json_add_instant(&doc, "from", c->from);
        json_add_instant(&doc, "until", instant_equal(c->until, INSTANT_MAX) ? INSTANT_NONE : c->until);
    }
    if (verdict->reason == REASON_LATER_LEVEL)
        json_add_int(&doc, "after_s", verdict->after_s);
    json_end_object(&doc);
    return json_written(&doc);
}

enum err decision_store(struct tx *tx, const struct incident *incident, const struct plan *plan, const struct choice *choice, const char *cause,
                        struct decision *ret)
{
    ret->doc = decision_doc(tx, incident, plan, choice);
    ret->candidates = ARENA_ARRAY(tx->arena, struct text, choice->verdict_count + 1);
    struct query *q = db_query(tx->db, "decision_insert");
    query_bind_int(q, "incident_number", incident->number);
    query_bind_instant(q, "now", tx->now);
    query_bind_int(q, "level", choice->level);
    query_bind_text(q, "cause", text_of(cause));
    query_bind_text(q, "doc", ret->doc);
    enum err err = query_insert(q, &ret->number);
    for (size_t v = 0; v < choice->verdict_count && err == OK; v++) {
        const struct verdict *verdict = &choice->verdicts[v];
        ret->candidates[v] = candidate_doc(tx, verdict);
        q = db_query(tx->db, "decision_candidate_insert");
        query_bind_int(q, "decision_number", ret->number);
        query_bind_int(q, "position", (int64_t)v);
        query_bind_int(q, "incident_number", incident->number);
        query_bind_instant(q, "now", tx->now);
        query_bind_text(q, "user_id", verdict->candidate->user_id.size ? verdict->candidate->user_id : TEXT_NONE);
        query_bind_bool(q, "chosen", verdict->chosen);
        query_bind_text(q, "reason", text_of(choice_reason_code(verdict->reason)));
        query_bind_text(q, "doc", ret->candidates[v]);
        err = query_run_later(q);
    }
    return err;
}
