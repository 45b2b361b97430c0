/* Why: see audit.h. One row per check; a query gives the violations, one function judges what SQL cannot read. */
#include "audit/audit.h"

#include "audit/levels.h"

enum { NONE = 0, RECENT = 1, NOW = 2, SLACK = 4 };

#define CHECK(name, scope, judge, sentence) {name, sentence, ((scope) & RECENT) != 0, ((scope) & NOW) != 0, ((scope) & SLACK) != 0, judge}

const struct audit_check audit_checks[] = {
    CHECK("E1", RECENT, NULL, "every accepted event has a disposition, and what it led to exists"),
    CHECK("E1_counts", RECENT, NULL, "every alert counts exactly the triggers that belong to it"),
    CHECK("E4", RECENT, NULL, "events of a key are applied in the order they were accepted"),
    CHECK("I1", NONE, NULL, "at most one alert of a key is open"),
    CHECK("I2", RECENT, NULL, "an incident's state is the one its record ends with"),
    CHECK("I2_final", RECENT, NULL, "nothing happens to an incident after it was resolved"),
    CHECK("I2_row", RECENT, NULL, "an incident's row does not contradict itself"),
    CHECK("I4", RECENT, NULL, "an incident counts exactly the alerts it has"),
    CHECK("I4_alone", RECENT, NULL, "every alert belongs to an incident"),
    CHECK("N1", NONE, NULL, "an unanswered incident of high urgency goes on calling, or its alarm stands"),
    CHECK("N1_held", NONE, NULL, "what is held by a maintenance window is released when it ends"),
    CHECK("N1_ladder", NOW, NULL, "every rule of a person being called that is still to come has a clock"),
    CHECK("N1_held_notice", NONE, NULL, "what waits for a bundle leaves with it"),
    CHECK("N1_assignees", NONE, NULL, "whoever has a triggered incident is being called"),
    CHECK("N1_pages", NONE, NULL, "nobody is called about an incident that is not theirs"),
    CHECK("N2", RECENT, NULL, "no rule calls twice about one page"),
    CHECK("N2_again", RECENT, NULL, "what arrived is not sent again"),
    CHECK("N3", RECENT, NULL, "a message in doubt is repeated"),
    CHECK("N3_once", RECENT, NULL, "no message is followed by two"),
    CHECK("N3_doubts", RECENT, NULL, "a doubt is repeated once"),
    CHECK("N4", RECENT, NULL, "every page was decided, with a reason, for this person"),
    CHECK("N5", RECENT, audit_levels, "a level is called in its order and not before its time"),
    CHECK("N6", RECENT, NULL, "nobody is called after they, or their contact method, were deleted"),
    CHECK("N8", RECENT, NULL, "a backlog of levels is never climbed at once"),
    CHECK("K1", RECENT, NULL, "no message is handed over after the answer that stopped its page"),
    CHECK("K1_notices", RECENT, NULL, "no step of a ladder is taken after its page was stopped"),
    CHECK("K1_pages", NONE, NULL, "an answered incident calls nobody"),
    CHECK("S1", NONE, NULL, "no override ends before it begins"),
    CHECK("Q2", NOW | SLACK, NULL, "nothing that is due waits"),
    CHECK("Q2_messages", NOW | SLACK, NULL, "no message waits in the queue for long"),
    CHECK("Q2_sending", NOW | SLACK, NULL, "every message that was handed over came back with a verdict"),
    CHECK("T_heartbeats", NONE, NULL, "every heartbeat that is awaited has a clock, and no other has"),
    CHECK("I5_groups", NONE, NULL, "only open incidents that group take alerts in"),
    CHECK("T_orphans", NONE, NULL, "no clock runs for what is over"),
};
const size_t audit_check_count = sizeof audit_checks / sizeof audit_checks[0];

enum err audit_run(const struct audit_check *check, struct db *db, struct arena *arena, const struct audit_scope *scope, struct audit_findings *ret)
{
    if (check->judge)
        return check->judge(db, arena, scope, ret);
    struct query *q = db_query(db, arena_printf(arena, "audit_%s", check->name));
    if (check->with_recent && scope->recent > 0)
        query_bind_int(q, "recent", scope->recent);
    if (check->with_now)
        query_bind_instant(q, "now", scope->now);
    if (check->with_slack)
        query_bind_int(q, "slack_us", scope->slack_s * SECOND_US);
    struct audit_findings found = {.items = ARENA_ARRAY(arena, struct audit_finding, AUDIT_FINDINGS_MAX)};
    while (found.count < AUDIT_FINDINGS_MAX && query_next(q))
        found.items[found.count++] = (struct audit_finding){.subject = text_copy(arena, query_text(q, 0)), .finding = text_copy(arena, query_text(q, 1))};
    if (query_failed(q))
        return query_err(q);
    *ret = found;
    return OK;
}
