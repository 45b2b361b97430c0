/* Why: a team may be private (default_role "none", as PagerDuty's clients set it): what belongs to it exists only for its members and for those who
 * administer; and somebody with restricted_access sees only what belongs to the own teams. This is the one place that decides what a request may see. It holds at
 * four doors, so that a new operation is inside by default: the path's object is there or answered 404; lists leave the rest out in their query
 * (visibility_bind); and whatever an answer still names is taken out or reduced to its id before it leaves (visibility_filter). What a request
 * names beside the path is found by visibility_resolve or asked of visibility_may_name, and answered as an id that nobody has.
 *
 * A service and its incidents belong to the teams of their escalation policy. Nothing of this limits paging: whoever is, or was, called for an incident sees it,
 * and everybody sees the schedules they are on. */
#ifndef MUSTER_API_VISIBILITY_H
#define MUSTER_API_VISIBILITY_H

#include "api/route.h"

struct sight;

/* Sets call->sight: NULL for whoever sees everything, which is everybody as long as no team is private and the role is not restricted_access. */
enum err visibility_begin(struct call *call) MUST_CHECK;
/* ERR_NOT_FOUND when the object that the path names is out of sight. */
enum err visibility_permit(struct call *call) MUST_CHECK;
/* For a list query of incidents with the block `hidden_policies`: binds it when there is something to leave out. */
void visibility_bind(const struct call *call, struct query *q);
/* Likewise for one of services, policies, schedules or teams, or of what names them: the block `hidden_ids`. */
void visibility_bind_ids(const struct call *call, struct query *q);
/* Whether a new thing may be about the object `id`; an empty id is the whole account. */
bool visibility_allows(const struct call *call, struct text id);
/* Whether a request may name the object `id`: it is in sight, or `before` (NULL: nothing), what the change replaces, named it already, so that whoever writes back
 * what they read loses nothing. */
bool visibility_may_name(const struct call *call, const json_t *before, struct text id);
/* Name of an object that a request names, as reference_summary; ERR_NOT_FOUND also when it may not be named. */
enum err visibility_resolve(const struct call *call, struct db *db, const json_t *before, const char *type, struct text id, struct text *ret) MUST_CHECK;
/* The same of an incident. */
enum err visibility_of_incident(struct call *call, int64_t number, bool *ret_is_hidden) MUST_CHECK;
/* And of an escalation policy; the one that the incident `number` (0: none) has already may be named. */
enum err visibility_of_policy(struct call *call, int64_t number, struct text id, bool *ret_is_hidden) MUST_CHECK;
/* Takes out of call->reply what is out of sight. ERR_NOT_FOUND: that was all of it. */
enum err visibility_filter(struct call *call) MUST_CHECK;

#endif
