/* Why: every figure needs people who can be paged. Makes them in an empty database with the same functions that a first start uses, and gives
 * programs that have no running server what a change needs to run (struct tx): an engine without threads, sender and sockets. */
#ifndef MUSTER_BENCHMARKS_ORGANISATION_H
#define MUSTER_BENCHMARKS_ORGANISATION_H

#include "engine/engine.h"

struct organisation_size {
    int services;  /* each with its own policy: a schedule of four people, then one person */
    int people;    /* each with one contact method (a webhook) that is used at once */
    int schedules; /* in all; those beyond one per service are in policies of ten levels without a service */
};

/* Owns the database; free with bench_close. Prints why and exits when it cannot. */
struct bench {
    struct env *env;
    struct engine *engine;
    struct arena *arena;
    struct tx tx;
    int64_t *sent; /* messages, in the open transaction */
    size_t sent_count;
};

void bench_open(struct bench *ret, const char *url, instant now);
void bench_close(struct bench *bench);
void bench_begin(struct bench *bench);  /* a transaction on an empty arena */
void bench_commit(struct bench *bench);

/* From now on a commit hands its pages to a sender (their frames are dropped). */
void bench_sender(struct bench *bench);
/* The answers to all pages handed over before: each was accepted. Between bench_begin and bench_commit, at most once. */
void bench_sent(struct bench *bench);
void bench_require(enum err err, const char *what);

void organisation_make(struct bench *bench, const struct organisation_size *size, const char *webhook_url);
/* First column of a query, as texts that live as long as the program. */
struct text *bench_column(const char *url, const char *sql, size_t *ret_count);

#endif
