/* Why: see handoffs.h. */
#include "engine/handoffs.h"

#include "base/log.h"
#include "engine/paging.h"
#include "engine/roster.h"
#include "engine/timers.h"

enum {
    DAY_S = 86400,
    ADVANCE_DAYS_MAX = 7,  /* the API's limit for a rule */
    LOOK_DAYS = 30,        /* without a notice the timer looks again after this */
    LATE_S = 300,          /* a notice that fires late is still told this long after its boundary */
    RACE_S = 10,           /* a change may come between a timer's instant and its firing, and moves the timer */
    FORGET_DAYS = 2,
};

struct handoff_rule {
    struct text id, user_id, contact_method_id;
    int64_t advance_s;
    bool tells_on, tells_off, verified;
    const struct zone *zone; /* the person's */
};

/* Somebody's duty begins or ends. */
struct boundary {
    instant at;
    bool begins;
    struct text user_id;
    instant until; /* of the duty that begins; INSTANT_MAX: not known */
};

struct handoff {
    struct tx *tx;
    struct text schedule_id;
    struct roster *roster;
    instant earliest;  /* boundaries before it are over */
    instant since;     /* from when was looked */
    instant horizon;   /* how far was looked */
    struct schedule_spans spans;
    struct handoff_rule *rules;
    size_t rule_count;
    bool matters;      /* some policy wants notices */
};

static enum err load_spans(struct handoff *handoff)
{
    static const int days[] = {LOOK_DAYS + ADVANCE_DAYS_MAX, ADVANCE_DAYS_MAX + 2, 2};
    struct tx *tx = handoff->tx;
    instant since = instant_add_s(tx->now, -LATE_S - 1), until = instant_add_s(tx->now, days[0] * (int64_t)DAY_S);
    enum err err = roster_load(tx->db, tx->arena, handoff->schedule_id, since, until, &handoff->roster);
    for (size_t i = 0; i < sizeof days / sizeof *days && err == OK; i++) {
        struct schedule_rendering rendering;
        handoff->horizon = instant_add_s(tx->now, days[i] * (int64_t)DAY_S);
        err = roster_render(tx->arena, handoff->roster, since, handoff->horizon, &rendering);
        if (err == OK) {
            handoff->since = since;
            handoff->spans = schedule_by_person(tx->arena, rendering.final);
            return OK;
        }
        err = err == ERR_LIMIT ? OK : err;
    }
    return err == OK ? ERR_LIMIT : err;
}

static enum err load_rules(struct handoff *handoff)
{
    struct tx *tx = handoff->tx;
    json_t *ids = json_array_in(tx->arena);
    for (size_t i = 0; i < handoff->spans.count; i++)
        if (text_is_present(handoff->spans.items[i].user_id))
            json_append_text(ids, handoff->spans.items[i].user_id);
    struct query *q = db_query(tx->db, "handoff_rules_of");
    query_bind_text(q, "ids", json_write(tx->arena, ids));
    size_t capacity = 0;
    while (query_next(q)) {
        struct text type = query_text(q, 4);
        struct handoff_rule rule = {.id = text_copy(tx->arena, query_text(q, 0)), .user_id = text_copy(tx->arena, query_text(q, 1)),
                                    .contact_method_id = text_copy(tx->arena, query_text(q, 2)), .advance_s = query_int(q, 3),
                                    .tells_on = !text_is(type, "offcall"), .tells_off = !text_is(type, "oncall"),
                                    .verified = !query_is_null(q, 5), .zone = zone_utc()};
        if (zone_find(query_text(q, 6), &rule.zone) != OK)
            rule.zone = zone_utc();
        handoff->rules = arena_grow(tx->arena, handoff->rules, handoff->rule_count, &capacity, sizeof *handoff->rules);
        handoff->rules[handoff->rule_count++] = rule;
    }
    return query_err(q);
}

static enum err load_policies(struct handoff *handoff)
{
    struct query *q = db_query(handoff->tx->db, "handoff_policies");
    query_bind_text(q, "id", handoff->schedule_id);
    while (query_next(q)) {
        json_t *document = json_read(handoff->tx->arena, query_text(q, 0), problem_new(handoff->tx->arena));
        bool always = text_is(json_text_at(document, "on_call_handoff_notifications"), "always");
        handoff->matters = handoff->matters || always || query_int(q, 1) > 0;
    }
    return query_err(q);
}

/* "Mon 2026-02-09 09:00 (Europe/Berlin)" */
static const char *moment(struct handoff *handoff, const struct zone *zone, instant t)
{
    static const char *const days[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    struct text written = zone_format(handoff->tx->arena, zone, t);
    struct text name = zone_name(zone);
    return arena_printf(handoff->tx->arena, "%s %.10s %.5s (%.*s)", days[wall_weekday(zone_wall(zone, t)) - 1], written.data, written.data + 11,
                        TEXT_ARG(name));
}

static json_t *content(struct handoff *handoff, const struct handoff_rule *rule, const struct boundary *boundary)
{
    struct arena *arena = handoff->tx->arena;
    struct text schedule = handoff->roster->name;
    const char *when = moment(handoff, rule->zone, boundary->at);
    json_t *document = json_object_in(arena), *lines = json_array_in(arena);
    json_put_text(document, "subject", text_printf(arena, "%s call for %.*s from %s", boundary->begins ? "On" : "Off", TEXT_ARG(schedule), when));
    json_append_text(lines, text_printf(arena, boundary->begins ? "You go on call for %.*s" : "You are off call for %.*s", TEXT_ARG(schedule)));
    json_append_text(lines, text_printf(arena, "from %s", when));
    if (boundary->begins && boundary->until.us != INT64_MAX)
        json_append_text(lines, text_printf(arena, "until %s", moment(handoff, rule->zone, boundary->until)));
    json_put(document, "lines", lines);
    json_put_string(document, "details", "");
    return document;
}

static enum err send(struct handoff *handoff, const struct handoff_rule *rule, const struct boundary *boundary)
{
    struct tx *tx = handoff->tx;
    if (!handoff->matters || !rule->verified)
        return OK;
    struct query *q = db_query(tx->db, "handoff_notice_insert");
    query_bind_text(q, "schedule_id", handoff->schedule_id);
    query_bind_text(q, "rule_id", rule->id);
    query_bind_instant(q, "boundary_at", boundary->at);
    query_bind_text(q, "direction", boundary->begins ? TEXT("oncall") : TEXT("offcall"));
    enum err err = query_run(q);
    if (err != OK || query_changes(q) == 0) /* told before */
        return err;
    int64_t message;
    return paging_send_plain(tx, "handoff", rule->contact_method_id, false, content(handoff, rule, boundary), &message);
}

/* Sends what is due about this boundary and finds the next notice after now. */
static enum err tell(struct handoff *handoff, const struct boundary *boundary, instant *next)
{
    if (!text_is_present(boundary->user_id) || instant_before(boundary->at, handoff->earliest))
        return OK;
    for (size_t i = 0; i < handoff->rule_count; i++) {
        const struct handoff_rule *rule = &handoff->rules[i];
        if (!text_equal(rule->user_id, boundary->user_id) || !(boundary->begins ? rule->tells_on : rule->tells_off))
            continue;
        instant due = instant_add_s(boundary->at, -rule->advance_s);
        if (instant_before(handoff->tx->now, due)) {
            *next = instant_min(*next, due);
            continue;
        }
        enum err err = send(handoff, rule, boundary);
        if (err != OK)
            return err;
    }
    return OK;
}

static enum err tell_all(struct handoff *handoff, instant *next)
{
    enum err err = OK;
    for (size_t i = 0; i < handoff->spans.count && err == OK; i++) {
        const struct schedule_span *span = &handoff->spans.items[i];
        bool is_cut = !instant_before(span->until, handoff->horizon);
        struct boundary begins = {span->from, true, span->user_id, is_cut ? INSTANT_MAX : span->until};
        struct boundary ends = {span->until, false, span->user_id, INSTANT_MAX};
        if (instant_before(handoff->since, span->from))
            err = tell(handoff, &begins, next);
        if (err == OK && !is_cut)
            err = tell(handoff, &ends, next);
    }
    return err;
}

static enum err forget_old(struct handoff *handoff)
{
    struct query *q = db_query(handoff->tx->db, "handoff_notices_forget");
    query_bind_text(q, "schedule_id", handoff->schedule_id);
    query_bind_instant(q, "before", instant_add_s(handoff->tx->now, -(int64_t)FORGET_DAYS * DAY_S));
    return query_run(q);
}

static enum err look(struct tx *tx, struct text schedule_id, instant earliest)
{
    struct handoff handoff = {.tx = tx, .schedule_id = schedule_id, .earliest = earliest};
    struct timer_key key = {.kind = TIMER_HANDOFF, .ref = schedule_id};
    instant next = instant_add_s(tx->now, LOOK_DAYS * (int64_t)DAY_S);
    enum err err = load_spans(&handoff);
    if (err == ERR_NOT_FOUND)
        return timer_clear(tx, &key);
    if (err == ERR_LIMIT) {
        log_warning("handoffs", "schedule=%.*s is too fine-grained for handoff notices", TEXT_ARG(schedule_id));
        return timer_set(tx, &key, instant_add_s(tx->now, DAY_S));
    }
    if (err == OK)
        err = load_rules(&handoff);
    if (err == OK)
        err = load_policies(&handoff);
    if (err == OK)
        err = tell_all(&handoff, &next);
    if (err == OK)
        err = forget_old(&handoff);
    /* Nothing is known beyond the horizon: look again while a rule's longest advance still reaches it. */
    next = instant_min(next, instant_max(instant_add_s(handoff.horizon, -(int64_t)ADVANCE_DAYS_MAX * DAY_S), instant_add_s(tx->now, DAY_S)));
    return err == OK ? timer_set(tx, &key, next) : err;
}

/* A deleted schedule stays known for its past; it has no shifts to come. */
static enum err is_live(struct tx *tx, struct text schedule_id, bool *ret)
{
    struct query *q = db_query(tx->db, "schedule_show");
    query_bind_text(q, "id", schedule_id);
    *ret = query_next(q);
    return query_err(q);
}

static enum err look_if_live(struct tx *tx, struct text schedule_id, instant earliest)
{
    struct timer_key key = {.kind = TIMER_HANDOFF, .ref = schedule_id};
    bool live;
    enum err err = is_live(tx, schedule_id, &live);
    if (err != OK)
        return err;
    return live ? look(tx, schedule_id, earliest) : timer_clear(tx, &key);
}

enum err handoffs_reschedule(struct tx *tx, struct text schedule_id)
{
    return look_if_live(tx, schedule_id, instant_add_s(tx->now, -RACE_S));
}

enum err handoffs_fire(struct tx *tx, struct text schedule_id)
{
    return look_if_live(tx, schedule_id, instant_add_s(tx->now, -LATE_S));
}

enum err handoffs_reschedule_user(struct tx *tx, struct text user_id)
{
    struct query *q = db_query(tx->db, "handoff_schedules_of_user");
    query_bind_text(q, "user_id", user_id);
    query_bind_instant(q, "now", tx->now);
    struct text *ids = NULL;
    size_t count = 0, capacity = 0;
    while (query_next(q)) {
        ids = arena_grow(tx->arena, ids, count, &capacity, sizeof *ids);
        ids[count++] = text_copy(tx->arena, query_text(q, 0));
    }
    enum err err = query_err(q);
    for (size_t i = 0; i < count && err == OK; i++)
        err = handoffs_reschedule(tx, ids[i]);
    return err;
}
