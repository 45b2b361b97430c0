/* Why: who is on call for what, in one list: a row for each policy, level, person and unbroken time of duty (PagerDuty's On-Call).
 *
 * Rows come from the newest version of every policy: its users are on call always (start, end and schedule are null), its schedules give their shifts
 * that touch [since, until], whole, not cut. Muster's own: include[]=gaps adds "gaps": [{"escalation_policy","escalation_level",
 * "schedule","start","end"}] where a schedule of the list has nobody, cut to the window. */
#include "api/resources.h"
#include "api/schedule_json.h"
#include "api/shift_schedule.h"

enum { DAY_S = 86400, WINDOW_DAYS_MAX = 366, ROWS_MAX = 100000, SCRATCH_BYTES_MAX = 192 << 20 };

/* The shifts of one schedule in the window; policies share schedules. */
struct duty {
    struct text schedule_id, schedule_name;
    const char *type; /* "schedule" or "schedule_v3" */
    bool exists;
    struct schedule_spans spans; /* by person, gaps too; whole at both ends */
    struct duty *next;
};

struct row {
    struct text policy_id, policy_name, user_id;
    int64_t level;
    const struct duty *duty; /* NULL: named by the policy itself */
    instant start, end;
};

struct embedded {
    const char *type;
    struct text id;
    json_t *object;
    struct embedded *next;
};

struct listing {
    struct call *call;
    struct arena *scratch;
    const struct zone *zone;
    instant since, until;
    json_t *schedule_ids, *user_ids; /* filters; NULL: all */
    bool permanent;                  /* the schedule filter lets rows without a schedule through */
    bool earliest;
    struct duty *duties;
    struct row *rows;
    size_t count, capacity;
    size_t wanted;                   /* rows beyond these need not be found */
    json_t *gaps;                    /* NULL: not asked for */
    struct people people;
    struct embedded *embedded;
};

static bool names(const json_t *list, struct text id)
{
    for (size_t i = 0; i < json_array_size(list); i++)
        if (text_equal(json_text_value(json_array_get(list, i)), id))
            return true;
    return false;
}

/* What is kept of a shift. */
static struct schedule_spans people_and_times(struct arena *arena, struct schedule_spans spans)
{
    struct schedule_spans kept = {ARENA_ARRAY(arena, struct schedule_span, spans.count + 1), spans.count};
    for (size_t i = 0; i < spans.count; i++) {
        const struct schedule_span *span = &spans.items[i];
        struct text user_id = text_is_present(span->user_id) ? text_copy(arena, span->user_id) : TEXT_NONE;
        kept.items[i] = (struct schedule_span){.user_id = user_id, .from = span->from, .until = span->until};
    }
    return kept;
}

/* Schedules and their renderings are large beside what is shown of them: they lie on `scratch`. */
static enum err load_duty(struct listing *listing, struct arena *scratch, struct duty *duty)
{
    struct call *call = listing->call;
    struct roster *roster;
    struct schedule_rendering rendering;
    instant since = listing->since, until = {listing->until.us + 1};
    enum err err = schedule_answer_fits(call, "until");
    if (err == OK)
        err = roster_load(call->db, scratch, duty->schedule_id, instant_add_s(since, -(int64_t)ROSTER_LOOK_BACK_DAYS * DAY_S),
                               INSTANT_MAX, &roster);
    if (err == OK)
        err = roster_render(scratch, roster, since, until, &rendering);
    if (err == ERR_NOT_FOUND)
        return OK;
    if (err == ERR_LIMIT) {
        problem_add(call->problem, "until", "asks for more shifts of schedule %.*s than can be shown at once", TEXT_ARG(duty->schedule_id));
        return ERR_INVALID;
    }
    if (err != OK)
        return err;
    duty->exists = true;
    duty->type = roster_newest(roster)->shift_based ? "schedule_v3" : "schedule";
    duty->schedule_name = text_copy(call->arena, roster->name);
    duty->spans = people_and_times(call->arena, schedule_by_person(scratch, rendering.final));
    struct schedule_spans first = roster_at(scratch, roster, since), last = roster_at(scratch, roster, listing->until);
    for (size_t i = 0; i < duty->spans.count; i++) {
        struct schedule_span *span = &duty->spans.items[i];
        const struct schedule_span *begun = instant_equal(span->from, since) ? schedule_span_of(first, span->user_id) : NULL;
        const struct schedule_span *lasting = instant_equal(span->until, until) ? schedule_span_of(last, span->user_id) : NULL;
        span->from = begun ? begun->from : span->from;
        span->until = lasting ? lasting->until : span->until;
    }
    return OK;
}

static enum err duty_of(struct listing *listing, struct text schedule_id, const struct duty **ret)
{
    for (struct duty *duty = listing->duties; duty; duty = duty->next) {
        if (text_equal(duty->schedule_id, schedule_id)) {
            *ret = duty;
            return OK;
        }
    }
    struct duty *duty = ARENA_NEW(listing->call->arena, struct duty);
    duty->schedule_id = schedule_id;
    enum err err = load_duty(listing, listing->scratch, duty);
    arena_reset(listing->scratch);
    duty->next = listing->duties;
    listing->duties = duty;
    *ret = duty;
    return err;
}

/* Only the first for each policy, level and person, if that is asked for. */
static bool is_later(const struct listing *listing, const struct row *row)
{
    for (size_t i = listing->count; listing->earliest && i-- > 0;) {
        const struct row *other = &listing->rows[i];
        if (other->level != row->level || !text_equal(other->policy_id, row->policy_id))
            return false; /* rows of a level are together */
        if (text_equal(other->user_id, row->user_id))
            return true;
    }
    return false;
}

static enum err add_row(struct listing *listing, const struct row *row)
{
    if ((listing->user_ids && !names(listing->user_ids, row->user_id)) || is_later(listing, row))
        return OK;
    if (listing->count == ROWS_MAX)
        return ERR_LIMIT;
    listing->rows = arena_grow(listing->call->arena, listing->rows, listing->count, &listing->capacity, sizeof *listing->rows);
    listing->rows[listing->count++] = *row;
    return OK;
}

static void add_gap(struct listing *listing, const struct row *row, const struct schedule_span *span)
{
    struct call *call = listing->call;
    json_t *gap = json_object_in(call->arena);
    json_put(gap, "escalation_policy", api_reference_to(call, "escalation_policy", row->policy_id, row->policy_name));
    json_put_int(gap, "escalation_level", row->level);
    json_put(gap, "schedule", api_reference_to(call, row->duty->type, row->duty->schedule_id, row->duty->schedule_name));
    json_put_text(gap, "start", zone_format(call->arena, listing->zone, instant_max(span->from, listing->since)));
    json_put_text(gap, "end", zone_format(call->arena, listing->zone, instant_min(span->until, listing->until)));
    json_append(listing->gaps, gap);
}

static enum err add_schedule_rows(struct listing *listing, struct row row, struct text schedule_id)
{
    if (listing->schedule_ids && !names(listing->schedule_ids, schedule_id))
        return OK;
    enum err err = duty_of(listing, schedule_id, &row.duty);
    for (size_t i = 0; err == OK && row.duty->exists && i < row.duty->spans.count; i++) {
        const struct schedule_span *span = &row.duty->spans.items[i];
        row.user_id = span->user_id;
        row.start = span->from;
        row.end = span->until;
        if (text_is_present(span->user_id))
            err = add_row(listing, &row);
        else if (listing->gaps)
            add_gap(listing, &row, span);
    }
    return err;
}

static enum err add_policy(struct listing *listing, struct text id, struct text name, const json_t *document)
{
    const json_t *rules = json_at(document, "rules");
    enum err err = OK;
    for (size_t i = 0; err == OK && i < json_array_size(rules); i++) {
        const json_t *targets = json_at(json_array_get(rules, i), "targets");
        struct row row = {.policy_id = id, .policy_name = name, .level = (int64_t)i + 1, .start = INSTANT_NONE, .end = INSTANT_NONE};
        for (size_t k = 0; err == OK && k < json_array_size(targets); k++) {
            const json_t *target = json_array_get(targets, k);
            struct text target_id = json_text_at(target, "id");
            if (text_is(json_text_at(target, "type"), "schedule")) {
                err = add_schedule_rows(listing, row, target_id);
            } else if (!listing->schedule_ids || listing->permanent) {
                row.user_id = target_id;
                err = add_row(listing, &row);
            }
        }
    }
    return err;
}

/* People who left are on call nowhere. */
static enum err drop_unknown(struct listing *listing)
{
    json_t *ids = json_array_in(listing->call->arena), *seen = json_object_in(listing->call->arena);
    for (size_t i = 0; i < listing->count; i++) {
        const char *id = text_cstring(listing->call->arena, listing->rows[i].user_id);
        if (json_at(seen, id))
            continue;
        json_put_bool(seen, id, true);
        json_append_text(ids, listing->rows[i].user_id);
    }
    struct query *q = db_query(listing->call->db, "oncall_people");
    query_bind_text(q, "ids", json_write(listing->call->arena, ids));
    struct people *people = &listing->people;
    *people = (struct people){.call = listing->call};
    people->ids = ARENA_ARRAY(listing->call->arena, struct text, json_array_size(ids) + 1);
    people->names = ARENA_ARRAY(listing->call->arena, struct text, json_array_size(ids) + 1);
    people->references = ARENA_ARRAY(listing->call->arena, json_t *, json_array_size(ids) + 1);
    json_t *known = json_object_in(listing->call->arena);
    while (query_next(q)) {
        people->ids[people->count] = text_copy(listing->call->arena, query_text(q, 0));
        people->names[people->count] = text_copy(listing->call->arena, query_text(q, 1));
        json_put_bool(known, people->ids[people->count++].data, true);
    }
    size_t kept = 0;
    for (size_t i = 0; i < listing->count; i++)
        if (json_at(known, text_cstring(listing->call->arena, listing->rows[i].user_id)))
            listing->rows[kept++] = listing->rows[i];
    listing->count = kept;
    return query_err(q);
}

/* Only policies that can give a row: those that name the schedules or the people, or a schedule with them. What a schedule was in the past may
 * have named others than it does now. */
static void bind_filters(const struct listing *listing, struct query *q)
{
    const struct call *call = listing->call;
    struct text policies = call_query_list(call, "escalation_policy_ids[]"), schedules = call_query_list(call, "schedule_ids[]");
    struct text users = call_query_list(call, "user_ids[]");
    if (text_is_present(policies))
        query_bind_text(q, "policy_ids", policies);
    if (text_is_present(schedules) && !listing->permanent)
        query_bind_text(q, "schedule_ids", schedules);
    if (text_is_present(users) && !instant_before(listing->since, call->now) && !listing->gaps)
        query_bind_text(q, "user_ids", users);
}

static enum err load_rows(struct listing *listing)
{
    struct call *call = listing->call;
    struct query *q = db_query(call->db, "oncall_policies");
    bind_filters(listing, q);
    enum err err = OK;
    size_t looked_at = 0;
    while (err == OK && query_next(q)) {
        json_t *document = json_read(call->arena, query_text(q, 2), problem_new(call->arena));
        err = document ? add_policy(listing, text_copy(call->arena, query_text(q, 0)), text_copy(call->arena, query_text(q, 1)), document)
                       : ERR_INTERNAL;
        if (err != OK || listing->count < listing->wanted || listing->count < 2 * looked_at)
            continue;
        err = drop_unknown(listing);
        looked_at = listing->count;
        if (listing->count >= listing->wanted)
            break;
    }
    if (err == OK)
        err = query_err(q);
    return err == OK ? drop_unknown(listing) : err;
}

static json_t *shown(struct listing *listing, const char *include, const char *type, struct text id, struct text name)
{
    struct call *call = listing->call;
    json_t *object = NULL;
    if (text_is_empty(id))
        return NULL;
    if (!call_includes(call, include))
        return api_reference_to(call, type, id, name);
    for (struct embedded *embedded = listing->embedded; embedded; embedded = embedded->next)
        if (strcmp(embedded->type, type) == 0 && text_equal(embedded->id, id))
            return embedded->object;
    struct schedule_shape shape = {.zone = listing->zone};
    enum err err = strcmp(type, "schedule") == 0      ? schedule_json(call, id, &shape, &object)
                   : strcmp(type, "schedule_v3") == 0 ? shift_schedule_json(call, id, &shape, &object)
                   : strcmp(type, "user") == 0   ? resource_read(call, &user_resource, TEXT_NONE, id, false, &object)
                                                 : resource_read(call, &escalation_policy_resource, TEXT_NONE, id, false, &object);
    struct embedded *embedded = ARENA_NEW(call->arena, struct embedded);
    *embedded = (struct embedded){type, id, err == OK ? object : api_reference_to(call, type, id, name), listing->embedded};
    listing->embedded = embedded;
    return embedded->object;
}

static void put_time(const struct listing *listing, json_t *object, const char *key, instant t)
{
    bool is_set = instant_is_set(t) && t.us != INT64_MAX;
    json_put_text(object, key, is_set ? zone_format(listing->call->arena, listing->zone, t) : TEXT_NONE);
}

static json_t *row_json(struct listing *listing, const struct row *row)
{
    json_t *object = json_object_in(listing->call->arena);
    json_t *user = people_reference(&listing->people, row->user_id);
    json_put(object, "escalation_policy", shown(listing, "escalation_policies", "escalation_policy", row->policy_id, row->policy_name));
    json_put_int(object, "escalation_level", row->level);
    json_put(object, "schedule", row->duty ? shown(listing, "schedules", row->duty->type, row->duty->schedule_id, row->duty->schedule_name) : NULL);
    json_put(object, "user", shown(listing, "users", "user", row->user_id, json_text_at(user, "summary")));
    put_time(listing, object, "start", row->start);
    put_time(listing, object, "end", row->end);
    return object;
}

/* since and until default to now; one of them alone means that instant for both when the other would lie on the wrong side. */
static void read_window(struct listing *listing)
{
    struct call *call = listing->call;
    struct text since = call_query(call, "since"), until = call_query(call, "until");
    listing->since = listing->until = call->now;
    if (!text_is_empty(since) && !zone_parse(listing->zone, since, &listing->since))
        problem_add(call->problem, "since", "must be an ISO 8601 date and time");
    listing->until = instant_max(listing->since, call->now);
    if (!text_is_empty(until) && !zone_parse(listing->zone, until, &listing->until))
        problem_add(call->problem, "until", "must be an ISO 8601 date and time");
    if (text_is_empty(since))
        listing->since = instant_min(listing->since, listing->until);
    if (instant_before(listing->until, listing->since))
        problem_add(call->problem, "until", "cannot be before since");
    else if (instant_seconds_between(listing->since, listing->until) > (int64_t)WINDOW_DAYS_MAX * DAY_S)
        problem_add(call->problem, "until", "cannot be more than %d days after since", WINDOW_DAYS_MAX);
}

static json_t *list_filter(struct call *call, const char *name)
{
    struct text list = call_query_list(call, name);
    return text_is_present(list) ? json_read(call->arena, list, call->problem) : NULL;
}

static enum err open_listing(struct call *call, struct listing *listing)
{
    *listing = (struct listing){.call = call, .zone = zone_utc()};
    struct text earliest = call_query(call, "earliest");
    const struct zone *own = zone_utc();
    if (!text_is_empty(call->who.time_zone) && zone_find(call->who.time_zone, &own) != OK)
        own = zone_utc();
    enum err err = schedule_zone_read(call, own, &listing->zone);
    listing->earliest = text_is(earliest, "true") || text_is(earliest, "1");
    listing->user_ids = list_filter(call, "user_ids[]");
    listing->schedule_ids = list_filter(call, "schedule_ids[]");
    listing->permanent = names(listing->schedule_ids, TEXT("null")) || names(listing->schedule_ids, TEXT(""));
    listing->gaps = call_includes(call, "gaps") ? json_array_in(call->arena) : NULL;
    read_window(listing);
    return err == OK && problem_is_empty(call->problem) ? OK : ERR_INVALID;
}

static enum err list_oncalls(struct call *call)
{
    struct listing listing;
    struct paging paging;
    enum err err = call_paging(call, &paging);
    if (err == OK)
        err = open_listing(call, &listing);
    if (err != OK)
        return err;
    size_t end = (size_t)(paging.offset + paging.limit);
    listing.wanted = paging.want_total || listing.gaps ? SIZE_MAX : end + 1;
    listing.scratch = arena_new(SCRATCH_BYTES_MAX);
    err = load_rows(&listing);
    arena_free(listing.scratch);
    if (err == ERR_LIMIT) {
        problem_add(call->problem, "until", "asks for more than can be shown at once");
        return ERR_INVALID;
    }
    if (err != OK)
        return err;
    json_t *items = json_array_in(call->arena);
    for (size_t i = (size_t)paging.offset; i < listing.count && i < end; i++)
        json_append(items, row_json(&listing, &listing.rows[i]));
    call_reply_page(call, "oncalls", items, &paging, listing.count > end, (int64_t)listing.count);
    if (listing.gaps)
        json_put(call->reply, "gaps", listing.gaps);
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/oncalls", .permission = MAY_READ, .handle = list_oncalls, .summary = "List who is on call for which policy and level",
     .query = "since until time_zone earliest user_ids[] schedule_ids[] escalation_policy_ids[] include[] limit offset total", .answers = "oncalls[] limit offset more total"},
};

const struct route_table oncall_routes = {routes, sizeof routes / sizeof *routes};
