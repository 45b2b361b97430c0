/* Why: see schedule_gaps.h. Muster's own (invariant S6): GET /muster/schedules/gaps?days=7&time_zone= answers {"gaps":[{"schedule","start","end"}]} for schedules that
 * escalation policies use, from now on. */
#include "api/schedule_gaps.h"

#include <pthread.h>
#include <stdlib.h>

#include "api/api_state.h"
#include "api/resources.h"
#include "api/schedule_json.h"

enum {
    DAY_S = 86400,
    GAP_DAYS = 7,
    GAP_DAYS_MAX = 92,
    SCRATCH_BYTES_MAX = 256 << 20, /* one schedule at the worst: what a request may have */
    SCRATCH_KEPT_BYTES = 256 << 10,
};

struct gap {
    struct text schedule_id, schedule_name;
    instant from, until;
};

struct gaps {
    struct gap *items;
    size_t count, capacity;
    bool holds_later; /* looked for further than asked, everywhere */
};

/* What is kept ------------------------------------------------------------------------------------------------------- */

struct gap_memory {
    pthread_mutex_t lock; /* guards everything below */
    struct arena *arena;  /* NULL: nothing is kept */
    int64_t version, days;
    instant since;        /* `days` from then, and GAP_MEMORY_DAYS more */
    struct gaps gaps;
    int64_t answers;
};

struct gap_memory *gap_memory_new(void)
{
    struct gap_memory *memory = calloc(1, sizeof *memory);
    if (!memory)
        abort();
    pthread_mutex_init(&memory->lock, NULL);
    return memory;
}

int64_t gap_memory_answers(struct gap_memory *memory)
{
    pthread_mutex_lock(&memory->lock);
    int64_t answers = memory->answers;
    pthread_mutex_unlock(&memory->lock);
    return answers;
}

void gap_memory_free(struct gap_memory *memory)
{
    if (!memory)
        return;
    arena_free(memory->arena);
    pthread_mutex_destroy(&memory->lock);
    free(memory);
}

static struct gap *gaps_add(struct arena *arena, struct gaps *gaps)
{
    gaps->items = arena_grow(arena, gaps->items, gaps->count, &gaps->capacity, sizeof *gaps->items);
    return &gaps->items[gaps->count++];
}

static void copy_gaps(struct arena *arena, const struct gaps *from, struct gaps *to)
{
    *to = (struct gaps){.holds_later = from->holds_later};
    for (size_t i = 0; i < from->count; i++) {
        struct gap *gap = gaps_add(arena, to);
        *gap = from->items[i];
        gap->schedule_id = text_copy(arena, gap->schedule_id);
        gap->schedule_name = text_copy(arena, gap->schedule_name);
    }
}

static bool recall(struct gap_memory *memory, struct call *call, int64_t version, int64_t days, struct gaps *ret)
{
    if (!memory)
        return false;
    pthread_mutex_lock(&memory->lock);
    bool holds = memory->arena && memory->version == version && memory->days == days && !instant_before(call->now, memory->since) &&
                 !instant_before(instant_add_s(memory->since, GAP_MEMORY_DAYS * DAY_S), call->now);
    if (holds)
        copy_gaps(call->arena, &memory->gaps, ret);
    memory->answers += holds;
    pthread_mutex_unlock(&memory->lock);
    return holds;
}

static bool fits(const struct gaps *gaps)
{
    size_t bytes = gaps->capacity * sizeof *gaps->items;
    for (size_t i = 0; i < gaps->count; i++)
        bytes += gaps->items[i].schedule_id.size + gaps->items[i].schedule_name.size;
    return bytes <= GAP_MEMORY_BYTES;
}

static void keep(struct gap_memory *memory, instant since, int64_t version, int64_t days, const struct gaps *gaps)
{
    if (!memory || !gaps->holds_later || !fits(gaps))
        return;
    struct arena *arena = arena_new(4 * GAP_MEMORY_BYTES);
    struct gaps kept;
    copy_gaps(arena, gaps, &kept);
    pthread_mutex_lock(&memory->lock);
    arena_free(memory->arena);
    memory->arena = arena;
    memory->version = version;
    memory->days = days;
    memory->since = since;
    memory->gaps = kept;
    pthread_mutex_unlock(&memory->lock);
}

/* What is found ------------------------------------------------------------------------------------------------------ */

static enum err render(struct call *call, struct arena *scratch, struct text id, instant until, struct schedule_rendering *ret)
{
    struct roster *roster;
    arena_reset(scratch);
    enum err err = roster_load(call->db, scratch, id, call->now, until, &roster);
    return err == OK ? roster_render(scratch, roster, call->now, until, ret) : err;
}

/* `scratch` holds one schedule at a time: thousands at once would be a hundred megabytes. */
static enum err add_gaps(struct call *call, struct arena *scratch, struct text id, struct text name, instant until, struct gaps *gaps)
{
    struct schedule_rendering rendering;
    enum err err = schedule_answer_fits(call, "days");
    if (err == OK)
        err = render(call, scratch, id, instant_add_s(until, GAP_MEMORY_DAYS * DAY_S), &rendering);
    if (err == ERR_LIMIT) {
        gaps->holds_later = false;
        err = render(call, scratch, id, until, &rendering);
    }
    if (err != OK)
        return err == ERR_LIMIT ? OK : err; /* too fine-grained to look at; it is no gap */
    for (size_t i = 0; i < rendering.final.count; i++) {
        const struct schedule_span *span = &rendering.final.items[i];
        if (!text_is_present(span->user_id))
            *gaps_add(call->arena, gaps) = (struct gap){text_copy(call->arena, id), text_copy(call->arena, name), span->from, span->until};
    }
    return OK;
}

static enum err find(struct call *call, instant until, struct gaps *ret)
{
    struct query *q = db_query(call->db, "schedules_in_use");
    struct arena *scratch = arena_new(SCRATCH_BYTES_MAX);
    arena_keep(scratch, SCRATCH_KEPT_BYTES);
    *ret = (struct gaps){.holds_later = true};
    enum err err = OK;
    while (err == OK && query_next(q))
        err = add_gaps(call, scratch, query_text(q, 0), query_text(q, 1), until, ret);
    arena_free(scratch);
    return err == OK ? query_err(q) : err;
}

static enum err find_or_recall(struct call *call, int64_t days, instant until, struct gaps *ret)
{
    int64_t version;
    enum err err = db_configuration_version(call->db, &version);
    if (err != OK || recall(call->api->gaps, call, version, days, ret))
        return err;
    err = find(call, until, ret);
    if (err == OK)
        keep(call->api->gaps, call->now, version, days, ret);
    return err;
}

static enum err list_gaps(struct call *call)
{
    const struct zone *zone = zone_utc();
    int64_t days = GAP_DAYS;
    struct text written = call_query(call, "days");
    if (!text_is_empty(written) && (!text_to_int64(written, &days) || days < 1 || days > GAP_DAYS_MAX)) {
        problem_add(call->problem, "days", "must be between 1 and %d", GAP_DAYS_MAX);
        return ERR_INVALID;
    }
    instant until = instant_add_s(call->now, days * DAY_S);
    struct gaps gaps;
    enum err err = schedule_zone_read(call, zone, &zone);
    if (err == OK)
        err = find_or_recall(call, days, until, &gaps);
    if (err != OK)
        return err;
    json_t *items = json_array_in(call->arena);
    for (size_t i = 0; i < gaps.count; i++) {
        const struct gap *gap = &gaps.items[i];
        instant from = instant_max(gap->from, call->now), to = instant_min(gap->until, until);
        if (!instant_before(from, to))
            continue;
        json_t *item = json_object_in(call->arena);
        json_put(item, "schedule", schedule_reference(call, gap->schedule_id, gap->schedule_name));
        json_put_text(item, "start", zone_format(call->arena, zone, from));
        json_put_text(item, "end", zone_format(call->arena, zone, to));
        json_append(items, item);
    }
    call->reply = json_object_in(call->arena);
    json_put(call->reply, "gaps", items);
    return OK;
}

static const struct route routes[] = {
    {.method = "GET", .path = "/muster/schedules/gaps", .permission = MAY_READ, .handle = list_gaps,
     .summary = "List the coming times in which nobody is on call on a schedule in use",
     .query = "days", .answers = "gaps[]"},
};
const struct route_table schedule_gap_routes = {routes, sizeof routes / sizeof *routes};
