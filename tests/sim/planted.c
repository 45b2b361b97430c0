/* Why: a judge that cannot find fault proves nothing. Each planted bug takes the place of one engine function (the linker's --wrap; the
 * product has no such hooks) and must be caught; tests/sim/run plants them all. */
#include <stdio.h>
#include <string.h>

#include "core/failover.h"
#include "core/ladder.h"
#include "engine/outbox_queue.h"
#include "engine/pages.h"
#include "engine/plan.h"
#include "engine/roster.h"
#include "engine/timers.h"
#include "sim.h"

const char *const planted_names[] = {
    "pages-go-on-after-acknowledge", "dedupe-ignored", "doubt-never-repeated", "ladder-step-repeated", "maintenance-ignored", "climbs-early",
    "climb-forgotten", "recovery-forgotten", "commit-lost", "wrong-person", NULL,
};
static const char *planted = "";

void planted_set(const char *name)
{
    planted = name ? name : "";
}

const char *planted_now(void)
{
    return planted;
}

static bool is_planted(const char *name)
{
    return strcmp(planted, name) == 0;
}

#define WRAP(result, name, ...) result __real_##name(__VA_ARGS__); result __wrap_##name(__VA_ARGS__); result __wrap_##name(__VA_ARGS__)

WRAP(enum err, pages_stop, struct tx *tx, int64_t incident, bool responders_too, struct text user_id, struct text reason)
{
    if (is_planted("pages-go-on-after-acknowledge") && text_starts_with(reason, TEXT("acknowledged")))
        return OK;
    return __real_pages_stop(tx, incident, responders_too, user_id, reason);
}

static struct query *blind;

WRAP(struct query *, db_query, struct db *db, const char *name)
{
    struct query *q = __real_db_query(db, name);
    blind = is_planted("dedupe-ignored") && strcmp(name, "alert_open_by_key") == 0 ? q : blind == q ? NULL : blind;
    return q;
}

WRAP(bool, query_next, struct query *q)
{
    bool row = __real_query_next(q);
    return row && q != blind;
}

WRAP(struct failover, failover_after, const struct attempt_verdict *verdict, const struct attempt_history *history)
{
    struct failover then = __real_failover_after(verdict, history);
    if (is_planted("doubt-never-repeated") && then.next == NEXT_REPEAT)
        then.next = NEXT_NONE;
    return then;
}

WRAP(void, ladder_step, struct arena *arena, const struct ladder_rule *rules, size_t count, instant started_at, int64_t done_s, instant now, struct ladder_step *ret)
{
    __real_ladder_step(arena, rules, count, started_at, done_s, now, ret);
    if (is_planted("ladder-step-repeated") && count > 0 && rules[0].delay_s <= done_s && ret->due_count < count)
        ret->due[ret->due_count++] = &rules[0];
}

WRAP(enum err, plan_load, struct db *db, struct arena *arena, const struct plan_request *request, struct plan *ret)
{
    enum err err = __real_plan_load(db, arena, request, ret);
    if (err == OK && is_planted("maintenance-ignored"))
        ret->window_id = TEXT_NONE;
    return err;
}

WRAP(enum err, timer_set, struct tx *tx, const struct timer_key *key, instant due)
{
    if (is_planted("climbs-early") && key->kind == TIMER_ESCALATE)
        due = (instant){tx->now.us + (due.us - tx->now.us) / 2};
    if (is_planted("climb-forgotten") && key->kind == TIMER_ESCALATE && tx->now.us / SECOND_US % 10 == 0)
        return OK;
    return __real_timer_set(tx, key, due);
}

WRAP(enum err, outbox_recover, struct tx *tx)
{
    return is_planted("recovery-forgotten") ? OK : __real_outbox_recover(tx);
}

WRAP(enum err, db_commit, struct db *db)
{
    static int commits;
    if (is_planted("commit-lost") && ++commits % 60 == 0) {
        db_rollback(db);
        return OK;
    }
    return __real_db_commit(db);
}

WRAP(enum err, roster_on_call, struct db *db, struct arena *arena, struct text schedule_id, instant at, instant now, struct on_call **ret, size_t *ret_count,
     struct text *ret_name)
{
    static char other[40];
    enum err err = __real_roster_on_call(db, arena, schedule_id, at, now, ret, ret_count, ret_name);
    if (err == OK && *ret_count > 0 && is_planted("wrong-person")) {
        struct text right = (*ret)[0].user_id;
        if (other[0])
            (*ret)[0].user_id = text_copy(arena, text_of(other));
        snprintf(other, sizeof other, "%.*s", TEXT_ARG(right));
    }
    return err;
}
