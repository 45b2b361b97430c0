/* Why: shows a row as the API's object by the field table; see resource.h. Every field is always there. */
#include "api/resource.h"

#include <assert.h>

#include "api/auth.h"

static const char *column_of(const struct field *field)
{
    return field->column ? field->column : field->name;
}

static struct text copied(struct call *call, struct query *row, const char *column)
{
    return text_copy(call->arena, query_text(row, query_column(row, column)));
}

static json_t *embed(struct call *call, const struct field *field, struct text parent_id, struct text id)
{
    json_t *object = NULL;
    enum err err = resource_read(call, field->target, parent_id, id, false, &object);
    if (err != OK && err != ERR_NOT_FOUND)
        call->read_error = err;
    return object;
}

static bool included(struct call *call, const struct field *field, bool includes)
{
    return field->flags & FIELD_WHOLE || (includes && field->target && call_includes(call, field->include ? field->include : field->name));
}

static json_t *encode_reference(struct call *call, const struct field *field, struct query *row, bool includes)
{
    struct text id = copied(call, row, column_of(field));
    if (id.size == 0)
        return NULL;
    json_t *object = included(call, field, includes) ? embed(call, field, TEXT_NONE, id) : NULL;
    if (object)
        return object;
    const char *summary = arena_printf(call->arena, "%s_summary", column_of(field));
    return api_reference_to(call, field->reference, id, copied(call, row, summary));
}

static json_t *encode_references(struct call *call, const struct field *field, struct text owner_id, bool includes)
{
    json_t *list = json_array_in(call->arena);
    bool whole = included(call, field, includes);
    struct query *q = db_query(call->db, field->query);
    query_bind_text(q, "id", owner_id);
    while (query_next(q)) {
        struct text id = text_copy(call->arena, query_text(q, 0));
        json_t *object = whole ? embed(call, field, TEXT_NONE, id) : NULL;
        if (!object && query_columns(q) == 4) {
            const char *path = text_cstring(call->arena, query_text(q, 3));
            const char *type = text_cstring(call->arena, query_text(q, 2));
            object = api_reference(call, type, id, query_text(q, 1), path, NULL);
        } else if (!object) {
            object = api_reference_to(call, field->reference, id, query_text(q, 1));
        }
        json_append(list, object);
    }
    if (query_failed(q))
        call->read_error = query_err(q);
    return list;
}

static void put_number(json_t *object, const char *name, struct query *row, int column, int64_t divisor)
{
    if (query_is_null(row, column))
        json_put_null(object, name);
    else
        json_put_int(object, name, query_int(row, column) / divisor);
}

static void encode_field(struct call *call, const struct field *field, struct query *row, struct text id, bool includes, json_t *object)
{
    if (field->flags & FIELD_MANAGERS && !auth_may(&call->who, MAY_MANAGE)) {
        json_put_null(object, field->name);
        return;
    }
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_EMAIL:
    case FIELD_ZONE:
    case FIELD_CHOICE: json_put_text(object, field->name, query_text(row, query_column(row, column_of(field)))); break;
    case FIELD_INTEGER: put_number(object, field->name, row, query_column(row, column_of(field)), 1); break;
    case FIELD_MINUTES: put_number(object, field->name, row, query_column(row, column_of(field)), 60); break;
    case FIELD_BOOLEAN: json_put_bool(object, field->name, query_bool(row, query_column(row, column_of(field)))); break;
    case FIELD_INSTANT: json_put_instant(object, field->name, query_instant(row, query_column(row, column_of(field)))); break;
    case FIELD_REFERENCE: json_put(object, field->name, encode_reference(call, field, row, includes)); break;
    case FIELD_REFERENCES: json_put(object, field->name, encode_references(call, field, id, includes)); break;
    case FIELD_FIXED: json_put(object, field->name, json_read(call->arena, text_of(field->fixed), call->problem)); break;
    case FIELD_CUSTOM: json_put_null(object, field->name); break; /* keeps its place; the hook fills it */
    }
}

/* "/users/{id}/contact_methods" with the parent's id in its place. */
static struct text path_of(struct call *call, const char *pattern, struct text parent_id, struct text id)
{
    struct text text = text_of(pattern);
    size_t open = text_find(text, TEXT("{id}"));
    if (open == text.size)
        return text_printf(call->arena, "%s%s/%.*s", call_public_url(call), pattern, TEXT_ARG(id));
    struct text before = text_slice(text, 0, open), after = text_slice(text, open + 4, text.size);
    return text_printf(call->arena, "%s%.*s%.*s%.*s/%.*s", call_public_url(call), TEXT_ARG(before), TEXT_ARG(parent_id), TEXT_ARG(after),
                       TEXT_ARG(id));
}

json_t *resource_encode(struct call *call, const struct resource *resource, struct query *row, bool includes)
{
    json_t *object = json_object_in(call->arena);
    struct text id = copied(call, row, "id");
    struct text parent_id = resource->parent ? copied(call, row, "parent_id") : TEXT_NONE;
    json_put_text(object, "id", id);
    if (!resource->no_type) {
        json_put_string(object, "type", resource->type ? resource->type : resource->name);
        json_put_text(object, "summary", query_text(row, query_column(row, resource->summary ? resource->summary : "name")));
        json_put_text(object, "self", path_of(call, resource->path, parent_id, id));
        json_put_text(object, "html_url", resource->html_path ? path_of(call, resource->html_path, parent_id, id) : TEXT_NONE);
    }
    for (size_t i = 0; i < resource->field_count; i++)
        encode_field(call, &resource->fields[i], row, id, includes, object);
    if (resource->show)
        resource->show(call, row, object);
    return object;
}

enum err resource_read(struct call *call, const struct resource *resource, struct text parent_id, struct text id, bool includes, json_t **ret)
{
    struct query *q = db_query(call->db, arena_printf(call->arena, "%s_get", resource->queries));
    query_bind_text(q, "id", id);
    if (resource->get_needs_now)
        query_bind_instant(q, "now", call->now);
    if (resource->owner)
        query_bind_text(q, "owner", text_of(resource->owner));
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    if (text_is_present(parent_id) && !text_equal(query_text(q, query_column(q, "parent_id")), parent_id))
        return ERR_NOT_FOUND;
    *ret = resource_encode(call, resource, q, includes);
    return OK;
}
