/* Why: see visibility.h. */
#include "api/visibility.h"

#include <stdlib.h>

#include "api/resource.h"
#include "api/view.h"

enum { HIDDEN_MAX = 100000, WALK_DEPTH_MAX = 16 };

struct sight {
    struct text viewer;            /* empty: a token of the account */
    struct text policies;          /* hidden ones, as @list takes them */
    struct text ids;               /* of everything hidden */
    struct text *hidden;           /* the same, sorted */
    size_t count, capacity;
};

static bool is_admin(const struct principal *who)
{
    return text_is(who->role, "owner") || text_is(who->role, "admin");
}

/* What is hidden ------------------------------------------------------------------------------------------------ */

static int compare_ids(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

static void grow(struct arena *arena, struct sight *sight)
{
    size_t capacity = sight->capacity == 0 ? 64 : 2 * sight->capacity;
    struct text *longer = ARENA_ARRAY(arena, struct text, capacity);
    if (sight->count > 0)
        memcpy(longer, sight->hidden, sight->count * sizeof *longer);
    sight->hidden = longer;
    sight->capacity = capacity;
}

static enum err add_hidden(struct call *call, struct sight *sight, const char *query, bool open, json_t *ids, json_t *policies)
{
    struct query *q = db_query(call->db, query);
    query_bind_text(q, "viewer", sight->viewer);
    if (open)
        query_enable(q, "open");
    while (query_next(q)) {
        if (sight->count == HIDDEN_MAX)
            return ERR_LIMIT;
        if (sight->count == sight->capacity)
            grow(call->arena, sight);
        struct text id = text_copy(call->arena, query_text(q, 0));
        sight->hidden[sight->count++] = id;
        json_append_text(ids, id);
        if (policies)
            json_append_text(policies, id);
    }
    return query_err(q);
}

enum err visibility_begin(struct call *call)
{
    call->sight = NULL;
    if (!call->who.authenticated || is_admin(&call->who))
        return OK;
    bool open = !text_is(call->who.role, "restricted_access");
    if (open) {
        struct query *q = db_query(call->db, "sight_private_teams");
        if (!query_next(q))
            return query_err(q);
    }
    struct sight *sight = ARENA_NEW(call->arena, struct sight);
    *sight = (struct sight){.viewer = text_is_present(call->who.user_id) ? call->who.user_id : TEXT("")};
    json_t *ids = json_array_in(call->arena), *policies = json_array_in(call->arena);
    enum err err = add_hidden(call, sight, "sight_hidden_policies", open, ids, policies);
    if (err == OK)
        err = add_hidden(call, sight, "sight_hidden_services", open, ids, NULL);
    if (err == OK)
        err = add_hidden(call, sight, "sight_hidden_schedules", open, ids, NULL);
    if (err == OK)
        err = add_hidden(call, sight, "sight_hidden_teams", open, ids, NULL);
    if (err != OK || sight->count == 0)
        return err;
    sight->ids = json_write(call->arena, ids);
    sight->policies = json_write(call->arena, policies);
    qsort(sight->hidden, sight->count, sizeof *sight->hidden, compare_ids);
    call->sight = sight;
    return OK;
}

static bool is_hidden(const struct sight *sight, struct text id)
{
    return id.size > 0 && bsearch(&id, sight->hidden, sight->count, sizeof id, compare_ids);
}

bool visibility_allows(const struct call *call, struct text id)
{
    return !call->sight || (id.size > 0 && !is_hidden(call->sight, id));
}

static bool names(const json_t *reference, struct text id)
{
    size_t i;
    json_t *one;
    json_array_foreach(reference, i, one)
        if (text_equal(json_text_at(one, "id"), id))
            return true;
    return text_equal(json_text_at(reference, "id"), id);
}

bool visibility_may_name(const struct call *call, const json_t *before, struct text id)
{
    return !call->sight || !is_hidden(call->sight, id) || names(before, id);
}

enum err visibility_resolve(const struct call *call, struct db *db, const json_t *before, const char *type, struct text id, struct text *ret)
{
    return visibility_may_name(call, before, id) ? reference_summary(db, call->arena, type, id, ret) : ERR_NOT_FOUND;
}

void visibility_bind(const struct call *call, struct query *q)
{
    if (!call->sight)
        return;
    query_bind_text(q, "hidden_policies", call->sight->policies);
    query_bind_text(q, "viewer", call->sight->viewer);
}

void visibility_bind_ids(const struct call *call, struct query *q)
{
    if (call->sight)
        query_bind_text(q, "hidden_ids", call->sight->ids);
}

/* *ret_is_theirs: visible only because the asker is called for it. An incident that is not there is nobody's secret. */
static enum err see_incident(struct call *call, int64_t number, bool *ret_is_hidden, bool *ret_is_theirs)
{
    struct query *q = db_query(call->db, "sight_incident");
    query_bind_int(q, "number", number);
    query_bind_text(q, "viewer", call->sight->viewer);
    *ret_is_hidden = *ret_is_theirs = false;
    if (!query_next(q))
        return query_err(q);
    bool foreign = is_hidden(call->sight, text_copy(call->arena, query_text(q, 0)));
    *ret_is_theirs = foreign && query_bool(q, 1);
    *ret_is_hidden = foreign && !*ret_is_theirs;
    return OK;
}

enum err visibility_of_incident(struct call *call, int64_t number, bool *ret_is_hidden)
{
    bool theirs;
    *ret_is_hidden = false;
    return call->sight ? see_incident(call, number, ret_is_hidden, &theirs) : OK;
}

enum err visibility_of_policy(struct call *call, int64_t number, struct text id, bool *ret_is_hidden)
{
    *ret_is_hidden = !visibility_may_name(call, NULL, id);
    if (!*ret_is_hidden || number == 0)
        return OK;
    struct query *q = db_query(call->db, "sight_incident");
    query_bind_int(q, "number", number);
    query_bind_text(q, "viewer", call->sight->viewer);
    if (query_next(q))
        *ret_is_hidden = !text_equal(query_text(q, 0), id);
    return query_err(q);
}

/* The path ------------------------------------------------------------------------------------------------------ */

static bool path_has(const struct call *call, const char *part)
{
    return strstr(call->route->path, part) != NULL;
}

static enum err incident_of_log_entry(struct call *call, struct text id, int64_t *ret_number)
{
    int64_t seq;
    *ret_number = 0;
    if (!id_parse(ID_LOG_ENTRY, id, &seq))
        return OK;
    struct query *q = db_query(call->db, "sight_log_entry");
    query_bind_int(q, "number", seq);
    if (query_next(q))
        *ret_number = query_int(q, 0);
    return query_err(q);
}

/* Things that belong to no team themselves, and what they are about. */
static const struct about {
    const char *path, *query;
} abouts[] = {
    {"/webhook_subscriptions/{id}", "sight_webhook"},
    {"/heartbeats/{id}", "sight_heartbeat"},
    {"/maintenance_windows/{id}", "sight_window"},
    {"/alert_grouping_settings/{id}", "sight_grouping"},
};

static enum err see_about(struct call *call, bool *ret_is_hidden)
{
    for (size_t i = 0; i < sizeof abouts / sizeof *abouts; i++) {
        if (!path_has(call, abouts[i].path))
            continue;
        struct query *q = db_query(call->db, abouts[i].query);
        query_bind_text(q, "id", call->path_parameters[0]);
        size_t count = 0, hidden = 0;
        while (query_next(q)) {
            struct text id = query_text(q, 0);
            count++;
            hidden += id.size == 0 || is_hidden(call->sight, id);
        }
        *ret_is_hidden = count > 0 && hidden == count;
        return query_err(q);
    }
    return OK;
}

enum err visibility_permit(struct call *call)
{
    if (!call->sight || call->route->permission == MAY_ANYONE)
        return OK;
    struct text id = call->path_parameters[0];
    int64_t number = 0;
    enum err err = OK;
    if (path_has(call, "/incidents/{id}"))
        (void)view_incident_number(id, &number);
    else if (path_has(call, "/log_entries/{id}"))
        err = incident_of_log_entry(call, id, &number);
    bool hidden = false, theirs;
    for (size_t i = 0; i < PATH_PARAMETERS_MAX; i++)
        hidden = hidden || is_hidden(call->sight, call->path_parameters[i]);
    if (err == OK && number > 0)
        err = see_incident(call, number, &hidden, &theirs);
    else if (err == OK && !hidden)
        err = see_about(call, &hidden);
    return err == OK && hidden ? ERR_NOT_FOUND : err;
}

/* The answer ---------------------------------------------------------------------------------------------------- */

static enum err see_incident_reference(struct call *call, const json_t *reference, bool *ret_is_hidden, bool *ret_is_theirs)
{
    int64_t number;
    *ret_is_hidden = *ret_is_theirs = false;
    return view_incident_number(json_text_at(reference, "id"), &number) ? see_incident(call, number, ret_is_hidden, ret_is_theirs) : OK;
}

static bool is_of_type(const json_t *object, const char *type)
{
    struct text written = json_text_at(object, "type");
    return text_is(written, type) || (text_starts_with(written, text_of(type)) && text_ends_with(written, TEXT("_reference")));
}

static bool all_hidden(const struct sight *sight, const json_t *list)
{
    size_t i;
    json_t *one;
    if (json_array_size(list) == 0)
        return false;
    json_array_foreach(list, i, one)
        if (!is_hidden(sight, json_text_at(one, "id")))
            return false;
    return true;
}

/* Whether a whole object is out of sight: it itself, or what it is about. *ret_is_whole: it is to be shown as it is. */
static enum err judge(struct call *call, const json_t *object, bool *ret_is_hidden, bool *ret_is_whole)
{
    static const char *const owners[] = {"service", "escalation_policy", "filter"};
    const struct sight *sight = call->sight;
    *ret_is_hidden = *ret_is_whole = false;
    if (!json_is_object(object))
        return OK;
    const json_t *incident = is_of_type(object, "incident") ? object : json_at(object, "incident");
    if (json_is_object(incident))
        return see_incident_reference(call, incident, ret_is_hidden, ret_is_whole);
    const json_t *user = json_at(object, "user");
    if (sight->viewer.size > 0 && text_equal(json_text_at(user, "id"), sight->viewer))
        return OK; /* what one is on call for */
    bool hidden = is_hidden(sight, json_text_at(object, "id")) || all_hidden(sight, json_at(object, "services"));
    for (size_t i = 0; i < sizeof owners / sizeof *owners; i++)
        hidden = hidden || is_hidden(sight, json_text_at(json_at(object, owners[i]), "id"));
    *ret_is_hidden = hidden || text_is(json_text_at(json_at(object, "filter"), "type"), "account_reference");
    return OK;
}

/* An id may stay where an object that is seen names it: whoever writes the object back must not lose a target. */
static void reduce(json_t *object)
{
    const char *name;
    json_t *value;
    json_object_foreach(object, name, value) {
        (void)value;
        if (strcmp(name, "id") != 0 && strcmp(name, "type") != 0)
            json_put_null(object, name);
    }
}

struct place {
    json_t *value;
    int depth;
};

/* Everything that an object in sight names. No recursion on what others shaped: the tree is walked with a stack. */
static void reduce_what_is_named(const struct call *call, json_t *root)
{
    enum { PLACES_MAX = 16384 };
    struct place *stack = ARENA_ARRAY(call->arena, struct place, PLACES_MAX);
    size_t count = 0;
    stack[count++] = (struct place){root, 0};
    while (count > 0) {
        struct place at = stack[--count];
        size_t i;
        const char *name;
        json_t *child;
        if (at.depth > 0 && json_is_object(at.value) && is_hidden(call->sight, json_text_at(at.value, "id"))) {
            reduce(at.value);
            continue;
        }
        if (at.depth == WALK_DEPTH_MAX)
            continue;
        json_array_foreach(at.value, i, child)
            if (count < PLACES_MAX && (json_is_object(child) || json_is_array(child)))
                stack[count++] = (struct place){child, at.depth + 1};
        json_object_foreach(at.value, name, child) {
            (void)name;
            if (count < PLACES_MAX && (json_is_object(child) || json_is_array(child)))
                stack[count++] = (struct place){child, at.depth + 1};
        }
    }
}

static enum err filter_list(struct call *call, const json_t *list, json_t **ret)
{
    json_t *kept = json_array_in(call->arena), *one;
    size_t i;
    enum err err = OK;
    json_array_foreach(list, i, one) {
        bool hidden, whole;
        err = judge(call, one, &hidden, &whole);
        if (err != OK)
            return err;
        if (hidden)
            continue;
        if (!whole)
            reduce_what_is_named(call, one);
        json_append(kept, one);
    }
    *ret = kept;
    return err;
}

enum err visibility_filter(struct call *call)
{
    if (!call->sight || !call->reply || call->route->permission == MAY_ANYONE)
        return OK;
    const char *name;
    json_t *value;
    json_t *filtered = json_object_in(call->arena);
    json_object_foreach(call->reply, name, value) {
        bool hidden = false, whole = false;
        enum err err = json_is_array(value) ? filter_list(call, value, &value) : judge(call, value, &hidden, &whole);
        if (err != OK)
            return err;
        if (hidden)
            return ERR_NOT_FOUND;
        if (json_is_object(value) && !whole)
            reduce_what_is_named(call, value);
        json_put(filtered, name, value);
    }
    call->reply = filtered;
    return OK;
}
