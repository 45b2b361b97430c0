/* Why: `muster audit`: whether the stored state keeps every promise that can be judged from it, beside a running server. */
#include <stdio.h>

#include "audit/audit.h"
#include "cli/commands.h"
#include "cli/store_access.h"

static enum err run_checks(struct arguments *arguments, struct db *db, const struct audit_scope *scope, size_t *ret_broken)
{
    size_t broken = 0;
    for (size_t c = 0; c < audit_check_count; c++) {
        const struct audit_check *check = &audit_checks[c];
        struct audit_findings found;
        enum err err = audit_run(check, db, arguments->arena, scope, &found);
        if (err != OK)
            return err;
        printf("%-8s %-16s %s\n", found.count ? "BROKEN" : "holds", check->name, check->sentence);
        for (size_t i = 0; i < found.count; i++)
            printf("         %.*s: %.*s\n", TEXT_ARG(found.items[i].subject), TEXT_ARG(found.items[i].finding));
        broken += found.count > 0;
    }
    *ret_broken = broken;
    return OK;
}

/* Under the test clock of an installation the time is the stored one. */
static enum err now_of(struct arguments *arguments, struct db *db, instant *ret)
{
    *ret = env_now(arguments->env);
    struct query *q = db_query(db, "installation_get");
    query_bind_text(q, "name", TEXT("test_now"));
    int64_t stored_us;
    if (query_next(q) && text_to_int64(query_text(q, 0), &stored_us))
        *ret = (instant){stored_us};
    return query_failed(q) ? query_err(q) : OK;
}

static enum exit_code run_audit(struct arguments *arguments)
{
    struct db *db;
    enum exit_code code = access_open(arguments, false, &db);
    if (code != EXIT_FINE)
        return code;
    struct audit_scope scope = {.recent = flag_is_given(arguments, "all") ? 0 : AUDIT_RECENT, .slack_s = AUDIT_SLACK_S};
    size_t broken = 0;
    enum err err = now_of(arguments, db, &scope.now);
    if (err == OK)
        err = run_checks(arguments, db, &scope, &broken);
    if (err != OK)
        complain("the audit could not be finished (%s): %s", err_name(err), db_last_message(db));
    db_close(db);
    if (err != OK)
        return exit_of(err);
    printf("%zu checks, %zu broken\n", audit_check_count, broken);
    return broken ? EXIT_FAILED : EXIT_FINE;
}

const struct command command_audit = {
    "audit", "", 0, 0, true, "check that the stored state keeps every promise",
    "Reads one consistent moment, changes nothing and may run beside the server. Names each promise, whether it holds, and what breaks it.\n"
    "Looks at everything open and the newest 100000 rows of each record; --all looks at the whole history. Exit code 1: something is broken.",
    run_audit, {ACCESS_FLAGS, {"all", NULL, "the whole history", false}}};
