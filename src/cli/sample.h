/* Why: the sample organisation "Halden Freight": something to try Muster with, before anything of one's own is set up. */
#ifndef MUSTER_CLI_SAMPLE_H
#define MUSTER_CLI_SAMPLE_H

#include "engine/tx.h"

/* Who to sign in as; all of the sample people share one password. */
#define SAMPLE_SIGN_IN "ana@halden.example"

enum err sample_fill(struct tx *tx, struct text password_hash) MUST_CHECK;

#endif
