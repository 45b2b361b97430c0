/* Why: see incidents.h. Checks references and values, then hands one input to the flow. */
#include "engine/incidents.h"

#include "engine/incident_flow.h"
#include "engine/incident_rows.h"
#include "engine/incident_types.h"
#include "engine/plan.h"
#include "base/id.h"
#include "engine/rows.h"
#include "engine/service_rules.h"
#include "engine/status_updates.h"
#include "engine/webhooks.h"

enum { TITLE_CHARS_MAX = 1024, NOTE_BYTES_MAX = 65536, SOURCES_MAX = 100 };

static enum input_kind input_of(enum incident_verb verb)
{
    switch (verb) {
    case INCIDENT_ACKNOWLEDGE: return INPUT_ACKNOWLEDGE;
    case INCIDENT_UNACKNOWLEDGE: return INPUT_UNACKNOWLEDGE;
    case INCIDENT_RESOLVE: return INPUT_RESOLVE;
    case INCIDENT_SNOOZE: return INPUT_SNOOZE;
    case INCIDENT_REASSIGN: return INPUT_REASSIGN;
    case INCIDENT_REASSIGN_POLICY: return INPUT_REASSIGN_POLICY;
    case INCIDENT_ESCALATE: return INPUT_ESCALATE;
    case INCIDENT_MERGE: return INPUT_MERGED_FROM;
    case INCIDENT_NOTE: return INPUT_NOTE;
    case INCIDENT_ADD_RESPONDERS: return INPUT_ADD_RESPONDERS;
    case INCIDENT_SET_PRIORITY: return INPUT_SET_PRIORITY;
    case INCIDENT_SET_TITLE: return INPUT_SET_TITLE;
    case INCIDENT_SET_URGENCY: return INPUT_SET_URGENCY;
    }
    return INPUT_NOTE;
}

/* People who exist and can be reached; anybody else is a mistake with its place. */
static enum err check_people(struct tx *tx, const struct text *user_ids, size_t count, const char *field, struct problem *problem, struct candidate **ret)
{
    struct candidate *people;
    if (count == 0 || count > ASSIGNEES_MAX) {
        problem_add(problem, field, "must name from 1 to %d people", ASSIGNEES_MAX);
        return ERR_INVALID;
    }
    enum err err = plan_people(tx->db, tx->arena, user_ids, count, &people);
    if (err != OK)
        return err;
    size_t mistakes = problem->count;
    for (size_t i = 0; i < count; i++) {
        const char *path = arena_printf(tx->arena, "%s[%zu]", field, i);
        if (people[i].state == CANDIDATE_DELETED)
            problem_add(problem, path, "is not a user");
        else if (people[i].state == CANDIDATE_NO_CONTACT)
            problem_add(problem, path, "cannot be reached: %.*s has no verified contact method", TEXT_ARG(people[i].user_name));
    }
    if (problem->count > mistakes)
        return ERR_INVALID;
    *ret = people;
    return OK;
}

static enum err check_priority(struct tx *tx, struct text id, struct problem *problem, struct text *ret_name)
{
    *ret_name = TEXT("none");
    if (id.size == 0)
        return OK;
    struct query *q = db_query(tx->db, "priority_name");
    query_bind_text(q, "id", id);
    if (query_next(q)) {
        *ret_name = text_copy(tx->arena, query_text(q, 0));
        return OK;
    }
    if (query_failed(q))
        return query_err(q);
    problem_add(problem, "priority.id", "is not a priority");
    return ERR_INVALID;
}

static enum err check_policy(struct tx *tx, struct text id, struct problem *problem)
{
    struct query *q = db_query(tx->db, "policy_exists");
    query_bind_text(q, "id", id);
    if (query_next(q))
        return OK;
    if (query_failed(q))
        return query_err(q);
    problem_add(problem, "escalation_policy.id", "is not an escalation policy");
    return ERR_INVALID;
}

static enum err check_text(struct text text, const char *field, size_t chars_max, struct problem *problem)
{
    if (text_trim(text).size == 0)
        problem_add(problem, field, "cannot be empty");
    else if (text_utf8_length(text) > chars_max)
        problem_add(problem, field, "is too long (maximum is %zu characters)", chars_max);
    else
        return OK;
    return ERR_INVALID;
}

/* What belongs to a verb beyond its kind: references and values, checked. */
static enum err fill(struct tx *tx, const struct incident_command *c, struct problem *problem, struct input *input)
{
    switch (c->verb) {
    case INCIDENT_ACKNOWLEDGE:
    case INCIDENT_UNACKNOWLEDGE:
    case INCIDENT_RESOLVE:
    case INCIDENT_ESCALATE:
    case INCIDENT_SNOOZE:
    case INCIDENT_MERGE: return OK;
    case INCIDENT_REASSIGN_POLICY: return check_policy(tx, c->policy_id, problem);
    case INCIDENT_REASSIGN:
        input->people_count = c->user_count;
        return check_people(tx, c->user_ids, c->user_count, "assignments", problem, &input->people);
    case INCIDENT_ADD_RESPONDERS:
        input->people_count = c->user_count;
        return check_people(tx, c->user_ids, c->user_count, "responder_request_targets", problem, &input->people);
    case INCIDENT_SET_PRIORITY:
        input->text = c->priority_id;
        return check_priority(tx, c->priority_id, problem, &input->text2);
    case INCIDENT_NOTE: return check_text(c->text, "note.content", NOTE_BYTES_MAX, problem);
    case INCIDENT_SET_TITLE: return check_text(c->text, "incident.title", TITLE_CHARS_MAX, problem);
    case INCIDENT_SET_URGENCY:
        if (urgency_parse(c->text, &input->urgency))
            return OK;
        problem_add(problem, "incident.urgency", "must be high or low");
        return ERR_INVALID;
    }
    return ERR_INTERNAL;
}

static enum err feed(struct tx *tx, int64_t number, struct input *input, struct problem *problem)
{
    bool changed;
    return incident_input(tx, number, input, TEXT_NONE, problem, &changed);
}

/* The source's alerts move to the target (invariant I4), then the source ends. */
static enum err merge_one(struct tx *tx, int64_t target, int64_t source, const struct actor *actor, struct problem *problem)
{
    int64_t all, open;
    enum err err = incident_count_alerts(tx, source, &all, &open);
    if (err == OK) {
        struct query *q = db_query(tx->db, "alerts_move_all");
        query_bind_int(q, "from_incident", source);
        query_bind_int(q, "to_incident", target);
        query_bind_instant(q, "now", tx->now);
        err = query_run(q);
    }
    if (err == OK)
        err = status_updates_move(tx, source, target);
    struct input leave = {.kind = INPUT_ALERTS_MOVED, .actor = *actor, .number = -open, .number2 = -all, .at = INSTANT_NONE};
    struct input arrive = {.kind = INPUT_ALERTS_MOVED, .actor = *actor, .number = open, .number2 = all, .at = INSTANT_NONE};
    struct input end = {.kind = INPUT_MERGE_INTO, .actor = *actor, .number = target, .at = INSTANT_NONE};
    struct input gained = {.kind = INPUT_MERGED_FROM, .actor = *actor, .number = source, .at = INSTANT_NONE};
    if (err == OK)
        err = feed(tx, source, &leave, problem);
    if (err == OK)
        err = feed(tx, target, &arrive, problem);
    if (err == OK)
        err = feed(tx, source, &end, problem);
    return err == OK ? feed(tx, target, &gained, problem) : err;
}

static enum err merge(struct tx *tx, int64_t target, const struct incident_command *c, struct problem *problem, bool *ret_changed)
{
    struct incident into;
    enum err err = incident_load(tx, target, &into);
    if (err != OK)
        return err;
    if (into.status == INCIDENT_RESOLVED)
        problem_add(problem, "id", "Incident Already Resolved");
    if (c->source_count == 0 || c->source_count > SOURCES_MAX)
        problem_add(problem, "source_incidents", "must name from 1 to %d incidents", SOURCES_MAX);
    for (size_t i = 0; i < c->source_count && i < SOURCES_MAX; i++) {
        struct incident source;
        const char *path = arena_printf(tx->arena, "source_incidents[%zu].id", i);
        bool repeated = c->sources[i] == target;
        for (size_t j = 0; j < i; j++)
            repeated = repeated || c->sources[j] == c->sources[i];
        err = incident_load(tx, c->sources[i], &source);
        if (repeated)
            problem_add(problem, path, "names the same incident again");
        else if (err == ERR_NOT_FOUND)
            problem_add(problem, path, "is not an incident");
        else if (err != OK)
            return err;
        else if (source.status == INCIDENT_RESOLVED)
            problem_add(problem, path, "is resolved and cannot be merged");
    }
    if (!problem_is_empty(problem))
        return ERR_INVALID;
    err = OK;
    for (size_t i = 0; i < c->source_count && err == OK; i++)
        err = merge_one(tx, target, c->sources[i], &c->actor, problem);
    *ret_changed = true;
    return err;
}

static enum err note_responders(struct tx *tx, int64_t number, const struct incident_command *c)
{
    enum err err = OK;
    for (size_t i = 0; i < c->user_count && err == OK; i++) {
        struct query *q = db_query(tx->db, "incident_add_responder");
        query_bind_int(q, "number", number);
        query_bind_text(q, "user_id", c->user_ids[i]);
        query_bind_text(q, "requested_by", c->actor.id.data ? c->actor.id : TEXT(""));
        query_bind_instant(q, "now", tx->now);
        query_bind_text(q, "message", c->text.data ? c->text : TEXT(""));
        err = query_run(q);
        if (err == OK)
            err = webhooks_responder(tx, WEBHOOK_RESPONDER_ADDED, number, c->user_ids[i], "pending", &c->actor);
    }
    return err;
}

static enum err keep_note(struct tx *tx, int64_t number, const struct incident_command *c)
{
    struct query *q = db_query(tx->db, "note_insert");
    query_bind_int(q, "incident", number);
    query_bind_text(q, "user_id", c->actor.id.data ? c->actor.id : TEXT(""));
    query_bind_text(q, "channel", text_of(c->actor.channel));
    query_bind_text(q, "content", c->text);
    query_bind_instant(q, "now", tx->now);
    int64_t note;
    enum err err = query_insert(q, &note);
    return err == OK ? webhooks_note(tx, number, note, c->text, &c->actor) : err;
}

static enum err note_joined(struct tx *tx, int64_t number, const struct actor *actor)
{
    if (actor->kind != ACTOR_USER)
        return OK;
    struct query *q = db_query(tx->db, "incident_responder_joined");
    query_bind_int(q, "number", number);
    query_bind_text(q, "user_id", actor->id);
    enum err err = query_run(q);
    bool joined = err == OK && query_changes(q) > 0;
    return joined ? webhooks_responder(tx, WEBHOOK_RESPONDER_REPLIED, number, actor->id, "accepted", actor) : err;
}

enum err incident_command(struct tx *tx, int64_t number, const struct incident_command *c, struct problem *problem, bool *ret_changed)
{
    if (c->verb == INCIDENT_MERGE)
        return merge(tx, number, c, problem, ret_changed);
    struct input input = {.kind = input_of(c->verb), .actor = c->actor, .text = c->text, .seconds = c->seconds, .level = c->level, .at = INSTANT_NONE};
    enum err err = fill(tx, c, problem, &input);
    if (err == OK && c->verb == INCIDENT_ADD_RESPONDERS)
        err = note_responders(tx, number, c); /* before they are called: the message to them says what was asked */
    if (err == OK)
        err = incident_input(tx, number, &input, c->verb == INCIDENT_REASSIGN_POLICY ? c->policy_id : TEXT_NONE, problem, ret_changed);
    if (err == OK && c->verb == INCIDENT_NOTE && *ret_changed)
        err = keep_note(tx, number, c);
    if (err == OK && c->verb == INCIDENT_ACKNOWLEDGE)
        err = note_joined(tx, number, &c->actor);
    if (err == OK && *ret_changed && (c->verb == INCIDENT_REASSIGN || c->verb == INCIDENT_REASSIGN_POLICY))
        err = webhooks_incident(tx, c->verb == INCIDENT_REASSIGN ? WEBHOOK_REASSIGNED : WEBHOOK_DELEGATED, number, &c->actor);
    return err;
}

static enum err find_service(struct tx *tx, struct text id, struct problem *problem, struct urgency_rule *ret_rule)
{
    struct query *q = db_query(tx->db, "service_plan");
    query_bind_text(q, "service_id", id);
    if (query_next(q) && !text_is(query_text(q, 1), "disabled")) {
        service_urgency_rule(q, 5, tx->arena, ret_rule);
        return OK;
    }
    if (query_failed(q))
        return query_err(q);
    problem_add(problem, "incident.service.id", "is not an active service");
    return ERR_INVALID;
}

struct type_to_give {
    struct tx *tx;
    struct text type;
};

static enum err give_type(void *context, int64_t incident)
{
    struct type_to_give *give = context;
    return incident_type_give(give->tx, incident, give->type);
}

enum err incident_create(struct tx *tx, const struct incident_create *create, struct problem *problem, int64_t *ret_number)
{
    struct urgency_rule rule;
    struct incident_opening opening = {
        .actor = create->actor, .service_id = create->service_id, .title = create->title, .incident_key = create->incident_key,
        .body = create->body, .policy_id = create->policy_id.size ? create->policy_id : TEXT_NONE, .priority_id = create->priority_id,
        .urgency_reason = TEXT("set by hand"), .support_hours_at = INSTANT_NONE, .grouping_until = INSTANT_NONE, .people_count = create->user_count,
        .attach = create->type.size > 0 ? give_type : NULL, .attach_context = &(struct type_to_give){.tx = tx, .type = create->type}};
    struct text priority_name;
    enum err err = find_service(tx, create->service_id, problem, &rule);
    if (err != OK && err != ERR_INVALID)
        return err;
    if (err == OK && create->urgency.size == 0) {
        const char *reason;
        opening.urgency = alert_urgency(&rule, TEXT("critical"), tx->now, &reason, &opening.support_hours_at);
        opening.urgency_reason = text_of(reason);
    } else if (create->urgency.size > 0 && !urgency_parse(create->urgency, &opening.urgency)) {
        problem_add(problem, "incident.urgency", "must be high or low");
    }
    enum err checks[] = {
        check_text(create->title, "incident.title", TITLE_CHARS_MAX, problem), check_priority(tx, create->priority_id, problem, &priority_name),
        create->policy_id.size ? check_policy(tx, create->policy_id, problem) : OK,
        create->user_count ? check_people(tx, create->user_ids, create->user_count, "incident.assignments", problem, &opening.people) : OK,
        incident_type_check(tx, create->type, problem),
    };
    for (size_t i = 0; i < sizeof checks / sizeof checks[0]; i++)
        if (checks[i] != OK && checks[i] != ERR_INVALID)
            return checks[i];
    if (!problem_is_empty(problem))
        return ERR_INVALID;
    if (create->incident_key.size > 0) {
        struct query *q = db_query(tx->db, "incident_open_by_key");
        query_bind_text(q, "service_id", create->service_id);
        query_bind_text(q, "incident_key", create->incident_key);
        int64_t open;
        err = rows_take_int(q, &open);
        if (err == OK) {
            problem_add(problem, "incident.incident_key", "Open incident with matching dedup key already exists on this service");
            return ERR_CONFLICT;
        }
        if (err != ERR_NOT_FOUND)
            return err;
    } else {
        opening.incident_key = id_new_key(tx->env, tx->arena, 32);
    }
    return incident_open(tx, &opening, problem, ret_number);
}

static enum err load_alert(struct tx *tx, int64_t alert, int64_t *ret_incident, bool *ret_open, struct text *ret_summary)
{
    struct query *q = db_query(tx->db, "alert_load");
    query_bind_int(q, "number", alert);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    *ret_incident = query_int(q, 1);
    *ret_open = !text_is(query_text(q, 2), "resolved");
    *ret_summary = text_copy(tx->arena, query_text(q, 3));
    return OK;
}

enum err incident_resolve_alert(struct tx *tx, int64_t incident, int64_t alert, const struct actor *actor, struct problem *problem)
{
    int64_t owner;
    bool open;
    struct text summary;
    enum err err = load_alert(tx, alert, &owner, &open, &summary);
    if (err == OK && owner != incident)
        err = ERR_NOT_FOUND;
    if (err != OK || !open)
        return err;
    struct query *q = db_query(tx->db, "alert_resolve");
    query_bind_int(q, "number", alert);
    query_bind_instant(q, "now", tx->now);
    query_bind_null(q, "event_number");
    err = query_run(q);
    struct input input = {.kind = INPUT_ALERT_RESOLVED, .actor = *actor, .text = summary, .at = INSTANT_NONE};
    return err == OK ? feed(tx, incident, &input, problem) : err;
}

enum err incident_move_alert(struct tx *tx, int64_t alert, int64_t to_incident, const struct actor *actor, struct problem *problem)
{
    int64_t from;
    bool open;
    struct text summary;
    struct incident target;
    enum err err = load_alert(tx, alert, &from, &open, &summary);
    if (err == OK)
        err = incident_load(tx, to_incident, &target);
    if (err != OK || from == to_incident)
        return err;
    if (target.status == INCIDENT_RESOLVED) {
        problem_add(problem, "alert.incident.id", "is resolved and takes no alerts");
        return ERR_CONFLICT;
    }
    struct query *q = db_query(tx->db, "alert_move");
    query_bind_int(q, "number", alert);
    query_bind_int(q, "incident_number", to_incident);
    query_bind_instant(q, "now", tx->now);
    err = query_run(q);
    struct input leave = {.kind = INPUT_ALERTS_MOVED, .actor = *actor, .number = open ? -1 : 0, .number2 = -1, .at = INSTANT_NONE};
    struct input arrive = {.kind = INPUT_ALERTS_MOVED, .actor = *actor, .number = open ? 1 : 0, .number2 = 1, .at = INSTANT_NONE};
    if (err == OK)
        err = feed(tx, from, &leave, problem);
    return err == OK ? feed(tx, to_incident, &arrive, problem) : err;
}
