/* Why: a refused document is refused with line, column and reason. json_scan, which reads all JSON here, only knows that something is wrong; jansson
 * says what. It is asked about refused documents alone, and by tests, whether it would have taken the others. */
#ifndef MUSTER_BASE_JSON_EXPLAIN_H
#define MUSTER_BASE_JSON_EXPLAIN_H

#include "base/problem.h"

/* Adds one mistake to `problem` and answers false; true when jansson finds nothing wrong. `any_integer`: one beyond 64 bits is fine. */
bool json_explain(struct text document, bool any_integer, struct problem *problem);

#endif
