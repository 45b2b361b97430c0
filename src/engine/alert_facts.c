/* Why: see alert_facts.h. What it reads came from outside: every value is cut, their number is limited, the layouts escape. */
#include "engine/alert_facts.h"

#include "base/json.h"
#include "engine/rows.h"

enum { DETAILS_BYTES_MAX = 4096, VALUE_BYTES_MAX = 300, MEMBERS_MAX = 20, LINKS_MAX = 5 };

static void add(struct tx *tx, struct builder *b, struct text name, struct text value)
{
    value = text_utf8_cut(text_trim(value), VALUE_BYTES_MAX);
    if (value.size == 0)
        return;
    struct text line = text_printf(tx->arena, "%.*s: %.*s", TEXT_ARG(text_utf8_cut(name, VALUE_BYTES_MAX)), TEXT_ARG(value));
    char *bytes = arena_alloc(tx->arena, line.size + 1);
    for (size_t i = 0; i < line.size; i++)
        bytes[i] = line.data[i] == '\n' || line.data[i] == '\r' ? ' ' : line.data[i];
    if (b->size + line.size + 1 < DETAILS_BYTES_MAX)
        builder_printf(b, "%.*s\n", (int)line.size, bytes);
}

static void add_column(struct tx *tx, struct builder *b, const char *name, struct query *q, const char *column)
{
    struct text value = query_text(q, query_column(q, column));
    if (text_is_present(value))
        add(tx, b, text_of(name), text_copy(tx->arena, value));
}

static void add_links(struct tx *tx, struct builder *b, const json_t *links)
{
    for (size_t i = 0; i < json_array_size(links) && i < LINKS_MAX; i++) {
        const json_t *link = json_array_get(links, i);
        struct text text = json_text_at(link, "text"), href = json_text_at(link, "href");
        if (text_is_present(href))
            add(tx, b, text_is_present(text) && text.size > 0 ? text : TEXT("Link"), href);
    }
}

/* As the alert's `body.details` of the API: v2 carries them below payload, the others on the outside. */
static void add_details(struct tx *tx, struct builder *b, const json_t *event)
{
    const json_t *payload = json_at(event, "payload"), *details = json_at(payload ? payload : event, "custom_details");
    if (!details)
        details = json_at(event, "details");
    if (json_is_string(details))
        add(tx, b, TEXT("Details"), json_text_value(details));
    const char *key;
    json_t *value;
    size_t members = 0;
    json_object_foreach((json_t *)details, key, value)
        if (members++ < MEMBERS_MAX)
            add(tx, b, text_of(key), json_is_string(value) ? json_text_value(value) : json_write(tx->arena, value));
}

enum err alert_facts_of(struct tx *tx, int64_t incident_number, struct alert_facts *ret)
{
    *ret = (struct alert_facts){.severity = TEXT(""), .details = TEXT("")};
    struct query *q = db_query(tx->db, "alert_facts");
    query_bind_int(q, "incident_number", incident_number);
    if (!query_next(q))
        return query_failed(q) ? query_err(q) : OK;
    struct text severity = text_copy(tx->arena, query_text(q, query_column(q, "severity")));
    struct builder b = builder_new(tx->arena, DETAILS_BYTES_MAX + 1);
    add_column(tx, &b, "Source", q, "source");
    add_column(tx, &b, "Component", q, "component");
    add_column(tx, &b, "Group", q, "alert_group");
    add_column(tx, &b, "Class", q, "alert_class");
    add_column(tx, &b, "Reported by", q, "client");
    add_column(tx, &b, "Seen at", q, "client_url");
    struct text body = query_text(q, query_column(q, "body"));
    json_t *event = text_is_present(body) ? json_read_any_integer(tx->arena, text_copy(tx->arena, body), problem_new(tx->arena)) : NULL;
    add_links(tx, &b, json_at(event, "links"));
    add_details(tx, &b, event);
    ret->severity = text_is(severity, "unknown") ? TEXT("") : severity;
    ret->details = builder_text(&b);
    return OK;
}
