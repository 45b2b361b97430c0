/* Why: what follows when an attempt to reach somebody ended: another provider inside the same step, a repeat, a later retry, the next step
 * of the ladder pulled forward. Pure. From reliability.md N1-N3 and practice.md S6:
 *  - refused for now: the next provider of the channel at once; when all have been tried, the ladder moves on and this is retried later. A page is
 *    retried for about a day while its incident waits for an answer: when a provider comes back, whoever is responsible by then hears of it;
 *  - refused for good: the address is not used again; the ladder moves on;
 *  - nobody knows whether it left: repeated exactly once, marked as a possible repeat. When it was Muster itself that stopped, it
 *    most likely never left, so the repeat of an interrupted repeat is tried too, INTERRUPTED_REPEATS_MAX times in all. */
#ifndef MUSTER_CORE_FAILOVER_H
#define MUSTER_CORE_FAILOVER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/outcome.h"

enum { ATTEMPTS_MAX = 12, PAGE_ATTEMPTS_MAX = 300, RETRY_FIRST_S = 15, RETRY_LONGEST_S = 300, ATTEMPT_HISTORY_MAX = 40, INTERRUPTED_REPEATS_MAX = 5 };

struct attempt_history {       /* of the chain so far, this attempt included */
    int64_t attempts;
    bool is_page;              /* PAGE_ATTEMPTS_MAX instead of ATTEMPTS_MAX */
    int64_t rounds;            /* how often all providers have been gone through: 1 in the first round */
    int64_t untried_providers; /* of the channel, not yet tried in this round */
    int64_t doubts;            /* repeats in doubt made before */
};

struct attempt_verdict {
    enum outcome_kind outcome;
    bool address_refused;  /* PERMANENT: the address itself is bad */
    bool interrupted;      /* UNKNOWN: Muster or its sender stopped, no provider is to blame */
    int64_t retry_after_s; /* TEMPORARY: what the provider asked for; 0: nothing */
};

enum next_attempt { NEXT_NONE, NEXT_FAILOVER, NEXT_RETRY, NEXT_REPEAT };

struct failover {
    enum next_attempt next;
    int64_t delay_s;    /* before it */
    bool pull_forward;  /* the person's ladder moves on now */
    bool block_address; /* never use this contact method again until it is verified anew */
};

struct failover failover_after(const struct attempt_verdict *verdict, const struct attempt_history *history);

#endif
