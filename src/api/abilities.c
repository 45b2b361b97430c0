/* Why: clients ask what an account can do before they try. Only what is really there is listed. */
#include "api/errors.h"
#include "api/route.h"

static const char *const abilities[] = {
    "teams", "read_only_users", "service_support_hours", "urgencies", "coordinated_responding", "manage_schedules", "manage_api_keys",
    "round_robin_escalation_policies",
};

static enum err list(struct call *call)
{
    json_t *names = json_array_in(call->arena);
    for (size_t i = 0; i < sizeof abilities / sizeof *abilities; i++)
        json_append_text(names, text_of(abilities[i]));
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "abilities", names);
    return OK;
}

static enum err test(struct call *call)
{
    for (size_t i = 0; i < sizeof abilities / sizeof *abilities; i++)
        if (text_is(call->path_parameters[0], abilities[i]))
            return OK;
    call->status = 402;
    call->error_code = API_ABILITY_MISSING;
    call->error_message = "Account does not have the ability";
    return ERR_FORBIDDEN;
}

static const struct route routes[] = {
    {"GET", "/abilities", MAY_READ, list, .summary = "List what this installation can do",
     .answers = "abilities[]"},
    {"GET", "/abilities/{id}", MAY_READ, test, .summary = "204 when it can, 402 when not", .media = ROUTE_NOTHING},
};
const struct route_table ability_routes = {routes, sizeof routes / sizeof *routes};
