/* Why: see plan_memory.h. */
#include "engine/plan_memory.h"

/* Absent: not to be remembered. What is asked about another instant than now is asked once. */
static struct text key_of(struct arena *arena, const struct plan_request *request)
{
    if (!instant_equal(request->at, request->now))
        return TEXT_NONE;
    struct builder key = builder_new(arena, 1024);
    builder_add(&key, TEXT("plan"));
    builder_add_byte(&key, request->with_people ? '+' : '-');
    builder_add(&key, request->service_id);
    builder_add_byte(&key, ' ');
    builder_add(&key, request->policy_id);
    builder_add_byte(&key, ' ');
    builder_add_int(&key, request->policy_version);
    builder_add_byte(&key, ' ');
    builder_add_string(&key, request->catch_all_email ? request->catch_all_email : "");
    return key.overflowed ? TEXT_NONE : builder_text(&key);
}

bool plan_recall(struct db *db, struct arena *arena, const struct plan_request *request, struct plan *ret)
{
    struct text key = key_of(arena, request);
    const struct plan *known = text_is_present(key) ? db_conclusion(db, key, request->at) : NULL;
    if (known)
        *ret = *known;
    return known != NULL;
}

static struct candidate *copy_candidates(struct arena *arena, const struct candidate *candidates, size_t count)
{
    struct candidate *copy = arena_copy(arena, candidates, sizeof *copy * count);
    for (size_t i = 0; i < count; i++) {
        copy[i].user_id = text_copy(arena, copy[i].user_id);
        copy[i].user_name = text_copy(arena, copy[i].user_name);
        copy[i].target_id = text_copy(arena, copy[i].target_id);
        copy[i].target_name = text_copy(arena, copy[i].target_name);
        copy[i].layer_id = text_copy(arena, copy[i].layer_id);
        copy[i].layer_name = text_copy(arena, copy[i].layer_name);
    }
    return copy;
}

static struct level *copy_levels(struct arena *arena, const struct level *levels, size_t count)
{
    struct level *copy = arena_copy(arena, levels, sizeof *copy * count);
    for (size_t l = 0; l < count; l++) {
        copy[l].rule_id = text_copy(arena, copy[l].rule_id);
        copy[l].targets = arena_copy(arena, copy[l].targets, sizeof *copy[l].targets * copy[l].target_count);
        for (size_t t = 0; t < copy[l].target_count; t++) {
            struct target *target = &copy[l].targets[t];
            target->id = text_copy(arena, target->id);
            target->name = text_copy(arena, target->name);
            target->candidates = copy_candidates(arena, target->candidates, target->candidate_count);
        }
    }
    return copy;
}

static const struct plan *copy_plan(struct arena *arena, const struct plan *plan)
{
    struct plan *copy = arena_copy(arena, plan, sizeof *copy);
    copy->service_id = text_copy(arena, plan->service_id);
    copy->service_name = text_copy(arena, plan->service_name);
    copy->policy_id = text_copy(arena, plan->policy_id);
    copy->policy_name = text_copy(arena, plan->policy_name);
    copy->levels = copy_levels(arena, plan->levels, plan->level_count);
    copy->catch_all = copy_candidates(arena, plan->catch_all, plan->catch_all_count);
    copy->window_id = text_copy(arena, plan->window_id);
    copy->window_description = text_copy(arena, plan->window_description);
    return copy;
}

void plan_keep(struct db *db, struct arena *arena, const struct plan_request *request, const struct plan *plan)
{
    struct arena *kept = text_is_present(key_of(arena, request)) ? db_conclusion_arena(db) : NULL;
    if (!kept)
        return;
    size_t before = arena_used(arena);
    copy_plan(arena, plan); /* to know its size */
    if (arena_used(arena) - before <= DB_CONCLUSION_BYTES_MAX)
        db_conclude(db, plan->steady, copy_plan(kept, plan));
}
