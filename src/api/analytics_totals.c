/* Why: how fast incidents were answered, on the whole, by service, by team and by escalation policy. Counted from the record; what is not known is null and leaves
 * a mean alone. */
#include <stdlib.h>

#include "api/analytics.h"
#include "api/visibility.h"
#include "base/zone.h"

struct samples {
    int64_t *values, sum;
    size_t count, capacity;
};

enum sample_kind { TO_FIRST_ACK, TO_RESOLVE, TO_ENGAGE, TO_MOBILIZE, ENGAGED, ENGAGED_USERS, ASSIGNMENTS, SAMPLE_KINDS };

struct division {
    enum { WHOLE, BY_SERVICE, BY_TEAM, BY_POLICY } of;
    bool together; /* all services, teams or policies in one */
};

/* What figures are about; for WHOLE nothing is present. */
struct group {
    struct text id, name, team_id, team_name;
};

struct bucket {
    int64_t day; /* that it starts with, on the wall; INT64_MIN: all of the time asked for */
    struct group group;
    struct bucket *next; /* of its hash */
    struct text *responders;
    size_t responder_count, responder_capacity;
    instant down_until; /* of the major incidents that began in it */
    int64_t down_s;
    struct samples samples[SAMPLE_KINDS];
    int64_t incidents, acknowledged, auto_resolved, manual_escalated, timeout_escalated, reassigned;
    int64_t escalations, business, off_hours, sleep, notifications, snoozed_s;
};

enum { HASHES = 1024, TEAMS_MAX = 100 };

struct totals {
    const struct analytics *a;
    enum unit { UNIT_NONE, UNIT_DAY, UNIT_WEEK, UNIT_MONTH } unit;
    int64_t least_acks, least_timeouts, least_manual;
    struct division by;
    struct bucket **buckets; /* oldest first */
    size_t count, capacity;
    struct bucket *hashes[HASHES];
};

static void add_sample(const struct totals *totals, struct samples *samples, int64_t value)
{
    samples->values = arena_grow(totals->a->view.call->arena, samples->values, samples->count, &samples->capacity, sizeof *samples->values);
    samples->values[samples->count++] = value;
    samples->sum += value;
}

static void add_since(const struct totals *totals, struct samples *samples, const struct response *r, instant at)
{
    if (instant_is_set(at))
        add_sample(totals, samples, instant_seconds_between(r->created_at, at));
}

static int64_t first_day(const struct totals *totals, instant at)
{
    wall_time wall = zone_wall(totals->a->view.zone, at);
    int64_t day = wall_days(wall), year;
    int month, day_of_month;
    switch (totals->unit) {
    case UNIT_NONE: return INT64_MIN;
    case UNIT_DAY: return day;
    case UNIT_WEEK: return day - (wall_weekday(wall) - 1);
    case UNIT_MONTH: break;
    }
    civil_from_days(day, &year, &month, &day_of_month);
    return day - (day_of_month - 1);
}

static int64_t day_behind(const struct totals *totals, int64_t day)
{
    int64_t year;
    int month, day_of_month;
    switch (totals->unit) {
    case UNIT_NONE: return INT64_MIN;
    case UNIT_DAY: return day + 1;
    case UNIT_WEEK: return day + 7;
    case UNIT_MONTH: break;
    }
    civil_from_days(day + 31, &year, &month, &day_of_month);
    return day + 31 - (day_of_month - 1);
}

static instant midnight(const struct totals *totals, int64_t day)
{
    return zone_instant(totals->a->view.zone, wall_midnight(day));
}

/* What has passed of the time that it is about. */
static void range_of(const struct totals *totals, const struct bucket *b, instant *ret_from, instant *ret_until)
{
    const struct analytics *a = totals->a;
    instant from = totals->unit == UNIT_NONE ? a->since : midnight(totals, b->day), until = totals->unit == UNIT_NONE ? a->until : midnight(totals, day_behind(totals, b->day));
    *ret_from = instant_before(from, a->since) ? a->since : from;
    until = instant_before(a->until, until) ? a->until : until;
    *ret_until = instant_before(a->view.call->now, until) ? a->view.call->now : until;
}

static struct bucket *bucket_of(struct totals *totals, instant at, const struct group *group)
{
    struct arena *arena = totals->a->view.call->arena;
    int64_t day = first_day(totals, at);
    struct bucket **hash = &totals->hashes[(text_hash(group->id) + (uint64_t)day) % HASHES];
    for (struct bucket *b = *hash; b; b = b->next)
        if (b->day == day && text_equal(b->group.id, group->id))
            return b;
    struct bucket *made = ARENA_NEW(arena, struct bucket);
    *made = (struct bucket){.day = day, .next = *hash, .down_until = INSTANT_NONE,
                            .group = {.id = text_copy(arena, group->id), .name = text_copy(arena, group->name), .team_id = text_copy(arena, group->team_id),
                                      .team_name = text_copy(arena, group->team_name)}};
    totals->buckets = arena_grow(arena, totals->buckets, totals->count, &totals->capacity, sizeof *totals->buckets);
    totals->buckets[totals->count++] = made;
    return *hash = made;
}

/* Incidents come in the order in which they began. */
static void add_downtime(const struct totals *totals, struct bucket *b, const struct response *r)
{
    instant first, last, from = r->created_at, until = instant_is_set(r->resolved_at) ? r->resolved_at : totals->a->view.call->now;
    range_of(totals, b, &first, &last);
    if (instant_is_set(b->down_until) && instant_before(from, b->down_until))
        from = b->down_until;
    until = instant_before(last, until) ? last : until;
    if (!instant_before(from, until))
        return;
    b->down_s += instant_seconds_between(from, until);
    b->down_until = until;
}

static void add_responder(const struct totals *totals, struct bucket *b, struct text id)
{
    struct arena *arena = totals->a->view.call->arena;
    for (size_t i = 0; i < b->responder_count; i++)
        if (text_equal(b->responders[i], id))
            return;
    b->responders = arena_grow(arena, b->responders, b->responder_count, &b->responder_capacity, sizeof *b->responders);
    b->responders[b->responder_count++] = text_copy(arena, id);
}

static void add_to(struct totals *totals, struct query *row, const struct response *r, const struct group *group)
{
    struct bucket *b = bucket_of(totals, r->created_at, group);
    add_since(totals, &b->samples[TO_FIRST_ACK], r, r->first_ack_at);
    add_since(totals, &b->samples[TO_RESOLVE], r, r->resolved_at);
    add_since(totals, &b->samples[TO_ENGAGE], r, r->engaged.count ? r->engaged.list[0].since : INSTANT_NONE);
    add_since(totals, &b->samples[TO_MOBILIZE], r, r->last_joined_at);
    add_sample(totals, &b->samples[ENGAGED], r->engaged_s);
    add_sample(totals, &b->samples[ENGAGED_USERS], (int64_t)r->engaged.count);
    add_sample(totals, &b->samples[ASSIGNMENTS], r->assignments);
    b->incidents++;
    b->acknowledged += r->acknowledgements > 0;
    b->auto_resolved += r->auto_resolved;
    b->manual_escalated += r->manual_escalations > 0;
    b->timeout_escalated += r->timeout_escalations > 0;
    b->reassigned += r->reassignments > 0;
    b->escalations += r->manual_escalations + r->timeout_escalations;
    b->business += r->business_interruptions;
    b->off_hours += r->off_hour_interruptions;
    b->sleep += r->sleep_interruptions;
    b->notifications += r->notifications;
    b->snoozed_s += r->snoozed_s;
    for (size_t i = 0; i < r->engaged.count; i++)
        add_responder(totals, b, r->engaged.list[i].id);
    if (analytics_is_major(row))
        add_downtime(totals, b, r);
}

/* Teams ---------------------------------------------------------------------------------------------------------------- */

/* Those that were asked for, if any were. */
static bool is_wanted(const struct totals *totals, struct text team_id)
{
    const json_t *wanted = json_at(totals->a->filters, "team_ids");
    bool found = json_array_size(wanted) == 0;
    for (size_t i = 0; i < json_array_size(wanted); i++)
        found = found || text_equal(json_text_value(json_array_get(wanted, i)), team_id);
    return found && visibility_allows(totals->a->view.call, team_id);
}

/* An incident counts for each team of its escalation policy. */
static enum err add_to_teams(struct totals *totals, struct query *row, const struct response *r)
{
    struct call *call = totals->a->view.call;
    struct group teams[TEAMS_MAX];
    size_t count = 0;
    struct query *q = db_query(call->db, "analytics_teams");
    query_bind_text(q, "policy_id", query_text(row, query_column(row, "policy_id")));
    while (query_next(q)) {
        struct text id = query_text(q, 0);
        if (count < TEAMS_MAX && is_wanted(totals, id))
            teams[count++] = (struct group){.id = text_copy(call->arena, id), .name = text_copy(call->arena, query_text(q, 1))};
    }
    enum err err = query_err(q);
    for (size_t i = 0; i < (totals->by.together && count > 0 ? 1 : count) && err == OK; i++)
        add_to(totals, row, r, totals->by.together ? &(struct group){0} : &teams[i]);
    return err;
}

static enum err add_to_totals(void *context, struct query *row, const struct response *r)
{
    struct totals *totals = context;
    if (r->acknowledgements < totals->least_acks || r->timeout_escalations < totals->least_timeouts || r->manual_escalations < totals->least_manual)
        return OK;
    if (totals->by.of == BY_TEAM)
        return add_to_teams(totals, row, r);
    struct group group = {0};
    if (totals->by.of != WHOLE && !totals->by.together) {
        group.id = query_text(row, query_column(row, totals->by.of == BY_SERVICE ? "service_id" : "policy_id"));
        group.name = query_text(row, query_column(row, totals->by.of == BY_SERVICE ? "service_name" : "policy_name"));
        group.team_id = query_text(row, query_column(row, "team_id"));
        group.team_name = query_text(row, query_column(row, "team_name"));
        if (!visibility_allows(totals->a->view.call, group.team_id))
            group.team_id = group.team_name = TEXT_NONE;
    }
    add_to(totals, row, r, &group);
    return OK;
}

/* Showing -------------------------------------------------------------------------------------------------------------- */

static int ascending(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return (x > y) - (x < y);
}

static void put_mean(json_t *item, const char *key, const struct samples *samples)
{
    if (samples->count > 0)
        json_put_int(item, key, samples->sum / (int64_t)samples->count);
    else
        json_put_null(item, key);
}

/* The smallest value that so many in a hundred do not exceed. */
static void put_percentiles(struct arena *arena, json_t *item, const char *what, struct samples *samples)
{
    static const size_t percents[] = {50, 75, 90, 95};
    if (samples->count > 0)
        qsort(samples->values, samples->count, sizeof *samples->values, ascending);
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++) {
        const char *key = arena_printf(arena, "p%zu_%s", percents[i], what);
        if (samples->count > 0)
            json_put_int(item, key, samples->values[(samples->count * percents[i] + 99) / 100 - 1]);
        else
            json_put_null(item, key);
    }
}

static void put_group(const struct totals *totals, json_t *item, const struct bucket *b)
{
    static const char *const nouns[] = {[BY_SERVICE] = "service", [BY_TEAM] = "team", [BY_POLICY] = "escalation_policy"};
    struct arena *arena = totals->a->view.call->arena;
    instant from, until;
    range_of(totals, b, &from, &until);
    int64_t seconds = instant_before(from, until) ? instant_seconds_between(from, until) : 0;
    json_put_real(item, "up_time_pct", seconds > 0 ? 100.0 - 100.0 * (double)b->down_s / (double)seconds : 100.0);
    if (totals->by.of == BY_POLICY)
        json_put_int(item, "distinct_responder_count", (int64_t)b->responder_count);
    if (totals->by.together)
        return;
    json_put_text(item, arena_printf(arena, "%s_id", nouns[totals->by.of]), b->group.id);
    json_put_text(item, arena_printf(arena, "%s_name", nouns[totals->by.of]), b->group.name);
    if (totals->by.of == BY_TEAM)
        return;
    json_put_text(item, "team_id", b->group.team_id);
    json_put_text(item, "team_name", b->group.team_name);
}

static json_t *shown_bucket(const struct totals *totals, struct bucket *b)
{
    struct arena *arena = totals->a->view.call->arena;
    instant start = totals->unit == UNIT_NONE ? totals->a->since : midnight(totals, b->day);
    json_t *item = json_object_in(arena);
    if (totals->by.of != WHOLE)
        put_group(totals, item, b);
    view_put_instant(&totals->a->view, item, "range_start", start);
    put_mean(item, "mean_seconds_to_first_ack", &b->samples[TO_FIRST_ACK]);
    put_mean(item, "mean_seconds_to_resolve", &b->samples[TO_RESOLVE]);
    put_mean(item, "mean_seconds_to_engage", &b->samples[TO_ENGAGE]);
    put_mean(item, "mean_seconds_to_mobilize", &b->samples[TO_MOBILIZE]);
    put_mean(item, "mean_engaged_seconds", &b->samples[ENGAGED]);
    put_mean(item, "mean_user_defined_engaged_seconds", &b->samples[ENGAGED]);
    put_mean(item, "mean_engaged_user_count", &b->samples[ENGAGED_USERS]);
    put_mean(item, "mean_assignment_count", &b->samples[ASSIGNMENTS]);
    put_percentiles(arena, item, "seconds_to_first_ack", &b->samples[TO_FIRST_ACK]);
    put_percentiles(arena, item, "seconds_to_resolve", &b->samples[TO_RESOLVE]);
    json_put_int(item, "total_incident_count", b->incidents);
    json_put_int(item, "total_incidents_acknowledged", b->acknowledged);
    json_put_int(item, "total_incidents_auto_resolved", b->auto_resolved);
    json_put_int(item, "total_incidents_manual_escalated", b->manual_escalated);
    json_put_int(item, "total_incidents_timeout_escalated", b->timeout_escalated);
    json_put_int(item, "total_incidents_reassigned", b->reassigned);
    json_put_int(item, "total_escalation_count", b->escalations);
    json_put_int(item, "total_engaged_seconds", b->samples[ENGAGED].sum);
    json_put_int(item, "total_user_defined_engaged_seconds", b->samples[ENGAGED].sum);
    json_put_int(item, "total_business_hour_interruptions", b->business);
    json_put_int(item, "total_off_hour_interruptions", b->off_hours);
    json_put_int(item, "total_sleep_hour_interruptions", b->sleep);
    json_put_int(item, "total_interruptions", b->business + b->off_hours + b->sleep);
    json_put_int(item, "total_notifications", b->notifications);
    json_put_int(item, "total_snoozed_seconds", b->snoozed_s);
    return item;
}

static void read_least(const struct analytics *a, const char *key, int64_t *ret)
{
    const json_t *value = json_at(a->filters, key);
    if (json_is_integer(value))
        *ret = json_integer_value(value);
    else if (value && !json_is_null(value))
        problem_add(a->view.call->problem, arena_printf(a->view.call->arena, "filters.%s", key), "must be a number");
}

static enum err read_totals(struct call *call, struct totals *totals)
{
    static const char *const units[] = {[UNIT_DAY] = "day", [UNIT_WEEK] = "week", [UNIT_MONTH] = "month"};
    const json_t *unit = json_at(call->body, "aggregate_unit");
    for (int i = UNIT_DAY; i <= UNIT_MONTH; i++)
        if (text_is(json_text_value(unit), units[i]))
            totals->unit = (enum unit)i;
    if (unit && !json_is_null(unit) && totals->unit == UNIT_NONE)
        problem_add(call->problem, "aggregate_unit", "must be day, week or month");
    read_least(totals->a, "min_ackowledgements", &totals->least_acks); /* PagerDuty's spelling */
    read_least(totals->a, "min_timeout_escalations", &totals->least_timeouts);
    read_least(totals->a, "min_manual_escalations", &totals->least_manual);
    return problem_is_empty(call->problem) ? OK : ERR_INVALID;
}

static enum err post_totals(struct call *call)
{
    struct analytics a;
    struct analytics_border border = {0};
    struct totals *totals = ARENA_NEW(call->arena, struct totals);
    *totals = (struct totals){.a = &a, .by = *(const struct division *)call->route->with};
    bool more = false;
    enum err err = analytics_read(call, &a);
    if (err == OK)
        err = read_totals(call, totals);
    if (err == OK)
        err = analytics_walk(&a, &border, false, ANALYTICS_INCIDENTS_MAX, add_to_totals, totals, &more);
    if (err != OK)
        return err;
    if (more) {
        problem_add(call->problem, "filters", "fit more than %d incidents; ask for a shorter time", ANALYTICS_INCIDENTS_MAX);
        return ERR_INVALID;
    }
    json_t *data = json_array_in(call->arena);
    for (size_t i = 0; i < totals->count; i++)
        json_append(data, shown_bucket(totals, totals->buckets[i]));
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "data", data);
    json_put(call->reply, "filters", analytics_filters_shown(&a));
    json_put_text(call->reply, "time_zone", zone_name(a.view.zone));
    json_put(call->reply, "aggregate_unit", json_at(call->body, "aggregate_unit"));
    json_put_string(call->reply, "order", "asc");
    return OK;
}

#define TOTALS(path_end, in_words, ...)                                                                                                          \
    {"POST", "/analytics/metrics/incidents/" path_end, MAY_READ, post_totals, .summary = "How fast incidents were answered, " in_words, .body_kind = "json", \
     .takes = "filters? time_zone? aggregate_unit? order? order_by?", .answers = "data[] filters:object time_zone aggregate_unit order",                  \
     .with = &(const struct division){__VA_ARGS__}}

static const struct route routes[] = {
    TOTALS("all", "on the whole", WHOLE, true),
    TOTALS("services", "by service", BY_SERVICE, false),
    TOTALS("services/all", "all services together", BY_SERVICE, true),
    TOTALS("teams", "by team", BY_TEAM, false),
    TOTALS("teams/all", "all teams together", BY_TEAM, true),
    TOTALS("escalation_policies", "by escalation policy", BY_POLICY, false),
    TOTALS("escalation_policies/all", "all escalation policies together", BY_POLICY, true),
};
const struct route_table analytics_totals_routes = {routes, sizeof routes / sizeof *routes};
