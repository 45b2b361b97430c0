/* Why: reads what a client sent against the field table; see resource.h. Pure: no database, no clock. */
#include <assert.h>
#include <stdlib.h>

#include "api/resource.h"
#include "base/log.h"
#include "base/zone.h"

/* One field under examination. */
struct reader {
    struct arena *arena;
    struct problem *problem; /* NULL: silent */
    const char *path;
    const struct field *field;
};

static void mistake(const struct reader *reader, const char *path, const char *text)
{
    if (reader->problem)
        problem_add(reader->problem, path, "%s", text);
}

bool resource_is_email(struct text t)
{
    size_t at = text_find_byte(t, '@', 0);
    if (at == 0 || at + 1 >= t.size || text_find_byte(t, '@', at + 1) < t.size)
        return false;
    for (size_t i = 0; i < t.size; i++)
        if ((unsigned char)t.data[i] <= ' ' || t.data[i] == 127 || strchr("<>,;\"\\()", t.data[i]))
            return false;
    return true;
}

bool resource_is_integer(const json_t *json, int64_t *ret)
{
    if (json_is_string(json))
        return text_to_int64(json_text_value(json), ret);
    if (!json_is_integer(json))
        return false;
    *ret = json_integer_value(json);
    return true;
}

static bool is_choice(const char *choices, struct text t)
{
    struct text rest = text_of(choices), choice;
    while (text_next(&rest, ' ', &choice))
        if (text_equal(choice, t))
            return true;
    return false;
}

static const char *choice_message(const struct reader *reader)
{
    struct builder b = builder_new(reader->arena, 400);
    builder_add_string(&b, "must be one of");
    struct text rest = text_of(reader->field->choices), choice;
    for (bool first = true; text_next(&rest, ' ', &choice); first = false)
        builder_printf(&b, "%s %.*s", first ? "" : ",", TEXT_ARG(choice));
    return builder_text(&b).data;
}

/* Names stand in subjects, on phones and in logs: one line, nothing invisible. Longer texts may have lines. */
static bool text_is_visible(const struct reader *reader, struct text text)
{
    bool one_line = reader->field->flags & FIELD_REQUIRED;
    for (size_t i = 0; i < text.size; i++) {
        char c = text.data[i];
        bool spacing = c == '\n' || c == '\r' || c == '\t';
        if (((unsigned char)c < ' ' || c == 127) && (one_line || !spacing)) {
            mistake(reader, reader->path, "cannot contain control characters");
            return false;
        }
    }
    return true;
}

static bool text_length_fits(const struct reader *reader, struct text text)
{
    const struct field *field = reader->field;
    int64_t length = (int64_t)text_utf8_length(text);
    if (field->max > 0 && length > field->max) {
        mistake(reader, reader->path, arena_printf(reader->arena, "is too long (maximum is %lld characters)", (long long)field->max));
        return false;
    }
    if (length < field->min) {
        mistake(reader, reader->path, arena_printf(reader->arena, "is too short (minimum is %lld characters)", (long long)field->min));
        return false;
    }
    return true;
}

static bool read_text(const struct reader *reader, const json_t *json, struct value *value)
{
    if (!json_is_string(json)) {
        mistake(reader, reader->path, "must be a string");
        return false;
    }
    struct text text = json_text_value(json);
    bool has_rule = reader->field->kind != FIELD_TEXT;
    bool trimmed = reader->field->flags & FIELD_REQUIRED || has_rule;
    if (trimmed)
        text = text_trim(text);
    if (trimmed && text.size == 0) {
        mistake(reader, reader->path, "cannot be empty");
        return false;
    }
    if (!text_length_fits(reader, text) || !text_is_visible(reader, text))
        return false;
    const char *wrong = NULL;
    if (reader->field->kind == FIELD_EMAIL && !resource_is_email(text))
        wrong = "is not an e-mail address";
    else if (reader->field->kind == FIELD_ZONE && !zone_exists(text))
        wrong = "is not a time zone of the IANA database";
    else if (reader->field->kind == FIELD_CHOICE && !is_choice(reader->field->choices, text))
        wrong = choice_message(reader);
    if (wrong) {
        mistake(reader, reader->path, wrong);
        return false;
    }
    value->text = text_copy(reader->arena, text);
    return true;
}

static bool read_integer(const struct reader *reader, const json_t *json, struct value *value)
{
    const struct field *field = reader->field;
    int64_t number;
    if (!resource_is_integer(json, &number)) {
        mistake(reader, reader->path, "must be a whole number");
        return false;
    }
    bool bounded = field->min != 0 || field->max != 0;
    if (bounded && (number < field->min || number > field->max)) {
        mistake(reader, reader->path,
                arena_printf(reader->arena, "must be between %lld and %lld", (long long)field->min, (long long)field->max));
        return false;
    }
    value->number = field->kind == FIELD_MINUTES ? number * 60 : number;
    return true;
}

static bool read_instant(const struct reader *reader, const json_t *json, struct value *value)
{
    instant at;
    if (!json_is_string(json) || !instant_parse(json_text_value(json), 0, &at)) {
        mistake(reader, reader->path, "is not a time in ISO 8601 form");
        return false;
    }
    value->number = at.us - at.us % SECOND_US; /* seconds are all that answers show */
    return true;
}

static bool read_reference(const struct reader *reader, const json_t *json, const char *path, struct text *ret_id)
{
    if (!json_is_object(json)) {
        mistake(reader, path, "must be an object with an id");
        return false;
    }
    struct text id = json_text_at(json, "id");
    if (id.size == 0) {
        mistake(reader, arena_printf(reader->arena, "%s.id", path), "cannot be empty");
        return false;
    }
    *ret_id = text_copy(reader->arena, id);
    return true;
}

static bool read_references(const struct reader *reader, const json_t *json, struct value *value)
{
    if (!json_is_array(json)) {
        mistake(reader, reader->path, "must be an array");
        return false;
    }
    size_t count = json_array_size(json);
    if (count == 0 && reader->field->flags & FIELD_REQUIRED) {
        mistake(reader, reader->path, "cannot be empty");
        return false;
    }
    if (count > REFERENCES_MAX) {
        mistake(reader, reader->path, arena_printf(reader->arena, "has more than %d entries", REFERENCES_MAX));
        return false;
    }
    bool fine = true;
    value->ids = ARENA_ARRAY(reader->arena, struct text, count + 1);
    for (size_t i = 0; i < count; i++) {
        struct text id;
        const char *path = arena_printf(reader->arena, "%s[%zu]", reader->path, i);
        if (!read_reference(reader, json_array_get(json, i), path, &id)) {
            fine = false;
            continue;
        }
        bool again = false;
        for (size_t j = 0; j < value->id_count; j++)
            again = again || text_equal(value->ids[j], id);
        if (!again)
            value->ids[value->id_count++] = id;
    }
    return fine;
}

static bool read_value(const struct reader *reader, const json_t *json, struct value *value)
{
    switch (reader->field->kind) {
    case FIELD_TEXT:
    case FIELD_EMAIL:
    case FIELD_ZONE:
    case FIELD_CHOICE: return read_text(reader, json, value);
    case FIELD_INTEGER:
    case FIELD_MINUTES: return read_integer(reader, json, value);
    case FIELD_BOOLEAN:
        if (!json_is_boolean(json)) {
            mistake(reader, reader->path, "must be true or false");
            return false;
        }
        value->number = json_is_true(json) ? 1 : 0;
        return true;
    case FIELD_INSTANT: return read_instant(reader, json, value);
    case FIELD_REFERENCE: return read_reference(reader, json, reader->path, &value->text);
    case FIELD_REFERENCES: return read_references(reader, json, value);
    case FIELD_FIXED:
    case FIELD_CUSTOM: break;
    }
    return false;
}

static void decode_field(const struct reader *reader, const json_t *body, bool creating, struct value *value)
{
    const struct field *field = reader->field;
    *value = (struct value){0};
    if (field->flags & FIELD_READ_ONLY || field->kind == FIELD_FIXED || field->kind == FIELD_CUSTOM)
        return;
    const json_t *json = json_object_get(body, field->name);
    bool required = field->flags & FIELD_REQUIRED;
    if (!json) {
        if (required && creating)
            mistake(reader, reader->path, "cannot be empty");
        return;
    }
    if (json_is_null(json)) {
        if (field->flags & FIELD_NULLABLE)
            *value = (struct value){.present = true, .null = true};
        else if (field->kind == FIELD_REFERENCES && !required)
            *value = (struct value){.present = true}; /* some clients write an empty list as null */
        else
            mistake(reader, reader->path, required ? "cannot be empty" : "cannot be null");
        return;
    }
    struct value read = {.present = true};
    if (read_value(reader, json, &read))
        *value = read;
}

void resource_decode(const struct resource *resource, struct arena *arena, const json_t *body, bool creating, struct problem *problem,
                     struct value *values)
{
    assert(resource->field_count <= RESOURCE_FIELDS_MAX);
    for (size_t i = 0; i < resource->field_count; i++) {
        struct reader reader = {
            .arena = arena,
            .problem = problem,
            .field = &resource->fields[i],
            .path = arena_printf(arena, "%s.%s", resource->name, resource->fields[i].name),
        };
        decode_field(&reader, body, creating, &values[i]);
    }
}

size_t resource_field(const struct resource *resource, const char *name)
{
    for (size_t i = 0; i < resource->field_count; i++)
        if (strcmp(resource->fields[i].name, name) == 0)
            return i;
    log_error("api", "resource %s has no field %s", resource->name, name);
    abort();
}
