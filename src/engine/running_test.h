/* Why: the running engine under a clock that the test moves, on an empty database, without a sender. Include it behind cmocka.h. */
#ifndef MUSTER_ENGINE_RUNNING_TEST_H
#define MUSTER_ENGINE_RUNNING_TEST_H

#include "base/log.h"
#include "engine/engine.h"
#include "store/database_test.h"

static struct env *env;
static struct engine *engine;

static inline int no_sender(void *context)
{
    (void)context;
    return -1;
}

static inline void engine_begin(instant now)
{
    log_set_level(LOG_ERROR);
    database_new();
    env = env_with_test_clock(now);
    struct engine_config config = {.db_url = database_url, .env = env, .spawn_sender = no_sender, .public_url = "http://muster.test"};
    assert_int_equal(engine_start(&engine, &config), OK);
}

static inline void engine_end(void)
{
    engine_stop(engine);
    env_free(env);
    database_remove();
}

static inline enum err run_sql(struct tx *tx, void *sql)
{
    return db_execute(tx->db, sql);
}

/* Rows of other nouns, whose own code is not under test. */
static inline void sql(const char *text)
{
    assert_int_equal(engine_execute(engine, run_sql, (void *)(uintptr_t)text), OK);
}

#endif
