/* Why: what a webhook subscription asks for, between the wire and its columns: address, own headers, events, filter. */
#ifndef MUSTER_API_WEBHOOK_FIELDS_H
#define MUSTER_API_WEBHOOK_FIELDS_H

#include "api/resource.h"

struct webhook_fields {
    struct text url;
    struct text headers; /* JSON [{"name","value"}]; TEXT_NONE: none */
    struct text events;  /* JSON array of names */
    const char *filter_type; /* "account", "service", "team" */
    struct text filter_id;   /* TEXT_NONE: the account */
};

/* Reads what the request says and, for updates, what was there before; adds a mistake for everything wrong. The address and the headers are
 * set once, as PagerDuty has it: later ones are ignored. */
enum err webhook_fields_read(struct change *change, struct webhook_fields *ret) MUST_CHECK;

#endif
