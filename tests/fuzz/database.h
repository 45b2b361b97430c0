/* Why: targets that need a stored organisation. Made once per process, in memory (/dev/shm), removed at its end. */
#ifndef MUSTER_TESTS_FUZZ_DATABASE_H
#define MUSTER_TESTS_FUZZ_DATABASE_H

#include "engine/stepped.h"

enum { FUZZ_PATH_BYTES_MAX = 200 };

/* 2026-03-27 12:00 UTC: two days before clocks change in Europe. */
#define FUZZ_START ((instant){INT64_C(1774612800) * SECOND_US})

/* The path of a database with the sample organisation; ids follow from a fixed seed. */
const char *fuzz_database(void);
/* A fresh copy of it under another name: the same bytes each time. */
const char *fuzz_database_copy(void);
struct env *fuzz_env(void);

/* Runs one work function to its end. */
enum err fuzz_run(struct engine *engine, engine_work *work, void *argument) MUST_CHECK;

#endif
