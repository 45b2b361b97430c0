/* Why: which open incident a new alert joins, so that a storm is one incident and calls people once. Pure; engine/intake.c loads and saves.
 *
 * A setting groups the alerts of one service or of several together (PagerDuty's alert grouping settings):
 *  - time: everything while the window is open, which begins with the incident; rolling: with its newest alert.
 *  - content_based, all: the values of every field are the same. any: the value of one field is that of an alert in the incident.
 *    The window begins again with each alert, for at most GROUPING_LONGEST_S after the incident opened.
 * A field that an alert lacks is like no other, so that alerts which have nothing to compare stay apart: rather one page too many.
 * For the same reason an alert does not join the incident of another service that is quiet (in maintenance, disabled): it would wake nobody. */
#ifndef MUSTER_CORE_GROUPING_H
#define MUSTER_CORE_GROUPING_H

#include "base/arena.h"
#include "base/instant.h"
#include "base/text.h"

enum {
    GROUPING_FIELDS_MAX = 20,
    GROUPING_LONGEST_S = 86400,
    GROUPING_RECOMMENDED_S = 300, /* the window of content_based when none is named */
    GROUPING_FIELD_CHARS_MAX = 128,
    GROUPING_VALUE_BYTES_MAX = 1024, /* of a value that is compared; the rest does not count */
};

struct grouping_rule {
    struct text setting_id; /* absent: alerts are not grouped, and nothing else here counts */
    struct text type;       /* "time" or "content_based" */
    bool any;               /* content_based: one field is enough */
    bool rolling;           /* time: the window begins again with each alert */
    int64_t timeout_s;      /* time: 0: as long as the incident is open; content_based: 0: the recommended window */
    struct text fields[GROUPING_FIELDS_MAX];
    size_t field_count;
};

/* What an alert is compared by: a short text for each thing that may match. None: it stays alone. */
struct grouping_keys {
    struct text list[GROUPING_FIELDS_MAX];
    struct text fields[GROUPING_FIELDS_MAX]; /* in words, for the reason */
    size_t count;
};

/* "summary", "source", "severity", "component", "group", "class", "custom_details.KEY" */
bool grouping_field_is_known(struct text field);

/* `value_of(context, field)` reads a field of the alert; absent or empty: it has none. */
void grouping_keys(struct arena *arena, const struct grouping_rule *rule, struct text (*value_of)(void *context, struct text field), void *context,
                   struct grouping_keys *ret);

/* An open incident that has one of the keys. */
struct grouping_candidate {
    int64_t number;
    struct text service_id;
    struct text key;
    bool quiet;           /* nobody is called for it now: in maintenance, or its service is disabled */
    instant opened_at;
    instant until;        /* its window; INSTANT_NONE: until it is resolved */
};

/* The newest that takes the alert in; NULL: none, it opens an incident. */
const struct grouping_candidate *grouping_choose(const struct grouping_candidate *candidates, size_t count, struct text service_id, instant now);

/* Until when the incident takes alerts in, with one that came now; INSTANT_NONE: until it is resolved. `until`: as it was; INSTANT_NONE too for a new one. */
instant grouping_window(const struct grouping_rule *rule, instant opened_at, instant until, instant now);

/* "same component, within 5 minutes of its newest alert" */
struct text grouping_reason(struct arena *arena, const struct grouping_rule *rule, const struct grouping_keys *keys, struct text matched_key);

#endif
