/* Why: which files and TCP ports a process may still use is decided once, at its start, and the kernel holds it to that (Landlock, Linux
 * 5.13 and later). Raw system calls: there is no library, and the headers of Debian 12 are older than the kernels it runs on.
 *
 * Binds the calling thread and those it starts, so call it before the first thread. Connecting and binding need Linux 6.7. */
#ifndef MUSTER_CLI_LANDLOCK_H
#define MUSTER_CLI_LANDLOCK_H

#include <stdbool.h>
#include <stddef.h>

enum landlock_access { LANDLOCK_READS, LANDLOCK_CHANGES }; /* a file, or everything below a folder; changes includes reads */

struct landlock_path {
    const char *path; /* what does not exist is left out */
    enum landlock_access access;
};

struct landlock_rules {
    const struct landlock_path *paths;
    size_t path_count;
    bool limits_connect; /* only to connect_ports */
    const int *connect_ports;
    size_t connect_port_count;
    int bind_port; /* 0: none */
};

/* 0 when the kernel has no Landlock, otherwise the version of its interface. */
int landlock_version(void);
/* False with errno set: nothing is restricted then. PR_SET_NO_NEW_PRIVS must be set. */
bool landlock_restrict(const struct landlock_rules *rules);

#endif
