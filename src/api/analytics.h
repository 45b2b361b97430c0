/* Why: what the answers about past incidents share: which incidents are asked for, and the figures of each from its record. */
#ifndef MUSTER_API_ANALYTICS_H
#define MUSTER_API_ANALYTICS_H

#include "api/view.h"
#include "core/response.h"

enum {
    ANALYTICS_DAYS_DEFAULT = 30,
    ANALYTICS_DAYS_MAX = 366,
    ANALYTICS_PAGE_MAX = 1000,       /* PagerDuty's */
    ANALYTICS_INCIDENTS_MAX = 20000, /* of one aggregate; more is refused, never cut */
};

struct analytics {
    struct view view;
    instant since, until, updated_after;
    const json_t *filters; /* of the body; NULL: none */
    bool nothing;          /* a filter asks for what does not exist here */
};

struct analytics_border { /* go on behind this incident; number 0: from the start */
    int64_t number;
    instant at;
};

/* One incident: its row and its figures, both only during the visit. */
typedef enum err analytics_visit(void *context, struct query *row, const struct response *response);

/* Reads filters and time_zone of the body; every mistake is named. */
enum err analytics_read(struct call *call, struct analytics *ret) MUST_CHECK;
/* At most `limit` incidents, oldest first or `down`; *border moves along. `ret_more`: there are others behind. */
enum err analytics_walk(const struct analytics *a, struct analytics_border *border, bool down, int64_t limit, analytics_visit *visit, void *context,
                        bool *ret_more) MUST_CHECK;
enum err analytics_one(struct call *call, int64_t number, analytics_visit *visit, void *context) MUST_CHECK;
/* The filters as they were understood. */
json_t *analytics_filters_shown(const struct analytics *a);

/* Its priority is one of the two most urgent. */
bool analytics_is_major(struct query *row);
/* Column of the row, copied; TEXT_NONE for NULL. */
struct text analytics_text(struct arena *arena, struct query *row, const char *column);

#endif
