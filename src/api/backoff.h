/* Why: a password can be guessed only as fast as we answer. Failures are counted per account and per address; after a few free
 * tries each further one must wait twice as long. Kept in memory and bounded: a restart forgives, a flood of made-up names evicts only
 * the oldest entries. Thread-safe. */
#ifndef MUSTER_API_BACKOFF_H
#define MUSTER_API_BACKOFF_H

#include "base/env.h"

struct backoff;

/* An address may be a whole office or a proxy in front of everybody. */
enum { BACKOFF_ACCOUNT_TRIES = 5, BACKOFF_ADDRESS_TRIES = 50, BACKOFF_WAIT_MAX_S = 900 };

struct backoff *backoff_new(void);
void backoff_free(struct backoff *backoff);
/* Seconds `key` must still wait; 0: may try. */
int64_t backoff_wait_s(struct backoff *backoff, struct text key, instant now);
/* `free_tries`: so many failures cost nothing, less one. */
void backoff_failed(struct backoff *backoff, struct text key, int64_t free_tries, instant now);
void backoff_succeeded(struct backoff *backoff, struct text key);

#endif
