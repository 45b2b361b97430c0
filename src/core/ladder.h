/* Why: how one person is called about one page: the notification rules of the page's urgency, by their delay. Pure.
 *
 * The ladder is read fresh at each step, so rules may change while it runs: a cursor (the greatest delay already done) instead of an
 * index means that an edit repeats nothing and skips nothing still to come. */
#ifndef MUSTER_CORE_LADDER_H
#define MUSTER_CORE_LADDER_H

#include "base/instant.h"

enum { LADDER_RULES_MAX = 50, LADDER_LATE_S = 30 };

struct ladder_rule {
    struct text rule_id; /* empty: made up because the person has no rule for this urgency */
    int64_t delay_s;
    struct text contact_method_id, channel, address;
    bool is_unusable; /* refused, or never verified: nothing is sent, but its time counts (invariant N1) */
};

struct ladder_step {
    const struct ladder_rule **due; /* to be sent now; usable ones */
    size_t due_count;
    size_t skipped_count; /* missed while Muster was down; not replayed (invariant N8) */
    bool is_gap;          /* only unusable rules were due: the next usable one is to be pulled forward */
    int64_t done_s;       /* new cursor */
    instant next_at;      /* INSTANT_NONE: nothing more to come */
};

/* `rules`: sorted by delay. Steps overdue by more than LADDER_LATE_S give way to the latest usable step that is due. */
void ladder_step(struct arena *arena, const struct ladder_rule *rules, size_t count, instant started_at, int64_t done_s, instant now,
                 struct ladder_step *ret);

/* The next usable rule on another channel than `channel` (empty: on any) that is still to come: pulled forward when a step failed
 * (practice.md S6). NULL: none. */
const struct ladder_rule *ladder_pull_forward(const struct ladder_rule *rules, size_t count, int64_t done_s, struct text channel);

#endif
