/* Why: asking further people to join an incident, by name or by the first level of an escalation policy. They are paged; the
 * incident's holders stay. */
#include "api/incident_changes.h"
#include "api/incident_json.h"
#include "api/incidents.h"
#include "engine/roster.h"

enum { MESSAGE_CHARS_MAX = 1024 };

/* People asked for so far, each once. */
struct people {
    struct arena *arena;
    struct text *ids;
    size_t count, capacity;
};

static void add_person(struct people *people, struct text id)
{
    for (size_t i = 0; i < people->count; i++)
        if (text_equal(people->ids[i], id))
            return;
    people->ids = arena_grow(people->arena, people->ids, people->count, &people->capacity, sizeof *people->ids);
    people->ids[people->count++] = id;
}

static enum err add_on_call(struct call *call, struct text schedule_id, struct people *people)
{
    struct on_call_list found;
    enum err err = roster_on_call(call->db, call->arena, schedule_id, call->now, &found);
    if (err == ERR_NOT_FOUND)
        return OK;
    for (size_t i = 0; err == OK && i < found.count; i++)
        add_person(people, found.items[i].user_id);
    return err;
}

/* Whoever the first level of the policy leads to now. */
static enum err add_first_level(struct call *call, struct text policy_id, struct people *people)
{
    struct text schedules[TARGETS_MAX];
    size_t count = 0;
    struct query *q = db_query(call->db, "incident_level_targets");
    query_bind_text(q, "policy_id", policy_id);
    while (query_next(q)) {
        struct text id = text_copy(call->arena, query_text(q, 1));
        if (text_is(query_text(q, 0), "user"))
            add_person(people, id);
        else if (count < TARGETS_MAX)
            schedules[count++] = id;
    }
    enum err err = query_err(q);
    for (size_t i = 0; i < count && err == OK; i++)
        err = add_on_call(call, schedules[i], people);
    return err;
}

struct request {
    struct text requester_id, message;
    const json_t *targets;
};

static void check_target(struct call *call, const json_t *target, size_t index, struct references *references)
{
    const char *path = arena_printf(call->arena, "responder_request_targets[%zu].responder_request_target", index);
    struct text type = json_text_at(target, "type"), id = json_text_at(target, "id");
    bool is_user = text_is(type, "user_reference") || text_is(type, "user");
    bool is_policy = text_is(type, "escalation_policy_reference") || text_is(type, "escalation_policy");
    if (!is_user && !is_policy)
        problem_add(call->problem, arena_printf(call->arena, "%s.type", path), "must be user_reference or escalation_policy_reference");
    if (id.size == 0)
        problem_add(call->problem, arena_printf(call->arena, "%s.id", path), "cannot be empty");
    else if (is_user || is_policy)
        reference_add(call->arena, references, is_user ? "user" : "escalation_policy", id, arena_printf(call->arena, "%s.id", path));
}

/* Clients write the target inside a wrapper; without it is understood too. */
static const json_t *target_at(const json_t *targets, size_t index)
{
    const json_t *element = json_array_get(targets, index), *inner = json_at(element, "responder_request_target");
    return inner ? inner : element;
}

static enum err read_request(struct call *call, struct request *ret)
{
    struct references references = {0};
    struct request request = {.requester_id = json_text_at(call->body, "requester_id"), .message = json_text_at(call->body, "message"),
                              .targets = json_at(call->body, "responder_request_targets")};
    if (request.requester_id.size)
        reference_add(call->arena, &references, "user", request.requester_id, "requester_id");
    if (text_trim(request.message).size == 0)
        problem_add(call->problem, "message", "cannot be empty");
    else if (text_utf8_length(request.message) > MESSAGE_CHARS_MAX)
        problem_add(call->problem, "message", "cannot be longer than %d characters", MESSAGE_CHARS_MAX);
    size_t count = json_array_size(request.targets);
    if (!json_is_array(request.targets) || count == 0 || count > ASSIGNEES_MAX)
        problem_add(call->problem, "responder_request_targets", "must be a list of 1 to %d targets", ASSIGNEES_MAX);
    for (size_t i = 0; i < count && count <= ASSIGNEES_MAX; i++)
        check_target(call, target_at(request.targets, i), i, &references);
    enum err err = incident_references_check(call, &references);
    if (err == OK)
        *ret = request;
    return err;
}

static enum err reply_request(const struct view *view, int64_t incident, struct text requester, const struct people *people)
{
    struct call *call = view->call;
    json_t *item, *answer = json_object_in(call->arena), *targets = json_array_in(call->arena), *responder;
    enum err err = incident_json_one(view, incident, &item);
    if (err != OK)
        return err;
    size_t index;
    json_array_foreach(json_at(item, "incidents_responders"), index, responder)
    {
        struct text id = json_text_at(json_at(responder, "user"), "id");
        for (size_t i = 0; i < people->count; i++)
            if (text_equal(people->ids[i], id))
                json_append(targets, incident_json_target(view, responder));
        if (text_equal(json_text_at(json_at(responder, "requester"), "id"), requester)) {
            json_put(answer, "incident", json_at(responder, "incident"));
            json_put(answer, "requester", json_at(responder, "requester"));
        }
    }
    view_put_instant(view, answer, "requested_at", call->now);
    json_put(answer, "message", json_at(call->body, "message"));
    json_put(answer, "responder_request_targets", targets);
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "responder_request", answer);
    return OK;
}

/* Who asks: the person of the token or of the From header; without either the requester that the body names. */
static enum err find_requester(struct call *call, const struct request *request, struct actor *ret)
{
    enum err err = call_actor(call, false, ret);
    if (err != OK || ret->kind == ACTOR_USER)
        return err;
    if (request->requester_id.size == 0) {
        problem_add(call->problem, "requester_id", "cannot be empty");
        return ERR_INVALID;
    }
    struct query *q = db_query(call->db, "why_user");
    query_bind_text(q, "user", request->requester_id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    ret->kind = ACTOR_USER;
    ret->id = request->requester_id;
    ret->name = text_copy(call->arena, query_text(q, 1));
    return OK;
}

static enum err post_request(struct call *call)
{
    struct incident_call c = {0};
    struct request request;
    enum err err = incident_view_of_path(call, &c.view, &c.number);
    if (err == OK)
        err = read_request(call, &request);
    if (err == OK)
        err = find_requester(call, &request, &c.actor);
    if (err != OK)
        return err;
    struct people people = {.arena = call->arena};
    for (size_t i = 0; i < json_array_size(request.targets) && err == OK; i++) {
        const json_t *target = target_at(request.targets, i);
        if (text_starts_with(json_text_at(target, "type"), TEXT("user")))
            add_person(&people, json_text_at(target, "id"));
        else
            err = add_first_level(call, json_text_at(target, "id"), &people);
    }
    if (err == OK && people.count == 0) {
        problem_add(call->problem, "responder_request_targets", "lead to nobody now");
        err = ERR_INVALID;
    }
    if (err != OK)
        return err;
    struct incident_step_order order = {
        .number = c.number,
        .command = {.verb = INCIDENT_ADD_RESPONDERS, .actor = c.actor, .text = request.message, .user_ids = people.ids, .user_count = people.count}};
    err = incident_change_all(call, &order, 1);
    return err != OK ? err : reply_request(&c.view, c.number, c.actor.id, &people);
}

static const struct route routes[] = {
    {.method = "POST", .path = "/incidents/{id}/responder_requests", .permission = MAY_RESPOND, .handle = post_request, .team_of = TEAM_OF_INCIDENT, .summary = "Ask people to join an incident", .body_kind = "json",
     .takes = "message responder_request_targets[] requester_id?", .answers = "responder_request"},
};
const struct route_table responder_request_routes = {routes, sizeof routes / sizeof *routes};
