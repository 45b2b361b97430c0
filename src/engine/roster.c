/* Why: see roster.h. */
#include "engine/roster.h"

#include <assert.h>

#include "base/json_writer.h"
#include "base/log.h"
#include "engine/shifts.h"

#define DAY_US (INT64_C(86400) * SECOND_US)

static enum err read_version(struct arena *arena, struct text schedule_id, struct query *q, struct roster_version *ret)
{
    struct problem *problem = problem_new(arena);
    ret->version = query_int(q, 0);
    ret->from = query_instant(q, 1);
    if (schedule_read(arena, query_text(q, 2), "", problem, &ret->schedule) == OK)
        return OK;
    log_error("roster", "schedule=%.*s version=%lld cannot be read: %.*s", TEXT_ARG(schedule_id), (long long)ret->version,
              TEXT_ARG(problem_line(problem, 0)));
    return ERR_INTERNAL;
}

/* A version that begins where the one before it does replaces it. */
static void add_version(struct roster *roster, const struct roster_version *version)
{
    if (roster->version_count > 0) {
        struct roster_version *last = &roster->versions[roster->version_count - 1];
        if (!instant_before(last->from, version->from)) {
            instant from = last->from; /* the clock may have been set back between two edits: history stays in order */
            *last = *version;
            last->from = from;
            return;
        }
        last->until = version->from;
    }
    roster->versions[roster->version_count++] = *version;
}

static enum err load_versions(struct db *db, struct arena *arena, struct roster *roster, instant since, instant until)
{
    struct query *q = db_query(db, "schedule_versions_between");
    query_bind_text(q, "id", roster->id);
    query_bind_instant(q, "since", since);
    query_bind_instant(q, "until", until);
    query_bind_int(q, "limit", ROSTER_VERSIONS_MAX + 1);
    size_t capacity = 0, rows = 0;
    enum err err = OK;
    for (; !err && query_next(q); rows++) {
        struct roster_version version = {.until = INSTANT_MAX};
        if (rows == ROSTER_VERSIONS_MAX)
            return ERR_LIMIT;
        err = read_version(arena, roster->id, q, &version);
        roster->versions = arena_grow(arena, roster->versions, roster->version_count, &capacity, sizeof *roster->versions);
        if (!err)
            add_version(roster, &version);
    }
    return err ? err : query_err(q);
}

/* Before everything that is known: what was known first. */
static enum err load_first_version(struct db *db, struct arena *arena, struct roster *roster)
{
    struct query *q = db_query(db, "schedule_version_first");
    query_bind_text(q, "id", roster->id);
    struct roster_version version = {.until = INSTANT_MAX};
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    enum err err = read_version(arena, roster->id, q, &version);
    if (err)
        return err;
    roster->versions = ARENA_ARRAY(arena, struct roster_version, 1);
    add_version(roster, &version);
    return query_err(q);
}

static enum err load_overrides(struct db *db, struct arena *arena, struct roster *roster, instant since, instant until)
{
    struct query *q = db_query(db, "schedule_overrides_between");
    query_bind_text(q, "id", roster->id);
    query_bind_instant(q, "since", since);
    query_bind_instant(q, "until", until);
    query_bind_int(q, "limit", SCHEDULE_OVERRIDES_MAX + 1);
    struct schedule_override *items = NULL;
    size_t count = 0, capacity = 0;
    while (query_next(q)) {
        instant deleted_at = query_instant(q, 5);
        struct schedule_override override = {.number = query_int(q, 0),
                                             .start = instant_max(query_instant(q, 1), query_instant(q, 4)),
                                             .end = query_instant(q, 2),
                                             .user_id = text_copy(arena, query_text(q, 3)),
                                             .kind = override_kind_of(query_text(q, 7)),
                                             .rotation_id = text_copy(arena, query_text(q, 8)),
                                             .shift_number = query_int(q, 9),
                                             .replaced_id = text_copy(arena, query_text(q, 10))};
        if (instant_is_set(deleted_at))
            override.end = instant_min(override.end, deleted_at);
        if (!query_is_null(q, 6)) /* the person left */
            override.end = instant_min(override.end, query_instant(q, 6));
        if (!instant_before(override.start, override.end))
            continue;
        if (count == SCHEDULE_OVERRIDES_MAX)
            return ERR_LIMIT;
        items = arena_grow(arena, items, count, &capacity, sizeof *items);
        items[count++] = override;
    }
    roster->overrides = (struct schedule_overrides){items, count};
    return query_err(q);
}

struct leaver {
    struct text user_id;
    instant left_at;
};

static void leave(struct arena *arena, struct roster *roster, const struct leaver *leaver)
{
    struct roster_version *versions = ARENA_ARRAY(arena, struct roster_version, roster->version_count + 1);
    size_t count = 0;
    for (size_t i = 0; i < roster->version_count; i++) {
        struct roster_version before = roster->versions[i];
        bool is_over = !instant_before(leaver->left_at, before.until) || !schedule_has_user(arena, &before.schedule, leaver->user_id);
        if (is_over || instant_before(before.from, leaver->left_at)) {
            versions[count++] = before;
            if (is_over)
                continue;
            versions[count - 1].until = leaver->left_at;
            before.from = leaver->left_at;
        }
        before.schedule = schedule_vacated(arena, &before.schedule, leaver->user_id);
        versions[count++] = before;
    }
    roster->versions = versions;
    roster->version_count = count;
}

static enum err apply_leavers(struct db *db, struct arena *arena, struct roster *roster)
{
    struct json_writer ids = json_writer_new(arena);
    json_begin_array(&ids, NULL);
    for (size_t v = 0; v < roster->version_count; v++) {
        struct schedule_places places = schedule_places(arena, &roster->versions[v].schedule);
        for (size_t i = 0; i < places.count; i++)
            json_add_text(&ids, NULL, *places.items[i]);
    }
    json_end_array(&ids);
    struct query *q = db_query(db, "schedule_leavers");
    query_bind_text(q, "ids", json_written(&ids));
    struct leaver *leavers = NULL;
    size_t count = 0, capacity = 0;
    while (query_next(q)) {
        leavers = arena_grow(arena, leavers, count, &capacity, sizeof *leavers);
        leavers[count++] = (struct leaver){text_copy(arena, query_text(q, 0)), query_instant(q, 1)};
    }
    for (size_t i = 0; i < count; i++)
        leave(arena, roster, &leavers[i]);
    return query_err(q);
}

struct reach { /* what is loaded of a schedule */
    instant at; /* it must not have been deleted before */
    instant versions_since, overrides_since, until;
};

static enum err load(struct db *db, struct arena *arena, struct text schedule_id, const struct reach *reach, struct roster **ret)
{
    struct query *q = db_query(db, "schedule_head");
    query_bind_text(q, "id", schedule_id);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : ERR_NOT_FOUND;
    struct roster *roster = ARENA_NEW(arena, struct roster);
    roster->id = text_copy(arena, schedule_id);
    roster->name = text_copy(arena, query_text(q, 0));
    roster->deleted_at = query_instant(q, 1);
    if (instant_is_set(roster->deleted_at) && !instant_before(reach->at, roster->deleted_at))
        return ERR_NOT_FOUND;
    enum err err = load_versions(db, arena, roster, reach->versions_since, reach->until);
    if (!err && roster->version_count == 0)
        err = load_first_version(db, arena, roster);
    if (!err)
        err = load_overrides(db, arena, roster, reach->overrides_since, reach->until);
    if (err)
        return err;
    roster->newest = &roster->versions[roster->version_count - 1].schedule;
    err = apply_leavers(db, arena, roster);
    if (err)
        return err;
    *ret = roster;
    return OK;
}

enum err roster_load(struct db *db, struct arena *arena, struct text schedule_id, instant since, instant until, struct roster **ret)
{
    return load(db, arena, schedule_id, &(struct reach){since, since, since, until}, ret);
}

const struct schedule *roster_newest(const struct roster *roster)
{
    return roster->newest;
}

/* The first version loaded also stands for the time before it. */
static instant begin_of(const struct roster *roster, size_t index)
{
    return index == 0 ? INSTANT_NONE : roster->versions[index].from;
}

static struct schedule_spans append(struct arena *arena, struct schedule_spans to, struct schedule_spans more)
{
    if (to.count == 0)
        return more;
    struct schedule_spans both = {ARENA_ARRAY(arena, struct schedule_span, to.count + more.count), 0};
    for (size_t i = 0; i < to.count; i++)
        both.items[both.count++] = to.items[i];
    for (size_t i = 0; i < more.count; i++)
        both.items[both.count++] = more.items[i];
    return both;
}

static void append_layers(struct arena *arena, const struct schedule *newest, const struct schedule *part, struct schedule_rendering *whole,
                          const struct schedule_rendering *rendering)
{
    for (size_t i = 0; i < newest->layer_count; i++)
        for (size_t k = 0; k < part->layer_count; k++)
            if (text_equal(newest->layers[i].id, part->layers[k].id))
                whole->layers[i] = append(arena, whole->layers[i], rendering->layers[k]);
}

enum err roster_render(struct arena *arena, const struct roster *roster, instant since, instant until, struct schedule_rendering *ret)
{
    const struct schedule *newest = roster_newest(roster);
    struct schedule_rendering whole = {.since = since, .until = until};
    whole.layers = ARENA_ARRAY(arena, struct schedule_spans, newest->layer_count + 1);
    if (!instant_before(since, until))
        return ERR_INVALID;
    for (size_t i = 0; i < roster->version_count; i++) {
        const struct roster_version *version = &roster->versions[i];
        instant from = instant_max(since, begin_of(roster, i)), to = instant_min(until, version->until);
        if (!instant_before(from, to))
            continue;
        struct schedule_rendering part;
        enum err err = schedule_render(arena, &version->schedule, roster->overrides, from, to, &part);
        if (err)
            return err;
        append_layers(arena, newest, &version->schedule, &whole, &part);
        whole.overrides = append(arena, whole.overrides, part.overrides);
        whole.final = append(arena, whole.final, part.final);
        if (whole.final.count > SCHEDULE_SPANS_MAX)
            return ERR_LIMIT;
    }
    *ret = whole;
    return OK;
}

static size_t version_at(const struct roster *roster, instant at)
{
    size_t index = 0;
    while (index + 1 < roster->version_count && !instant_before(at, roster->versions[index].until))
        index++;
    return index;
}

/* The same people may have been on call under the versions before. */
static void follow_back(struct arena *arena, const struct roster *roster, size_t index, struct schedule_span *span)
{
    for (size_t i = index; span->from.us < begin_of(roster, i).us; i--) {
        span->from = begin_of(roster, i);
        assert(i > 0);
        struct schedule_spans before =
            schedule_on_call_at(arena, &roster->versions[i - 1].schedule, roster->overrides, (instant){span->from.us - 1});
        const struct schedule_span *same = schedule_span_of(before, span->user_id);
        if (!same)
            return;
        span->from = same->from;
    }
}

static void follow_on(struct arena *arena, const struct roster *roster, size_t index, struct schedule_span *span)
{
    for (size_t i = index; i + 1 < roster->version_count && span->until.us > roster->versions[i].until.us; i++) {
        span->until = roster->versions[i].until;
        struct schedule_spans after = schedule_on_call_at(arena, &roster->versions[i + 1].schedule, roster->overrides, span->until);
        const struct schedule_span *same = schedule_span_of(after, span->user_id);
        if (!same)
            return;
        span->until = same->until;
    }
}

struct schedule_spans roster_at(struct arena *arena, const struct roster *roster, instant at)
{
    size_t index = version_at(roster, at);
    struct schedule_spans answer = schedule_on_call_at(arena, &roster->versions[index].schedule, roster->overrides, at);
    for (size_t i = 0; i < answer.count; i++) {
        follow_back(arena, roster, index, &answer.items[i]);
        follow_on(arena, roster, index, &answer.items[i]);
    }
    return answer;
}

static struct on_call told(const struct schedule_span *span)
{
    struct on_call on_call = {.user_id = span->user_id, .override_number = span->override_number, .from = span->from, .until = span->until,
                              .duty = span->event ? DUTY_ROTATION : span->shift_number ? DUTY_CUSTOM_SHIFT : DUTY_LAYER};
    if (span->layer) {
        on_call.layer_id = span->layer->id;
        on_call.layer_name = span->layer->name;
    } else if (span->event && span->override_number == 0) {
        on_call.layer_id = span->event->rotation_id;
        on_call.layer_name = span->event->name;
    }
    return on_call;
}

static struct instant_range steady_around(struct arena *arena, const struct roster *roster, instant at)
{
    instant day = instant_day(at);
    struct instant_range range = {day, {day.us + DAY_US}};
    if (instant_is_set(roster->deleted_at))
        range = instant_range_cut(range, roster->deleted_at, at);
    for (size_t i = 0; i < roster->version_count; i++)
        range = instant_range_cut(range, roster->versions[i].from, at);
    return schedule_steady_around(arena, &roster->versions[version_at(roster, at)].schedule, roster->overrides, at, range);
}

enum err roster_on_call(struct db *db, struct arena *arena, struct text schedule_id, instant at, struct on_call_list *ret)
{
    /* From the begin of the day, so that the store can give the answer of the last time (store/recall.h). */
    instant day = instant_day(at), look_back = {day.us - ROSTER_LOOK_BACK_DAYS * DAY_US};
    struct roster *roster, *older;
    enum err err = load(db, arena, schedule_id, &(struct reach){at, day, look_back, INSTANT_MAX}, &roster);
    if (err == ERR_LIMIT) /* a day of very many edits */
        err = load(db, arena, schedule_id, &(struct reach){at, at, look_back, INSTANT_MAX}, &roster);
    if (err)
        return err;
    struct schedule_spans spans = roster_at(arena, roster, at);
    /* Most answers lie within the version in force; only a shift that began before it needs the older ones. */
    const struct roster_version *oldest = &roster->versions[0];
    bool is_first = oldest->version == 1; /* it stands for all time before it */
    bool begins_before = false;
    for (size_t i = 0; i < spans.count; i++) {
        if (is_first || spans.items[i].from.us >= oldest->from.us || instant_before(at, oldest->from))
            continue;
        spans.items[i].from = oldest->from;
        begins_before = true;
    }
    if (begins_before) {
        err = load(db, arena, schedule_id, &(struct reach){look_back, look_back, look_back, INSTANT_MAX}, &older);
        if (err == OK)
            spans = roster_at(arena, older, at);
        else if (err != ERR_LIMIT && err != ERR_NOT_FOUND)
            return err;
    }
    struct on_call_list list = {.schedule_name = roster->name, .items = ARENA_ARRAY(arena, struct on_call, spans.count),
                                .count = text_is_present(spans.items[0].user_id) ? spans.count : 0, .steady = steady_around(arena, roster, at)};
    for (size_t i = 0; i < spans.count; i++)
        list.items[i] = told(&spans.items[i]);
    *ret = list;
    return OK;
}
