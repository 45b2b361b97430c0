/* Why: the checks that every event format needs, with one wording: a field's type, presence, length, a list of links.
 * Each adds its mistakes to the problem and goes on, so that a sender learns all of them at once. Wording follows the
 * Events API's answers ("'payload.source' is missing or blank"), because senders' logs and their searches know it. */
#ifndef MUSTER_INBOUND_FIELD_H
#define MUSTER_INBOUND_FIELD_H

#include "base/json_scan.h"
#include "inbound/event.h"

enum {
    FIELD_CHARS_MAX =
        1024, /* source, component, client, ...: no format limits them; what is longer is cut, the body keeps it all */
    FIELD_LIST_MAX = 100, /* links, images, contexts */
};

/* One event being read, or one request with several. */
struct reading {
    struct arena *arena;
    struct problem *problem;
    struct text raw;              /* the event's bytes, as accepted by json_scan */
    const struct json_node *root; /* the same, scanned; an object */
    const char *prefix;           /* before every path: "" or "events[3]." */
    struct text lent_key;         /* routing key, from the address or a header, of an event that has none of its own; may be absent */
};

/* "PREFIX + path", for mistakes. */
const char *reading_path(const struct reading *reading, const char *path);
const char *reading_quoted_path(const struct reading *reading, const char *path);
/* Adds "'PREFIX + path' message"; the rest is a format and its arguments. */
#define reading_mistake(reading, path, ...)                                                                            \
    problem_add((reading)->problem, reading_quoted_path(reading, path), __VA_ARGS__)
/* The string at `key` of `object`; TEXT_NONE when absent or of another type. */
struct text reading_text(const struct reading *reading, const struct json_node *object, const char *key);

/* The first `chars_max` characters; absent stays absent. */
struct text field_cut(struct text t, size_t chars_max);

enum presence { FIELD_OPTIONAL, FIELD_REQUIRED };

/* Member `key` of `object` (which may be NULL). null and "" count as absent. `path` names it in mistakes. chars_max 0:
 * cut to FIELD_CHARS_MAX instead of refusing. TEXT_NONE when absent or wrong. */
struct text field_text(const struct reading *reading, const struct json_node *object, const char *key, const char *path,
                       enum presence presence, size_t chars_max);
instant field_timestamp(const struct reading *reading, const struct json_node *object, const char *key, const char *path);
/* An object (or absent); its bytes as sent. */
struct text field_object(const struct reading *reading, const struct json_node *object, const char *key, const char *path);
/* 32 letters and digits. The lent key where the event has none or null. */
struct text field_key(const struct reading *reading, const char *key);
/* Array of objects with `address_key` ("href" or "src"): http(s), or https only where `is_image`. Its bytes as sent. */
struct text field_links(const struct reading *reading, const char *key, bool is_image);
void field_check_link(const struct reading *reading, const struct json_node *link, const char *path, bool is_image);
/* What each event of the Events API has, under the names of its version: routing key, action, dedup key, which only a trigger can do without.
 * True: it is a trigger, or nobody knows; the rest is to be read. */
bool field_head(const struct reading *reading, const char *routing_key, const char *action, const char *dedup_key, struct event *event);

#endif
