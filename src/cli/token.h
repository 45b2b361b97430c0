/* Why: tokens are made in three places: by hand, at the first start, with the sample data. */
#ifndef MUSTER_CLI_TOKEN_H
#define MUSTER_CLI_TOKEN_H

#include "base/instant.h"
#include "store/db.h"

enum { TOKEN_CHARS = 32 }; /* of 36 letters and digits: 165 bits */

struct token_insert {
    struct text id, secret, name;
    struct text user_id; /* absent: the installation's, with `role` */
    struct text role;
    instant now, expires_at; /* INSTANT_NONE: for ever */
};

/* Inside a transaction. */
enum err token_insert(struct db *db, struct arena *arena, const struct token_insert *token) MUST_CHECK;
/* Known and not revoked; whether it has expired is not asked. */
bool token_is_valid(struct db *db, struct arena *arena, struct text secret);
bool role_is_known(struct text role); /* PagerDuty's role names */

#endif
