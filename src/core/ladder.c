/* Why: see ladder.h. */
#include "core/ladder.h"

#include <assert.h>

void ladder_step(struct arena *arena, const struct ladder_rule *rules, size_t count, instant started_at, int64_t done_s, instant now,
                 struct ladder_step *ret)
{
    struct ladder_step step = {.due = ARENA_ARRAY(arena, const struct ladder_rule *, count + 1), .done_s = done_s, .next_at = INSTANT_NONE};
    int64_t latest_due_s = done_s, latest_usable_s = done_s;
    for (size_t i = 0; i < count; i++) {
        assert(i == 0 || rules[i - 1].delay_s <= rules[i].delay_s);
        instant at = instant_add_s(started_at, rules[i].delay_s);
        if (rules[i].delay_s <= done_s || instant_before(now, at))
            continue;
        latest_due_s = rules[i].delay_s;
        if (!rules[i].is_unusable)
            latest_usable_s = rules[i].delay_s;
    }
    for (size_t i = 0; i < count; i++) {
        const struct ladder_rule *rule = &rules[i];
        if (rule->delay_s <= done_s)
            continue;
        instant at = instant_add_s(started_at, rule->delay_s);
        if (rule->delay_s > latest_due_s) {
            step.next_at = at;
            break;
        }
        bool late = instant_before(instant_add_s(at, LADDER_LATE_S), now);
        if (rule->is_unusable)
            step.is_gap = true;
        else if (late && rule->delay_s < latest_usable_s)
            step.skipped_count++;
        else
            step.due[step.due_count++] = rule;
    }
    step.is_gap = step.is_gap && step.due_count == 0;
    step.done_s = latest_due_s;
    *ret = step;
}

const struct ladder_rule *ladder_pull_forward(const struct ladder_rule *rules, size_t count, int64_t done_s, struct text channel)
{
    for (size_t i = 0; i < count; i++)
        if (!rules[i].is_unusable && rules[i].delay_s > done_s && !text_equal(rules[i].channel, channel))
            return &rules[i];
    return NULL;
}
