/* Why: the organisation of a run as it is at first. Rows are written by the same named queries and engine functions the API uses. */
#include <stdio.h>

#include "api/auth.h"
#include "base/id.h"
#include "base/json.h"
#include "engine/schedules.h"
#include "door.h"

const char *const world_zones[5] = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"};

static void copy_id(char *to, size_t size, struct text id)
{
    snprintf(to, size, "%.*s", TEXT_ARG(id));
}

/* People ------------------------------------------------------------------------------------------------------------------ */

static enum err add_person(struct tx *tx, struct sim *sim, bool admin)
{
    struct person *p = &sim->people[sim->person_count];
    copy_id(p->id, sizeof p->id, id_new_object(tx->env, tx->arena));
    p->admin = admin;
    struct query *q = db_query(tx->db, "user_admin_insert");
    query_bind_text(q, "id", text_of(p->id));
    query_bind_text(q, "name", text_printf(tx->arena, "Person %d", sim->person_count));
    query_bind_text(q, "email", text_printf(tx->arena, "p%d@example.org", sim->person_count));
    query_bind_text(q, "role", admin ? TEXT("admin") : TEXT("user"));
    query_bind_text(q, "time_zone", text_of(world_zones[chance_below(sim, 5)]));
    query_bind_null(q, "job_title");
    query_bind_null(q, "password_hash");
    query_bind_instant(q, "now", tx->now);
    sim->person_count++;
    return query_run(q);
}

static enum err add_contact(struct tx *tx, struct sim *sim, int person, enum channel channel)
{
    if (sim->contact_count == CONTACTS_MAX)
        return OK;
    struct contact *c = &sim->contacts[sim->contact_count];
    *c = (struct contact){.person = person, .channel = channel};
    copy_id(c->id, sizeof c->id, id_new_object(tx->env, tx->arena));
    bool phone = channel == CHANNEL_SMS || channel == CHANNEL_PHONE;
    char digits[32];
    snprintf(digits, sizeof digits, phone ? "1510000%04d" : "a%d@example.org", sim->contact_count);
    snprintf(c->address, sizeof c->address, "%s%s", phone ? "+49" : "", digits);
    struct query *q = db_query(tx->db, "contact_method_admin_insert");
    query_bind_text(q, "id", text_of(c->id));
    query_bind_text(q, "user_id", text_of(sim->people[person].id));
    query_bind_text(q, "channel", text_of(channel_name(channel)));
    query_bind_text(q, "label", TEXT("Work"));
    query_bind_text(q, "address", text_of(digits));
    query_bind_int(q, "country_code", phone ? 49 : 0);
    query_bind_instant(q, "now", tx->now);
    sim->contact_count++;
    return query_run(q);
}

static enum err add_rule(struct tx *tx, struct sim *sim, int contact, bool high, int64_t delay_s)
{
    if (sim->rule_count == RULES_MAX)
        return OK;
    struct rule *r = &sim->rules[sim->rule_count];
    *r = (struct rule){.person = sim->contacts[contact].person, .contact = contact};
    copy_id(r->id, sizeof r->id, id_new_object(tx->env, tx->arena));
    struct query *q = db_query(tx->db, "notification_rule_insert");
    query_bind_text(q, "id", text_of(r->id));
    query_bind_text(q, "parent_id", text_of(sim->people[r->person].id));
    query_bind_text(q, "urgency", high ? TEXT("high") : TEXT("low"));
    query_bind_int(q, "start_delay_s", delay_s);
    query_bind_text(q, "contact_method_id", text_of(sim->contacts[contact].id));
    query_bind_instant(q, "now", tx->now);
    sim->rule_count++;
    return query_run(q);
}

static int64_t rule_delay(struct sim *sim)
{
    static const int64_t delays[] = {0, 0, 0, 60, 120, 120, 300, 900};
    return delays[chance_below(sim, 8)];
}

static enum err make_people(struct tx *tx, struct sim *sim)
{
    int people = 3 + chance_below(sim, 7);
    enum err err = OK;
    for (int p = 0; p < people && err == OK; p++) {
        err = add_person(tx, sim, p == 0);
        int first = sim->contact_count, contacts = p == 0 ? 2 : chance_is(sim, 0.1) ? 0 : 1 + chance_below(sim, 3);
        for (int c = 0; c < contacts && err == OK; c++)
            err = add_contact(tx, sim, p, (enum channel)chance_below(sim, CHANNEL_PUSH + 1));
        int rules = contacts == 0 || chance_is(sim, 0.15) ? 0 : 1 + chance_below(sim, 5);
        for (int r = 0; r < rules && err == OK; r++)
            err = add_rule(tx, sim, first + chance_below(sim, contacts), chance_is(sim, 0.8), rule_delay(sim));
    }
    return err;
}

/* Schedules --------------------------------------------------------------------------------------------------------------- */

/* People in turn, on some wall clock, perhaps in office hours only: then there are gaps. */
json_t *world_layer(struct sim *sim, struct arena *arena, const char *const *people, size_t count)
{
    static const int64_t turns[] = {3600, 12 * 3600, 86400, 7 * 86400};
    json_t *layer = json_object_in(arena), *users = json_array_in(arena);
    for (size_t i = 0; i < count; i++) {
        json_t *user = json_object_in(arena), *entry = json_object_in(arena);
        json_put_string(user, "id", people[i]);
        json_put_string(user, "type", "user_reference");
        json_put(entry, "user", user);
        json_append(users, entry);
    }
    json_put_string(layer, "name", "Layer");
    json_put_string(layer, "start", "2025-12-29T09:00:00");
    json_put_string(layer, "rotation_virtual_start", "2025-12-29T09:00:00");
    json_put_int(layer, "rotation_turn_length_seconds", turns[chance_below(sim, 4)]);
    json_put(layer, "users", users);
    if (!chance_is(sim, 0.4))
        return layer;
    json_t *restrictions = json_array_in(arena), *restriction = json_object_in(arena);
    json_put_string(restriction, "type", "daily_restriction");
    json_put_string(restriction, "start_time_of_day", chance_is(sim, 0.5) ? "08:00:00" : "20:00:00");
    json_put_int(restriction, "duration_seconds", 10 * 3600);
    json_append(restrictions, restriction);
    json_put(layer, "restrictions", restrictions);
    return layer;
}

static json_t *wall_of(struct arena *arena, const char *zone, const char *date_time)
{
    json_t *object = json_object_in(arena);
    json_put_string(object, "date_time", date_time);
    json_put_string(object, "time_zone", zone);
    return object;
}

/* Days, nights, whole weeks or working hours, in turn or all at once; some places are empty. oracle.c knows these rules, and only these. */
json_t *world_event(struct sim *sim, struct arena *arena, const char *zone, const char *const *people, size_t count, instant since)
{
    static const struct { const char *start, *end, *rule; } patterns[] = {
        {"2025-12-29T08:00:00", "2025-12-29T20:00:00", "RRULE:FREQ=DAILY"}, {"2025-12-29T20:00:00", "2025-12-30T08:00:00", "RRULE:FREQ=DAILY"},
        {"2025-12-29T09:00:00", "2026-01-05T09:00:00", "RRULE:FREQ=WEEKLY"}, {"2025-12-29T09:00:00", "2025-12-30T09:00:00", "RRULE:FREQ=DAILY;INTERVAL=2"},
        {"2025-12-29T09:00:00", "2025-12-29T17:00:00", "RRULE:FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR"}};
    size_t pattern = (size_t)chance_below(sim, 5);
    bool everybody = chance_is(sim, 0.3);
    json_t *event = json_object_in(arena), *recurrence = json_array_in(arena), *strategy = json_object_in(arena), *members = json_array_in(arena);
    for (size_t i = 0; i < count; i++) {
        json_t *member = json_object_in(arena);
        bool empty = chance_is(sim, 0.1);
        json_put_string(member, "type", empty ? "empty_member" : "user_member");
        if (!empty)
            json_put_string(member, "user_id", people[i]);
        json_append(members, member);
    }
    json_append_text(recurrence, text_of(patterns[pattern].rule));
    json_put_string(strategy, "type", everybody ? "every_member_assignment_strategy" : "rotating_member_assignment_strategy");
    json_put_int(strategy, "shifts_per_member", 1 + chance_below(sim, 2));
    json_put(strategy, "members", members);
    json_put_string(event, "name", "Shifts");
    json_put(event, "start_time", wall_of(arena, zone, patterns[pattern].start));
    json_put(event, "end_time", wall_of(arena, zone, patterns[pattern].end));
    json_put_instant(event, "effective_since", since);
    json_put(event, "recurrence", recurrence);
    json_put(event, "assignment_strategy", strategy);
    return event;
}

static json_t *rotations_of(struct sim *sim, struct arena *arena, const char *zone, const char *const *people, size_t count)
{
    json_t *rotations = json_array_in(arena);
    for (int r = 0; r < 1 + chance_below(sim, 2); r++) {
        json_t *rotation = json_object_in(arena), *events = json_array_in(arena), *event = world_event(sim, arena, zone, people, count, (instant){0});
        json_put_text(event, "id", text_printf(arena, "PE%d%d", sim->schedule_count, r));
        json_append(events, event);
        json_put_text(rotation, "id", text_printf(arena, "PR%d%d", sim->schedule_count, r));
        json_put(rotation, "events", events);
        json_append(rotations, rotation);
    }
    return rotations;
}

static enum err make_schedule(struct tx *tx, struct sim *sim)
{
    struct simulated_schedule *s = &sim->schedules[sim->schedule_count];
    json_t *doc = json_object_in(tx->arena), *layers = json_array_in(tx->arena);
    json_put_text(doc, "name", text_printf(tx->arena, "Schedule %d", sim->schedule_count));
    const char *zone = world_zones[chance_below(sim, 5)], *people[3];
    json_put_string(doc, "time_zone", zone);
    size_t count = 1 + (size_t)chance_below(sim, 3);
    for (size_t i = 0; i < count; i++)
        people[i] = sim->people[chance_below(sim, sim->person_count)].id;
    if (chance_is(sim, 0.4)) {
        json_put(doc, "rotations", rotations_of(sim, tx->arena, zone, people, count));
    } else {
        json_append(layers, world_layer(sim, tx->arena, people, count));
        json_put(doc, "schedule_layers", layers);
    }
    struct schedule schedule;
    struct problem *problem = problem_new(tx->arena);
    struct schedule_write write = {.id = TEXT(""), .schedule = &schedule, .path = "schedule"};
    struct text id;
    enum err err = schedule_from_json(tx->arena, doc, "schedule", problem, &schedule);
    if (err == OK)
        err = schedules_write(tx, &write, problem, &id);
    if (err == OK)
        copy_id(s->id, sizeof s->id, id);
    sim->schedule_count++;
    return err;
}

/* Policies and services ----------------------------------------------------------------------------------------------------- */

static json_t *random_target(struct tx *tx, struct sim *sim)
{
    json_t *target = json_object_in(tx->arena);
    bool user = sim->schedule_count == 0 || chance_is(sim, 0.5);
    json_put_string(target, "type", user ? "user" : "schedule");
    json_put_string(target, "id", user ? sim->people[chance_below(sim, sim->person_count)].id : sim->schedules[chance_below(sim, sim->schedule_count)].id);
    return target;
}

static struct text policy_document(struct tx *tx, struct sim *sim, const char *name)
{
    static const int64_t delays[] = {60, 300, 300, 900, 1800};
    json_t *doc = json_object_in(tx->arena), *rules = json_array_in(tx->arena);
    int levels = 1 + chance_below(sim, 4);
    for (int l = 0; l < levels; l++) {
        json_t *rule = json_object_in(tx->arena), *targets = json_array_in(tx->arena);
        json_put_text(rule, "id", id_new_object(tx->env, tx->arena));
        json_put_int(rule, "delay_s", delays[chance_below(sim, 5)]);
        json_put_string(rule, "strategy", chance_is(sim, 0.25) ? "round_robin" : "everyone");
        int count = 1 + chance_below(sim, 3);
        for (int t = 0; t < count; t++)
            json_append(targets, random_target(tx, sim));
        json_put(rule, "targets", targets);
        json_append(rules, rule);
    }
    json_put_string(doc, "name", name);
    json_put_int(doc, "num_loops", chance_below(sim, 3));
    json_put_string(doc, "on_call_handoff_notifications", "if_has_services");
    json_put(doc, "catch_all", chance_is(sim, 0.3) ? random_target(tx, sim) : NULL);
    json_put(doc, "rules", rules);
    return json_write(tx->arena, doc);
}

static enum err store_policy_version(struct tx *tx, struct sim *sim, struct simulated_policy *policy)
{
    struct query *q = db_query(tx->db, "policy_version_insert");
    query_bind_text(q, "policy_id", text_of(policy->id));
    query_bind_int(q, "version", policy->version);
    query_bind_text(q, "doc", policy_document(tx, sim, policy->name));
    query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

static enum err make_policy(struct tx *tx, struct sim *sim)
{
    struct simulated_policy *policy = &sim->policies[sim->policy_count];
    copy_id(policy->id, sizeof policy->id, id_new_object(tx->env, tx->arena));
    snprintf(policy->name, sizeof policy->name, "Policy %d", sim->policy_count++);
    policy->version = 1;
    struct query *q = db_query(tx->db, "escalation_policy_insert");
    query_bind_text(q, "id", text_of(policy->id));
    query_bind_text(q, "name", text_of(policy->name));
    query_bind_null(q, "description");
    query_bind_int(q, "version", policy->version);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    return err == OK ? store_policy_version(tx, sim, policy) : err;
}

static void bind_seconds(struct query *q, const char *name, int64_t seconds)
{
    if (seconds > 0)
        query_bind_int(q, name, seconds);
    else
        query_bind_null(q, name);
}

static enum err store_service(struct tx *tx, struct sim *sim, const struct service *s)
{
    struct query *q = db_query(tx->db, "service_insert");
    query_bind_text(q, "id", text_of(s->id));
    query_bind_text(q, "name", text_of(s->name));
    query_bind_text(q, "status", TEXT("active"));
    query_bind_text(q, "policy_id", text_of(sim->policies[s->policy].id));
    bind_seconds(q, "auto_resolve_timeout_s", s->resolve_timeout_s);
    bind_seconds(q, "acknowledgement_timeout_s", s->ack_timeout_s);
    query_bind_text(q, "urgency_type", TEXT("constant"));
    query_bind_text(q, "urgency", text_of(s->urgency));
    static const char *const absent[] = {"description", "urgency_during", "urgency_outside", "support_time_zone", "support_days", "support_start", "support_end"};
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        query_bind_null(q, absent[i]);
    query_bind_text(q, "scheduled_actions", TEXT("[]"));
    query_bind_text(q, "alert_creation", TEXT("create_alerts_and_incidents"));
    query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

/* How alerts of some services become one incident; a service names its kind, services of one kind are in one setting. */
static const struct grouping {
    const char *name, *type, *aggregate, *fields;
    int64_t timeout_s;
} groupings[] = {
    {"ten minutes", "time", NULL, "[]", 600},
    {"until resolved", "time", NULL, "[]", 0},
    {"same part", "content_based", "all", "[\"source\",\"component\"]", 900},
    {"part or kind", "content_based", "any", "[\"component\",\"class\"]", 0},
};
enum { GROUPINGS = sizeof groupings / sizeof groupings[0] };

static enum err make_setting(struct tx *tx, const struct grouping *grouping)
{
    struct query *q = db_query(tx->db, "grouping_setting_insert");
    query_bind_text(q, "id", text_printf(tx->arena, "PGROUP%d", (int)(grouping - groupings)));
    query_bind_text(q, "name", text_of(grouping->name));
    query_bind_null(q, "description");
    query_bind_text(q, "grouping_type", text_of(grouping->type));
    query_bind_int(q, "grouping_timeout_s", grouping->timeout_s);
    query_bind_bool(q, "grouping_rolling", false);
    query_bind_text(q, "grouping_aggregate", grouping->aggregate ? text_of(grouping->aggregate) : TEXT_NONE);
    query_bind_text(q, "grouping_fields", text_of(grouping->fields));
    query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

static enum err group_service(struct tx *tx, struct sim *sim, struct service *s)
{
    int kind = chance_below(sim, 2 * GROUPINGS);
    if (kind >= GROUPINGS)
        return OK;
    struct query *q = db_query(tx->db, "grouping_setting_services_add");
    query_bind_text(q, "id", text_printf(tx->arena, "PGROUP%d", kind));
    query_bind_text(q, "value", text_of(s->id));
    s->grouping = groupings[kind].name;
    return query_run(q);
}

static enum err make_service(struct tx *tx, struct sim *sim)
{
    static const char *const urgencies[] = {"high", "high", "high", "low", "severity_based"};
    static const int64_t ack_timeouts[] = {0, 600, 1800}, resolve_timeouts[] = {0, 0, 14400};
    struct service *s = &sim->services[sim->service_count];
    *s = (struct service){.policy = chance_below(sim, sim->policy_count), .urgency = urgencies[chance_below(sim, 5)],
                          .ack_timeout_s = ack_timeouts[chance_below(sim, 3)], .resolve_timeout_s = resolve_timeouts[chance_below(sim, 3)]};
    copy_id(s->id, sizeof s->id, id_new_object(tx->env, tx->arena));
    copy_id(s->key, sizeof s->key, id_new_key(tx->env, tx->arena, 32));
    snprintf(s->name, sizeof s->name, "service-%d", sim->service_count++);
    enum err err = store_service(tx, sim, s);
    if (err == OK)
        err = group_service(tx, sim, s);
    struct query *q = db_query(tx->db, "setup_integration_insert");
    query_bind_text(q, "id", id_new_object(tx->env, tx->arena));
    query_bind_text(q, "service_id", text_of(s->id));
    query_bind_text(q, "name", TEXT("Events"));
    query_bind_text(q, "integration_key", text_of(s->key));
    query_bind_instant(q, "now", tx->now);
    return err == OK ? query_run(q) : err;
}

static enum err make_token(struct tx *tx)
{
    struct query *q = db_query(tx->db, "token_insert");
    query_bind_text(q, "id", id_new_object(tx->env, tx->arena));
    query_bind_text(q, "token_hash", auth_secret_hash(tx->arena, TEXT(SIM_TOKEN)));
    query_bind_text(q, "name", TEXT("simulated administrators"));
    query_bind_null(q, "user_id");
    query_bind_text(q, "role", TEXT("admin"));
    query_bind_instant(q, "now", tx->now);
    query_bind_null(q, "expires_at");
    return query_run(q);
}

static enum err make(struct tx *tx, void *argument)
{
    struct sim *sim = argument;
    enum err err = make_token(tx);
    if (err == OK)
        err = make_people(tx, sim);
    for (int n = chance_below(sim, SCHEDULES_MAX); n > 0 && err == OK; n--)
        err = make_schedule(tx, sim);
    for (int n = 1 + chance_below(sim, POLICIES_MAX); n > 0 && err == OK; n--)
        err = make_policy(tx, sim);
    for (int g = 0; g < GROUPINGS && err == OK; g++)
        err = make_setting(tx, &groupings[g]);
    for (int n = 1 + chance_below(sim, SERVICES_MAX); n > 0 && err == OK; n--)
        err = make_service(tx, sim);
    return err;
}

void world_make(struct sim *sim)
{
    enum err err = sim_run(sim, make, sim);
    if (err != OK)
        sim_fail(sim, "world", "the organisation could not be stored (%s)", err_name(err));
}

