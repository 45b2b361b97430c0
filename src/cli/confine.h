/* Why: the process that reads what strangers send, and the one that holds the providers' secrets, each give up at their start what they do not
 * need, so that a flaw in one of them opens as little as possible. cli/ decides it, because only here is it known which role a process plays;
 * the means are cli/landlock.h (files and ports) and cli/call_filter.h (system calls).
 *
 *   core    its database folder, time zones, TLS files; starts no program; opens no connection but to PostgreSQL when that is the store
 *   sender  no database folder, no file to change; connects to providers; starts no program, listens nowhere
 *
 * `confine = if_possible` (the default) goes on with a line in the log where the kernel cannot, `required` does not start then, `off` is for
 * debuggers and valgrind. */
#ifndef MUSTER_CLI_CONFINE_H
#define MUSTER_CLI_CONFINE_H

#include "base/config.h"

/* Both roles, first of all: no new privileges, no core file, memory closed to other processes of the account, files for the owner only. */
void confine_process(void);

/* The core, when the data directory exists and before its first thread. The sender must have been spawned, or its spawner: a child inherits all
 * of this. False: it is required and cannot be had; the reason has been logged. The same holds for the two below. */
bool confine_core(struct arena *arena, const struct config *config) MUST_CHECK;
/* The core, when it listens and all its threads run. */
bool confine_serving_core(const struct config *config) MUST_CHECK;
/* The sender, when it has read its settings. */
bool confine_sender(const struct config *config) MUST_CHECK;

#endif
