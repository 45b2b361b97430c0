/* Why: names of severities, one table for both directions. */
#include "inbound/event.h"

static const char *const names[] = {
    [SEVERITY_CRITICAL] = "critical", [SEVERITY_ERROR] = "error",     [SEVERITY_WARNING] = "warning",
    [SEVERITY_INFO] = "info",         [SEVERITY_UNKNOWN] = "unknown",
};

const char *severity_name(enum severity severity)
{
    return names[severity];
}

bool severity_parse(struct text name, enum severity *ret)
{
    for (int i = SEVERITY_CRITICAL; i <= SEVERITY_INFO; i++) {
        if (text_is(name, names[i])) {
            *ret = (enum severity)i;
            return true;
        }
    }
    return false;
}
