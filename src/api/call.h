/* Why: the parts of call.c that only the dispatcher needs; handlers use route.h. */
#ifndef MUSTER_API_CALL_H
#define MUSTER_API_CALL_H

#include "api/route.h"

/* Fills call->query; more than QUERY_PARAMETERS_MAX are ignored, text that is not UTF-8 is a mistake. */
void call_parse_query(struct call *call, struct text raw);

#endif
