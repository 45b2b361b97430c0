/* Why: who is on call when. Pure: a schedule, its overrides and an instant or a window go in, people and the reason come out.
 *
 * A schedule has one of two forms (docs/why/two-schedules.md). Layers: at most one person at a time. Rotations (PagerDuty's shift-based
 * schedules, API v3): everybody whose shift it is, at once; how shifts follow from rotations is core/rotation.h.
 *
 * The rules of layers (PagerDuty's where it has one):
 * - Layers are listed in rising precedence: where several have somebody, the last one wins. Overrides win over all layers, the one
 *   created last over the others. Where nobody is left there is a gap, and it is named.
 * - A layer belongs to [start, end). Its users take turns in the listed order (one may be listed more than once). The first user's first
 *   turn begins at rotation_virtual_start; turns are counted from there, backwards too.
 * - Turns are counted on the wall clock of the layer's zone: turn n begins when the wall shows rotation_virtual_start's wall time
 *   plus n turn lengths. So a handoff at 09:00 stays at 09:00, whatever the clocks do, for turns of days and of hours alike;
 *   on the night of a change a turn is longer or shorter, an hourly turn may fall away or last two hours, and there is never a gap
 *   or double cover. rotation_turn_length_months counts calendar months; the 31st means the last day of a shorter month.
 * - Restrictions say when the layer has anybody at all: between two wall times, so 20:00-08:00 lasts 11, 12 or 13 hours. Several add
 *   up. They do not stop the turns: a turn nobody can see (a day turn on Sunday under Monday-Friday) still passes, as at PagerDuty.
 * - How wall times become instants: base/zone.h (S4).
 * All arithmetic is on intervals; the cost grows with the number of spans in the window, never with its minutes. */
#ifndef MUSTER_CORE_SCHEDULE_H
#define MUSTER_CORE_SCHEDULE_H

#include "base/json.h"
#include "base/zone.h"
#include "core/recurrence.h"

enum {
    SCHEDULE_LAYERS_MAX = 50,
    SCHEDULE_LAYER_USERS_MAX = 200,
    SCHEDULE_RESTRICTIONS_MAX = 30,
    SCHEDULE_TURN_MONTHS_MAX = 12,
    SCHEDULE_NAME_CHARS_MAX = 255,
    SCHEDULE_DESCRIPTION_CHARS_MAX = 1024,
    SCHEDULE_LAYER_NAME_CHARS_MAX = 255,
    SCHEDULE_ROTATIONS_MAX = 50,
    SCHEDULE_EVENTS_MAX = 5,       /* of one rotation, those that are over not counted */
    SCHEDULE_EVENTS_STORED_MAX = 100,
    SCHEDULE_MEMBERS_MAX = 20,     /* of one event */
    SCHEDULE_SHIFTS_AT_ONCE_MAX = 16, /* of one event: shifts longer than the time between them */
    SCHEDULE_OVERRIDES_MAX = 5000, /* looked at in one question */
    SCHEDULE_SPANS_MAX = 30000,    /* made for one question, and intervals of restrictions likewise: three years of hourly turns; 25 MB at the worst */
};
#define SCHEDULE_TURN_S_MIN INT64_C(3600)
#define SCHEDULE_TURN_S_MAX (INT64_C(366) * 86400)

struct restriction {
    bool weekly;
    int weekday;        /* weekly: ISO day the interval begins on, 1 is Monday */
    int64_t start_s;    /* wall time of day */
    int64_t duration_s; /* on the wall; daily 1..86400, weekly 1..604800 */
};

struct schedule_layer {
    struct text id;   /* empty: not stored yet */
    struct text name;
    const struct zone *zone; /* its own (Muster) or the schedule's */
    bool has_own_zone;
    instant start;
    instant end;      /* INSTANT_MAX: none */
    instant rotation_virtual_start;
    int64_t turn_s;   /* meaningful when turn_months is 0 */
    int turn_months;  /* 0: by turn_s */
    struct text *user_ids;    /* an absent one is a vacant place: its turns pass with nobody (somebody left) */
    size_t user_count;
    struct restriction *restrictions;
    size_t restriction_count; /* 0: always */
    size_t input_position;    /* where it stood in the document read; for the paths of mistakes */
};

/* One pattern of shifts in a rotation. Its wall is that of start_time's zone. */
struct rotation_event {
    struct text id;           /* empty: not stored yet */
    struct text name;
    struct text rotation_id;
    const struct zone *zone;
    const struct zone *end_zone; /* as written; the length is taken on the wall of `zone` */
    instant start, end;       /* of the first shift */
    int64_t length_s;         /* on the wall; 1..SCHEDULE_TURN_S_MAX */
    instant effective_since;  /* shifts are cut at both */
    instant effective_until;  /* INSTANT_MAX: none */
    struct text *recurrence;  /* as written */
    size_t recurrence_count;
    struct recurrence rule;
    bool every_member;        /* all at once, in each shift; else they take turns */
    int64_t shifts_per_member;
    struct text *user_ids;    /* an absent one is an empty place: its shifts pass with nobody */
    size_t user_count;
};

struct rotation {
    struct text id;
    struct rotation_event *events;
    size_t event_count;
};

struct schedule {
    struct text name;
    struct text description; /* may be absent */
    const struct zone *zone;
    struct schedule_layer *layers; /* rising precedence */
    size_t layer_count;
    bool shift_based;              /* it has rotations and no layers */
    struct rotation *rotations;
    size_t rotation_count;
};

enum override_kind {
    OVERRIDE_LAYERS, /* of a schedule with layers: over all of them */
    OVERRIDE_SHIFT,  /* shift-based: a custom shift, beside the rotations */
    OVERRIDE_MEMBER, /* shift-based: replaces one person in one rotation or custom shift */
};

struct schedule_override {
    int64_t number;  /* grows with creation; the greater one wins */
    instant start, end;
    struct text user_id;     /* absent: nobody (an empty member) */
    enum override_kind kind;
    struct text rotation_id; /* OVERRIDE_MEMBER: whose shifts; absent: those of custom shift `shift_number` */
    int64_t shift_number;
    struct text replaced_id; /* OVERRIDE_MEMBER: absent is an empty place */
};

/* Overrides of one schedule, in order of their number. */
struct schedule_overrides {
    const struct schedule_override *items;
    size_t count;
};

struct schedule_span {
    instant from, until;          /* from < until */
    struct text user_id;          /* absent: a gap */
    const struct schedule_layer *layer; /* NULL: something else */
    int64_t override_number;            /* of the override that decides; 0: none */
    const struct rotation_event *event; /* whose shift it is, overridden or not; NULL: something else */
    int64_t shift_number;               /* of the custom shift, overridden or not; 0: none */
};

struct schedule_spans {
    struct schedule_span *items;
    size_t count;
};

struct schedule_rendering {
    instant since, until;
    struct schedule_spans *layers;   /* one list per layer, in their order; disjoint and sorted, nothing where it has nobody */
    struct schedule_spans overrides; /* what is visible of the overrides */
    struct schedule_spans final;     /* sorted, covers the window; gaps are spans with no user (S1). Layers: disjoint.
                                        Rotations: people beside each other; a gap is where nobody is. `layers` and `overrides` are empty then */
};

/* Everything within [since, until), cut at its ends. ERR_LIMIT: more than SCHEDULE_SPANS_MAX spans; ask for less. ERR_INVALID: the window is
 * empty. Overrides beyond SCHEDULE_OVERRIDES_MAX: ERR_LIMIT. */
enum err schedule_render(struct arena *arena, const struct schedule *schedule, struct schedule_overrides overrides, instant since,
                         instant until, struct schedule_rendering *ret) MUST_CHECK;
/* What touches or overlaps for the same person becomes one span, whatever put it there: what a person calls "my shift". Gaps too. */
struct schedule_spans schedule_by_person(struct arena *arena, struct schedule_spans spans);
/* This person's first span in the list, absent: the first gap. NULL: none. */
const struct schedule_span *schedule_span_of(struct schedule_spans spans, struct text user_id);
/* Share of [since, until) with somebody, 0 to 100. */
double schedule_coverage(struct schedule_spans spans, instant since, instant until);

/* Who is on call at `t`, and why: at least one span, more only on shift-based schedules (each person once), none of them a gap if more. `from` and `until`
 * bound the unbroken time of the same person (or gap) around `t`; `until` is
 * INSTANT_MAX when it has no end within twenty years, and `from` INSTANT_NONE for one with no beginning. On schedules too fine-grained to follow that far
 * the bounds are the furthest that was looked at. Never fails. */
struct schedule_spans schedule_on_call_at(struct arena *arena, const struct schedule *schedule, struct schedule_overrides overrides, instant t);

/* The time around `t`, within `range`, in which schedule_on_call_at gives the same answer. */
struct instant_range schedule_steady_around(struct arena *arena, const struct schedule *schedule, struct schedule_overrides overrides, instant t,
                                            struct instant_range range);

/* The places in a schedule where people stand, of both forms; a place may be empty (absent). */
struct schedule_places {
    struct text **items;
    size_t count;
};
struct schedule_places schedule_places(struct arena *arena, const struct schedule *schedule);
bool schedule_has_user(struct arena *arena, const struct schedule *schedule, struct text user_id);
/* A copy in which this person's places are empty. */
struct schedule schedule_vacated(struct arena *arena, const struct schedule *schedule, struct text user_id);

/* Reads the document that is stored and that the REST API takes ("schedule" of a request): name, description, time_zone,
 * schedule_layers[]: id, name, start, end, rotation_virtual_start, rotation_turn_length_seconds, users[].user.id,
 * restrictions[]: type, start_time_of_day, duration_seconds, start_day_of_week.
 * Muster's own: schedule_layers[].rotation_turn_length_months (1..12, wins over the seconds), .time_zone (follow-the-sun: this layer's
 * wall clock), .precedence (1 is the lowest; when every layer has one it decides the order instead of the list, so that
 * what GET answered can be sent back).
 * A document with rotations[] instead is shift-based: core/rotation.h has their fields.
 * Times without an offset are on the schedule's wall. Times are whole seconds; fractions are cut off.
 * Adds every mistake with its path below `path`. Whether the users exist is the caller's question. */
enum err schedule_read(struct arena *arena, struct text document, const char *path, struct problem *problem, struct schedule *ret) MUST_CHECK;
/* The same of a document that is a tree already; NULL reads as null. */
enum err schedule_from_json(struct arena *arena, const json_t *document, const char *path, struct problem *problem,
                            struct schedule *ret) MUST_CHECK;
/* The stored form: schedule_read reads it back to an equal schedule. */
json_t *schedule_to_json(struct arena *arena, const struct schedule *schedule);
/* "HH:MM:SS" or "HH:MM" to seconds of the day. */
bool time_of_day_parse(struct text t, int64_t *ret_s);
struct text time_of_day_format(struct arena *arena, int64_t seconds);

#endif
