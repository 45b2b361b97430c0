/* Why: create, update and delete of a resource: one transaction with its references checked and its audit record; see resource.h. */
#include "api/resource.h"

#include <assert.h>

#include "api/audit.h"
#include "api/visibility.h"
#include "base/id.h"

static const char *column_of(const struct field *field)
{
    return field->column ? field->column : field->name;
}

struct value *change_value(struct change *change, const char *field)
{
    return &change->values[resource_field(change->resource, field)];
}

const json_t *change_custom(const struct change *change, const char *field, bool *ret_given)
{
    (void)resource_field(change->resource, field);
    const json_t *given = change->body ? json_object_get(change->body, field) : NULL;
    *ret_given = given != NULL;
    return given ? given : change->before ? json_object_get(change->before, field) : NULL;
}

const char *change_path(const struct change *change, const char *field)
{
    return arena_printf(change->call->arena, "%s.%s", change->resource->name, field);
}

static enum err call_hook(struct change *change, enum change_moment moment)
{
    change->moment = moment;
    return change->resource->write ? change->resource->write(change) : OK;
}

static bool is_written(const struct field *field)
{
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_EMAIL:
    case FIELD_ZONE:
    case FIELD_CHOICE:
    case FIELD_INTEGER:
    case FIELD_BOOLEAN:
    case FIELD_INSTANT:
    case FIELD_MINUTES:
    case FIELD_REFERENCE: return !(field->flags & FIELD_READ_ONLY);
    case FIELD_REFERENCES:
    case FIELD_FIXED:
    case FIELD_CUSTOM: break;
    }
    return false;
}

/* What the request leaves out: as it was, or the default. */
static void complete_values(struct change *change)
{
    const struct resource *resource = change->resource;
    struct value old[RESOURCE_FIELDS_MAX];
    if (change->kind == CHANGE_UPDATE)
        resource_decode(resource, change->call->arena, change->before, false, NULL, old);
    for (size_t i = 0; i < resource->field_count; i++) {
        const struct field *field = &resource->fields[i];
        struct value *value = &change->values[i];
        if (field->kind == FIELD_REFERENCES)
            continue;
        if (change->kind == CHANGE_UPDATE) {
            if (!value->present || field->flags & FIELD_ON_CREATE) {
                *value = old[i];
                value->present = false;
            }
        } else if (!value->present && field->fallback) {
            value->text = text_of(field->fallback);
            (void)text_to_int64(value->text, &value->number);
        } else if (!value->present) {
            value->null = true;
        }
    }
}

static void bind_fields(struct change *change)
{
    for (size_t i = 0; i < change->resource->field_count; i++) {
        const struct field *field = &change->resource->fields[i];
        const struct value *value = &change->values[i];
        if (!is_written(field))
            continue;
        bool is_number = field->kind == FIELD_INTEGER || field->kind == FIELD_BOOLEAN || field->kind == FIELD_INSTANT || field->kind == FIELD_MINUTES;
        if (value->null)
            query_bind_null(change->statement, column_of(field));
        else if (is_number)
            query_bind_int(change->statement, column_of(field), value->number);
        else
            query_bind_text(change->statement, column_of(field), value->text);
    }
}

static enum err check_reference(struct change *change, const struct field *field, const char *path, struct text id)
{
    struct text name;
    enum err err = visibility_resolve(change->call, change->tx->db, json_at(change->before, field->name), field->reference, id, &name);
    if (err != ERR_NOT_FOUND)
        return err;
    problem_add(change->call->problem, path, "does not exist");
    return OK;
}

static enum err check_references(struct change *change)
{
    for (size_t i = 0; i < change->resource->field_count; i++) {
        const struct field *field = &change->resource->fields[i];
        const struct value *value = &change->values[i];
        if (!value->present || value->null || field->flags & FIELD_READ_ONLY)
            continue;
        enum err err = OK;
        if (field->kind == FIELD_REFERENCE)
            err = check_reference(change, field, change_path(change, arena_printf(change->call->arena, "%s.id", field->name)), value->text);
        for (size_t j = 0; field->kind == FIELD_REFERENCES && err == OK && j < value->id_count; j++)
            err = check_reference(change, field, change_path(change, arena_printf(change->call->arena, "%s[%zu].id", field->name, j)), value->ids[j]);
        if (err != OK)
            return err;
    }
    return OK;
}

static enum err write_references(struct change *change)
{
    for (size_t i = 0; i < change->resource->field_count; i++) {
        const struct field *field = &change->resource->fields[i];
        const struct value *value = &change->values[i];
        if (field->kind != FIELD_REFERENCES || field->flags & FIELD_READ_ONLY || !value->present)
            continue;
        struct query *q = db_query(change->tx->db, arena_printf(change->call->arena, "%s_clear", field->query));
        query_bind_text(q, "id", change->id);
        enum err err = query_run(q);
        for (size_t j = 0; err == OK && j < value->id_count; j++) {
            q = db_query(change->tx->db, arena_printf(change->call->arena, "%s_add", field->query));
            query_bind_text(q, "id", change->id);
            query_bind_text(q, "value", value->ids[j]);
            err = query_run(q);
        }
        if (err != OK)
            return err;
    }
    return OK;
}

static enum err run_statement(struct change *change)
{
    static const char *const suffixes[] = {[CHANGE_CREATE] = "insert", [CHANGE_UPDATE] = "update", [CHANGE_DELETE] = "delete"};
    const struct resource *resource = change->resource;
    struct query *q = db_query(change->tx->db, arena_printf(change->call->arena, "%s_%s", resource->queries, suffixes[change->kind]));
    change->statement = q;
    query_bind_text(q, "id", change->id);
    const bool untimed[] = {[CHANGE_CREATE] = resource->untimed_insert, [CHANGE_UPDATE] = resource->untimed_update, [CHANGE_DELETE] = resource->untimed_delete};
    if (!untimed[change->kind])
        query_bind_instant(q, "now", change->tx->now);
    if (change->kind == CHANGE_CREATE && resource->parent)
        query_bind_text(q, "parent_id", change->parent_id);
    if (change->kind == CHANGE_CREATE && resource->owner)
        query_bind_text(q, "owner", text_of(resource->owner));
    if (change->kind != CHANGE_DELETE) {
        bind_fields(change);
        enum err err = call_hook(change, MOMENT_BIND);
        if (err != OK)
            return err;
    }
    enum err err = query_run(q);
    if (err == ERR_CONFLICT && resource->unique && change->kind != CHANGE_DELETE)
        problem_add(change->call->problem, change_path(change, resource->unique), "has already been taken");
    return err;
}

static enum err record(struct change *change)
{
    static const char *const actions[] = {[CHANGE_CREATE] = "create", [CHANGE_UPDATE] = "update", [CHANGE_DELETE] = "delete"};
    struct audit audit = {
        .actor = &change->actor,
        .peer = change->call->request->peer,
        .action = actions[change->kind],
        .resource_type = resource_noun(change->resource),
        .resource_id = change->id,
        .root_type = change->resource->parent ? resource_noun(change->resource->parent) : NULL,
        .root_id = change->parent_id,
        .before = change->before,
        .after = change->after,
    };
    return audit_record(change->tx, &audit);
}

static enum err load_before(struct change *change)
{
    struct text name;
    enum err err = OK;
    if (change->resource->parent)
        err = reference_summary(change->tx->db, change->call->arena, resource_noun(change->resource->parent), change->parent_id, &name);
    if (err != OK || change->kind == CHANGE_CREATE)
        return err;
    json_t *before = NULL;
    err = resource_read(change->call, change->resource, change->resource->parent ? change->parent_id : TEXT_NONE, change->id, false, &before);
    change->before = before;
    return err;
}

/* The whole change; change->call is set up on the transaction. */
static enum err apply(struct change *change)
{
    enum err err = load_before(change);
    if (err != OK)
        return err;
    if (change->kind == CHANGE_CREATE)
        change->id = id_new_object(change->tx->env, change->call->arena);
    if (change->kind != CHANGE_DELETE) {
        resource_decode(change->resource, change->call->arena, change->body, change->kind == CHANGE_CREATE, change->call->problem, change->values);
        complete_values(change);
        err = check_references(change);
    }
    if (err == OK)
        err = call_hook(change, MOMENT_CHECK);
    if (err != OK)
        return err;
    if (!problem_is_empty(change->call->problem))
        return change->kind == CHANGE_DELETE ? ERR_CONFLICT : ERR_INVALID;
    change->wrote = true;
    err = run_statement(change);
    if (err == OK && change->kind != CHANGE_DELETE)
        err = write_references(change);
    if (err == OK)
        err = call_hook(change, MOMENT_STORED);
    if (err == OK && change->kind != CHANGE_DELETE)
        err = resource_read(change->call, change->resource, TEXT_NONE, change->id, false, &change->after);
    if (err == OK)
        err = change->call->read_error;
    if (err == OK)
        err = record(change);
    if (err == OK)
        engine_note_change(change->tx, "configuration");
    return err;
}

/* May run more than once: starts from the request each time. */
static enum err apply_work(struct tx *tx, void *argument)
{
    struct change *request = argument;
    struct call *call = ARENA_NEW(request->call->arena, struct call);
    *call = *request->call;
    call->db = tx->db;
    call->now = tx->now;
    call->query_count = 0; /* includes are for answers, not for records */
    call->read_error = OK;
    call->problem->count = 0;
    call->problem->dropped = 0;
    struct change change = *request;
    change.call = call;
    change.tx = tx;
    enum err err = apply(&change);
    tx->refused_clean = err != OK && !change.wrote;
    request->call->error_code = call->error_code;
    request->call->error_message = call->error_message;
    request->call->status = call->status;
    request->after = change.after;
    return err;
}

enum err resource_create_in(struct change *outer, const struct resource *resource, struct text parent_id, const json_t *body, struct text *ret_id)
{
    struct change change = {
        .call = outer->call, .tx = outer->tx, .resource = resource, .kind = CHANGE_CREATE, .actor = outer->actor, .parent_id = parent_id, .body = body,
    };
    enum err err = apply(&change);
    if (err == OK)
        *ret_id = change.id;
    return err;
}

enum err resource_update_in(struct change *outer, const struct resource *resource, struct text parent_id, struct text id, const json_t *body)
{
    struct change change = {
        .call = outer->call, .tx = outer->tx, .resource = resource, .kind = CHANGE_UPDATE, .actor = outer->actor, .parent_id = parent_id, .id = id, .body = body,
    };
    return apply(&change);
}

enum err resource_delete_in(struct change *outer, const struct resource *resource, struct text parent_id, struct text id)
{
    struct change change = {
        .call = outer->call, .tx = outer->tx, .resource = resource, .kind = CHANGE_DELETE, .actor = outer->actor, .parent_id = parent_id, .id = id,
    };
    return apply(&change);
}

/* The object inside its wrapper. A widespread client sends some nouns without one: a body that holds a field of the noun counts as
 * the object itself. NULL when it is neither. */
static const json_t *object_of(const json_t *body, const struct resource *resource)
{
    const json_t *wrapped = json_object_get(body, resource->name);
    if (wrapped)
        return json_is_object(wrapped) ? wrapped : NULL;
    for (size_t i = 0; i < resource->field_count; i++)
        if (json_object_get(body, resource->fields[i].name))
            return body;
    return NULL;
}

static enum err change_resource(struct call *call, enum change_kind kind, json_t **ret_after)
{
    const struct resource *resource = call->route->resource;
    struct change change = {.call = call, .resource = resource, .kind = kind};
    if (kind != CHANGE_DELETE) {
        change.body = object_of(call->body, resource);
        if (!change.body) {
            problem_add(call->problem, resource->name, "cannot be empty");
            return ERR_INVALID;
        }
    }
    enum err err = call_actor(call, false, &change.actor);
    if (err != OK)
        return err;
    if (resource->parent)
        change.parent_id = call->path_parameters[0];
    if (kind != CHANGE_CREATE)
        change.id = call->path_parameters[resource->parent ? 1 : 0];
    err = engine_execute(call->engine, apply_work, &change);
    if (err == OK && ret_after)
        *ret_after = change.after;
    return err;
}

enum err resource_create(struct call *call)
{
    json_t *after = NULL;
    enum err err = change_resource(call, CHANGE_CREATE, &after);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, call->route->resource->name, after);
    call->status = 201;
    return OK;
}

enum err resource_update(struct call *call)
{
    json_t *after = NULL;
    enum err err = change_resource(call, CHANGE_UPDATE, &after);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, call->route->resource->name, after);
    return OK;
}

enum err resource_delete(struct call *call)
{
    return change_resource(call, CHANGE_DELETE, NULL);
}
