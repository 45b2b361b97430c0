/* Why: names of timer kinds, from the one table in timer.h. */
#include "core/timer.h"

static const char *const names[] = {
#define ROW(kind, name) [kind] = name,
    TIMER_KINDS(ROW)
#undef ROW
};

const char *timer_name(enum timer_kind kind)
{
    return names[kind];
}

bool timer_parse(struct text name, enum timer_kind *ret)
{
    for (int kind = 0; kind < TIMER_KIND_COUNT; kind++) {
        if (text_is(name, names[kind])) {
            *ret = (enum timer_kind)kind;
            return true;
        }
    }
    return false;
}
