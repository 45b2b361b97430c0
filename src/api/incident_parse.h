/* Why: what a client may ask to be changed about an incident, out of JSON, with every mistake named by its path. No store here:
 * whether the people and policies exist is checked afterwards, from the references this collects. */
#ifndef MUSTER_API_INCIDENT_PARSE_H
#define MUSTER_API_INCIDENT_PARSE_H

#include "base/json.h"
#include "core/incident.h"
#include "engine/conference_bridge.h"

enum {
    MANAGE_MAX = 250,            /* PagerDuty's limit of PUT /incidents */
    TITLE_CHARS_MAX = 1024,
    NOTE_CHARS_MAX = 25000,
    INCIDENT_KEY_CHARS_MAX = 255,
    INCIDENT_REFERENCES_MAX = 4096,
};

/* Something the request names that must exist. */
struct reference {
    const char *noun; /* "user", "escalation_policy", "service", "incident" */
    struct text id;
    const char *path;
    int64_t incident; /* that is to be changed so; 0: none */
};
struct references {
    int64_t incident; /* of what is added next */
    struct reference *list;
    size_t count, capacity;
};

struct incident_change {
    int64_t number;            /* 0 where the path of the request names the incident */
    bool has_status;
    enum incident_status status;
    struct text resolution;    /* absent or a note for the resolution */
    struct text title;
    struct text urgency;       /* "high", "low" or absent */
    struct text policy_id;
    struct text type;          /* id or name of the incident type; absent: stays */
    bool has_priority;         /* an absent id and name clear it */
    struct text priority_id, priority_name; /* one of them; the name is looked up */
    int64_t level;             /* 0: none asked for */
    bool has_bridge;           /* an absent number and address clear it */
    struct conference_bridge bridge;
    struct text *user_ids;
    size_t user_count;
    const char *path;          /* of this change in the body, e.g. "incidents[3]" */
};

/* `object`: one element of `incidents` or the value of `incident`. `with_id`: it must carry the incident's id. */
void incident_change_parse(struct arena *arena, const json_t *object, const char *path, bool with_id, struct references *references,
                           struct problem *problem, struct incident_change *ret);

struct incident_new {
    struct text service_id, title, urgency, policy_id, incident_key, body;
    struct text type;          /* likewise; absent: the base type */
    struct text priority_id, priority_name;
    bool has_bridge;
    struct conference_bridge bridge;
    struct text *user_ids;
    size_t user_count;
};
void incident_new_parse(struct arena *arena, const json_t *object, const char *path, struct references *references,
                        struct problem *problem, struct incident_new *ret);

/* A list of incident references ({"id","type"}), as merge takes it. */
void incident_list_parse(struct arena *arena, const json_t *list, const char *path, size_t count_max, struct problem *problem,
                         int64_t **ret, size_t *ret_count);

/* A text that must be there, not empty and not longer than `chars_max`. `path` NULL: `object` is the whole body. */
struct text incident_text_parse(struct arena *arena, const json_t *object, const char *path, const char *key, size_t chars_max,
                                struct problem *problem);
void reference_add(struct arena *arena, struct references *references, const char *noun, struct text id, const char *path);

#endif
