/* Why: what the operations on shift-based schedules (PagerDuty's Schedules API v3) share: how a schedule, a rotation and an event look in answers, and
 * how one of them is changed: the newest document is read, changed, and stored as a new version, with its audit record, in one transaction.
 *
 * Times of documents are shown in UTC, as PagerDuty does; what is computed for a window is shown in time_zone=, else the schedule's zone. */
#ifndef MUSTER_API_SHIFT_SCHEDULE_H
#define MUSTER_API_SHIFT_SCHEDULE_H

#include "api/schedule_json.h"

/* A schedule whole: with its rotations and events; include[]=final_schedule and a window: what is computed of them. As schedule_json. */
enum err shift_schedule_json(struct call *call, struct text id, const struct schedule_shape *shape, json_t **ret) MUST_CHECK;

/* since= and until= cut what is shown: events that are in effect within it. */
struct event_window {
    instant since, until; /* INSTANT_NONE and INSTANT_MAX when they are not given */
};
json_t *rotation_json(struct call *call, struct text schedule_id, const struct rotation *rotation, const struct event_window *window);
json_t *rotation_event_json(struct call *call, struct text schedule_id, const struct rotation_event *event);
/* {"<path>/<id>"} as "self", and the schedule's page as "html_url". */
void shift_put_urls(struct call *call, json_t *object, struct text schedule_id, const char *path);

/* The newest version of {id}. Mistake and ERR_INVALID when it is not shift-based. */
enum err shift_schedule_read(struct call *call, struct schedule *ret) MUST_CHECK;

struct shift_change {
    struct call *call;
    struct actor actor;
    struct text id;             /* of the schedule; empty: a new one */
    const json_t *body;         /* the object inside the wrapper */
    const char *path;           /* of mistakes */
    /* Changes `schedule`, the newest version (empty when new), in place; adds mistakes. On the transaction's arena. */
    enum err (*edit)(struct tx *tx, struct shift_change *change, struct schedule *schedule);
    bool takes_teams;
    struct text rotation_id, event_id; /* from the path, or set by `edit`; on the call's arena */
    struct text ret_id;
};
/* Wrapper `name` of the body, or a mistake. */
enum err shift_body(struct call *call, const char *name, const json_t **ret) MUST_CHECK;
/* Everything from the actor to the commit. */
enum err shift_change_run(struct shift_change *change) MUST_CHECK;

#endif
