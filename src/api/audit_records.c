/* Why: the record of who changed which configuration, through PagerDuty's audit operations: newest first, paged by a cursor. What a change left as
 * it was is not told. */
#include "api/resource.h"
#include "api/seek.h"
#include "api/view.h"
#include "base/id.h"

enum { DEFAULT_HOURS = 24 }; /* how far back without `since`, as PagerDuty does */

static const struct kind {
    const char *plural, *type;
} kinds[] = {
    {"users", "user"}, {"teams", "team"}, {"services", "service"}, {"schedules", "schedule"}, {"escalation_policies", "escalation_policy"},
};

static const char *actor_reference(struct text kind)
{
    return text_is(kind, "user") ? "user" : text_is(kind, "integration") ? "api_key" : "app";
}

static json_t *actors_of(struct call *call, struct query *row)
{
    json_t *actors = json_array_in(call->arena);
    json_t *actor = api_reference_to(call, actor_reference(query_text(row, 2)), text_copy(call->arena, query_text(row, 3)), query_text(row, 4));
    if (actor)
        json_append(actors, actor);
    return actors;
}

/* Somebody at the command line has a name and no id. */
static json_t *method_of(struct call *call, struct query *row)
{
    json_t *method = json_object_in(call->arena);
    struct text channel = query_text(row, 8), name = query_text(row, 4);
    bool other = text_is(query_text(row, 7), "other");
    json_put_text(method, "type", query_text(row, 7));
    json_put_text(method, "description", other ? text_printf(call->arena, "%.*s, %.*s", TEXT_ARG(channel), TEXT_ARG(name)) : TEXT_NONE);
    json_put_null(method, "truncated_token"); /* only the hash of a token is kept */
    return method;
}

static json_t *context_of(struct call *call, struct query *row)
{
    json_t *context = json_object_in(call->arena);
    json_put_null(context, "request_id");
    json_put_text(context, "remote_address", query_text(row, 5).size > 0 ? query_text(row, 5) : TEXT_NONE);
    return context;
}

/* Its name then, as its own document tells, else its name now. */
static json_t *resource_of(struct call *call, struct text type, struct text id, const json_t *document)
{
    struct text name = json_text_at(document, "summary");
    if (!text_is_present(name))
        name = json_text_at(document, "name");
    const char *word = text_cstring(call->arena, type);
    if (!text_is_present(name) && reference_summary(call->db, call->arena, word, id, &name) != OK)
        name = TEXT_NONE;
    return api_reference_to(call, word, id, name);
}

static struct text value_text(struct call *call, const json_t *value)
{
    if (!value || json_is_null(value))
        return TEXT_NONE;
    return json_is_string(value) ? json_text_value(value) : json_write(call->arena, value);
}

static bool is_dressing(const char *key)
{
    static const char *const names[] = {"id", "type", "summary", "self", "html_url"};
    for (size_t i = 0; i < FIELD_COUNT(names); i++)
        if (strcmp(names[i], key) == 0)
            return true;
    return false;
}

static void add_field(struct call *call, json_t *fields, const char *name, const json_t *before, const json_t *after)
{
    if (is_dressing(name) || (before && after && json_same(before, after)))
        return;
    json_t *field = json_object_in(call->arena);
    json_put_string(field, "name", name);
    json_put_null(field, "description");
    json_put_text(field, "value", value_text(call, after));
    json_put_text(field, "before_value", value_text(call, before));
    json_append(fields, field);
}

static json_t *fields_of(struct call *call, json_t *before, json_t *after)
{
    json_t *fields = json_array_in(call->arena), *value;
    const char *name;
    json_object_foreach(after, name, value)
        add_field(call, fields, name, json_at(before, name), value);
    json_object_foreach(before, name, value)
        if (!json_at(after, name))
            add_field(call, fields, name, value, NULL);
    return fields;
}

/* What a team was given or lost: {"user": id, "role"} or {"escalation_policy": id}. */
static json_t *references_of(struct call *call, const json_t *before, const json_t *after)
{
    static const struct kind linked[] = {{"members", "user"}, {"escalation_policies", "escalation_policy"}};
    json_t *references = json_array_in(call->arena);
    const json_t *document = after ? after : before;
    for (size_t i = 0; i < FIELD_COUNT(linked); i++) {
        struct text id = json_text_at(document, linked[i].type);
        if (!text_is_present(id))
            continue;
        json_t *reference = json_object_in(call->arena), *added = json_array_in(call->arena), *removed = json_array_in(call->arena);
        json_append(after ? added : removed, resource_of(call, text_of(linked[i].type), id, NULL));
        json_put_string(reference, "name", linked[i].plural);
        json_put_null(reference, "description");
        json_put(reference, "added", added);
        json_put(reference, "removed", removed);
        json_append(references, reference);
    }
    return references;
}

static json_t *document_of(struct call *call, struct text written)
{
    return written.size > 0 ? json_read(call->arena, text_copy(call->arena, written), problem_new(call->arena)) : NULL;
}

static json_t *encode(struct call *call, struct query *row)
{
    json_t *record = json_object_in(call->arena), *details = json_object_in(call->arena);
    json_t *before = document_of(call, query_text(row, 13)), *after = document_of(call, query_text(row, 14)), *shown = after ? after : before;
    struct text type = text_copy(call->arena, query_text(row, 9)), id = text_copy(call->arena, query_text(row, 10));
    struct text root_type = text_copy(call->arena, query_text(row, 11)), root_id = text_copy(call->arena, query_text(row, 12));
    bool own = text_equal(type, root_type) && text_equal(id, root_id);
    json_put_text(record, "id", id_public(call->arena, ID_AUDIT, query_int(row, 0)));
    json_put_null(record, "self");
    json_put_text(record, "execution_time", instant_format_ms(call->arena, query_instant(row, 1)));
    json_put(record, "execution_context", context_of(call, row));
    json_put(record, "actors", actors_of(call, row));
    json_put(record, "method", method_of(call, row));
    json_put_text(record, "action", query_text(row, 6));
    json_put(record, "root_resource", resource_of(call, root_type, root_id, own ? shown : NULL));
    json_put(details, "resource", resource_of(call, type, id, shown));
    json_t *references = references_of(call, text_is(type, "team") ? before : NULL, text_is(type, "team") ? after : NULL);
    bool linked = json_array_size(references) > 0;
    json_put(details, "fields", linked ? json_array_in(call->arena) : fields_of(call, before, after));
    json_put(details, "references", references);
    json_put(record, "details", details);
    return record;
}

/* The words of the URL as they are stored; what is no such word stays and finds nothing. */
static struct text stored_types(struct call *call, struct text list)
{
    json_t *words = json_read(call->arena, list, call->problem), *types = json_array_in(call->arena), *word;
    size_t i;
    json_array_foreach(words, i, word) {
        struct text type = json_text_value(word);
        for (size_t k = 0; k < FIELD_COUNT(kinds); k++)
            if (text_is(type, kinds[k].plural))
                type = text_of(kinds[k].type);
        json_append_text(types, type);
    }
    return json_write(call->arena, types);
}

static void bind_account_filters(struct call *call, struct query *q)
{
    struct text types = call_query_list(call, "root_resource_types[]"), actions = call_query_list(call, "actions[]");
    struct text actor = call_query(call, "actor_type"), actor_id = call_query(call, "actor_id"), method = call_query(call, "method_type");
    if (text_is_present(types))
        query_bind_text(q, "root_types", stored_types(call, types));
    if (text_is_present(actions))
        query_bind_text(q, "actions", actions);
    if (text_is_present(actor))
        query_bind_text(q, "actor_type", text_is(actor, "user_reference") ? TEXT("user") : text_is(actor, "api_key_reference") ? TEXT("integration") : TEXT("system"));
    if (text_is_present(actor_id))
        query_bind_text(q, "actor_id", actor_id);
    if (text_is_present(method))
        query_bind_text(q, "method_type", method);
}

struct span {
    instant since, until;
    int64_t from, before; /* numbers of the rows */
};

static enum err read_span(struct call *call, struct span *ret)
{
    *ret = (struct span){.since = instant_add_s(call->now, -DEFAULT_HOURS * 3600), .until = instant_add_s(call->now, 1)};
    struct text cursor = call_query(call, "cursor");
    int64_t number = INT64_MAX;
    if (cursor.size > 0 && !id_parse(ID_AUDIT, cursor, &number))
        problem_add(call->problem, "cursor", "is not the next_cursor of an answer");
    enum err err = view_window(call, &ret->since, &ret->until);
    if (err == OK)
        err = seek_from(call->db, "audit", ret->since, &ret->from);
    if (err == OK)
        err = seek_before(call->db, "audit", ret->until, &ret->before);
    if (err == OK && number < ret->before)
        ret->before = number;
    return err;
}

static enum err list_of(struct call *call, const char *root_type)
{
    struct paging paging;
    struct span span;
    enum err err = call_paging(call, &paging);
    if (err == OK)
        err = read_span(call, &span);
    if (err != OK)
        return err;
    struct query *q = db_query(call->db, "audit_list");
    query_bind_int(q, "seq_from", span.from);
    query_bind_int(q, "seq_before", span.before);
    query_bind_instant(q, "since", span.since);
    query_bind_instant(q, "until", span.until);
    query_bind_int(q, "limit", paging.limit + 1);
    if (root_type) {
        query_bind_text(q, "root_type", text_of(root_type));
        query_bind_text(q, "root_id", call->path_parameters[0]);
    } else {
        bind_account_filters(call, q);
    }
    json_t *records = json_array_in(call->arena);
    int64_t count = 0, last = 0;
    while (query_next(q)) {
        if (count++ == paging.limit)
            break;
        last = query_int(q, 0);
        json_append(records, encode(call, q));
    }
    if (query_failed(q))
        return query_err(q);
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "records", records);
    json_put_text(call->reply, "next_cursor", count > paging.limit ? id_public(call->arena, ID_AUDIT, last) : TEXT_NONE);
    json_put_int(call->reply, "limit", paging.limit);
    json_put_null(call->reply, "response_metadata");
    return OK;
}

static enum err list_all(struct call *call)
{
    return list_of(call, NULL);
}

/* "/users/{id}/audit/records": what was deleted still has its records, what never was has none and is not found. */
static enum err list_of_resource(struct call *call)
{
    struct text path = text_of(call->route->path), noun;
    text_next(&path, '/', &noun);
    text_next(&path, '/', &noun);
    const char *type = NULL;
    for (size_t i = 0; i < FIELD_COUNT(kinds); i++)
        if (text_is(noun, kinds[i].plural))
            type = kinds[i].type;
    struct text name;
    enum err err = list_of(call, type);
    if (err == OK && json_array_size(json_at(call->reply, "records")) == 0)
        err = reference_summary(call->db, call->arena, type, call->path_parameters[0], &name);
    return err;
}

static enum err list_of_schedule_v3(struct call *call)
{
    struct text name;
    enum err err = list_of(call, "schedule");
    if (err == OK && json_array_size(json_at(call->reply, "records")) == 0)
        err = reference_summary(call->db, call->arena, "schedule", call->path_parameters[0], &name);
    return err;
}

static const struct route routes[] = {
    {"GET", "/audit/records", MAY_ADMINISTER, list_all, .summary = "List who changed what: root_resource_types[], actor_type, actor_id, method_type, actions[], since, until, cursor",
     .query = "root_resource_types[] actor_type actor_id method_type actions[] since until limit cursor", .answers = "records[] limit next_cursor response_metadata"},
    {"GET", "/users/{id}/audit/records", MAY_ADMINISTER, list_of_resource, .summary = "List the changes of a user, its contact methods and rules",
     .query = "since until limit cursor", .answers = "records[] limit next_cursor response_metadata"},
    {"GET", "/teams/{id}/audit/records", MAY_ADMINISTER, list_of_resource, .summary = "List the changes of a team and its members",
     .query = "since until limit cursor", .answers = "records[] limit next_cursor response_metadata"},
    {"GET", "/services/{id}/audit/records", MAY_ADMINISTER, list_of_resource, .summary = "List the changes of a service and its integrations",
     .query = "since until limit cursor", .answers = "records[] limit next_cursor response_metadata"},
    {"GET", "/schedules/{id}/audit/records", MAY_ADMINISTER, list_of_resource, .summary = "List the changes of a schedule and its overrides",
     .query = "since until limit cursor", .answers = "records[] limit next_cursor response_metadata"},
    {"GET", "/v3/schedules/{id}/audit/records", MAY_ADMINISTER, list_of_schedule_v3, .summary = "List the changes of a shift-based schedule, its shifts and overrides",
     .query = "since until limit cursor", .answers = "records[] limit next_cursor response_metadata"},
    {"GET", "/escalation_policies/{id}/audit/records", MAY_ADMINISTER, list_of_resource, .summary = "List the changes of an escalation policy",
     .query = "since until limit cursor", .answers = "records[] limit next_cursor response_metadata"},
};
const struct route_table audit_record_routes = {routes, sizeof routes / sizeof *routes};
