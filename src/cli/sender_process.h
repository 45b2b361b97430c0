/* Why: the sender is a second process of the same program. This starts it, starts it again, and sees that none stays behind. */
#ifndef MUSTER_CLI_SENDER_PROCESS_H
#define MUSTER_CLI_SENDER_PROCESS_H

#include <sys/types.h>

enum { SENDER_FD = 3 }; /* where the child finds its end of the socket pair */

struct sender_process {
    char *const *arguments; /* of the child, NULL-terminated; [0] is the program's name */
    pid_t pid;              /* 0: none */
};

/* engine_config.spawn_sender; `context` is the struct. Ends the one before, which has lost its socket and is of no use. */
int sender_process_spawn(void *context);
/* After the engine has closed its end: waits a moment for the orderly end, then kills. */
void sender_process_end(struct sender_process *process);

#endif
