/* Why: under the test clock time moves only here: from due instant to due instant, each one finished before the next. */
#include <errno.h>
#include <time.h>

#include "base/log.h"
#include "engine/clockwork.h"
#include "engine/engine_state.h"
#include "engine/outbox_queue.h"
#include "engine/webhook_delivery.h"

/* Waits until the writer has looked at everything due at the present instant and the sender has answered. */
static bool wait_until_quiet(struct engine *e, int patience_ms)
{
    struct timespec until;
    env_deadline(e->env, patience_ms, &until);
    pthread_mutex_lock(&e->lock);
    e->woken = true;
    pthread_cond_signal(&e->wake);
    int64_t from = e->rounds;
    bool quiet = false, patient = true;
    while (patient && !quiet && !e->stopping) {
        patient = pthread_cond_timedwait(&e->idle, &e->lock, &until) != ETIMEDOUT;
        quiet = e->resting && e->rounds > from && !e->first && !e->woken && !e->link_changed && outbox_in_flight(e->outbox) == 0 && e->webhooks->flight_count == 0 && e->link_up;
    }
    pthread_mutex_unlock(&e->lock);
    return quiet;
}

struct advance {
    instant to, next;
};

static enum err find_next(struct tx *tx, void *argument)
{
    struct advance *advance = argument;
    enum err err = clockwork_next(tx->db, tx->now, &advance->next);
    if (err != OK)
        return err;
    advance->next = instant_min(advance->next, outbox_next_due(engine_outbox(tx->engine)));
    instant reached = instant_before(advance->next, advance->to) ? advance->next : advance->to;
    struct query *q = db_query(tx->db, "installation_set");
    query_bind_text(q, "name", TEXT("test_now"));
    query_bind_text(q, "value", text_printf(tx->arena, "%lld", (long long)instant_max(reached, tx->now).us));
    return query_run(q);
}

enum err engine_advance(struct engine *e, instant to, int patience_ms)
{
    if (!env_is_test_clock(e->env) || instant_before(to, env_now(e->env)))
        return ERR_INVALID;
    for (;;) {
        if (!wait_until_quiet(e, patience_ms))
            log_warning("engine", "the test clock moves on although the sender has not answered everything");
        struct advance advance = {.to = to};
        enum err err = engine_execute(e, find_next, &advance);
        if (err != OK)
            return err;
        instant now = env_now(e->env);
        if (instant_before(to, advance.next)) {
            env_set_now(e->env, to);
            return wait_until_quiet(e, patience_ms) ? OK : ERR_LIMIT;
        }
        if (!instant_before(now, advance.next)) { /* due already and still there: it cannot be done now */
            env_set_now(e->env, (instant){now.us + SECOND_US < to.us ? now.us + SECOND_US : to.us});
            if (instant_equal(env_now(e->env), to))
                return wait_until_quiet(e, patience_ms) ? OK : ERR_LIMIT;
            continue;
        }
        env_set_now(e->env, advance.next);
    }
}
