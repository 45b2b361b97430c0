/* Why: see field.h. */
#include "inbound/field.h"

const char *reading_path(const struct reading *reading, const char *path)
{
    return arena_printf(reading->arena, "%s%s", reading->prefix, path);
}

const char *reading_quoted_path(const struct reading *reading, const char *path)
{
    return arena_printf(reading->arena, "'%s'", reading_path(reading, path));
}

struct text reading_text(const struct reading *reading, const struct json_node *object, const char *key)
{
    return json_node_text_at(reading->arena, object, key);
}

struct text field_cut(struct text t, size_t chars_max)
{
    if (t.size <= chars_max)
        return t;
    size_t i = 0;
    for (size_t seen = 0; i < t.size; i++)
        if (((unsigned char)t.data[i] & 0xc0) != 0x80 && seen++ == chars_max)
            break;
    return text_slice(t, 0, i);
}

static bool is_absent(const struct json_node *value)
{
    return !value || json_node_is(value, JSON_NULL);
}

struct text field_text(const struct reading *reading, const struct json_node *object, const char *key, const char *path,
                       enum presence presence, size_t chars_max)
{
    const struct json_node *value = json_node_member(object, key);
    struct text text = json_node_text(reading->arena, value);
    if (!text.data && !is_absent(value)) {
        reading_mistake(reading, path, "must be a string");
        return TEXT_NONE;
    }
    if (text_trim(text).size == 0) {
        if (presence == FIELD_REQUIRED)
            reading_mistake(reading, path, "is missing or blank");
        return TEXT_NONE;
    }
    if (chars_max == 0)
        return field_cut(text, FIELD_CHARS_MAX);
    if (text.size > chars_max && text_utf8_length(text) > chars_max) {
        reading_mistake(reading, path, "is too long (maximum is %zu characters)", chars_max);
        return TEXT_NONE;
    }
    return text;
}

instant field_timestamp(const struct reading *reading, const struct json_node *object, const char *key, const char *path)
{
    struct text text = field_text(reading, object, key, path, FIELD_OPTIONAL, SIZE_MAX);
    instant at = INSTANT_NONE;
    if (text.data && !instant_parse(text, 0, &at))
        reading_mistake(reading, path, "is invalid (must be an ISO 8601 date and time)");
    return at;
}

struct text field_object(const struct reading *reading, const struct json_node *object, const char *key, const char *path)
{
    const struct json_node *value = json_node_member(object, key);
    if (is_absent(value))
        return TEXT_NONE;
    if (json_node_is(value, JSON_OBJECT))
        return json_node_raw(value);
    reading_mistake(reading, path, "must be an object");
    return TEXT_NONE;
}

struct text field_key(const struct reading *reading, const char *key)
{
    bool is_lent = reading->lent_key.data && is_absent(json_node_member(reading->root, key));
    struct text value =
        is_lent ? reading->lent_key : field_text(reading, reading->root, key, key, FIELD_REQUIRED, SIZE_MAX);
    if (!value.data)
        return TEXT_NONE;
    bool is_alphanumeric = true;
    for (size_t i = 0; i < value.size; i++) {
        char c = value.data[i];
        is_alphanumeric &= (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
    if ((is_alphanumeric ? value.size : text_utf8_length(value)) != EVENT_ROUTING_KEY_CHARS)
        problem_add(reading->problem, NULL, "Length of '%s' is incorrect (should be %d characters)",
                    reading_path(reading, key), EVENT_ROUTING_KEY_CHARS);
    if (!is_alphanumeric)
        reading_mistake(reading, key, "cannot contain non-alphanumeric characters.");
    return value;
}

static bool address_is_fine(struct text address, bool https_only)
{
    bool is_https = text_equal_ignoring_case(text_slice(address, 0, 8), TEXT("https://"));
    bool is_http = text_equal_ignoring_case(text_slice(address, 0, 7), TEXT("http://"));
    return is_https || (is_http && !https_only);
}

static void check_address(const struct reading *reading, const struct json_node *object, const char *key, const char *path,
                          enum presence presence, bool https_only)
{
    struct text address = field_text(reading, object, key, path, presence, SIZE_MAX);
    if (address.data && !address_is_fine(address, https_only))
        reading_mistake(reading, path, https_only ? "must be an https address" : "must be an http or https address");
}

/* The common case, without making paths for mistakes that are not there: a batch can hold 200,000 links. */
static bool link_is_fine(const struct reading *reading, const struct json_node *link, bool is_image)
{
    const struct json_node *href = json_node_member(link, "href"),
                           *words = json_node_member(link, is_image ? "alt" : "text");
    return (!words || json_node_is(words, JSON_STRING)) &&
           (href ? address_is_fine(json_node_text(reading->arena, href), false) : is_image) &&
           (!is_image || address_is_fine(reading_text(reading, link, "src"), true));
}

void field_check_link(const struct reading *reading, const struct json_node *link, const char *path, bool is_image)
{
    if (!json_node_is(link, JSON_OBJECT)) {
        reading_mistake(reading, path, "must be an object");
        return;
    }
    if (is_image)
        check_address(reading, link, "src", arena_printf(reading->arena, "%s.src", path), FIELD_REQUIRED, true);
    check_address(reading, link, "href", arena_printf(reading->arena, "%s.href", path),
                  is_image ? FIELD_OPTIONAL : FIELD_REQUIRED, false);
    const char *words = is_image ? "alt" : "text";
    field_text(reading, link, words, arena_printf(reading->arena, "%s.%s", path, words), FIELD_OPTIONAL, 0);
}

struct text field_links(const struct reading *reading, const char *key, bool is_image)
{
    const struct json_node *list = json_node_member(reading->root, key);
    if (is_absent(list))
        return TEXT_NONE;
    if (!json_node_is(list, JSON_ARRAY)) {
        reading_mistake(reading, key, "must be an array");
        return TEXT_NONE;
    }
    if (json_node_count(list) > FIELD_LIST_MAX)
        reading_mistake(reading, key, "has too many elements (maximum is %d)", FIELD_LIST_MAX);
    size_t i = 0;
    json_node_each(list, link)
    {
        if (i == FIELD_LIST_MAX || reading->problem->dropped > 0)
            break;
        if (!link_is_fine(reading, link, is_image))
            field_check_link(reading, link, arena_printf(reading->arena, "%s[%zu]", key, i), is_image);
        i++;
    }
    return i > 0 ? json_node_raw(list) : TEXT_NONE;
}

static bool read_action(const struct reading *reading, const char *key, enum event_action *ret)
{
    static const char *const names[] = {
        [EVENT_TRIGGER] = "trigger", [EVENT_ACKNOWLEDGE] = "acknowledge", [EVENT_RESOLVE] = "resolve"};
    struct text name = field_text(reading, reading->root, key, key, FIELD_REQUIRED, SIZE_MAX);
    for (int i = EVENT_TRIGGER; name.data && i <= EVENT_RESOLVE; i++) {
        if (text_is(name, names[i])) {
            *ret = (enum event_action)i;
            return true;
        }
    }
    if (name.data)
        reading_mistake(reading, key,
                        "is invalid (must be one of the following: 'trigger', 'acknowledge' or 'resolve')");
    return false;
}

bool field_head(const struct reading *reading, const char *routing_key, const char *action, const char *dedup_key, struct event *event)
{
    event->routing_key = field_key(reading, routing_key);
    bool needs_key = read_action(reading, action, &event->action) && event->action != EVENT_TRIGGER;
    event->dedup_key = field_text(reading, reading->root, dedup_key, dedup_key, needs_key ? FIELD_REQUIRED : FIELD_OPTIONAL, EVENT_DEDUP_KEY_CHARS_MAX);
    return !needs_key;
}
