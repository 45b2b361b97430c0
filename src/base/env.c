/* Why: see env.h. */
#include "base/env.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

struct env {
    bool test_clock, simulated;
    uint64_t chance; /* simulated only: the state of a splitmix generator */
    _Atomic int64_t now_us; /* test clock only */
};

static struct env *env_new(void)
{
    struct env *env = calloc(1, sizeof *env);
    if (!env)
        abort();
    return env;
}

struct env *env_real(void)
{
    return env_new();
}

struct env *env_with_test_clock(instant start)
{
    struct env *env = env_new();
    env->test_clock = true;
    atomic_store(&env->now_us, start.us);
    return env;
}

struct env *env_simulated(instant start, uint64_t seed)
{
    struct env *env = env_with_test_clock(start);
    env->simulated = true;
    env->chance = seed;
    return env;
}

void env_free(struct env *env)
{
    free(env);
}

instant env_now(struct env *env)
{
    if (env->test_clock)
        return (instant){atomic_load(&env->now_us)};
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (instant){(int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000};
}

int64_t env_monotonic_us(struct env *env)
{
    (void)env;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * SECOND_US + now.tv_nsec / 1000;
}

void env_deadline(struct env *env, int64_t ms, struct timespec *ret)
{
    int64_t us = env_monotonic_us(env) + ms * 1000;
    *ret = (struct timespec){.tv_sec = us / SECOND_US, .tv_nsec = us % SECOND_US * 1000};
}

bool env_is_test_clock(const struct env *env)
{
    return env->test_clock;
}

void env_set_now(struct env *env, instant now)
{
    assert(env->test_clock);
    if (now.us > atomic_load(&env->now_us))
        atomic_store(&env->now_us, now.us);
}

/* SplitMix64: a sequence that depends on the seed and nothing else. */
static unsigned char simulated_byte(struct env *env)
{
    uint64_t z = env->chance += UINT64_C(0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (unsigned char)((z ^ (z >> 31)) & 0xff);
}

void env_random(struct env *env, void *ret_bytes, size_t size)
{
    unsigned char *bytes = ret_bytes;
    for (size_t i = 0; env->simulated && i < size; i++)
        bytes[i] = simulated_byte(env);
    if (env->simulated)
        return;
    while (size > 0) {
        ssize_t got = getrandom(bytes, size, 0);
        if (got <= 0) {
            perror("muster: fatal: no randomness from the operating system");
            abort();
        }
        bytes += got;
        size -= (size_t)got;
    }
}
