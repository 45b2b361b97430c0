/* Why: the way into a simulated Muster is the real HTTP API without its sockets: the linker's --wrap puts this in place of the listener, so router,
 * permissions, handlers, their reading connection and the engine are the real ones. The API's worker is a thread; it and the
 * simulator never run at the same time, so a run still follows from its seed. */
#ifndef MUSTER_TESTS_SIM_DOOR_H
#define MUSTER_TESTS_SIM_DOOR_H

#include "sim.h"

struct answer {
    int status; /* 0: none; whoever was to answer died */
    json_t *body;
};

void door_open(struct sim *sim);
void door_close(struct sim *sim);
/* `body` may be NULL. The process may die before or after the commit, as the run's chances are; then the request is not repeated. */
struct answer door_ask(struct sim *sim, const char *method, const char *path, const json_t *body);

#endif
