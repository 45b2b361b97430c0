/* Why: see failover.h. */
#include "core/failover.h"

static int64_t retry_delay_s(int64_t rounds, int64_t retry_after_s)
{
    int64_t delay = RETRY_FIRST_S;
    for (int64_t i = 1; i < rounds && delay < RETRY_LONGEST_S; i++)
        delay *= 2;
    if (delay > RETRY_LONGEST_S)
        delay = RETRY_LONGEST_S;
    return retry_after_s > delay && retry_after_s <= RETRY_LONGEST_S ? retry_after_s : delay;
}

struct failover failover_after(const struct attempt_verdict *verdict, const struct attempt_history *history)
{
    bool spent = history->attempts >= (history->is_page ? PAGE_ATTEMPTS_MAX : ATTEMPTS_MAX);
    switch (verdict->outcome) {
    case OUTCOME_NONE:
    case OUTCOME_ACCEPTED:
    case OUTCOME_DELIVERED: return (struct failover){.next = NEXT_NONE};
    case OUTCOME_TEMPORARY:
        if (spent)
            return (struct failover){.next = NEXT_NONE, .pull_forward = true};
        if (history->untried_providers > 0)
            return (struct failover){.next = NEXT_FAILOVER};
        return (struct failover){.next = NEXT_RETRY, .delay_s = retry_delay_s(history->rounds, verdict->retry_after_s), .pull_forward = history->rounds == 1};
    case OUTCOME_PERMANENT:
        if (verdict->address_refused)
            return (struct failover){.next = NEXT_NONE, .pull_forward = true, .block_address = true};
        if (history->untried_providers > 0 && !spent)
            return (struct failover){.next = NEXT_FAILOVER};
        return (struct failover){.next = NEXT_NONE, .pull_forward = true};
    case OUTCOME_UNKNOWN:
        if (history->doubts < (verdict->interrupted ? INTERRUPTED_REPEATS_MAX : 1) && !spent)
            return (struct failover){.next = NEXT_REPEAT};
        return (struct failover){.next = NEXT_NONE, .pull_forward = true};
    }
    return (struct failover){.next = NEXT_NONE};
}
