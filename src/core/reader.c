/* Why: see reader.h. */
#include "core/reader.h"

const char *reader_below(struct reader *r, const char *path, const char *key)
{
    return *path ? arena_printf(r->arena, "%s.%s", path, key) : key;
}

const char *reader_item(struct reader *r, const char *path, const char *key, size_t index)
{
    return arena_printf(r->arena, "%s[%zu]", reader_below(r, path, key), index);
}

bool reader_is_absent(const struct json_node *value)
{
    return !value || json_node_is(value, JSON_NULL);
}

struct text reader_text(struct reader *r, const struct json_node *object, const char *path, const char *key, size_t chars_max)
{
    const struct json_node *value = json_node_member(object, key);
    if (reader_is_absent(value))
        return TEXT_NONE;
    struct text text = json_node_text(r->arena, value);
    if (!text_is_present(text))
        problem_add(r->problem, reader_below(r, path, key), "must be a text");
    else if (text_utf8_length(text) > chars_max)
        problem_add(r->problem, reader_below(r, path, key), "cannot be longer than %zu characters", chars_max);
    else
        return text_copy(r->arena, text);
    return TEXT_NONE;
}

int64_t reader_int(struct reader *r, const struct json_node *object, const char *path, const char *key, int64_t min, int64_t max,
                   int64_t fallback)
{
    const struct json_node *value = json_node_member(object, key);
    if (reader_is_absent(value))
        return fallback;
    if (!json_node_is(value, JSON_INTEGER)) {
        problem_add(r->problem, reader_below(r, path, key), "must be a whole number");
        return fallback;
    }
    int64_t number = json_node_int_at(object, key, fallback);
    if (number >= min && number <= max)
        return number;
    problem_add(r->problem, reader_below(r, path, key), "must be between %lld and %lld", (long long)min, (long long)max);
    return fallback;
}

instant reader_instant(struct reader *r, const struct json_node *object, const char *path, const char *key, bool required)
{
    const struct json_node *value = json_node_member(object, key);
    struct text text = json_node_text(r->arena, value);
    instant t;
    if (reader_is_absent(value) || (text_is_present(text) && text_is_empty(text))) {
        if (required)
            problem_add(r->problem, reader_below(r, path, key), "cannot be empty");
        return INSTANT_NONE;
    }
    if (!text_is_present(text) || !zone_parse(r->zone, text, &t)) {
        problem_add(r->problem, reader_below(r, path, key), "must be an ISO 8601 date and time");
        return INSTANT_NONE;
    }
    return (instant){t.us - t.us % SECOND_US};
}

const struct zone *reader_zone(struct reader *r, const struct json_node *object, const char *path, bool required)
{
    const struct zone *zone = NULL;
    size_t before = r->problem->count + r->problem->dropped;
    struct text name = reader_text(r, object, path, "time_zone", ZONE_NAME_BYTES_MAX);
    if (text_is_present(name)) {
        if (zone_find(name, &zone))
            problem_add(r->problem, reader_below(r, path, "time_zone"), "is not a time zone of the IANA database");
    } else if (required && before == r->problem->count + r->problem->dropped) {
        problem_add(r->problem, reader_below(r, path, "time_zone"), "cannot be empty");
    }
    return zone;
}

const struct json_node *reader_list(struct reader *r, const struct json_node *object, const char *path, const char *key, size_t max)
{
    const struct json_node *list = json_node_member(object, key);
    if (reader_is_absent(list))
        return NULL;
    if (!json_node_is(list, JSON_ARRAY))
        problem_add(r->problem, reader_below(r, path, key), "must be a list");
    else if (json_node_count(list) > max)
        problem_add(r->problem, reader_below(r, path, key), "cannot have more than %zu items", max);
    else
        return list;
    return NULL;
}
