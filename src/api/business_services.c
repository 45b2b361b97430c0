/* Why: what the organisation offers, named as its customers name it; technical services support it (service_dependencies.c). */
#include "api/resources.h"

static const struct field fields[] = {
    {.name = "name", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = 255},
    {.name = "description", .kind = FIELD_TEXT, .flags = FIELD_NULLABLE, .max = 1024},
    {.name = "point_of_contact", .kind = FIELD_TEXT, .max = 255, .fallback = "", .doc = "Who answers for it, in words."},
    {.name = "team", .kind = FIELD_REFERENCE, .flags = FIELD_NULLABLE, .column = "team_id", .reference = "team"},
};

static enum err write(struct change *change)
{
    if (change->kind != CHANGE_DELETE || change->moment != MOMENT_STORED)
        return OK;
    struct query *q = db_query(change->tx->db, "subscribers_clear");
    query_bind_text(q, "of_type", TEXT("business_service"));
    query_bind_text(q, "of_id", change->id);
    enum err err = query_run(q);
    return err == OK ? service_dependencies_clear(change) : err;
}

const struct resource business_service_resource = {
    .name = "business_service", .plural = "business_services", .path = "/business_services", .queries = "business_service", .fields = fields,
    .field_count = FIELD_COUNT(fields), .paged = true, .untimed_update = true, .write = write,
};

/* The one creation that PagerDuty answers with 200. */
static enum err create(struct call *call)
{
    enum err err = resource_create(call);
    if (err == OK)
        call->status = 200;
    return err;
}

/* Terraform's provider writes the summary that it read, with the old name, and takes another one in the answer for a mistake. It is a name all the same. */
static enum err update(struct call *call)
{
    enum err err = resource_update(call);
    struct text summary = json_text_at(json_at(call->body, "business_service"), "summary");
    if (err == OK && summary.size > 0)
        json_put_text(json_at(call->reply, "business_service"), "summary", summary);
    return err;
}

static const struct route routes[] = {
    {"GET", "/business_services", MAY_READ, resource_list, .summary = "List business services", .resource = &business_service_resource},
    {"POST", "/business_services", MAY_MANAGE, create, .summary = "Create a business service", .body_kind = "json",
     .resource = &business_service_resource, .acts_as = resource_create},
    {"GET", "/business_services/{id}", MAY_READ, resource_get, .summary = "Get a business service", .resource = &business_service_resource},
    {"PUT", "/business_services/{id}", MAY_MANAGE, update, .summary = "Update a business service", .body_kind = "json",
     .resource = &business_service_resource},
    {"DELETE", "/business_services/{id}", MAY_MANAGE, resource_delete, .summary = "Delete a business service and its dependencies",
     .resource = &business_service_resource},
};
const struct route_table business_service_routes = {routes, sizeof routes / sizeof *routes};
