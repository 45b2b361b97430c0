/* Why: see intake.h. What the event concerns is looked up first, and what it opens gets its numbers, so that its row is written once, with what became of it. */
#include "engine/intake.h"

#include "base/id.h"
#include "base/json.h"
#include "engine/grouping.h"
#include "engine/incident_flow.h"
#include "engine/incident_rows.h"
#include "engine/measures.h"
#include "engine/open_alerts.h"
#include "engine/rows.h"
#include "engine/service_rules.h"

enum { TITLE_CHARS_MAX = 1024 };

struct reception {
    struct tx *tx;
    const struct event *event;
    const struct integration *integration;
    struct actor actor;
    struct text severity;
    struct urgency_rule urgency; /* of the service; read when an alert opens */
    struct grouping_rule grouping; /* likewise */
    struct grouping_keys keys;
    struct disposition result;
};

static const char *action_name(enum event_action action)
{
    switch (action) {
    case EVENT_TRIGGER: return "trigger";
    case EVENT_ACKNOWLEDGE: return "acknowledge";
    case EVENT_RESOLVE: return "resolve";
    case EVENT_CHANGE: return "change";
    }
    return "trigger";
}

static void bind_number(struct query *q, const char *name, int64_t number)
{
    if (number > 0)
        query_bind_int(q, name, number);
    else
        query_bind_null(q, name);
}

static enum err insert_event(struct reception *r)
{
    bool triggers = r->event->action == EVENT_TRIGGER;
    struct query *q = db_query(r->tx->db, "event_insert");
    query_bind_instant(q, "now", r->tx->now);
    query_bind_text(q, "integration_id", r->integration->id);
    query_bind_text(q, "action", text_of(action_name(r->event->action)));
    query_bind_text(q, "format", text_of(r->event->format));
    query_bind_text(q, "dedup_key", r->result.dedup_key);
    query_bind_text(q, "disposition", text_of(r->result.kind));
    bind_number(q, "alert_number", r->result.alert_number);
    bind_number(q, "incident_number", r->result.incident_number);
    query_bind_text(q, "severity", triggers ? r->severity : TEXT_NONE);
    query_bind_text(q, "summary", triggers ? r->event->summary : TEXT_NONE);
    query_bind_text(q, "body", r->event->body.data ? r->event->body : TEXT(""));
    return query_insert(q, &r->result.event_number);
}

/* The open alert of this key, if there is one. */
static enum err find_open(struct reception *r, bool *ret_found)
{
    struct open_alert alert;
    enum err err = open_alert_find(r->tx, r->integration, r->result.dedup_key, &alert);
    if (err != OK)
        return err;
    *ret_found = alert.number > 0;
    r->result.alert_number = alert.number;
    r->result.incident_number = alert.incident_number;
    return OK;
}

/* For the next event. */
static void note_open(const struct reception *r, bool open)
{
    open_alert_note(r->tx, r->integration, r->result.dedup_key,
                    open ? (struct open_alert){r->result.alert_number, r->result.incident_number} : (struct open_alert){0});
}

static enum err tell_incident(struct reception *r, struct input *input)
{
    bool changed;
    input->actor = r->actor;
    return incident_input(r->tx, r->result.incident_number, input, TEXT_NONE, problem_new(r->tx->arena), &changed);
}

/* Trigger ------------------------------------------------------------------------------------------------------------- */

/* A key as it is written, else a way down through objects: "field1.field2". As the sender wrote the value; nothing where there is nothing. */
static struct text custom_detail(struct reception *r, struct text name)
{
    const char *path[JSON_DEPTH_MAX + 1] = {text_cstring(r->tx->arena, name)};
    struct text value = json_raw_at(r->event->custom_details, path), rest = name, part;
    for (size_t depth = 0; !text_is_present(value) && depth < JSON_DEPTH_MAX && text_next(&rest, '.', &part); depth++)
        path[depth] = text_cstring(r->tx->arena, part);
    if (!text_is_present(value))
        value = json_raw_at(r->event->custom_details, path);
    return text_is(value, "null") || text_is(value, "\"\"") ? TEXT_NONE : value;
}

static struct text field_of_event(void *context, struct text field)
{
    struct reception *r = context;
    const struct event *e = r->event;
    struct text custom = TEXT("custom_details.");
    if (text_is(field, "summary")) return e->summary;
    if (text_is(field, "source")) return e->source;
    if (text_is(field, "component")) return e->component;
    if (text_is(field, "group")) return e->group;
    if (text_is(field, "class")) return e->event_class;
    if (text_is(field, "severity")) return r->severity;
    return text_starts_with(field, custom) ? custom_detail(r, text_slice(field, custom.size, field.size)) : TEXT_NONE;
}

static enum err note_trigger(struct reception *r)
{
    struct query *q = db_query(r->tx->db, "alert_trigger");
    query_bind_int(q, "number", r->result.alert_number);
    query_bind_int(q, "event_number", r->result.event_number);
    return query_run_later(q);
}

static enum err insert_alert(struct reception *r)
{
    const struct event *e = r->event;
    struct query *q = db_query(r->tx->db, "alert_insert");
    query_bind_int(q, "new_number", r->result.alert_number);
    query_bind_text(q, "integration_id", r->integration->id);
    query_bind_text(q, "service_id", r->integration->service_id);
    query_bind_int(q, "incident_number", r->result.incident_number);
    query_bind_text(q, "dedup_key", r->result.dedup_key);
    query_bind_bool(q, "suppressed", false);
    query_bind_text(q, "source", e->source);
    query_bind_text(q, "component", e->component);
    query_bind_text(q, "alert_group", e->group);
    query_bind_text(q, "alert_class", e->event_class);
    query_bind_text(q, "client", e->client);
    query_bind_text(q, "client_url", e->client_url);
    query_bind_instant(q, "now", r->tx->now);
    query_bind_int(q, "event_number", r->result.event_number);
    open_alert_changes(r->tx);
    enum err err = query_run_later(q);
    if (err != OK)
        return err;
    note_open(r, true);
    return note_trigger(r);
}

static bool is_grouped(const struct reception *r)
{
    return r->keys.count > 0;
}

/* The event and the alert it opens name each other. */
static enum err attach_alert(void *context, int64_t incident_number)
{
    struct reception *r = context;
    r->result.incident_number = incident_number;
    enum err err = db_new_number(r->tx->db, "alerts", &r->result.alert_number);
    if (err == OK)
        err = insert_event(r);
    if (err == OK)
        err = insert_alert(r);
    return err == OK && is_grouped(r) ? grouping_remember(r->tx, &r->keys, incident_number) : err;
}

/* An alert of a service that is in no setting costs nothing here. */
static enum err load_grouping(struct reception *r, struct text setting_id)
{
    r->keys.count = 0;
    if (!text_is_present(setting_id))
        return OK;
    enum err err = grouping_load(r->tx, setting_id, &r->grouping);
    if (err == OK)
        grouping_keys(r->tx->arena, &r->grouping, field_of_event, r, &r->keys);
    return err;
}

static enum err load_rules(struct reception *r)
{
    struct query *q = db_query(r->tx->db, "service_alert_rules");
    query_bind_text(q, "id", r->integration->service_id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_INTERNAL;
    service_urgency_rule(q, 0, r->tx->arena, &r->urgency);
    return load_grouping(r, text_copy(r->tx->arena, query_text(q, 9)));
}

static enum err join(struct reception *r, const struct grouping_candidate *group, struct input *added)
{
    added->text2 = grouping_reason(r->tx->arena, &r->grouping, &r->keys, group->key);
    added->at = grouping_window(&r->grouping, group->opened_at, group->until, r->tx->now);
    enum err err = attach_alert(r, group->number);
    return err == OK ? tell_incident(r, added) : err;
}

static enum err open_alert(struct reception *r)
{
    enum err err = load_rules(r);
    if (err != OK)
        return err;
    const char *urgency_reason;
    instant rises_at;
    enum urgency urgency = alert_urgency(&r->urgency, r->severity, r->tx->now, &urgency_reason, &rises_at);
    struct input added = {.kind = INPUT_ALERT_ADDED, .actor = r->actor, .text = r->event->summary, .urgency = urgency, .at = INSTANT_NONE};
    const struct grouping_candidate *group = NULL;
    if (is_grouped(r))
        err = grouping_find(r->tx, &r->grouping, &r->keys, r->integration->service_id, &group);
    if (err != OK || group)
        return err == OK ? join(r, group, &added) : err;
    struct incident_opening opening = {
        .actor = r->actor, .service_id = r->integration->service_id, .title = text_utf8_cut(r->event->summary, TITLE_CHARS_MAX * 4),
        .incident_key = r->result.dedup_key, .urgency = urgency, .urgency_reason = text_of(urgency_reason), .support_hours_at = rises_at,
        .grouping_until = INSTANT_NONE, .first_alert = &added, .attach = attach_alert, .attach_context = r};
    if (is_grouped(r)) {
        opening.grouping_type = r->grouping.type;
        opening.grouping_until = grouping_window(&r->grouping, r->tx->now, INSTANT_NONE, r->tx->now);
    }
    return incident_open(r->tx, &opening, problem_new(r->tx->arena), &r->result.incident_number);
}

static enum err receive_trigger(struct reception *r)
{
    if (!r->integration->active) {
        r->result.kind = "suppressed";
        return insert_event(r);
    }
    bool found;
    enum err err = find_open(r, &found);
    if (err != OK)
        return err;
    r->result.kind = found ? "merged" : "opened";
    if (!found)
        return open_alert(r);
    err = insert_event(r);
    return err == OK ? note_trigger(r) : err;
}

/* Acknowledge, resolve, change ---------------------------------------------------------------------------------------- */

/* A machine that acknowledges one alert must not silence the others of its incident. */
static enum err receive_acknowledge(struct reception *r)
{
    bool found;
    int64_t all = 0, open = 0;
    enum err err = find_open(r, &found);
    r->result.kind = "no_op";
    if (err == OK && found)
        err = incident_count_alerts(r->tx, r->result.incident_number, &all, &open);
    if (err == OK && open == 1)
        r->result.kind = "acknowledged";
    if (err == OK)
        err = insert_event(r);
    if (err != OK || open != 1)
        return err;
    struct input input = {.kind = INPUT_ACKNOWLEDGE};
    return tell_incident(r, &input);
}

static enum err receive_resolve(struct reception *r)
{
    bool found;
    enum err err = find_open(r, &found);
    r->result.kind = found ? "resolved" : "no_op";
    if (err == OK)
        err = insert_event(r);
    if (err != OK || !found)
        return err;
    struct query *q = db_query(r->tx->db, "alert_resolve");
    query_bind_int(q, "number", r->result.alert_number);
    query_bind_instant(q, "now", r->tx->now);
    query_bind_int(q, "event_number", r->result.event_number);
    open_alert_changes(r->tx);
    err = query_run_later(q);
    note_open(r, false);
    struct input input = {.kind = INPUT_ALERT_RESOLVED, .text = r->event->summary};
    return err == OK ? tell_incident(r, &input) : err;
}

static enum err receive_change(struct reception *r)
{
    const struct event *e = r->event;
    r->result.kind = "change";
    enum err err = insert_event(r);
    if (err != OK)
        return err;
    struct query *q = db_query(r->tx->db, "change_event_insert");
    query_bind_instant(q, "now", r->tx->now);
    query_bind_instant(q, "occurred_at", instant_is_set(e->timestamp) ? e->timestamp : r->tx->now);
    query_bind_text(q, "integration_id", r->integration->id);
    query_bind_text(q, "service_id", r->integration->service_id);
    query_bind_text(q, "summary", e->summary);
    query_bind_text(q, "source", e->source);
    query_bind_text(q, "links", e->links);
    query_bind_text(q, "images", e->images);
    query_bind_text(q, "custom_details", e->custom_details);
    query_bind_int(q, "event_number", r->result.event_number);
    engine_note_change(r->tx, "change_event");
    return query_run_later(q);
}

static enum err receive(struct reception *r)
{
    switch (r->event->action) {
    case EVENT_TRIGGER: return receive_trigger(r);
    case EVENT_ACKNOWLEDGE: return receive_acknowledge(r);
    case EVENT_RESOLVE: return receive_resolve(r);
    case EVENT_CHANGE: return receive_change(r);
    }
    return ERR_INTERNAL;
}

enum err intake_apply(struct tx *tx, const struct event *event, struct disposition *ret)
{
    struct reception r = {.tx = tx, .event = event};
    enum err err = integration_by_key(tx, event->routing_key, &r.integration);
    tx->refused_clean = err == ERR_NOT_FOUND;
    if (err != OK)
        return err;
    r.actor = (struct actor){.kind = ACTOR_INTEGRATION, .id = r.integration->id, .name = r.integration->name, .channel = "events"};
    r.severity = event->severity == SEVERITY_UNKNOWN ? TEXT("critical") : text_of(severity_name(event->severity));
    r.result.dedup_key = event->dedup_key;
    if (!text_is_present(event->dedup_key) && event->action == EVENT_TRIGGER)
        r.result.dedup_key = id_new_key(tx->env, tx->arena, 32);
    err = receive(&r);
    if (err != OK)
        return err;
    measures_event(tx, r.result.kind);
    *ret = r.result;
    return OK;
}
