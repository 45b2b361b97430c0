/* Why: one shape and one set of codes for every error answer, because clients decide by them (pagerduty-api.md section 3).
 * {"error":{"message":"Invalid Input Provided","code":2001,"errors":["service.name cannot be empty"]}}, always as application/json:
 * a widespread client throws away error bodies of any other type. */
#ifndef MUSTER_API_ERRORS_H
#define MUSTER_API_ERRORS_H

#include "api/route.h"

enum api_code {
    API_INCIDENT_REQUESTER_UNKNOWN = 1008,
    API_INTERNAL = 2000,
    API_INVALID = 2001,
    API_ARGUMENTS_CAUSED_ERROR = 2002,
    API_AUTHENTICATION_FAILED = 2006,
    API_ACCESS_DENIED = 2010,
    API_ABILITY_MISSING = 2014,
    API_LIMIT_REACHED = 2019,
    API_RATE_LIMITED = 2020,
    API_NOT_FOUND = 2100,
    API_PAST_MAINTENANCE_WINDOW = 5003,
    API_CODE_NEEDED = 9001, /* Muster's own: the password is right, the code of the second factor is missing */
};

/* Turns the outcome of a handler into call->status and call->reply. Lines come from call->problem. */
void error_from_outcome(struct call *call, enum err outcome);

/* The answer as bytes where there is no call yet (unknown path, queue full). `line` may be NULL. */
struct http_response error_response(struct arena *arena, int status, int code, const char *message, const char *line);

#endif
