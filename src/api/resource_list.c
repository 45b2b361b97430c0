/* Why: lists and single reads of a resource; see resource.h. */
#include "api/resource.h"
#include "api/visibility.h"

static bool bind_block(struct call *call, struct query *q, const struct filter *filter, struct text value)
{
    struct text rest = text_of(filter->choices), choice;
    while (text_next(&rest, ' ', &choice)) {
        if (!text_equal(choice, value))
            continue;
        query_enable(q, arena_printf(call->arena, "%s%.*s", filter->parameter, TEXT_ARG(choice)));
        return true;
    }
    problem_add(call->problem, filter->query, "must be one of %s", filter->choices);
    return false;
}

static enum err bind_filters(struct call *call, const struct resource *resource, struct query *q)
{
    for (size_t i = 0; i < resource->filter_count; i++) {
        const struct filter *filter = &resource->filters[i];
        struct text value = filter->kind == FILTER_LIST ? call_query_list(call, filter->query) : call_query(call, filter->query);
        if (value.size == 0 && filter->fallback)
            value = text_of(filter->fallback);
        if (value.size == 0)
            continue;
        switch (filter->kind) {
        case FILTER_TEXT:
        case FILTER_LIST: query_bind_text(q, filter->parameter, value); break;
        case FILTER_BLOCK: bind_block(call, q, filter, value); break;
        }
    }
    return problem_is_empty(call->problem) ? OK : ERR_INVALID;
}

static enum err bind_sort(struct call *call, const struct resource *resource, struct query *q)
{
    struct text wanted = call_query(call, "sort_by");
    if (!resource->sorts || wanted.size == 0)
        return OK;
    wanted = text_slice(wanted, 0, text_find_byte(wanted, ',', 0));
    if (text_find_byte(wanted, ':', 0) == wanted.size)
        wanted = text_printf(call->arena, "%.*s:asc", TEXT_ARG(wanted));
    struct text rest = text_of(resource->sorts), known;
    while (text_next(&rest, ' ', &known)) {
        if (!text_equal(known, wanted))
            continue;
        size_t colon = text_find_byte(known, ':', 0);
        struct text field = text_slice(known, 0, colon), order = text_slice(known, colon + 1, known.size);
        query_enable(q, arena_printf(call->arena, "sort_%.*s_%.*s", TEXT_ARG(field), TEXT_ARG(order)));
        return OK;
    }
    problem_add(call->problem, "sort_by", "must be one of %s", resource->sorts);
    return ERR_INVALID;
}

const char *resource_noun(const struct resource *resource)
{
    return resource->noun ? resource->noun : resource->name;
}

static enum err parent_exists(struct call *call, const struct resource *resource)
{
    struct text name;
    if (!resource->parent)
        return OK;
    return reference_summary(call->db, call->arena, resource_noun(resource->parent), call->path_parameters[0], &name);
}

static enum err start_list(struct call *call, const struct resource *resource, int64_t limit, int64_t offset, bool with_total, struct query **ret)
{
    struct query *q = db_query(call->db, arena_printf(call->arena, "%s_list", resource->queries));
    if (resource->parent)
        query_bind_text(q, "parent_id", call->path_parameters[0]);
    if (resource->list_needs_now)
        query_bind_instant(q, "now", call->now);
    if (resource->owner)
        query_bind_text(q, "owner", text_of(resource->owner));
    if (resource->has_sight)
        visibility_bind_ids(call, q);
    query_bind_int(q, "limit", limit);
    query_bind_int(q, "offset", offset);
    if (with_total)
        query_enable(q, "with_total");
    enum err err = bind_filters(call, resource, q);
    if (err == OK)
        err = bind_sort(call, resource, q);
    *ret = q;
    return err;
}

enum err resource_list(struct call *call)
{
    const struct resource *resource = call->route->resource;
    struct paging paging = {.limit = 10000};
    enum err err = resource->paged ? call_paging(call, &paging) : OK;
    if (err == OK)
        err = parent_exists(call, resource);
    struct query *q;
    if (err == OK)
        err = start_list(call, resource, paging.limit + 1, paging.offset, paging.want_total, &q);
    if (err != OK)
        return err;
    json_t *items = json_array_in(call->arena);
    int64_t count = 0, total = 0;
    while (query_next(q)) {
        total = query_int(q, query_column(q, "total"));
        if (count++ < paging.limit)
            json_append(items, resource_encode(call, resource, q, true));
    }
    if (!query_failed(q) && count == 0 && paging.want_total && paging.offset > 0) {
        err = start_list(call, resource, 1, 0, true, &q); /* past the end there is no row that could tell the total */
        if (err != OK)
            return err;
        if (query_next(q))
            total = query_int(q, query_column(q, "total"));
    }
    if (query_failed(q))
        return query_err(q);
    if (resource->paged) {
        call_reply_page(call, resource->plural, items, &paging, count > paging.limit, total);
    } else {
        call->reply = json_object_in(call->arena);
        json_put(call->reply, resource->plural, items);
    }
    return OK;
}

enum err resource_get(struct call *call)
{
    const struct resource *resource = call->route->resource;
    struct text parent_id = resource->parent ? call->path_parameters[0] : TEXT_NONE;
    json_t *object;
    enum err err = parent_exists(call, resource);
    if (err == OK)
        err = resource_read(call, resource, parent_id, call->path_parameters[resource->parent ? 1 : 0], true, &object);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, resource->name, object);
    return OK;
}

static const struct reference_kind {
    const char *type, *query;
} reference_kinds[] = {
    {"user", "reference_user"},
    {"team", "reference_team"},
    {"service", "reference_service"},
    {"business_service", "reference_business_service"},
    {"escalation_policy", "reference_escalation_policy"},
    {"schedule", "reference_schedule"},
    {"priority", "reference_priority"},
    {"contact_method", "reference_contact_method"},
    {"tag", "reference_tag"},
    {"field", "reference_field"},
    {"service_field", "reference_service_field"},
    {"incident_type", "reference_incident_type"},
};

enum err reference_summary(struct db *db, struct arena *arena, const char *type, struct text id, struct text *ret)
{
    for (size_t i = 0; i < FIELD_COUNT(reference_kinds); i++) {
        if (strcmp(reference_kinds[i].type, type) != 0)
            continue;
        struct query *q = db_query(db, reference_kinds[i].query);
        query_bind_text(q, "id", id);
        if (!query_next(q))
            return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
        *ret = text_copy(arena, query_text(q, 0));
        return OK;
    }
    return ERR_NOT_FOUND;
}
