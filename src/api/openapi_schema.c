/* Why: see openapi_schema.h. */
#include "api/openapi_schema.h"

#include "api/routes.h"

json_t *openapi_typed(struct arena *arena, const char *type)
{
    json_t *schema = json_object_in(arena);
    json_put_string(schema, "type", type);
    return schema;
}

json_t *openapi_reference(struct arena *arena, const char *schema_name)
{
    json_t *reference = json_object_in(arena);
    json_put_text(reference, "$ref", text_printf(arena, "#/components/schemas/%s", schema_name));
    return reference;
}

/* Fields -------------------------------------------------------------------------------------------------------- */

static json_t *choices_of(struct arena *arena, const struct field *field)
{
    json_t *schema = openapi_typed(arena, "string"), *values = json_array_in(arena);
    struct text rest = text_of(field->choices), choice;
    while (text_next(&rest, ' ', &choice))
        json_append_text(values, choice);
    if (field->flags & FIELD_NULLABLE)
        json_append(values, NULL);
    json_put(schema, "enum", values);
    return schema;
}

static json_t *number_of(struct arena *arena, const struct field *field)
{
    json_t *schema = openapi_typed(arena, "integer");
    if (field->min != 0 || field->max != 0) {
        json_put_int(schema, "minimum", field->min);
        json_put_int(schema, "maximum", field->max);
    }
    return schema;
}

static json_t *text_schema_of(struct arena *arena, const struct field *field, const char *format)
{
    json_t *schema = openapi_typed(arena, "string");
    if (format)
        json_put_string(schema, "format", format);
    if (field->max > 0)
        json_put_int(schema, "maxLength", field->max);
    return schema;
}

static json_t *type_of(struct arena *arena, const struct field *field)
{
    switch (field->kind) {
    case FIELD_TEXT:
    case FIELD_ZONE: return text_schema_of(arena, field, NULL);
    case FIELD_EMAIL: return text_schema_of(arena, field, "email");
    case FIELD_CHOICE: return choices_of(arena, field);
    case FIELD_INTEGER:
    case FIELD_MINUTES: return number_of(arena, field);
    case FIELD_BOOLEAN: return openapi_typed(arena, "boolean");
    case FIELD_INSTANT: return text_schema_of(arena, field, "date-time");
    case FIELD_REFERENCE: return openapi_reference(arena, "Reference");
    case FIELD_REFERENCES: {
        json_t *schema = openapi_typed(arena, "array");
        json_put(schema, "items", openapi_reference(arena, "Reference"));
        return schema;
    }
    case FIELD_FIXED:
    case FIELD_CUSTOM: break;
    }
    return json_object_in(arena);
}

static void make_nullable(struct arena *arena, json_t *schema)
{
    json_t *type = json_at(schema, "type");
    if (!json_is_string(type))
        return;
    json_t *types = json_array_in(arena);
    json_append(types, type);
    json_append_text(types, TEXT("null"));
    json_put(schema, "type", types);
}

static json_t *property_of(struct arena *arena, const struct field *field)
{
    json_t *property = type_of(arena, field);
    bool is_a_value = field->kind != FIELD_REFERENCES && field->kind != FIELD_BOOLEAN;
    if (field->flags & (FIELD_NULLABLE | FIELD_MANAGERS) || (field->flags & FIELD_READ_ONLY && is_a_value))
        make_nullable(arena, property);
    if (field->flags & FIELD_READ_ONLY || field->kind == FIELD_FIXED)
        json_put_bool(property, "readOnly", true);
    if (field->doc)
        json_put_string(property, "description", field->doc);
    return property;
}

json_t *openapi_resource(struct arena *arena, const struct resource *resource)
{
    static const char *const always[] = {"id", "type", "summary", "self", "html_url"};
    json_t *schema = openapi_typed(arena, "object"), *properties = json_object_in(arena), *required = json_array_in(arena);
    for (size_t i = 0; i < (resource->no_type ? 1 : FIELD_COUNT(always)); i++) {
        json_t *property = openapi_typed(arena, "string");
        if (i >= 2) /* a noun without a page or an address of its own */
            make_nullable(arena, property);
        json_put_bool(property, "readOnly", true);
        json_put(properties, always[i], property);
    }
    for (size_t i = 0; i < resource->field_count; i++) {
        json_put(properties, resource->fields[i].name, property_of(arena, &resource->fields[i]));
        if (resource->fields[i].flags & FIELD_REQUIRED)
            json_append_text(required, text_of(resource->fields[i].name));
    }
    json_put(schema, "properties", properties);
    if (json_array_size(required) > 0)
        json_put(schema, "required", required);
    return schema;
}

json_t *openapi_wrapped(struct arena *arena, const struct resource *resource, bool list)
{
    json_t *schema = openapi_typed(arena, "object"), *properties = json_object_in(arena), *required = json_array_in(arena);
    json_t *inner = openapi_reference(arena, resource->name);
    if (list) {
        json_t *items = openapi_typed(arena, "array");
        json_put(items, "items", inner);
        inner = items;
    }
    const char *name = list ? resource->plural : resource->name;
    json_put(properties, name, inner);
    json_put(schema, "properties", properties);
    json_append_text(required, text_of(name));
    json_put(schema, "required", required);
    return schema;
}

/* Words ----------------------------------------------------------------------------------------------------------- */

/* A word without a row is a text in the query, anything in a body. "x[]" is a list of texts in the query, of anything in a body. */
static const struct word {
    const char *name, *type, *format, *doc;
} words[] = {
    {"limit", "integer", NULL, "At most so many; 25 unless told, never more than 100."},
    {"offset", "integer", NULL, "How many to leave out first; with `limit` at most 10000."},
    {"total", "boolean", NULL, "Count all."},
    {"more", "boolean", NULL, "There are others behind these."},
    {"cursor", "string", NULL, "The `next_cursor` of the page before."},
    {"query", "string", NULL, "A part of the name."},
    {"since", "string", "date-time", "From this time on."},
    {"until", "string", "date-time", "Before this time."},
    {"at", "string", "date-time", "This moment; now unless told."},
    {"time_zone", "string", NULL, "IANA name: times are shown in it."},
    {"date_range", "string", NULL, "`all`: whatever its date."},
    {"sort_by", "string", NULL, "field:asc or field:desc; several are separated by commas."},
    {"include[]", NULL, NULL, "What to show whole where its reference stands."},
    {"statuses[]", NULL, NULL, "In one of these states."},
    {"service_ids[]", NULL, NULL, "Of these services."},
    {"team_ids[]", NULL, NULL, "Of these teams."},
    {"user_ids[]", NULL, NULL, "Of these users."},
    {"schedule_ids[]", NULL, NULL, "Of these schedules."},
    {"escalation_policy_ids[]", NULL, NULL, "Of these escalation policies."},
    {"message", "string", NULL, NULL},
    {"content", "string", NULL, NULL},
    {"code", "string", NULL, NULL},
    {"duration", "integer", NULL, "Seconds."},
    {"level", "integer", NULL, "Of the escalation policy, from 1."},
    {"days", "integer", NULL, NULL},
    {"password", "string", NULL, NULL},
    {"current_password", "string", NULL, NULL},
    {"email", "string", "email", NULL},
    {"keep_old_for_in_hours", "integer", NULL, "How long the old secret signs too."},
    {"time", "string", "date-time", NULL},
    {"status", "string", NULL, NULL},
};

static const struct word *find_word(struct text name)
{
    for (size_t i = 0; i < FIELD_COUNT(words); i++)
        if (text_is(name, words[i].name))
            return &words[i];
    return NULL;
}

static const struct resource *resource_called(struct text name, bool plural)
{
    for (size_t t = 0; all_routes[t]; t++) {
        for (size_t r = 0; r < all_routes[t]->count; r++) {
            const struct resource *resource = all_routes[t]->routes[r].resource;
            if (resource && text_is(name, plural ? resource->plural : resource->name))
                return resource;
        }
    }
    return NULL;
}

static void describe(json_t *schema, const struct word *word)
{
    if (word && word->type)
        json_put_string(schema, "type", word->type);
    if (word && word->format)
        json_put_string(schema, "format", word->format);
}

static json_t *property_named(struct arena *arena, struct text name)
{
    bool list = text_ends_with(name, TEXT("[]"));
    struct text bare = list ? text_slice(name, 0, name.size - 2) : name;
    const struct resource *resource = resource_called(bare, list);
    json_t *item = resource ? openapi_reference(arena, resource->name) : json_object_in(arena);
    if (!list) {
        /* What only answers hold, or hold otherwise. */
        bool is_total = text_is(bare, "total"), is_cursor = text_is(bare, "next_cursor");
        if (is_total || is_cursor)
            json_put_string(item, "type", is_total ? "integer" : "string");
        else
            describe(item, find_word(bare));
        if (is_total || is_cursor)
            make_nullable(arena, item);
        return item;
    }
    json_t *schema = openapi_typed(arena, "array");
    json_put(schema, "items", item);
    return schema;
}

json_t *openapi_words(struct arena *arena, const char *list)
{
    json_t *schema = openapi_typed(arena, "object"), *properties = json_object_in(arena), *required = json_array_in(arena);
    struct text rest = text_of(list), name;
    while (rest.size > 0 && text_next(&rest, ' ', &name)) {
        bool optional = text_ends_with(name, TEXT("?"));
        name = optional ? text_slice(name, 0, name.size - 1) : name;
        struct text bare = text_ends_with(name, TEXT("[]")) ? text_slice(name, 0, name.size - 2) : name;
        json_put(properties, text_cstring(arena, bare), property_named(arena, name));
        if (!optional)
            json_append_text(required, bare);
    }
    json_put(schema, "properties", properties);
    if (json_array_size(required) > 0)
        json_put(schema, "required", required);
    return schema;
}

json_t *openapi_query_parameter(struct arena *arena, struct text name, bool required)
{
    const struct word *word = find_word(name);
    bool list = text_ends_with(name, TEXT("[]"));
    json_t *parameter = json_object_in(arena), *schema = openapi_typed(arena, list ? "array" : "string");
    if (list)
        json_put(schema, "items", openapi_typed(arena, "string"));
    describe(schema, word);
    json_put_text(parameter, "name", name);
    json_put_string(parameter, "in", "query");
    json_put_bool(parameter, "required", required);
    json_put(parameter, "schema", schema);
    if (word && word->doc)
        json_put_string(parameter, "description", word->doc);
    return parameter;
}
