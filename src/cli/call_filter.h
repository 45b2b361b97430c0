/* Why: a process that was taken over through a flaw can do only what the kernel does for it. Each role of the program keeps the system calls
 * it needs and loses all others (seccomp, by libseccomp):
 *   - what no role ever does and an intruder would (start a program, trace, mount, load code into the kernel) ends the process at once;
 *   - making sockets answers EACCES where the role has no business with it;
 *   - everything else answers ENOSYS, as an older kernel would, so that a newer C library falls back instead of failing.
 *
 * Sanitizers need calls of their own and start a program to print their findings: in such a build only sockets are refused. */
#ifndef MUSTER_CLI_CALL_FILTER_H
#define MUSTER_CLI_CALL_FILTER_H

#include <stdbool.h>

enum call_role {
    CALLS_OF_STARTING_CORE, /* may still make sockets: to listen */
    CALLS_OF_CORE,          /* no socket is made, connected or opened to the outside any more */
    CALLS_OF_CORE_WITH_REMOTE_DATABASE, /* makes and connects sockets, never listens anew */
    CALLS_OF_SENDER,        /* makes and connects sockets, never listens; changes no file */
};

/* Binds all threads of the process, now and later; a second call can only take away more. False with errno set: nothing has changed.
 * PR_SET_NO_NEW_PRIVS must be set. */
bool call_filter_install(enum call_role role);

#endif
