/* Why: names of ledger kinds, from the one table in ledger.h. */
#include "core/ledger.h"

static const struct {
    const char *name, *pagerduty;
} kinds[] = {
#define ROW(kind, name, pagerduty) [kind] = {name, pagerduty},
    LEDGER_KINDS(ROW)
#undef ROW
};

const char *ledger_name(enum ledger_kind kind)
{
    return kinds[kind].name;
}

const char *ledger_pagerduty_type(enum ledger_kind kind)
{
    return kinds[kind].pagerduty;
}

bool ledger_parse(struct text name, enum ledger_kind *ret)
{
    for (int kind = 0; kind < LEDGER_KIND_COUNT; kind++) {
        if (text_is(name, kinds[kind].name)) {
            *ret = (enum ledger_kind)kind;
            return true;
        }
    }
    return false;
}
