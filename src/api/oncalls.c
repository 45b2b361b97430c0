/* Why: who is on call for what, in one list (PagerDuty's On-Call; oncall_rows.h): how it is asked and shown.
 *
 * Of people whom the policy itself names start, end and schedule are null. Muster's own: include[]=gaps adds "gaps": [{"escalation_policy","escalation_level",
 * "schedule","start","end"}] where a schedule of the list has nobody. */
#include "api/oncall_rows.h"
#include "api/resources.h"
#include "api/shift_schedule.h"

enum { WINDOW_DAYS_MAX = 366 };

struct embedded {
    const char *type;
    struct text id;
    json_t *object;
    struct embedded *next;
};

struct showing {
    struct call *call;
    const struct zone *zone;
    const struct people *people;
    struct embedded *embedded;
};

static json_t *shown(struct showing *showing, const char *include, const char *type, struct text id, struct text name)
{
    struct call *call = showing->call;
    json_t *object = NULL;
    if (text_is_empty(id))
        return NULL;
    if (!call_includes(call, include))
        return api_reference_to(call, type, id, name);
    for (struct embedded *embedded = showing->embedded; embedded; embedded = embedded->next)
        if (strcmp(embedded->type, type) == 0 && text_equal(embedded->id, id))
            return embedded->object;
    struct schedule_shape shape = {.zone = showing->zone};
    enum err err = strcmp(type, "schedule") == 0      ? schedule_json(call, id, &shape, &object)
                   : strcmp(type, "schedule_v3") == 0 ? shift_schedule_json(call, id, &shape, &object)
                   : strcmp(type, "user") == 0   ? resource_read(call, &user_resource, TEXT_NONE, id, false, &object)
                                                 : resource_read(call, &escalation_policy_resource, TEXT_NONE, id, false, &object);
    struct embedded *embedded = ARENA_NEW(call->arena, struct embedded);
    *embedded = (struct embedded){type, id, err == OK ? object : api_reference_to(call, type, id, name), showing->embedded};
    showing->embedded = embedded;
    return embedded->object;
}

static json_t *row_json(struct showing *showing, const struct oncall_row *row)
{
    struct call *call = showing->call;
    json_t *object = json_object_in(call->arena);
    json_t *user = people_reference(showing->people, row->user_id);
    json_put(object, "escalation_policy", shown(showing, "escalation_policies", "escalation_policy", row->policy_id, row->policy_name));
    json_put_int(object, "escalation_level", row->level);
    json_put(object, "schedule", row->duty ? shown(showing, "schedules", row->duty->type, row->duty->schedule_id, row->duty->schedule_name) : NULL);
    json_put(object, "user", shown(showing, "users", "user", row->user_id, json_text_at(user, "summary")));
    schedule_put_time(call, showing->zone, object, "start", row->start);
    schedule_put_time(call, showing->zone, object, "end", row->end);
    return object;
}

static json_t *gap_json(const struct showing *showing, const struct oncall_row *gap)
{
    struct call *call = showing->call;
    json_t *object = json_object_in(call->arena);
    json_put(object, "escalation_policy", api_reference_to(call, "escalation_policy", gap->policy_id, gap->policy_name));
    json_put_int(object, "escalation_level", gap->level);
    json_put(object, "schedule", api_reference_to(call, gap->duty->type, gap->duty->schedule_id, gap->duty->schedule_name));
    json_put_text(object, "start", zone_format(call->arena, showing->zone, gap->start));
    json_put_text(object, "end", zone_format(call->arena, showing->zone, gap->end));
    return object;
}

/* since and until default to now; one of them alone means that instant for both when the other would lie on the wrong side. */
static void read_window(struct call *call, const struct zone *zone, struct oncall_question *question)
{
    struct text since = call_query(call, "since"), until = call_query(call, "until");
    question->since = question->until = call->now;
    if (!text_is_empty(since) && !zone_parse(zone, since, &question->since))
        problem_add(call->problem, "since", "must be an ISO 8601 date and time");
    question->until = instant_max(question->since, call->now);
    if (!text_is_empty(until) && !zone_parse(zone, until, &question->until))
        problem_add(call->problem, "until", "must be an ISO 8601 date and time");
    if (text_is_empty(since))
        question->since = instant_min(question->since, question->until);
    if (instant_before(question->until, question->since))
        problem_add(call->problem, "until", "cannot be before since");
    else if (instant_seconds_between(question->since, question->until) > (int64_t)WINDOW_DAYS_MAX * 86400)
        problem_add(call->problem, "until", "cannot be more than %d days after since", WINDOW_DAYS_MAX);
}

static enum err read_question(struct call *call, const struct zone **ret_zone, struct oncall_question *question)
{
    enum err err = call_paging(call, &question->paging);
    if (err != OK)
        return err;
    const struct zone *own = zone_utc();
    if (!text_is_empty(call->who.time_zone) && zone_find(call->who.time_zone, &own) != OK)
        own = zone_utc();
    *ret_zone = zone_utc();
    err = schedule_zone_read(call, own, ret_zone);
    question->earliest = call_wants(call, "earliest");
    question->policy_ids = call_query_list(call, "escalation_policy_ids[]");
    question->schedule_ids = call_query_list(call, "schedule_ids[]");
    question->user_ids = call_query_list(call, "user_ids[]");
    question->gaps = call_includes(call, "gaps");
    read_window(call, *ret_zone, question);
    return err == OK && problem_is_empty(call->problem) ? OK : ERR_INVALID;
}

static enum err list_oncalls(struct call *call)
{
    struct oncall_question question = {0};
    struct showing showing = {.call = call};
    struct oncall_list list;
    enum err err = read_question(call, &showing.zone, &question);
    if (err == OK)
        err = oncall_list_load(call, &question, &list);
    if (err == ERR_LIMIT) {
        problem_add(call->problem, "until", "asks for more than can be shown at once");
        return ERR_INVALID;
    }
    if (err != OK)
        return err;
    showing.people = &list.people;
    size_t offset = (size_t)question.paging.offset, end = offset + (size_t)question.paging.limit;
    json_t *items = json_array_in(call->arena);
    for (size_t i = offset; i < end && i < list.offset + list.count; i++)
        json_append(items, row_json(&showing, &list.rows[i - list.offset]));
    call_reply_page(call, "oncalls", items, &question.paging, list.total > end, (int64_t)list.total);
    json_t *gaps = json_array_in(call->arena);
    for (size_t i = 0; i < list.gap_count; i++)
        json_append(gaps, gap_json(&showing, &list.gaps[i]));
    if (question.gaps)
        json_put(call->reply, "gaps", gaps);
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/oncalls", .permission = MAY_READ, .handle = list_oncalls, .summary = "List who is on call for which policy and level",
     .query = "since until time_zone earliest user_ids[] schedule_ids[] escalation_policy_ids[] include[] limit offset total", .answers = "oncalls[] limit offset more total"},
};

const struct route_table oncall_routes = {routes, sizeof routes / sizeof *routes};
