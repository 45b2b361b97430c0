/* Why: who changed which configuration, from what to what. Written in the change's own transaction, so a change without its record
 * does not exist. */
#ifndef MUSTER_API_AUDIT_H
#define MUSTER_API_AUDIT_H

#include "base/json.h"
#include "engine/tx.h"

struct audit {
    const struct actor *actor;
    struct text peer;          /* address of the client; may be empty */
    const char *action;        /* "create", "update", "delete", "verify", "sign_in", ... */
    const char *resource_type; /* "team" */
    struct text resource_id;
    const char *root_type;     /* whose it is ("user" of a contact method), with root_id; NULL: the resource is its own */
    struct text root_id;
    const json_t *before, *after; /* either may be NULL */
};

enum err audit_record(struct tx *tx, const struct audit *audit) MUST_CHECK;

#endif
