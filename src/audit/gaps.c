/* Why: see gaps.h. */
#include "audit/gaps.h"

#include "base/zone.h"
#include "engine/roster.h"

enum { DAY_S = 86400, SCHEDULES_MAX = 500, DRIFT_S = 3600 /* a change of the clocks between two repetitions */ };

struct schedule_name {
    struct text id, name;
};

/* The gaps known so far: those of earlier runs and those of this one. */
struct gaps {
    struct db *db;
    struct arena *arena;
    instant now, horizon;
    struct self_finding *known, *list;
    size_t known_count, first, *count;
};

static enum err load_known(struct gaps *gaps)
{
    struct query *q = db_query(gaps->db, "self_findings");
    query_bind_int(q, "limit", SELF_FINDINGS_MAX);
    gaps->known = ARENA_ARRAY(gaps->arena, struct self_finding, SELF_FINDINGS_MAX);
    while (gaps->known_count < SELF_FINDINGS_MAX && query_next(q))
        if (!query_is_null(q, 2))
            gaps->known[gaps->known_count++] = (struct self_finding){
                .name = text_copy(gaps->arena, query_text(q, 0)), .schedule_id = text_copy(gaps->arena, query_text(q, 2)), .start_at = query_instant(q, 3),
                .end_at = query_instant(q, 4)};
    return query_failed(q) ? query_err(q) : OK;
}

static bool is_near(instant a, instant b, int64_t shift_s)
{
    int64_t apart_us = a.us - b.us - shift_s * SECOND_US;
    return apart_us <= DRIFT_S * SECOND_US && apart_us >= -DRIFT_S * SECOND_US;
}

/* The same wall-clock hours a day or a week later: a schedule that has nights or weekends off. What lies beyond the horizon is not seen yet. */
static bool repeats(const struct gaps *gaps, const struct self_finding *gap, const struct self_finding *other)
{
    static const int64_t shifts_s[] = {DAY_S, 7 * DAY_S};
    bool cut = !instant_before(gap->end_at, gaps->horizon);
    for (size_t i = 0; i < sizeof shifts_s / sizeof *shifts_s; i++)
        if (is_near(gap->start_at, other->start_at, shifts_s[i]) && (cut || is_near(gap->end_at, other->end_at, shifts_s[i])))
            return true;
    return false;
}

/* Compares with what is known; an earlier finding of the same hours gives its name and its beginning. */
static void place(const struct gaps *gaps, struct self_finding *gap)
{
    for (size_t k = 0; k < gaps->known_count; k++) {
        const struct self_finding *known = &gaps->known[k];
        if (!text_equal(known->schedule_id, gap->schedule_id))
            continue;
        if (instant_before(known->start_at, gap->end_at) && instant_before(gap->start_at, known->end_at)) {
            gap->name = known->name;
            gap->start_at = instant_min(known->start_at, gap->start_at);
            return;
        }
        gap->quiet = gap->quiet || repeats(gaps, gap, known);
    }
    for (size_t i = gaps->first; i < *gaps->count; i++)
        if (text_equal(gaps->list[i].schedule_id, gap->schedule_id))
            gap->quiet = gap->quiet || repeats(gaps, gap, &gaps->list[i]);
}

static void add(struct gaps *gaps, const struct schedule_name *schedule, const struct zone *zone, const struct schedule_span *span)
{
    struct arena *arena = gaps->arena;
    struct text from = zone_format(arena, zone, span->from), until = zone_format(arena, zone, span->until);
    bool cut = !instant_before(span->until, gaps->horizon);
    struct self_finding gap = {
        .name = text_printf(arena, "gap %.*s %lld", TEXT_ARG(schedule->id), (long long)span->from.us), .group = text_printf(arena, "gap %.*s", TEXT_ARG(schedule->id)),
        .title = text_printf(arena, "Nobody is on call on schedule %.*s from %.*s", TEXT_ARG(schedule->name), TEXT_ARG(from)),
        .line = text_printf(arena, "Nobody is on call on schedule %.*s from %.*s until %.*s%s", TEXT_ARG(schedule->name), TEXT_ARG(from), TEXT_ARG(until),
                            cut ? " or later" : ""),
        .schedule_id = schedule->id, .start_at = span->from, .end_at = span->until};
    place(gaps, &gap);
    gaps->list[(*gaps->count)++] = gap;
}

static enum err look_at(struct gaps *gaps, const struct schedule_name *schedule)
{
    struct roster *roster;
    struct schedule_rendering rendering;
    enum err err = roster_load(gaps->db, gaps->arena, schedule->id, gaps->now, gaps->horizon, &roster);
    if (err == OK)
        err = roster_render(gaps->arena, roster, gaps->now, gaps->horizon, &rendering);
    if (err != OK)
        return err == ERR_LIMIT || err == ERR_NOT_FOUND ? OK : err; /* too fine-grained to look at, or deleted meanwhile: no gap */
    const struct zone *zone = roster_newest(roster)->zone;
    for (size_t i = 0; i < rendering.final.count && *gaps->count < SELF_FINDINGS_MAX; i++)
        if (!text_is_present(rendering.final.items[i].user_id))
            add(gaps, schedule, zone, &rendering.final.items[i]);
    return OK;
}

enum err gaps_find(struct db *db, struct arena *arena, instant now, struct self_finding *list, size_t *count)
{
    struct gaps gaps = {.db = db, .arena = arena, .now = now, .horizon = instant_add_s(now, GAPS_DAYS * (int64_t)DAY_S), .list = list, .first = *count, .count = count};
    struct schedule_name *schedules = ARENA_ARRAY(arena, struct schedule_name, SCHEDULES_MAX);
    size_t schedule_count = 0;
    enum err err = load_known(&gaps);
    if (err != OK)
        return err;
    struct query *q = db_query(db, "overview_schedules");
    query_bind_int(q, "limit", SCHEDULES_MAX);
    while (schedule_count < SCHEDULES_MAX && query_next(q))
        schedules[schedule_count++] = (struct schedule_name){text_copy(arena, query_text(q, 0)), text_copy(arena, query_text(q, 1))};
    err = query_err(q);
    for (size_t i = 0; i < schedule_count && err == OK; i++)
        err = look_at(&gaps, &schedules[i]);
    return err;
}
