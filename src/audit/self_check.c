/* Why: see self_check.h. */
#include "audit/self_check.h"

#include "audit/audit.h"
#include "audit/gaps.h"
#include "engine/measures.h"

enum { RECENT = 10000 }; /* the newest rows of what grows: with it a check costs milliseconds, however old the installation is */

static const char *const checks[] = {"E1", "I1", "I2_row", "N1", "N1_held", "N1_ladder", "N1_assignees", "N2", "K1_pages", "S1", "Q2", "Q2_messages", "Q2_sending",
                                     "T_heartbeats"};
enum { CHECKS = sizeof checks / sizeof *checks };

static const struct audit_check *find_check(const char *name)
{
    for (size_t c = 0; c < audit_check_count; c++)
        if (strcmp(audit_checks[c].name, name) == 0)
            return &audit_checks[c];
    return NULL;
}

static enum err run_check(const struct audit_check *check, struct db *db, struct arena *arena, const struct audit_scope *scope, struct self_finding *list, size_t *count)
{
    struct audit_findings found;
    enum err err = audit_run(check, db, arena, scope, &found);
    for (size_t i = 0; err == OK && i < found.count && *count < SELF_FINDINGS_MAX; i++)
        list[(*count)++] = (struct self_finding){
            .name = text_printf(arena, "%s %.*s", check->name, TEXT_ARG(found.items[i].subject)), .group = text_printf(arena, "check %s", check->name),
            .title = text_printf(arena, "Muster broke a promise: %s (%s)", check->sentence, check->name),
            .line = text_printf(arena, "%.*s: %.*s", TEXT_ARG(found.items[i].subject), TEXT_ARG(found.items[i].finding)), .is_urgent = true};
    return err;
}

enum err self_check_run(struct engine *engine, struct db *db, struct env *env, struct arena *arena, struct self_check *ret)
{
    int64_t began_us = env_monotonic_us(env);
    struct audit_scope scope = {.now = env_now(env), .recent = RECENT, .slack_s = AUDIT_SLACK_S};
    struct self_finding *list = ARENA_ARRAY(arena, struct self_finding, SELF_FINDINGS_MAX);
    size_t count = 0, told = 0;
    enum err err = OK;
    struct self_check result = {0};
    for (size_t c = 0; c < CHECKS && err == OK; c++) {
        const struct audit_check *check = find_check(checks[c]);
        if (!check)
            return ERR_INTERNAL; /* the audit has no check of this name any more */
        err = run_check(check, db, arena, &scope, list, &count);
        result.checks++;
    }
    result.findings = (int64_t)count;
    if (err == OK)
        err = gaps_find(db, arena, scope.now, list, &count);
    result.gaps = (int64_t)count - result.findings;
    if (err == OK)
        err = self_report(engine, list, count, &told);
    if (err != OK)
        return err;
    result.told = (int64_t)told;
    engine_note_self_check(engine, result.findings, result.gaps, env_monotonic_us(env) - began_us);
    *ret = result;
    return OK;
}
