/* Why: see custom_field.h. */
#include "core/custom_field.h"

#include "base/instant.h"

bool custom_field_name_is_valid(struct text name)
{
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '_')
            return false;
    }
    return name.size > 0;
}

bool custom_field_is_fixed(struct text field_type)
{
    return text_ends_with(field_type, TEXT("_fixed"));
}

static bool has_several(struct text field_type)
{
    return text_starts_with(field_type, TEXT("multi_value"));
}

bool custom_field_types_fit(struct text data_type, struct text field_type)
{
    return text_is(field_type, "single_value") || text_is(data_type, "string");
}

static bool is_option(const struct custom_field *field, struct text value)
{
    for (size_t i = 0; i < field->option_count; i++)
        if (text_equal(field->options[i], value))
            return true;
    return false;
}

static bool is_web_address(struct text value)
{
    bool web = (text_starts_with(value, TEXT("https://")) && value.size > 8) || (text_starts_with(value, TEXT("http://")) && value.size > 7);
    for (size_t i = 0; i < value.size; i++)
        web = web && (unsigned char)value.data[i] > ' ' && value.data[i] != 127;
    return web;
}

static const char *wrong_text(const struct custom_field *field, struct text value)
{
    instant at;
    if (value.size == 0)
        return "cannot be empty; null clears it";
    if (text_utf8_length(value) > CUSTOM_FIELD_TEXT_CHARS_MAX)
        return "is too long (maximum is 200 characters)";
    if (text_is(field->data_type, "datetime") && !instant_parse(value, 0, &at))
        return "is not a time in ISO 8601 form";
    if (text_is(field->data_type, "url") && !is_web_address(value))
        return "must be an address that begins with https:// or http://";
    if (custom_field_is_fixed(field->field_type) && !is_option(field, value))
        return "is not one of the field's options";
    return NULL;
}

/* NULL: right. */
static const char *wrong_single(const struct custom_field *field, const json_t *value)
{
    if (text_is(field->data_type, "boolean"))
        return json_is_boolean(value) ? NULL : "must be true or false";
    if (text_is(field->data_type, "integer"))
        return json_is_integer(value) ? NULL : "must be a whole number";
    if (text_is(field->data_type, "float"))
        return json_is_number(value) ? NULL : "must be a number";
    return json_is_string(value) ? wrong_text(field, json_text_value(value)) : "must be a string";
}

static bool came_before(const json_t *values, size_t index)
{
    for (size_t i = 0; i < index; i++)
        if (json_same(json_array_get(values, i), json_array_get(values, index)))
            return true;
    return false;
}

void custom_field_check(const struct custom_field *field, const json_t *value, const char *path, struct arena *arena, struct problem *problem)
{
    if (json_is_null(value))
        return;
    if (!has_several(field->field_type)) {
        const char *wrong = wrong_single(field, value);
        if (wrong)
            problem_add(problem, path, "%s", wrong);
        return;
    }
    if (!json_is_array(value) || json_array_size(value) > CUSTOM_FIELD_VALUES_MAX) {
        problem_add(problem, path, "must be a list of at most %d values", CUSTOM_FIELD_VALUES_MAX);
        return;
    }
    for (size_t i = 0; i < json_array_size(value); i++) {
        const char *wrong = wrong_single(field, json_array_get(value, i));
        if (!wrong && came_before(value, i))
            wrong = "is there twice";
        if (wrong)
            problem_add(problem, arena_printf(arena, "%s[%zu]", path, i), "%s", wrong);
    }
}
