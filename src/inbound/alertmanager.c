/* Why: see alertmanager.h. */
#include "inbound/alertmanager.h"

#include "inbound/words.h"

/* The first of `keys` (ended by NULL) that is a text with something in it. */
static struct text first_of(const struct reading *reading, const struct json_node *object, const char *const *keys)
{
    for (; *keys; keys++) {
        struct text value = reading_text(reading, object, *keys);
        if (text_trim(value).size > 0)
            return value;
    }
    return TEXT_NONE;
}

static struct text summary_of(const struct reading *reading, const struct json_node *labels, const struct json_node *annotations)
{
    static const char *const names[] = {"summary", "title", "message", "description", NULL};
    struct text summary = first_of(reading, annotations, names);
    if (!summary.data)
        summary = reading_text(reading, labels, "alertname");
    return field_cut(text_trim(summary).size > 0 ? summary : TEXT("Alert without a name"), EVENT_SUMMARY_CHARS_MAX);
}

static void check_alert(const struct reading *reading, const struct json_node *alert, const char *path)
{
    static const char *const maps[] = {"labels", "annotations"};
    for (size_t i = 0; i < 2; i++) {
        const struct json_node *map = json_node_member(alert, maps[i]);
        if (map && !json_node_is(map, JSON_NULL) && !json_node_is(map, JSON_OBJECT))
            reading_mistake(reading, arena_printf(reading->arena, "%s.%s", path, maps[i]), "must be an object");
    }
    const char *status_path = arena_printf(reading->arena, "%s.status", path);
    struct text status = field_text(reading, alert, "status", status_path, FIELD_REQUIRED, SIZE_MAX);
    if (status.data && !text_is(status, "firing") && !text_is(status, "resolved"))
        reading_mistake(reading, status_path, "is invalid (must be one of the following: 'firing' or 'resolved')");
    field_text(reading, alert, "fingerprint", arena_printf(reading->arena, "%s.fingerprint", path), FIELD_REQUIRED,
               EVENT_DEDUP_KEY_CHARS_MAX);
}

static struct event event_of(const struct reading *reading, const struct json_node *alert)
{
    static const char *const sources[] = {"instance", "node", "pod", "host", "job", NULL};
    static const char *const components[] = {"service", "job", NULL};
    static const char *const groups[] = {"cluster", "namespace", NULL};
    const struct json_node *labels = json_node_member(alert, "labels");
    struct text raw = json_node_raw(alert);
    struct event event = {.severity = words_severity(reading_text(reading, labels, "severity")),
                          .timestamp = INSTANT_NONE,
                          .body = raw,
                          .custom_details = raw,
                          .format = "alertmanager"};
    event.action = text_is(reading_text(reading, alert, "status"), "resolved") ? EVENT_RESOLVE : EVENT_TRIGGER;
    event.dedup_key = reading_text(reading, alert, "fingerprint");
    event.summary = summary_of(reading, labels, json_node_member(alert, "annotations"));
    event.source = field_cut(first_of(reading, labels, sources), FIELD_CHARS_MAX);
    event.component = field_cut(first_of(reading, labels, components), FIELD_CHARS_MAX);
    event.group = field_cut(first_of(reading, labels, groups), FIELD_CHARS_MAX);
    event.event_class = field_cut(reading_text(reading, labels, "alertname"), FIELD_CHARS_MAX);
    event.client = TEXT("Alertmanager");
    struct text url = reading_text(reading, alert, "generatorURL");
    event.client_url = field_cut(url.size > 0 ? url : reading_text(reading, reading->root, "externalURL"), FIELD_CHARS_MAX);
    if (!instant_parse(reading_text(reading, alert, "startsAt"), 0, &event.timestamp))
        event.timestamp = INSTANT_NONE; /* shown only; not worth refusing an alert */
    return event;
}

/* The whole notification is its body: nothing else tells what group the missing alerts are of. */
static struct event truncation_event(const struct reading *reading, int64_t truncated)
{
    struct text group = reading_text(reading, reading->root, "groupKey");
    struct text key = text_printf(reading->arena, "truncated %.*s", TEXT_ARG(group));
    return (struct event){
        .action = EVENT_TRIGGER,
        .severity = SEVERITY_WARNING,
        .timestamp = INSTANT_NONE,
        .dedup_key = field_cut(key, EVENT_DEDUP_KEY_CHARS_MAX),
        .summary =
            text_printf(reading->arena, "Alertmanager left out %lld alerts of a group (its max_alerts is too small)",
                        (long long)truncated),
        .source = TEXT("Alertmanager"),
        .client = TEXT("Alertmanager"),
        .client_url = field_cut(reading_text(reading, reading->root, "externalURL"), FIELD_CHARS_MAX),
        .body = reading->raw,
        .format = "alertmanager",
    };
}

enum err alertmanager_read(const struct reading *reading, struct event **ret, size_t *ret_count)
{
    const struct json_node *alerts = json_node_member(reading->root, "alerts");
    if (!json_node_is(alerts, JSON_ARRAY)) {
        reading_mistake(reading, "alerts", alerts ? "must be an array" : "is missing or blank");
        return ERR_INVALID;
    }
    size_t count = json_node_count(alerts);
    if (count > EVENT_BATCH_MAX) {
        reading_mistake(reading, "alerts", "has too many elements (maximum is %d)", EVENT_BATCH_MAX);
        return ERR_INVALID;
    }
    struct event *events = ARENA_ARRAY(reading->arena, struct event, count + 1);
    size_t i = 0;
    json_node_each(alerts, alert)
    {
        const char *path = arena_printf(reading->arena, "alerts[%zu]", i);
        struct event *event = &events[i++];
        if (!json_node_is(alert, JSON_OBJECT)) {
            reading_mistake(reading, path, "must be an object");
            continue;
        }
        check_alert(reading, alert, path);
        *event = event_of(reading, alert);
        event->routing_key = reading->lent_key;
    }
    int64_t truncated = json_node_int_at(reading->root, "truncatedAlerts", 0);
    if (truncated > 0) {
        events[count] = truncation_event(reading, truncated);
        events[count++].routing_key = reading->lent_key;
    }
    if (!problem_is_empty(reading->problem))
        return ERR_INVALID;
    *ret = events;
    *ret_count = count;
    return OK;
}
