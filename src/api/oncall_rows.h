/* Why: who is on call for what, apart from how it is asked and shown (oncalls.c): a row for each policy, level, person and unbroken time of duty.
 *
 * Rows come from the newest version of every policy, in the order of the policies' names: its users are on call always, its schedules give their shifts
 * that touch [since, until], whole, not cut. A question about one instant without filters is answered from oncall_memory. */
#ifndef MUSTER_API_ONCALL_ROWS_H
#define MUSTER_API_ONCALL_ROWS_H

#include "api/oncall_memory.h"
#include "api/route.h"
#include "api/schedule_json.h"

struct oncall_row {
    struct text policy_id, policy_name;
    struct text user_id;     /* of a gap: absent */
    int64_t level;
    const struct duty *duty; /* NULL: named by the policy itself */
    instant start, end;      /* not set: always */
};

struct oncall_question {
    instant since, until;
    struct text policy_ids, schedule_ids, user_ids; /* filters, lists in JSON; absent: all. Schedule "null" or "": rows without one */
    bool earliest;                                  /* only the first for each policy, level and person */
    bool gaps;
    struct paging paging; /* rows of other pages need not be kept */
};

struct oncall_list {
    struct oncall_row *rows;
    size_t count;
    size_t offset; /* of the first of `rows` in the list */
    size_t total;  /* rows of the list; those behind the page are counted only if the total is wanted */
    struct oncall_row *gaps; /* times when a schedule of the list has nobody, cut to the window */
    size_t gap_count;
    struct people people; /* of the rows */
};

/* ERR_LIMIT: more than can be shown at once. ERR_INVALID: a mistake was added. */
enum err oncall_list_load(struct call *call, const struct oncall_question *question, struct oncall_list *ret) MUST_CHECK;

#endif
