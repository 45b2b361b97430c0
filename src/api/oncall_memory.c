/* Why: see oncall_memory.h. All of it lies in one arena: nothing is freed by itself. */
#include "api/oncall_memory.h"

#include <malloc.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum { DUTY_BUCKETS = 1024, ARENA_BYTES = 4 * ONCALL_MEMORY_BYTES };

struct known_duty {
    struct duty duty; /* the first: callers hold only this */
    struct known_duty *next;
};

struct oncall_memory {
    _Atomic bool is_held; /* memory; asked without the lock */
    pthread_mutex_t lock; /* guards everything below */
    struct arena *arena;  /* NULL: empty */
    int64_t version, used_us;
    bool is_filled;
    bool is_new;          /* begun by who is in it now: what does not fit then never will */
    bool was_too_large;   /* `version` */
    struct text *people; /* sorted once all are known */
    size_t person_count, person_capacity;
    struct remembered_policy *policies;
    size_t policy_count, policy_capacity, target_capacity;
    struct known_duty *duties[DUTY_BUCKETS];
};

struct oncall_memory *oncall_memory_new(void)
{
    struct oncall_memory *memory = calloc(1, sizeof *memory);
    if (!memory)
        abort();
    pthread_mutex_init(&memory->lock, NULL);
    return memory;
}

static void forget(struct oncall_memory *memory)
{
    arena_free(memory->arena);
    memory->arena = NULL;
    atomic_store(&memory->is_held, false);
    memory->is_filled = false;
    memory->people = NULL;
    memory->policies = NULL;
    memory->person_count = memory->person_capacity = memory->policy_count = memory->policy_capacity = memory->target_capacity = 0;
    for (size_t i = 0; i < DUTY_BUCKETS; i++)
        memory->duties[i] = NULL;
}

void oncall_memory_free(struct oncall_memory *memory)
{
    if (!memory)
        return;
    forget(memory);
    pthread_mutex_destroy(&memory->lock);
    free(memory);
}

static bool is_full(const struct oncall_memory *memory)
{
    return arena_used(memory->arena) > ONCALL_MEMORY_BYTES;
}

bool oncall_memory_enter(struct oncall_memory *memory, int64_t version, struct env *env)
{
    pthread_mutex_lock(&memory->lock);
    memory->used_us = env_monotonic_us(env);
    bool is_same = memory->version == version;
    if (is_same && memory->was_too_large) {
        pthread_mutex_unlock(&memory->lock);
        return false;
    }
    memory->is_new = !is_same || !memory->is_filled;
    if (memory->is_new) {
        forget(memory);
        memory->arena = arena_new(ARENA_BYTES);
        atomic_store(&memory->is_held, true);
        memory->version = version;
        memory->was_too_large = false;
    }
    return true;
}

bool oncall_memory_is_filled(const struct oncall_memory *memory)
{
    return memory->is_filled;
}

/* False when it does not. What became too much in time begins anew. */
static bool fits(struct oncall_memory *memory)
{
    if (!is_full(memory))
        return true;
    memory->was_too_large = memory->is_new;
    memory->is_filled = false;
    return false;
}

void oncall_memory_leave(struct oncall_memory *memory)
{
    if (!memory->is_filled)
        forget(memory);
    pthread_mutex_unlock(&memory->lock);
}

/* Filling ------------------------------------------------------------------------------------------------------------ */

void oncall_memory_add_person(struct oncall_memory *memory, struct text user_id)
{
    if (is_full(memory))
        return;
    memory->people = arena_grow(memory->arena, memory->people, memory->person_count, &memory->person_capacity, sizeof *memory->people);
    memory->people[memory->person_count++] = text_copy(memory->arena, user_id);
}

static int compare_texts(const void *a, const void *b)
{
    return text_compare(*(const struct text *)a, *(const struct text *)b);
}

void oncall_memory_add_policy(struct oncall_memory *memory, struct text id, struct text name)
{
    if (is_full(memory))
        return;
    memory->policies = arena_grow(memory->arena, memory->policies, memory->policy_count, &memory->policy_capacity, sizeof *memory->policies);
    memory->policies[memory->policy_count++] = (struct remembered_policy){.id = text_copy(memory->arena, id), .name = text_copy(memory->arena, name)};
    memory->target_capacity = 0;
}

static struct duty *duty_named(struct oncall_memory *memory, struct text schedule_id)
{
    struct known_duty **bucket = &memory->duties[text_hash(schedule_id) % DUTY_BUCKETS];
    for (struct known_duty *known = *bucket; known; known = known->next)
        if (text_equal(known->duty.schedule_id, schedule_id))
            return &known->duty;
    struct known_duty *known = ARENA_NEW(memory->arena, struct known_duty);
    *known = (struct known_duty){.duty = {.schedule_id = text_copy(memory->arena, schedule_id), .since = INSTANT_NONE}, .next = *bucket};
    *bucket = known;
    return &known->duty;
}

void oncall_memory_add_target(struct oncall_memory *memory, int64_t level, struct text user_id, struct text schedule_id)
{
    if (is_full(memory))
        return;
    struct remembered_policy *policy = &memory->policies[memory->policy_count - 1];
    policy->targets = arena_grow(memory->arena, policy->targets, policy->count, &memory->target_capacity, sizeof *policy->targets);
    policy->targets[policy->count++] = text_is_present(schedule_id) ? (struct remembered_target){.level = level, .duty = duty_named(memory, schedule_id)}
                                                                    : (struct remembered_target){.level = level, .user_id = text_copy(memory->arena, user_id)};
}

static bool is_here(const struct oncall_memory *memory, struct text user_id)
{
    return text_is_present(user_id) && memory->person_count > 0 && bsearch(&user_id, memory->people, memory->person_count, sizeof user_id, compare_texts);
}

/* People who left are on call nowhere. */
static void drop_who_left(const struct oncall_memory *memory, struct remembered_policy *policy)
{
    size_t kept = 0;
    for (size_t i = 0; i < policy->count; i++)
        if (policy->targets[i].duty || is_here(memory, policy->targets[i].user_id))
            policy->targets[kept++] = policy->targets[i];
    policy->count = kept;
}

bool oncall_memory_filled(struct oncall_memory *memory)
{
    if (!fits(memory))
        return false;
    if (memory->person_count > 0)
        qsort(memory->people, memory->person_count, sizeof *memory->people, compare_texts);
    for (size_t i = 0; i < memory->policy_count; i++)
        drop_who_left(memory, &memory->policies[i]);
    memory->is_filled = true;
    return true;
}

/* Asking ------------------------------------------------------------------------------------------------------------- */

const struct remembered_policy *oncall_memory_policies(const struct oncall_memory *memory, size_t *ret_count)
{
    *ret_count = memory->policy_count;
    return memory->policies;
}

bool oncall_memory_answers(const struct duty *duty, instant at)
{
    return instant_is_set(duty->since) && !instant_before(at, duty->since) && instant_before(at, duty->holds_until);
}

bool oncall_memory_keep(struct oncall_memory *memory, struct duty *duty, const struct duty *rendered)
{
    *duty = (struct duty){.schedule_id = duty->schedule_id, .exists = rendered->exists, .type = rendered->type, .since = rendered->since,
                          .holds_until = rendered->holds_until};
    if (!fits(memory))
        return false;
    if (!rendered->exists)
        return true;
    duty->schedule_name = text_copy(memory->arena, rendered->schedule_name);
    duty->spans.items = ARENA_ARRAY(memory->arena, struct schedule_span, rendered->spans.count + 1);
    for (size_t i = 0; i < rendered->spans.count; i++) {
        const struct schedule_span *span = &rendered->spans.items[i];
        if (is_here(memory, span->user_id))
            duty->spans.items[duty->spans.count++] =
                (struct schedule_span){.user_id = text_copy(memory->arena, span->user_id), .from = span->from, .until = span->until};
    }
    return true;
}

/* Unused ------------------------------------------------------------------------------------------------------------- */

bool oncall_memory_is_empty(struct oncall_memory *memory)
{
    return !atomic_load(&memory->is_held);
}

void oncall_memory_tend(struct oncall_memory *memory, struct env *env)
{
    if (pthread_mutex_trylock(&memory->lock) != 0)
        return; /* somebody uses it */
    if (memory->arena && env_monotonic_us(env) - memory->used_us >= (int64_t)ONCALL_MEMORY_UNUSED_MS * 1000) {
        forget(memory);
        malloc_trim(0); /* blocks this small would stay with the process */
    }
    pthread_mutex_unlock(&memory->lock);
}
