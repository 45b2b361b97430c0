/* Why: what a schedule looks like in answers, wherever one is shown (PagerDuty's Schedule and its sub-schedules).
 *
 * Layers are listed with the highest precedence first, as PagerDuty answers them, while requests list the lowest first; `precedence`
 * (Muster's, 1 is the lowest) makes an answer that is sent back mean the same. Also Muster's own, beside PagerDuty's keys:
 *   schedule_layers[].time_zone                    the layer's own zone, null: the schedule's
 *   schedule_layers[].rotation_turn_length_months  1..12, null: by rotation_turn_length_seconds (nominal 30-day months otherwise)
 *   gaps                                           [{"start","end"}] of the window in which nobody is on call */
#ifndef MUSTER_API_SCHEDULE_JSON_H
#define MUSTER_API_SCHEDULE_JSON_H

#include "api/route.h"
#include "engine/roster.h"
#include "engine/schedules.h"

enum {
    SCHEDULE_WINDOW_DAYS_MAX = 732,
    SCHEDULE_ANSWER_BYTES_MAX = 48 << 20, /* of the call's arena: an answer about many schedules stops there with a mistake */
};

struct schedule_shape {
    bool layers, overrides, final;  /* parts to show */
    const struct zone *zone;        /* of times; NULL: time_zone=, else the schedule's */
    bool overflow;                  /* entries keep their own ends beyond the window */
    bool has_window;                /* false: nothing is rendered */
    instant since, until;
    struct text next_for_user;      /* shows when this user is on call next; absent: not asked */
};

/* Reads since=, until= (one gives the other: two weeks), overflow= and include_next_oncall_for_user=. `zone`: of times without an offset.
 * Mistakes are added. */
enum err schedule_shape_read(struct call *call, const struct zone *zone, struct schedule_shape *shape) MUST_CHECK;
/* ERR_NOT_FOUND: no such schedule (any more). ERR_INVALID: the window is too long for this schedule, a mistake was added. */
enum err schedule_json(struct call *call, struct text id, const struct schedule_shape *shape, json_t **ret) MUST_CHECK;
/* A schedule that is not stored. */
enum err schedule_json_preview(struct call *call, const struct schedule *schedule, const struct schedule_shape *shape, json_t **ret) MUST_CHECK;
/* Mistake and ERR_INVALID (400) when the schedule is of the other form (docs/why/two-schedules.md): it has its own operations. ERR_NOT_FOUND. `ret_zone`: the
 * schedule's; may be NULL. */
enum err schedule_expect(struct call *call, struct text id, bool shift_based, const struct zone **ret_zone) MUST_CHECK;
/* The page of schedules of one form (their `type`) that the question's filters leave: columns id, name, total. One more than the limit when there are more. */
struct query *schedule_list_query(struct call *call, struct text type, const struct paging *paging);
/* Answers with one schedule of the expected form, told by `tell`; `shape` says which parts, the question the times. Errors as schedule_expect and `tell`. */
typedef enum err schedule_teller(struct call *call, struct text id, const struct schedule_shape *shape, json_t **ret);
enum err schedule_reply(struct call *call, struct text id, bool shift_based, struct schedule_shape *shape, schedule_teller *tell, int status) MUST_CHECK;
/* Reference to a schedule of either form; also of one that was deleted. */
json_t *schedule_reference(struct call *call, struct text id, struct text name);
/* An instant as an answer shows it; null for none and for never. */
void schedule_put_time(struct call *call, const struct zone *zone, json_t *object, const char *key, instant t);
/* `key`: references of `type` that a query of id and name finds for this schedule. */
enum err schedule_put_references(struct call *call, json_t *object, const char *key, const char *type, const char *query, struct text id) MUST_CHECK;
/* Deletes {id}, of either form, with its audit record; the answer is 204. In schedules.c. */
enum err schedule_delete_run(struct call *call) MUST_CHECK;
/* "teams" of a request's object: list of references. Mistakes are added. */
enum err schedule_teams_read(struct call *call, const json_t *body, struct schedule_write *write) MUST_CHECK;
/* time_zone= of the request, else `fallback`. */
enum err schedule_zone_read(struct call *call, const struct zone *fallback, const struct zone **ret) MUST_CHECK;

/* References to people by their ids. */
struct people {
    struct call *call;
    struct text *ids, *names;
    json_t **references; /* made once, shown often */
    size_t count;
};
/* `ids` is a JSON array. */
enum err people_load(struct call *call, const json_t *ids, struct people *ret) MUST_CHECK;
json_t *people_reference(const struct people *people, struct text id);
/* Mistake and ERR_INVALID once the answer is too big; `parameter` is to blame. */
enum err schedule_answer_fits(struct call *call, const char *parameter) MUST_CHECK;

#endif
