/* Why: see backoff.h. */
#include "api/backoff.h"

#include <pthread.h>
#include <stdlib.h>

enum { SLOTS = 4096, PROBE = 8, KEY_BYTES_MAX = 96 };

struct slot {
    char key[KEY_BYTES_MAX];
    size_t key_size;
    int64_t failures;
    instant failed_at, blocked_until;
};

struct backoff {
    pthread_mutex_t lock;
    struct slot slots[SLOTS];
};

struct backoff *backoff_new(void)
{
    struct backoff *backoff = calloc(1, sizeof *backoff);
    if (!backoff)
        abort();
    pthread_mutex_init(&backoff->lock, NULL);
    return backoff;
}

void backoff_free(struct backoff *backoff)
{
    if (!backoff)
        return;
    pthread_mutex_destroy(&backoff->lock);
    free(backoff);
}

/* The slot of `key`; with `make`, the one to use for it: a free one or the oldest nearby. */
static struct slot *find(struct backoff *backoff, struct text key, bool make)
{
    key = text_slice(key, 0, KEY_BYTES_MAX);
    size_t start = text_hash(key) % SLOTS;
    struct slot *oldest = &backoff->slots[start];
    for (size_t i = 0; i < PROBE; i++) {
        struct slot *slot = &backoff->slots[(start + i) % SLOTS];
        if (slot->failures > 0 && text_equal((struct text){slot->key, slot->key_size}, key))
            return slot;
        if (slot->failures == 0 ? oldest->failures > 0 : oldest->failures > 0 && instant_before(slot->failed_at, oldest->failed_at))
            oldest = slot;
    }
    if (!make)
        return NULL;
    *oldest = (struct slot){.key_size = key.size};
    memcpy(oldest->key, key.data, key.size);
    return oldest;
}

int64_t backoff_wait_s(struct backoff *backoff, struct text key, instant now)
{
    pthread_mutex_lock(&backoff->lock);
    struct slot *slot = find(backoff, key, false);
    int64_t wait_s = slot && instant_before(now, slot->blocked_until) ? instant_seconds_between(now, slot->blocked_until) + 1 : 0;
    pthread_mutex_unlock(&backoff->lock);
    return wait_s;
}

void backoff_failed(struct backoff *backoff, struct text key, int64_t free_tries, instant now)
{
    pthread_mutex_lock(&backoff->lock);
    struct slot *slot = find(backoff, key, true);
    /* A quiet hour forgives. */
    if (slot->failures > 0 && instant_seconds_between(slot->failed_at, now) > 3600)
        slot->failures = 0;
    slot->failures++;
    slot->failed_at = now;
    int64_t wait_s = 0;
    if (slot->failures >= free_tries) {
        int64_t doublings = slot->failures - free_tries;
        wait_s = doublings > 9 ? BACKOFF_WAIT_MAX_S : (int64_t)2 << doublings;
        if (wait_s > BACKOFF_WAIT_MAX_S)
            wait_s = BACKOFF_WAIT_MAX_S;
    }
    slot->blocked_until = instant_add_s(now, wait_s);
    pthread_mutex_unlock(&backoff->lock);
}

void backoff_succeeded(struct backoff *backoff, struct text key)
{
    pthread_mutex_lock(&backoff->lock);
    struct slot *slot = find(backoff, key, false);
    if (slot)
        *slot = (struct slot){0};
    pthread_mutex_unlock(&backoff->lock);
}
