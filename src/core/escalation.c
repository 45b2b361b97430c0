/* Why: see escalation.h. */
#include "core/escalation.h"

#include <assert.h>

static const char *const reason_codes[] = {
#define ROW(reason, code, chosen) [reason] = code,
    CHOICE_REASONS(ROW)
#undef ROW
};
static const bool reason_chooses[] = {
#define ROW(reason, code, chosen) [reason] = chosen,
    CHOICE_REASONS(ROW)
#undef ROW
};

const char *duty_code(enum duty_kind duty)
{
    switch (duty) {
    case DUTY_LAYER: return "layer";
    case DUTY_ROTATION: return "rotation";
    case DUTY_CUSTOM_SHIFT: return "custom_shift";
    }
    return "";
}

const char *choice_reason_code(enum choice_reason reason)
{
    return reason_codes[reason];
}

static size_t candidates_in(const struct plan *plan)
{
    size_t count = plan->catch_all_count;
    for (size_t l = 0; l < plan->level_count; l++)
        for (size_t t = 0; t < plan->levels[l].target_count; t++)
            count += plan->levels[l].targets[t].candidate_count;
    return count;
}

static void record(struct choice *choice, const struct candidate *candidate, int64_t level, enum choice_reason reason,
                   int64_t after_s)
{
    bool chosen = reason_chooses[reason];
    choice->verdicts[choice->verdict_count++] = (struct verdict){
        .candidate = candidate, .level = level, .chosen = chosen, .reason = reason, .after_s = after_s};
    if (chosen)
        choice->chosen_count++;
}

static bool is_chosen(const struct choice *choice, struct text user_id)
{
    for (size_t i = 0; i < choice->verdict_count; i++)
        if (choice->verdicts[i].chosen && text_equal(choice->verdicts[i].candidate->user_id, user_id))
            return true;
    return false;
}

static enum choice_reason why_unusable(const struct candidate *candidate)
{
    switch (candidate->state) {
    case CANDIDATE_GAP: return REASON_GAP;
    case CANDIDATE_DELETED: return REASON_DELETED;
    case CANDIDATE_NO_CONTACT: return REASON_NO_CONTACT;
    case CANDIDATE_USABLE: break;
    }
    assert(!"a usable candidate has no such reason");
    return REASON_GAP;
}

static void choose_candidate(struct choice *choice, const struct candidate *candidate, int64_t level,
                             enum choice_reason reason)
{
    if (candidate->state != CANDIDATE_USABLE)
        record(choice, candidate, level, why_unusable(candidate), 0);
    else if (is_chosen(choice, candidate->user_id))
        record(choice, candidate, level, REASON_DUPLICATE, 0);
    else
        record(choice, candidate, level, reason, 0);
}

static void choose_everyone(struct choice *choice, const struct level *level, int64_t number)
{
    for (size_t t = 0; t < level->target_count; t++)
        for (size_t c = 0; c < level->targets[t].candidate_count; c++)
            choose_candidate(choice, &level->targets[t].candidates[c], number,
                             level->targets[t].kind == TARGET_SCHEDULE ? REASON_ON_CALL : REASON_NAMED);
}

/* The target whose turn it is; when it has nobody who can be reached, the one after it. */
static void choose_by_turn(struct choice *choice, const struct level *level, int64_t number)
{
    bool done = false;
    for (size_t step = 0; step < level->target_count; step++) {
        size_t t = ((size_t)level->turn + step) % level->target_count;
        for (size_t c = 0; c < level->targets[t].candidate_count; c++) {
            const struct candidate *candidate = &level->targets[t].candidates[c];
            if (done && candidate->state == CANDIDATE_USABLE)
                record(choice, candidate, number, REASON_OTHERS_TURN, 0);
            else
                choose_candidate(choice, candidate, number, REASON_ROUND_ROBIN);
        }
        done = done || choice->chosen_count > 0;
    }
    choice->turn_taken = choice->chosen_count > 0;
}

static void record_level(struct choice *choice, const struct level *level, int64_t number, enum choice_reason reason,
                         int64_t after_s)
{
    for (size_t t = 0; t < level->target_count; t++)
        for (size_t c = 0; c < level->targets[t].candidate_count; c++) {
            const struct candidate *candidate = &level->targets[t].candidates[c];
            if (candidate->state != CANDIDATE_USABLE)
                record(choice, candidate, number, why_unusable(candidate), after_s);
            else if (!is_chosen(choice, candidate->user_id)) /* whoever is called already has nothing to ask */
                record(choice, candidate, number, reason, after_s);
        }
}

/* Tries the levels from `first` on; true when one had somebody. */
static bool choose_from(struct choice *choice, const struct plan *plan, int64_t first)
{
    for (int64_t number = first; number <= (int64_t)plan->level_count; number++) {
        const struct level *level = &plan->levels[number - 1];
        if (level->round_robin && level->target_count > 0)
            choose_by_turn(choice, level, number);
        else
            choose_everyone(choice, level, number);
        if (choice->chosen_count > 0) {
            choice->level = number;
            choice->rule_id = level->rule_id;
            choice->delay_s = level->delay_s;
            return true;
        }
        choice->levels_passed_over++;
    }
    return false;
}

static void choose_catch_all(struct choice *choice, const struct plan *plan)
{
    choice->exhausted = true;
    for (size_t i = 0; i < plan->catch_all_count; i++)
        choose_candidate(choice, &plan->catch_all[i], 0, REASON_CATCH_ALL);
}

void escalation_choose(struct arena *arena, const struct plan *plan, int64_t level, int64_t loop, struct choice *ret)
{
    assert(level >= 1 && loop >= 0);
    /* Every candidate is looked at up to twice: at the end of this pass and at the start of the next. */
    struct choice choice = {.loop = loop, .verdicts = ARENA_ARRAY(arena, struct verdict, 2 * candidates_in(plan) + 1)};
    for (int64_t number = 1; number < level && number <= (int64_t)plan->level_count; number++)
        record_level(&choice, &plan->levels[number - 1], number, REASON_EARLIER_LEVEL, 0);
    bool found = choose_from(&choice, plan, level);
    /* Start over only when a pass had somebody: a policy of nothing but gaps must not spin through its repeats. */
    if (!found && level > 1 && loop < plan->loops) {
        choice.verdict_count = 0;
        choice.loop = loop + 1;
        choice.repeated = true;
        found = choose_from(&choice, plan, 1);
    }
    if (!found)
        choose_catch_all(&choice, plan);
    int64_t after_s = choice.delay_s;
    for (int64_t number = choice.level + 1; found && number <= (int64_t)plan->level_count; number++) {
        record_level(&choice, &plan->levels[number - 1], number, REASON_LATER_LEVEL, after_s);
        after_s += plan->levels[number - 1].delay_s;
    }
    assert(choice.verdict_count <= 2 * candidates_in(plan));
    *ret = choice;
}

void escalation_choose_nobody(struct arena *arena, const struct plan *plan, enum choice_reason reason, struct choice *ret)
{
    struct choice choice = {.verdicts = ARENA_ARRAY(arena, struct verdict, candidates_in(plan) + 1)};
    for (size_t l = 0; l < plan->level_count; l++)
        record_level(&choice, &plan->levels[l], (int64_t)l + 1, reason, 0);
    *ret = choice;
}

void escalation_choose_people(struct arena *arena, struct candidate *people, size_t count, enum choice_reason reason,
                              struct choice *ret)
{
    struct choice choice = {.verdicts = ARENA_ARRAY(arena, struct verdict, count + 1)};
    for (size_t i = 0; i < count; i++)
        choose_candidate(&choice, &people[i], 0, reason);
    *ret = choice;
}
