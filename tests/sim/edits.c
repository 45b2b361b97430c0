/* Why: administrators change everything while incidents are open, by the REST API: what there is to change is read from the store, so a change
 * that was refused or lost is not believed in. A refusal by a rule (4xx) is an answer; 5xx is none while the store works. */
#include <stdio.h>

#include "base/id.h"
#include "door.h"

enum { LEVELS = 4, PATH_MAX_BYTES = 200 };

/* A random id of "FROM ... WHERE ..."; false: there is none. */
#define ANY(ret, condition) any(sim, "SELECT COUNT(*) FROM " condition, "SELECT x.id FROM " condition " ORDER BY x.rowid LIMIT 1 OFFSET ?1", ret)
struct id { char is[60]; };

static bool any(struct sim *sim, const char *count_sql, const char *sql, struct id *ret)
{
    int64_t count = judge_number(sim, count_sql, 0, 0, 0);
    return judge_text(sim, sql, chance_below(sim, (int)count), ret->is, sizeof ret->is);
}

static bool any_user(struct sim *sim, struct id *ret) { return ANY(ret, "users x WHERE x.deleted_at IS NULL AND x.id <> 'PCANARY'"); }
static bool any_policy(struct sim *sim, struct id *ret) { return ANY(ret, "escalation_policies x WHERE x.deleted_at IS NULL AND x.id <> 'PCANARY'"); }
static bool any_schedule(struct sim *sim, struct id *ret) { return ANY(ret, "schedules x WHERE x.deleted_at IS NULL"); }
static bool any_layered(struct sim *sim, struct id *ret) { return ANY(ret, "schedules x WHERE x.deleted_at IS NULL AND x.type = 'schedule'"); }
static bool any_shift_based(struct sim *sim, struct id *ret) { return ANY(ret, "schedules x WHERE x.deleted_at IS NULL AND x.type = 'schedule_v3'"); }
static bool any_service(struct sim *sim, struct id *ret) { return ANY(ret, "services x WHERE x.deleted_at IS NULL AND x.id <> 'PCANARY'"); }

static const char *path(struct sim *sim, const char *format, const char *a, const char *b)
{
    char *text = arena_alloc(sim->arena, PATH_MAX_BYTES);
    snprintf(text, PATH_MAX_BYTES, format, a, b);
    return text;
}

static void ask(struct sim *sim, const char *method, const char *where, const char *wrapper, json_t *object)
{
    json_t *body = NULL;
    if (object) {
        body = json_object_in(sim->arena);
        json_put(body, wrapper, object);
    }
    struct answer answer = door_ask(sim, method, where, body);
    sim_counts.edits++;
    sim_counts.edits_refused += answer.status >= 400 && answer.status < 500;
    sim_note(sim, "%s %s: %d", method, where, answer.status);
    bool excused = answer.status == 0 || (answer.status == 503 && sim->trouble);
    if (answer.status >= 500 ? !excused : answer.status == 401 || answer.status == 403)
        sim_fail(sim, "E5", "%s %s was answered %d", method, where, answer.status);
}

static json_t *reference(struct sim *sim, const char *type, const char *id)
{
    json_t *object = json_object_in(sim->arena);
    json_put_string(object, "id", id);
    json_put_string(object, "type", type);
    return object;
}

/* People ------------------------------------------------------------------------------------------------------------------ */

static void add_user(struct sim *sim)
{
    json_t *user = json_object_in(sim->arena);
    int64_t number = judge_number(sim, "SELECT COUNT(*) FROM users", 0, 0, 0);
    json_put_text(user, "name", text_printf(sim->arena, "New person %lld", (long long)number));
    json_put_text(user, "email", text_printf(sim->arena, "new%lld@example.org", (long long)number));
    ask(sim, "POST", "/users", "user", user);
}

static void delete_user(struct sim *sim)
{
    struct id user;
    if (any_user(sim, &user) && strcmp(user.is, sim->people[0].id) != 0)
        ask(sim, "DELETE", path(sim, "/users/%s%s", user.is, ""), NULL, NULL);
}

static void add_contact(struct sim *sim)
{
    static const char *const types[] = {"email_contact_method", "sms_contact_method", "phone_contact_method"};
    struct id user;
    if (!any_user(sim, &user))
        return;
    int type = chance_below(sim, 3);
    json_t *method = json_object_in(sim->arena);
    int64_t number = judge_number(sim, "SELECT COUNT(*) FROM contact_methods", 0, 0, 0);
    json_put_string(method, "type", types[type]);
    json_put_string(method, "label", "New");
    json_put_text(method, "address", type == 0 ? text_printf(sim->arena, "b%lld@example.org", (long long)number) : text_printf(sim->arena, "1511%07lld", (long long)number));
    if (type > 0)
        json_put_int(method, "country_code", 49);
    json_put_bool(method, "verified", chance_is(sim, 0.8));
    ask(sim, "POST", path(sim, "/users/%s/contact_methods%s", user.is, ""), "contact_method", method);
}

static bool any_contact(struct sim *sim, struct id *ret_contact, struct id *ret_user)
{
    int64_t count = judge_number(sim, "SELECT COUNT(*) FROM contact_methods x WHERE x.deleted_at IS NULL AND x.user_id <> 'PCANARY'", 0, 0, 0), n = chance_below(sim, (int)count);
    return judge_text(sim, "SELECT x.id FROM contact_methods x WHERE x.deleted_at IS NULL AND x.user_id <> 'PCANARY' ORDER BY x.rowid LIMIT 1 OFFSET ?1", n, ret_contact->is, sizeof ret_contact->is) &&
           judge_text(sim, "SELECT x.user_id FROM contact_methods x WHERE x.deleted_at IS NULL AND x.user_id <> 'PCANARY' ORDER BY x.rowid LIMIT 1 OFFSET ?1", n, ret_user->is, sizeof ret_user->is);
}

static void delete_contact(struct sim *sim)
{
    struct id contact, user;
    if (any_contact(sim, &contact, &user) && strcmp(user.is, sim->people[0].id) != 0)
        ask(sim, "DELETE", path(sim, "/users/%s/contact_methods/%s", user.is, contact.is), NULL, NULL);
}

static void verify_contact(struct sim *sim)
{
    struct id contact, user;
    if (!any_contact(sim, &contact, &user))
        return;
    json_t *method = json_object_in(sim->arena);
    json_put_bool(method, "verified", true);
    ask(sim, "PUT", path(sim, "/users/%s/contact_methods/%s", user.is, contact.is), "contact_method", method);
}

static json_t *rule_for(struct sim *sim, const char *contact)
{
    static const int64_t delays[] = {0, 0, 0, 60, 120, 120, 300, 900};
    json_t *rule = json_object_in(sim->arena);
    json_put_int(rule, "start_delay_in_seconds", delays[chance_below(sim, 8)]);
    json_put(rule, "contact_method", reference(sim, "email_contact_method", contact));
    json_put_string(rule, "urgency", chance_is(sim, 0.8) ? "high" : "low");
    return rule;
}

static void edit_rule(struct sim *sim)
{
    struct id contact, user, rule;
    if (!any_contact(sim, &contact, &user))
        return;
    int dice = chance_below(sim, 3);
    if (dice == 0 || !ANY(&rule, "notification_rules x WHERE x.user_id <> 'PCANARY'")) {
        ask(sim, "POST", path(sim, "/users/%s/notification_rules%s", user.is, ""), "notification_rule", rule_for(sim, contact.is));
        return;
    }
    struct id owner = {""};
    int64_t n = chance_below(sim, (int)judge_number(sim, "SELECT COUNT(*) FROM notification_rules WHERE user_id <> 'PCANARY'", 0, 0, 0));
    judge_text(sim, "SELECT x.id FROM notification_rules x WHERE x.user_id <> 'PCANARY' ORDER BY x.rowid LIMIT 1 OFFSET ?1", n, rule.is, sizeof rule.is);
    judge_text(sim, "SELECT x.user_id FROM notification_rules x WHERE x.user_id <> 'PCANARY' ORDER BY x.rowid LIMIT 1 OFFSET ?1", n, owner.is, sizeof owner.is);
    if (dice == 1) {
        ask(sim, "DELETE", path(sim, "/users/%s/notification_rules/%s", owner.is, rule.is), NULL, NULL);
        return;
    }
    judge_text(sim, "SELECT x.contact_method_id FROM notification_rules x WHERE x.user_id <> 'PCANARY' ORDER BY x.rowid LIMIT 1 OFFSET ?1", n, contact.is, sizeof contact.is);
    ask(sim, "PUT", path(sim, "/users/%s/notification_rules/%s", owner.is, rule.is), "notification_rule", rule_for(sim, contact.is));
}

static void edit_handoff_rule(struct sim *sim)
{
    struct id contact, user;
    if (!any_contact(sim, &contact, &user))
        return;
    json_t *rule = json_object_in(sim->arena);
    json_put_string(rule, "handoff_type", "both");
    json_put_int(rule, "notify_advance_in_minutes", 60 * chance_below(sim, 3));
    json_put(rule, "contact_method", reference(sim, "email_contact_method", contact.is));
    ask(sim, "POST", path(sim, "/users/%s/oncall_handoff_notification_rules%s", user.is, ""), "oncall_handoff_notification_rule", rule);
}

/* Schedules and policies ----------------------------------------------------------------------------------------------------------- */

static size_t one_to_three_people(struct sim *sim, struct id people[3], const char *names[3])
{
    size_t count = 1 + (size_t)chance_below(sim, 3);
    for (size_t i = 0; i < count; i++) {
        any_user(sim, &people[i]);
        names[i] = people[i].is;
    }
    return count;
}

static void edit_schedule(struct sim *sim)
{
    struct id schedule, people[3];
    if (!any_layered(sim, &schedule))
        return;
    const char *names[3];
    size_t count = one_to_three_people(sim, people, names);
    json_t *doc = json_object_in(sim->arena), *layers = json_array_in(sim->arena);
    json_append(layers, world_layer(sim, sim->arena, names, count));
    if (chance_is(sim, 0.3))
        json_append(layers, world_layer(sim, sim->arena, names, 1));
    if (chance_is(sim, 0.4)) /* other rules for the wall clock */
        json_put_string(doc, "time_zone", world_zones[chance_below(sim, 5)]);
    json_put(doc, "schedule_layers", layers);
    ask(sim, "PUT", path(sim, "/schedules/%s%s", schedule.is, ""), "schedule", doc);
}

static void delete_schedule(struct sim *sim)
{
    struct id schedule;
    if (chance_is(sim, 0.6) && any_layered(sim, &schedule))
        ask(sim, "DELETE", path(sim, "/schedules/%s%s", schedule.is, ""), NULL, NULL);
    else if (any_shift_based(sim, &schedule))
        ask(sim, "DELETE", path(sim, "/v3/schedules/%s%s", schedule.is, ""), NULL, NULL);
}

static void override_from(struct sim *sim, int64_t in_s)
{
    struct id schedule, user;
    if (!any_layered(sim, &schedule) || !any_user(sim, &user))
        return;
    json_t *override = json_object_in(sim->arena), *list = json_array_in(sim->arena);
    instant start = instant_add_s(sim_now(sim), in_s), end = instant_add_s(start, chance_seconds(sim, 600, 14400));
    json_put_instant(override, "start", start);
    json_put_instant(override, "end", end);
    json_put(override, "user", reference(sim, "user_reference", user.is));
    json_append(list, override);
    ask(sim, "POST", path(sim, "/schedules/%s/overrides%s", schedule.is, ""), "overrides", list);
}

static void add_override(struct sim *sim)
{
    override_from(sim, chance_seconds(sim, -60, 3600));
}

void edits_override_now(struct sim *sim)
{
    override_from(sim, -1);
}

static void delete_override(struct sim *sim)
{
    int64_t number = judge_number(sim, "SELECT MAX(number) FROM schedule_overrides WHERE deleted_at IS NULL", 0, 0, 0);
    struct id schedule, kind;
    if (number == 0 || !judge_text(sim, "SELECT schedule_id FROM schedule_overrides WHERE number = ?1", number, schedule.is, sizeof schedule.is) ||
        !judge_text(sim, "SELECT kind FROM schedule_overrides WHERE number = ?1", number, kind.is, sizeof kind.is))
        return;
    bool layers = strcmp(kind.is, "layers") == 0, shift = strcmp(kind.is, "shift") == 0;
    int64_t first = judge_number(sim, "SELECT COALESCE(origin, number) FROM schedule_overrides WHERE number = ?1", number, 0, number);
    struct text id = id_public(sim->arena, shift ? ID_SHIFT : ID_OVERRIDE, first);
    ask(sim, "DELETE", path(sim, layers ? "/schedules/%s/overrides/%s" : shift ? "/v3/schedules/%s/custom_shifts/%s" : "/v3/schedules/%s/overrides/%s", schedule.is,
                            text_cstring(sim->arena, id)), NULL, NULL);
}

/* Shift-based schedules -------------------------------------------------------------------------------------------------------------- */

/* A rotation of this schedule's newest version. */
static bool any_rotation(struct sim *sim, struct id *schedule, struct id *ret)
{
    return any_shift_based(sim, schedule) &&
           judge_about_text(sim, "SELECT json_extract(e.value, '$.id') FROM schedules s JOIN schedule_versions v ON v.schedule_id = s.id AND v.version = s.version, "
                                 "json_each(v.doc, '$.rotations') e WHERE s.id = ?3 ORDER BY (e.key + ?1) % 3, e.key LIMIT 1", chance_below(sim, 3), schedule->is, ret->is, sizeof ret->is);
}

/* Another event, in a rotation that has none or beside one: then it may be refused because they meet. */
static void add_event(struct sim *sim)
{
    struct id schedule, rotation, people[3];
    if (!any_rotation(sim, &schedule, &rotation))
        return;
    const char *names[3];
    size_t count = one_to_three_people(sim, people, names);
    json_t *event = world_event(sim, sim->arena, world_zones[chance_below(sim, 5)], names, count, instant_add_s(sim_now(sim), chance_seconds(sim, -3600, 7200)));
    ask(sim, "POST", path(sim, "/v3/schedules/%s/rotations/%s/events", schedule.is, rotation.is), "event", event);
}

static void edit_rotations(struct sim *sim)
{
    struct id schedule, rotation;
    if (!any_rotation(sim, &schedule, &rotation) || chance_is(sim, 0.5)) {
        if (any_shift_based(sim, &schedule))
            ask(sim, "POST", path(sim, "/v3/schedules/%s/rotations%s", schedule.is, ""), NULL, NULL);
    } else {
        ask(sim, "DELETE", path(sim, "/v3/schedules/%s/rotations/%s", schedule.is, rotation.is), NULL, NULL);
    }
}

static json_t *member(struct sim *sim, const char *user)
{
    json_t *member = json_object_in(sim->arena);
    json_put_string(member, "type", user ? "user_member" : "empty_member");
    if (user)
        json_put_string(member, "user_id", user);
    return member;
}

static json_t *for_a_while(struct sim *sim, const char *type)
{
    json_t *object = json_object_in(sim->arena);
    instant start = instant_add_s(sim_now(sim), chance_seconds(sim, -60, 3600)), end = instant_add_s(start, chance_seconds(sim, 600, 14400));
    json_put_string(object, "type", type);
    json_put_instant(object, "start_time", start);
    json_put_instant(object, "end_time", end);
    return object;
}

static void add_shift(struct sim *sim)
{
    struct id schedule, user;
    if (!any_shift_based(sim, &schedule) || !any_user(sim, &user))
        return;
    json_t *shift = for_a_while(sim, "custom_shift"), *assignments = json_array_in(sim->arena), *assignment = json_object_in(sim->arena), *list = json_array_in(sim->arena);
    json_put_string(assignment, "type", "shift_assignment");
    json_put(assignment, "member", member(sim, user.is));
    json_append(assignments, assignment);
    json_put(shift, "assignments", assignments);
    json_append(list, shift);
    ask(sim, "POST", path(sim, "/v3/schedules/%s/custom_shifts%s", schedule.is, ""), "custom_shifts", list);
}

/* Somebody else for somebody there, or for an empty place, or nobody. */
static void replace_member(struct sim *sim)
{
    struct id schedule, rotation, whom, by;
    if (!any_rotation(sim, &schedule, &rotation) || !any_user(sim, &by))
        return;
    bool named = judge_about_text(sim, "SELECT user_id FROM schedule_users WHERE schedule_id = ?3 ORDER BY (rowid + ?1) % 5, rowid LIMIT 1", chance_below(sim, 5), schedule.is, whom.is,
                                  sizeof whom.is);
    json_t *override = for_a_while(sim, "override_shift"), *list = json_array_in(sim->arena);
    json_put_string(override, "rotation_id", rotation.is);
    json_put(override, "overridden_member", member(sim, named && chance_is(sim, 0.9) ? whom.is : NULL));
    json_put(override, "overriding_member", member(sim, chance_is(sim, 0.9) ? by.is : NULL));
    json_append(list, override);
    ask(sim, "POST", path(sim, "/v3/schedules/%s/overrides%s", schedule.is, ""), "overrides", list);
}

/* Also one that has begun: then only its end moves. */
static void move_shift(struct sim *sim)
{
    int64_t number = judge_number(sim, "SELECT MAX(number) FROM schedule_overrides WHERE deleted_at IS NULL AND kind = 'shift'", 0, 0, 0);
    struct id schedule;
    if (number == 0 || !judge_text(sim, "SELECT schedule_id FROM schedule_overrides WHERE number = ?1", number, schedule.is, sizeof schedule.is))
        return;
    int64_t first = judge_number(sim, "SELECT COALESCE(origin, number) FROM schedule_overrides WHERE number = ?1", number, 0, number);
    json_t *shift = json_object_in(sim->arena);
    json_put_instant(shift, "end_time", instant_add_s(sim_now(sim), chance_seconds(sim, -600, 7200)));
    ask(sim, "PUT", path(sim, "/v3/schedules/%s/custom_shifts/%s", schedule.is, text_cstring(sim->arena, id_public(sim->arena, ID_SHIFT, first))), "custom_shift", shift);
}

static json_t *target(struct sim *sim)
{
    struct id id;
    bool schedule = chance_is(sim, 0.5) && any_schedule(sim, &id);
    if (!schedule)
        any_user(sim, &id);
    return reference(sim, schedule ? "schedule_reference" : "user_reference", id.is);
}

static void edit_policy(struct sim *sim)
{
    static const int64_t delays[] = {60, 300, 300, 900, 1800};
    struct id policy;
    if (!any_policy(sim, &policy))
        return;
    json_t *doc = json_object_in(sim->arena), *rules = json_array_in(sim->arena);
    for (int l = 1 + chance_below(sim, LEVELS); l > 0; l--) {
        json_t *rule = json_object_in(sim->arena), *targets = json_array_in(sim->arena);
        json_put_int(rule, "escalation_delay_in_seconds", delays[chance_below(sim, 5)]);
        json_put_string(rule, "escalation_rule_assignment_strategy", chance_is(sim, 0.25) ? "round_robin" : "assign_to_everyone");
        for (int t = 1 + chance_below(sim, 3); t > 0; t--)
            json_append(targets, target(sim));
        json_put(rule, "targets", targets);
        json_append(rules, rule);
    }
    json_put_int(doc, "num_loops", chance_below(sim, 3));
    json_put(doc, "catch_all", chance_is(sim, 0.3) ? target(sim) : NULL);
    json_put(doc, "escalation_rules", rules);
    ask(sim, "PUT", path(sim, "/escalation_policies/%s%s", policy.is, ""), "escalation_policy", doc);
}

static void delete_policy(struct sim *sim)
{
    struct id policy;
    if (any_policy(sim, &policy))
        ask(sim, "DELETE", path(sim, "/escalation_policies/%s%s", policy.is, ""), NULL, NULL);
}

/* Services ------------------------------------------------------------------------------------------------------------------------------- */

static void edit_service(struct sim *sim)
{
    struct id service, policy;
    if (!any_service(sim, &service) || !any_policy(sim, &policy))
        return;
    json_t *doc = json_object_in(sim->arena);
    json_put_string(doc, "status", chance_is(sim, 0.2) ? "disabled" : "active");
    if (chance_is(sim, 0.3))
        json_put(doc, "escalation_policy", reference(sim, "escalation_policy_reference", policy.is));
    if (chance_is(sim, 0.3)) {
        static const char *const urgencies[] = {"high", "high", "low", "severity_based"};
        json_t *rule = json_object_in(sim->arena);
        json_put_string(rule, "type", "constant");
        json_put_string(rule, "urgency", urgencies[chance_below(sim, 4)]);
        json_put(doc, "incident_urgency_rule", rule);
    }
    if (chance_is(sim, 0.3))
        json_put_int(doc, "acknowledgement_timeout", chance_is(sim, 0.5) ? 600 : 1800);
    if (chance_is(sim, 0.3))
        json_put_int(doc, "auto_resolve_timeout", chance_is(sim, 0.5) ? 14400 : 3600);
    ask(sim, "PUT", path(sim, "/services/%s%s", service.is, ""), "service", doc);
}

/* Services take events from several senders; one that is gone takes its key along. */
static void edit_integration(struct sim *sim)
{
    struct id service, integration;
    bool found = ANY(&integration, "integrations x WHERE x.deleted_at IS NULL AND x.id <> 'PCANARY'"), enough = judge_number(sim, "SELECT COUNT(*) FROM integrations WHERE deleted_at IS NULL", 0, 0, 0) > 3;
    if (!found || !enough || chance_is(sim, 0.5)) {
        json_t *made = json_object_in(sim->arena);
        json_put_string(made, "type", "events_api_v2_inbound_integration");
        if (any_service(sim, &service))
            ask(sim, "POST", path(sim, "/services/%s/integrations%s", service.is, ""), "integration", made);
    } else if (judge_about_text(sim, "SELECT service_id FROM integrations WHERE id = ?3", 0, integration.is, service.is, sizeof service.is)) {
        ask(sim, "DELETE", path(sim, "/services/%s/integrations/%s", service.is, integration.is), NULL, NULL);
    }
}

void edits_take_key(struct sim *sim, const struct source *from)
{
    if (judge_number(sim, "SELECT COUNT(*) FROM integrations WHERE deleted_at IS NULL", 0, 0, 0) > 3)
        ask(sim, "DELETE", path(sim, "/services/%s/integrations/%s", from->service, from->integration), NULL, NULL);
}

static void delete_service(struct sim *sim)
{
    struct id service;
    bool enough = judge_number(sim, "SELECT COUNT(*) FROM services WHERE deleted_at IS NULL AND id <> 'PCANARY'", 0, 0, 0) > 1;
    if (enough && chance_is(sim, 0.3) && any_service(sim, &service))
        ask(sim, "DELETE", path(sim, "/services/%s%s", service.is, ""), NULL, NULL);
}

static void open_window(struct sim *sim)
{
    struct id service;
    if (!any_service(sim, &service))
        return;
    json_t *window = json_object_in(sim->arena), *services = json_array_in(sim->arena);
    instant start = instant_add_s(sim_now(sim), chance_is(sim, 0.5) ? 0 : chance_seconds(sim, 60, 7200));
    json_put_instant(window, "start_time", start);
    json_put_instant(window, "end_time", instant_add_s(start, chance_seconds(sim, 300, 7200)));
    json_append(services, reference(sim, "service_reference", service.is));
    json_put(window, "services", services);
    ask(sim, "POST", "/maintenance_windows", "maintenance_window", window);
}

static void end_window(struct sim *sim)
{
    struct id window;
    if (ANY(&window, "maintenance_windows x WHERE x.deleted_at IS NULL"))
        ask(sim, "DELETE", path(sim, "/maintenance_windows/%s%s", window.is, ""), NULL, NULL);
}

static void change_incident(struct sim *sim)
{
    int64_t number = judge_number(sim, "SELECT number FROM incidents WHERE status <> 'resolved' AND service_id <> 'PCANARY' ORDER BY (number * 7919 + ?1) % 104729 LIMIT 1", chance_below(sim, 100000), 0, 0);
    if (number == 0)
        return;
    static const char *const statuses[] = {"acknowledged", "acknowledged", "triggered", "resolved"};
    json_t *incident = json_object_in(sim->arena);
    json_put_string(incident, "type", "incident_reference");
    if (chance_is(sim, 0.7))
        json_put_string(incident, "status", statuses[chance_below(sim, 4)]);
    else
        json_put_int(incident, "escalation_level", 1 + chance_below(sim, 4));
    if (chance_is(sim, 0.3))
        json_put_string(incident, "urgency", chance_is(sim, 0.5) ? "high" : "low");
    ask(sim, "PUT", path(sim, "/incidents/%s%s", text_cstring(sim->arena, id_public(sim->arena, ID_INCIDENT, number)), ""), "incident", incident);
}

void edits_deed(struct sim *sim)
{
    static void (*const edits[])(struct sim *) = {
        edit_rule, edit_rule, add_contact, delete_contact, verify_contact, add_user, delete_user, edit_schedule, edit_schedule, delete_schedule, add_override, add_override,
        add_event, add_event, edit_rotations, add_shift, replace_member, replace_member, move_shift, delete_override, edit_policy, edit_policy, delete_policy, edit_service, edit_service, delete_service, edit_integration, edit_integration, open_window, open_window, end_window, edit_handoff_rule,
        change_incident, change_incident, change_incident,
    };
    edits[chance_below(sim, sizeof edits / sizeof edits[0])](sim);
}
