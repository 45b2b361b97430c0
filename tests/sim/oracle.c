/* Why: a second opinion about who is responsible (N4, S2, S4, S5, and the "whoever the policy demands" of N1). For each decision, at the instant it
 * was made, it works out from the stored documents whom the level names: turn by turn on the wall clock of the C library, no intervals, no code of
 * core/. The decision must have chosen exactly those who can be reached. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/json.h"
#include "sim.h"

enum { CHOSEN_MAX = 64, SLOTS_MAX = 256, NAME_BYTES = 40 };

struct decision { int64_t number, incident, at_us, level, version; char cause[24], policy[40]; };
struct chosen { char user[40], reason[32], target[40]; int64_t level; };

/* Somebody's part in a shift that is on: of a rotation, or of the custom shift with that number. Empty: nobody. */
struct slot { char source[NAME_BYTES], planned[NAME_BYTES], user[NAME_BYTES]; };
struct people { struct slot items[SLOTS_MAX]; size_t count; };

/* The wall ------------------------------------------------------------------------------------------------------------------ */

/* Seconds since 1970 that a clock on the wall there shows. */
static int64_t wall_s(const char *zone, int64_t at_s)
{
    static char current[80];
    if (strcmp(current, zone) != 0) {
        snprintf(current, sizeof current, "%s", zone);
        setenv("TZ", zone, 1);
        tzset();
    }
    time_t t = (time_t)at_s;
    struct tm tm;
    localtime_r(&t, &tm);
    return (int64_t)timegm(&tm);
}

static int64_t stored_s(const json_t *layer, const char *name, int64_t absent)
{
    struct tm tm = {0};
    struct text text = json_text_at(layer, name);
    char copy[40];
    snprintf(copy, sizeof copy, "%.*s", TEXT_ARG(text));
    if (sscanf(copy, "%d-%d-%dT%d:%d:%d", &tm.tm_year, &tm.tm_mon, &tm.tm_mday, &tm.tm_hour, &tm.tm_min, &tm.tm_sec) != 6)
        return absent;
    tm.tm_year -= 1900;
    tm.tm_mon -= 1;
    return (int64_t)timegm(&tm);
}

static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* Who is on call ------------------------------------------------------------------------------------------------------------------ */

static bool inside_restrictions(const json_t *layer, int64_t wall)
{
    const json_t *list = json_at(layer, "restrictions");
    size_t count = json_array_size(list);
    for (size_t r = 0; r < count; r++) {
        const json_t *one = json_array_get(list, r);
        int hour = 0, minute = 0, second = 0;
        char start[20];
        snprintf(start, sizeof start, "%.*s", TEXT_ARG(json_text_at(one, "start_time_of_day")));
        sscanf(start, "%d:%d:%d", &hour, &minute, &second);
        int64_t since_start = wall - (hour * 3600 + minute * 60 + second);
        if (since_start - floor_div(since_start, 86400) * 86400 < json_int_at(one, "duration_seconds", 0))
            return true;
    }
    return count == 0;
}

static bool user_is_there(struct sim *sim, const char *user, int64_t at_us)
{
    return judge_about(sim, "SELECT COUNT(*) FROM users WHERE id = ?3 AND (deleted_at IS NULL OR deleted_at > ?1)", at_us, 0, user) > 0;
}

/* The person of this layer, or "". */
static void of_layer(struct sim *sim, const json_t *layer, const char *zone, int64_t at_us, char *ret)
{
    int64_t at_s = at_us / SECOND_US, wall = wall_s(zone, at_s), turn_s = json_int_at(layer, "rotation_turn_length_seconds", 86400);
    const json_t *users = json_at(layer, "users");
    ret[0] = '\0';
    if (at_s < stored_s(layer, "start", 0) || at_s >= stored_s(layer, "end", INT64_MAX) || !inside_restrictions(layer, wall) || json_array_size(users) == 0)
        return;
    int64_t turn = floor_div(wall - wall_s(zone, stored_s(layer, "rotation_virtual_start", 0)), turn_s), count = (int64_t)json_array_size(users);
    const json_t *entry = json_array_get(users, (size_t)(turn - floor_div(turn, count) * count));
    snprintf(ret, 40, "%.*s", TEXT_ARG(json_text_at(json_at(entry, "user"), "id")));
    if (!user_is_there(sim, ret, at_us))
        ret[0] = '\0'; /* a place nobody has filled */
}

static const json_t *document(struct sim *sim, const char *sql, int64_t a, const char *id)
{
    char *text = arena_alloc(sim->arena, 1 << 16);
    if (!judge_about_text(sim, sql, a, id, text, 1 << 16))
        return NULL;
    return json_read(sim->arena, text_of(text), problem_new(sim->arena));
}

static void of_layers(struct sim *sim, const json_t *doc, const char *schedule, int64_t at_us, char *ret)
{
    ret[0] = '\0';
    if (judge_about_text(sim, "SELECT o.user_id FROM schedule_overrides o JOIN users u ON u.id = o.user_id WHERE o.schedule_id = ?3 AND o.created_at <= ?1 "
                              "AND o.start_at <= ?1 AND o.end_at > ?1 AND (o.deleted_at IS NULL OR o.deleted_at > ?1) AND (u.deleted_at IS NULL OR u.deleted_at > ?1) "
                              "ORDER BY o.number DESC LIMIT 1", at_us, schedule, ret, 40))
        return;
    char zone[80];
    snprintf(zone, sizeof zone, "%.*s", TEXT_ARG(json_text_at(doc, "time_zone")));
    const json_t *layers = json_at(doc, "schedule_layers");
    for (size_t l = json_array_size(layers); l-- > 0 && !ret[0];)
        of_layer(sim, json_array_get(layers, l), zone, at_us, ret);
}

/* Shift-based: the rules that world_event writes, day by day since the first shift. */
static void add_slot(struct people *ret, const char *source, const char *user)
{
    struct slot *slot = &ret->items[ret->count];
    if (ret->count == SLOTS_MAX)
        return;
    ret->count++;
    snprintf(slot->source, sizeof slot->source, "%s", source);
    snprintf(slot->planned, sizeof slot->planned, "%s", user);
    snprintf(slot->user, sizeof slot->user, "%s", user);
}

static void add_member(struct sim *sim, struct people *ret, const char *rotation, const json_t *members, size_t index, int64_t at_us)
{
    char user[NAME_BYTES];
    snprintf(user, sizeof user, "%.*s", TEXT_ARG(json_text_at(json_array_get(members, index), "user_id")));
    add_slot(ret, rotation, user[0] && user_is_there(sim, user, at_us) ? user : "");
}

static void of_event(struct sim *sim, const json_t *event, const char *rotation, int64_t at_us, struct people *ret)
{
    char zone[80], rule[80];
    snprintf(zone, sizeof zone, "%.*s", TEXT_ARG(json_text_at(json_at(event, "start_time"), "time_zone")));
    snprintf(rule, sizeof rule, "%.*s", TEXT_ARG(json_text_value(json_array_get(json_at(event, "recurrence"), 0))));
    const json_t *strategy = json_at(event, "assignment_strategy"), *members = json_at(strategy, "members");
    int64_t wall = wall_s(zone, at_us / SECOND_US), first = wall_s(zone, stored_s(json_at(event, "start_time"), "date_time", 0));
    int64_t length = wall_s(zone, stored_s(json_at(event, "end_time"), "date_time", 0)) - first, count = (int64_t)json_array_size(members), number = 0;
    int64_t until = stored_s(event, "effective_until", INT64_MAX / SECOND_US);
    if (at_us < stored_s(event, "effective_since", 0) * SECOND_US || at_us >= until * SECOND_US || count == 0)
        return;
    for (int64_t day = 0, begin = first; begin <= wall; day++, begin += 86400) {
        bool named = strstr(rule, "BYDAY") ? day % 7 < 5 : strstr(rule, "WEEKLY") ? day % 7 == 0 : strstr(rule, "INTERVAL=2") ? day % 2 == 0 : true; /* the first is a Monday */
        if (!named)
            continue;
        bool is_on = wall < begin + length;
        if (is_on && text_is(json_text_at(strategy, "type"), "every_member_assignment_strategy"))
            for (size_t m = 0; m < json_array_size(members); m++)
                add_member(sim, ret, rotation, members, m, at_us);
        else if (is_on)
            add_member(sim, ret, rotation, members, (size_t)(number / json_int_at(strategy, "shifts_per_member", 1) % count), at_us);
        number++;
    }
}

/* Custom shifts, then overrides in the order they were made first. */
static void of_rows(struct sim *sim, const char *schedule, int64_t at_us, struct people *ret)
{
    const json_t *rows = document(sim, "SELECT json_group_array(json_object('kind', kind, 'user', COALESCE(user_id, ''), 'source', source, 'replaced', COALESCE(replaced_id, ''))) FROM ("
                                       "SELECT o.kind, o.user_id, COALESCE(o.rotation_id, CAST(COALESCE(o.shift_number, o.origin, o.number) AS TEXT)) AS source, o.replaced_id "
                                       "FROM schedule_overrides o LEFT JOIN users u ON u.id = o.user_id WHERE o.schedule_id = ?3 AND o.created_at <= ?1 AND o.start_at <= ?1 AND o.end_at > ?1 "
                                       "AND (o.deleted_at IS NULL OR o.deleted_at > ?1) AND (u.deleted_at IS NULL OR u.deleted_at > ?1) "
                                       "ORDER BY o.kind = 'member', COALESCE(o.origin, o.number))", at_us, schedule);
    for (size_t r = 0; r < json_array_size(rows); r++) {
        const json_t *row = json_array_get(rows, r);
        const char *source = json_string_value(json_at(row, "source")), *user = json_string_value(json_at(row, "user")), *replaced = json_string_value(json_at(row, "replaced"));
        if (text_is(json_text_at(row, "kind"), "shift"))
            add_slot(ret, source, user);
        for (size_t i = 0; text_is(json_text_at(row, "kind"), "member") && i < ret->count; i++) {
            struct slot *slot = &ret->items[i];
            if (strcmp(slot->source, source) == 0 && (strcmp(slot->user, replaced) == 0 || strcmp(slot->planned, replaced) == 0))
                snprintf(slot->user, sizeof slot->user, "%s", user);
        }
    }
}

static void on_call(struct sim *sim, const char *schedule, int64_t at_us, struct people *ret)
{
    if (judge_about(sim, "SELECT COUNT(*) FROM schedules WHERE id = ?3 AND (deleted_at IS NULL OR deleted_at > ?1)", at_us, 0, schedule) == 0)
        return;
    const json_t *doc = document(sim, "SELECT doc FROM schedule_versions WHERE schedule_id = ?3 ORDER BY effective_from > ?1, version * (CASE WHEN effective_from > ?1 THEN 1 ELSE -1 END) "
                                      "LIMIT 1", at_us, schedule), *rotations = json_at(doc, "rotations");
    if (!rotations) {
        char user[NAME_BYTES] = "";
        of_layers(sim, doc, schedule, at_us, user);
        add_slot(ret, "", user);
        return;
    }
    for (size_t r = 0; r < json_array_size(rotations); r++) {
        const json_t *rotation = json_array_get(rotations, r), *events = json_at(rotation, "events");
        for (size_t e = 0; e < json_array_size(events); e++)
            of_event(sim, json_array_get(events, e), json_string_value(json_at(rotation, "id")), at_us, ret);
    }
    of_rows(sim, schedule, at_us, ret);
}

/* Decisions -------------------------------------------------------------------------------------------------------------------------- */

static bool can_be_reached(struct sim *sim, const char *user)
{
    return judge_about(sim, "SELECT COUNT(*) FROM users u JOIN contact_methods c ON c.user_id = u.id WHERE u.id = ?3 AND u.deleted_at IS NULL AND c.verified_at IS NOT NULL "
                            "AND c.blocked_reason IS NULL AND c.deleted_at IS NULL", 0, 0, user) > 0;
}

static void target_of(struct sim *sim, const json_t *target, int64_t at_us, struct people *ret)
{
    char id[40];
    ret->count = 0;
    snprintf(id, sizeof id, "%.*s", TEXT_ARG(json_text_at(target, "id")));
    if (text_is(json_text_at(target, "type"), "schedule"))
        on_call(sim, id, at_us, ret);
    else
        add_slot(ret, "", id);
}

static bool is_among(const struct people *people, const char *user)
{
    for (size_t i = 0; i < people->count; i++)
        if (user[0] && strcmp(people->items[i].user, user) == 0)
            return true;
    return false;
}

static bool was_chosen(const struct chosen *chosen, size_t count, const char *user)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(chosen[i].user, user) == 0)
            return true;
    return false;
}

/* How many of this level can be reached; with `chosen`, everyone of them must have been. */
static int judge_level(struct sim *sim, const struct decision *d, const json_t *rule, const struct chosen *chosen, size_t count)
{
    const json_t *targets = json_at(rule, "targets");
    bool everyone = !text_is(json_text_at(rule, "strategy"), "round_robin");
    int reachable = 0;
    for (size_t t = 0; t < json_array_size(targets); t++) {
        struct people people;
        target_of(sim, json_array_get(targets, t), d->at_us, &people);
        for (size_t i = 0; i < people.count; i++) {
            const char *user = people.items[i].user;
            if (!user[0] || !can_be_reached(sim, user))
                continue;
            reachable++;
            if (chosen && everyone && !was_chosen(chosen, count, user))
                sim_fail(sim, "N1", "decision %lld of incident %lld, level %lld: %s is demanded by the policy and was not chosen", (long long)d->number,
                         (long long)d->incident, (long long)d->level, user);
        }
    }
    return reachable;
}

/* Is this person what one of the level's targets comes to? */
static void judge_person(struct sim *sim, const struct decision *d, const json_t *targets, const struct chosen *c)
{
    bool found = false;
    for (size_t t = 0; t < json_array_size(targets) && !found; t++) {
        struct people people;
        target_of(sim, json_array_get(targets, t), d->at_us, &people);
        found = is_among(&people, c->user);
    }
    if (!found)
        sim_fail(sim, "N4", "decision %lld of incident %lld calls %s at level %lld (%s), whom nothing there names", (long long)d->number, (long long)d->incident, c->user,
                 (long long)c->level, c->reason);
}

static void judge_choice(struct sim *sim, const struct decision *d, const struct chosen *chosen, size_t count)
{
    const json_t *policy = document(sim, "SELECT doc FROM policy_versions WHERE policy_id = ?3 AND version = ?1", d->version, d->policy), *rules = json_at(policy, "rules");
    if (!policy)
        sim_fail(sim, "N4", "decision %lld follows version %lld of policy %s, which is not stored", (long long)d->number, (long long)d->version, d->policy);
    for (size_t i = 0; i < count; i++) {
        const struct chosen *c = &chosen[i];
        sim_counts.judged_pages++;
        if (strcmp(c->reason, "catch_all") == 0) {
            struct people named;
            target_of(sim, json_at(policy, "catch_all"), d->at_us, &named);
            if (!is_among(&named, c->user) && judge_about(sim, "SELECT COUNT(*) FROM users WHERE id = ?3 AND role IN ('owner', 'admin')", 0, 0, c->user) == 0)
                sim_fail(sim, "N4", "decision %lld: %s is no catch-all", (long long)d->number, c->user);
        } else if (strcmp(c->reason, "responder_request") == 0) {
            if (judge_about(sim, "SELECT COUNT(*) FROM responders WHERE incident_number = ?1 AND user_id = ?3", d->incident, 0, c->user) == 0)
                sim_fail(sim, "N4", "decision %lld: nobody asked %s for help", (long long)d->number, c->user);
        } else if (strcmp(c->reason, "assigned_by_hand") == 0) {
            if (judge_about(sim, "SELECT COUNT(*) FROM assignments WHERE incident_number = ?1 AND user_id = ?3", d->incident, 0, c->user) == 0 &&
                judge_about(sim, "SELECT COUNT(*) FROM ledger WHERE incident_number = ?1 AND (user_id = ?3 OR instr(doc, ?3) > 0)", d->incident, 0, c->user) == 0)
                sim_fail(sim, "N4", "decision %lld: nobody gave incident %lld to %s", (long long)d->number, (long long)d->incident, c->user);
        } else {
            if (c->level != d->level)
                sim_fail(sim, "N4", "decision %lld is about level %lld and calls %s of level %lld", (long long)d->number, (long long)d->level, c->user, (long long)c->level);
            judge_person(sim, d, json_at(json_array_get(rules, (size_t)c->level - 1), "targets"), c);
        }
    }
    if (d->level >= 1 && judge_level(sim, d, json_array_get(rules, (size_t)d->level - 1), chosen, count) == 0)
        sim_fail(sim, "N4", "decision %lld calls level %lld, where nobody can be reached", (long long)d->number, (long long)d->level);
    bool from_the_first = strcmp(d->cause, "trigger") == 0;
    for (int64_t l = 1; from_the_first && l < d->level; l++)
        if (judge_level(sim, d, json_array_get(rules, (size_t)l - 1), NULL, 0) > 0)
            sim_fail(sim, "N1", "decision %lld passed over level %lld, where somebody can be reached", (long long)d->number, (long long)l);
}

static void judge_decision(struct sim *sim, const struct decision *d)
{
    struct chosen chosen[CHOSEN_MAX];
    size_t count = 0;
    sqlite3_stmt *rows = judge_ask(sim, "SELECT user_id, reason, json_extract(doc, '$.target_id'), json_extract(doc, '$.level') FROM decision_candidates WHERE decision_number = ?1 "
                                        "AND chosen = 1 ORDER BY position", d->number, 0);
    while (count < CHOSEN_MAX && judge_row(sim, rows)) {
        struct chosen *c = &chosen[count++];
        snprintf(c->user, sizeof c->user, "%s", (const char *)sqlite3_column_text(rows, 0));
        snprintf(c->reason, sizeof c->reason, "%s", (const char *)sqlite3_column_text(rows, 1));
        c->level = sqlite3_column_int64(rows, 3);
    }
    sqlite3_reset(rows);
    judge_choice(sim, d, chosen, count);
}

void oracle_judge(struct sim *sim)
{
    if (sim->restarting || disk_is_dead())
        return;
    for (;;) {
        sqlite3_stmt *rows = judge_ask(sim, "SELECT d.number, d.incident_number, d.at, d.level, d.cause, json_extract(d.doc, '$.policy.id'), json_extract(d.doc, '$.policy.version') "
                                            "FROM decisions d WHERE d.number > ?1 ORDER BY d.number LIMIT 1", sim->judged_decision, 0);
        bool found = judge_row(sim, rows);
        struct decision d = {0};
        if (found) {
            d = (struct decision){.number = sqlite3_column_int64(rows, 0), .incident = sqlite3_column_int64(rows, 1), .at_us = sqlite3_column_int64(rows, 2),
                                  .level = sqlite3_column_int64(rows, 3), .version = sqlite3_column_int64(rows, 6)};
            snprintf(d.cause, sizeof d.cause, "%s", (const char *)sqlite3_column_text(rows, 4));
            snprintf(d.policy, sizeof d.policy, "%s", sqlite3_column_text(rows, 5) ? (const char *)sqlite3_column_text(rows, 5) : "");
        }
        sqlite3_reset(rows);
        if (!found)
            return;
        sim->judged_decision = d.number;
        judge_decision(sim, &d);
    }
}
