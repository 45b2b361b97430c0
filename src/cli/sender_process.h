/* Why: the sender is a second process of the same program. This starts it, starts it again, and sees that none stays behind.
 *
 * The core gives up starting programs before it takes its first request (cli/confine.h), and a child inherits what its parent gave up. So a small
 * third process, the spawner, is split off before: it waits on a socket pair, starts the sender when it is asked, always the same program with the
 * same arguments, and hands over the socket to it. It reads nothing but single bytes from the core. */
#ifndef MUSTER_CLI_SENDER_PROCESS_H
#define MUSTER_CLI_SENDER_PROCESS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/err.h"

enum { SENDER_FD = 3 }; /* where the sender finds its end of the socket pair */

struct sender_process {
    char *const *arguments; /* of the sender, NULL-terminated; [0] is the program's name */
    pid_t spawner;          /* 0: none */
    int fd;                 /* to the spawner */
    pthread_t starter;      /* gets SIGTERM when the spawner is gone: without it nobody can be paged, a service manager must start anew */
    atomic_bool is_lost;
};

/* Splits off the spawner. Before the first thread and before cli/confine.h; the caller's signal mask is not inherited. */
bool sender_process_prepare(struct sender_process *process) MUST_CHECK;
/* engine_config.spawn_sender; `context` is the struct. Ends the one before, which has lost its socket and is of no use. */
int sender_process_spawn(void *context);
/* After the engine has closed its end of the sender's socket: the spawner waits a moment for the orderly end of the sender, then kills it. */
void sender_process_end(struct sender_process *process);

#endif
