/* Why: PagerDuty sells seats, and its tools ask which one a person has before they believe that the person is there. Nothing is counted here: there is one
 * license, everybody has it. */
#include "api/page.h"
#include "api/resources.h"

static const char license[] = "{\"id\":\"PMUSTER\",\"type\":\"license\",\"summary\":\"Muster\",\"self\":null,\"html_url\":null,\"name\":\"Muster\","
                              "\"description\":\"Everybody has it\",\"role_group\":\"FullUser\",\"valid_roles\":[\"owner\",\"admin\",\"user\",\"limited_user\","
                              "\"observer\",\"read_only_user\",\"read_only_limited_user\",\"restricted_access\"]}";

static json_t *the_license(struct call *call)
{
    return json_read(call->arena, text_of(license), call->problem);
}

static enum err list(struct call *call)
{
    struct query *q = db_query(call->db, "license_count");
    if (!query_next(q))
        return query_err(q);
    json_t *one = the_license(call), *all = json_array_in(call->arena);
    json_put_int(one, "current_value", query_int(q, 0));
    json_put_null(one, "allocations_available");
    json_append(all, one);
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "licenses", all);
    return OK;
}

static enum err get_of_user(struct call *call)
{
    json_t *user;
    enum err err = resource_read(call, &user_resource, TEXT_NONE, call->path_parameters[0], false, &user);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "license", the_license(call));
    return OK;
}

static json_t *allocation(const struct view *view, struct query *q)
{
    struct arena *arena = view->call->arena;
    json_t *item = json_object_in(arena);
    json_put(item, "license", the_license(view->call));
    view_put_instant(view, item, "allocated_at", query_instant(q, 2));
    json_put(item, "user", view_user(view, text_copy(arena, query_text(q, 0)), text_copy(arena, query_text(q, 1))));
    return item;
}

static enum err list_allocations(struct call *call)
{
    static const struct embed_place places[] = {{0}};
    struct page page;
    json_t *items;
    enum err err = page_open(call, &page);
    if (err == OK)
        err = page_items(&page, db_query(call->db, "license_allocations"), allocation, &items);
    if (err == OK && page.paging.want_total)
        err = page_count(&page, db_query(call->db, "license_count"));
    return err != OK ? err : page_reply(&page, "license_allocations", items, places);
}

static const struct route routes[] = {
    {"GET", "/licenses", MAY_READ, list, .summary = "The one license, and how many people have it",
     .answers = "licenses[]"},
    {"GET", "/license_allocations", MAY_READ, list_allocations, .summary = "Who has it: everybody",
     .query = "limit offset total", .answers = "license_allocations[] limit offset more total"},
    {"GET", "/users/{id}/license", MAY_READ, get_of_user, .summary = "The license of a user",
     .answers = "license"},
};
const struct route_table license_routes = {routes, sizeof routes / sizeof *routes};
