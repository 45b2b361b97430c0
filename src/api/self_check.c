/* Why: the rounds of the self-check, when somebody does not want to wait for the next one (and for tests, whose clock stands still). */
#include "audit/self_check.h"
#include "api/route.h"

static enum err check_now(struct call *call)
{
    struct self_check result;
    enum err err = self_check_run(call->engine, call->db, call->env, call->arena, &result);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put_int(call->reply, "checks", result.checks);
    json_put_int(call->reply, "findings", result.findings);
    json_put_int(call->reply, "gaps", result.gaps);
    json_put_int(call->reply, "told", result.told);
    return OK;
}

static const struct route routes[] = {
    {.method = "POST", .path = "/muster/self_check", .permission = MAY_ADMINISTER, .handle = check_now, .summary = "Run the self-check now; what is new opens an incident on \"Muster itself\"",
     .answers = "checks:integer findings:integer gaps:integer told:integer"},
};
const struct route_table self_check_routes = {routes, sizeof routes / sizeof *routes};
