/* Why: see view.h. */
#include "api/view.h"

#include "api/schedule_json.h"
#include "base/zone.h"

enum err view_open(struct call *call, struct view *ret)
{
    *ret = (struct view){.call = call, .zone = zone_utc()};
    struct text name = call_query(call, "time_zone");
    if (name.size == 0)
        return OK;
    enum err err = zone_find(name, &ret->zone);
    if (err == ERR_NOT_FOUND) {
        problem_add(call->problem, "time_zone", "is not an IANA time zone");
        return ERR_INVALID;
    }
    return err;
}

struct text view_instant(const struct view *view, instant at)
{
    if (!instant_is_set(at))
        return TEXT_NONE;
    if (view->zone == zone_utc())
        return instant_format(view->call->arena, at);
    return zone_format(view->call->arena, view->zone, at);
}

void view_put_instant(const struct view *view, json_t *object, const char *key, instant at)
{
    json_put_text(object, key, view_instant(view, at));
}

bool view_parse_instant(const struct view *view, struct text written, instant *ret)
{
    return zone_parse(view->zone, written, ret);
}

void view_query_instant(const struct view *view, const char *name, instant *ret)
{
    struct text written = call_query(view->call, name);
    if (text_is_present(written) && !view_parse_instant(view, written, ret))
        problem_add(view->call->problem, name, "is not a date and time (ISO 8601)");
}

enum err view_window(struct call *call, instant *ret_since, instant *ret_until)
{
    struct view view;
    enum err err = view_open(call, &view);
    if (err != OK)
        return err;
    view_query_instant(&view, "since", ret_since);
    view_query_instant(&view, "until", ret_until);
    return problem_is_empty(call->problem) ? OK : ERR_INVALID;
}

struct text view_numbers(struct arena *arena, const int64_t *numbers, size_t count)
{
    struct builder list = builder_new(arena, 24 * (count + 1));
    builder_add_byte(&list, '[');
    for (size_t i = 0; i < count; i++) {
        if (i > 0)
            builder_add_byte(&list, ',');
        builder_add_int(&list, numbers[i]);
    }
    builder_add_byte(&list, ']');
    return builder_text(&list);
}

struct text view_incident_summary(struct arena *arena, int64_t number, struct text title)
{
    return TEXT_JOIN(arena, TEXT("[#"), text_decimal(arena, number), TEXT("] "), title);
}

bool view_incident_number(struct text id, int64_t *ret)
{
    int64_t number;
    if (!id_parse(ID_INCIDENT, id, &number) && !text_to_int64(id, &number))
        return false;
    if (number <= 0)
        return false;
    *ret = number;
    return true;
}

struct text view_incident_id(const struct view *view, int64_t number)
{
    return id_public(view->call->arena, ID_INCIDENT, number);
}

json_t *view_incident(const struct view *view, int64_t number, struct text title)
{
    if (number == 0)
        return NULL;
    return api_reference_to(view->call, "incident", view_incident_id(view, number),
                            view_incident_summary(view->call->arena, number, title));
}

json_t *view_user(const struct view *view, struct text id, struct text name)
{
    return api_reference_to(view->call, "user", id, name);
}

json_t *view_service(const struct view *view, struct text id, struct text name)
{
    return api_reference_to(view->call, "service", id, name);
}

json_t *view_policy(const struct view *view, struct text id, struct text name)
{
    return api_reference_to(view->call, "escalation_policy", id, name);
}

json_t *view_schedule(const struct view *view, struct text id, struct text name)
{
    return id.size > 0 ? schedule_reference(view->call, id, name) : NULL;
}

json_t *view_integration(const struct view *view, struct query *row)
{
    struct arena *arena = view->call->arena;
    struct text id = query_text_in(arena, row, "integration_id"), type = query_text_in(arena, row, "integration_type");
    if (id.size == 0)
        return NULL;
    const char *path = arena_printf(arena, "/services/%.*s/integrations/%.*s", TEXT_ARG(query_text_in(arena, row, "service_id")), TEXT_ARG(id));
    return api_reference(view->call, text_cstring(arena, type), id, query_text_in(arena, row, "integration_name"), path, path);
}

json_t *view_team(const struct view *view, struct text id, struct text name)
{
    return api_reference_to(view->call, "team", id, name);
}

json_t *view_log_entry(const struct view *view, int64_t seq, int64_t incident, const char *type, struct text summary)
{
    struct arena *arena = view->call->arena;
    struct text id = id_public(arena, ID_LOG_ENTRY, seq);
    struct text of = incident ? view_incident_id(view, incident) : TEXT("");
    struct text self = TEXT_JOIN(arena, TEXT("/log_entries/"), id, TEXT("?incident_id="), of);
    struct text page = TEXT_JOIN(arena, TEXT("/app/incidents/"), of, TEXT("#"), id);
    return api_reference(view->call, type, id, summary, self.data, page.data);
}
