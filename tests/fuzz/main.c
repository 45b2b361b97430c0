/* Why: one libFuzzer program for all targets; MUSTER_FUZZ_TARGET chooses. At its end it prints how many inputs were accepted, and tests/fuzz/run
 * demands that there were some. */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "target.h"

enum { ARENA_BYTES_MAX = 256 * 1024 * 1024 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

/* fuzz.c is compiled once for each format, its entry under the target's name. */
#define INBOUND(name) int fuzz_##name(const uint8_t *data, size_t size);
#include "inbound_targets.h"
#undef INBOUND

static const struct { const char *name; fuzz_target *run; int (*run_inbound)(const uint8_t *data, size_t size); } targets[] = {
#define ROW(name) {#name, fuzz_##name, NULL}
    ROW(texts), ROW(instant), ROW(id), ROW(phone_number), ROW(reply), ROW(authorization), ROW(sms_text), ROW(recurrence), ROW(zone_file), ROW(config),
    ROW(sql_library), ROW(frames), ROW(mime), ROW(content), ROW(markup), ROW(form), ROW(provider_answer), ROW(link), ROW(id_token), ROW(schedule), ROW(incident_body),
    ROW(resource_body), ROW(http), ROW(question), ROW(policy), ROW(engine),
#undef ROW
#define INBOUND(name) {#name, NULL, fuzz_##name},
#include "inbound_targets.h"
#undef INBOUND
};

static size_t chosen, target_count = sizeof targets / sizeof *targets;
static struct arena *arena;
static long long inputs, accepted;

struct text fuzz_line(struct text *rest)
{
    struct text line = TEXT("");
    (void)text_next(rest, '\n', &line);
    return line;
}

void fuzz_accept(void)
{
    accepted++;
}

void fuzz_expect_utf8(struct text t)
{
    assert(!t.data || text_is_utf8(t));
}

static void tell(void)
{
    fprintf(stderr, "fuzz: %lld inputs, %lld accepted\n", inputs, accepted);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    const char *name = getenv("MUSTER_FUZZ_TARGET");
    while (name && chosen < target_count && !text_is(text_of(name), targets[chosen].name))
        chosen++;
    if (!name || chosen == target_count) {
        for (size_t i = 0; i < target_count; i++)
            puts(targets[i].name);
        fprintf(stderr, "fuzz: MUSTER_FUZZ_TARGET names none of these\n");
        exit(name ? 2 : 0);
    }
    log_set_level(LOG_ERROR);
    arena = arena_new(ARENA_BYTES_MAX);
    atexit(tell);
    return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    arena_reset(arena);
    inputs++;
    if (targets[chosen].run)
        accepted += targets[chosen].run(arena, (struct text){(const char *)data, size});
    else
        targets[chosen].run_inbound(data, size);
    return 0;
}
