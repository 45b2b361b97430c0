/* Why: what every handler needs from a request and for an answer; see route.h. */
#include <stdlib.h>

#include "api/api_state.h"
#include "api/call.h"
#include "api/errors.h"

void call_parse_query(struct call *call, struct text raw)
{
    struct text part;
    while (raw.size > 0 && text_next(&raw, '&', &part) && call->query_count < QUERY_PARAMETERS_MAX) {
        if (part.size == 0)
            continue;
        size_t equals = text_find_byte(part, '=', 0);
        struct text name = text_percent_decode(call->arena, text_slice(part, 0, equals), true);
        struct text value = text_percent_decode(call->arena, text_slice(part, equals + 1, part.size), true);
        if (!text_is_utf8(name) || !text_is_utf8(value)) {
            problem_add(call->problem, NULL, "the query is not UTF-8");
            continue;
        }
        call->query[call->query_count].name = name;
        call->query[call->query_count++].value = value;
    }
}

struct text call_query(const struct call *call, const char *name)
{
    for (size_t i = 0; i < call->query_count; i++)
        if (text_is(call->query[i].name, name))
            return call->query[i].value;
    return TEXT_NONE;
}

struct text call_query_list(const struct call *call, const char *name_with_brackets)
{
    struct text wanted = text_of(name_with_brackets);
    json_t *values = NULL;
    for (size_t i = 0; i < call->query_count; i++) {
        struct text name = call->query[i].name;
        /* Some clients number their array parameters: ids[0]=a&ids[1]=b. */
        size_t bracket = text_find_byte(name, '[', 0);
        bool fits = text_equal(name, wanted) || (bracket < name.size && name.data[name.size - 1] == ']' &&
                                                 text_equal(text_slice(name, 0, bracket + 1), text_slice(wanted, 0, wanted.size - 1)));
        if (!fits)
            continue;
        if (!values)
            values = json_array_in(call->arena);
        json_append_text(values, call->query[i].value);
    }
    return values ? json_write(call->arena, values) : TEXT_NONE;
}

bool call_wants(const struct call *call, const char *name)
{
    struct text written = call_query(call, name);
    return text_equal_ignoring_case(written, TEXT("true")) || text_is(written, "1");
}

bool call_includes(const struct call *call, const char *what)
{
    for (size_t i = 0; i < call->query_count; i++)
        if (text_starts_with(call->query[i].name, TEXT("include[")) && text_is(call->query[i].value, what))
            return true;
    return false;
}

static enum err actor_from_header(struct call *call, struct text from, struct actor *ret)
{
    struct query *q = db_query(call->db, "auth_user_by_email");
    query_bind_text(q, "email", text_trim(from));
    if (!query_next(q)) {
        if (query_failed(q))
            return query_err(q);
        call->error_code = API_INCIDENT_REQUESTER_UNKNOWN;
        call->error_message = "Requester User Not Found";
        problem_add(call->problem, "From", "is not the e-mail address of a user");
        return ERR_INVALID;
    }
    ret->kind = ACTOR_USER;
    ret->id = text_copy(call->arena, query_text(q, 0));
    ret->name = text_copy(call->arena, query_text(q, 1));
    return OK;
}

enum err call_actor(struct call *call, bool required, struct actor *ret)
{
    struct actor actor = {.channel = call->who.is_session ? "web" : "api", .detail = call->who.token_id};
    struct text from = http_request_header(call->request, "From");
    if (call->who.user_id.size > 0) {
        actor.kind = ACTOR_USER;
        actor.id = call->who.user_id;
        actor.name = call->who.name;
    } else if (text_trim(from).size > 0) {
        enum err err = actor_from_header(call, from, &actor);
        if (err != OK)
            return err;
    } else if (required) {
        call->error_code = API_INCIDENT_REQUESTER_UNKNOWN;
        call->error_message = "Requester User Not Found";
        problem_add(call->problem, "From", "header with the e-mail address of a user is needed, because this token belongs to no user");
        return ERR_INVALID;
    } else {
        actor.kind = ACTOR_INTEGRATION;
        actor.id = call->who.token_id;
        actor.name = call->who.name;
    }
    *ret = actor;
    return OK;
}

enum err call_change(struct call *call, engine_work *work, void *argument)
{
    enum err err = engine_execute(call->engine, work, argument);
    db_rollback(call->db);
    enum err begun = db_begin(call->db);
    return err != OK ? err : begun;
}

const char *call_public_url(const struct call *call)
{
    return call->api->public_url;
}

bool call_query_number(struct call *call, const char *name, int64_t min, int64_t max, int64_t *value)
{
    struct text text = call_query(call, name);
    if (text.size == 0)
        return true;
    int64_t number;
    if (!text_to_int64(text, &number) || number < min) {
        problem_add(call->problem, name, "must be a number from %lld on", (long long)min);
        return false;
    }
    *value = number > max ? max : number;
    return true;
}

enum err call_paging(struct call *call, struct paging *ret)
{
    return call_paging_up_to(call, 25, 100, ret);
}

enum err call_paging_up_to(struct call *call, int64_t fallback, int64_t max, struct paging *ret)
{
    struct paging paging = {.limit = fallback};
    bool fine = call_query_number(call, "limit", 1, max, &paging.limit);
    fine = call_query_number(call, "offset", 0, INT32_MAX, &paging.offset) && fine;
    if (!fine)
        return ERR_INVALID;
    if (paging.offset + paging.limit > 10000) {
        problem_add(call->problem, NULL, "offset plus limit must not be more than 10000");
        return ERR_INVALID;
    }
    paging.want_total = call_wants(call, "total");
    *ret = paging;
    return OK;
}

void call_reply_page(struct call *call, const char *name, json_t *items, const struct paging *paging, bool more, int64_t total)
{
    json_t *page = json_object_in(call->arena);
    json_put(page, name, items);
    json_put_int(page, "limit", paging->limit);
    json_put_int(page, "offset", paging->offset);
    json_put_bool(page, "more", more);
    if (paging->want_total)
        json_put_int(page, "total", total);
    else
        json_put_null(page, "total");
    call->reply = page;
}

static json_t *reference_of(struct call *call, struct text id, struct text type, struct text summary, struct text self, struct text page)
{
    json_t *reference = json_object_in(call->arena);
    json_put_text(reference, "id", id);
    json_put_kept(reference, "type", type);
    json_put_text(reference, "summary", summary);
    json_put_kept(reference, "self", self);
    json_put_kept(reference, "html_url", page);
    return reference;
}

json_t *api_reference(struct call *call, const char *type, struct text id, struct text summary, const char *self_path, const char *html_path)
{
    struct text url = text_of(call_public_url(call));
    struct text self = self_path ? TEXT_JOIN(call->arena, url, text_of(self_path)) : TEXT_NONE;
    struct text page = html_path ? TEXT_JOIN(call->arena, url, text_of(html_path)) : TEXT_NONE;
    return reference_of(call, id, TEXT_JOIN(call->arena, text_of(type), TEXT("_reference")), summary, self, page);
}

static const struct noun {
    const char *type;
    struct text reference_type, path, html_path; /* absent: nobody has a page for it */
} nouns[] = {
    {"user", TEXT("user_reference"), TEXT("/users/"), TEXT("/app/users/")},
    {"team", TEXT("team_reference"), TEXT("/teams/"), TEXT("/app/teams/")},
    {"service", TEXT("service_reference"), TEXT("/services/"), TEXT("/app/services/")},
    {"escalation_policy", TEXT("escalation_policy_reference"), TEXT("/escalation_policies/"), TEXT("/app/escalation_policies/")},
    {"schedule", TEXT("schedule_reference"), TEXT("/schedules/"), TEXT("/app/schedules/")},
    {"schedule_v3", TEXT("schedule_v3_reference"), TEXT("/v3/schedules/"), TEXT("/app/schedules/")},
    {"incident", TEXT("incident_reference"), TEXT("/incidents/"), TEXT("/app/incidents/")},
    {"maintenance_window", TEXT("maintenance_window_reference"), TEXT("/maintenance_windows/"), TEXT("/app/maintenance_windows/")},
    {"priority", TEXT("priority_reference"), TEXT("/priorities/"), TEXT_NONE},
    {"incident_type", TEXT("incident_type_reference"), TEXT("/incidents/types/"), TEXT_NONE},
    {"vendor", TEXT("vendor_reference"), TEXT("/vendors/"), TEXT_NONE},
};

json_t *api_reference_to(struct call *call, const char *type, struct text id, struct text summary)
{
    if (id.size == 0)
        return NULL;
    for (size_t i = 0; i < sizeof nouns / sizeof *nouns; i++) {
        const struct noun *noun = &nouns[i];
        if (strcmp(noun->type, type) != 0)
            continue;
        struct text url = text_of(call_public_url(call)), self = TEXT_JOIN(call->arena, url, noun->path, id);
        struct text page = text_is_present(noun->html_path) ? TEXT_JOIN(call->arena, url, noun->html_path, id) : TEXT_NONE;
        return reference_of(call, id, noun->reference_type, summary, self, page);
    }
    return api_reference(call, type, id, summary, NULL, NULL);
}
