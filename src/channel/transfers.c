/* Why: see transfers.h. */
#include "channel/transfers.h"

#include <assert.h>
#include <limits.h>

enum { CONNECTIONS_KEPT_MAX = 100000 }; /* bounded by in_flight_max of each provider */

static int watch_socket(CURL *easy, curl_socket_t socket, int what, void *context, void *of_socket)
{
    (void)easy, (void)of_socket;
    struct transfers *transfers = context;
    bool reading = what == CURL_POLL_IN || what == CURL_POLL_INOUT, writing = what == CURL_POLL_OUT || what == CURL_POLL_INOUT;
    /* Told that it failed, libcurl would run no transfer any more; the engine starts a sender that ended again. */
    bool done = sockets_await(&transfers->sockets, socket, reading, writing);
    assert(done && "an open socket can be waited for");
    return 0;
}

static int set_timer(CURLM *multi, long timeout_ms, void *context)
{
    (void)multi;
    struct transfers *transfers = context;
    transfers->due_us = timeout_ms < 0 ? INT64_MAX : timeout_ms == 0 ? 0 : env_monotonic_us(transfers->env) + (int64_t)timeout_ms * 1000;
    return 0;
}

bool transfers_init(struct transfers *transfers, struct env *env, int own_fd)
{
    *transfers = (struct transfers){.env = env, .own_fd = own_fd, .due_us = INT64_MAX};
    transfers->multi = curl_multi_init();
    if (!transfers->multi)
        return false;
    curl_multi_setopt(transfers->multi, CURLMOPT_SOCKETFUNCTION, watch_socket);
    curl_multi_setopt(transfers->multi, CURLMOPT_SOCKETDATA, transfers);
    curl_multi_setopt(transfers->multi, CURLMOPT_TIMERFUNCTION, set_timer);
    curl_multi_setopt(transfers->multi, CURLMOPT_TIMERDATA, transfers);
    /* libcurl would say QUIT to the oldest kept connection when there are too many, and wait. */
    curl_multi_setopt(transfers->multi, CURLMOPT_MAXCONNECTS, (long)CONNECTIONS_KEPT_MAX);
    return sockets_init(&transfers->sockets);
}

void transfers_free(struct transfers *transfers)
{
    sockets_shut_down(&transfers->sockets);
    curl_multi_cleanup(transfers->multi);
    sockets_free(&transfers->sockets);
}

bool transfers_start(struct transfers *transfers, CURL *easy)
{
    return curl_multi_add_handle(transfers->multi, easy) == CURLM_OK;
}

void transfers_stop(struct transfers *transfers, CURL *easy)
{
    curl_multi_remove_handle(transfers->multi, easy);
}

CURL *transfers_next_ended(struct transfers *transfers, CURLcode *ret)
{
    CURLMsg *message;
    int left;
    while ((message = curl_multi_info_read(transfers->multi, &left)))
        if (message->msg == CURLMSG_DONE) {
            *ret = message->data.result;
            return message->easy_handle;
        }
    return NULL;
}

void transfers_await_own(struct transfers *transfers, bool reading, bool writing)
{
    bool done = sockets_await(&transfers->sockets, transfers->own_fd, reading, writing);
    assert(done && "an open socket can be waited for");
}

void transfers_run(struct transfers *transfers)
{
    int running;
    if (transfers->due_us == INT64_MAX || (transfers->due_us > 0 && transfers->due_us > env_monotonic_us(transfers->env)))
        return;
    transfers->due_us = INT64_MAX; /* libcurl sets it again */
    curl_multi_socket_action(transfers->multi, CURL_SOCKET_TIMEOUT, 0, &running);
}

static int time_left_ms(const struct transfers *transfers)
{
    if (transfers->due_us == INT64_MAX)
        return -1;
    if (transfers->due_us == 0)
        return 0;
    int64_t left_us = transfers->due_us - env_monotonic_us(transfers->env);
    return left_us <= 0 ? 0 : left_us / 1000 < INT_MAX ? (int)((left_us + 999) / 1000) : INT_MAX;
}

bool transfers_wait(struct transfers *transfers)
{
    struct socket_event event;
    bool own = false;
    int running;
    sockets_wait(&transfers->sockets, time_left_ms(transfers));
    while (sockets_next(&transfers->sockets, &event)) {
        if (event.fd == transfers->own_fd)
            own = true;
        else
            curl_multi_socket_action(transfers->multi, event.fd, (event.can_read ? CURL_CSELECT_IN : 0) | (event.can_write ? CURL_CSELECT_OUT : 0), &running);
    }
    transfers_run(transfers);
    return own;
}
