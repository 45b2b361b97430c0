/* Why: see incident_changes.h. */
#include "api/incident_changes.h"

#include "api/incident_json.h"
#include "api/incidents.h"
#include "api/visibility.h"
#include "engine/incident_types.h"

enum err incident_call_begin(struct call *call, bool has_path, struct incident_call *ret)
{
    *ret = (struct incident_call){0};
    enum err err = OK;
    if (has_path)
        err = incident_of_path(call, &ret->number);
    if (err == OK)
        err = view_open(call, &ret->view);
    if (err == OK)
        err = call_actor(call, true, &ret->actor);
    return err;
}

static bool is_in(json_t *found, struct text id)
{
    size_t index;
    json_t *value;
    json_array_foreach(found, index, value)
        if (text_equal(json_text_value(value), id))
            return true;
    return false;
}

static enum err is_out_of_sight(struct call *call, const struct reference *reference, bool *ret)
{
    int64_t number;
    if (strcmp(reference->noun, "incident") == 0 && text_to_int64(reference->id, &number))
        return visibility_of_incident(call, number, ret);
    return visibility_of_policy(call, strcmp(reference->noun, "escalation_policy") == 0 ? reference->incident : 0, reference->id, ret);
}

static enum err check_noun(struct call *call, const struct references *references, const char *noun)
{
    bool is_number = strcmp(noun, "incident") == 0;
    json_t *ids = json_array_in(call->arena), *found = json_array_in(call->arena);
    for (size_t i = 0; i < references->count; i++) {
        int64_t number;
        if (strcmp(references->list[i].noun, noun) != 0)
            continue;
        if (is_number && text_to_int64(references->list[i].id, &number))
            json_append_int(ids, number);
        else if (!is_number)
            json_append_text(ids, references->list[i].id);
    }
    if (json_array_size(ids) == 0)
        return OK;
    struct text wanted = json_write(call->arena, ids);
    struct query *q = db_query(call->db, arena_printf(call->arena, "incident_ref_%s", noun));
    query_bind_text(q, "ids", wanted);
    while (query_next(q))
        json_append_text(found, is_number ? text_printf(call->arena, "%lld", (long long)query_int(q, 0)) : query_text(q, 0));
    if (query_failed(q))
        return query_err(q);
    enum err err = OK;
    for (size_t i = 0; i < references->count && err == OK; i++) {
        bool hidden;
        if (strcmp(references->list[i].noun, noun) != 0)
            continue;
        err = is_out_of_sight(call, &references->list[i], &hidden);
        if (err == OK && (hidden || !is_in(found, references->list[i].id)))
            problem_add(call->problem, references->list[i].path, "does not exist");
    }
    return err;
}

enum err incident_references_check(struct call *call, const struct references *references)
{
    static const char *const nouns[] = {"incident", "service", "user", "escalation_policy", "priority"};
    for (size_t i = 0; i < sizeof nouns / sizeof *nouns; i++) {
        enum err err = check_noun(call, references, nouns[i]);
        if (err != OK)
            return err;
    }
    return problem_is_empty(call->problem) ? OK : ERR_INVALID;
}

enum err incident_priority_find(struct call *call, struct text name, const char *path, struct text *ret_id)
{
    if (name.size == 0)
        return OK;
    struct query *q = db_query(call->db, "incident_priority_named");
    query_bind_text(q, "name", name);
    if (query_next(q)) {
        *ret_id = text_copy(call->arena, query_text(q, 0));
        return OK;
    }
    if (query_failed(q))
        return query_err(q);
    problem_add(call->problem, path, "is not the name of a priority");
    return ERR_INVALID;
}

enum err incident_refusal(struct call *call, enum err err)
{
    if (err != ERR_CONFLICT)
        return err;
    for (size_t i = 0; i < call->problem->count; i++) {
        if (text_is(call->problem->mistakes[i].message, "Incident Already Resolved")) {
            call->error_code = INCIDENT_ALREADY_RESOLVED;
            call->error_message = "Incident Already Resolved";
            return err;
        }
    }
    call->error_code = INCIDENT_ARGUMENTS;
    call->error_message = "Arguments Caused Error";
    return err;
}

struct all_orders {
    struct incident_step_order *orders;
    size_t count;
    struct problem *problem; /* the caller's */
};

void incident_add_mistakes(struct problem *problem, const char *path, const struct problem *found)
{
    for (size_t i = 0; i < found->count; i++) {
        const struct mistake *mistake = &found->mistakes[i];
        struct text below = mistake->path;
        if (path && text_starts_with(below, TEXT("incident.")))
            below = text_slice(below, sizeof "incident." - 1, below.size);
        struct text place = mistake->path.size == 0 ? text_of(path)
                            : path             ? text_printf(problem->arena, "%s.%.*s", path, TEXT_ARG(below))
                                               : below;
        problem_add(problem, text_is_present(place) ? text_cstring(problem->arena, place) : NULL, "%.*s", TEXT_ARG(mistake->message));
    }
}

static enum err run_orders(struct tx *tx, void *argument)
{
    struct all_orders *all = argument;
    enum err outcome = OK;
    all->problem->count = all->problem->dropped = 0; /* an earlier run of this work may have left some */
    for (size_t i = 0; i < all->count; i++) {
        struct problem *found = problem_new(tx->arena);
        bool changed;
        const struct incident_step_order *order = &all->orders[i];
        enum err err = order->sets_bridge     ? conference_bridge_set(tx, order->number, &order->bridge, &order->command.actor)
                       : order->type.size > 0 ? incident_type_set(tx, order->number, order->type, &order->command.actor, found)
                                              : incident_command(tx, order->number, &order->command, found, &changed);
        if (err == OK)
            continue;
        if (err != ERR_INVALID && err != ERR_CONFLICT)
            return err;
        incident_add_mistakes(all->problem, order->path, found);
        outcome = err;
    }
    return outcome;
}

enum err incident_change_all(struct call *call, struct incident_step_order *orders, size_t count)
{
    struct all_orders all = {.orders = orders, .count = count, .problem = call->problem};
    return incident_refusal(call, call_change(call, run_orders, &all));
}

enum err incident_change_one(const struct view *view, int64_t number, const struct incident_command *command)
{
    struct incident_step_order order = {.number = number, .command = *command};
    enum err err = incident_change_all(view->call, &order, 1);
    return err != OK ? err : incident_json_reply(view, number);
}
