/* Why: which service rests on which, so that whoever sees one fail knows what else suffers. Either side is a service or a business
 * service; a chain never leads back to its start. */
#include "api/audit.h"
#include "api/resources.h"
#include "api/visibility.h"
#include "base/id.h"

enum { RELATIONSHIPS_MAX = 100 /* in one request */, SUPPORTERS_MAX = 1000 /* of one service */ };

struct side {
    const char *kind; /* "service" or "business_service" */
    struct text id;
};

struct relationship {
    const char *path; /* "relationships[3]" */
    struct side supporting, dependent;
};

enum err service_dependencies_clear(struct change *change)
{
    struct query *q = db_query(change->tx->db, "service_dependencies_clear");
    query_bind_text(q, "id", change->id);
    return query_run(q);
}

static json_t *shown_side(struct call *call, struct text kind, struct text id)
{
    json_t *side = json_object_in(call->arena);
    json_put_text(side, "id", id);
    json_put_string(side, "type", text_is(kind, "service") ? "technical_service_reference" : "business_service_reference");
    return side;
}

static json_t *shown(struct call *call, struct query *row)
{
    json_t *relationship = json_object_in(call->arena);
    json_put_text(relationship, "id", query_text(row, query_column(row, "id")));
    json_put_string(relationship, "type", "service_dependency");
    json_put(relationship, "supporting_service",
             shown_side(call, query_text(row, query_column(row, "supporting_kind")), query_text(row, query_column(row, "supporting_id"))));
    json_put(relationship, "dependent_service",
             shown_side(call, query_text(row, query_column(row, "dependent_kind")), query_text(row, query_column(row, "dependent_id"))));
    return relationship;
}

static enum err list_of(struct call *call, const char *kind)
{
    struct text name;
    enum err err = reference_summary(call->db, call->arena, kind, call->path_parameters[0], &name);
    if (err != OK)
        return err;
    json_t *relationships = json_array_in(call->arena);
    struct query *q = db_query(call->db, "service_dependency_list");
    query_bind_text(q, "id", call->path_parameters[0]);
    while (query_next(q))
        json_append(relationships, shown(call, q));
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "relationships", relationships);
    return query_err(q);
}

static enum err list_of_technical(struct call *call)
{
    return list_of(call, "service");
}

static enum err list_of_business(struct call *call)
{
    return list_of(call, "business_service");
}

/* Clients write the kind as "service", "technical_service" or with "_reference" behind it. NULL: none of them. */
static const char *kind_of(struct text type)
{
    static const char *const kinds[][2] = {
        {"service", "service"},
        {"service_reference", "service"},
        {"technical_service", "service"},
        {"technical_service_reference", "service"},
        {"business_service", "business_service"},
        {"business_service_reference", "business_service"},
    };
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        if (text_is(type, kinds[i][0]))
            return kinds[i][1];
    return NULL;
}

static void read_side(struct call *call, const struct relationship *relationship, const json_t *body, const char *name, struct side *ret)
{
    const json_t *side = json_at(body, name);
    const char *path = arena_printf(call->arena, "%s.%s", relationship->path, name);
    *ret = (struct side){.kind = kind_of(json_text_at(side, "type")), .id = json_text_at(side, "id")};
    if (ret->id.size == 0)
        problem_add(call->problem, arena_printf(call->arena, "%s.id", path), "cannot be empty");
    if (!ret->kind)
        problem_add(call->problem, arena_printf(call->arena, "%s.type", path), "must be service or business_service");
}

struct request {
    struct call *call;
    struct actor actor;
    bool remove;
    struct relationship *relationships;
    size_t count;
    json_t *answer;
};

static enum err read_request(struct call *call, struct request *request)
{
    const json_t *list = json_at(call->body, "relationships");
    request->count = json_array_size(list);
    if (!json_is_array(list) || request->count == 0 || request->count > RELATIONSHIPS_MAX) {
        problem_add(call->problem, "relationships", "must be a list of 1 to %d relationships", RELATIONSHIPS_MAX);
        return ERR_INVALID;
    }
    request->relationships = ARENA_ARRAY(call->arena, struct relationship, request->count);
    for (size_t i = 0; i < request->count; i++) {
        struct relationship *relationship = &request->relationships[i];
        const json_t *body = json_array_get(list, i);
        relationship->path = arena_printf(call->arena, "relationships[%zu]", i);
        read_side(call, relationship, body, "supporting_service", &relationship->supporting);
        read_side(call, relationship, body, "dependent_service", &relationship->dependent);
    }
    return problem_is_empty(call->problem) ? OK : ERR_INVALID;
}

static enum err check_side(struct tx *tx, const struct request *request, const struct relationship *relationship, const char *name, const struct side *side)
{
    struct text summary;
    enum err err = visibility_resolve(request->call, tx->db, NULL, side->kind, side->id, &summary);
    if (err != ERR_NOT_FOUND)
        return err;
    problem_add(request->call->problem, arena_printf(request->call->arena, "%s.%s.id", relationship->path, name), "does not exist");
    return OK;
}

static struct query *pair_query(struct tx *tx, const char *name, const struct relationship *relationship)
{
    struct query *q = db_query(tx->db, name);
    query_bind_text(q, "supporting_id", relationship->supporting.id);
    query_bind_text(q, "dependent_id", relationship->dependent.id);
    return q;
}

/* What is there, or NULL. */
static enum err find(struct tx *tx, struct request *request, const struct relationship *relationship, json_t **ret)
{
    struct query *q = pair_query(tx, "service_dependency_get", relationship);
    *ret = query_next(q) ? shown(request->call, q) : NULL;
    return query_err(q);
}

static enum err record(struct tx *tx, const struct request *request, const struct relationship *relationship, const json_t *what)
{
    struct audit audit = {.actor = &request->actor, .peer = request->call->request->peer, .action = request->remove ? "delete" : "create",
                          .resource_type = "service_dependency", .resource_id = relationship->dependent.id, .before = request->remove ? what : NULL,
                          .after = request->remove ? NULL : what};
    return audit_record(tx, &audit);
}

static enum err check_room(struct tx *tx, const struct request *request, const struct relationship *relationship)
{
    struct query *q = pair_query(tx, "service_dependency_cycle", relationship);
    if (query_next(q))
        problem_add(request->call->problem, relationship->path, "would make %.*s depend on itself", TEXT_ARG(relationship->dependent.id));
    if (query_failed(q))
        return query_err(q);
    q = db_query(tx->db, "service_dependency_count");
    query_bind_text(q, "id", relationship->dependent.id);
    if (!query_next(q))
        return query_err(q);
    if (query_int(q, 0) >= SUPPORTERS_MAX)
        problem_add(request->call->problem, relationship->path, "more than %d services cannot support one", SUPPORTERS_MAX);
    return OK;
}

/* What is related already stays as it is. */
static enum err associate(struct tx *tx, struct request *request, const struct relationship *relationship, json_t **ret)
{
    size_t mistakes = request->call->problem->count;
    enum err err = check_room(tx, request, relationship);
    if (err != OK || request->call->problem->count > mistakes)
        return err;
    struct query *q = pair_query(tx, "service_dependency_insert", relationship);
    query_bind_text(q, "id", id_new_object(tx->env, tx->arena));
    query_bind_text(q, "supporting_kind", text_of(relationship->supporting.kind));
    query_bind_text(q, "dependent_kind", text_of(relationship->dependent.kind));
    query_bind_instant(q, "now", tx->now);
    err = query_run(q);
    if (err == OK)
        err = find(tx, request, relationship, ret);
    return err == OK ? record(tx, request, relationship, *ret) : err;
}

static enum err disassociate(struct tx *tx, struct request *request, const struct relationship *relationship, const json_t *known)
{
    if (!known) {
        problem_add(request->call->problem, relationship->path, "does not exist");
        return OK;
    }
    enum err err = query_run(pair_query(tx, "service_dependency_delete", relationship));
    return err == OK ? record(tx, request, relationship, known) : err;
}

static enum err check_sides(struct tx *tx, const struct request *request)
{
    enum err err = OK;
    for (size_t i = 0; i < request->count && err == OK; i++) {
        const struct relationship *relationship = &request->relationships[i];
        err = check_side(tx, request, relationship, "supporting_service", &relationship->supporting);
        if (err == OK)
            err = check_side(tx, request, relationship, "dependent_service", &relationship->dependent);
    }
    if (err != OK)
        return err;
    return problem_is_empty(request->call->problem) ? OK : ERR_INVALID;
}

static enum err change_work(struct tx *tx, void *argument)
{
    struct request *request = argument;
    request->call->problem->count = request->call->problem->dropped = 0;
    request->answer = json_array_in(request->call->arena);
    enum err err = check_sides(tx, request);
    if (err != OK) {
        tx->refused_clean = true;
        return err;
    }
    for (size_t i = 0; i < request->count; i++) {
        const struct relationship *relationship = &request->relationships[i];
        json_t *known = NULL;
        err = find(tx, request, relationship, &known);
        if (err == OK && request->remove)
            err = disassociate(tx, request, relationship, known);
        else if (err == OK && !known)
            err = associate(tx, request, relationship, &known);
        if (err != OK)
            return err;
        if (known)
            json_append(request->answer, known);
    }
    if (!problem_is_empty(request->call->problem))
        return ERR_INVALID;
    engine_note_change(tx, "configuration");
    return OK;
}

static enum err change(struct call *call, bool remove)
{
    struct request request = {.call = call, .remove = remove};
    enum err err = read_request(call, &request);
    if (err == OK)
        err = call_actor(call, false, &request.actor);
    if (err == OK)
        err = call_change(call, change_work, &request);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "relationships", request.answer);
    return OK;
}

static enum err post_associate(struct call *call)
{
    return change(call, false);
}

static enum err post_disassociate(struct call *call)
{
    return change(call, true);
}

static const struct route routes[] = {
    {"POST", "/service_dependencies/associate", MAY_MANAGE, post_associate, .summary = "Make services rest on others", .body_kind = "json",
     .takes = "relationships[]", .answers = "relationships[]"},
    {"POST", "/service_dependencies/disassociate", MAY_MANAGE, post_disassociate, .summary = "Part services that rest on others", .body_kind = "json",
     .takes = "relationships[]", .answers = "relationships[]"},
    {"GET", "/service_dependencies/technical_services/{id}", MAY_READ, list_of_technical, .summary = "List what a service rests on and supports",
     .answers = "relationships[]"},
    {"GET", "/service_dependencies/business_services/{id}", MAY_READ, list_of_business, .summary = "List what a business service rests on and supports",
     .answers = "relationships[]"},
};
const struct route_table service_dependency_routes = {routes, sizeof routes / sizeof *routes};
