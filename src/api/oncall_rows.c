/* Why: see oncall_rows.h. */
#include "api/oncall_rows.h"

#include "api/api_state.h"

enum { DAY_S = 86400, ROWS_MAX = 100000, SCRATCH_BYTES_MAX = 192 << 20 };

struct listing {
    struct call *call;
    const struct oncall_question *question;
    json_t *schedule_ids, *user_ids; /* filters; NULL: all */
    bool permanent;                  /* the schedule filter lets rows without a schedule through */
    size_t wanted;                   /* rows beyond these need not be found */
    bool remembers;                  /* renders for oncall_memory */
    struct arena *scratch;
    struct duty *duties;
    struct oncall_list list;
    size_t capacity, gap_capacity;
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
    instant since = listing->question->since, until = {listing->question->until.us + 1};
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
    struct schedule_spans first = roster_at(scratch, roster, since), last = roster_at(scratch, roster, listing->question->until);
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
static bool is_later(const struct listing *listing, const struct oncall_row *row)
{
    for (size_t i = listing->list.count; listing->question->earliest && i-- > 0;) {
        const struct oncall_row *other = &listing->list.rows[i];
        if (other->level != row->level || !text_equal(other->policy_id, row->policy_id))
            return false; /* rows of a level are together */
        if (text_equal(other->user_id, row->user_id))
            return true;
    }
    return false;
}

static enum err add_row(struct listing *listing, const struct oncall_row *row)
{
    if ((listing->user_ids && !names(listing->user_ids, row->user_id)) || is_later(listing, row))
        return OK;
    if (listing->list.count == ROWS_MAX)
        return ERR_LIMIT;
    listing->list.rows = arena_grow(listing->call->arena, listing->list.rows, listing->list.count, &listing->capacity, sizeof *listing->list.rows);
    listing->list.rows[listing->list.count++] = *row;
    return OK;
}

static void add_gap(struct listing *listing, struct oncall_row row)
{
    struct oncall_list *list = &listing->list;
    row.start = instant_max(row.start, listing->question->since);
    row.end = instant_min(row.end, listing->question->until);
    list->gaps = arena_grow(listing->call->arena, list->gaps, list->gap_count, &listing->gap_capacity, sizeof *list->gaps);
    list->gaps[list->gap_count++] = row;
}

static enum err add_schedule_rows(struct listing *listing, struct oncall_row row, struct text schedule_id)
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
        else if (listing->question->gaps)
            add_gap(listing, row);
    }
    return err;
}

static enum err add_policy(struct listing *listing, struct text id, struct text name, const json_t *document)
{
    const json_t *rules = json_at(document, "rules");
    enum err err = OK;
    for (size_t i = 0; err == OK && i < json_array_size(rules); i++) {
        const json_t *targets = json_at(json_array_get(rules, i), "targets");
        struct oncall_row row = {.policy_id = id, .policy_name = name, .level = (int64_t)i + 1, .start = INSTANT_NONE, .end = INSTANT_NONE};
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
    for (size_t i = 0; i < listing->list.count; i++) {
        const char *id = text_cstring(listing->call->arena, listing->list.rows[i].user_id);
        if (json_at(seen, id))
            continue;
        json_put_bool(seen, id, true);
        json_append_text(ids, listing->list.rows[i].user_id);
    }
    struct query *q = db_query(listing->call->db, "oncall_people");
    query_bind_text(q, "ids", json_write(listing->call->arena, ids));
    struct people *people = &listing->list.people;
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
    for (size_t i = 0; i < listing->list.count; i++)
        if (json_at(known, text_cstring(listing->call->arena, listing->list.rows[i].user_id)))
            listing->list.rows[kept++] = listing->list.rows[i];
    listing->list.count = kept;
    return query_err(q);
}

/* Only policies that can give a row: those that name the schedules or the people, or a schedule with them. What a schedule was in the past may
 * have named others than it does now. */
static void bind_filters(const struct listing *listing, struct query *q)
{
    const struct oncall_question *question = listing->question;
    if (text_is_present(question->policy_ids))
        query_bind_text(q, "policy_ids", question->policy_ids);
    if (text_is_present(question->schedule_ids) && !listing->permanent)
        query_bind_text(q, "schedule_ids", question->schedule_ids);
    if (text_is_present(question->user_ids) && !instant_before(question->since, listing->call->now) && !question->gaps)
        query_bind_text(q, "user_ids", question->user_ids);
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
        if (err != OK || listing->list.count < listing->wanted || listing->list.count < 2 * looked_at)
            continue;
        err = drop_unknown(listing);
        looked_at = listing->list.count;
        if (listing->list.count >= listing->wanted)
            break;
    }
    if (err == OK)
        err = query_err(q);
    if (err == OK)
        err = drop_unknown(listing);
    listing->list.total = listing->list.count;
    return err;
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
static enum err keep_row(struct listing *listing, struct oncall_row row)
{
    struct arena *arena = listing->call->arena;
    const struct paging *paging = &listing->question->paging;
    if (listing->list.total == ROWS_MAX)
        return ERR_INVALID;
    if (listing->list.total >= (size_t)paging->offset && listing->list.total < (size_t)(paging->offset + paging->limit)) {
        row.policy_id = text_copy(arena, row.policy_id);
        row.policy_name = text_copy(arena, row.policy_name);
        row.user_id = text_copy(arena, row.user_id);
        if (row.duty) {
            struct duty *duty = arena_copy(arena, row.duty, sizeof *row.duty);
            duty->schedule_id = text_copy(arena, duty->schedule_id);
            duty->schedule_name = text_copy(arena, duty->schedule_name);
            row.duty = duty;
        }
        listing->list.rows = arena_grow(arena, listing->list.rows, listing->list.count, &listing->capacity, sizeof *listing->list.rows);
        listing->list.rows[listing->list.count++] = row;
    }
    listing->list.total++;
    return OK;
}

static enum err refresh(struct listing *listing, struct oncall_memory *memory, struct duty *duty)
{
    if (oncall_memory_answers(duty, listing->question->since))
        return OK;
    struct duty rendered = {.schedule_id = duty->schedule_id};
    enum err err = load_duty(listing, listing->scratch, &rendered);
    arena_reset(listing->scratch);
    if (err != OK)
        return err;
    return oncall_memory_keep(memory, duty, &rendered) ? OK : ERR_LIMIT;
}

static enum err remembered_rows(struct listing *listing, struct oncall_memory *memory)
{
    size_t policy_count;
    enum err err = oncall_memory_is_filled(memory) ? OK : fill_memory(listing, memory);
    const struct remembered_policy *policies = oncall_memory_policies(memory, &policy_count);
    for (size_t i = 0; err == OK && i < policy_count && listing->list.total < listing->wanted; i++)
        for (size_t k = 0; err == OK && k < policies[i].count; k++) {
            const struct remembered_target *target = &policies[i].targets[k];
            struct oncall_row row = {.policy_id = policies[i].id, .policy_name = policies[i].name, .level = target->level, .user_id = target->user_id,
                              .start = INSTANT_NONE, .end = INSTANT_NONE, .duty = target->duty};
            if (!target->duty) {
                err = keep_row(listing, row);
                continue;
            }
            err = refresh(listing, memory, target->duty);
            for (size_t s = 0; err == OK && s < target->duty->spans.count; s++) {
                const struct schedule_span *span = &target->duty->spans.items[s];
                row.user_id = span->user_id;
                row.start = span->from;
                row.end = span->until;
                err = keep_row(listing, row);
            }
        }
    return err;
}

/* The rows of the page, if that is a question whose answers are remembered. ERR_NOT_FOUND: it is not. */
static enum err load_remembered(struct listing *listing)
{
    struct call *call = listing->call;
    struct oncall_memory *memory = call->api->oncalls;
    const struct oncall_question *question = listing->question;
    int64_t version;
    bool is_filtered = question->earliest || question->gaps || text_is_present(question->policy_ids) ||
                       text_is_present(question->schedule_ids) || text_is_present(question->user_ids);
    if (!memory || is_filtered || !instant_equal(question->since, question->until))
        return ERR_NOT_FOUND;
    enum err err = db_configuration_version(call->db, &version);
    if (err != OK)
        return err;
    if (!oncall_memory_enter(memory, version, call->env))
        return ERR_NOT_FOUND;
    listing->remembers = true;
    listing->list.offset = (size_t)question->paging.offset;
    err = remembered_rows(listing, memory);
    oncall_memory_leave(memory);
    listing->remembers = false;
    if (err == ERR_LIMIT) {
        listing->list = (struct oncall_list){0};
        listing->capacity = 0;
        return ERR_NOT_FOUND;
    }
    if (err == ERR_INVALID && problem_is_empty(call->problem))
        return ERR_LIMIT;
    json_t *ids = json_array_in(call->arena);
    for (size_t i = 0; i < listing->list.count; i++)
        json_append_text(ids, listing->list.rows[i].user_id);
    return err == OK ? people_load(call, ids, &listing->list.people) : err;
}

static json_t *read_filter(struct call *call, struct text list)
{
    return text_is_present(list) ? json_read(call->arena, list, call->problem) : NULL;
}

enum err oncall_list_load(struct call *call, const struct oncall_question *question, struct oncall_list *ret)
{
    const struct paging *paging = &question->paging;
    struct listing listing = {.call = call, .question = question, .scratch = arena_new(SCRATCH_BYTES_MAX)};
    listing.user_ids = read_filter(call, question->user_ids);
    listing.schedule_ids = read_filter(call, question->schedule_ids);
    listing.permanent = names(listing.schedule_ids, TEXT("null")) || names(listing.schedule_ids, TEXT(""));
    listing.wanted = paging->want_total || question->gaps ? SIZE_MAX : (size_t)(paging->offset + paging->limit) + 1;
    enum err err = load_remembered(&listing);
    if (err == ERR_NOT_FOUND)
        err = load_rows(&listing);
    arena_free(listing.scratch);
    if (err == OK)
        *ret = listing.list;
    return err;
}
