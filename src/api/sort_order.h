/* Why: `sort_by=created_at:desc,urgency` as PagerDuty means it, turned into the `-- if:` blocks of a query: no SQL is built out
 * of text. A query offers blocks first_NAME_up, first_NAME_down, second_NAME_up and second_NAME_down for each field. */
#ifndef MUSTER_API_SORT_ORDER_H
#define MUSTER_API_SORT_ORDER_H

#include "api/route.h"

struct sort_field {
    const char *field, *block; /* as the client writes it; NAME in the blocks */
};

/* `fields` ends with a zero row. At most two fields; anything else is a mistake at sort_by. */
enum err sort_order_bind(struct call *call, struct query *q, const struct sort_field *fields) MUST_CHECK;

#endif
