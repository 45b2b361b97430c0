/* Why: see grouping_config.h. */
#include "api/grouping_config.h"

#include "base/id.h"
#include "core/grouping.h"

enum { MINUTES_MAX = GROUPING_LONGEST_S / 60, TIMEOUT_MIN_S = 60, WINDOW_MIN_S = 300 };

static const char *below(struct change *change, const char *base, const char *name)
{
    return arena_printf(change->call->arena, "%s.config.%s", base, name);
}

/* Absent and null: 0. */
static int64_t read_seconds(struct change *change, const char *path, const json_t *number, int64_t min, int64_t max)
{
    bool none = !number || json_is_null(number) || (json_is_integer(number) && json_integer_value(number) == 0);
    if (none)
        return 0;
    if (json_is_integer(number) && json_integer_value(number) >= min && json_integer_value(number) <= max)
        return json_integer_value(number);
    problem_add(change->call->problem, path, "must be 0 or between %lld and %lld", (long long)min, (long long)max);
    return 0;
}

static void read_time(struct change *change, const char *base, const json_t *config, enum grouping_unit unit, struct grouping_config *ret)
{
    const json_t *exact = json_object_get(config, "timeout_in_seconds"), *timeout = json_object_get(config, "timeout");
    ret->rolling = json_bool_at(config, "rolling", false);
    if (json_is_integer(exact))
        ret->timeout_s = read_seconds(change, below(change, base, "timeout_in_seconds"), exact, 1, GROUPING_LONGEST_S);
    else if (unit == GROUPING_IN_MINUTES)
        ret->timeout_s = 60 * read_seconds(change, below(change, base, "timeout"), timeout, 1, MINUTES_MAX);
    else
        ret->timeout_s = read_seconds(change, below(change, base, "timeout"), timeout, TIMEOUT_MIN_S, GROUPING_LONGEST_S);
}

static void read_field(struct change *change, const char *path, const json_t *field, json_t *fields)
{
    struct text name = json_text_value(field);
    bool twice = false;
    for (size_t i = 0; i < json_array_size(fields); i++)
        twice = twice || text_equal(json_text_value(json_array_get(fields, i)), name);
    if (!grouping_field_is_known(name) || text_utf8_length(name) > GROUPING_FIELD_CHARS_MAX)
        problem_add(change->call->problem, path, "must be summary, source, severity, component, group, class or custom_details.KEY");
    else if (!twice)
        json_append_text(fields, name);
}

static void read_content(struct change *change, const char *base, const json_t *config, struct grouping_config *ret)
{
    struct arena *arena = change->call->arena;
    struct problem *problem = change->call->problem;
    const json_t *wanted = json_object_get(config, "fields");
    json_t *fields = json_array_in(arena);
    ret->aggregate = json_text_at(config, "aggregate");
    if (!text_is(ret->aggregate, "all") && !text_is(ret->aggregate, "any"))
        problem_add(problem, below(change, base, "aggregate"), "must be one of all, any");
    if (!json_is_array(wanted) || json_array_size(wanted) == 0 || json_array_size(wanted) > GROUPING_FIELDS_MAX)
        problem_add(problem, below(change, base, "fields"), "must name 1 to %d fields", GROUPING_FIELDS_MAX);
    for (size_t i = 0; i < json_array_size(wanted) && i < GROUPING_FIELDS_MAX; i++)
        read_field(change, below(change, base, arena_printf(arena, "fields[%zu]", i)), json_array_get(wanted, i), fields);
    ret->fields = json_write(arena, fields);
    ret->timeout_s = read_seconds(change, below(change, base, "time_window"), json_object_get(config, "time_window"), WINDOW_MIN_S, GROUPING_LONGEST_S);
}

void grouping_config_read(struct change *change, const char *base, struct text type, const json_t *config, enum grouping_unit unit, struct grouping_config *ret)
{
    *ret = (struct grouping_config){.type = type, .fields = TEXT("[]")};
    const char *path = arena_printf(change->call->arena, "%s.type", base);
    if (text_is(type, "time"))
        read_time(change, base, config, unit, ret);
    else if (text_is(type, "content_based"))
        read_content(change, base, config, ret);
    else if (text_is(type, "intelligent"))
        problem_add(change->call->problem, path, "must be time or content_based; Muster has no learned grouping: content_based with the field summary comes nearest");
    else if (text_is(type, "content_based_intelligent"))
        problem_add(change->call->problem, path, "must be time or content_based; Muster has no learned grouping: content_based takes the same fields");
    else
        problem_add(change->call->problem, path, type.size == 0 ? "cannot be empty" : "must be time or content_based");
}

void grouping_config_bind(struct query *q, const struct grouping_config *config)
{
    query_bind_text(q, "grouping_type", config->type);
    query_bind_int(q, "grouping_timeout_s", config->timeout_s);
    query_bind_bool(q, "grouping_rolling", config->rolling);
    query_bind_text(q, "grouping_aggregate", text_is_present(config->aggregate) ? config->aggregate : TEXT_NONE);
    query_bind_text(q, "grouping_fields", config->fields);
}

json_t *grouping_config_show(struct call *call, struct query *row, enum grouping_unit unit)
{
    struct text type = query_text(row, query_column(row, "grouping_type"));
    if (type.size == 0)
        return NULL;
    int64_t timeout_s = query_int(row, query_column(row, "grouping_timeout_s"));
    json_t *config = json_object_in(call->arena);
    if (text_is(type, "time")) {
        json_put_int(config, "timeout", unit == GROUPING_IN_MINUTES ? timeout_s / 60 : timeout_s);
        json_put_int(config, "timeout_in_seconds", timeout_s);
        json_put_bool(config, "rolling", query_bool(row, query_column(row, "grouping_rolling")));
        return config;
    }
    json_put_text(config, "aggregate", query_text(row, query_column(row, "grouping_aggregate")));
    json_put(config, "fields", json_read(call->arena, query_text(row, query_column(row, "grouping_fields")), call->problem));
    json_put_int(config, "time_window", timeout_s);
    json_put_int(config, "recommended_time_window", GROUPING_RECOMMENDED_S);
    return config;
}

/* A service by itself ------------------------------------------------------------------------------------------------------------ */

#define PARAMETERS "alert_grouping_parameters"

/* The older pair of fields, which some clients still send alone. */
static const json_t *older_parameters(struct change *change)
{
    const json_t *type = json_object_get(change->body, "alert_grouping"), *minutes = json_object_get(change->body, "alert_grouping_timeout");
    if (!json_is_string(type) || json_is_object(json_object_get(change->body, PARAMETERS)))
        return NULL;
    json_t *parameters = json_object_in(change->call->arena), *config = json_object_in(change->call->arena);
    json_put(parameters, "type", (json_t *)(uintptr_t)type);
    json_put(config, "timeout", (json_t *)(uintptr_t)minutes);
    json_put(parameters, "config", config);
    return parameters;
}

/* What the request says, if it says anything new: a client sends back what it read, and that must not take a service out of a setting. */
static const json_t *wanted_parameters(struct change *change)
{
    const json_t *older = older_parameters(change);
    const json_t *wanted = older ? older : json_object_get(change->body, PARAMETERS);
    const json_t *before = json_object_get(change->before, PARAMETERS);
    return wanted && !(before && json_same(wanted, before)) ? wanted : NULL;
}

void service_grouping_check(struct change *change)
{
    const json_t *wanted = wanted_parameters(change);
    struct grouping_config config;
    if (json_text_at(wanted, "type").size > 0)
        grouping_config_read(change, "service." PARAMETERS, json_text_at(wanted, "type"), json_object_get(wanted, "config"), GROUPING_IN_MINUTES, &config);
}

static enum err run_for(struct change *change, const char *name, struct text id, struct text value)
{
    struct query *q = db_query(change->tx->db, name);
    query_bind_text(q, "id", id);
    if (text_is_present(value))
        query_bind_text(q, "value", value);
    return query_run(q);
}

/* The setting that is this service's alone, if there is one; `ret_any`: it is in one. */
static enum err own_setting(struct change *change, struct text *ret_own, bool *ret_any)
{
    struct query *q = db_query(change->tx->db, "service_grouping_setting");
    query_bind_text(q, "id", change->id);
    *ret_own = TEXT_NONE;
    *ret_any = query_next(q);
    if (*ret_any && query_int(q, 1) == 0)
        *ret_own = text_copy(change->call->arena, query_text(q, 0));
    return query_err(q);
}

static enum err leave(struct change *change, struct text own)
{
    enum err err = run_for(change, "service_grouping_leave", change->id, TEXT_NONE);
    return err == OK && text_is_present(own) ? run_for(change, "grouping_setting_delete", own, TEXT_NONE) : err;
}

static enum err write_setting(struct change *change, const char *name, struct text id, const struct grouping_config *config)
{
    struct query *q = db_query(change->tx->db, name);
    query_bind_text(q, "id", id);
    query_bind_instant(q, "now", change->tx->now);
    grouping_config_bind(q, config);
    return query_run(q);
}

enum err service_grouping_store(struct change *change)
{
    const json_t *wanted = wanted_parameters(change);
    struct text own;
    bool any;
    enum err err = wanted ? own_setting(change, &own, &any) : OK;
    if (err != OK || !wanted)
        return err;
    if (json_text_at(wanted, "type").size == 0)
        return any ? leave(change, own) : OK;
    struct grouping_config config;
    grouping_config_read(change, "service." PARAMETERS, json_text_at(wanted, "type"), json_object_get(wanted, "config"), GROUPING_IN_MINUTES, &config);
    if (text_is_present(own))
        return write_setting(change, "grouping_setting_change", own, &config);
    struct text id = id_new_object(change->tx->env, change->call->arena);
    err = write_setting(change, "grouping_setting_found", id, &config);
    return err == OK ? run_for(change, "grouping_setting_services_add", id, change->id) : err;
}

enum err service_grouping_clear(struct change *change)
{
    struct text own;
    bool any;
    enum err err = own_setting(change, &own, &any);
    return err == OK && any ? leave(change, own) : err;
}

void service_grouping_show(struct call *call, struct query *row, json_t *object)
{
    struct text type = query_text(row, query_column(row, "grouping_type"));
    bool by_time = text_is(type, "time");
    json_t *parameters = json_object_in(call->arena);
    json_put_text(parameters, "type", type.size > 0 ? type : TEXT_NONE);
    json_put(parameters, "config", grouping_config_show(call, row, GROUPING_IN_MINUTES));
    json_put(object, PARAMETERS, parameters);
    json_put_text(object, "alert_grouping", by_time ? TEXT("time") : TEXT_NONE);
    if (by_time)
        json_put_int(object, "alert_grouping_timeout", query_int(row, query_column(row, "grouping_timeout_s")) / 60);
}
