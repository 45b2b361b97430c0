/* Why: see custom_fields.h. */
#include "engine/custom_fields.h"

#include "engine/ledger.h"
#include "engine/webhooks.h"

static struct text text_in(struct query *row, const char *column)
{
    return query_text(row, query_column(row, column));
}

json_t *custom_field_value_json(struct arena *arena, struct query *row)
{
    static const char *const columns[] = {"id", "name", "display_name", "description", "data_type", "field_type", "namespace"};
    json_t *object = json_object_in(arena);
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++)
        json_put_text(object, columns[i], text_in(row, columns[i]));
    json_put_string(object, "type", "field_value");
    struct text value = text_in(row, "value");
    json_put(object, "value", text_is_present(value) ? json_object_get(json_read(arena, text_printf(arena, "{\"value\":%.*s}", TEXT_ARG(value)),
                                                                                problem_new(arena)), "value") : NULL);
    return object;
}

enum err custom_fields_of(struct db *db, struct arena *arena, const struct field_owner *owner, json_t **ret_values)
{
    json_t *values = json_array_in(arena);
    struct query *q = db_query(db, owner->incident != 0 ? "custom_field_values" : "custom_field_service_values");
    if (owner->incident != 0)
        query_bind_text(q, "numbers", text_printf(arena, "[%lld]", (long long)owner->incident));
    else
        query_bind_text(q, "service", owner->service);
    while (query_next(q))
        json_append(values, custom_field_value_json(arena, q));
    *ret_values = values;
    return query_err(q);
}

enum err custom_field_options(struct db *db, struct arena *arena, struct text field_id, const struct text **ret, size_t *ret_count)
{
    struct text *options = ARENA_ARRAY(arena, struct text, CUSTOM_FIELD_OPTIONS_MAX);
    size_t count = 0;
    struct query *q = db_query(db, "custom_field_options");
    query_bind_text(q, "field_id", field_id);
    while (query_next(q))
        if (count < CUSTOM_FIELD_OPTIONS_MAX)
            options[count++] = text_copy(arena, query_text(q, 0));
    *ret = options;
    *ret_count = count;
    return query_err(q);
}

/* The field that an entry of the request speaks of. */
static json_t *find_field(json_t *values, const json_t *entry)
{
    struct text id = json_text_at(entry, "id"), name = json_text_at(entry, "name");
    for (size_t i = 0; i < json_array_size(values); i++) {
        json_t *field = json_array_get(values, i);
        if (id.size > 0 ? text_equal(json_text_at(field, "id"), id) : name.size > 0 && text_equal(json_text_at(field, "name"), name))
            return field;
    }
    return NULL;
}

static enum err check_entry(struct tx *tx, json_t *values, const json_t *entry, const char *path, struct problem *problem)
{
    struct arena *arena = tx->arena;
    const json_t *shown = find_field(values, entry), *value = json_object_get(entry, "value");
    if (!shown) {
        const char *named_by = json_text_at(entry, "id").size > 0 || json_text_at(entry, "name").size == 0 ? "id" : "name";
        problem_add(problem, arena_printf(arena, "%s.%s", path, named_by), "names no custom field that is enabled");
        return OK;
    }
    if (!value) {
        problem_add(problem, arena_printf(arena, "%s.value", path), "is missing; null clears it");
        return OK;
    }
    struct custom_field field = {.data_type = json_text_at(shown, "data_type"), .field_type = json_text_at(shown, "field_type")};
    if (custom_field_is_fixed(field.field_type)) {
        enum err err = custom_field_options(tx->db, arena, json_text_at(shown, "id"), &field.options, &field.option_count);
        if (err != OK)
            return err;
    }
    custom_field_check(&field, value, arena_printf(arena, "%s.value", path), arena, problem);
    return OK;
}

static enum err store(struct tx *tx, const struct field_owner *owner, json_t *shown, json_t *value)
{
    struct query *q = db_query(tx->db, owner->incident != 0 ? "custom_field_value_set" : "custom_field_service_value_set");
    if (owner->incident != 0)
        query_bind_int(q, "incident", owner->incident);
    else
        query_bind_text(q, "service", owner->service);
    query_bind_text(q, "field_id", json_text_at(shown, "id"));
    query_bind_text(q, "value", json_write(tx->arena, value));
    json_put(shown, "value", value);
    return query_run(q);
}

/* The record of an incident says what it was and what it is. */
static json_t *difference(struct tx *tx, json_t *shown, json_t *after)
{
    json_t *changed = json_object_in(tx->arena);
    json_put(changed, "id", json_at(shown, "id"));
    json_put(changed, "name", json_at(shown, "display_name"));
    json_put(changed, "before", json_at(shown, "value"));
    json_put(changed, "after", after);
    return changed;
}

static enum err record(struct tx *tx, int64_t incident, json_t *differences, const struct actor *actor)
{
    int64_t seq;
    struct query *q = db_query(tx->db, "custom_field_incident_changed");
    query_bind_int(q, "incident", incident);
    query_bind_instant(q, "now", tx->now);
    enum err err = query_run(q);
    json_t *doc = json_object_in(tx->arena);
    json_put(doc, "fields", differences);
    struct ledger_entry entry = {.incident_number = incident, .kind = LEDGER_FIELDS, .actor = *actor, .doc = json_write(tx->arena, doc)};
    return err == OK ? ledger_append(tx, &entry, &seq) : err;
}

enum err custom_fields_set(struct tx *tx, const struct field_owner *owner, const json_t *wanted, const struct actor *actor, struct problem *problem)
{
    json_t *values, *differences = json_array_in(tx->arena), *changed = json_array_in(tx->arena);
    if (!json_is_array(wanted) || json_array_size(wanted) == 0 || json_array_size(wanted) > CUSTOM_FIELDS_MAX) {
        problem_add(problem, "custom_fields", "must be a list of 1 to %d values", CUSTOM_FIELDS_MAX);
        return ERR_INVALID;
    }
    enum err err = custom_fields_of(tx->db, tx->arena, owner, &values);
    for (size_t i = 0; i < json_array_size(wanted) && err == OK; i++)
        err = check_entry(tx, values, json_array_get(wanted, i), arena_printf(tx->arena, "custom_fields[%zu]", i), problem);
    if (err == OK && !problem_is_empty(problem))
        err = ERR_INVALID;
    for (size_t i = 0; i < json_array_size(wanted) && err == OK; i++) {
        json_t *shown = find_field(values, json_array_get(wanted, i)), *value = json_object_get(json_array_get(wanted, i), "value");
        if (json_same(json_at(shown, "value"), value))
            continue;
        json_append(differences, difference(tx, shown, value));
        err = store(tx, owner, shown, value);
        json_append(changed, shown);
    }
    if (err != OK || json_array_size(differences) == 0)
        return err;
    if (owner->incident == 0)
        return webhooks_service_field_values(tx, owner->service, values, changed, actor);
    err = record(tx, owner->incident, differences, actor);
    return err == OK ? webhooks_field_values(tx, owner->incident, values, changed, actor) : err;
}
