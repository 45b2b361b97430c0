/* Why: what the self-check (audit/self_check.h) finds must reach somebody. Findings of one group are one incident on the built-in service "Muster itself",
 * whose policy calls the account's catch-all and can be edited like any other. Each finding is told once, however often it is found; when the last
 * one of its group has gone, the incident is resolved. Service and policy are made with the first finding. */
#ifndef MUSTER_ENGINE_SELF_REPORT_H
#define MUSTER_ENGINE_SELF_REPORT_H

#include "engine/tx.h"

enum { SELF_FINDINGS_MAX = 1000 };

struct self_finding {
    struct text name;        /* tells it from all others, and stays the same: "N1 incident 42" */
    struct text group;       /* "check N1" */
    struct text title, line; /* of an incident; what there is to say about this one */
    bool is_urgent;
    bool quiet;              /* remembered, not told */
    struct text schedule_id; /* of a gap; absent: none. Its team's managers are called, if it has any */
    instant start_at, end_at;
};

/* `findings` is everything that is found now. `ret_told`: how many were new. */
enum err self_report(struct engine *engine, const struct self_finding *findings, size_t count, size_t *ret_told) MUST_CHECK;

#endif
