/* Why: see webhook_payload.h. */
#include "engine/webhook_payload.h"

#include "base/id.h"
#include "engine/engine_state.h"
#include "engine/webhooks.h"

/* References ------------------------------------------------------------------------------------------------------------ */

static json_t *reference(struct tx *tx, const char *type, const char *collection, struct text id, struct text summary)
{
    if (id.size == 0)
        return NULL;
    const char *base = tx->engine->public_url ? tx->engine->public_url : "";
    json_t *object = json_object_in(tx->arena);
    bool has_page = !text_is(text_of(collection), "priorities") && !text_is(text_of(collection), "integrations");
    json_put_text(object, "html_url", has_page ? text_printf(tx->arena, "%s/app/%s/%.*s", base, collection, TEXT_ARG(id)) : TEXT_NONE);
    json_put_text(object, "id", id);
    json_put_text(object, "self", text_is(text_of(collection), "integrations") ? TEXT_NONE : text_printf(tx->arena, "%s/%s/%.*s", base, collection, TEXT_ARG(id)));
    json_put_text(object, "summary", summary);
    json_put_string(object, "type", type);
    return object;
}

static json_t *incident_reference(struct tx *tx, int64_t number, struct text title)
{
    return reference(tx, "incident_reference", "incidents", id_public(tx->arena, ID_INCIDENT, number), title);
}

/* Incidents -------------------------------------------------------------------------------------------------------------- */

static json_t *bridge(struct tx *tx, struct query *q)
{
    struct text number = query_text_in(tx->arena, q, "conference_number"), url = query_text_in(tx->arena, q, "conference_url");
    if (number.size == 0 && url.size == 0)
        return NULL;
    json_t *object = json_object_in(tx->arena);
    json_put_text(object, "conference_number", number);
    json_put_text(object, "conference_url", url);
    return object;
}

static json_t *resolve_reason(struct tx *tx, struct query *q)
{
    int64_t into = query_int(q, query_column(q, "merged_into"));
    if (into == 0)
        return NULL;
    json_t *reason = json_object_in(tx->arena);
    json_put(reason, "incident", incident_reference(tx, into, query_text_in(tx->arena, q, "merged_title")));
    json_put_string(reason, "type", "merge_resolve_reason");
    return reason;
}

static json_t *incident(struct tx *tx, struct query *q, int64_t number)
{
    json_t *data = json_object_in(tx->arena);
    json_t *self = incident_reference(tx, number, TEXT_NONE);
    json_put(data, "id", json_at(self, "id"));
    json_put_string(data, "type", "incident");
    json_put(data, "self", json_at(self, "self"));
    json_put(data, "html_url", json_at(self, "html_url"));
    json_put_int(data, "number", number);
    json_put_text(data, "status", query_text_in(tx->arena, q, "status"));
    json_put_text(data, "incident_key", query_text_in(tx->arena, q, "incident_key"));
    json_put_instant(data, "created_at", query_instant(q, query_column(q, "created_at")));
    json_put_text(data, "title", query_text_in(tx->arena, q, "title"));
    json_put(data, "service", reference(tx, "service_reference", "services", query_text_in(tx->arena, q, "service_id"), query_text_in(tx->arena, q, "service_name")));
    json_put(data, "assignees", json_array_in(tx->arena));
    json_put(data, "escalation_policy",
             reference(tx, "escalation_policy_reference", "escalation_policies", query_text_in(tx->arena, q, "policy_id"), query_text_in(tx->arena, q, "policy_name")));
    json_put(data, "teams", json_array_in(tx->arena));
    json_put(data, "priority", reference(tx, "priority_reference", "priorities", query_text_in(tx->arena, q, "priority_id"), query_text_in(tx->arena, q, "priority_name")));
    json_put_text(data, "urgency", query_text_in(tx->arena, q, "urgency"));
    json_put(data, "conference_bridge", bridge(tx, q));
    json_put(data, "resolve_reason", resolve_reason(tx, q));
    json_t *type = json_object_in(tx->arena);
    json_put_text(type, "name", query_text_in(tx->arena, q, "incident_type"));
    json_put(data, "incident_type", type);
    return data;
}

static enum err add_assignees(struct tx *tx, int64_t number, json_t *assignees)
{
    struct query *q = db_query(tx->db, "webhook_incident_assignees");
    query_bind_int(q, "number", number);
    while (query_next(q))
        json_append(assignees, reference(tx, "user_reference", "users", text_copy(tx->arena, query_text(q, 0)), text_copy(tx->arena, query_text(q, 1))));
    return query_failed(q) ? query_err(q) : OK;
}

static enum err add_teams(struct tx *tx, struct text policy_id, json_t *teams, struct webhook_subject *subject)
{
    struct query *q = db_query(tx->db, "webhook_policy_teams");
    query_bind_text(q, "policy_id", policy_id);
    while (query_next(q)) {
        struct text id = text_copy(tx->arena, query_text(q, 0));
        json_append(teams, reference(tx, "team_reference", "teams", id, text_copy(tx->arena, query_text(q, 1))));
        if (subject->team_count < WEBHOOK_TEAMS_MAX)
            subject->team_ids[subject->team_count++] = id;
    }
    return query_failed(q) ? query_err(q) : OK;
}

static enum err load_incident(struct tx *tx, int64_t number, struct webhook_subject *ret)
{
    struct query *q = db_query(tx->db, "webhook_incident");
    query_bind_int(q, "number", number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    *ret = (struct webhook_subject){.data = incident(tx, q, number), .resource = text_printf(tx->arena, "incident:%lld", (long long)number),
                                    .service_id = query_text_in(tx->arena, q, "service_id")};
    enum err err = add_assignees(tx, number, json_at(ret->data, "assignees"));
    return err == OK ? add_teams(tx, json_text_at(json_at(ret->data, "escalation_policy"), "id"), json_at(ret->data, "teams"), ret) : err;
}

static json_t *conference(struct tx *tx, const json_t *incident, int64_t number)
{
    const json_t *now = json_at(incident, "conference_bridge");
    json_t *data = json_object_in(tx->arena), *numbers = json_array_in(tx->arena);
    struct text dial = json_text_at(now, "conference_number"), url = json_text_at(now, "conference_url");
    if (dial.size > 0) {
        json_t *entry = json_object_in(tx->arena);
        json_put_string(entry, "label", "");
        json_put_text(entry, "number", dial);
        json_append(numbers, entry);
    }
    json_put(data, "incident", incident_reference(tx, number, json_text_at(incident, "title")));
    json_put(data, "conference_numbers", numbers);
    json_put_text(data, "conference_url", url.size > 0 ? url : TEXT_NONE);
    json_put_string(data, "type", webhook_event_data_type(WEBHOOK_BRIDGE));
    return data;
}

enum err webhook_about_incident(struct tx *tx, enum webhook_event event, int64_t number, struct webhook_subject *ret)
{
    enum err err = load_incident(tx, number, ret);
    if (err != OK)
        return err;
    if (event == WEBHOOK_RESOLVED && !text_is(json_text_at(ret->data, "status"), "resolved"))
        return ERR_NOT_FOUND; /* others flowed into it; it goes on */
    if (event == WEBHOOK_BRIDGE)
        ret->data = conference(tx, ret->data, number);
    return OK;
}

/* What hangs on an incident ------------------------------------------------------------------------------------------------- */

static json_t *about(struct tx *tx, const struct webhook_subject *subject, int64_t number)
{
    json_t *data = json_object_in(tx->arena);
    json_put(data, "incident", incident_reference(tx, number, json_text_at(subject->data, "title")));
    return data;
}

enum err webhook_about_words(struct tx *tx, enum webhook_event event, int64_t incident_number, struct text id, struct text words, struct webhook_subject *ret)
{
    enum err err = load_incident(tx, incident_number, ret);
    if (err != OK)
        return err;
    struct text cut = text_utf8_cut(words, WEBHOOK_WORDS_BYTES_MAX);
    json_t *data = about(tx, ret, incident_number);
    json_put_text(data, "id", id);
    json_put_text(data, event == WEBHOOK_ANNOTATED ? "content" : "message", cut);
    json_put_bool(data, "trimmed", cut.size < words.size);
    json_put_string(data, "type", webhook_event_data_type(event));
    ret->data = data;
    return OK;
}

static void put_field_values(json_t *data, enum webhook_event event, const json_t *values, const json_t *changed)
{
    json_put(data, "custom_fields", (json_t *)(uintptr_t)values);
    json_put(data, "changed_custom_fields", (json_t *)(uintptr_t)changed);
    json_put_string(data, "type", webhook_event_data_type(event));
}

enum err webhook_about_field_values(struct tx *tx, int64_t incident_number, const json_t *values, const json_t *changed, struct webhook_subject *ret)
{
    enum err err = load_incident(tx, incident_number, ret);
    if (err != OK)
        return err;
    json_t *data = about(tx, ret, incident_number);
    put_field_values(data, WEBHOOK_FIELD_VALUES, values, changed);
    ret->data = data;
    return OK;
}

enum err webhook_about_responder(struct tx *tx, int64_t incident_number, struct text user_id, const char *state, struct webhook_subject *ret)
{
    enum err err = load_incident(tx, incident_number, ret);
    if (err != OK)
        return err;
    struct query *q = db_query(tx->db, "webhook_responder");
    query_bind_int(q, "number", incident_number);
    query_bind_text(q, "user_id", user_id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    json_t *data = about(tx, ret, incident_number);
    json_put(data, "user", reference(tx, "user_reference", "users", user_id, text_copy(tx->arena, query_text(q, 0))));
    json_put(data, "escalation_policy", json_at(ret->data, "escalation_policy"));
    json_put_text(data, "message", text_copy(tx->arena, query_text(q, 1)));
    json_put_string(data, "state", state);
    json_put_string(data, "type", webhook_event_data_type(WEBHOOK_RESPONDER_ADDED));
    ret->data = data;
    return OK;
}

/* Others ------------------------------------------------------------------------------------------------------------------ */

enum err webhook_about_service(struct tx *tx, struct text service_id, struct webhook_subject *ret)
{
    struct query *q = db_query(tx->db, "webhook_service");
    query_bind_text(q, "id", service_id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    *ret = (struct webhook_subject){.resource = text_printf(tx->arena, "service:%.*s", TEXT_ARG(service_id)), .service_id = service_id};
    ret->data = reference(tx, "service", "services", service_id, query_text_in(tx->arena, q, "name"));
    json_put_text(ret->data, "alert_creation", query_text_in(tx->arena, q, "alert_creation"));
    json_put(ret->data, "teams", json_array_in(tx->arena));
    return add_teams(tx, query_text_in(tx->arena, q, "policy_id"), json_at(ret->data, "teams"), ret);
}

enum err webhook_about_service_field_values(struct tx *tx, struct text service_id, const json_t *values, const json_t *changed, struct webhook_subject *ret)
{
    enum err err = webhook_about_service(tx, service_id, ret);
    if (err != OK)
        return err;
    json_t *data = json_object_in(tx->arena);
    json_put(data, "service", reference(tx, "service_reference", "services", service_id, json_text_at(ret->data, "summary")));
    put_field_values(data, WEBHOOK_SERVICE_FIELDS, values, changed);
    ret->data = data;
    return OK;
}

void webhook_about_ping(struct tx *tx, struct webhook_subject *ret)
{
    *ret = (struct webhook_subject){.data = json_object_in(tx->arena), .resource = TEXT("pagey")};
    json_put_string(ret->data, "message", "Hello from Muster");
    json_put_string(ret->data, "type", webhook_event_data_type(WEBHOOK_PING));
}

static json_t *agent(struct tx *tx, const struct actor *actor)
{
    if (!actor)
        return NULL;
    switch (actor->kind) {
    case ACTOR_USER: return reference(tx, "user_reference", "users", actor->id, actor->name);
    case ACTOR_INTEGRATION: return reference(tx, "inbound_integration_reference", "integrations", actor->id, actor->name);
    case ACTOR_SYSTEM: return NULL;
    }
    return NULL;
}

struct text webhook_payload(struct tx *tx, enum webhook_event event, const json_t *data, const struct actor *actor)
{
    json_t *inner = json_object_in(tx->arena), *outer = json_object_in(tx->arena), *client = NULL;
    if (actor && actor->kind == ACTOR_USER) {
        client = json_object_in(tx->arena);
        json_put_string(client, "name", "Muster");
    }
    json_put_text(inner, "id", id_new_key(tx->env, tx->arena, 26));
    json_put_string(inner, "event_type", webhook_event_name(event));
    json_put_text(inner, "resource_type", webhook_event_resource(event));
    json_put_text(inner, "occurred_at", instant_format_ms(tx->arena, tx->now));
    json_put(inner, "agent", agent(tx, actor));
    json_put(inner, "client", client);
    json_put(inner, "data", (json_t *)(uintptr_t)data);
    json_put(outer, "event", inner);
    return json_write(tx->arena, outer);
}
