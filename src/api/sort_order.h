/* Why: `sort_by=created_at:desc,urgency` as PagerDuty means it, turned into the `-- if:` blocks of a query: no SQL is built out
 * of text. A query offers blocks first_NAME_up, first_NAME_down, second_NAME_up and second_NAME_down for each field. */
#ifndef MUSTER_API_SORT_ORDER_H
#define MUSTER_API_SORT_ORDER_H

#include "api/route.h"

enum { SORT_FIELDS_MAX = 2 };

struct sort_field {
    const char *field, *block; /* as the client writes it; NAME in the blocks */
};

struct sort_order {
    struct sort_key {
        const char *block; /* of the field */
        bool down;
    } keys[SORT_FIELDS_MAX];
    size_t count;
};

/* `fields` ends with a zero row. At most two fields; anything else is a mistake at sort_by. */
enum err sort_order_read(struct call *call, const struct sort_field *fields, struct sort_order *ret) MUST_CHECK;
void sort_order_enable(const struct call *call, struct query *q, const struct sort_order *order);

#endif
