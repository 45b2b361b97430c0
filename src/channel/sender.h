/* Why: the sender process: the only one that connects to the outside and the only one that holds provider secrets. It has no
 * database and decides nothing: messages in, outcomes out (frames.h).
 *
 * One thread, one event loop; no provider can make another wait. Each provider has its bound of sends in flight; over it a send
 * is answered `temporary` "busy" at once. */
#ifndef MUSTER_CHANNEL_SENDER_H
#define MUSTER_CHANNEL_SENDER_H

#include "base/config.h"

struct env;

/* Serves `fd` until its other end closes (returns 0) or breaks the contract (returns 1). Takes over the process: no core
 * files, no new privileges, not traceable. `env` is read for the time stamps of mails that name none and of webhooks. */
int sender_main(int fd, const struct config *config, struct env *env);

#endif
