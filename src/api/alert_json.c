/* Why: see alert_json.h. */
#include "api/alert_json.h"

static json_t *context(const struct view *view, const char *type, const json_t *given)
{
    json_t *context = json_object_in(view->call->arena);
    json_put_string(context, "type", type);
    json_put_text(context, "href", json_text_at(given, "href"));
    json_put_text(context, "src", json_text_at(given, "src"));
    json_put_text(context, "text", json_text_at(given, strcmp(type, "link") == 0 ? "text" : "alt"));
    return context;
}

static void add_contexts(const struct view *view, json_t *contexts, const char *type, const json_t *list)
{
    size_t index;
    json_t *given;
    json_array_foreach(list, index, given)
        if (json_is_object(given))
            json_append(contexts, context(view, type, given));
}

/* v2 carries its details below payload, v1 and our own formats on the outside. */
static json_t *details_of(const json_t *event)
{
    json_t *payload = json_at(event, "payload");
    json_t *details = json_at(payload ? payload : event, "custom_details");
    if (!details)
        details = json_at(event, "details");
    return details;
}

static json_t *common_fields(const struct view *view, struct query *q, json_t *details)
{
    json_t *fields = json_object_in(view->call->arena);
    json_put_text(fields, "severity", query_text_in(view->call->arena, q, "severity"));
    json_put_text(fields, "description", query_text_in(view->call->arena, q, "summary"));
    json_put_text(fields, "dedup_key", query_text_in(view->call->arena, q, "dedup_key"));
    json_put_text(fields, "source_origin", query_text_in(view->call->arena, q, "source"));
    json_put_text(fields, "source_component", query_text_in(view->call->arena, q, "component"));
    json_put_text(fields, "service_group", query_text_in(view->call->arena, q, "alert_group"));
    json_put_text(fields, "event_class", query_text_in(view->call->arena, q, "alert_class"));
    json_put_text(fields, "client", query_text_in(view->call->arena, q, "client"));
    json_put_text(fields, "client_url", query_text_in(view->call->arena, q, "client_url"));
    json_put(fields, "details", details);
    return fields;
}

static json_t *body(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    json_t *body = json_object_in(arena), *contexts = json_array_in(arena);
    struct text document = query_text_in(view->call->arena, q, "event_body");
    json_t *event = document.size ? json_read_any_integer(arena, document, problem_new(arena)) : NULL;
    add_contexts(view, contexts, "link", json_at(event, "links"));
    add_contexts(view, contexts, "image", json_at(event, "images"));
    json_t *details = details_of(event);
    json_put_string(body, "type", "alert_body");
    json_put(body, "contexts", contexts);
    json_put(body, "details", details);
    json_put(body, "cef_details", common_fields(view, q, details));
    return body;
}

json_t *alert_json(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    struct text id = id_public(arena, ID_ALERT, query_int(q, query_column(q, "number")));
    int64_t incident = query_int(q, query_column(q, "incident_number")), first = query_int(q, query_column(q, "first_ledger_seq"));
    struct text of = view_incident_id(view, incident), severity = query_text_in(view->call->arena, q, "severity");
    const char *self = arena_printf(arena, "/incidents/%.*s/alerts/%.*s", TEXT_ARG(of), TEXT_ARG(id));
    const char *page = arena_printf(arena, "/app/incidents/%.*s#%.*s", TEXT_ARG(of), TEXT_ARG(id));
    json_t *alert = api_reference(view->call, "alert", id, query_text_in(view->call->arena, q, "summary"), self, page);
    json_put_string(alert, "type", "alert");
    json_put_text(alert, "status", query_text_in(view->call->arena, q, "status"));
    json_put_text(alert, "severity", text_is(severity, "unknown") ? TEXT_NONE : severity);
    json_put_bool(alert, "suppressed", query_bool(q, query_column(q, "suppressed")));
    json_put_text(alert, "alert_key", query_text_in(view->call->arena, q, "dedup_key"));
    view_put_instant(view, alert, "created_at", query_instant(q, query_column(q, "created_at")));
    view_put_instant(view, alert, "updated_at", query_instant(q, query_column(q, "updated_at")));
    view_put_instant(view, alert, "resolved_at", query_instant(q, query_column(q, "resolved_at")));
    json_put_int(alert, "event_count", query_int(q, query_column(q, "event_count")));
    json_put(alert, "service", view_service(view, query_text_in(view->call->arena, q, "service_id"), query_text_in(view->call->arena, q, "service_name")));
    json_put(alert, "incident", view_incident(view, incident, query_text_in(view->call->arena, q, "incident_title")));
    json_put(alert, "integration", view_integration(view, q));
    json_put(alert, "first_trigger_log_entry",
             first ? view_log_entry(view, first, incident, "trigger_log_entry", query_text_in(view->call->arena, q, "summary")) : NULL);
    json_put(alert, "body", body(view, q));
    return alert;
}
