/* Why: systemd (Type=notify, WatchdogSec) waits until the server is ready, and starts it anew when its heart stops. One datagram each, as sd_notify(3)
 * and sd_watchdog_enabled(3) describe; without NOTIFY_SOCKET all of this does nothing. */
#ifndef MUSTER_CLI_SERVICE_MANAGER_H
#define MUSTER_CLI_SERVICE_MANAGER_H

#include <signal.h>
#include <stdatomic.h>

#include "engine/engine.h"

struct service_manager {
    int fd;              /* -1: nobody asks */
    int64_t interval_us; /* between two signs of life; 0: none is wanted */
    struct job pulse;
    atomic_bool is_out;  /* the pulse has not come back yet */
};

/* Takes what the manager said out of the environment, so that no other process speaks in our name. Before cli/confine.h: it makes a socket. */
void service_manager_open(struct service_manager *manager);
void service_manager_say(const struct service_manager *manager, const char *what); /* "READY=1", "STOPPING=1" */
/* Waits for one of `signals`. Meanwhile gives signs of life, each when the writer thread has answered the one before: a server that accepts and
 * cannot write is not alive, one whose database refuses is. */
int service_manager_wait(struct service_manager *manager, struct engine *engine, const sigset_t *signals);

#endif
