/* Why: who is on call for what, in one list: a row for each policy, level, person and unbroken time of duty (PagerDuty's On-Call).
 *
 * Rows come from the newest version of every policy: its users are on call always (start, end and schedule are null), its schedules give their shifts
 * that touch [since, until], whole, not cut. Muster's own: include[]=gaps adds "gaps": [{"escalation_policy","escalation_level",
 * "schedule","start","end"}] where a schedule of the list has nobody, cut to the window. */
#include "api/api_state.h"
#include "api/resources.h"
#include "api/schedule_json.h"
#include "api/shift_schedule.h"

enum { DAY_S = 86400, WINDOW_DAYS_MAX = 366, ROWS_MAX = 100000, SCRATCH_BYTES_MAX = 192 << 20 };

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
    bool remembers;                  /* renders for oncall_memory */
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

/* The first instant after `at` at which this schedule may have another answer; after a day it is asked anew. */
static instant next_change(struct arena *scratch, const struct roster *roster, instant at)
{
    struct schedule_rendering rendering;
    instant next = instant_add_s(at, DAY_S);
    if (roster_render(scratch, roster, at, next, &rendering) != OK)
        return (instant){at.us + 1};
    for (size_t i = 0; i < rendering.final.count; i++) {
        const struct schedule_span *span = &rendering.final.items[i];
        next = instant_min(next, instant_before(at, span->from) ? span->from : span->until);
    }
    return next;
}

/* Schedules and their renderings are large beside what is shown of them: they lie on `scratch`. */
static enum err load_duty(struct listing *listing, struct arena *scratch, struct duty *duty)
{
    struct call *call = listing->call;
    struct roster *roster;
    struct schedule_rendering rendering;
    instant since = listing->since, until = {listing->until.us + 1};
    duty->since = since;
    duty->holds_until = instant_add_s(since, DAY_S);
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
    if (listing->remembers)
        duty->holds_until = next_change(scratch, roster, since);
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

/* From what is remembered ---------------------------------------------------------------------------------------- */

static void remember_policy(struct oncall_memory *memory, const json_t *document)
{
    const json_t *rules = json_at(document, "rules");
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const json_t *targets = json_at(json_array_get(rules, i), "targets");
        for (size_t k = 0; k < json_array_size(targets); k++) {
            const json_t *target = json_array_get(targets, k);
            bool is_schedule = text_is(json_text_at(target, "type"), "schedule");
            struct text id = json_text_at(target, "id");
            oncall_memory_add_target(memory, (int64_t)i + 1, is_schedule ? TEXT_NONE : id, is_schedule ? id : TEXT_NONE);
        }
    }
}

static enum err fill_memory(struct listing *listing, struct oncall_memory *memory)
{
    struct query *q = db_query(listing->call->db, "oncall_everybody");
    while (query_next(q))
        oncall_memory_add_person(memory, query_text(q, 0));
    if (query_failed(q))
        return query_err(q);
    q = db_query(listing->call->db, "oncall_policies");
    while (query_next(q)) {
        const json_t *document = json_read(listing->scratch, query_text(q, 2), listing->call->problem);
        if (!document)
            return ERR_INTERNAL;
        oncall_memory_add_policy(memory, query_text(q, 0), query_text(q, 1));
        remember_policy(memory, document);
        arena_reset(listing->scratch);
    }
    if (query_failed(q))
        return query_err(q);
    return oncall_memory_filled(memory) ? OK : ERR_LIMIT;
}

/* A row of the page outlives the memory it comes from. */
static enum err keep_row(struct listing *listing, const struct paging *paging, struct row row, size_t *count)
{
    struct arena *arena = listing->call->arena;
    if (*count == ROWS_MAX)
        return ERR_INVALID;
    if (*count >= (size_t)paging->offset && *count < (size_t)(paging->offset + paging->limit)) {
        row.policy_id = text_copy(arena, row.policy_id);
        row.policy_name = text_copy(arena, row.policy_name);
        row.user_id = text_copy(arena, row.user_id);
        if (row.duty) {
            struct duty *duty = arena_copy(arena, row.duty, sizeof *row.duty);
            duty->schedule_id = text_copy(arena, duty->schedule_id);
            duty->schedule_name = text_copy(arena, duty->schedule_name);
            row.duty = duty;
        }
        listing->rows = arena_grow(arena, listing->rows, listing->count, &listing->capacity, sizeof *listing->rows);
        listing->rows[listing->count++] = row;
    }
    (*count)++;
    return OK;
}

static enum err refresh(struct listing *listing, struct oncall_memory *memory, struct duty *duty)
{
    if (oncall_memory_answers(duty, listing->since))
        return OK;
    struct duty rendered = {.schedule_id = duty->schedule_id};
    enum err err = load_duty(listing, listing->scratch, &rendered);
    arena_reset(listing->scratch);
    if (err != OK)
        return err;
    return oncall_memory_keep(memory, duty, &rendered) ? OK : ERR_LIMIT;
}

static enum err remembered_rows(struct listing *listing, struct oncall_memory *memory, const struct paging *paging, size_t *count)
{
    size_t policy_count;
    enum err err = oncall_memory_is_filled(memory) ? OK : fill_memory(listing, memory);
    const struct remembered_policy *policies = oncall_memory_policies(memory, &policy_count);
    for (size_t i = 0; err == OK && i < policy_count && *count < listing->wanted; i++)
        for (size_t k = 0; err == OK && k < policies[i].count; k++) {
            const struct remembered_target *target = &policies[i].targets[k];
            struct row row = {.policy_id = policies[i].id, .policy_name = policies[i].name, .level = target->level, .user_id = target->user_id,
                              .start = INSTANT_NONE, .end = INSTANT_NONE, .duty = target->duty};
            if (!target->duty) {
                err = keep_row(listing, paging, row, count);
                continue;
            }
            err = refresh(listing, memory, target->duty);
            for (size_t s = 0; err == OK && s < target->duty->spans.count; s++) {
                const struct schedule_span *span = &target->duty->spans.items[s];
                row.user_id = span->user_id;
                row.start = span->from;
                row.end = span->until;
                err = keep_row(listing, paging, row, count);
            }
        }
    return err;
}

/* The rows of the page, if that is a question whose answers are remembered. ERR_NOT_FOUND: it is not. */
static enum err load_remembered(struct listing *listing, const struct paging *paging, size_t *ret_count)
{
    struct call *call = listing->call;
    struct oncall_memory *memory = call->api->oncalls;
    int64_t version;
    bool is_filtered = listing->earliest || listing->gaps || text_is_present(call_query_list(call, "escalation_policy_ids[]")) ||
                       text_is_present(call_query_list(call, "schedule_ids[]")) || text_is_present(call_query_list(call, "user_ids[]"));
    if (!memory || is_filtered || !instant_equal(listing->since, listing->until))
        return ERR_NOT_FOUND;
    enum err err = db_configuration_version(call->db, &version);
    if (err != OK)
        return err;
    if (!oncall_memory_enter(memory, version, call->env))
        return ERR_NOT_FOUND;
    listing->remembers = true;
    *ret_count = 0;
    err = remembered_rows(listing, memory, paging, ret_count);
    oncall_memory_leave(memory);
    listing->remembers = false;
    if (err == ERR_LIMIT) {
        listing->rows = NULL;
        listing->count = listing->capacity = 0;
        return ERR_NOT_FOUND;
    }
    if (err == ERR_INVALID && problem_is_empty(call->problem))
        return ERR_LIMIT;
    json_t *ids = json_array_in(call->arena);
    for (size_t i = 0; i < listing->count; i++)
        json_append_text(ids, listing->rows[i].user_id);
    return err == OK ? people_load(call, ids, &listing->people) : err;
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
    size_t count, first = 0; /* rows of the list; where the page begins in what was loaded */
    err = load_remembered(&listing, &paging, &count);
    if (err == ERR_NOT_FOUND) {
        err = load_rows(&listing);
        count = listing.count;
        first = (size_t)paging.offset;
    }
    arena_free(listing.scratch);
    if (err == ERR_LIMIT) {
        problem_add(call->problem, "until", "asks for more than can be shown at once");
        return ERR_INVALID;
    }
    if (err != OK)
        return err;
    json_t *items = json_array_in(call->arena);
    for (size_t i = first; i < listing.count && i < first + (size_t)paging.limit; i++)
        json_append(items, row_json(&listing, &listing.rows[i]));
    call_reply_page(call, "oncalls", items, &paging, count > end, (int64_t)count);
    if (listing.gaps)
        json_put(call->reply, "gaps", listing.gaps);
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/oncalls", .permission = MAY_READ, .handle = list_oncalls, .summary = "List who is on call for which policy and level",
     .query = "since until time_zone earliest user_ids[] schedule_ids[] escalation_policy_ids[] include[] limit offset total", .answers = "oncalls[] limit offset more total"},
};

const struct route_table oncall_routes = {routes, sizeof routes / sizeof *routes};
