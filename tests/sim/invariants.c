/* Why: which invariant is checked where: by a question to the stored state (src/audit, the same as `muster audit` asks), by what only the simulator
 * knows, or by another test. `muster-sim --invariants` prints it; a row that names a check or file that is not there is an error. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "audit/audit.h"
#include "sim.h"

struct invariant {
    const char *name;
    const char *stored;    /* checks of src/audit, separated by spaces */
    const char *outside;   /* what the simulator holds against the engine; NULL: nothing */
    const char *elsewhere; /* files with further tests, separated by spaces */
};

static const struct invariant invariants[] = {
    {"E1", "E1 E1_counts", "every event answered 202 is there after each restart, with the disposition it had", "tests/e2e/kill_loop.py"},
    {"E2", "", "what was answered for outlives every power cut", "src/store/db_power_cut_test.c src/store/db_fault_test.c"},
    {"E3", "I1 E1_counts", "refused events are sent again with their key; each one joins the alert of its key that is open, or opens one", "tests/story/database_trouble.py"},
    {"E4", "E4", NULL, ""},
    {"E5", "", "5xx only in a step whose disk fails", "tests/contract/limits.py"},
    {"I1", "I1", NULL, ""},
    {"I2", "I2 I2_final I2_row", NULL, "src/core/incident_test.c"},
    {"I3", "I2_final", NULL, "tests/story/dedupe_and_retrigger.py"},
    {"I4", "I4 I4_alone", NULL, ""},
    {"I5", "I5_groups", "a naive reading of every alert's words and times: the incident it joins", "src/core/grouping_test.c tests/story/alert_grouping.py"},
    {"N1", "N1 N1_held N1_ladder N1_held_notice N1_assignees N1_pages",
     "each decision chose everybody the level demands; after the faults every page reached its person, nothing waits, nothing is held", ""},
    {"N2", "N2 N2_again", NULL, ""},
    {"N3", "N3 N3_once N3_doubts", "providers take and do not say so", "tests/story/ambiguous_send.py"},
    {"N4", "N4", "a naive resolver over the stored policy and schedule versions, at each decision", ""},
    {"N5", "N5", NULL, ""},
    {"N6", "N6", "at the moment of handing over: nobody who was deleted", ""},
    {"N7", "", NULL, "tests/story/receipts.py"},
    {"N8", "N8 K1", "outages of up to four hours", ""},
    {"N9", "N1_held_notice", "a message says of how many incidents it speaks, so many it carries; a page waits after three in a minute, and no other does", "tests/story/bundled_pages.py"},
    {"N10", "", "no low message leaves while a fresh urgent one of its channel is due", ""},
    {"K1", "K1 K1_notices K1_pages", "at the moment of handing over: something it speaks of still calls", ""},
    {"K2", "K1_pages I2", "answers by SMS, commands and the REST API; no recent page to an address has the same number", "tests/story/acknowledge_by_mail_link.py tests/story/acknowledge_by_keypad.py"},
    {"K3", "", "forged reports change nothing", "tests/story/forged_answers.py"},
    {"K4", "", "reports twice, early, late, in any order", "tests/story/callbacks_in_any_order.py"},
    {"S1", "S1", NULL, "tests/oracle/run"},
    {"S2", "", "the naive resolver, at each decision", "tests/oracle/run"},
    {"S3", "", NULL, "src/core/schedule_test.c"},
    {"S4", "", "the naive resolver: summer time begins in each run", "tests/oracle/run tests/story/dst_lord_howe.py"},
    {"S5", "", "the naive resolver: overrides come and go", "tests/story/override.py"},
    {"S6", "", NULL, "tests/story/gap_in_schedule.py"},
    {"S7", "", NULL, "src/engine/roster_test.c"},
    {"Q1", "", NULL, "src/net/http_server_test.c tests/story/s1_storm_at_three.py"},
    {"Q2", "Q2 Q2_messages Q2_sending", "nothing waits after hours of quiet", ""},
    {"Q3", "", NULL, "tests/story/provider_hangs.py"},
    {"T1", "T_orphans", "the engine comes to rest at every instant", ""},
    {"T3", "N5 N8 Q2", "the clock jumps ahead", ""},
    {"D2", "", NULL, "src/store/db_test.c"},
    {"X1", "", "no answer, message or line of the log holds a token or a signing key", ""},
    {"X2", "", NULL, "src/api/routes_test.c"},
    {"X3", "", NULL, "src/channel/address_guard_test.c"},
};
enum { INVARIANTS = sizeof invariants / sizeof invariants[0] };

static bool audit_has(struct text name)
{
    for (size_t c = 0; c < audit_check_count; c++)
        if (text_equal(text_of(audit_checks[c].name), name))
            return true;
    return false;
}

static int missing_in(const struct invariant *i)
{
    int missing = 0;
    struct text rest = text_of(i->stored), part;
    while (rest.size > 0 && text_next(&rest, ' ', &part))
        if (!audit_has(part) && ++missing)
            printf("%s names the check %.*s, which is not there\n", i->name, TEXT_ARG(part));
    rest = text_of(i->elsewhere);
    while (rest.size > 0 && text_next(&rest, ' ', &part)) {
        char path[200];
        snprintf(path, sizeof path, "%.*s", TEXT_ARG(part));
        if (access(path, R_OK) != 0 && ++missing)
            printf("%s names %s, which is not there\n", i->name, path);
    }
    if (!i->stored[0] && !i->outside && !i->elsewhere[0] && ++missing)
        printf("%s is checked nowhere\n", i->name);
    return missing;
}

int64_t invariants_count(void)
{
    int64_t count = (int64_t)audit_check_count;
    for (size_t i = 0; i < INVARIANTS; i++)
        count += invariants[i].outside != NULL;
    return count;
}

int invariants_print(void)
{
    int missing = 0;
    printf("| invariant | in the store (`muster audit`) | outside, by the simulator | elsewhere |\n|---|---|---|---|\n");
    for (size_t i = 0; i < INVARIANTS; i++) {
        const struct invariant *v = &invariants[i];
        printf("| %s | %s | %s | %s |\n", v->name, v->stored, v->outside ? v->outside : "", v->elsewhere);
        missing += missing_in(v);
    }
    printf("not in this table: T2 and C1-C3 (one process, one store), D1 (tests/cli), D3 (there is no chain of hashes yet)\n");
    return missing ? 1 : 0;
}
