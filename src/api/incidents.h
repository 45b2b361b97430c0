/* Why: the operations on incidents; see pagerduty-api.md section 3 for the shapes. */
#ifndef MUSTER_API_INCIDENTS_H
#define MUSTER_API_INCIDENTS_H

#include "api/view.h"

/* The incident that {id}, the first parameter of the path, names by id or number; ERR_NOT_FOUND when there is none. */
enum err incident_of_path(struct call *call, int64_t *ret) MUST_CHECK;
/* And the view it is shown in. */
enum err incident_view_of_path(struct call *call, struct view *ret_view, int64_t *ret_number) MUST_CHECK;

#endif
