/* Why: everything an incident-facing answer shows has a place in it for times, people and other things. This renders them
 * in one way: times in the zone the caller asked for (`time_zone=`, UTC otherwise), the rest as references. */
#ifndef MUSTER_API_VIEW_H
#define MUSTER_API_VIEW_H

#include "api/route.h"
#include "base/id.h"

struct zone; /* base/zone.h */

struct view {
    struct call *call;
    const struct zone *zone; /* never NULL */
};

/* Reads time_zone=; an unknown one is a mistake. */
enum err view_open(struct call *call, struct view *ret) MUST_CHECK;

/* A time in the view's zone; null when not set. */
void view_put_instant(const struct view *view, json_t *object, const char *key, instant at);
struct text view_instant(const struct view *view, instant at);
/* A query parameter that is a time; without an offset it is local in the view's zone. Absent: leaves *ret alone. A malformed
 * one adds a mistake. */
void view_query_instant(const struct view *view, const char *name, instant *ret);
/* `since` and `until` in the zone the caller asked for, as above. ERR_INVALID: there are mistakes, these or earlier ones. */
enum err view_window(struct call *call, instant *ret_since, instant *ret_until) MUST_CHECK;
bool view_parse_instant(const struct view *view, struct text written, instant *ret);

/* Numbers as the text @intlist(:numbers) takes. */
struct text view_numbers(struct arena *arena, const int64_t *numbers, size_t count);

/* "[#42] Title", PagerDuty's summary of an incident. */
struct text view_incident_summary(struct arena *arena, int64_t number, struct text title);
/* A public id ("Q...") or the plain incident number. */
bool view_incident_number(struct text id, int64_t *ret);
struct text view_incident_id(const struct view *view, int64_t number);

/* References. A missing id gives null. */
json_t *view_incident(const struct view *view, int64_t number, struct text title);
json_t *view_user(const struct view *view, struct text id, struct text name);
json_t *view_service(const struct view *view, struct text id, struct text name);
json_t *view_policy(const struct view *view, struct text id, struct text name);
json_t *view_schedule(const struct view *view, struct text id, struct text name);
/* That of a row with service_id, integration_id, integration_type and integration_name; null when there was none. */
json_t *view_integration(const struct view *view, struct query *row);
json_t *view_team(const struct view *view, struct text id, struct text name);
/* `type`: "trigger_log_entry", ... */
json_t *view_log_entry(const struct view *view, int64_t seq, int64_t incident, const char *type, struct text summary);

#endif
