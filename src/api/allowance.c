/* Why: see allowance.h. */
#include "api/allowance.h"

#include <pthread.h>
#include <stdlib.h>

enum { SLOTS = 16384, PROBE = 8, WINDOW_S = 60 };

struct slot {
    char key[ALLOWANCE_KEY_BYTES_MAX];
    size_t key_size; /* 0: free */
    instant started_at;
    int64_t count;
};

struct allowance {
    int64_t per_minute;
    pthread_mutex_t lock; /* guards what is below */
    struct slot slots[SLOTS];
};

struct allowance *allowance_new(int64_t per_minute)
{
    struct allowance *allowance = calloc(1, sizeof *allowance);
    if (!allowance)
        abort();
    allowance->per_minute = per_minute;
    pthread_mutex_init(&allowance->lock, NULL);
    return allowance;
}

void allowance_free(struct allowance *allowance)
{
    if (!allowance)
        return;
    pthread_mutex_destroy(&allowance->lock);
    free(allowance);
}

/* The slot of `key`, or the one to take for it: a free one, else the one whose minute began first. */
static struct slot *find(struct allowance *allowance, struct text key, bool *ret_is_its_own)
{
    size_t start = text_hash(key) % SLOTS;
    struct slot *oldest = &allowance->slots[start];
    for (size_t i = 0; i < PROBE; i++) {
        struct slot *slot = &allowance->slots[(start + i) % SLOTS];
        *ret_is_its_own = text_equal((struct text){slot->key, slot->key_size}, key);
        if (*ret_is_its_own)
            return slot;
        if (oldest->key_size > 0 && (slot->key_size == 0 || instant_before(slot->started_at, oldest->started_at)))
            oldest = slot;
    }
    return oldest;
}

static bool is_over(const struct slot *slot, instant now)
{
    /* A clock that was set back must not refuse anybody for longer. */
    return instant_before(now, slot->started_at) || instant_seconds_between(slot->started_at, now) >= WINDOW_S;
}

struct allowance_use allowance_take(struct allowance *allowance, struct text key, int64_t count, instant now)
{
    if (!allowance || allowance->per_minute == 0 || key.size == 0 || key.size > ALLOWANCE_KEY_BYTES_MAX)
        return (struct allowance_use){0};
    struct allowance_use use = {.limit = allowance->per_minute};
    pthread_mutex_lock(&allowance->lock);
    bool is_its_own;
    struct slot *slot = find(allowance, key, &is_its_own);
    if (!is_its_own || is_over(slot, now)) {
        *slot = (struct slot){.key_size = key.size, .started_at = now};
        memcpy(slot->key, key.data, key.size);
    }
    /* More at once than a whole minute allows could never pass: it takes all that is there, when nothing was taken yet. */
    use.refused = slot->count > 0 && slot->count + count > use.limit;
    if (!use.refused)
        slot->count += count;
    use.remaining = slot->count < use.limit ? use.limit - slot->count : 0;
    use.reset_s = WINDOW_S - instant_seconds_between(slot->started_at, now);
    pthread_mutex_unlock(&allowance->lock);
    return use;
}
