/* Why: how an attempt to reach somebody ended. One vocabulary for the channels, the seam between the processes and the engine.
 * The names are also the states of a message (messages.state). */
#ifndef MUSTER_CORE_OUTCOME_H
#define MUSTER_CORE_OUTCOME_H

#include "base/text.h"

enum outcome_kind {
    OUTCOME_NONE,      /* not ended yet */
    OUTCOME_ACCEPTED,  /* the provider has it */
    OUTCOME_DELIVERED, /* the provider says the person's device has it */
    OUTCOME_TEMPORARY, /* refused for now, surely not sent */
    OUTCOME_PERMANENT, /* refused for good */
    OUTCOME_UNKNOWN,   /* it may have left and no verdict came */
};

const char *outcome_name(enum outcome_kind kind); /* "accepted" ...; "none" */
bool outcome_parse(struct text name, enum outcome_kind *ret);

#endif
