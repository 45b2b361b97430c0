/* Why: see setup.h. */
#include "cli/setup.h"

#include "base/id.h"
#include "base/json.h"
#include "base/log.h"
#include "engine/schedules.h"

enum { LEVEL_DELAY_S = 300, POLICY_REPEATS = 1, KEY_CHARS = 32, WEEK_S = 7 * 86400 };

enum err setup_remember(struct tx *tx, const char *name, struct text value)
{
    struct query *q = db_query(tx->db, "installation_set");
    query_bind_text(q, "name", text_of(name));
    query_bind_text(q, "value", value);
    return query_run(q);
}

/* People --------------------------------------------------------------------------------------------------------------- */

static enum err add_contact(struct tx *tx, struct text user, const char *channel, const char *label, struct text address, int64_t country_code,
                            struct text *ret_id)
{
    struct text id = id_new_object(tx->env, tx->arena);
    struct query *q = db_query(tx->db, "contact_method_admin_insert");
    query_bind_text(q, "id", id);
    query_bind_text(q, "user_id", user);
    query_bind_text(q, "channel", text_of(channel));
    query_bind_text(q, "label", text_of(label));
    query_bind_text(q, "address", address);
    query_bind_int(q, "country_code", country_code);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    if (err == OK)
        *ret_id = id;
    return err;
}

static enum err add_rule(struct tx *tx, struct text user, const char *urgency, int64_t delay_s, struct text contact)
{
    struct query *q = db_query(tx->db, "setup_rule_insert");
    query_bind_text(q, "id", id_new_object(tx->env, tx->arena));
    query_bind_text(q, "user_id", user);
    query_bind_text(q, "urgency", text_of(urgency));
    query_bind_int(q, "start_delay_s", delay_s);
    query_bind_text(q, "contact_method_id", contact);
    query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

static enum err add_ladder(struct tx *tx, struct text user, const struct setup_person *person)
{
    enum { PUSH, EMAIL, SMS, PHONE, CONTACTS };
    /* A newcomer who sends the first event must hear a phone ring at once; people who sleep set theirs as they like. */
    static const struct { const char *urgency; int64_t delay_s; int contact; } ladder[] = {
        {"high", 0, PUSH}, {"high", 0, EMAIL}, {"high", 0, SMS}, {"high", 10, PHONE}, {"high", 120, PHONE}, {"high", 180, PHONE},
        {"low", 0, EMAIL}, {"low", 0, PUSH},
    };
    struct text contacts[CONTACTS];
    enum err err = add_contact(tx, user, "push", "App", user, 0, &contacts[PUSH]);
    if (err == OK)
        err = add_contact(tx, user, "email", "Default", text_of(person->email), 0, &contacts[EMAIL]);
    if (err == OK)
        err = add_contact(tx, user, "sms", "Mobile", text_of(person->phone), person->country_code, &contacts[SMS]);
    if (err == OK)
        err = add_contact(tx, user, "phone", "Mobile", text_of(person->phone), person->country_code, &contacts[PHONE]);
    for (size_t i = 0; err == OK && i < sizeof ladder / sizeof ladder[0]; i++)
        err = add_rule(tx, user, ladder[i].urgency, ladder[i].delay_s, contacts[ladder[i].contact]);
    return err;
}

enum err setup_person(struct tx *tx, const struct setup_person *person, struct text *ret_id)
{
    struct text id = id_new_object(tx->env, tx->arena);
    struct query *q = db_query(tx->db, "user_admin_insert");
    query_bind_text(q, "id", id);
    query_bind_text(q, "name", text_of(person->name));
    query_bind_text(q, "email", text_of(person->email));
    query_bind_text(q, "role", text_of(person->role));
    query_bind_text(q, "time_zone", text_of(person->time_zone));
    query_bind_text(q, "job_title", text_of(person->job_title));
    query_bind_text(q, "password_hash", person->password_hash);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    if (err == OK && person->phone)
        err = add_ladder(tx, id, person);
    if (err == OK)
        *ret_id = id;
    return err;
}

/* Teams ------------------------------------------------------------------------------------------------------------------ */

enum err setup_team(struct tx *tx, const char *name, const char *description, struct text *ret_id)
{
    struct text id = id_new_object(tx->env, tx->arena);
    struct query *q = db_query(tx->db, "setup_team_insert");
    query_bind_text(q, "id", id);
    query_bind_text(q, "name", text_of(name));
    query_bind_text(q, "description", text_of(description));
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    if (err == OK)
        *ret_id = id;
    return err;
}

enum err setup_member(struct tx *tx, struct text team, struct text user, const char *role)
{
    struct query *q = db_query(tx->db, "setup_team_member_insert");
    query_bind_text(q, "team_id", team);
    query_bind_text(q, "user_id", user);
    query_bind_text(q, "role", text_of(role));
    return query_run(q);
}

/* Policies ------------------------------------------------------------------------------------------------------------------ */

static json_t *target_json(struct tx *tx, bool is_user, struct text id)
{
    json_t *target = json_object_in(tx->arena);
    json_put_string(target, "type", is_user ? "user" : "schedule");
    json_put_text(target, "id", id);
    return target;
}

static struct text policy_document(struct tx *tx, const struct setup_policy *policy)
{
    json_t *doc = json_object_in(tx->arena), *rules = json_array_in(tx->arena);
    for (size_t i = 0; i < policy->level_count; i++) {
        json_t *rule = json_object_in(tx->arena), *targets = json_array_in(tx->arena);
        json_put_text(rule, "id", id_new_object(tx->env, tx->arena));
        json_put_int(rule, "delay_s", LEVEL_DELAY_S);
        json_put_string(rule, "strategy", "everyone");
        json_append(targets, target_json(tx, policy->levels[i].is_user, policy->levels[i].target));
        json_put(rule, "targets", targets);
        json_append(rules, rule);
    }
    json_put_string(doc, "name", policy->name);
    json_put_int(doc, "num_loops", POLICY_REPEATS);
    json_put_string(doc, "on_call_handoff_notifications", "if_has_services");
    json_put(doc, "catch_all", text_is_present(policy->catch_all) ? target_json(tx, true, policy->catch_all) : NULL);
    json_put(doc, "rules", rules);
    return json_write(tx->arena, doc);
}

static enum err add_target(struct tx *tx, struct text policy, size_t level, bool is_user, struct text target)
{
    struct query *q = db_query(tx->db, "setup_policy_target_insert");
    query_bind_text(q, "policy_id", policy);
    query_bind_int(q, "level", (int64_t)level);
    query_bind_text(q, "target_type", is_user ? TEXT("user") : TEXT("schedule"));
    query_bind_text(q, "target_id", target);
    return query_run(q);
}

static enum err add_targets(struct tx *tx, struct text id, const struct setup_policy *policy)
{
    enum err err = OK;
    for (size_t i = 0; err == OK && i < policy->level_count; i++)
        err = add_target(tx, id, i + 1, policy->levels[i].is_user, policy->levels[i].target);
    if (err == OK && text_is_present(policy->catch_all))
        err = add_target(tx, id, 0, true, policy->catch_all);
    if (err == OK && text_is_present(policy->team)) {
        struct query *q = db_query(tx->db, "setup_policy_team_insert");
        query_bind_text(q, "policy_id", id);
        query_bind_text(q, "team_id", policy->team);
        err = query_run(q);
    }
    return err;
}

enum err setup_policy(struct tx *tx, const struct setup_policy *policy, struct text *ret_id)
{
    struct text id = id_new_object(tx->env, tx->arena);
    struct query *q = db_query(tx->db, "setup_policy_insert");
    query_bind_text(q, "id", id);
    query_bind_text(q, "name", text_of(policy->name));
    query_bind_text(q, "description", text_of(policy->description));
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    if (err == OK) {
        q = db_query(tx->db, "setup_policy_version_insert");
        query_bind_text(q, "policy_id", id);
        query_bind_text(q, "doc", policy_document(tx, policy));
        query_bind_instant(q, "now", tx->now);
        err = query_run(q);
    }
    if (err == OK)
        err = add_targets(tx, id, policy);
    if (err == OK)
        *ret_id = id;
    return err;
}

/* Services ------------------------------------------------------------------------------------------------------------------- */

static enum err add_integration(struct tx *tx, struct text service, bool is_first)
{
    struct text id = id_new_object(tx->env, tx->arena);
    struct query *q = db_query(tx->db, "setup_integration_insert");
    query_bind_text(q, "id", id);
    query_bind_text(q, "service_id", service);
    query_bind_text(q, "name", TEXT("Events API v2"));
    query_bind_text(q, "integration_key", id_new_key(tx->env, tx->arena, KEY_CHARS));
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    return err == OK && is_first ? setup_remember(tx, "first_integration", id) : err;
}

/* Absent: none. */
static enum err add_grouping(struct tx *tx, int64_t timeout_s, struct text *ret_id)
{
    *ret_id = TEXT_NONE;
    if (timeout_s == 0)
        return OK;
    *ret_id = id_new_object(tx->env, tx->arena);
    struct query *q = db_query(tx->db, "setup_grouping_insert");
    query_bind_text(q, "id", *ret_id);
    query_bind_int(q, "timeout_s", timeout_s);
    query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

enum err setup_service(struct tx *tx, const struct setup_service *service)
{
    enum { ACKNOWLEDGEMENT_TIMEOUT_S = 1800 };
    struct text id = id_new_object(tx->env, tx->arena), grouping;
    enum err err = add_grouping(tx, service->grouping_s, &grouping);
    if (err != OK)
        return err;
    struct query *q = db_query(tx->db, "setup_service_insert");
    query_bind_text(q, "id", id);
    query_bind_text(q, "name", text_of(service->name));
    query_bind_text(q, "description", text_of(service->description));
    query_bind_text(q, "policy_id", service->policy);
    query_bind_int(q, "acknowledgement_timeout_s", ACKNOWLEDGEMENT_TIMEOUT_S);
    query_bind_text(q, "urgency", text_of(service->urgency));
    query_bind_text(q, "grouping_setting_id", grouping);
    query_bind_instant(q, "now", tx->now);
    err = query_run(q);
    return err == OK ? add_integration(tx, id, service->is_first) : err;
}

/* Schedules -------------------------------------------------------------------------------------------------------------------- */

/* A Monday before anything Muster may be asked about; on the wall of the schedule's zone. */
#define FIRST_MONDAY "2009-12-28T09:00:00"

static json_t *rotation_document(struct tx *tx, const struct setup_rotation *rotation)
{
    json_t *document = json_object_in(tx->arena), *layers = json_array_in(tx->arena), *layer = json_object_in(tx->arena);
    json_t *users = json_array_in(tx->arena);
    for (size_t i = 0; i < rotation->user_count; i++) {
        json_t *user = json_object_in(tx->arena), *entry = json_object_in(tx->arena);
        json_put_text(user, "id", rotation->users[i]);
        json_put(entry, "user", user);
        json_append(users, entry);
    }
    json_put_string(layer, "name", "Weekly");
    json_put_string(layer, "start", FIRST_MONDAY);
    json_put_string(layer, "rotation_virtual_start", FIRST_MONDAY);
    json_put_int(layer, "rotation_turn_length_seconds", WEEK_S);
    json_put(layer, "users", users);
    json_append(layers, layer);
    json_put_string(document, "name", rotation->name);
    json_put_string(document, "description", rotation->description);
    json_put_string(document, "time_zone", rotation->time_zone);
    json_put(document, "schedule_layers", layers);
    return document;
}

enum err setup_rotation(struct tx *tx, const struct setup_rotation *rotation, struct text *ret_id)
{
    struct problem *problem = problem_new(tx->arena);
    struct schedule schedule;
    struct text team = rotation->team;
    enum err err = schedule_from_json(tx->arena, rotation_document(tx, rotation), "schedule", problem, &schedule);
    struct schedule_write write = {.id = TEXT(""), .schedule = &schedule, .has_teams = true, .team_ids = &team, .team_count = 1, .path = "schedule"};
    if (err == OK)
        err = schedules_write(tx, &write, problem, ret_id);
    for (size_t i = 0; i < problem->count; i++)
        log_error("setup", "%.*s", TEXT_ARG(problem_line(problem, i)));
    return err;
}
