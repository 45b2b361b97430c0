/* Why: see json_webhook.h. */
#include "inbound/json_webhook.h"

#include "inbound/words.h"

static const char *const summary_keys[] = {"summary", "title", "message",     "subject",
                                           "text",    "name",  "description", NULL};
static const char *const action_keys[] = {"event_action", "action",       "event_type", "status",
                                          "state",        "alert_status", NULL};
static const char *const severity_keys[] = {"severity", "level", "priority", "urgency", NULL};
static const char *const dedup_keys[] = {"dedup_key", "dedupKey", "incident_key", "fingerprint", "alias",
                                         "alert_id",  "id",       "key",          NULL};
static const char *const source_keys[] = {"source", "host", "hostname", "instance", "node", "server", NULL};
static const char *const component_keys[] = {"component", NULL};
static const char *const group_keys[] = {"group", NULL};
static const char *const class_keys[] = {"class", NULL};
static const char *const client_keys[] = {"client", NULL};
static const char *const address_keys[] = {"client_url", "url", "link", NULL};
static const char *const time_keys[] = {"timestamp", "time", "created_at", "startsAt", NULL};
static const char *const details_keys[] = {"custom_details", "details", NULL};

/* Numbers as they were sent: two identifiers that differ beyond the precision of a double stay two. */
static struct text scalar(const struct reading *reading, const struct json_node *value)
{
    if (!value)
        return TEXT_NONE;
    switch ((json_type)value->type) {
    case JSON_STRING: return text_trim(json_node_text(reading->arena, value));
    case JSON_INTEGER:
    case JSON_REAL:
    case JSON_TRUE:
    case JSON_FALSE: return json_node_raw(value);
    case JSON_OBJECT:
    case JSON_ARRAY:
    case JSON_NULL: return TEXT_NONE;
    }
    return TEXT_NONE;
}

/* The first of `keys` that is a scalar with something in it, and which it was. */
static struct text first_of(const struct reading *reading, const char *const *keys, const char **ret_key)
{
    for (; *keys; keys++) {
        struct text value = scalar(reading, json_node_member(reading->root, *keys));
        if (value.size > 0) {
            if (ret_key)
                *ret_key = *keys;
            return value;
        }
    }
    return TEXT_NONE;
}

static instant time_of(struct text value)
{
    enum { MILLISECONDS_FROM = 100000000 }; /* as seconds this is 1973, as thousands of seconds 5138 */
    instant at;
    int64_t number;
    if (text_to_int64(value, &number)) {
        if (number < 0 || number / 1000 >= (int64_t)MILLISECONDS_FROM * 1000)
            return INSTANT_NONE;
        return (instant){number / 1000 >= MILLISECONDS_FROM ? number * 1000 : number * SECOND_US};
    }
    return instant_parse(value, 0, &at) ? at : INSTANT_NONE;
}

static struct text details_of(const struct reading *reading)
{
    for (const char *const *key = details_keys; *key; key++) {
        const struct json_node *details = json_node_member(reading->root, *key);
        if (json_node_is(details, JSON_OBJECT))
            return json_node_raw(details);
    }
    return reading->raw;
}

enum err json_webhook_read(const struct reading *reading, struct event *ret)
{
    struct event event = {.routing_key = reading->lent_key, .body = reading->raw, .format = "json"};
    const char *dedup_from = NULL;
    event.action = words_action(first_of(reading, action_keys, NULL));
    event.severity = words_severity(first_of(reading, severity_keys, NULL));
    event.summary = field_cut(first_of(reading, summary_keys, NULL), EVENT_SUMMARY_CHARS_MAX);
    event.dedup_key = first_of(reading, dedup_keys, &dedup_from);
    event.source = field_cut(first_of(reading, source_keys, NULL), FIELD_CHARS_MAX);
    event.component = field_cut(first_of(reading, component_keys, NULL), FIELD_CHARS_MAX);
    event.group = field_cut(first_of(reading, group_keys, NULL), FIELD_CHARS_MAX);
    event.event_class = field_cut(first_of(reading, class_keys, NULL), FIELD_CHARS_MAX);
    event.client = field_cut(first_of(reading, client_keys, NULL), FIELD_CHARS_MAX);
    event.client_url = field_cut(first_of(reading, address_keys, NULL), FIELD_CHARS_MAX);
    event.timestamp = time_of(first_of(reading, time_keys, NULL));
    event.custom_details = details_of(reading);

    if (dedup_from && text_utf8_length(event.dedup_key) > EVENT_DEDUP_KEY_CHARS_MAX)
        reading_mistake(reading, dedup_from, "is too long (maximum is %d characters)", EVENT_DEDUP_KEY_CHARS_MAX);
    if (!dedup_from)
        event.dedup_key = field_cut(event.summary, EVENT_DEDUP_KEY_CHARS_MAX);
    if (event.action == EVENT_TRIGGER && !event.summary.data)
        reading_mistake(reading, "summary",
                        "is missing or blank (title, message, subject, text, name or description will do)");
    else if (event.action != EVENT_TRIGGER && !event.dedup_key.data)
        reading_mistake(reading, "dedup_key",
                        "is missing or blank (incident_key, fingerprint, alias, alert_id, id or key will do)");
    if (!problem_is_empty(reading->problem))
        return ERR_INVALID;
    *ret = event;
    return OK;
}
