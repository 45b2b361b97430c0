/* Why: libcurl's transfers, run by what happened: a socket that can go on, a time that has come. Running all that are under way whenever one moves
 * (curl_multi_perform) asks the kernel about each of them each time. Nothing here knows what a transfer is for. */
#ifndef MUSTER_CHANNEL_TRANSFERS_H
#define MUSTER_CHANNEL_TRANSFERS_H

#include "base/env.h"
#include "channel/sockets.h"

/* One thread. It must stay where it is: libcurl knows its address. */
struct transfers {
    CURLM *multi;
    struct env *env;
    struct sockets sockets;
    int own_fd;
    int64_t due_us; /* monotonic: when libcurl wants to look at its times; INT64_MAX: never */
};

/* `own_fd` is the caller's, awaited in the same place. False: libcurl or the kernel refuses. */
bool transfers_init(struct transfers *transfers, struct env *env, int own_fd);
/* Not while a transfer runs. */
void transfers_free(struct transfers *transfers);

/* The handle's sockets must be opened and closed by sockets_open and sockets_close. False: out of memory. */
bool transfers_start(struct transfers *transfers, CURL *easy);
void transfers_stop(struct transfers *transfers, CURL *easy);
/* Also what has ended must be stopped before its handle is used again. NULL: nothing has ended. */
CURL *transfers_next_ended(struct transfers *transfers, CURLcode *ret);

/* What the caller awaits on `own_fd`; stays until said otherwise. */
void transfers_await_own(struct transfers *transfers, bool reading, bool writing);
/* Waits until something can go on, and goes on with it. True: the own descriptor can. */
bool transfers_wait(struct transfers *transfers);
/* Goes on with what is due without waiting, like a transfer that was just started. */
void transfers_run(struct transfers *transfers);

#endif
