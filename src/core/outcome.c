/* Why: see outcome.h. */
#include "core/outcome.h"

static const char *const names[] = {"none", "accepted", "delivered", "temporary", "permanent", "unknown"};

const char *outcome_name(enum outcome_kind kind)
{
    return names[kind];
}

bool outcome_parse(struct text name, enum outcome_kind *ret)
{
    for (int kind = OUTCOME_ACCEPTED; kind <= OUTCOME_UNKNOWN; kind++)
        if (text_is(name, names[kind])) {
            *ret = (enum outcome_kind)kind;
            return true;
        }
    return false;
}
