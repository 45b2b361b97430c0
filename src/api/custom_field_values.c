/* Why: reading and setting what an incident has in its custom fields (engine/custom_fields.h). */
#include "engine/custom_fields.h"

#include "api/incident_changes.h"
#include "api/incidents.h"

static enum err reply_values(struct call *call, int64_t incident)
{
    json_t *values;
    enum err err = custom_fields_of(call->db, call->arena, incident, &values);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "custom_fields", values);
    return OK;
}

static enum err get_values(struct call *call)
{
    int64_t incident;
    enum err err = incident_of_path(call, &incident);
    return err == OK ? reply_values(call, incident) : err;
}

struct setting {
    struct incident_call *about;
    struct call *call;
};

static enum err set_work(struct tx *tx, void *argument)
{
    const struct setting *setting = argument;
    struct problem *problem = setting->call->problem;
    problem->count = problem->dropped = 0;
    enum err err = custom_fields_set(tx, setting->about->number, json_at(setting->call->body, "custom_fields"), &setting->about->actor, problem);
    tx->refused_clean = err == ERR_INVALID;
    return err;
}

static enum err put_values(struct call *call)
{
    struct incident_call about;
    enum err err = incident_call_begin(call, true, &about);
    if (err == OK)
        err = call_change(call, set_work, &(struct setting){.about = &about, .call = call});
    if (err == OK)
        err = reply_values(call, about.number);
    if (err == OK)
        call->status = 201; /* as PagerDuty answers it */
    return err;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/incidents/{id}/custom_fields/values", .permission = MAY_READ, .handle = get_values,
     .summary = "Get what an incident has in its custom fields",
     .answers = "custom_fields[]"},
    {.method = "PUT", .path = "/incidents/{id}/custom_fields/values", .permission = MAY_RESPOND, .handle = put_values, .team_of = TEAM_OF_INCIDENT,
     .summary = "Set custom fields of an incident by id or name; null clears, what is not named stays", .body_kind = "json",
     .takes = "custom_fields[]", .answers = "custom_fields[]"},
};
const struct route_table custom_field_value_routes = {routes, sizeof routes / sizeof *routes};
