/* Why: see self_report.h. */
#include "engine/self_report.h"

#include "base/json.h"
#include "base/log.h"
#include "engine/engine_state.h"
#include "engine/incidents.h"
#include "engine/ledger.h"
#include "engine/rows.h"

#define SELF_ID "PMUSTER" /* service and policy */
enum { BODY_LINES_MAX = 20, MANAGERS_MAX = 20, LEVEL_DELAY_S = 900 };

struct report {
    const struct self_finding *findings;
    size_t count, told;
};

struct known {
    struct text name, group;
    bool still;
};

/* The service ----------------------------------------------------------------------------------------------------------- */

static enum err find_catch_all(struct tx *tx, struct text *ret)
{
    struct query *q = db_query(tx->db, "account_catch_all");
    const char *email = engine_catch_all(tx->engine);
    if (email && email[0])
        query_bind_text(q, "email", text_of(email));
    else
        query_enable(q, "administrators");
    *ret = TEXT_NONE;
    if (query_next(q))
        *ret = text_copy(tx->arena, query_text(q, 0));
    return query_failed(q) ? query_err(q) : OK;
}

static struct text policy_document(struct arena *arena, struct text user_id)
{
    json_t *document = json_object_in(arena), *rules = json_array_in(arena), *rule = json_object_in(arena), *targets = json_array_in(arena),
           *target = json_object_in(arena);
    json_put_string(target, "type", "user");
    json_put_text(target, "id", user_id);
    json_append(targets, target);
    json_put_string(rule, "id", SELF_ID);
    json_put_int(rule, "delay_s", LEVEL_DELAY_S);
    json_put_string(rule, "strategy", "everyone");
    json_put(rule, "targets", targets);
    json_append(rules, rule);
    json_put_string(document, "name", "Muster itself");
    json_put_int(document, "num_loops", 2);
    json_put_string(document, "on_call_handoff_notifications", "if_has_services");
    json_put_null(document, "catch_all");
    json_put(document, "rules", rules);
    return json_write(arena, document);
}

static enum err run(struct tx *tx, const char *name, const char *parameter, struct text value)
{
    struct query *q = db_query(tx->db, name);
    query_bind_instant(q, "now", tx->now);
    if (parameter)
        query_bind_text(q, parameter, value);
    return query_run(q);
}

static enum err target(struct tx *tx, struct text user_id)
{
    struct query *q = db_query(tx->db, "self_policy_target");
    query_bind_text(q, "user_id", user_id);
    return query_run(q);
}

/* Each statement adds its row where it is missing and what it hangs on is there. A service that was deleted comes back: somebody has to be told. */
static enum err set_up(struct tx *tx, bool *ret_exists)
{
    struct text user_id;
    int64_t services = 0;
    enum err err = find_catch_all(tx, &user_id);
    if (err == OK)
        err = run(tx, "self_policy", NULL, TEXT_NONE);
    if (err == OK)
        err = run(tx, "self_policy_version", "doc", policy_document(tx->arena, user_id));
    if (err == OK && text_is_present(user_id))
        err = target(tx, user_id);
    if (err == OK)
        err = run(tx, "self_service", NULL, TEXT_NONE);
    if (err == OK)
        err = rows_take_int(db_query(tx->db, "self_services"), &services);
    *ret_exists = services > 0;
    return err;
}

/* Telling ------------------------------------------------------------------------------------------------------------------- */

static enum err find_open(struct tx *tx, struct text group, int64_t *ret)
{
    struct query *q = db_query(tx->db, "incident_open_by_key");
    query_bind_text(q, "service_id", TEXT(SELF_ID));
    query_bind_text(q, "incident_key", group);
    *ret = 0;
    enum err err = rows_take_int(q, ret);
    return err == ERR_NOT_FOUND ? OK : err;
}

static enum err command(struct tx *tx, int64_t incident, enum incident_verb verb, struct text text)
{
    struct incident_command change = {.verb = verb, .actor = actor_system, .text = text};
    bool changed;
    return incident_command(tx, incident, &change, problem_new(tx->arena), &changed);
}

static enum err find_managers(struct tx *tx, struct text schedule_id, struct incident_create *create)
{
    if (!text_is_present(schedule_id))
        return OK;
    struct query *q = db_query(tx->db, "self_schedule_managers");
    query_bind_text(q, "schedule_id", schedule_id);
    create->user_ids = ARENA_ARRAY(tx->arena, struct text, MANAGERS_MAX);
    while (create->user_count < MANAGERS_MAX && query_next(q))
        create->user_ids[create->user_count++] = text_copy(tx->arena, query_text(q, 0));
    return query_failed(q) ? query_err(q) : OK;
}

static enum err open_incident(struct tx *tx, const struct self_finding *first, size_t others, struct text body)
{
    struct incident_create create = {.actor = actor_system, .service_id = TEXT(SELF_ID), .title = first->title, .urgency = text_of(first->is_urgent ? "high" : "low"),
                                     .incident_key = first->group, .body = body};
    if (others > 0)
        create.title = text_printf(tx->arena, "%.*s, and %zu more", TEXT_ARG(first->title), others);
    bool exists;
    enum err err = set_up(tx, &exists);
    if (err == OK && !exists) {
        log_error("self-check", "another service or policy has the name \"Muster itself\"; found: %.*s", TEXT_ARG(create.title));
        return OK;
    }
    if (err == OK)
        err = find_managers(tx, first->schedule_id, &create);
    int64_t number;
    struct problem *problem = problem_new(tx->arena);
    return err == OK ? incident_create(tx, &create, problem, &number) : err;
}

static bool is_new(const struct known *known, size_t known_count, struct text name)
{
    for (size_t i = 0; i < known_count; i++)
        if (text_equal(known[i].name, name))
            return false;
    return true;
}

/* All that is new in the group of `findings[first]`. */
static enum err tell_group(struct tx *tx, struct report *report, size_t first, const struct known *known, size_t known_count)
{
    struct text group = report->findings[first].group;
    struct builder lines = builder_new(tx->arena, 256 * 1024);
    const struct self_finding *head = NULL;
    size_t told = 0;
    for (size_t i = first; i < report->count; i++) {
        const struct self_finding *finding = &report->findings[i];
        if (!text_equal(finding->group, group) || finding->quiet || !is_new(known, known_count, finding->name))
            continue;
        head = head ? head : finding;
        if (told++ < BODY_LINES_MAX)
            builder_printf(&lines, "%.*s\n", TEXT_ARG(finding->line));
    }
    if (!head)
        return OK;
    report->told += told;
    int64_t open;
    enum err err = find_open(tx, group, &open);
    if (err != OK)
        return err;
    return open > 0 ? command(tx, open, INCIDENT_NOTE, builder_text(&lines)) : open_incident(tx, head, told - 1, builder_text(&lines));
}

/* Remembering ----------------------------------------------------------------------------------------------------------------- */

static enum err load_known(struct tx *tx, struct known **ret, size_t *ret_count)
{
    struct query *q = db_query(tx->db, "self_findings");
    query_bind_int(q, "limit", SELF_FINDINGS_MAX);
    struct known *known = ARENA_ARRAY(tx->arena, struct known, SELF_FINDINGS_MAX);
    size_t count = 0;
    while (count < SELF_FINDINGS_MAX && query_next(q))
        known[count++] = (struct known){.name = text_copy(tx->arena, query_text(q, 0)), .group = text_copy(tx->arena, query_text(q, 1))};
    *ret = known;
    *ret_count = count;
    return query_failed(q) ? query_err(q) : OK;
}

static enum err remember(struct tx *tx, const struct self_finding *finding)
{
    struct query *q = db_query(tx->db, "self_finding_set");
    query_bind_text(q, "name", finding->name);
    query_bind_text(q, "found_in", finding->group);
    query_bind_text(q, "schedule_id", finding->schedule_id);
    query_bind_instant(q, "start_at", finding->start_at);
    query_bind_instant(q, "end_at", finding->end_at);
    query_bind_instant(q, "now", tx->now);
    return query_run(q);
}

/* What was known and is not found any more; with the last one of its group the incident is over. */
static enum err forget(struct tx *tx, const struct known *gone)
{
    struct query *q = db_query(tx->db, "self_finding_forget");
    query_bind_text(q, "name", gone->name);
    enum err err = query_run(q);
    q = db_query(tx->db, "self_findings_of_group");
    query_bind_text(q, "found_in", gone->group);
    int64_t left = 0, open = 0;
    if (err == OK)
        err = rows_take_int(q, &left);
    if (err == OK && left == 0)
        err = find_open(tx, gone->group, &open);
    return err == OK && open > 0 ? command(tx, open, INCIDENT_RESOLVE, TEXT_NONE) : err;
}

static enum err apply(struct tx *tx, void *argument)
{
    struct report *report = argument;
    struct known *known;
    size_t known_count;
    report->told = 0;
    enum err err = load_known(tx, &known, &known_count);
    for (size_t i = 0; i < report->count && err == OK; i++) {
        bool first = true;
        for (size_t j = 0; j < i; j++)
            first = first && !text_equal(report->findings[j].group, report->findings[i].group);
        if (first)
            err = tell_group(tx, report, i, known, known_count);
    }
    for (size_t i = 0; i < report->count && err == OK; i++)
        err = remember(tx, &report->findings[i]);
    for (size_t k = 0; k < known_count && err == OK; k++) {
        for (size_t i = 0; i < report->count; i++)
            known[k].still = known[k].still || text_equal(known[k].name, report->findings[i].name);
        if (!known[k].still)
            err = forget(tx, &known[k]);
    }
    return err;
}

enum err self_report(struct engine *engine, const struct self_finding *findings, size_t count, size_t *ret_told)
{
    struct report report = {.findings = findings, .count = count};
    enum err err = engine_execute(engine, apply, &report);
    if (err == OK)
        *ret_told = report.told;
    return err;
}
