/* Why: the organisation of a run, and what administrators do to it while incidents are open. Rows are written by the same named queries and
 * engine functions the API uses. */
#include <stdio.h>

#include "base/id.h"
#include "base/json.h"
#include "engine/handoffs.h"
#include "engine/maintenance.h"
#include "engine/pages.h"
#include "engine/schedules.h"
#include "engine/service_switch.h"
#include "sim.h"

static const char *const zones[] = {"Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "UTC"};

struct edit { struct sim *sim; int what, which; };

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
    p->sleeps = chance_is(sim, 0.3);
    struct query *q = db_query(tx->db, "user_admin_insert");
    query_bind_text(q, "id", text_of(p->id));
    query_bind_text(q, "name", text_printf(tx->arena, "Person %d", sim->person_count));
    query_bind_text(q, "email", text_printf(tx->arena, "p%d@example.org", sim->person_count));
    query_bind_text(q, "role", admin ? TEXT("admin") : TEXT("user"));
    query_bind_text(q, "time_zone", text_of(zones[chance_below(sim, 5)]));
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

static enum err make_schedule(struct tx *tx, struct sim *sim)
{
    struct simulated_schedule *s = &sim->schedules[sim->schedule_count];
    json_t *doc = json_object_in(tx->arena), *layers = json_array_in(tx->arena), *layer = json_object_in(tx->arena), *users = json_array_in(tx->arena);
    json_put_text(doc, "name", text_printf(tx->arena, "Schedule %d", sim->schedule_count));
    json_put_string(doc, "time_zone", zones[chance_below(sim, 5)]);
    int count = 1 + chance_below(sim, 3);
    for (int i = 0; i < count; i++) {
        int person = chance_below(sim, sim->person_count);
        s->people[s->people_count++] = person;
        json_t *user = json_object_in(tx->arena), *entry = json_object_in(tx->arena);
        json_put_string(user, "id", sim->people[person].id);
        json_put(entry, "user", user);
        json_append(users, entry);
    }
    static const int64_t turns[] = {3600, 12 * 3600, 86400, 7 * 86400};
    json_put_string(layer, "name", "Layer");
    json_put_string(layer, "start", "2025-12-29T09:00:00");
    json_put_string(layer, "rotation_virtual_start", "2025-12-29T09:00:00");
    json_put_int(layer, "rotation_turn_length_seconds", turns[chance_below(sim, 4)]);
    json_put(layer, "users", users);
    if (chance_is(sim, 0.4)) { /* office hours only: there are gaps */
        json_t *restrictions = json_array_in(tx->arena), *restriction = json_object_in(tx->arena);
        json_put_string(restriction, "type", "daily_restriction");
        json_put_string(restriction, "start_time_of_day", "08:00:00");
        json_put_int(restriction, "duration_seconds", 10 * 3600);
        json_append(restrictions, restriction);
        json_put(layer, "restrictions", restrictions);
    }
    json_append(layers, layer);
    json_put(doc, "schedule_layers", layers);
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

static enum err store_service(struct tx *tx, struct sim *sim, const struct service *s, const char *query)
{
    struct query *q = db_query(tx->db, query);
    query_bind_text(q, "id", text_of(s->id));
    query_bind_text(q, "name", text_of(s->name));
    query_bind_text(q, "status", s->disabled ? TEXT("disabled") : TEXT("active"));
    query_bind_text(q, "policy_id", text_of(sim->policies[s->policy].id));
    bind_seconds(q, "auto_resolve_timeout_s", s->resolve_timeout_s);
    bind_seconds(q, "acknowledgement_timeout_s", s->ack_timeout_s);
    query_bind_text(q, "urgency_type", TEXT("constant"));
    query_bind_text(q, "urgency", text_of(s->urgency));
    static const char *const absent[] = {"description", "urgency_during", "urgency_outside", "support_time_zone", "support_days", "support_start",
                                         "support_end", "grouping_aggregate", "grouping_fields"};
    for (size_t i = 0; i < sizeof absent / sizeof absent[0]; i++)
        query_bind_null(q, absent[i]);
    query_bind_text(q, "scheduled_actions", TEXT("[]"));
    query_bind_text(q, "alert_creation", TEXT("create_alerts_and_incidents"));
    query_bind_text(q, "grouping_type", s->grouping_s > 0 ? TEXT("time") : TEXT_NONE);
    bind_seconds(q, "grouping_timeout_s", s->grouping_s);
    query_bind_bool(q, "grouping_rolling", false);
    query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

static enum err make_service(struct tx *tx, struct sim *sim)
{
    static const char *const urgencies[] = {"high", "high", "high", "low", "severity_based"};
    static const int64_t ack_timeouts[] = {0, 600, 1800}, resolve_timeouts[] = {0, 0, 14400};
    struct service *s = &sim->services[sim->service_count];
    *s = (struct service){.policy = chance_below(sim, sim->policy_count), .urgency = urgencies[chance_below(sim, 5)],
                          .ack_timeout_s = ack_timeouts[chance_below(sim, 3)], .resolve_timeout_s = resolve_timeouts[chance_below(sim, 3)],
                          .grouping_s = chance_is(sim, 0.3) ? 600 : 0};
    copy_id(s->id, sizeof s->id, id_new_object(tx->env, tx->arena));
    copy_id(s->key, sizeof s->key, id_new_key(tx->env, tx->arena, 32));
    snprintf(s->name, sizeof s->name, "service-%d", sim->service_count++);
    enum err err = store_service(tx, sim, s, "service_insert");
    struct query *q = db_query(tx->db, "setup_integration_insert");
    query_bind_text(q, "id", id_new_object(tx->env, tx->arena));
    query_bind_text(q, "service_id", text_of(s->id));
    query_bind_text(q, "name", TEXT("Events"));
    query_bind_text(q, "integration_key", text_of(s->key));
    query_bind_instant(q, "now", tx->now);
    return err == OK ? query_run(q) : err;
}

static enum err make(struct tx *tx, void *argument)
{
    struct sim *sim = argument;
    enum err err = make_people(tx, sim);
    for (int n = chance_below(sim, SCHEDULES_MAX); n > 0 && err == OK; n--)
        err = make_schedule(tx, sim);
    for (int n = 1 + chance_below(sim, POLICIES_MAX); n > 0 && err == OK; n--)
        err = make_policy(tx, sim);
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

/* Edits ------------------------------------------------------------------------------------------------------------------------ */

static enum err run_with_id(struct tx *tx, const char *query, const char *id, bool timed)
{
    struct query *q = db_query(tx->db, query);
    query_bind_text(q, "id", text_of(id));
    if (timed)
        query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

static enum err rules_changed(struct tx *tx, struct sim *sim, enum err so_far, int contact)
{
    return so_far == OK ? pages_ladder_changed(tx, text_of(sim->people[sim->contacts[contact].person].id)) : so_far;
}

static enum err edit_rule(struct tx *tx, struct sim *sim)
{
    if (sim->contact_count == 0)
        return OK;
    int contact = chance_below(sim, sim->contact_count);
    if (sim->contacts[contact].gone)
        return OK;
    int known = sim->rule_count, rule = chance_below(sim, known + 1);
    if (rule == known || sim->rules[rule].gone || sim->rules[rule].person != sim->contacts[contact].person)
        return rules_changed(tx, sim, add_rule(tx, sim, contact, true, rule_delay(sim)), contact);
    struct rule *r = &sim->rules[rule];
    if (chance_is(sim, 0.5)) {
        r->gone = true;
        return rules_changed(tx, sim, run_with_id(tx, "notification_rule_delete", r->id, false), contact);
    }
    r->contact = contact;
    struct query *q = db_query(tx->db, "notification_rule_update");
    query_bind_text(q, "id", text_of(r->id));
    query_bind_text(q, "urgency", TEXT("high"));
    query_bind_int(q, "start_delay_s", rule_delay(sim));
    query_bind_text(q, "contact_method_id", text_of(sim->contacts[contact].id));
    return rules_changed(tx, sim, query_run(q), contact);
}

static enum err delete_contact(struct tx *tx, struct sim *sim)
{
    if (sim->contact_count == 0)
        return OK;
    struct contact *c = &sim->contacts[chance_below(sim, sim->contact_count)];
    if (c->gone || sim->people[c->person].admin)
        return OK;
    c->gone = true;
    for (int r = 0; r < sim->rule_count; r++)
        sim->rules[r].gone = sim->rules[r].gone || strcmp(sim->contacts[sim->rules[r].contact].id, c->id) == 0;
    enum err err = run_with_id(tx, "contact_method_rules_delete", c->id, false);
    return err == OK ? run_with_id(tx, "contact_method_delete", c->id, true) : err;
}

static enum err delete_person(struct tx *tx, struct sim *sim)
{
    int p = chance_below(sim, sim->person_count);
    struct query *q = db_query(tx->db, "user_open_assignments");
    query_bind_text(q, "id", text_of(sim->people[p].id));
    if (sim->people[p].gone || sim->people[p].admin || query_next(q))
        return OK;
    sim->people[p].gone = true;
    for (int c = 0; c < sim->contact_count; c++)
        sim->contacts[c].gone = sim->contacts[c].gone || sim->contacts[c].person == p;
    enum err err = run_with_id(tx, "user_delete", sim->people[p].id, true);
    if (err == OK)
        err = run_with_id(tx, "user_contact_methods_delete", sim->people[p].id, true);
    return err == OK ? handoffs_reschedule_user(tx, text_of(sim->people[p].id)) : err;
}

static enum err edit_policy(struct tx *tx, struct sim *sim)
{
    struct simulated_policy *policy = &sim->policies[chance_below(sim, sim->policy_count)];
    policy->version++;
    struct query *q = db_query(tx->db, "escalation_policy_update");
    query_bind_text(q, "id", text_of(policy->id));
    query_bind_text(q, "name", text_of(policy->name));
    query_bind_null(q, "description");
    query_bind_int(q, "version", policy->version);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    return err == OK ? store_policy_version(tx, sim, policy) : err;
}

static enum err switch_service(struct tx *tx, struct sim *sim)
{
    struct service *s = &sim->services[chance_below(sim, sim->service_count)];
    bool was = s->disabled;
    s->disabled = !was && chance_is(sim, 0.3);
    enum err err = store_service(tx, sim, s, "service_update");
    return err == OK && was != s->disabled ? service_switched(tx, text_of(s->id)) : err;
}

static enum err verify_contact(struct tx *tx, struct sim *sim)
{
    if (sim->contact_count == 0)
        return OK;
    int contact = chance_below(sim, sim->contact_count);
    if (sim->contacts[contact].gone)
        return OK;
    return rules_changed(tx, sim, run_with_id(tx, "contact_method_verified", sim->contacts[contact].id, true), contact);
}

static enum err open_window(struct tx *tx, struct sim *sim)
{
    if (sim->window_count == WINDOWS_MAX)
        return OK;
    struct window *w = &sim->windows[sim->window_count];
    *w = (struct window){.start = instant_add_s(tx->now, chance_is(sim, 0.5) ? 0 : chance_seconds(sim, 60, 7200)),
                         .services = 1u << chance_below(sim, sim->service_count)};
    w->end = instant_add_s(w->start, chance_seconds(sim, 300, 7200));
    copy_id(w->id, sizeof w->id, id_new_object(tx->env, tx->arena));
    struct query *q = db_query(tx->db, "maintenance_window_insert");
    query_bind_text(q, "id", text_of(w->id));
    query_bind_instant(q, "start_at", w->start);
    query_bind_instant(q, "end_at", w->end);
    query_bind_text(q, "description", TEXT("work"));
    query_bind_text(q, "created_by", text_of(sim->people[0].id));
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    for (int s = 0; s < sim->service_count && err == OK; s++)
        if (w->services & (1u << s)) {
            q = db_query(tx->db, "maintenance_window_services_add");
            query_bind_text(q, "id", text_of(w->id));
            query_bind_text(q, "value", text_of(sim->services[s].id));
            err = query_run(q);
        }
    sim->window_count++;
    return err == OK ? maintenance_changed(tx, text_of(w->id)) : err;
}

static enum err end_window(struct tx *tx, struct sim *sim)
{
    if (sim->window_count == 0)
        return OK;
    struct window *w = &sim->windows[sim->window_count - 1];
    if (w->cancelled || !instant_before(tx->now, w->end))
        return OK;
    w->cancelled = instant_before(tx->now, w->start);
    w->end = w->cancelled ? w->end : tx->now;
    enum err err = run_with_id(tx, "maintenance_window_delete", w->id, true);
    return err == OK ? maintenance_changed(tx, text_of(w->id)) : err;
}

static enum err add_override(struct tx *tx, struct sim *sim)
{
    if (sim->schedule_count == 0)
        return OK;
    struct simulated_schedule *s = &sim->schedules[chance_below(sim, sim->schedule_count)];
    int person = chance_below(sim, sim->person_count);
    if (sim->people[person].gone)
        return OK;
    struct schedule_override override = {.user_id = text_of(sim->people[person].id), .start = instant_add_s(tx->now, chance_seconds(sim, 0, 3600))};
    override.start.us -= override.start.us % SECOND_US;
    override.end = instant_add_s(override.start, chance_seconds(sim, 600, 14400));
    int64_t number;
    if (s->people_count < PEOPLE_MAX)
        s->people[s->people_count++] = person;
    enum err err = schedules_add_override(tx, text_of(s->id), &override, TEXT_NONE, problem_new(tx->arena), &number);
    if (err == ERR_INVALID) /* its start rounded into the past is the administrator's mistake, not the engine's */
        return OK;
    return err == OK ? handoffs_reschedule(tx, text_of(s->id)) : err;
}

static enum err edit(struct tx *tx, void *argument)
{
    struct edit *e = argument;
    switch (e->what) {
    case 0: case 1: return edit_rule(tx, e->sim);
    case 2: return delete_contact(tx, e->sim);
    case 3: return delete_person(tx, e->sim);
    case 4: return edit_policy(tx, e->sim);
    case 5: return switch_service(tx, e->sim);
    case 6: return verify_contact(tx, e->sim);
    case 7: case 8: return open_window(tx, e->sim);
    case 9: return end_window(tx, e->sim);
    default: return add_override(tx, e->sim);
    }
}

void world_edit(struct sim *sim)
{
    static const char *const names[] = {"edit rule", "edit rule", "delete contact", "delete person", "edit policy", "switch service", "verify contact",
                                        "maintenance", "maintenance", "end maintenance", "override"};
    struct edit e = {.sim = sim, .what = chance_below(sim, 11)};
    enum err err = sim_run(sim, edit, &e);
    sim_note(sim, "%s: %s", names[e.what], err_name(err));
    if (err != OK)
        sim_fail(sim, "E5", "an edit (%s) was refused: %s", names[e.what], err_name(err));
}
