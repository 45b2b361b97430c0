/* Why: what other threads may do while the writer is in the middle of a batch, with the real threads. Here they and the writer meet in relaxed atomics, which give no
 * order: ThreadSanitizer (tests/analysis/tsan) then reports each access that only luck keeps apart, and every time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>
#include <stdatomic.h>
#include <time.h>

#include "base/zone_test.h"
#include "engine/outbox.h"
#include "engine/running_test.h"

static struct {
    struct job job; /* not on the stack: its end gives no order either */
    atomic_bool has_begun, may_end, has_ended, was_stored;
    atomic_int heard;
} batch;

static bool is_set(atomic_bool *flag)
{
    return atomic_load_explicit(flag, memory_order_relaxed);
}

static void set(atomic_bool *flag)
{
    atomic_store_explicit(flag, true, memory_order_relaxed);
}

static void wait_for(atomic_bool *flag)
{
    while (!is_set(flag))
        nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
}

static int set_up(void **state)
{
    (void)state;
    memset(&batch, 0, sizeof batch);
    engine_begin(at("2026-02-01T00:00Z"));
    return 0;
}

static int tear_down(void **state)
{
    (void)state;
    engine_end();
    return 0;
}

static enum err note_change(struct tx *tx, void *argument)
{
    (void)argument;
    engine_note_change(tx, "configuration");
    return OK;
}

static enum err note_change_slowly(struct tx *tx, void *argument)
{
    set(&batch.has_begun);
    wait_for(&batch.may_end);
    return note_change(tx, argument);
}

static void note_end(struct job *job, enum err outcome)
{
    (void)job;
    if (outcome == OK)
        set(&batch.was_stored);
    set(&batch.has_ended);
}

static void beside_a_batch(void (*deed)(void))
{
    batch.job = (struct job){.work = note_change_slowly, .done = note_end};
    engine_submit(engine, &batch.job);
    wait_for(&batch.has_begun);
    deed();
    set(&batch.may_end);
    wait_for(&batch.has_ended);
    assert_true(is_set(&batch.was_stored));
}

static void count_heard(void *context, const struct engine_change *changes, size_t count)
{
    (void)context, (void)changes;
    atomic_fetch_add_explicit(&batch.heard, (int)count, memory_order_relaxed);
}

static void listen(void)
{
    engine_listen(engine, count_heard, NULL);
}

static void who_joins_in_the_middle_of_a_batch_hears_of_the_next(void **state)
{
    (void)state;
    beside_a_batch(listen);
    assert_int_equal(engine_execute(engine, note_change, NULL), OK);
    assert_int_equal(engine_execute(engine, note_change, NULL), OK); /* what the one before changed was told before this one began */
    assert_true(atomic_load(&batch.heard) >= 1);
}

static void ask_for_health(void)
{
    struct engine_health health;
    struct provider_health providers[PROVIDERS_MAX];
    engine_health(engine, &health);
    assert_true(health.database_ok);
    assert_false(health.sender_ok);
    assert_int_equal(engine_provider_health(engine, providers, PROVIDERS_MAX), 0);
}

static void health_is_told_in_the_middle_of_a_batch(void **state)
{
    (void)state;
    beside_a_batch(ask_for_health);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(who_joins_in_the_middle_of_a_batch_hears_of_the_next),
        CASE(health_is_told_in_the_middle_of_a_batch),
    };
    return run_on_each_database(tests, tests);
}
