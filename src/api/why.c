/* Why: "why me?", "why not her?" and "who, if it breaks then?" asked over HTTP. What happened is answered from the record; an
 * instant without a record by the resolver that the engine itself would use. */
#include "api/incidents.h"
#include "api/visibility.h"
#include "api/why_record.h"
#include "core/sentence.h"
#include "engine/why.h"

enum { ALERTS_MAX = 1000 /* of an incident, whose reasons are counted */ };

/* Adds one alert to the entry of its reason: a storm is told in one line. */
static void count_joined(const struct view *view, json_t *groups, struct text reason, instant at)
{
    json_t *group = NULL;
    for (size_t i = 0; i < json_array_size(groups) && !group; i++)
        if (text_equal(json_text_at(json_array_get(groups, i), "reason"), reason))
            group = json_array_get(groups, i);
    if (!group) {
        group = json_object_in(view->call->arena);
        json_put_text(group, "reason", reason);
        view_put_instant(view, group, "first_at", at);
        json_append(groups, group);
    }
    json_put_int(group, "alerts", json_int_at(group, "alerts", 0) + 1);
    view_put_instant(view, group, "last_at", at);
}

/* Why alerts are in this incident and called nobody by themselves. */
static enum err load_grouped(const struct view *view, int64_t incident, json_t **ret_groups)
{
    struct arena *arena = view->call->arena;
    json_t *groups = json_array_in(arena);
    struct query *q = db_query(view->call->db, "why_alerts");
    query_bind_int(q, "incident", incident);
    query_bind_int(q, "limit", ALERTS_MAX);
    while (query_next(q)) {
        struct text reason = json_text_at(json_read(arena, text_copy(arena, query_text(q, 1)), problem_new(arena)), "grouped");
        if (reason.size > 0)
            count_joined(view, groups, reason, query_instant(q, 0));
    }
    for (size_t i = 0; i < json_array_size(groups); i++) {
        json_t *group = json_array_get(groups, i);
        json_put_text(group, "text", sentence_grouped(arena, incident, json_int_at(group, "alerts", 0), json_text_at(group, "reason")));
    }
    *ret_groups = groups;
    return query_err(q);
}

static enum err reply_record(const struct view *view, const struct why_scope *scope)
{
    struct call *call = view->call;
    json_t *decisions, *grouped;
    enum err err = why_record_load(view, scope, &decisions);
    if (err == OK)
        err = load_grouped(view, scope->incident, &grouped);
    if (err != OK)
        return err;
    struct query *q = db_query(call->db, "incident_view_exists");
    query_bind_int(q, "number", scope->incident);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "incident", view_incident(view, scope->incident, text_copy(call->arena, query_text(q, query_column(q, "title")))));
    json_put(call->reply, "decisions", decisions);
    json_put(call->reply, "grouped", grouped);
    json_t *sentences = why_record_sentences(call->arena, decisions, false);
    for (size_t i = 0; i < json_array_size(grouped); i++)
        json_append(sentences, json_at(json_array_get(grouped, i), "text"));
    json_put(call->reply, "sentences", sentences);
    return OK;
}

/* The decisions behind one message or page. A bundle speaks for several incidents: the first is told. */
static enum err scope_of(struct call *call, const char *query, int64_t number, struct why_scope *ret)
{
    json_t *decisions = json_array_in(call->arena);
    int64_t incident = 0;
    struct query *q = db_query(call->db, query);
    query_bind_int(q, "number", number);
    while (query_next(q)) {
        if (incident == 0)
            incident = query_int(q, 0);
        if (query_int(q, 0) == incident)
            json_append_int(decisions, query_int(q, 1));
    }
    if (query_failed(q))
        return query_err(q);
    if (incident == 0)
        return ERR_NOT_FOUND;
    *ret = (struct why_scope){.incident = incident, .decisions = json_write(call->arena, decisions), .until = INSTANT_NONE};
    return OK;
}

static enum err get_why(struct call *call)
{
    struct view view;
    struct text page = call_query(call, "page"), incident = call_query(call, "incident"), message = call_query(call, "message");
    struct why_scope scope = {.until = INSTANT_NONE};
    int64_t number;
    enum err err = view_open(call, &view);
    if (err != OK)
        return err;
    if (incident.size) {
        if (!view_incident_number(incident, &scope.incident))
            return ERR_NOT_FOUND;
    } else if (page.size) {
        err = id_parse(ID_PAGE, page, &number) || text_to_int64(page, &number) ? scope_of(call, "why_page", number, &scope) : ERR_NOT_FOUND;
    } else if (message.size) {
        err = id_parse(ID_MESSAGE, message, &number) || text_to_int64(message, &number) ? scope_of(call, "why_message", number, &scope)
                                                                                       : ERR_NOT_FOUND;
    } else {
        problem_add(call->problem, NULL, "one of incident, page and message is needed");
        err = ERR_INVALID;
    }
    return err != OK ? err : reply_record(&view, &scope);
}

struct named {
    struct text id, name;
};

/* By id, or by what people know it by: e-mail address or name. */
static enum err find_named(struct call *call, const char *query, const char *parameter, struct named *ret)
{
    struct text asked = call_query(call, parameter);
    if (asked.size == 0) {
        problem_add(call->problem, parameter, "cannot be empty");
        return ERR_INVALID;
    }
    struct query *q = db_query(call->db, query);
    query_bind_text(q, parameter, asked);
    bool found = query_next(q);
    if (query_failed(q))
        return query_err(q);
    if (!found || !visibility_may_name(call, NULL, query_text(q, 0))) {
        problem_add(call->problem, parameter, "does not exist");
        return ERR_NOT_FOUND;
    }
    *ret = (struct named){.id = text_copy(call->arena, query_text(q, 0)), .name = text_copy(call->arena, query_text(q, 1))};
    return OK;
}

/* Instants without record ---------------------------------------------------------------------------------------- */

static struct sentence_candidate resolved_facts(const json_t *resolved, const json_t *level, const json_t *candidate)
{
    const json_t *via = json_at(candidate, "via"), *policy = json_at(resolved, "policy");
    const json_t *step = json_array_get(json_at(candidate, "ladder"), 0);
    struct text reason = json_text_at(candidate, "reason");
    if (!json_bool_at(resolved, "escalates", true) && json_int_at(level, "level", 0) > 1)
        reason = TEXT("low_urgency");
    return (struct sentence_candidate){
        .name = json_text_at(candidate, "name"),
        .reason = reason,
        .level = json_int_at(level, "level", 0),
        .after_s = json_int_at(level, "after_s", -1),
        .policy_name = json_text_at(policy, "name"),
        .policy_version = json_int_at(policy, "version", 0),
        .service_name = json_text_at(json_at(resolved, "service"), "name"),
        .schedule_name = json_text_at(via, "schedule_name"),
        .layer_name = json_text_at(via, "layer_name"),
        .duty = json_text_at(via, "duty"),
        .is_override = json_is_string(json_at(via, "override")) || json_int_at(via, "override", 0) > 0,
        .rule_channel = json_text_at(step, "channel"),
        .rule_delay_s = json_int_at(step, "after_s", 0),
        .detail = text_is(reason, "maintenance") ? json_text_at(json_at(resolved, "maintenance"), "description") : TEXT_NONE,
    };
}

/* Adds "text" to a candidate; a later level's people are paged only when it is reached. */
static void tell(struct arena *arena, const json_t *resolved, const json_t *level, json_t *candidate)
{
    struct sentence_candidate facts = resolved_facts(resolved, level, candidate);
    bool chosen = json_bool_at(candidate, "chosen", false) && !text_is(facts.reason, "low_urgency");
    struct text text = chosen ? sentence_paged(arena, &facts, true) : sentence_not_paged(arena, &facts, true);
    if (chosen && facts.after_s > 0)
        text = text_printf(arena, "After %.*s without an acknowledgement: %.*s", TEXT_ARG(sentence_duration(arena, facts.after_s)), TEXT_ARG(text));
    json_put_text(candidate, "text", text);
}

static void tell_all(struct arena *arena, json_t *resolved, json_t *sentences)
{
    size_t l, c;
    json_t *level, *candidate;
    json_array_foreach(json_at(resolved, "levels"), l, level)
    {
        json_array_foreach(json_at(level, "candidates"), c, candidate)
        {
            tell(arena, resolved, level, candidate);
            json_append(sentences, json_at(candidate, "text"));
        }
    }
}

static enum err resolve_at(const struct view *view, struct text service_id, instant at, json_t **ret, json_t **ret_sentences)
{
    struct call *call = view->call;
    enum err err = why_resolve(call->db, call->arena, service_id, at, call->now, call_query(call, "severity"), ret);
    if (err != OK)
        return err;
    *ret_sentences = json_array_in(call->arena);
    view_put_instant(view, *ret, "at", at);
    tell_all(call->arena, *ret, *ret_sentences);
    return OK;
}

static void read_at(const struct view *view, instant *ret)
{
    struct text asked = call_query(view->call, "at");
    *ret = view->call->now;
    if (asked.size && !view_parse_instant(view, asked, ret))
        problem_add(view->call->problem, "at", "is not a date and time (ISO 8601)");
}

static void check_severity(struct call *call)
{
    struct text severity = call_query(call, "severity");
    if (severity.size && !text_is(severity, "critical") && !text_is(severity, "error") && !text_is(severity, "warning") &&
        !text_is(severity, "info"))
        problem_add(call->problem, "severity", "must be critical, error, warning or info");
}

static enum err get_resolve(struct call *call)
{
    struct view view;
    struct named service;
    instant at;
    enum err err = view_open(call, &view);
    if (err != OK)
        return err;
    read_at(&view, &at);
    check_severity(call);
    err = find_named(call, "why_service", "service", &service);
    if (err == OK && !problem_is_empty(call->problem))
        err = ERR_INVALID;
    json_t *resolved, *sentences;
    if (err == OK)
        err = resolve_at(&view, service.id, at, &resolved, &sentences);
    if (err != OK)
        return err;
    json_put(resolved, "sentences", sentences);
    call->reply = resolved;
    return OK;
}

/* Why not ---------------------------------------------------------------------------------------------------------- */

static enum err first_answer(struct call *call, int64_t incident, struct text *ret_name)
{
    struct query *q = db_query(call->db, "why_first_answer");
    query_bind_int(q, "incident", incident);
    if (query_next(q))
        *ret_name = text_copy(call->arena, query_text(q, 0));
    return query_err(q);
}

/* The sentence that answers: the page if there was one, else the last reason, else that no level leads to the person. */
static enum err answer_of(const struct view *view, int64_t incident, struct named user, const json_t *decisions, bool *ret_paged, struct text *ret)
{
    struct arena *arena = view->call->arena;
    const json_t *decision, *last = NULL, *chosen = NULL, *newest = NULL;
    size_t d, c;
    json_t *candidate;
    json_array_foreach(decisions, d, decision)
    {
        newest = decision;
        json_array_foreach(json_at(decision, "candidates"), c, candidate)
        {
            last = candidate;
            if (!chosen && json_bool_at(candidate, "chosen", false))
                chosen = candidate;
        }
    }
    *ret_paged = chosen != NULL;
    *ret = json_text_at(chosen ? chosen : last, "text");
    if (chosen || (last && !text_is(json_text_at(last, "reason"), "later_level")))
        return OK;
    struct sentence_candidate facts = sentence_candidate_read(user.name, TEXT("not_responsible"), newest, last);
    if (last) {
        enum err err = first_answer(view->call, incident, &facts.detail);
        if (err != OK || facts.detail.size == 0)
            return err;
        facts.reason = TEXT("acknowledged_before");
        facts.level = json_int_at(last, "level", 0);
    }
    *ret = sentence_not_paged(arena, &facts, false);
    return OK;
}

static enum err why_not_incident(const struct view *view, int64_t incident, struct named user, instant until)
{
    struct why_scope scope = {.incident = incident, .user_id = user.id, .until = until};
    enum err err = reply_record(view, &scope);
    if (err != OK)
        return err;
    struct call *call = view->call;
    bool paged;
    struct text answer;
    err = answer_of(view, incident, user, json_at(call->reply, "decisions"), &paged, &answer);
    if (err != OK)
        return err;
    json_put(call->reply, "user", view_user(view, user.id, user.name));
    json_put_bool(call->reply, "recorded", true);
    json_put_bool(call->reply, "paged", paged);
    json_put_text(call->reply, "answer", answer);
    return OK;
}

/* The person's place in a resolved plan: the first candidate of that user, with its level. */
static json_t *find_candidate(const json_t *resolved, struct text user_id, const json_t **ret_level)
{
    size_t l, c;
    json_t *level, *candidate;
    json_array_foreach(json_at(resolved, "levels"), l, level)
    {
        json_array_foreach(json_at(level, "candidates"), c, candidate)
        {
            if (!text_equal(json_text_at(candidate, "user_id"), user_id))
                continue;
            *ret_level = level;
            return candidate;
        }
    }
    return NULL;
}

static enum err why_not_resolved(const struct view *view, struct text service_id, instant at, struct named user)
{
    struct call *call = view->call;
    json_t *resolved, *sentences;
    enum err err = resolve_at(view, service_id, at, &resolved, &sentences);
    if (err != OK)
        return err;
    const json_t *level = NULL;
    json_t *candidate = find_candidate(resolved, user.id, &level);
    bool chosen = json_bool_at(candidate, "chosen", false), at_once = json_int_at(level, "after_s", 0) == 0;
    struct sentence_candidate facts = resolved_facts(resolved, level, candidate);
    facts.name = user.name;
    if (!candidate)
        facts.reason = TEXT("not_responsible");
    else if (chosen && !at_once && !text_is(facts.reason, "low_urgency"))
        facts.reason = TEXT("later_level");
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "user", view_user(view, user.id, user.name));
    json_put_bool(call->reply, "recorded", false);
    json_put_bool(call->reply, "paged", chosen && at_once);
    json_put_text(call->reply, "answer", candidate && (!chosen || at_once) ? json_text_at(candidate, "text") : sentence_not_paged(call->arena, &facts, true));
    json_put(call->reply, "resolved", resolved);
    return OK;
}

/* An incident of the service that was open then: its record is the truth. */
static enum err recorded_incident(struct call *call, struct text service_id, instant at, int64_t *ret)
{
    *ret = 0;
    if (instant_before(call->now, at))
        return OK;
    struct query *q = db_query(call->db, "why_incident_at");
    query_bind_text(q, "service_id", service_id);
    query_bind_instant(q, "at", at);
    if (query_next(q))
        *ret = query_int(q, 0);
    return query_err(q);
}

static enum err get_why_not(struct call *call)
{
    struct view view;
    struct named user, service;
    instant at;
    int64_t incident = 0;
    enum err err = view_open(call, &view);
    if (err == OK)
        err = find_named(call, "why_user", "user", &user);
    if (err != OK)
        return err;
    if (call_query(call, "incident").size)
        return view_incident_number(call_query(call, "incident"), &incident) ? why_not_incident(&view, incident, user, INSTANT_NONE) : ERR_NOT_FOUND;
    read_at(&view, &at);
    check_severity(call);
    err = find_named(call, "why_service", "service", &service);
    if (err == OK && !problem_is_empty(call->problem))
        err = ERR_INVALID;
    if (err == OK)
        err = recorded_incident(call, service.id, at, &incident);
    if (err != OK)
        return err;
    return incident ? why_not_incident(&view, incident, user, at) : why_not_resolved(&view, service.id, at, user);
}

static const struct route routes[] = {
    {.method = "GET", .path = "/muster/why", .permission = MAY_READ, .handle = get_why, .summary = "Why these people were called: of an incident, a page or a message",
     .query = "incident page message time_zone",
     .answers = "incident:reference decisions[] grouped[] sentences[]?"},
    {.method = "GET", .path = "/muster/why-not", .permission = MAY_READ, .handle = get_why_not, .summary = "Why somebody was not called, for an incident or a moment",
     .query = "user! incident service at severity time_zone",
     .answers = "user:reference recorded:boolean paged:boolean answer incident:reference? decisions[]? grouped[]? sentences[]? resolved:resolved?"},
    {.method = "GET", .path = "/muster/resolve", .permission = MAY_READ, .handle = get_resolve, .summary = "Who is called if a service breaks at a moment",
     .query = "service! at severity time_zone", .answers = ":resolved"},
};
const struct route_table why_routes = {routes, sizeof routes / sizeof *routes};
