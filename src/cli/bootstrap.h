/* Why: the first start of an installation. A new database gets an administrator, an API token of the installation, priorities,
 * and either the sample organisation or one service, so that the first event can be sent at once. Later starts find it done.
 *
 * The token lies in DATA/admin-token (0600), the common password of the sample people in DATA/sample-password (0600). */
#ifndef MUSTER_CLI_BOOTSTRAP_H
#define MUSTER_CLI_BOOTSTRAP_H

#include "base/config.h"
#include "engine/engine.h"

struct bootstrap {
    bool is_new;
    struct text token;           /* absent: the file is gone or its token was revoked */
    struct text routing_key;     /* absent: its integration was deleted */
    struct text sample_password; /* absent: no sample organisation */
};

/* Texts live on `arena`. */
enum err bootstrap_run(struct bootstrap *ret, struct arena *arena, const struct config *config, struct engine *engine, struct env *env) MUST_CHECK;

#endif
