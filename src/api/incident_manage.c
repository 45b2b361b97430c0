/* Why: the operations that create and change incidents. Each reads its body, names every mistake, and hands commands to the
 * engine; the rules of the life cycle are the engine's. */
#include "api/incident_changes.h"
#include "api/incident_json.h"
#include "api/incidents.h"

enum { COMMANDS_PER_CHANGE_MAX = 8, STATUS_TOO_LARGE = 413 };

/* PagerDuty's order of effect: what it is, who is responsible, then its state. A status given with new people is done first,
 * because "triggered" with assignments means: triggered, then assigned. */
static size_t commands_of(const struct incident_change *change, const struct actor *actor, struct incident_step_order *orders)
{
    size_t count = 0;
    struct incident_command list[COMMANDS_PER_CHANGE_MAX];
    bool moves = change->policy_id.size || change->user_count || change->level > 0;
#define ADD(...) list[count++] = (struct incident_command){.actor = *actor, __VA_ARGS__}
    if (change->title.size)
        ADD(.verb = INCIDENT_SET_TITLE, .text = change->title);
    if (change->has_priority)
        ADD(.verb = INCIDENT_SET_PRIORITY, .priority_id = change->priority_id);
    if (change->urgency.size)
        ADD(.verb = INCIDENT_SET_URGENCY, .text = change->urgency);
    if (change->has_status && change->status == INCIDENT_TRIGGERED && !moves)
        ADD(.verb = INCIDENT_UNACKNOWLEDGE);
    if (change->policy_id.size)
        ADD(.verb = INCIDENT_REASSIGN_POLICY, .policy_id = change->policy_id);
    if (change->user_count)
        ADD(.verb = INCIDENT_REASSIGN, .user_ids = change->user_ids, .user_count = change->user_count);
    if (change->level > 0)
        ADD(.verb = INCIDENT_ESCALATE, .level = change->level);
    if (change->has_status && change->status == INCIDENT_ACKNOWLEDGED)
        ADD(.verb = INCIDENT_ACKNOWLEDGE);
    if (change->has_status && change->status == INCIDENT_RESOLVED)
        ADD(.verb = INCIDENT_RESOLVE, .text = change->resolution);
#undef ADD
    for (size_t i = 0; i < count; i++)
        orders[i] = (struct incident_step_order){.number = change->number, .path = change->path, .command = list[i]};
    if (change->type.size)
        orders[count++] = (struct incident_step_order){.number = change->number, .path = change->path, .type = change->type, .command = {.actor = *actor}};
    if (change->has_bridge)
        orders[count++] = (struct incident_step_order){
            .number = change->number, .path = change->path, .sets_bridge = true, .bridge = change->bridge, .command = {.actor = *actor}};
    return count;
}

/* Reads `count` changes, checks what they name, and applies all of them in one transaction. */
static enum err apply_changes(struct call *call, struct incident_change *changes, size_t count, struct references *references,
                              const struct actor *actor)
{
    enum err err = OK;
    for (size_t i = 0; i < count && (err == OK || err == ERR_INVALID); i++)
        err = incident_priority_find(call, changes[i].priority_name, arena_printf(call->arena, "%s.priority", changes[i].path),
                                     &changes[i].priority_id);
    if (err == OK || err == ERR_INVALID)
        err = incident_references_check(call, references);
    if (err != OK)
        return err;
    struct incident_step_order *orders = ARENA_ARRAY(call->arena, struct incident_step_order, count * COMMANDS_PER_CHANGE_MAX + 1);
    size_t order_count = 0;
    for (size_t i = 0; i < count; i++)
        order_count += commands_of(&changes[i], actor, orders + order_count);
    return incident_change_all(call, orders, order_count);
}

static enum err put_incident(struct call *call)
{
    struct incident_call c;
    struct references references = {0};
    struct incident_change change = {0};
    enum err err = incident_call_begin(call, true, &c);
    if (err != OK)
        return err;
    references.incident = c.number;
    incident_change_parse(call->arena, json_at(call->body, "incident"), "incident", false, &references, call->problem, &change);
    change.number = c.number;
    err = apply_changes(call, &change, change.path ? 1 : 0, &references, &c.actor);
    return err != OK ? err : incident_json_reply(&c.view, c.number);
}

static enum err put_incidents(struct call *call)
{
    struct incident_call c;
    enum err err = incident_call_begin(call, false, &c);
    if (err != OK)
        return err;
    const json_t *list = json_at(call->body, "incidents");
    size_t count = json_array_size(list);
    if (count > MANAGE_MAX) {
        call->status = STATUS_TOO_LARGE;
        problem_add(call->problem, "incidents", "cannot have more than %d elements", MANAGE_MAX);
        return ERR_INVALID;
    }
    if (!json_is_array(list) || count == 0) {
        problem_add(call->problem, "incidents", "must be a list of 1 to %d incidents", MANAGE_MAX);
        return ERR_INVALID;
    }
    struct references references = {0};
    struct incident_change *changes = ARENA_ARRAY(call->arena, struct incident_change, count);
    int64_t *numbers = ARENA_ARRAY(call->arena, int64_t, count);
    for (size_t i = 0; i < count; i++) {
        incident_change_parse(call->arena, json_array_get(list, i), arena_printf(call->arena, "incidents[%zu]", i), true, &references,
                              call->problem, &changes[i]);
        numbers[i] = changes[i].number;
    }
    if (problem_is_empty(call->problem))
        err = apply_changes(call, changes, count, &references, &c.actor);
    else
        err = incident_references_check(call, &references);
    json_t *items;
    if (err == OK)
        err = incident_json_list(&c.view, numbers, count, &items);
    if (err != OK)
        return err;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "incidents", items);
    return OK;
}

struct creation {
    struct incident_create create;
    const struct conference_bridge *bridge; /* NULL: none */
    struct problem *problem;
    int64_t number;
};

static enum err create_work(struct tx *tx, void *argument)
{
    struct creation *creation = argument;
    creation->problem->count = creation->problem->dropped = 0;
    enum err err = incident_create(tx, &creation->create, creation->problem, &creation->number);
    if (err == OK && creation->bridge)
        err = conference_bridge_set(tx, creation->number, creation->bridge, &creation->create.actor);
    return err;
}

static enum err post_incident(struct call *call)
{
    struct incident_call c;
    struct references references = {0};
    struct incident_new created = {0};
    enum err err = incident_call_begin(call, false, &c);
    if (err != OK)
        return err;
    incident_new_parse(call->arena, json_at(call->body, "incident"), "incident", &references, call->problem, &created);
    err = incident_priority_find(call, created.priority_name, "incident.priority", &created.priority_id);
    if (err == OK || err == ERR_INVALID)
        err = incident_references_check(call, &references);
    if (err != OK)
        return err;
    struct creation creation = {.problem = call->problem,
                                .bridge = created.has_bridge ? &created.bridge : NULL,
                                .create = {.actor = c.actor,
                                           .service_id = created.service_id,
                                           .title = created.title,
                                           .urgency = created.urgency,
                                           .priority_id = created.priority_id,
                                           .policy_id = created.policy_id,
                                           .incident_key = created.incident_key,
                                           .body = created.body,
                                           .type = created.type,
                                           .user_ids = created.user_ids,
                                           .user_count = created.user_count}};
    err = incident_refusal(call, call_change(call, create_work, &creation));
    if (err != OK)
        return err;
    call->status = 201;
    return incident_json_reply(&c.view, creation.number);
}

static enum err post_snooze(struct call *call)
{
    struct incident_call c;
    enum err err = incident_call_begin(call, true, &c);
    if (err != OK)
        return err;
    const json_t *duration = json_at(call->body, "duration");
    int64_t seconds = json_is_integer(duration) ? json_integer_value(duration) : 0;
    if (seconds < 1 || seconds > SNOOZE_MAX_S) {
        problem_add(call->problem, "duration", "must be a number of seconds from 1 to %d", SNOOZE_MAX_S);
        return ERR_INVALID;
    }
    call->status = 201;
    return incident_change_one(&c.view, c.number, &(struct incident_command){.verb = INCIDENT_SNOOZE, .actor = c.actor, .seconds = seconds});
}

static enum err put_merge(struct call *call)
{
    struct incident_call c;
    int64_t *sources = NULL;
    size_t count = 0;
    enum err err = incident_call_begin(call, true, &c);
    if (err != OK)
        return err;
    incident_list_parse(call->arena, json_at(call->body, "source_incidents"), "source_incidents", MANAGE_MAX, call->problem, &sources,
                        &count);
    struct references references = {0};
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(call->arena, "source_incidents[%zu].id", i);
        if (sources[i] == c.number)
            problem_add(call->problem, path, "is the incident to merge into");
        else if (sources[i] != 0)
            reference_add(call->arena, &references, "incident", text_printf(call->arena, "%lld", (long long)sources[i]), path);
    }
    err = incident_references_check(call, &references);
    if (err != OK)
        return err;
    err = incident_change_one(&c.view, c.number,
                              &(struct incident_command){.verb = INCIDENT_MERGE, .actor = c.actor, .sources = sources, .source_count = count});
    if (err == OK) /* published as a reference; the whole incident is more than it promises */
        json_put_string(json_at(call->reply, "incident"), "type", "incident_reference");
    return err;
}

/* Ours: PUT with escalation_level does the same; this needs no body for "the next level". */
static enum err post_escalate(struct call *call)
{
    struct incident_call c;
    enum err err = incident_call_begin(call, true, &c);
    if (err != OK)
        return err;
    const json_t *level = json_at(call->body, "level");
    int64_t wanted = json_is_integer(level) ? json_integer_value(level) : 0;
    if (level && !json_is_null(level) && (wanted < 1 || wanted > LEVELS_MAX)) {
        problem_add(call->problem, "level", "must be from 1 to %d", LEVELS_MAX);
        return ERR_INVALID;
    }
    return incident_change_one(&c.view, c.number, &(struct incident_command){.verb = INCIDENT_ESCALATE, .actor = c.actor, .level = wanted});
}

static const struct route routes[] = {
    {.method = "POST", .path = "/incidents", .permission = MAY_RESPOND, .handle = post_incident, .summary = "Create an incident", .body_kind = "json",
     .takes = "incident", .answers = "incident"},
    {.method = "PUT", .path = "/incidents", .permission = MAY_RESPOND, .handle = put_incidents, .summary = "Change up to 250 incidents, all or none", .body_kind = "json",
     .takes = "incidents[]", .answers = "incidents[]"},
    {.method = "PUT", .path = "/incidents/{id}", .permission = MAY_RESPOND, .handle = put_incident, .team_of = TEAM_OF_INCIDENT, .summary = "Change an incident", .body_kind = "json",
     .takes = "incident", .answers = "incident"},
    {.method = "POST", .path = "/incidents/{id}/snooze", .permission = MAY_RESPOND, .handle = post_snooze, .team_of = TEAM_OF_INCIDENT, .summary = "Snooze an incident", .body_kind = "json",
     .takes = "duration", .answers = "incident"},
    {.method = "PUT", .path = "/incidents/{id}/merge", .permission = MAY_RESPOND, .handle = put_merge, .summary = "Merge incidents into this one", .body_kind = "json",
     .takes = "source_incidents[]", .answers = "incident"},
    {.method = "POST", .path = "/incidents/{id}/escalate", .permission = MAY_RESPOND, .handle = post_escalate, .team_of = TEAM_OF_INCIDENT, .summary = "Escalate an incident to a level", .body_kind = "json",
     .takes = "level?", .answers = "incident"},
};
const struct route_table incident_change_routes = {routes, sizeof routes / sizeof *routes};
