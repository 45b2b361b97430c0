/* Why: shift-based schedules: rotations, their events and what overrides and custom shifts make of them (PagerDuty's Schedules API v3). Used by schedule.c
 * and by those who edit a rotation.
 *
 * - An event has a first shift (start_time to end_time) and a recurrence. Both are drawn on the wall of start_time's zone: a shift from 09:00 to 17:00
 *   keeps these hours in summer and winter. base/zone.h makes instants of them.
 * - Shifts are numbered from the first one of the recurrence, whenever the event took effect: shift n belongs to the member
 *   n / shifts_per_member, counted around. So a change of effective_since moves nobody's turn. With the strategy "every member" all have each shift.
 * - Shifts are cut at effective_since and effective_until. An empty member's shifts pass with nobody.
 * - Shifts of an event may overlap (a shift of two days that begins each day): then several people are on call.
 * - Custom shifts stand beside the rotations. An override replaces one person in one rotation (or custom shift) for a time, where that person has a shift there: as
 *   planned, or by an override made earlier. The one made last wins. */
#ifndef MUSTER_CORE_ROTATION_H
#define MUSTER_CORE_ROTATION_H

#include "base/json_node.h"
#include "core/layer.h"

/* Everything within [since, until) of all rotations and custom shifts, overrides applied, empty places left out; sorted by beginning. ERR_LIMIT: too many. */
enum err rotation_spans(const struct schedule *schedule, struct schedule_overrides overrides, instant since, instant until, struct span_list *list) MUST_CHECK;

/* Where two events have a shift at the same time within [since, until); INSTANT_NONE: nowhere, as far as could be followed. */
instant rotation_events_meet(struct arena *arena, const struct rotation_event *a, const struct rotation_event *b, instant since, instant until);

/* Reads one event (id, name, start_time, end_time, effective_since, effective_until, recurrence, assignment_strategy) and adds every mistake with its path below
 * `path`. Whether the users exist, and whether other events leave it room, is the caller's question. */
enum err rotation_event_read(struct arena *arena, const struct json_node *object, const char *path, struct problem *problem, struct rotation_event *ret) MUST_CHECK;
/* rotations[] of a stored document: id, events[]. */
enum err rotations_read(struct arena *arena, const struct json_node *list, const char *path, struct problem *problem, struct schedule *ret) MUST_CHECK;
json_t *rotations_to_json(struct arena *arena, const struct schedule *schedule);
json_t *rotation_event_to_json(struct arena *arena, const struct rotation_event *event);
/* {"type":"user_member","user_id"} or, absent, {"type":"empty_member"}. */
json_t *member_to_json(struct arena *arena, struct text user_id);
/* The same read; `*ret` absent for an empty member. */
void member_read(struct arena *arena, const struct json_node *object, const char *path, struct problem *problem, struct text *ret);
/* An instant, or a local time on the wall of `zone`; whole seconds. A mistake and INSTANT_NONE otherwise. */
instant rotation_time_read(struct arena *arena, const struct json_node *value, const struct zone *zone, const char *path, struct problem *problem);

#endif
