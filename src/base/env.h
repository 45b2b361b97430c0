/* Why: the outside world in one place, so that the same engine runs in production, under the test clock and
 * in a simulator. Nothing but env.c (and log.c, to stamp lines) may call a clock or a random source; the
 * tidy test enforces it. Network and disk come in through channel/ and store/, which are handed to the engine. */
#ifndef MUSTER_BASE_ENV_H
#define MUSTER_BASE_ENV_H

#include <stddef.h>

#include "base/instant.h"

struct env;

struct env *env_real(void);
/* A clock that stands still at `start` until env_set_now(); randomness stays real. */
struct env *env_with_test_clock(instant start);
/* The same, and randomness that follows from `seed`: for simulators only, its secrets are none. */
struct env *env_simulated(instant start, uint64_t seed);
void env_free(struct env *env);

instant env_now(struct env *env);             /* wall clock, UTC. Thread-safe. */
int64_t env_monotonic_us(struct env *env);    /* for durations; real time even under the test clock */
/* `ms` from now on the monotonic clock, for pthread_cond_timedwait with CLOCK_MONOTONIC. */
struct timespec;
void env_deadline(struct env *env, int64_t ms, struct timespec *ret);
bool env_is_test_clock(const struct env *env);
void env_set_now(struct env *env, instant now); /* test clock only; never moves backwards */
void env_random(struct env *env, void *ret_bytes, size_t size); /* cryptographically secure; aborts if the OS has none */

#endif
