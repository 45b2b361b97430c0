/* Why: reading and setting what an incident or a service has in its custom fields (engine/custom_fields.h). */
#include "engine/custom_fields.h"

#include "api/audit.h"
#include "api/incident_changes.h"
#include "api/incidents.h"
#include "api/resource.h"

struct setting {
    struct field_owner owner;
    struct actor actor;
    struct call *call;
};

static enum err reply_values(struct call *call, const struct field_owner *owner)
{
    json_t *values;
    enum err err = custom_fields_of(call->db, call->arena, owner, &values);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "custom_fields", values);
    return OK;
}

static enum err reply_set(struct call *call, const struct field_owner *owner)
{
    call->status = 201; /* as PagerDuty answers it */
    return reply_values(call, owner);
}

/* May run more than once. */
static enum err set_values(struct tx *tx, const struct setting *setting)
{
    struct problem *problem = setting->call->problem;
    problem->count = problem->dropped = 0;
    return custom_fields_set(tx, &setting->owner, json_at(setting->call->body, "custom_fields"), &setting->actor, problem);
}

/* Incidents ----------------------------------------------------------------------------------------------------------------- */

static enum err get_of_incident(struct call *call)
{
    struct field_owner owner = {0};
    enum err err = incident_of_path(call, &owner.incident);
    return err == OK ? reply_values(call, &owner) : err;
}

static enum err set_of_incident(struct tx *tx, void *argument)
{
    enum err err = set_values(tx, argument);
    tx->refused_clean = err == ERR_INVALID;
    return err;
}

static enum err put_of_incident(struct call *call)
{
    struct incident_call about;
    enum err err = incident_call_begin(call, true, &about);
    if (err != OK)
        return err;
    struct setting setting = {.owner = {.incident = about.number}, .actor = about.actor, .call = call};
    err = call_change(call, set_of_incident, &setting);
    return err == OK ? reply_set(call, &setting.owner) : err;
}

/* Services ------------------------------------------------------------------------------------------------------------------ */

static enum err get_of_service(struct call *call)
{
    struct text name;
    enum err err = reference_summary(call->db, call->arena, "service", call->path_parameters[0], &name);
    return err == OK ? reply_values(call, &(struct field_owner){.service = call->path_parameters[0]}) : err;
}

/* {"custom_fields.region": "EU"}: the audit record of the service tells those that changed. */
static json_t *named_values(struct arena *arena, const json_t *values)
{
    json_t *named = json_object_in(arena);
    for (size_t i = 0; i < json_array_size(values); i++) {
        const json_t *one = json_array_get(values, i);
        json_put(named, arena_printf(arena, "custom_fields.%.*s", TEXT_ARG(json_text_at(one, "name"))), json_at(one, "value"));
    }
    return named;
}

static enum err record_of_service(struct tx *tx, const struct setting *setting, const json_t *before)
{
    json_t *after;
    enum err err = custom_fields_of(tx->db, tx->arena, &setting->owner, &after);
    if (err != OK || json_same(before, after))
        return err;
    struct audit audit = {.actor = &setting->actor, .peer = setting->call->request->peer, .action = "update", .resource_type = "service",
                          .resource_id = setting->owner.service, .before = named_values(tx->arena, before), .after = named_values(tx->arena, after)};
    err = audit_record(tx, &audit);
    if (err == OK)
        engine_note_change(tx, "configuration");
    return err;
}

static enum err set_of_service(struct tx *tx, void *argument)
{
    const struct setting *setting = argument;
    struct text name;
    json_t *before = NULL;
    enum err err = reference_summary(tx->db, tx->arena, "service", setting->owner.service, &name);
    if (err == OK)
        err = custom_fields_of(tx->db, tx->arena, &setting->owner, &before);
    if (err == OK)
        err = set_values(tx, setting);
    tx->refused_clean = err == ERR_INVALID || err == ERR_NOT_FOUND;
    return err == OK ? record_of_service(tx, setting, before) : err;
}

static enum err put_of_service(struct call *call)
{
    struct setting setting = {.owner = {.service = call->path_parameters[0]}, .call = call};
    enum err err = call_actor(call, false, &setting.actor);
    if (err == OK)
        err = call_change(call, set_of_service, &setting);
    return err == OK ? reply_set(call, &setting.owner) : err;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/incidents/{id}/custom_fields/values", .permission = MAY_READ, .handle = get_of_incident,
     .summary = "Get what an incident has in its custom fields",
     .answers = "custom_fields[]"},
    {.method = "PUT", .path = "/incidents/{id}/custom_fields/values", .permission = MAY_RESPOND, .handle = put_of_incident, .team_of = TEAM_OF_INCIDENT,
     .summary = "Set custom fields of an incident by id or name; null clears, what is not named stays", .body_kind = "json",
     .takes = "custom_fields[]", .answers = "custom_fields[]"},
    {.method = "GET", .path = "/services/{id}/custom_fields/values", .permission = MAY_READ, .handle = get_of_service,
     .summary = "Get what a service has in its custom fields",
     .answers = "custom_fields[]"},
    {.method = "PUT", .path = "/services/{id}/custom_fields/values", .permission = MAY_MANAGE, .handle = put_of_service, .team_of = TEAM_OF_SERVICE,
     .summary = "Set custom fields of a service by id or name; null clears, what is not named stays", .body_kind = "json",
     .takes = "custom_fields[]", .answers = "custom_fields[]"},
};
const struct route_table custom_field_value_routes = {routes, sizeof routes / sizeof *routes};
