/* Why: words by which users, teams and escalation policies are found again. They decide nothing. */
#include "api/audit.h"
#include "api/resources.h"
#include "base/id.h"

enum { LABEL_CHARS_MAX = 191, CHANGES_MAX = 100 /* of each kind in one request */, TAGS_MAX = 500 /* that one thing can carry */ };

static const struct field fields[] = {
    {.name = "label", .kind = FIELD_TEXT, .flags = FIELD_REQUIRED, .max = LABEL_CHARS_MAX, .doc = "Unique, whatever the case of letters."},
};

static const struct filter filters[] = {
    {.query = "query", .kind = FILTER_TEXT, .parameter = "query"},
};

static enum err write(struct change *change)
{
    if (change->kind != CHANGE_DELETE || change->moment != MOMENT_CHECK)
        return OK;
    struct query *q = db_query(change->tx->db, "tag_clear");
    query_bind_text(q, "id", change->id);
    change->wrote = true;
    return query_run(q);
}

const struct resource tag_resource = {
    .name = "tag", .plural = "tags", .path = "/tags", .queries = "tag", .fields = fields, .field_count = FIELD_COUNT(fields), .summary = "label",
    .unique = "label", .filters = filters, .filter_count = FIELD_COUNT(filters), .paged = true, .untimed_delete = true, .write = write,
};

/* What can carry tags. */
static const struct entity {
    const char *plural, *type, *tagged;
} entities[] = {
    {"users", "user", "tagged_users"},
    {"teams", "team", "tagged_teams"},
    {"escalation_policies", "escalation_policy", "tagged_escalation_policies"},
};

static const struct entity *entity_of(struct text plural)
{
    for (size_t i = 0; i < FIELD_COUNT(entities); i++)
        if (text_is(plural, entities[i].plural))
            return &entities[i];
    return NULL;
}

static json_t *shown_tag(struct call *call, const struct entity *entity, struct query *row)
{
    if (!entity)
        return resource_encode(call, &tag_resource, row, false);
    return api_reference_to(call, entity->type, text_copy(call->arena, query_text(row, 0)), query_text(row, 1));
}

/* One page of what `q` yields: things of `entity`, or tags when it is NULL. */
static enum err reply_rows(struct call *call, struct query *q, const char *plural, const struct entity *entity)
{
    struct paging paging;
    enum err err = call_paging(call, &paging);
    if (err != OK)
        return err;
    query_bind_int(q, "limit", paging.limit + 1);
    query_bind_int(q, "offset", paging.offset);
    if (paging.want_total)
        query_enable(q, "with_total");
    json_t *items = json_array_in(call->arena);
    int64_t count = 0, total = 0;
    while (query_next(q)) {
        total = query_int(q, query_column(q, "total"));
        if (count++ < paging.limit)
            json_append(items, shown_tag(call, entity, q));
    }
    if (query_failed(q))
        return query_err(q);
    call_reply_page(call, plural, items, &paging, count > paging.limit, total);
    return OK;
}

static enum err list_tagged(struct call *call)
{
    const struct entity *entity = entity_of(call->path_parameters[1]);
    struct text label;
    enum err err = entity ? reference_summary(call->db, call->arena, "tag", call->path_parameters[0], &label) : ERR_NOT_FOUND;
    if (err != OK)
        return err;
    struct query *q = db_query(call->db, entity->tagged);
    query_bind_text(q, "id", call->path_parameters[0]);
    return reply_rows(call, q, entity->plural, entity);
}

static enum err find_entity(struct call *call, struct db *db, const struct entity **ret)
{
    struct text name;
    *ret = entity_of(call->path_parameters[0]);
    return *ret ? reference_summary(db, call->arena, (*ret)->type, call->path_parameters[1], &name) : ERR_NOT_FOUND;
}

static struct query *tags_of(struct call *call, struct db *db)
{
    struct query *q = db_query(db, "tags_of");
    query_bind_text(q, "entity_type", call->path_parameters[0]);
    query_bind_text(q, "entity_id", call->path_parameters[1]);
    return q;
}

static enum err list_tags_of(struct call *call)
{
    const struct entity *entity;
    enum err err = find_entity(call, call->db, &entity);
    return err == OK ? reply_rows(call, tags_of(call, call->db), "tags", NULL) : err;
}

/* Changing what a thing carries --------------------------------------------------------------------------------------- */

struct request {
    struct call *call;
    struct actor actor;
    const struct entity *entity;
    json_t *answer;
};

static const json_t *changes_of(struct call *call, const char *name)
{
    const json_t *list = json_at(call->body, name);
    bool absent = !list || json_is_null(list);
    if (!absent && (!json_is_array(list) || json_array_size(list) > CHANGES_MAX))
        problem_add(call->problem, name, "must be a list of at most %d tags", CHANGES_MAX);
    return absent ? NULL : list;
}

/* The tag that the label names, made when there is none yet. */
static enum err tag_by_label(struct tx *tx, struct request *request, const json_t *item, const char *path, struct text *ret_id)
{
    struct call *call = request->call;
    struct change change = {.call = call, .tx = tx, .resource = &tag_resource, .actor = request->actor};
    struct query *q = db_query(tx->db, "tag_by_label");
    query_bind_text(q, "label", text_trim(json_text_at(item, "label")));
    bool found = query_next(q);
    if (found)
        *ret_id = text_copy(call->arena, query_text(q, 0));
    if (found || query_failed(q))
        return query_err(q);
    struct value value;
    struct problem *wrong = problem_new(call->arena);
    resource_decode(&tag_resource, call->arena, item, true, wrong, &value);
    if (!problem_is_empty(wrong)) {
        problem_add(call->problem, arena_printf(call->arena, "%s.label", path), "must have 1 to %d characters, all of them visible", LABEL_CHARS_MAX);
        return OK;
    }
    return resource_create_in(&change, &tag_resource, TEXT_NONE, item, ret_id);
}

/* `ret_id` stays absent when the item is a mistake. */
static enum err read_item(struct tx *tx, struct request *request, const json_t *item, const char *path, bool remove, struct text *ret_id)
{
    struct call *call = request->call;
    struct text type = json_text_at(item, "type"), id = json_text_at(item, "id"), label;
    if (!remove && !text_is_present(id) && text_is(type, "tag"))
        return tag_by_label(tx, request, item, path, ret_id);
    if (!text_is(type, "tag_reference") && !text_is(type, "tag")) {
        problem_add(call->problem, arena_printf(call->arena, "%s.type", path), "must be %s", remove ? "tag_reference" : "tag or tag_reference");
        return OK;
    }
    enum err err = text_is_present(id) ? reference_summary(tx->db, call->arena, "tag", id, &label) : ERR_NOT_FOUND;
    if (err == OK)
        *ret_id = id;
    else if (err == ERR_NOT_FOUND)
        problem_add(call->problem, arena_printf(call->arena, "%s.id", path), text_is_present(id) ? "does not exist" : "cannot be empty");
    return err == ERR_NOT_FOUND ? OK : err;
}

static enum err run_tagged(struct tx *tx, const struct request *request, const char *name, struct text tag_id)
{
    struct query *q = db_query(tx->db, name);
    query_bind_text(q, "entity_type", text_of(request->entity->plural));
    query_bind_text(q, "entity_id", request->call->path_parameters[1]);
    query_bind_text(q, "tag_id", tag_id);
    return query_run(q);
}

static enum err apply_list(struct tx *tx, struct request *request, const char *name, bool remove)
{
    struct call *call = request->call;
    const json_t *list = changes_of(call, name);
    json_t *done = json_array_in(call->arena);
    json_put(request->answer, name, done);
    for (size_t i = 0; i < json_array_size(list) && i < CHANGES_MAX; i++) {
        struct text tag_id = TEXT_NONE;
        enum err err = read_item(tx, request, json_array_get(list, i), arena_printf(call->arena, "%s[%zu]", name, i), remove, &tag_id);
        if (err == OK && text_is_present(tag_id))
            err = run_tagged(tx, request, remove ? "tagged_remove" : "tagged_add", tag_id);
        json_t *tag = NULL;
        if (err == OK && text_is_present(tag_id))
            err = resource_read(call, &tag_resource, TEXT_NONE, tag_id, false, &tag);
        if (err != OK)
            return err;
        if (tag)
            json_append(done, tag);
    }
    return OK;
}

/* What the thing carries, for the record of changes. */
static enum err carried(struct tx *tx, struct call *call, json_t **ret)
{
    json_t *document = json_object_in(call->arena), *labels = json_array_in(call->arena);
    struct query *q = tags_of(call, tx->db);
    query_bind_int(q, "limit", TAGS_MAX + 1);
    query_bind_int(q, "offset", 0);
    while (query_next(q))
        json_append_text(labels, query_text(q, 1));
    json_put(document, "tags", labels);
    *ret = document;
    return query_err(q);
}

static enum err record(struct tx *tx, const struct request *request, const json_t *before, const json_t *after)
{
    struct audit audit = {.actor = &request->actor, .peer = request->call->request->peer, .action = "update", .resource_type = request->entity->type,
                          .resource_id = request->call->path_parameters[1], .before = before, .after = after};
    enum err err = audit_record(tx, &audit);
    if (err == OK)
        engine_note_change(tx, "configuration");
    return err;
}

static enum err change_tags_work(struct tx *tx, void *argument)
{
    struct request *request = argument;
    struct call *call = ARENA_NEW(request->call->arena, struct call);
    *call = *request->call;
    call->db = tx->db;
    call->problem->count = call->problem->dropped = 0;
    struct request run = {.call = call, .actor = request->actor, .answer = json_object_in(call->arena)};
    json_t *before, *after;
    enum err err = find_entity(call, tx->db, &run.entity);
    if (err == OK)
        err = carried(tx, call, &before);
    if (err == OK)
        err = apply_list(tx, &run, "remove", true);
    if (err == OK)
        err = apply_list(tx, &run, "add", false);
    if (err == OK)
        err = carried(tx, call, &after);
    if (err == OK && json_array_size(json_object_get(after, "tags")) > TAGS_MAX)
        problem_add(call->problem, "add", "would make more than %d tags", TAGS_MAX);
    if (err == OK && !problem_is_empty(call->problem))
        err = ERR_INVALID;
    if (err == OK && !json_same(before, after))
        err = record(tx, &run, before, after);
    request->answer = run.answer;
    return err;
}

static enum err change_tags(struct call *call)
{
    struct request request = {.call = call};
    enum err err = call_actor(call, false, &request.actor);
    if (err == OK && !json_is_object(call->body)) {
        problem_add(call->problem, NULL, "must be an object with tags to add or to remove");
        err = ERR_INVALID;
    }
    if (err == OK)
        err = call_change(call, change_tags_work, &request);
    if (err == OK)
        call->reply = request.answer;
    return err;
}

static const struct route routes[] = {
    {"GET", "/tags", MAY_READ, resource_list, .summary = "List tags", .resource = &tag_resource},
    {"POST", "/tags", MAY_MANAGE, resource_create, .summary = "Create a tag", .body_kind = "json", .resource = &tag_resource},
    {"GET", "/tags/{id}", MAY_READ, resource_get, .summary = "Get a tag", .resource = &tag_resource},
    {"DELETE", "/tags/{id}", MAY_MANAGE, resource_delete, .summary = "Delete a tag; whatever carried it loses it", .resource = &tag_resource},
    {"GET", "/tags/{id}/{entity_type}", MAY_READ, list_tagged, .summary = "List the users, teams or escalation_policies that carry a tag",
     .query = "limit offset total", .answers = "users:references? teams:references? escalation_policies:references? limit offset more total"},
    {"POST", "/{entity_type}/{id}/change_tags", MAY_MANAGE, change_tags,
     .summary = "Add and remove tags of one of users, teams, escalation_policies; a label that is new makes a tag", .body_kind = "json",
     .takes = "add[]? remove[]?", .answers = "add[] remove[]"},
    {"GET", "/{entity_type}/{id}/tags", MAY_READ, list_tags_of, .summary = "List the tags of one of users, teams, escalation_policies",
     .query = "limit offset total", .answers = "tags[] limit offset more total"},
};
const struct route_table tag_routes = {routes, sizeof routes / sizeof *routes};
