/* Why: the engine turn by turn on an empty database, its clock and its sender in the test's hand. Include it behind cmocka.h. */
#ifndef MUSTER_ENGINE_STEPPED_TEST_H
#define MUSTER_ENGINE_STEPPED_TEST_H

#include "base/arena_test.h"
#include "base/log.h"
#include "engine/intake.h"
#include "engine/stepped.h"
#include "store/database_test.h"

static struct env *env;
static struct engine *engine;

/* `config` without its database and clock; `take` gets what the sender would. */
static inline void stepped_begin(struct engine_config config, engine_send *take)
{
    log_set_level(LOG_ERROR);
    database_new();
    env = env_simulated((instant){1770688800 * SECOND_US}, 1);
    config.db_url = database_url;
    config.env = env;
    config.public_url = "http://muster.test";
    assert_int_equal(engine_open_stepped(&engine, &config, take, NULL), OK);
    engine_sender_is(engine, true);
}

static inline void stepped_end(void)
{
    engine_stop(engine);
    env_free(env);
    database_remove();
}

static inline void turn(void)
{
    while (engine_turn(engine)) {
    }
}

struct run {
    struct job job;
    enum err outcome;
};

static inline void run_done(struct job *job, enum err outcome)
{
    ((struct run *)job)->outcome = outcome;
}

static inline enum err outcome_of(engine_work *work, const void *argument)
{
    struct run r = {.job = {.work = work, .argument = (void *)(uintptr_t)argument, .done = run_done}, .outcome = ERR_INTERNAL};
    engine_submit(engine, &r.job);
    turn();
    return r.outcome;
}

static inline void run(engine_work *work, const void *argument)
{
    assert_int_equal(outcome_of(work, argument), OK);
}

static inline enum err run_sql(struct tx *tx, void *sql)
{
    return db_execute(tx->db, sql);
}

/* Service 's', of which the integration key is "key", and its escalation policy 'p'; `rules` are JSON. */
static inline void service_new(const char *rules)
{
    run(run_sql, arena_printf(arena,
                              "INSERT INTO escalation_policies (id, name, version, created_at, updated_at) VALUES ('p', 'p', 1, 0, 0);"
                              "INSERT INTO policy_versions (policy_id, version, effective_from, doc) VALUES ('p', 1, 0, '{\"num_loops\":0,\"rules\":[%s]}');"
                              "INSERT INTO services (id, name, policy_id, created_at, updated_at) VALUES ('s', 's', 'p', 0, 0);"
                              "INSERT INTO integrations (id, service_id, type, name, integration_key, created_at) VALUES ('i', 's', 'x', 'x', 'key', 0)",
                              rules));
}

static inline enum err receive(struct tx *tx, enum event_action action, struct text dedup_key, struct disposition *ret)
{
    struct event event = {.action = action, .routing_key = TEXT("key"), .dedup_key = dedup_key, .severity = SEVERITY_CRITICAL, .summary = TEXT("Disk is full"),
                          .timestamp = INSTANT_NONE, .body = TEXT("{}"), .format = "events-v2"};
    return intake_apply(tx, &event, ret);
}

/* From due instant to due instant. */
static inline void wait_s(int64_t seconds)
{
    instant until = instant_add_s(env_now(env), seconds);
    while (!instant_before(until, engine_next_due(engine))) {
        env_set_now(env, engine_next_due(engine));
        turn();
    }
    env_set_now(env, until);
    turn();
}

/* The sender's answer about a message, or about a delivery of a webhook (`posted`); the caller adds what is particular. */
static inline json_t *answer_about(int64_t id, const char *outcome)
{
    json_t *frame = json_object_in(arena);
    json_put_int(frame, "id", id);
    json_put_string(frame, "outcome", outcome);
    return frame;
}

static inline void sender_answers(const json_t *frame)
{
    engine_sender_answered(engine, frame);
    turn();
}

#endif
